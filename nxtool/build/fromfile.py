"""A NeXus file to a recipe for an application definition: what is there, and what is missing.

Everything of one entry is taken over, under its names: single values as text to edit, arrays by
reference to the file, links as links; the file of an external link is named as it counts from
where the recipe will stand. What the definition asks for and the file does not have
stands there as null, or leads to data elsewhere in the file that is called exactly so. What
cannot be taken over is named in comments. Nothing is invented.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nxtool import nxpath
from nxtool.archive.layout import GROUP as PROVENANCE
from nxtool.build.brought import LEFT_OUT, attribute_nodes, field_node, scalar
from nxtool.build.naming import FieldSlot, GroupSlot, slot_of
from nxtool.build.newrecipe import Offer, matches
from nxtool.errors import DefinitionError, FileUnreadable
from nxtool.findings import Mark
from nxtool.hdf5.opening import Hdf5File
from nxtool.hdf5.otherfiles import Folders, external_file, folders_of
from nxtool.nodeview import FieldView, GroupView, Link, is_field, is_group, one_string
from nxtool.recipe.forms import wrong_name
from nxtool.schema import wording
from nxtool.schema.compile import ENTRY_CLASSES, Schema
from nxtool.schema.concepts import GroupConcept
from nxtool.schema.outline import FieldItem, GroupItem, Item, Level, outline
from nxtool.yamltree.emit import inline
from nxtool.yamltree.nodes import MapNode, Scalar

SOURCE: Final = "old"
"""What the file is called among the sources of the recipe."""
MAX_DEPTH: Final = 60
_NOWHERE: Final = Mark("", 1, 1)
_FILLED_IN: Final = frozenset({"definition"})
"""Fields of an entry that nxtool writes by itself."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A recipe made from a file: `missing` are paths that must be filled in, `left` what could
    not be taken over, with the reason."""

    text: str
    missing: tuple[str, ...]
    left: tuple[str, ...]


def recipe_from_file(
    schema: Schema,
    definition: str,
    path: Path,
    *,
    named: str = "",
    level: Level = "required",
    entry: str = "",
    output: str = "",
    folder: Path | None = None,
) -> Brought:
    """A recipe for `definition` over the entry `entry` (the first if empty) of the file at `path`.

    `named` is the path as the recipe shall have it, `folder` where the recipe will stand: without
    it, beside the file at `path`.

    Raises:
        DefinitionError: the definition is unknown or no application.
        FileUnreadable: the file cannot be opened, or has no such entry.
    """
    item = outline(schema, definition, level)
    with Hdf5File(path) as file:
        top = _entry(file.root, path, entry)
        home = path.resolve().parent
        places = (folders_of(path), folder.resolve() if folder is not None else home)
        writer = _Writer(dict(_offers(top)), frozenset(_unkept(top)), places)
        lines = list(writer.group(top, item.concept, item, "  "))
    name = output or f"{definition.removeprefix('NX')}.nxs"
    key = top.name if top.name == "entry" else f"{top.name}(NXentry)"
    head = [
        f"# {definition} from {top.path} of {path.name}: fill in what is null.",
        *(f"# left out: {text}" for text in writer.left),
        "nxtool: 1",
        f"definition: {definition}",
        f"output: {inline(scalar(name))}",
        f"sources: {{{SOURCE}: {inline(scalar(named or str(path)))}}}",
        f"{key}:",
    ]
    return Brought("\n".join([*head, *lines]) + "\n", tuple(writer.missing), tuple(writer.left))


def _entry(root: GroupView, path: Path, wanted: str) -> GroupView:
    """The entry called `wanted`; if empty the first there is."""
    entries = {}
    for name in root.links:
        child = root.child(name)
        if is_group(child) and _class(child) in ENTRY_CLASSES:
            entries[name] = child
    if not entries or (wanted and wanted not in entries):
        known = ", ".join(entries) or "none"
        what = f"no entry {wanted!r}" if wanted else "no NXentry"
        raise FileUnreadable(f"{path}: there is {what}", hint=f"entries: {known}")
    return entries[wanted] if wanted else next(iter(entries.values()))


def _class(group: GroupView) -> str:
    attribute = group.attributes.get("NX_class")
    return (one_string(attribute.value) or "") if attribute is not None else ""


def _offers(
    group: GroupView, above: frozenset[Hashable] = frozenset()
) -> Iterator[tuple[str, Offer]]:
    """Every field below a group that stands there itself, by path; circles are not followed."""
    above |= {group.identity}
    for name, link in group.links.items():
        child = group.child(name) if link.kind == "hard" else None
        if is_field(child):
            parts = tuple(filter(None, child.path.split("/")))
            yield child.path, Offer(f"{SOURCE}:{child.path}", parts)
        elif is_group(child) and len(above) < MAX_DEPTH and child.identity not in above:
            yield from _offers(child, above)


def _unkept(group: GroupView, above: frozenset[Hashable] = frozenset()) -> Iterator[str]:
    """The paths below a group of what the recipe will not have; what is below these is left out
    with them."""
    above |= {group.identity}
    for name, link in group.links.items():
        child = group.child(name)
        if _why_not(name, link, child, group):
            yield nxpath.join(group.path, name)
        elif not is_group(child) or link.kind != "hard":
            continue
        elif len(above) < MAX_DEPTH and child.identity not in above:
            yield from _unkept(child, above)


@dataclass(slots=True)
class _Writer:
    """The lines of an entry; `offers` are all its fields, `unkept` what is left out, `places` the
    folders of the file and that of the recipe."""

    offers: Mapping[str, Offer]
    unkept: frozenset[str]
    places: tuple[Folders, Path]
    missing: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    _seen: dict[Hashable, str] = field(default_factory=dict)

    def group(
        self, view: GroupView, concept: GroupConcept, item: GroupItem | None, indent: str
    ) -> Iterator[str]:
        """What stands in a group, and what `item` asks for besides."""
        self._seen.setdefault(view.identity, view.path)
        attributes, problems = attribute_nodes(view.attributes, ("NX_class", "target"))
        self.left += [f"{view.path}@{problem}" for problem in problems]
        if attributes:
            yield f"{indent}$attrs: {inline(attributes)}"
        slots: dict[str, GroupConcept] = {}
        empty = True
        for name, link in view.links.items():
            for line in self._child(view, name, link, concept, item, indent, slots):
                empty = False
                yield line
        missing = list(self._absent(view, concept, item, slots, indent))
        yield from missing
        if empty and not missing and not attributes:
            yield f"{indent}{{}}"

    def _child(
        self,
        view: GroupView,
        name: str,
        link: Link,
        concept: GroupConcept,
        item: GroupItem | None,
        indent: str,
        slots: dict[str, GroupConcept],
    ) -> Iterator[str]:
        path = nxpath.join(view.path, name)
        node = view.child(name)
        reason = _why_not(name, link, node, view)
        if reason:
            self.left += [f"{path}: {reason}"] if reason != LEFT_OUT else []
        elif is_field(node):
            yield from self._field(node, link, concept, path, indent)
        elif is_group(node):
            slot = _slot(concept, name, _class(node))
            slots[name] = slot
            key = _group_key(name, _class(node), concept)
            target = self._target(node, link, path)
            if target:
                yield f"{indent}{key}: {{$link: {inline(scalar(target))}}}"
                return
            inner = _item_of(item, slot)
            yield f"{indent}{key}:"
            yield from self.group(node, slot, inner, f"{indent}  ")

    def _field(
        self, node: FieldView, link: Link, concept: GroupConcept, path: str, indent: str
    ) -> Iterator[str]:
        name = nxpath.base(path)
        found = field_node(node, _field_type(name, concept, node), f"{SOURCE}:{path}")
        if isinstance(found, str):
            self.left.append(f"{path}: {found}")
            return
        target = self._target(node, link, path)
        value = MapNode(((scalar("link"), scalar(target)),), _NOWHERE) if target else found.node
        self.left += [f"{path}@{problem}" for problem in found.problems if not target]
        yield f"{indent}{_field_key(name, concept, found.type, value)}: {inline(value)}"

    def _target(self, node: FieldView | GroupView, link: Link, path: str) -> str:
        """Where a link leads that the recipe shall have too; empty for what stands here, as it
        does where the link leads into something left out."""
        if link.kind == "external":
            return f"{_moved(link.file, *self.places)}:{link.target}"
        attribute = node.attributes.get("target")
        stated = (one_string(attribute.value) or "") if attribute is not None else ""
        if stated.startswith("/") and stated != path and stated in self.offers:
            return stated if self._keeps(stated) else ""
        if link.kind == "soft":
            target = nxpath.resolve(nxpath.parent(path), link.target)
            return target if self._keeps(target) else ""
        first = self._seen.setdefault(node.identity, path)
        return "" if first == path else first

    def _keeps(self, path: str) -> bool:
        return not any(path == left or path.startswith(f"{left}/") for left in self.unkept)

    def _absent(
        self,
        view: GroupView,
        concept: GroupConcept,
        item: GroupItem | None,
        slots: Mapping[str, GroupConcept],
        indent: str,
    ) -> Iterator[str]:
        """What the definition asks for and the group does not have."""
        if item is None:
            return
        here = {concept.match_field(name) for name in view.links}
        for asked in item.fields:
            if asked.concept not in here:
                yield from self._placeholder(asked, view.path, indent)
        for inner in item.groups:
            if inner.concept not in slots.values() and not inner.is_list_of_steps:
                yield from self._placeholder(inner, view.path, indent)

    def _placeholder(self, item: Item, above: str, indent: str, off: str = "") -> Iterator[str]:
        """A name to fill in; commented out where it need not be there."""
        off = off or ("" if item.requirement == "required" else "# ")
        path = nxpath.join(above, item.key.partition("(")[0])
        doc = wording.sentence(item.concept.doc)
        if isinstance(item, FieldItem):
            if not off:
                self.missing.append(path)
            facts = wording.facts(item.concept)
            yield f"{indent}{off}{item.key}: {self._known(path)}  # {facts}. {doc}".rstrip(". ")
            return
        yield f"{indent}{off}{item.key}:{' {}' if item.is_empty else ''}  # {doc}".rstrip(" #")
        groups = (inner for inner in item.groups if not inner.is_list_of_steps)
        asked: list[Item] = [*item.fields, *groups]
        for inner in asked:
            yield from self._placeholder(inner, path, f"{indent}  ", off)

    def _known(self, path: str) -> str:
        """Data elsewhere in the file that is called exactly so, else null."""
        found = matches([path.lstrip("/")], [*self.offers.values()])
        if not found:
            return "null"
        if path in self.missing:
            self.missing.remove(path)
        return inline(MapNode(((scalar("from"), scalar(*found.values())),), _NOWHERE))


def _why_not(name: str, link: Link, node: object, view: GroupView) -> str:
    """Why something cannot be taken over; `LEFT_OUT` where nxtool writes it itself."""
    is_entry = _class(view) in ENTRY_CLASSES
    if is_entry and (name in _FILLED_IN or name == PROVENANCE):
        return LEFT_OUT
    if reason := wrong_name(name):
        return reason
    if not (is_field(node) or is_group(node)):
        target = f"{link.file}:{link.target}" if link.kind == "external" else link.target
        return f"leads nowhere ({target})" if target else "cannot be read"
    return "" if is_field(node) or _class(node).startswith("NX") else "has no NX_class"


def _moved(name: str, old: Folders, new: Path) -> str:
    """The name that a file has from the folders `old`, as it counts from `new`; unchanged where it
    is found by other means than from `old`. It is relative: a recipe takes `/x:/y` for a path
    inside the result."""
    file = external_file(name, old)
    tails = (Path(name), Path(name).name)
    if file is None or not any(file == folder / tail for folder in old for tail in tails):
        return name
    if not Path(name).is_absolute() and (new / name).resolve() == file.resolve():
        return name
    return Path(os.path.relpath(file.parent.resolve() / file.name, new)).as_posix()


def _slot(concept: GroupConcept, name: str, nx_class: str) -> GroupConcept:
    """What the group called `name` is by the definition; by its base class if by nothing else."""
    found = concept.match_group(name, nx_class)
    if isinstance(found, tuple) and found:
        return found[0]
    try:
        return concept.schema.base_class(nx_class)
    except DefinitionError:
        return concept.schema.base_class("NXcollection")


def _item_of(item: GroupItem | None, slot: GroupConcept) -> GroupItem | None:
    found = (inner for inner in item.groups if inner.concept is slot) if item else iter(())
    return next(found, None)


def _group_key(name: str, nx_class: str, parent: GroupConcept) -> str:
    slot = slot_of(_key(name), MapNode((), _NOWHERE), parent)
    bare = isinstance(slot, GroupSlot) and (slot.name, slot.nx_class) == (name, nx_class)
    return name if bare else f"{name}({nx_class})"


def _field_key(name: str, parent: GroupConcept, nx_type: str, value: object) -> str:
    node = value if isinstance(value, MapNode | Scalar) else scalar("")
    is_known = isinstance(slot_of(_key(name), node, parent), FieldSlot)
    return name if is_known else f"{name}({nx_type})"


def _field_type(name: str, parent: GroupConcept, view: FieldView) -> str:
    """The type the definition has for the field; empty where it knows none."""
    concept = parent.match_field(name)
    return concept.type if concept is not None else ""


def _key(name: str) -> Scalar:
    return Scalar(name, name, _NOWHERE)
