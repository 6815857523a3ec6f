"""What may stand under a name, once someone knows that the name is a field or a group.

Every parser appends its mistakes to `problems` and returns what could be read, so that a caller
goes on to the next. Names are not compared with any definition here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nxtool.errors import RecipeError
from nxtool.recipe.checks import (
    check_keys,
    choice_at,
    given,
    map_at,
    mistake,
    scalar_at,
    text_at,
    whole_of,
    wrong_form,
)
from nxtool.recipe.expression import Expression, parse_expression
from nxtool.recipe.lossy import lossy_at
from nxtool.recipe.reduce import ReduceForm, reduce_at
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nxtool.findings import Finding, Mark
    from nxtool.recipe.lossy import Loss

FIELD_KEYS: Final = (
    "value", "from", "link", "virtual", "units", "to", "dtype", "expr", "compression", "chunks",
    "lossy", "attrs", "date_format",
)  # fmt: skip
"""All that the long form of a field may hold."""

GROUP_WORDS: Final = ("$plot", "$link", "$attrs", "$repeat", "$reduce")
"""The words of a group that are not names in NeXus."""

DTYPES: Final = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", "bool", "string",
)  # fmt: skip

PLOT_KEYS: Final = ("signal", "axes", "auxiliary", "errors", "name", "title")

MAX_NAME: Final = 63
_NAME: Final = re.compile(r"[a-zA-Z0-9_]([a-zA-Z0-9_.]*[a-zA-Z0-9_])?", re.ASCII)
_OWN: Final = re.compile(r"(?P<name>[^()]*)\((?P<type>[^()]*)\)")
_TYPE: Final = re.compile(r"NX[A-Za-z0-9_]+", re.ASCII)
_EXTERNAL: Final = re.compile(r"(?P<file>[^:]+):(?P<path>/.*)")


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Data of a source: `source:selector`, each with its place; an empty selector is the data."""

    source: str
    selector: str
    mark: Mark
    selector_mark: Mark


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a link leads: a path in the result, or in `file` if that is not empty."""

    file: str
    path: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class FieldForm:
    """What stands under the name of a field; None where nothing is said.

    At most one of `value`, `source`, `virtual` and `link` is set; `expr` stands alone or with
    `source`. `chunks` is a shape, or a word for the writer. `marks` gives the place of each value
    of the long form by its key.
    """

    mark: Mark
    value: Node | None = None
    source: SourceRef | None = None
    virtual: SourceRef | None = None
    link: LinkTarget | None = None
    expr: Expression | None = None
    units: str | None = None
    to: str | None = None
    dtype: str | None = None
    compression: str | None = None
    chunks: tuple[int, ...] | str | None = None
    lossy: Loss | None = None
    attrs: MapNode | None = None
    date_format: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlotForm:
    """A default plot: paths relative to the group it stands in; `.` is an axis without values."""

    signal: Scalar
    axes: tuple[Scalar, ...]
    auxiliary: tuple[Scalar, ...]
    errors: Scalar | None
    name: str
    title: str | None
    mark: Mark
    axes_mark: Mark


@dataclass(frozen=True, slots=True)
class OwnName:
    """A name that says what it is: `panel_2(NXdetector)`, `phi(NX_FLOAT)`."""

    name: str
    type: str
    mark: Mark
    type_mark: Mark

    @property
    def is_field(self) -> bool:
        """True for a field of an NXDL type, False for a group of a class."""
        return self.type.startswith("NX_")


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A group: its words told apart from its `children`, which are in file order."""

    children: tuple[tuple[Scalar, Node], ...]
    mark: Mark
    plot: PlotForm | None = None
    link: LinkTarget | None = None
    attrs: MapNode | None = None
    reduce: ReduceForm | None = None


def parse_group(node: MapNode, problems: list[Finding]) -> GroupForm:
    """The words and children of a group. An unknown `$word` is reported and left out."""
    words = [item for item in node.items if item[0].text.startswith("$")]
    check_keys(MapNode(tuple(words), node.mark), GROUP_WORDS, problems)
    if "$repeat" in node:
        message = "$repeat can only stand below a name"
        problems.append(mistake("R02", node.key_mark("$repeat"), message, "give the group a name"))
    plot = given(node, "$plot")
    return GroupForm(
        children=tuple(item for item in node.items if item not in words),
        mark=node.mark,
        plot=None if plot is None else parse_plot(plot, problems),
        link=link_at(node, "$link", problems),
        attrs=map_at(node, "$attrs", problems),
        reduce=reduce_at(node, problems),
    )


def parse_own_name(key: Scalar, problems: list[Finding]) -> OwnName | None:
    """The name and type of `name(NXtype)`; None for a bare name. Wrong spelling is reported."""
    if "(" not in key.text and ")" not in key.text:
        return None
    match = _OWN.fullmatch(key.text)
    if match is None:
        hint = "like panel_2(NXdetector) or phi(NX_FLOAT)"
        problems.append(mistake("R02", key.mark, f"{key.text!r} is not name(type)", hint))
        return None
    own = OwnName(match["name"], match["type"], key.mark, key.mark_at(match.start("type")))
    reason = wrong_name(own.name)
    if reason:
        problems.append(mistake("R02", key.mark, reason, "use letters, digits, _ and . within"))
    if not _TYPE.fullmatch(own.type):
        hint = "like NXdetector or NX_FLOAT"
        message = f"{own.type!r} is not a class or a type"
        problems.append(mistake("R02", own.type_mark, message, hint))
    return own


def wrong_name(name: str) -> str:
    """Why `name` cannot name a group, field or attribute; empty if it can.

    NeXus manual, "Rules for naming": valid items match `validItemName`, up to 63 characters.
    """
    if not _NAME.fullmatch(name):
        return f"{name!r} is not a NeXus name"
    return f"{name!r} is longer than {MAX_NAME} characters" if len(name) > MAX_NAME else ""


def parse_field(node: Node, problems: list[Finding]) -> FieldForm:
    """What stands under the name of a field: a literal, a list, or the long form."""
    if not isinstance(node, MapNode):
        return FieldForm(node.mark, value=node)
    node = _sourced(node)
    before = len(problems)
    check_keys(node, FIELD_KEYS, problems)
    if len(problems) == before:
        _check_combination(node, problems)
    return FieldForm(
        mark=node.mark,
        value=_value(node, problems),
        source=source_at(node, "from", problems),
        virtual=source_at(node, "virtual", problems),
        link=link_at(node, "link", problems),
        expr=_expression(node, problems),
        units=text_at(node, "units", problems),
        to=text_at(node, "to", problems),
        dtype=choice_at(node, "dtype", DTYPES, problems),
        compression=text_at(node, "compression", problems),
        chunks=chunks_at(node, "chunks", problems),
        lossy=lossy_at(node, "lossy", problems),
        attrs=map_at(node, "attrs", problems),
        date_format=text_at(node, "date_format", problems),
        marks={key.text: value.mark for key, value in node.items},
    )


def _value(node: MapNode, problems: list[Finding]) -> Node | None:
    value = node.get("value")
    if isinstance(value, MapNode):
        problems.append(wrong_form(value, "value", "a value or a list"))
        return None
    return value


def _sourced(node: MapNode) -> MapNode:
    """The long form, with `from: ...` for `value: {from: ...}`, which is the same."""
    items: list[tuple[Scalar, Node]] = []
    for key, value in node.items:
        is_source = key.text == "value" and isinstance(value, MapNode) and list(value) == ["from"]
        items += value.items if is_source and isinstance(value, MapNode) else ((key, value),)
    return MapNode(tuple(items), node.mark)


def _check_combination(node: MapNode, problems: list[Finding]) -> None:
    """Report keys that cannot stand together, at the second of them."""
    origins = [key for key, _ in node.items if key.text in ("value", "from", "link", "virtual")]
    for other in origins[1:]:
        message = f"{other.text} cannot stand beside {origins[0].text}"
        problems.append(mistake("R02", other.mark, message, "keep one of the two"))
    for key, _ in node.items:
        if key.text == "expr" and any(origin.text != "from" for origin in origins):
            message = f"expr cannot stand beside {origins[0].text}"
            problems.append(mistake("R02", key.mark, message, "use from"))
        if key.text == "to" and "units" not in node and "from" not in node:
            message = "to needs units"
            problems.append(mistake("R02", key.mark, message, "say what unit the data is in"))


def _expression(node: MapNode, problems: list[Finding]) -> Expression | None:
    source = scalar_at(node, "expr", problems)
    if source is None:
        return None
    try:
        return parse_expression(source)
    except RecipeError as error:
        problems.append(mistake("R04", error.mark or source.mark, error.message, error.hint))
        return None


def source_at(node: MapNode, key: str, problems: list[Finding]) -> SourceRef | None:
    """`source:selector` under `key`; None where absent or reported."""
    scalar = scalar_at(node, key, problems)
    if scalar is None:
        return None
    source, colon, selector = scalar.text.partition(":")
    if not source.strip():
        hint = 'like from: "meta:/mask"'
        problems.append(mistake("R02", scalar.mark, f"{key} names no source", hint))
        return None
    place = scalar.mark_at(len(source) + len(colon))
    return SourceRef(source.strip(), selector.strip(), scalar.mark, place)


def link_at(node: MapNode, key: str, problems: list[Finding]) -> LinkTarget | None:
    """The target under `key`: `/entry/x` or `file.h5:/x`; None where absent or reported."""
    scalar = scalar_at(node, key, problems)
    if scalar is None:
        return None
    if scalar.text.startswith("/"):
        return LinkTarget("", scalar.text, scalar.mark)
    if match := _EXTERNAL.fullmatch(scalar.text):
        return LinkTarget(match["file"], match["path"], scalar.mark)
    hint = "like /entry/data or file.h5:/data"
    message = f"{scalar.text!r} is not an absolute path"
    problems.append(mistake("R02", scalar.mark, message, hint))
    return None


def chunks_at(node: MapNode, key: str, problems: list[Finding]) -> tuple[int, ...] | str | None:
    """A chunk shape or one word under `key`; None where absent or reported."""
    chunks = given(node, key)
    if not isinstance(chunks, ListNode):
        return text_at(node, key, problems)
    shape = tuple(whole_of(item) or 0 for item in chunks.items)
    if shape and 0 not in shape:
        return shape
    problems.append(wrong_form(chunks, key, "whole numbers from 1", "like [1, 512, 512]"))
    return None


def parse_plot(node: Node, problems: list[Finding]) -> PlotForm | None:
    """The form of `$plot`; None if it has no signal."""
    if not isinstance(node, MapNode):
        problems.append(wrong_form(node, "$plot", "a mapping", "{signal: ..., axes: [...]}"))
        return None
    check_keys(node, PLOT_KEYS, problems)
    signal = scalar_at(node, "signal", problems)
    form = {key: scalar_at(node, key, problems) for key in ("errors", "name", "title")}
    axes = _paths(node, "axes", "like [sample/phi, ., .]", problems)
    auxiliary = _paths(node, "auxiliary", "like [instrument/monitor/data]", problems)
    if signal is None:
        if given(node, "signal") is None:
            hint = "signal: instrument/detector/data"
            problems.append(mistake("R02", node.mark, "$plot needs a signal", hint))
        return None
    name, title = form["name"], form["title"]
    if name is not None and (reason := wrong_name(name.text)):
        problems.append(mistake("R02", name.mark, reason, "use letters, digits, _ and . within"))
    return PlotForm(
        signal=signal,
        axes=axes,
        auxiliary=auxiliary,
        errors=form["errors"],
        name=name.text if name else "data",
        title=title.text if title else None,
        mark=node.mark,
        axes_mark=_mark_of(node, "axes"),
    )


def _mark_of(node: MapNode, key: str) -> Mark:
    value = node.get(key)
    return node.mark if value is None else value.mark


def _paths(node: MapNode, key: str, example: str, problems: list[Finding]) -> tuple[Scalar, ...]:
    """The paths under `key`; one path alone is a list of one."""
    value = given(node, key)
    items = value.items if isinstance(value, ListNode) else () if value is None else (value,)
    paths: list[Scalar] = []
    for item in items:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            paths.append(item)
        else:
            problems.append(wrong_form(item, key, "a list of paths", example))
    return tuple(paths)
