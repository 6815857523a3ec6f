"""The YAML of an electronic lab notebook to a recipe.

NOMAD and pynxtools keep what a person typed as nested names; a number with a unit is
`{value: 200, unit: mm}`. Names are compared with those of the definition, capitals and spaces
aside. What the definition does not know, or what has another form than it asks for, stands in the
recipe as a comment: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from nxtool.build.naming import FieldSlot, Slot, slot_of
from nxtool.findings import Mark
from nxtool.recipe.quantity import quantity_of
from nxtool.recipe.variables import escape
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import GroupConcept
from nxtool.schema.namefit import is_valid_name
from nxtool.schema.outline import outline
from nxtool.yamltree.emit import to_yaml
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

UNIT_KEYS: Final = ("unit", "units")
_NOWHERE: Final = Mark("", 1, 1)
_TEXT_TYPES: Final = ("NX_CHAR", "NX_DATE_TIME", "ISO8601", "NX_BOOLEAN", "")


@dataclass(frozen=True, slots=True)
class Imported:
    """A recipe made from a notebook: how many values it took over, and the names, `Sample/age`,
    of those that stand in comments."""

    text: str
    taken: int
    kept: tuple[str, ...]


def recipe_from_eln(schema: Schema, definition: str, root: MapNode) -> Imported:
    """The recipe for the application `definition` that says what the notebook `root` says.

    Raises:
        DefinitionError: the definition is unknown or no application.
    """
    entry = outline(schema, definition)
    content, around = _unwrapped(root)
    writer = _Writer()
    lines = writer.group(entry.key, content, entry.concept, "", 0)
    rest = writer.comments("beside the entry", around, "", 0)
    head = ["nxtool: 1", f"definition: {definition}", ""]
    text = "\n".join([*head, *lines, *rest]) + "\n"
    return Imported(text, writer.taken, tuple(writer.kept))


def _unwrapped(root: MapNode) -> tuple[MapNode, list[tuple[Scalar, Node]]]:
    """What belongs into the entry, and what stands around it: a NOMAD archive has it under
    `data`, other files may have it under `entry`."""
    for key, node in root.items:
        archive = key.text == "data" and isinstance(node, MapNode) and "m_def" in node
        if isinstance(node, MapNode) and (archive or key.text.lower() == "entry"):
            return node, [item for item in root.items if item[0] is not key]
    return root, []


@dataclass(slots=True)
class _Writer:
    """Writes lines and keeps the account."""

    taken: int = 0
    kept: list[str] = field(default_factory=list)

    def group(
        self, key: str, node: MapNode, concept: GroupConcept, path: str, indent: int
    ) -> list[str]:
        known: list[str] = []
        unknown: list[tuple[Scalar, Node]] = []
        seen: set[str] = set()
        for name, value in node.items:
            slot = _slot(name, value, concept)
            if slot is None or slot.name in seen:
                unknown.append((name, value))
                continue
            seen.add(slot.name)
            known += self._item(name, value, slot, path, indent + 2)
        told = self.comments(f"not in {concept.nx_class} as written", unknown, path, indent + 2)
        head = " " * indent + (f"{key}:" if known else f"{key}: {{}}")
        return [head, *known, *told]

    def _item(self, name: Scalar, value: Node, slot: Slot, path: str, indent: int) -> Iterable[str]:
        if not isinstance(slot, FieldSlot):
            assert isinstance(value, MapNode)  # noqa: S101 - _slot gives groups to mappings only
            assert slot.concept is not None  # noqa: S101 - a name of the definition has a concept
            return self.group(slot.name, value, slot.concept, f"{path}{name.text}/", indent)
        found = _value_of(value)
        self.taken += not (isinstance(found, Scalar) and found.is_null)
        return _lines(_text(slot.name), _field_node(value, slot), indent)

    def comments(
        self, why: str, items: Iterable[tuple[Scalar, Node]], path: str, indent: int
    ) -> list[str]:
        lines: list[str] = []
        for name, value in items:
            self.kept.append(path + name.text)
            lines += (f"{' ' * indent}# {line}" for line in _lines(name, value, 0))
        return [f"{' ' * indent}# {why}:", *lines] if lines else []


def _slot(name: Scalar, value: Node, concept: GroupConcept) -> Slot | None:
    """What a name of the notebook means, if the definition knows it and the value has its form."""
    is_value = _is_value(_value_of(value))
    for candidate in dict.fromkeys(_spellings(name.text, concept)):
        if not is_valid_name(candidate) or candidate == "definition":
            continue
        if candidate == "transformations" and isinstance(_value_of(value), ListNode):
            continue  # in a recipe that is a list of steps
        as_written = _text(candidate)
        for node in (_text("x"), MapNode((), _NOWHERE)):
            slot = slot_of(as_written, node, concept)
            if isinstance(slot, FieldSlot) and is_value:
                return slot
            if slot is not None and not isinstance(slot, FieldSlot) and isinstance(value, MapNode):
                return slot if slot.concept is not None else None
    return None


def _spellings(name: str, concept: GroupConcept) -> Iterator[str]:
    """The name, and those of the definition that differ in capitals and spaces only."""
    plain = name.strip().replace(" ", "_")
    yield from (name, plain, plain.lower())
    names = (*concept.fields, *(slot.name for slot in concept.groups))
    yield from (known for known in names if known.lower() == plain.lower())


def _value_of(node: Node) -> Node:
    """The value of `{value: ..., unit: ...}`, or else the node."""
    if isinstance(node, MapNode) and "value" in node and {*node} <= {"value", *UNIT_KEYS}:
        return node.get("value") or node
    return node


def _is_value(node: Node) -> bool:
    """True for single values, and lists of them however deep."""
    if isinstance(node, ListNode):
        return all(map(_is_value, node.items))
    return isinstance(node, Scalar)


def _field_node(node: Node, slot: FieldSlot) -> Node:
    """The value as a recipe has it: as it is, `200 mm`, or the long form."""
    value = _escaped(_value_of(node))
    unit = _unit_of(node)
    if unit is None:
        return value
    if isinstance(value, Scalar) and slot.type not in _TEXT_TYPES:
        quantity = _text(f"{value.text} {unit.text}")
        read = quantity_of(quantity)
        if value.style == "plain" and read is not None and read.unit == unit.text:
            return quantity
    items = ((_text("value"), value), (_text("units"), _escaped(unit)))
    return MapNode(items, node.mark)


def _unit_of(node: Node) -> Scalar | None:
    if not isinstance(node, MapNode):
        return None
    units = (node.get(key) for key in UNIT_KEYS)
    return next((u for u in units if isinstance(u, Scalar) and not u.is_null), None)


def _escaped(node: Node) -> Node:
    """The node, whose texts stay what they are when variables are filled in."""
    if isinstance(node, ListNode):
        return ListNode(tuple(map(_escaped, node.items)), node.mark)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return _text(escape(node.value))
    return node


def _text(text: str) -> Scalar:
    return Scalar(text, text, _NOWHERE, "quoted")


def _lines(name: Scalar, value: Node, indent: int) -> list[str]:
    written = to_yaml(MapNode(((name, value),), _NOWHERE)).rstrip("\n").split("\n")
    return [" " * indent + line for line in written]
