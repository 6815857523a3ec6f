"""One value of a recipe changed in its text, comments and order kept."""

from __future__ import annotations

import json
from pathlib import Path

from nxtool.errors import RecipeError
from nxtool.yamltree.nodes import MapNode, Node, Scalar
from nxtool.yamltree.yamlfile import parse


def with_default(text: str, file: Path, key: str, value: str) -> str:
    """The recipe `text` with `key` under `defaults` set to `value`.

    Raises:
        RecipeError: the text is no recipe, or is written so that it cannot be changed here.
    """
    root = parse(text, str(file))
    if not isinstance(root, MapNode):
        raise RecipeError(f"{file}: is no recipe", hint="it must hold names and values")
    changed = _changed(text, root, key, json.dumps(value))
    again = parse(changed, str(file))
    if not isinstance(again, MapNode) or not _differs_only_there(root, again, key, value):
        hint = f"write it by hand: defaults: {{{key}: {json.dumps(value)}}}"
        raise RecipeError(f"{file}: defaults cannot be changed without harm", hint=hint)
    return changed


def _changed(text: str, root: MapNode, key: str, value: str) -> str:
    lines = text.splitlines(keepends=True)
    defaults = root.get("defaults")
    if not isinstance(defaults, MapNode):
        return _inserted(lines, root, f"defaults: {{{key}: {value}}}\n")
    old = defaults.get(key)
    if isinstance(old, Scalar):
        return _replaced(lines, old, value)
    line, column = defaults.mark.line - 1, defaults.mark.column - 1
    if lines[line][column : column + 1] == "{":
        rest = lines[line][column + 1 :]
        comma = "" if rest.lstrip().startswith("}") else ", "
        lines[line] = f"{lines[line][: column + 1]}{key}: {value}{comma}{rest}"
    else:
        lines.insert(line, f"{' ' * column}{key}: {value}\n")
    return "".join(lines)


def _inserted(lines: list[str], root: MapNode, new: str) -> str:
    """A new line before the entry, or before whatever comes last."""
    place = root.key_mark("entry").line - 1 if "entry" in root else root.items[-1][0].mark.line - 1
    lines.insert(place, new)
    return "".join(lines)


def _replaced(lines: list[str], old: Scalar, value: str) -> str:
    line, column = old.mark.line - 1, old.mark.column - 1
    rest = lines[line][column:]
    quote = rest[0] if rest[0] in "\"'" else ""
    end = rest.index(quote, 1) + 1 if quote else len(old.text)
    lines[line] = lines[line][:column] + value + rest[end:]
    return "".join(lines)


def _differs_only_there(before: MapNode, after: MapNode, key: str, value: str) -> bool:
    old, new = _plain(before), _plain(after)
    defaults = old.get("defaults")
    there = defaults if isinstance(defaults, dict) else {}
    return new == {**old, "defaults": {**there, key: value}}


def _plain(node: Node) -> dict[str, object]:
    return dict(node.to_python()) if isinstance(node, MapNode) else {}
