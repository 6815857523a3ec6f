"""A series of openPMD files as `nxtool show` prints it: text, or a dictionary for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from nxtool.openpmd.header import standard_name
from nxtool.openpmd.summary import (
    ComponentSummary,
    Contents,
    IterationSummary,
    RecordSummary,
    SeriesSummary,
    SpeciesSummary,
)
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Styled, joined, styled
from nxtool.report.tree import Branch, tree_lines

_LISTED: Final = 10
"""So many iterations have a line of their own."""


def series_lines(series: SeriesSummary) -> Iterator[Line]:
    """A series as a tree: who wrote it, its iterations, and what these hold."""
    facts = [standard_name(series.header), series.header.encoding, series.backend]
    if series.files > 1:
        facts.append(f"{series.files} files")
    text = styled(series.name, "title") + styled(f"  {', '.join(filter(None, facts))}", "faint")
    yield from tree_lines(Branch(text, _parts(series)))


def _parts(series: SeriesSummary) -> Iterator[Branch]:
    for name, value in series.provenance.items():
        yield Branch(styled(f"{name}  ", "info") + styled(value))
    found = series.iterations
    yield Branch(styled("iterations", "title") + styled(f"  {_span(found)}"), _iterations(found))
    for part in series.contents:
        where = f"  in {_span(part.iterations)}" if len(series.contents) > 1 else ""
        if part.meshes:
            yield Branch(styled("meshes", "title") + styled(where, "faint"), _meshes(part))
        if part.species:
            yield Branch(styled("species", "title") + styled(where, "faint"), _species(part))


def _span(found: Sequence[IterationSummary]) -> str:
    numbers = [one.number for one in found if one.number is not None]
    if len(found) <= 1 or not numbers:
        return ", ".join(map(str, numbers)) or str(len(found))
    return f"{len(found)}: {numbers[0]} to {numbers[-1]}"


def _iterations(found: Sequence[IterationSummary]) -> Iterator[Branch]:
    for one in found[:_LISTED]:
        number = "?" if one.number is None else str(one.number)
        yield Branch(styled(number, "title") + styled(f"  {_time(one)}", "faint"))
    if len(found) > _LISTED:
        yield Branch(styled(f"… {len(found) - _LISTED} more", "faint"))


def _time(one: IterationSummary) -> str:
    words = [] if one.time is None else [f"time {one.time:g} s"]
    return ", ".join([*words, *([] if one.dt is None else [f"step {one.dt:g} s"])])


def _meshes(part: Contents) -> Iterator[Branch]:
    for mesh in part.meshes:
        form = "" if mesh.shape is None else f"[{' × '.join(map(str, mesh.shape))}]"
        words = [mesh.geometry, " × ".join(mesh.axes), form]
        if mesh.spacing:
            words.append(f"spacing {', '.join(f'{step:g}' for step in mesh.spacing)} m")
        yield _record(mesh, "  ".join(filter(None, words)))


def _species(part: Contents) -> Iterator[Branch]:
    for one in part.species:
        least, most = part.particles.get(one.name, (0, 0))
        count = f"{least}" if least == most else f"{least} to {most}"
        told = f"  {count} particles{', in patches' if one.patches else ''}"
        yield Branch(styled(one.name, "title") + styled(told), _records(one))


def _records(species: SpeciesSummary) -> Iterator[Branch]:
    for record in species.records:
        yield _record(record, "")


def _record(record: RecordSummary, told: str) -> Branch:
    """A record on a line; its components below it unless there is but one."""
    only = record.components[0] if len(record.components) == 1 else None
    parts = [styled(record.name, "title")]
    if only is not None and not only.name:
        parts.append(_component(only))
        return Branch(joined([*parts, styled(f"  {told}" if told else "", "faint")]))
    parts.append(styled(f"  {told}" if told else "", "faint"))
    below = (Branch(styled(one.name) + _component(one)) for one in record.components)
    return Branch(joined(parts), below)


def _component(one: ComponentSummary) -> Styled:
    if one.constant:
        unit = f" {one.unit}" if one.unit else ""
        return styled(f" = {one.value}{unit}") + styled(f"  {one.type}, constant", "faint")
    return styled(f"  {one.type}", "info") + styled(f"  {one.unit}" if one.unit else "")


def series_dictionary(series: SeriesSummary) -> dict[str, Any]:
    """Likewise for programs; all text is printable."""
    header = series.header
    found: dict[str, Any] = {
        "standard": standard_name(header),
        "version": header.version,
        "extensions": list(header.extensions),
        "encoding": header.encoding,
        "iteration_format": header.iteration_format,
        "backend": series.backend,
        "files": series.files,
        "provenance": series.provenance,
        "iterations": [asdict(one) for one in series.iterations],
        "contents": [_contents(part) for part in series.contents],
    }
    return {name: _printable(value) for name, value in found.items()}


def _contents(part: Contents) -> dict[str, Any]:
    species = []
    for one in part.species:
        least, most = part.particles.get(one.name, (0, 0))
        species.append({**asdict(one), "particles": {"least": least, "most": most}})
    return {
        "iterations": [one.number for one in part.iterations],
        "meshes": [asdict(mesh) for mesh in part.meshes],
        "species": species,
    }


def _printable(value: Any) -> Any:
    """A tree of plain values with all text in it printable, and no number JSON cannot have."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(str(key)): _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    if isinstance(value, float) and value - value != 0:
        return None
    return value
