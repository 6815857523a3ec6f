"""How forms were judged, so that their twins need not be judged again.

Files hold thousands of groups that differ in nothing but names and numbers. Two fields, or two
small groups, with the same sign are judged alike by every rule that does not look at values, at
other objects, or at the name. A sign is None where such a rule might speak.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from nxtool.findings import Finding
from nxtool.nodeview import Attribute, NodeView, is_field
from nxtool.validate.visit import ChildVisit, FieldVisit, GroupVisit

_LOOK_ELSEWHERE: Final = frozenset({
    "depends_on", "target", "default", "signal", "axes", "auxiliary_signals", "offset_units",
    "vector", "transformation_type", "napimount",
})  # fmt: skip
"""Attributes by which rules come to other objects."""
_NAMES_THAT_SPEAK: Final = ("_error", "_end", "_increment_set")
"""Suffixes by which a name means another field."""
_CLASSES_THAT_SPEAK: Final = frozenset({
    "NXroot", "NXentry", "NXsubentry", "NXdata", "NXtransformations", "NXcollection",
})  # fmt: skip
_MAX_CHILDREN: Final = 64
_MAX_TEXT: Final = 64


_MOST_KEPT: Final = 10_000
"""How many forms are remembered: where each is another, remembering them is of no use."""


Verdict = tuple[tuple[str, Finding], ...]
V = TypeVar("V")


@dataclass(slots=True)
class Memory:
    """Verdicts by sign; of fields also whether their values matter."""

    groups: dict[Hashable, Verdict] = field(default_factory=dict)
    fields: dict[Hashable, tuple[Verdict, bool]] = field(default_factory=dict)


def keep(known: dict[Hashable, V], sign: Hashable | None, found: V) -> None:
    """Remember what was `found` of a form; nothing of one without a sign."""
    if sign is None:
        return
    if len(known) >= _MOST_KEPT:
        known.clear()
    known[sign] = found


def verdict(path: str, findings: Iterable[Finding]) -> Verdict:
    """Findings about the object at `path`, each with where it lies below the object."""
    return tuple((item.path.removeprefix(path), item) for item in findings)


def told(verdict: Verdict, path: str) -> Iterator[Finding]:
    """The findings of a verdict about its twin at `path`."""
    return (_moved(item, path + below) for below, item in verdict)


def _moved(item: Finding, path: str) -> Finding:
    """`item` at another path; what `dataclasses.replace` does, five times as fast."""
    return Finding(
        item.code,
        item.severity,
        path,
        item.message,
        item.expected,
        item.found,
        item.hint,
        item.anchor,
        item.mark,
    )


def field_sign(visit: FieldVisit) -> Hashable | None:
    """What all rules about the form of a field depend on."""
    view = visit.view
    if view.path.endswith(_NAMES_THAT_SPEAK):
        return None
    attributes = _attributes(view)
    if attributes is None:
        return None
    concept = id(visit.concept) if visit.concept is not None else view.name
    return concept, visit.parent.nx_class, view.type, view.shape, attributes


def group_sign(visit: GroupVisit) -> Hashable | None:
    """What all rules about a small group of fields depend on."""
    if visit.nx_class in _CLASSES_THAT_SPEAK or len(visit.children) > _MAX_CHILDREN:
        return None
    if visit.walk.options.packs:
        return None  # they look at values
    if visit.concept is not None and visit.concept.links:
        return None
    attributes = _attributes(visit.view)
    if attributes is None:
        return None
    children: list[Hashable] = []
    for child in visit.children.values():
        sign = _child(child)
        if sign is None:
            return None
        children.append(sign)
    return id(visit.concept), visit.nx_class, attributes, tuple(children)


def _child(child: ChildVisit) -> Hashable | None:
    node, concept = child.node, child.field
    if not is_field(node) or child.link.kind != "hard" or child.name == "depends_on":
        return None
    if not _LOOK_ELSEWHERE.isdisjoint(node.attributes):
        return None
    layer = concept.dimensions_layer if concept is not None else None
    if layer is not None and layer.definition.category == "application":
        return None  # its symbols count for the whole entry
    return child.name, id(concept), node.type, node.shape


def _attributes(node: NodeView) -> Hashable | None:
    """Names, types and short values of all attributes; None where one looks elsewhere."""
    signs: list[Hashable] = []
    for attribute in node.attributes.values():
        sign = _attribute(attribute)
        if sign is None:
            return None
        signs.append(sign)
    return tuple(signs)


def _attribute(attribute: Attribute) -> Hashable | None:
    if attribute.name in _LOOK_ELSEWHERE or attribute.name.endswith("_indices"):
        return None
    value = attribute.value
    if attribute.problem or not isinstance(value, str) or len(value) > _MAX_TEXT:
        return None
    return attribute.name, attribute.type, attribute.shape, value
