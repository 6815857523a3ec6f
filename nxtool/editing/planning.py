"""Requests to changes: every place found, every value read as the definition of its place says.

Values go the way of those of a recipe, so types, quantities, dates and their mistakes are the same.
Nothing is changed here, and the file is only looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from pathlib import Path

from nxtool import nxpath
from nxtool.build.data import Array
from nxtool.build.desk import Desk
from nxtool.build.fields import plan_attributes, plan_field
from nxtool.build.naming import FieldSlot, GroupSlot, bind
from nxtool.build.plan import AttributeValue, Plan, PlannedField, PlannedGroup
from nxtool.editing.model import (
    AddField,
    Change,
    RemoveAttribute,
    Request,
    SetAttribute,
    Unlink,
    WriteField,
)
from nxtool.editing.places import Place, Places
from nxtool.editing.stored import LIMIT, as_json, attribute_json, field_json, is_same, type_of
from nxtool.findings import Mark
from nxtool.nodeview import Child, FieldView, GroupView, is_field, is_group
from nxtool.recipe.checks import did_you_mean
from nxtool.recipe.forms import parse_own_name, wrong_name
from nxtool.recipe.model import Defaults, Provenance, Recipe
from nxtool.recipe.sourcelist import Arrays
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.sources.memory import MEMORY
from nxtool.sources.model import SourceSpec
from nxtool.yamltree.nodes import MapNode, Node, Scalar

Described = GroupConcept | FieldConcept | None


def desk_for(path: Path, schema: Schema, arrays: Arrays) -> Desk:
    """A desk for values alone: the recipe of the file at `path` is empty but for `arrays`."""
    mark = Mark(str(path))
    sources = {
        name: (SourceSpec("", MEMORY, arrays=found), {"path": mark})
        for name, found in arrays.items()
    }
    recipe = Recipe(
        file=path, definition="", definition_mark=mark, output=None, vars={}, defaults=Defaults(),
        sources=sources, entries={}, waive={}, provenance=Provenance(), text="", files=(),
    )  # fmt: skip
    return Desk(recipe, schema, Plan(PlannedGroup("/", "NXroot")))


def plan_changes(desk: Desk, places: Places, requests: Iterable[Request]) -> list[Change]:
    """The changes, in the order asked for; mistakes become problems of the desk."""
    planner = _Planner(desk, places)
    seen: set[str] = set()
    for request in requests:
        place = places.find(request, desk.problems)
        if place is None:
            continue
        name = nxpath.attribute(place.path, place.attribute) if place.attribute else place.path
        if name in seen:
            desk.problem("R02", request.mark, f"{name} is asked for twice", "keep one of the two")
            continue
        seen.add(name)
        planner.plan(request, place)
    return planner.changes


class _Planner:
    """Plans request after request; what is added by one, another may complete."""

    def __init__(self, desk: Desk, places: Places) -> None:
        self._desk = desk
        self._places = places
        self._added: dict[str, PlannedField] = {}
        self.changes: list[Change] = []

    def plan(self, request: Request, place: Place) -> None:
        """Add the changes that a request means, or a problem."""
        node = place.group.view.child(place.name) if place.name in place.group.children else None
        if request.value is None and place.attribute:
            self._delete_attribute(request, place, node)
        elif request.value is None:
            self._delete(request, place, node)
        elif place.attribute:
            self._attribute(request, place, node, request.value)
        else:
            self._field(request, place, node, request.value)

    def _wrong(self, code: str, request: Request, message: str, hint: str = "") -> None:
        self._desk.problem(code, request.mark, message, hint)

    # fields

    def _field(self, request: Request, place: Place, node: Child | None, value: Node) -> None:
        if node is not None and not is_field(node):
            what = "is a group" if is_group(node) else f"leads nowhere: {node.reason}"
            hint = "name a field, or an attribute behind @"
            self._wrong("R02", request, f"{place.path} {what}", hint)
            return
        before = self._desk.error_count
        slot = self._slot(place, node, value)
        planned = None
        if isinstance(slot, FieldSlot):
            planned = plan_field(self._desk, slot, value, place.path)
        elif isinstance(slot, GroupSlot):
            self._wrong("R02", request, f"{place.path} is a group", "groups are not made here")
        if isinstance(planned, PlannedField):
            self._values(request, place, node, planned)
        elif self._desk.error_count == before:
            hint = "--delete removes what is there"
            self._wrong("R02", request, f"{place.path} is given no value", hint)

    def _slot(
        self, place: Place, node: FieldView | None, value: Node
    ) -> FieldSlot | GroupSlot | None:
        """What the place may hold: by its own word, by the definition, by what it holds now."""
        known = place.group.concept
        own = parse_own_name(place.key, [])
        if node is not None and own is None:
            concept = place.group.children[place.name].field
            nx_type = concept.type if concept is not None else type_of(node)
            return FieldSlot(place.name, nx_type, concept, place.key.mark)
        if known is None and own is None:
            hint = f"say what it is: {place.name}(NX_FLOAT)"
            self._desk.problem("R01", place.key.mark, f"unknown name {place.name!r}", hint)
            return None
        if own is not None:
            self._desk.plan.declared.add(place.path)
        free = self._desk.schema.base_class("NXcollection")
        return bind(self._desk, place.key, value, known or free, place.group.path)

    def _values(
        self, request: Request, place: Place, node: FieldView | None, planned: PlannedField
    ) -> None:
        size = prod(planned.data.shape) * planned.data.dtype.itemsize
        if size > LIMIT:
            message = f"{size} bytes for {place.path} are data and no metadata"
            self._wrong("R04", request, message, "convert data with a recipe")
            return
        with self._desk.telling(request.mark, place.path):
            array = planned.data.read(0, planned.data.shape[0] if planned.data.shape else 1)
            if node is None:
                self._add(place, planned, array)
            elif self._may_change(request, node):
                self._change(place, node, array)
                for name, value in planned.attributes.items():
                    self._set(place.path, node, name, value)

    def _add(self, place: Place, planned: PlannedField, array: Array) -> None:
        self._added[place.path] = planned
        self.changes.append(Change("add", place.path, "", as_json(array), AddField(planned)))
        for name, value in planned.attributes.items():
            where = nxpath.attribute(place.path, name)
            self.changes.append(Change("add", where, "", as_json(value)))

    def _may_change(self, request: Request, node: FieldView) -> bool:
        """False, with a problem, for data, and for what raw files are restored from."""
        _, reason = field_json(node)
        if node.identity in self._places.raw_parts:
            reason = "is part of the raw files that the file keeps"
        if reason:
            self._wrong("R02", request, f"{node.path} {reason}", "only metadata is edited")
        return not reason

    def _change(self, place: Place, node: FieldView, array: Array) -> None:
        shape = (
            node.shape if node.shape is not None and prod(node.shape) == array.size == 1 else None
        )
        array = array if shape is None else array.reshape(shape)
        old, new = field_json(node)[0], as_json(array)
        if not is_same(old, new):
            self.changes.append(Change("set", place.path, old, new, WriteField(place.path, array)))

    # attributes

    def _attribute(self, request: Request, place: Place, node: Child | None, value: Node) -> None:
        reason = wrong_name(place.attribute)
        if reason:
            self._wrong("R02", request, reason, "use letters, digits, _ and . within")
            return
        view = self._object(request, place, node)
        if view is None:
            return
        before = self._desk.error_count
        key = Scalar(place.attribute, place.attribute, request.mark)
        tree = MapNode(((key, value),), request.mark)
        found = plan_attributes(self._desk, tree, self._concept(place, view), place.path)
        if not found and self._desk.error_count == before:
            hint = "--delete removes what is there"
            self._wrong("R02", request, f"{request.place} is given no value", hint)
        for name, given in found.items():
            if isinstance(view, PlannedField):
                view.attributes[name] = given
                where = nxpath.attribute(place.path, name)
                self.changes.append(Change("add", where, "", as_json(given)))
            else:
                self._set(place.path, view, name, given)

    def _object(
        self, request: Request, place: Place, node: Child | None
    ) -> GroupView | FieldView | PlannedField | None:
        """What an attribute belongs to; None, with a problem, where there is nothing."""
        if not place.name:
            return place.group.view
        if place.path in self._added:
            return self._added[place.path]
        if is_group(node) or is_field(node):
            return node
        self._missing(request, place)
        return None

    def _concept(self, place: Place, view: GroupView | FieldView | PlannedField) -> Described:
        if isinstance(view, PlannedField):
            return view.concept
        if is_field(view):
            return place.group.children[place.name].field
        group = self._places.group(place.path)
        return group.concept if group is not None else None

    def _set(
        self, path: str, view: GroupView | FieldView, name: str, value: AttributeValue
    ) -> None:
        """Change an attribute, unless it has this value already."""
        stored = view.attributes.get(name)
        old = attribute_json(stored) if stored is not None else ""
        new = as_json(value)
        if not is_same(old, new):
            where, step = nxpath.attribute(path, name), SetAttribute(path, name, value)
            self.changes.append(Change("set" if old else "add", where, old, new, step))

    # deletions

    def _delete_attribute(self, request: Request, place: Place, node: Child | None) -> None:
        view = self._object(request, place, node)
        if view is None or isinstance(view, PlannedField):
            return
        stored = view.attributes.get(place.attribute)
        if stored is None:
            hint = did_you_mean(place.attribute, view.attributes)
            message = f"{place.path} has no attribute {place.attribute!r}"
            self._wrong("R01", request, message, hint)
            return
        where = nxpath.attribute(place.path, place.attribute)
        step = RemoveAttribute(place.path, place.attribute)
        self.changes.append(Change("delete", where, attribute_json(stored), "", step))

    def _delete(self, request: Request, place: Place, node: Child | None) -> None:
        link = place.group.view.links.get(place.name)
        if link is None:
            self._missing(request, place)
        elif link.kind != "hard":
            old = as_json(f"link to {link.file}{':' if link.file else ''}{link.target}")
            self.changes.append(Change("delete", place.path, old, "", Unlink(place.path)))
        elif not is_field(node):
            hint = "only fields, links and attributes are deleted"
            self._wrong("R02", request, f"{place.path} is a group", hint)
        elif self._may_change(request, node):
            old, _ = field_json(node)
            self.changes.append(Change("delete", place.path, old, "", Unlink(place.path)))
            self.changes.extend(_lost(node, place.path))

    def _missing(self, request: Request, place: Place) -> None:
        hint = did_you_mean(place.name, place.group.children)
        message = f"there is no {place.name!r} in {place.group.path}"
        self._wrong("R01", request, message, hint)


def _lost(node: FieldView, path: str) -> Iterator[Change]:
    """The attributes that go with a field, unless it is a link whose original stays."""
    if "target" in node.attributes:
        return
    for name, stored in node.attributes.items():
        yield Change("delete", nxpath.attribute(path, name), attribute_json(stored), "")
