"""Groups of a recipe to planned groups: names bound to concepts, children in the author's order."""

from __future__ import annotations

from nxtool import nxpath
from nxtool.build.desk import Desk
from nxtool.build.fields import Change, plan_attributes, plan_field
from nxtool.build.later import Later
from nxtool.build.naming import FieldSlot, GroupSlot, bind
from nxtool.build.plan import Planned, PlannedGroup, PlannedLink
from nxtool.build.reduce import MODULE, Reducer
from nxtool.build.transformations import plan_transformations
from nxtool.errors import DefinitionError
from nxtool.recipe.checks import given
from nxtool.recipe.forms import GroupForm, parse_group
from nxtool.schema.concepts import GroupConcept
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, kind_of


def plan_group(
    desk: Desk,
    later: Later,
    slot: GroupSlot,
    node: Node,
    path: str,
    around: Reducer | None = None,
) -> PlannedGroup | PlannedLink | None:
    """The group under a name; None where nothing is given or a mistake was noted.

    What needs the whole tree, the default plot above all, is put off to `later`. `around` reduces
    the detector that the group is in.
    """
    desk.plan.marks[path] = slot.mark
    if isinstance(node, Scalar) and node.is_null:
        return None
    if not isinstance(node, MapNode):
        hint = f"a group {slot.nx_class} holds names and values"
        desk.problem("R02", node.mark, f"{slot.name} is a group, not {kind_of(node)}", hint)
        return None
    form = parse_group(node, desk.problems)
    if form.link is not None:
        if form.reduce is not None:
            hint = "write it where the group is"
            desk.problem("R02", form.reduce.mark, "a link cannot be reduced", hint)
        return PlannedLink(path, form.link.path, form.link.file)
    concept = slot.concept or desk.schema.base_class(slot.nx_class)
    if slot.nx_class == "NXsubentry":
        concept = _application(desk, node, path, slot.nx_class) or concept
    group = PlannedGroup(path, slot.nx_class, concept=concept)
    if form.attrs is not None:
        group.attributes |= plan_attributes(desk, form.attrs, concept, path)
    reducer = _reducer(desk, form, group)
    for key, value in form.children:
        _add(desk, later, group, key, value, reducer or around)
    if reducer is not None:
        reducer.finish(group)
    if form.plot is not None:
        later.plots.append((group, form.plot))
    return group


def _reducer(desk: Desk, form: GroupForm, group: PlannedGroup) -> Reducer | None:
    """What makes the group smaller; None where nobody asks, or it is no detector."""
    if form.reduce is None:
        return None
    if group.nx_class != "NXdetector":
        message = f"{group.name} is {group.nx_class}, which cannot be reduced"
        desk.problem("R02", form.reduce.mark, message, "write $reduce in an NXdetector")
        return None
    return Reducer(desk, form.reduce, group.path)


def _change(reducer: Reducer, group: PlannedGroup, name: str, path: str) -> Change | None:
    """What the reducer does to a field of `group`; None where that is no part of the detector."""
    if group.path == reducer.path:
        return lambda data, unit: reducer.changed_data(name, data, unit, path)
    if group.nx_class == MODULE:
        return lambda data, unit: reducer.changed_module(name, data, path)
    return None


def _add(
    desk: Desk,
    later: Later,
    group: PlannedGroup,
    key: Scalar,
    node: Node,
    reducer: Reducer | None,
) -> None:
    assert group.concept is not None  # noqa: S101 - set by plan_group
    if key.text == "transformations" and isinstance(node, ListNode):
        plan_transformations(desk, later, group, key, node)
        return
    slot = bind(desk, key, node, group.concept, group.path)
    if slot is None:
        return
    path = nxpath.join(group.path, slot.name)
    if "(" in key.text:
        desk.plan.declared.add(path)
    if slot.name in group.children:
        desk.problem("R02", key.mark, f"{slot.name!r} stands here twice", "choose another name")
        return
    child: Planned | None
    if isinstance(slot, FieldSlot):
        change = _change(reducer, group, slot.name, path) if reducer is not None else None
        child = plan_field(desk, slot, node, path, change)
    else:
        child = plan_group(desk, later, slot, node, path, reducer)
    if child is not None:
        group.children[slot.name] = child


def entry_slot(desk: Desk, name: str, node: MapNode) -> GroupSlot:
    """The slot of an entry: of its own definition, or else of the recipe's."""
    concept = _application(desk, node, f"/{name}", "NXentry") or desk.schema.entry(
        desk.recipe.definition
    )
    return GroupSlot(name, "NXentry", concept, node.mark)


def _application(desk: Desk, node: MapNode, path: str, nx_class: str) -> GroupConcept | None:
    """What the entry or subentry `node` is by its own `definition`; None where it has none, or
    where a mistake was noted."""
    stated = given(node, "definition")
    if isinstance(stated, MapNode):
        stated = given(stated, "value")
    if not isinstance(stated, Scalar):
        return None
    try:
        return desk.schema.application(stated.text, nx_class)
    except DefinitionError as error:
        desk.problem("R04", stated.mark, error.message, error.hint)
        desk.failed.add(nxpath.join(path, "definition"))
        return None
