"""What a file says about itself: of each NeXus entry title, sample, people, time; of openPMD files
who wrote them, and what they hold. What is not there is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from nxtool.defaultplot import nx_class
from nxtool.nodeview import GroupView, is_group
from nxtool.openpmd.header import standard_name
from nxtool.openpmd.summary import SeriesSummary
from nxtool.schema.compile import ENTRY_CLASSES
from nxtool.show import child_item, top_item

ENTRIES: Final = 4
"""So many entries are told of."""
NAMES: Final = 200
"""So many names of a group are looked at."""
PEOPLE: Final = 10
_LISTED: Final = 8
Facts = list[tuple[str, str]]
"""Labels and texts."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Facts about one part of a file, and its name, empty for the whole."""

    name: str
    facts: Facts


def entry_sheets(root: GroupView) -> list[Sheet]:
    """A sheet for each of the first entries that says something."""
    entries = (one for one in _groups(root) if nx_class(one) in ENTRY_CLASSES)
    sheets = (Sheet(entry.path, list(_entry(entry))) for entry in islice(entries, ENTRIES))
    return [sheet for sheet in sheets if sheet.facts]


def _entry(entry: GroupView) -> Iterator[tuple[str, str]]:
    found = list(_groups(entry))
    instrument = next(_of_class(found, "NXinstrument"), None)
    parts = [*(_groups(instrument) if instrument else ()), *found]
    sample = list(_of_class(found, "NXsample"))
    around = [*parts, *(_groups(sample[0]) if sample else ())]
    beams = [*_of_class(around, "NXmonochromator"), *_of_class(around, "NXbeam")]
    told = (
        ("title", _value(entry, "title")),
        ("definition", _joined(entry, "definition", "version")),
        ("measured", _span(entry)),
        ("scan", _value(entry, "scan_command")),
        ("sample", _first(iter(sample), "name", "chemical_formula")),
        ("users", _people(_of_class(found, "NXuser"))),
        ("instrument", _first(iter([instrument] if instrument else []), "name")),
        ("source", _first(_of_class(parts, "NXsource"), "name", "probe")),
        ("energy", _quantity(beams, "energy", "incident_energy")),
        ("wavelength", _quantity(beams, "wavelength", "incident_wavelength")),
        ("experiment", _value(entry, "experiment_identifier")),
        ("identifier", _value(entry, "entry_identifier")),
        ("written by", _joined(entry, "program_name", "version")),
    )
    return ((label, text) for label, text in told if text)


def _groups(group: GroupView) -> Iterator[GroupView]:
    for name in islice(group.links, NAMES):
        child = group.child(name)
        if is_group(child):
            yield child


def _of_class(groups: list[GroupView], name: str) -> Iterator[GroupView]:
    return (group for group in groups if nx_class(group) == name)


def _value(group: GroupView, name: str) -> str:
    """A small field as text; empty where there is none."""
    return child_item(group, name).value.strip() if name in group.links else ""


def _joined(group: GroupView, name: str, attribute: str) -> str:
    """A field with one of its attributes behind it."""
    if name not in group.links:
        return ""
    item = child_item(group, name)
    return f"{item.value} {item.attributes.get(attribute, '')}".strip()


def _first(groups: Iterator[GroupView], *names: str) -> str:
    """What the first of some groups says by some names."""
    group = next(groups, None)
    texts = [] if group is None else [_value(group, name) for name in names]
    return ", ".join(filter(None, texts))


def _quantity(groups: list[GroupView], *names: str) -> str:
    """The first single number that some groups have by some names, with its unit."""
    there = ((group, name) for group in groups for name in names if name in group.links)
    items = (child_item(group, name) for group, name in there)
    single = (item for item in items if item.shape is not None and math.prod(item.shape) == 1)
    return next((f"{item.value.strip('[]')} {item.units}".strip() for item in single), "")


def _people(users: Iterator[GroupView]) -> str:
    names = []
    for user in islice(users, PEOPLE):
        place = _value(user, "affiliation")
        names.append(f"{_value(user, 'name')}{f' ({place})' if place else ''}".strip())
    return "; ".join(filter(None, names))


def _span(entry: GroupView) -> str:
    start, end = _value(entry, "start_time"), _value(entry, "end_time")
    return f"{start} to {end}" if start and end else start or end


def written(root: GroupView) -> Facts:
    """When and by what a NeXus file was written, as its root says."""
    told = top_item(root).attributes
    by = " ".join(filter(None, (told.get("creator"), told.get("creator_version"))))
    facts = [("written", told.get("file_time", "")), ("by", by)]
    return [(label, text) for label, text in facts if text]


def series_sheet(series: SeriesSummary) -> Sheet:
    """What a series of openPMD files says of itself."""
    header, told = series.header, series.provenance
    words = " ".join(filter(None, (told.get("software"), told.get("softwareVersion"))))
    kinds = [standard_name(header), header.encoding, series.backend]
    facts = [
        ("standard", ", ".join(filter(None, kinds))),
        ("written by", words),
        ("author", told.get("author", "")),
        ("date", told.get("date", "")),
        ("machine", told.get("machine", "")),
        ("comment", told.get("comment", "")),
        ("iterations", _iterations(series)),
        ("meshes", _listed(_meshes(series))),
        ("particles", _listed(_particles(series))),
    ]
    return Sheet("", [(label, text) for label, text in facts if text])


def _iterations(series: SeriesSummary) -> str:
    found = series.iterations
    numbers = [str(one.number) for one in found if one.number is not None]
    times = [one.time for one in found if one.time is not None]
    if len(found) <= 1:
        return "".join(numbers) or str(len(found))
    span = f": {numbers[0]} to {numbers[-1]}" if numbers else ""
    lasting = f", {times[0]:g} s to {times[-1]:g} s" if times else ""
    return f"{len(found)}{span}{lasting}"


def _meshes(series: SeriesSummary) -> dict[str, str]:
    found = {}
    for part in series.contents:
        for mesh in part.meshes:
            shape = " × ".join(map(str, mesh.shape or ()))
            found[mesh.name] = f"{mesh.name} ({mesh.geometry} {shape})".replace(" )", ")")
    return found


def _particles(series: SeriesSummary) -> dict[str, str]:
    found = {}
    for part in series.contents:
        for name, (least, most) in part.particles.items():
            found[name] = f"{name} ({f'{least:,} to ' if least != most else ''}{most:,})"
    return found


def _listed(found: dict[str, str]) -> str:
    more = [f"{len(found) - _LISTED} more"] if len(found) > _LISTED else []
    return ", ".join([*islice(found.values(), _LISTED), *more])
