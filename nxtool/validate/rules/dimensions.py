"""Rank, fixed lengths, and lengths that share a symbol (D01 to D07).

A symbol of a base class means one length within one group, a symbol of an application one
length within the entry. A disagreement inside a group is an error of the application, between
groups a warning: NXmx itself uses one symbol for two things.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from nxtool.findings import Finding, Severity
from nxtool.nxdl.elements import Category, Dim, Dimensions, FieldElement
from nxtool.schema.concepts import Layer
from nxtool.validate.visit import FieldVisit, GroupVisit, SymbolUse, by_level, fields_of, finding

_TOKEN: Final = re.compile(r"\s*(\d+|[A-Za-z_]\w*|[-+*])")


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """Rank and fixed lengths of one field."""
    layer = visit.concept.dimensions_layer if visit.concept else None
    shape = visit.view.shape
    if layer is None or layer.element.dimensions is None or shape is None:
        return
    dimensions, level = layer.element.dimensions, layer.definition.category
    ranks = allowed_ranks(dimensions) or implied_ranks(dimensions)
    if ranks is not None and len(shape) not in ranks:
        yield _rank(visit, shape, ranks, level, layer)
        if level == "application" or len(shape) != ranks[-1] + 1:
            return
        shape = shape[1:]  # the points of a scan come first
    for dim in dimensions.dims:
        yield from _length(visit, shape, dim, layer.anchor, by_level(level))


def _length(
    visit: FieldVisit, shape: tuple[int, ...], dim: Dim, anchor: str, severity: Severity
) -> Iterator[Finding]:
    value = dim.value or ""
    if value.isdecimal() and dim.index <= len(shape) and shape[dim.index - 1] != int(value):
        yield finding(
            "D03",
            visit.path,
            f"dimension {dim.index} has length {shape[dim.index - 1]}, not {value}",
            severity=severity,
            expected=value,
            found=shape[dim.index - 1],
            anchor=anchor,
        )


def implied_ranks(dimensions: Dimensions) -> range | None:
    """The rank that follows from the dimensions listed, where all of them have a fixed length."""
    sizes = [dim.value or "" for dim in dimensions.dims]
    if dimensions.rank or not sizes or not all(size.isdecimal() for size in sizes):
        return None
    return range(len(sizes), len(sizes) + 1)


def allowed_ranks(dimensions: Dimensions) -> range | None:
    """The ranks a field may have; None where the definition leaves it open.

    A symbol for the rank stands for all that the dimensions allow, if one of them is optional.
    """
    rank = dimensions.rank or ""
    optional = sum(not dim.required for dim in dimensions.dims)
    if rank.isdecimal():
        most = int(rank)
    elif optional:
        most = max(dim.index for dim in dimensions.dims)
    else:
        return None
    return range(most - optional, most + 1)


def _rank(
    visit: FieldVisit,
    shape: tuple[int, ...],
    ranks: range,
    level: Category,
    layer: Layer[FieldElement],
) -> Finding:
    severity: Severity = by_level(level)
    code, note = "D01", ""
    if shape in ((), (1,)) and (0 in ranks or 1 in ranks) and not _asks_for_more(layer):
        severity = "info"  # a scalar and an array of one are told apart by few writers
    elif level == "base" and shape in ((), (1,)):
        severity, note = "info", ": one value for all"
    elif level == "base" and len(shape) == ranks[-1] + 1:
        code, severity, note = "D02", "info", ", as in a scan"
    elif level == "base" and 0 < len(shape) < ranks[0]:
        code, severity = "D02", "info"  # data[nP, i, j, tof] without scan or time (issue 1508)
    wanted = str(ranks[0]) if len(ranks) == 1 else f"{ranks[0]} to {ranks[-1]}"
    return finding(
        code,
        visit.path,
        f"has rank {len(shape)}, not {wanted}{note}",
        severity=severity,
        expected=f"rank {wanted}",
        found=f"shape {shape}",
        hint=_series_hint(shape, ranks) if severity == "error" else "",
        anchor=layer.anchor,
    )


def _asks_for_more(layer: Layer[FieldElement]) -> bool:
    """A fixed number of values, not one: a scalar is no unit cell."""
    dims = layer.element.dimensions.dims if layer.element.dimensions else ()
    return any(dim.value and dim.value.isdecimal() and int(dim.value) != 1 for dim in dims)


def _series_hint(shape: tuple[int, ...], ranks: range) -> str:
    """One dimension too many is a scan as a rule, which not every application foresees."""
    if len(shape) != ranks[-1] + 1 or shape[0] < 2 or not ranks[-1]:
        return ""
    return f"for a series of {shape[0]} choose a definition that foresees one, or write entries"


def symbols_of_group(visit: GroupVisit) -> Iterator[Finding]:
    """Symbols of base classes within the group; those of the application are kept for later."""
    local: dict[tuple[str, str], list[SymbolUse]] = {}
    expressions: list[tuple[str, str, SymbolUse]] = []
    for field in fields_of(visit):
        for definition, level, value, use in _lengths(field):
            uses = visit.scope.symbols if level == "application" else local
            if value.isidentifier():
                uses.setdefault((definition, value), []).append(use)
            else:
                expressions.append((definition, value, use))
    for (_, symbol), found in local.items():
        yield from _disagreement(symbol, found, "warning")
    yield from _expressions(visit, expressions, {**visit.scope.symbols, **local})


def _lengths(field: FieldVisit) -> Iterator[tuple[str, Category, str, SymbolUse]]:
    """Every symbol or expression of a field, with the length it has there."""
    layer = field.concept.dimensions_layer if field.concept else None
    shape = field.view.shape
    if layer is None or layer.element.dimensions is None or shape is None:
        return
    if len(shape) not in _described_ranks(layer.element.dimensions) or _is_one_of_many(field):
        return
    for dim in layer.element.dimensions.dims:
        if dim.value and not dim.value.isdecimal() and 0 < dim.index <= len(shape):
            use = SymbolUse(shape[dim.index - 1], field.path, field.parent.path, layer.anchor)
            yield layer.definition.name, layer.definition.category, dim.value, use


def _described_ranks(dimensions: Dimensions) -> range:
    """The ranks for which the definition says what each dimension is. A rank that is a symbol
    (`dataRank` of NXmx) or left out is the number of the dimensions listed."""
    required = sum(dim.required for dim in dimensions.dims)
    return allowed_ranks(dimensions) or range(required, len(dimensions.dims) + 1)


def _is_one_of_many(field: FieldVisit) -> bool:
    """Where several concepts take any name (DAXIS and XAXIS of NXstress), which one a field is
    stays a guess, good enough for its type but not for its length."""
    concept, group = field.concept, field.parent.concept
    if concept is None or group is None or concept.name_type != "any":
        return False
    alike = [
        other
        for other in group.fields.values()
        if other.name_type == "any" and other.level == concept.level
    ]
    return len(alike) > 1


def _expressions(
    visit: GroupVisit,
    expressions: list[tuple[str, str, SymbolUse]],
    known: Mapping[tuple[str, str], list[SymbolUse]],
) -> Iterator[Finding]:
    """Lengths such as `tof+1`, where the group itself fixes the symbols."""
    for definition, text, use in expressions:
        sizes = {
            symbol: uses[-1].size
            for (owner, symbol), uses in known.items()
            if owner == definition and uses[-1].group == visit.path
        }
        value = evaluate(text, sizes)
        if value is not None and value != use.size:
            yield finding(
                "D05",
                use.path,
                f"has length {use.size} where {text} = {value}",
                severity="warning",
                expected=value,
                found=use.size,
                anchor=use.anchor,
            )


def symbols_of_entry(visit: GroupVisit) -> Iterator[Finding]:
    """Symbols of the application across the entry."""
    for (_, symbol), uses in visit.scope.symbols.items():
        sizes: dict[str, set[int]] = {}
        for use in uses:
            sizes.setdefault(use.group, set()).add(use.size)
        inside = any(len(in_group) > 1 for in_group in sizes.values())
        yield from _disagreement(symbol, uses, "error" if inside else "warning")


def _disagreement(symbol: str, uses: list[SymbolUse], severity: Severity) -> Iterator[Finding]:
    sizes = Counter(use.size for use in uses)
    if len(sizes) < 2:
        return
    if severity == "warning" and len(sizes.keys() - {1}) == 1:
        severity = "info"  # one value for all, as of a beam that did not change
    common = sizes.most_common(1)[0][0]
    odd = next(use for use in uses if use.size != common)
    places = ", ".join(f"{use.path}: {use.size}" for use in uses[:6])
    yield finding(
        "D05",
        odd.path,
        f"symbol {symbol} has different lengths ({places})",
        severity=severity,
        expected=common,
        found=odd.size,
        anchor=odd.anchor,
    )


def evaluate(text: str, sizes: Mapping[str, int]) -> int | None:
    """The value of an expression of symbols; None where a symbol is unknown or the text is prose.

    >>> evaluate("tof+1", {"tof": 9}), evaluate("2n", {"n": 3}), evaluate("a b", {"a": 1})
    (10, 6, None)
    """
    parts = _TOKEN.findall(text)
    if "".join(parts) != "".join(text.split()):
        return None
    total, sign = 0, 1
    product: int | None = None
    for part in parts:
        if part in "+-":
            if product is None:
                return None
            total, sign, product = total + sign * product, 1 if part == "+" else -1, None
        elif part != "*":
            factor = int(part) if part.isdecimal() else sizes.get(part)
            if factor is None:
                return None
            product = factor if product is None else product * factor
    return None if product is None else total + sign * product
