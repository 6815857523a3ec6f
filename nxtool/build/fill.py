"""What the definition leaves no choice about, filled in for the author.

`definition` itself, values whose enumeration has a single item, links the NXDL declares, and
groups that hold nothing but such links. All of it shows in the plan as filled by the definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from nxtool import nxpath
from nxtool.build.data import Literal, text, texts
from nxtool.build.desk import Desk
from nxtool.build.fields import attribute_value
from nxtool.build.plan import AttributeValue, Planned, PlannedField, PlannedGroup, PlannedLink
from nxtool.nxdl.catalogue import release
from nxtool.nxdl.elements import Enumeration
from nxtool.schema.concepts import AttributeConcept, FieldConcept, GroupConcept, LinkConcept
from nxtool.values import parse_enum_item

FILLED = "definition"
SUBENTRY: Final = "NXsubentry"


def fill_definition(desk: Desk, entry: PlannedGroup) -> None:
    """The field `definition`, with the release of the definitions as its version.

    None where base classes alone are asked for, and none of a subentry that does not say it.
    """
    node = entry.children.get("definition")
    name = _stated(node) or desk.recipe.definition
    if name not in desk.schema.applications or (node is None and entry.nx_class != "NXentry"):
        return
    if node is None:
        path = nxpath.join(entry.path, "definition")
        node = PlannedField(path, text(name), origin=FILLED)
        entry.children = {"definition": node, **entry.children}
    if isinstance(node, PlannedField) and "version" not in node.attributes:
        version = release(desk.schema.catalogue.files[name].parent.parent)
        concept = entry.concept.fields.get("definition") if entry.concept else None
        known = concept.attributes.get("version") if concept is not None else None
        if version and (known is None or known.enumeration is None):
            node.attributes["version"] = version


def _stated(node: Planned | None) -> str:
    """The definition that an entry states itself, empty if none."""
    if not isinstance(node, PlannedField) or node.data.shape:
        return ""
    return str(node.data.read(0, 1)[()])


def fill_links(desk: Desk, entry: PlannedGroup) -> None:
    """Links the definition declares, in groups that are there or that hold little else."""
    for group in list(_groups(entry)):
        for slot in group.concept.groups if group.concept is not None else ():
            if _is_made_of_links(slot) and slot.name not in group.children:
                _add_link_group(desk, entry, group, slot)
    for group in list(_groups(entry)):
        for link in group.concept.links.values() if group.concept is not None else ():
            if link.name not in group.children:
                _add_link(desk, entry, group, link)


def _groups(entry: PlannedGroup) -> Iterator[PlannedGroup]:
    """The groups of an entry, without what belongs to its subentries."""
    yield entry
    for child in entry.children.values():
        if isinstance(child, PlannedGroup) and child.nx_class != SUBENTRY:
            yield from _groups(child)


def entries_in(root: PlannedGroup) -> list[PlannedGroup]:
    """The entries and their subentries."""
    groups = [node for node in root.walk() if isinstance(node, PlannedGroup)]
    return [node for node in groups if node in root.children.values() or node.nx_class == SUBENTRY]


def _is_made_of_links(slot: GroupConcept) -> bool:
    """A required group whose required content is links alone, such as the NXdata of NXtomo."""
    if slot.bounds.requirement != "required" or not slot.links or slot.level != "application":
        return False
    required = [item.bounds for item in slot.fields.values()]
    required += [item.bounds for item in slot.groups]
    return all(item.requirement != "required" for item in required)


def _add_link_group(
    desk: Desk, entry: PlannedGroup, parent: PlannedGroup, slot: GroupConcept
) -> None:
    name = slot.name if not slot.is_variadic else slot.nx_class.removeprefix("NX").lower()
    if any(_is_of(child, slot.nx_class) for child in parent.children.values()):
        return
    group = PlannedGroup(nxpath.join(parent.path, name), slot.nx_class, origin=FILLED)
    group.concept = slot
    for link in slot.links.values():
        _add_link(desk, entry, group, link)
    if group.children and name not in parent.children:
        parent.children[name] = group


def _is_of(node: Planned, nx_class: str) -> bool:
    return isinstance(node, PlannedGroup) and node.nx_class == nx_class


def _add_link(desk: Desk, entry: PlannedGroup, group: PlannedGroup, link: LinkConcept) -> None:
    """Link to what the class path of the definition leads to, if that is one thing only."""
    targets = list(_class_path(desk, entry, link.target))
    path = nxpath.join(group.path, link.name)
    if len(targets) == 1 and not isinstance(targets[0], PlannedLink):
        group.children[link.name] = PlannedLink(path, targets[0].path, origin=FILLED)
    elif len(targets) == 1 and targets[0].path in desk.failed:
        group.children[link.name] = replace(targets[0], path=path, origin=FILLED)
        desk.failed.add(path)  # what stands for data that cannot be had now stands here, too
    elif not targets and any(
        nxpath.base(failed) == nxpath.base(link.target) for failed in desk.failed
    ):
        desk.failed |= {path, group.path}  # it follows from a mistake that is noted


def _class_path(desk: Desk, entry: PlannedGroup, target: str) -> list[Planned]:
    """Nodes that `/NXentry/NXinstrument/detector:NXdetector/data` may mean."""
    places: list[Planned] = [entry]
    for segment in [part for part in target.split("/") if part][1:]:
        places = [
            node
            for place in places
            if isinstance(place, PlannedGroup)
            for node in _step(desk, place, segment)
        ]
    return places


def _step(desk: Desk, group: PlannedGroup, segment: str) -> Iterator[Planned]:
    name, _, nx_class = segment.rpartition(":")
    if not name and not nx_class.startswith("NX"):
        name, nx_class = nx_class, ""
    for child in group.children.values():
        if name and child.name != name:
            continue
        of_class = isinstance(child, PlannedGroup) and desk.schema.is_a(child.nx_class, nx_class)
        if of_class or not nx_class:
            yield child


def fill_single_values(entry: PlannedGroup) -> None:
    """Fields and attributes that must be there and can only have one value."""
    for node in list(entry.walk()):
        if isinstance(node, PlannedGroup) and node.concept is not None:
            _fill_fields(node, node.concept)
            _fill_attributes(node.attributes, node.concept.attributes.values())
        elif isinstance(node, PlannedField) and node.concept is not None:
            _fill_offset(node, node.concept)
            _fill_attributes(node.attributes, node.concept.attributes.values())


def _fill_fields(group: PlannedGroup, concept: GroupConcept) -> None:
    for field in concept.fields.values():
        value = _only_value(field.enumeration)
        if value is None or not _must(field) or field.name in group.children:
            continue
        path = nxpath.join(group.path, field.name)
        array = _typed(value, field.type)
        data = texts(array.tolist()) if array.dtype == object and array.ndim else Literal(array)
        group.children[field.name] = PlannedField(path, data, concept=field, origin=FILLED)


def _fill_offset(field: PlannedField, concept: FieldConcept) -> None:
    """No offset means the offset zero (NXtransformations); NXmx wants it said."""
    offset = concept.attributes.get("offset")
    wanted = offset is not None and _must(offset) and "vector" in field.attributes
    if wanted and "offset" not in field.attributes:
        field.attributes["offset"] = np.zeros(3)
        field.attributes.setdefault("offset_units", "m")


def _fill_attributes(
    attributes: dict[str, AttributeValue], concepts: Iterable[AttributeConcept]
) -> None:
    for concept in concepts:
        value = _only_value(concept.enumeration)
        if value is not None and _must(concept) and concept.name not in attributes:
            attributes[concept.name] = attribute_value(_typed(value, concept.type))


def _must(concept: FieldConcept | AttributeConcept) -> bool:
    return concept.bounds.requirement == "required" and not concept.is_variadic


def _only_value(enumeration: Enumeration | None) -> object:
    """The single item of a closed enumeration: a text, or a tuple; None if there is a choice."""
    if enumeration is None or enumeration.open or len(enumeration.items) != 1:
        return None
    return parse_enum_item(enumeration.items[0])


def _typed(value: object, nx_type: str) -> np.ndarray:
    """The item as an array of the type of its concept; texts in a tuple stay texts."""
    if isinstance(value, tuple) and any(isinstance(part, str) for part in value):
        return np.array([str(part) for part in value], dtype=object)
    if nx_type in ("NX_INT", "NX_UINT", "NX_POSINT"):
        return np.array(value).astype(np.int64)
    if nx_type in ("NX_FLOAT", "NX_NUMBER"):
        return np.array(value).astype(np.float64)
    if nx_type == "NX_BOOLEAN":
        return np.array(str(value).lower() in ("true", "1"))
    return np.array(value) if isinstance(value, tuple) else np.array(value, dtype=object)


def set_targets(desk: Desk) -> None:
    """@target on the original of every hard link: what makes it a NeXus link."""
    for node in desk.plan.root.walk():
        if isinstance(node, PlannedLink) and not node.file:
            original = desk.plan.root.follow(node)
            if isinstance(original, PlannedField | PlannedGroup):
                original.attributes["target"] = original.path
                node.target = original.path
