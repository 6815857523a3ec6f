"""Requests from the command line and from programs.

On the command line a value is text as typed, `[1, 2] mm` too; only what begins with a quote, a
brace, or a bracket without a unit behind it is read as YAML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nxtool.editing.model import Request
from nxtool.errors import RecipeError
from nxtool.findings import Finding, Mark
from nxtool.recipe.pythontree import read_values
from nxtool.recipe.quantity import parse_quantity
from nxtool.recipe.sourcelist import Arrays
from nxtool.yamltree.nodes import Node, Scalar, resolve
from nxtool.yamltree.yamlfile import parse

_YAML: Final = ("[", "{", "'", '"')


def requests_from_text(settings: Sequence[str], deletions: Sequence[str]) -> list[Request]:
    """What `--set PATH=VALUE` and `--delete PATH` ask for.

    Raises:
        RecipeError: a setting has no `=`, or its value is not the YAML it looks like.
    """
    requests = [_setting(text) for text in settings]
    return requests + [Request(place, None, Mark(f"--delete {place}")) for place in deletions]


def requests_from_values(
    values: Mapping[str, Any], deletions: Sequence[str], problems: list[Finding]
) -> tuple[list[Request], Arrays]:
    """What a program asks for, and the arrays its values refer to; what cannot be a value is
    reported."""
    nodes, arrays = read_values(values, problems)
    requests = [Request(place, node, Mark(place)) for place, node in nodes.items()]
    return requests + [Request(place, None, Mark(place)) for place in deletions], arrays


def _setting(text: str) -> Request:
    place, equals, value = text.partition("=")
    mark = Mark(f"--set {text}")
    if not equals:
        hint = "write --set /entry/sample/name=x"
        raise RecipeError(f"{text!r} is not a setting", hint=hint)
    return Request(place.strip(), _value(value.strip(), mark), mark)


def _value(text: str, mark: Mark) -> Node:
    is_list = text.startswith("[") and parse_quantity(text) is None
    if is_list or (text.startswith(_YAML) and not text.startswith("[")):
        return parse(text, mark.file)
    return Scalar(resolve(text), text, mark)
