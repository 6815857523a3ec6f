"""What stands under `sources`: raw data by name, as a recipe asks for it.

Nothing is opened here. Arrays that a script gave are handed to the sources they belong to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from nxtool.recipe.checks import (
    check_keys,
    choice_at,
    given,
    map_at,
    mistake,
    text_at,
    whole_at,
    wrong_form,
)
from nxtool.recipe.variables import expand
from nxtool.sources.memory import MEMORY
from nxtool.sources.model import Mode, SourceArray, SourceSpec
from nxtool.yamltree.nodes import MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nxtool.findings import Finding, Mark

FORMAT_OPTIONS: Final = ("skip_rows", "delimiter", "header", "dtype", "shape", "offset")
"""Options of formats that may stand beside `path`; any other stands under `options`."""

SOURCE_KEYS: Final = ("path", "format", "expect", "missing", "mode", "options", *FORMAT_OPTIONS)

Missing: TypeAlias = Literal["error", "skip"]
Arrays: TypeAlias = "Mapping[str, Mapping[str, SourceArray]]"
"""By the name of the source, then by selector."""


def sources_at(
    top: MapNode, missing: Missing, arrays: Arrays, problems: list[Finding]
) -> dict[str, tuple[SourceSpec | None, Mapping[str, Mark]]]:
    """The sources by name, each with the places of its keys; one that is written wrong is None."""
    sources: dict[str, tuple[SourceSpec | None, Mapping[str, Mark]]] = {}
    node = map_at(top, "sources", problems)
    for key, value in node.items if node else ():
        if ":" in key.text:
            message = f"{key.text!r} cannot name a source"
            problems.append(mistake("R02", key.mark, message, "use letters, digits and _"))
            continue
        marks = {"path": value.mark}
        if isinstance(value, MapNode):
            marks |= {part.text: inner.mark for part, inner in value.items}
        spec = _source(key, value, missing, problems)
        if spec is not None and key.text in arrays:
            spec = replace(spec, arrays=arrays[key.text])
        sources[key.text] = (spec, marks)
    return sources


def specs_in(merged: MapNode, known: Mapping[str, Node], arrays: Arrays) -> dict[str, SourceSpec]:
    """The sources alone, for tables; their mistakes are told where the recipe is read."""
    problems: list[Finding] = []
    top = MapNode(tuple(item for item in merged.items if item[0].text == "sources"), merged.mark)
    filled = cast("MapNode", expand(top, known, problems))
    sources = sources_at(filled, "error", arrays, problems)
    return {name: spec for name, (spec, _) in sources.items() if spec is not None}


def _source(
    key: Scalar, value: Node, missing: Missing, problems: list[Finding]
) -> SourceSpec | None:
    """The short form `name: path` or the long one; None if it has no path."""
    if isinstance(value, Scalar) and isinstance(value.value, str) and value.text:
        return SourceSpec(value.text, missing=missing)
    if not isinstance(value, MapNode):
        hint = 'like {path: "cut_*.csv"}'
        problems.append(wrong_form(value, key.text, "a path or a mapping", hint))
        return None
    otherwise = "options of a format stand under options"
    check_keys(value, SOURCE_KEYS, problems, otherwise=otherwise)
    path = text_at(value, "path", problems)
    form = text_at(value, "format", problems) or ""
    gaps = choice_at(value, "missing", ("error", "skip"), problems)
    modes = ("copy", "link", "virtual", "external")
    mode = choice_at(value, "mode", modes, problems)
    options = map_at(value, "options", problems)
    beside = {name: node for name, node in _plain(value).items() if name in FORMAT_OPTIONS}
    if path is None and form != MEMORY:
        if given(value, "path") is None:
            message = f"source {key.text!r} has no path"
            problems.append(mistake("R02", value.mark, message, 'like path: "cut_*.csv"'))
        return None
    return SourceSpec(
        path=path or "",
        format=form,
        expect=whole_at(value, "expect", problems),
        missing=cast("Missing", gaps or missing),
        mode=cast("Mode", mode or "copy"),
        options={**beside, **(_plain(options) if options else {})},
    )


def _plain(node: MapNode) -> dict[str, object]:
    return dict(node.to_python())
