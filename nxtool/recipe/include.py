"""Files to one mapping: `include` and `--set`, merged with places kept.

`include` names a file or a list of files, relative to the file it stands in. What comes later
wins: the files of the list in order, then the including file, then `--set`. Mappings are merged
name by name; lists and single values are replaced. A null removes what it would replace; a null
that replaces nothing stays, and means "not filled".
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.errors import RecipeError
from nxtool.findings import Finding, Mark
from nxtool.recipe.mistaken import SUFFIXES, raw_data_hint, refuse_mistaken
from nxtool.recipe.unasked import unasked
from nxtool.remote.address import shown
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, kind_of
from nxtool.yamltree.yamlfile import MAX_BYTES, MAX_DEPTH, parse, read_text

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FILES: Final = 100


def load(
    origin: Path | MapNode,
    settings: Sequence[str] = (),
    text: str | None = None,
    problems: list[Finding] | None = None,
) -> tuple[MapNode, tuple[Path, ...]]:
    """The merged recipe, and the files it was read from, `origin` first.

    Where `origin` is no file but the mapping itself, what it includes is looked for in the working
    directory. `text` is what counts in place of the content of the file, which need not exist.

    `settings` are changes like `entry.sample.name=x`, whose values are YAML; those that nothing in
    the recipe asks for are appended to `problems`.

    Raises:
        RecipeError: a file cannot be read or is not YAML, or includes itself.
    """
    loader = _Loader()
    if isinstance(origin, MapNode):
        merged = loader.merged(origin, Path(), ())
    else:
        if text is None:
            refuse_mistaken(origin)
        merged = loader.load(origin, None, (), text)
    written = merged
    for setting in settings:
        merged = merge(merged, _setting(setting))
    if problems is not None:
        problems.extend(unasked(written, merged, settings))
    return merged, tuple(dict.fromkeys(loader.files))


def merge(base: MapNode, over: MapNode) -> MapNode:
    """`base` changed by `over`; the order of names is that of `base`, new ones last."""
    items = {key.text: (key, value) for key, value in base.items}
    for key, value in over.items:
        below = base.get(key.text)
        if isinstance(below, MapNode) and isinstance(value, MapNode):
            items[key.text] = (key, merge(below, value))
        elif below is not None and isinstance(value, Scalar) and value.is_null:
            del items[key.text]
        else:
            items[key.text] = (key, value)
    return MapNode(tuple(items.values()), over.mark if over.items else base.mark)


class _Loader:
    """Reads files with what they include, and remembers which."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self._size = 0

    def load(
        self, path: Path, mark: Mark | None, above: tuple[Path, ...], text: str | None = None
    ) -> MapNode:
        text = self._text(path, mark, text)
        node = parse(text, str(path))
        if not isinstance(node, MapNode):
            raise RecipeError(
                f"a recipe is a mapping of names to values, not {kind_of(node)}",
                hint="write name: value" if path.suffix in SUFFIXES else raw_data_hint(path),
                mark=node.mark,
            )
        return self.merged(node, path.parent, (*above, path))

    def merged(self, node: MapNode, folder: Path, above: tuple[Path, ...]) -> MapNode:
        """The mapping and what it includes from `folder`; `above` are the files that led here."""
        merged = MapNode((), node.mark)
        for name in _included(node.get("include")):
            below = folder / name.text
            if _same(below, above):
                message = f"{name.text} includes itself"
                raise RecipeError(message, hint="remove this include", mark=name.mark)
            merged = merge(merged, self.load(below, name.mark, above))
        return merge(merged, node.without("include"))

    def _text(self, path: Path, mark: Mark | None, text: str | None) -> str:
        text = read_text(path, mark) if text is None else text
        self.files.append(path)
        self._size += len(text)
        if len(self.files) > MAX_FILES or self._size > MAX_BYTES:
            limit = f"{MAX_FILES} files or {MAX_BYTES // 2**20} MiB"
            raise RecipeError(f"more than {limit} are included", hint="include less", mark=mark)
        return text


def _same(path: Path, others: tuple[Path, ...]) -> bool:
    resolved = path.resolve() if path.exists() else path
    return any(resolved == other.resolve() for other in others)


def _included(node: Node | None) -> list[Scalar]:
    """The names under `include`."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return []
    names = node.items if isinstance(node, ListNode) else (node,)
    return [_file_name(name) for name in names]


def _file_name(node: Node) -> Scalar:
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or "\0" in node.text:
        message = f"include must be a file or a list of files, not {kind_of(node)}"
        raise RecipeError(message, hint="include: beamline.nx.yaml", mark=node.mark)
    if "${" in node.text:
        hint = "write the name out; files are included before variables are known"
        raise RecipeError("include cannot use variables", hint=hint, mark=node.mark)
    return node


def _setting(text: str) -> MapNode:
    """The mapping that a change like `entry.sample.name=x` stands for."""
    file = f"--set {shown(text)}"
    mark = Mark(file, 1, 1)
    names, equals, value = text.partition("=")
    path = [name.strip() for name in names.split(".")]
    if not equals or not all(path) or len(path) > MAX_DEPTH:
        hint = "write --set entry.sample.name=x"
        raise RecipeError(f"{text!r} is not a setting", hint=hint, mark=mark)
    node = parse(value, file) if value.strip() else Scalar(None, "", mark)
    tree = MapNode(((Scalar(path[-1], path[-1], mark), node),), mark)
    for name in reversed(path[:-1]):
        tree = MapNode(((Scalar(name, name, mark), tree),), mark)
    return tree
