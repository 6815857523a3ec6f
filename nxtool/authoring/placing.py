"""Values put into the text of a recipe at places of a NeXus tree, with a comment why.

Names that the definition knows are written as it has them, all others with their class or type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from nxtool import nxpath
from nxtool.authoring.document import Names, Remove, Rename, SetValue, Together, node_at
from nxtool.build.naming import FieldSlot, GroupSlot, meaning_of
from nxtool.build.runtree import SOURCE
from nxtool.errors import DefinitionError, RecipeError
from nxtool.findings import Mark
from nxtool.recipe.forms import FIELD_KEYS, wrong_name
from nxtool.schema.outline import entry_key
from nxtool.yamltree.emit import inline
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar
from nxtool.yamltree.yamlfile import parse

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema
    from nxtool.schema.concepts import GroupConcept

_NOWHERE: Final = Mark("", 1, 1)
_FREE: Final = "NXcollection"
_LONG: Final = frozenset(FIELD_KEYS)


@dataclass(frozen=True, slots=True)
class Step:
    """A group on the way to a value; `nx_class` is empty where nobody says."""

    name: str
    nx_class: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """A value at a place: the groups below the entry, a name, and the keys of the long form of a
    field. `type` is its NX type, for where the definition knows none; `why` a comment. A name that
    begins with `@` is an attribute of the group, or of the field that is the last step."""

    groups: tuple[Step, ...]
    name: str
    value: Mapping[str, Any]
    type: str = "NX_CHAR"
    why: str = ""

    @property
    def path(self) -> str:
        """The place, for people."""
        return "/".join(["/entry", *(step.name for step in self.groups), self.name])


@dataclass(slots=True)
class Placed:
    """The text of a recipe with values put in: where they stand, and why what could not be."""

    text: str
    done: list[tuple[Wish, Names]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def place(schema: Schema, definition: str, text: str, wishes: Iterable[Wish]) -> Placed:
    """Put values into a recipe for `definition`, one after the other."""
    placed = Placed(text)
    for wish in wishes:
        _put(schema, definition, placed, wish)
    placed.text = commented(placed.text, [(names, wish.why) for wish, names in placed.done])
    return placed


def _put(schema: Schema, definition: str, placed: Placed, wish: Wish) -> None:
    try:
        text, meant = _adopted(schema, definition, placed, wish)
        names = _names(schema, definition, text, meant)
        put = set_attribute if wish.name.startswith("@") else set_field
        placed.text = put(text, names, wish.value)
    except (RecipeError, DefinitionError) as error:
        placed.left.append(f"{wish.path}: {error.message}")
    else:
        placed.done.append((wish, names))


def _adopted(schema: Schema, definition: str, placed: Placed, wish: Wish) -> tuple[str, Wish]:
    """The text and the wish, where a group of the template is the only one of a class that is
    wished for: one that may have any name gets that of the wish, `monochromator` becomes
    `mono(NXmonochromator)`; else the wish gets its name."""
    names: Names = (entry_key(schema.entry(definition)),)
    concept: GroupConcept | None = schema.entry(definition)
    text, groups = placed.text, []
    for asked in wish.groups:
        step = asked
        node = node_at(parse_map(text), names)
        like = _only_like(node, step, concept)
        if like is not None and not _is_others(placed, (*names, like), step.name):
            slot = _group_slot(like, concept)
            if slot is not None and slot.concept is not None and slot.concept.is_variadic:
                text = _edited(text, Rename((*names, like), f"{step.name}({step.nx_class})"))
                node = node_at(parse_map(text), names)
            elif slot is not None:
                step = Step(slot.name, step.nx_class)
        key, concept = _group_key(schema, node, step, concept)
        names = (*names, key)
        groups.append(step)
    return text, replace(wish, groups=tuple(groups))


def _only_like(node: Node | None, step: Step, concept: GroupConcept | None) -> str | None:
    """The only group of the class of a step, where there is none of its name."""
    keys = [*node] if isinstance(node, MapNode) else []
    if not step.nx_class or any(key.partition("(")[0] == step.name for key in keys):
        return None
    slots = ((key, _group_slot(key, concept)) for key in keys)
    alike = [key for key, slot in slots if slot is not None and slot.nx_class == step.nx_class]
    return alike[0] if len(alike) == 1 else None


def _is_others(placed: Placed, names: Names, name: str) -> bool:
    """True for a group that was filled for another name."""
    depth = len(names) - 2
    return any(
        done[: len(names)] == names and wish.groups[depth].name != name
        for wish, done in placed.done
    )


def set_field(text: str, names: Names, value: Mapping[str, Any]) -> str:
    """The text with the value of a field, in its shortest form; attributes that stand there stay.

    Raises:
        RecipeError: the text cannot be changed so.
    """
    there = node_at(parse_map(text), names)
    if isinstance(there, MapNode) and {*there} <= _LONG and "attrs" in there:
        gone = [Remove((*names, "value"))] if "value" in there else []
        pairs = [SetValue((*names, key), _yaml(one)) for key, one in value.items()]
        return _edited(text, Together((*gone, *pairs)))
    short = value["value"] if {*value} == {"value"} else value
    return _edited(text, SetValue(names, _yaml(short)))


def set_attribute(text: str, names: Names, value: Mapping[str, Any]) -> str:
    """The text with an attribute; a field in short form gets its long one.

    Raises:
        RecipeError: the text cannot be changed so.
    """
    owner = names[:-2]
    field = node_at(parse_map(text), owner)
    if names[-2] == "attrs" and isinstance(field, Scalar | ListNode):
        long = MapNode(((_scalar("value", plain=True), field),), _NOWHERE)
        text = _edited(text, SetValue(owner, inline(long)))
    return _edited(text, SetValue(names, _yaml(value["value"])))


def parse_map(text: str) -> MapNode:
    """The text of a recipe as a mapping, empty where it is none."""
    tree = parse(text, "")
    return tree if isinstance(tree, MapNode) else MapNode((), _NOWHERE)


def _edited(text: str, edit: SetValue | Together | Rename) -> str:
    for one in edit.splices(text):
        text = one.apply(text)
    return text


def _yaml(value: Any) -> str:
    return inline(node_of(value))


def node_of(value: Any) -> Node:
    """Values of JSON as a node of a recipe: text stays text whatever it looks like.

    Raises:
        RecipeError: there is no way to write it.
    """
    if isinstance(value, Mapping):
        items = [(_scalar(str(key), plain=True), node_of(one)) for key, one in value.items()]
        return MapNode(tuple(items), _NOWHERE)
    if isinstance(value, list | tuple):
        return ListNode(tuple(map(node_of, value)), _NOWHERE)
    if isinstance(value, bool):
        return Scalar(value, "true" if value else "false", _NOWHERE)
    if value is None or isinstance(value, int | float):
        return Scalar(value, "null" if value is None else repr(value), _NOWHERE)
    if isinstance(value, str):
        return _scalar(value)
    raise RecipeError(f"{value!r} cannot be written in a recipe")


def _scalar(text: str, *, plain: bool = False) -> Scalar:
    return Scalar(text, text, _NOWHERE, "plain" if plain else "quoted")


def _names(schema: Schema, definition: str, text: str, wish: Wish) -> Names:
    """The names that lead to a wish in the recipe, those that stand there already as they are."""
    concept: GroupConcept | None = schema.entry(definition)
    key = entry_key(schema.entry(definition))
    node = parse_map(text).get(key)
    names: list[str] = [key]
    for number, step in enumerate(wish.groups):
        holds_field = wish.name.startswith("@") and number == len(wish.groups) - 1
        if holds_field and (known := _same_field(node, step.name, concept)):
            return (*names, known, "attrs", wish.name[1:])
        key, concept = _group_key(schema, node, step, concept)
        names.append(key)
        node = node.get(key) if isinstance(node, MapNode) else None
    if wish.name.startswith("@"):
        return (*names, "$attrs", wish.name[1:])
    return (*names, _field_key(node, wish, concept))


def _same_field(node: Node | None, name: str, concept: GroupConcept | None) -> str:
    """The key of a field that stands in a group or that its concept knows; empty if neither."""
    for key in node if isinstance(node, MapNode) else ():
        if nxpath.base(key.partition("(")[0]) == name and not _is_group_key(key, node):
            return key
    found = meaning_of(_scalar(name), _scalar("x"), concept) if concept is not None else None
    return name if isinstance(found, FieldSlot) else ""


def _is_group_key(key: str, node: Node | None) -> bool:
    below = node.get(key) if isinstance(node, MapNode) else None
    is_group = isinstance(below, MapNode) and not {*below} <= _LONG
    return is_group or ("(NX" in key and "(NX_" not in key)


def _group_key(
    schema: Schema, node: Node | None, step: Step, concept: GroupConcept | None
) -> tuple[str, GroupConcept | None]:
    """How a group is called in the recipe, and what it is by the definition.

    Raises:
        RecipeError: its name is none of NeXus, or it is called after no class.
    """
    if wrong := wrong_name(step.name):
        raise RecipeError(wrong)
    keys = [*node] if isinstance(node, MapNode) else []
    there = [key for key in keys if key.partition("(")[0] == step.name]
    for key in [*there, step.name]:
        slot = _group_slot(key, concept)
        if slot is not None and slot.name == step.name and step.nx_class in ("", slot.nx_class):
            return key, slot.concept
    nx_class = step.nx_class or _FREE
    if not schema.knows(nx_class):
        raise RecipeError(f"there is no class {nx_class}")
    key = f"{step.name}({nx_class})"
    slot = _group_slot(key, concept)
    return key, slot.concept if slot is not None else schema.base_class(nx_class)


def _group_slot(key: str, concept: GroupConcept | None) -> GroupSlot | None:
    """What a name of a group means; None if nothing."""
    empty = MapNode((), _NOWHERE)
    slot = meaning_of(_scalar(key, plain=True), empty, concept) if concept is not None else None
    return slot if isinstance(slot, GroupSlot) else None


def _field_key(node: Node | None, wish: Wish, concept: GroupConcept | None) -> str:
    if wrong := wrong_name(wish.name):
        raise RecipeError(wrong)
    for key in node if isinstance(node, MapNode) else ():
        if key.partition("(")[0] == wish.name:
            return key
    slot = meaning_of(_scalar(wish.name), _scalar("x"), concept) if concept is not None else None
    known = isinstance(slot, FieldSlot) and slot.name == wish.name
    return wish.name if known else f"{wish.name}({wish.type})"


def reference_in(value: Mapping[str, Any]) -> str:
    """What the value of a field refers to; else the value, for people."""
    return str(value.get("from") or value.get("virtual") or value.get("link") or value.get("value"))


def with_source(text: str, source: Mapping[str, Any]) -> str:
    """The text of a template with a run among its sources."""
    head, blank, rest = text.partition("\n\n")
    kept = [line for line in head.split("\n") if not line.startswith("# sources:")]
    short = source["path"] if {*source} == {"path"} else source
    return "\n".join([*kept, "sources:", f"  {SOURCE}: {_yaml(short)}"]) + blank + rest


def with_left(text: str, left: Sequence[str]) -> str:
    """The text with comments in front about what could not be carried over."""
    return "".join(f"# left out: {_line(one)}\n" for one in left) + text


def commented(text: str, comments: Sequence[tuple[Names, str]]) -> str:
    """The text with comments on lines of their own above what stands under these names."""
    tree = parse_map(text)
    lines = text.split("\n")
    found: dict[int, list[str]] = {}
    for names, why in comments:
        mark = _mark(tree, names)
        if why and mark is not None:
            found.setdefault(mark.line - 1, []).append(f"{' ' * (mark.column - 1)}# {_line(why)}")
    for number in sorted(found, reverse=True):
        lines[number:number] = found[number]
    return "\n".join(lines)


def _mark(tree: Node, names: Names) -> Mark | None:
    """Where the last of these names stands, if that begins a line."""
    node: Node | None = tree
    mark = None
    for name in names:
        pairs = node.items if isinstance(node, MapNode) else ()
        found = next(((key, value) for key, value in pairs if key.text == name), None)
        if found is None:
            return None
        mark, node = found[0].mark, found[1]
    return mark


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
