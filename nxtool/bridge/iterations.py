"""A NeXus file as iterations of openPMD: one for each entry, for each frame, or one for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

import numpy as np

from nxtool import __version__, values
from nxtool.bridge.additions import Group, Mark, Note, Step
from nxtool.bridge.meshes import frame_times, mesh_steps
from nxtool.bridge.naming import Names
from nxtool.bridge.outcome import Iterations
from nxtool.bridge.particles import event_steps
from nxtool.bridge.placing import Origin
from nxtool.bridge.signals import Events, Signal, found_in
from nxtool.build.fixedtext import Value
from nxtool.defaultplot import nx_class
from nxtool.nodeview import FieldView, GroupView, Unreadable, is_field, is_group

BASE: Final = "/data"
STANDARD: Final = "1.1.0"
_DATE: Final = "%Y-%m-%d %H:%M:%S %z"
_TEXT_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Moment:
    """What becomes one iteration. With a `frame`, only that part of every signal."""

    number: int
    time: float
    found: tuple[tuple[str, Signal | Events], ...]
    frame: int | None = None


def entries_of(root: GroupView) -> list[GroupView]:
    """The entries by their start, those without one first, by name."""
    found = []
    for name in root.links:
        child = root.child(name)
        if is_group(child) and nx_class(child) == "NXentry":
            found.append(child)
    return sorted(found, key=lambda entry: (_start(entry) or _EARLIEST, entry.name))


_EARLIEST: Final = datetime(1, 1, 1, tzinfo=timezone.utc)


def iteration_steps(
    root: GroupView, origin: Origin, iterations: Iterations, tolerance: float
) -> Iterator[Step]:
    """The openPMD tree for a NeXus file; no groups at all where there is nothing to map."""
    entries = entries_of(root)
    notes: list[Note] = []
    moments = list(_moments(entries, iterations, notes))
    held = [item for moment in moments for _, item in moment.found]
    yield from notes
    if not held:
        return
    has_meshes = any(isinstance(item, Signal) for item in held)
    has_particles = any(isinstance(item, Events) for item in held)
    yield Group(BASE)
    for moment in moments:
        path = f"{BASE}/{moment.number}"
        yield Group(path, {"time": np.float64(moment.time), "dt": np.float64(0.0),
                           "timeUnitSI": np.float64(1.0)})  # fmt: skip
        if has_meshes:
            yield Group(f"{path}/meshes")
        if has_particles:
            yield Group(f"{path}/particles")
        yield from _content(moment, path, origin, tolerance)
    yield from _root_marks(root, entries, has_meshes=has_meshes, has_particles=has_particles)


def _moments(
    entries: Sequence[GroupView], iterations: Iterations, notes: list[Note]
) -> Iterator[_Moment]:
    first = next((start for entry in entries if (start := _start(entry))), None)
    numbers = _numbers(entries)
    together: list[tuple[str, Signal | Events]] = []
    for number, entry in zip(numbers, entries, strict=True):
        everything = list(found_in(entry))
        notes += [item for item in everything if isinstance(item, Note)]
        found = [item for item in everything if not isinstance(item, Note)]
        notes += _unmapped(entry, found)
        if iterations == "entry":
            start = _start(entry)
            time = (start - first).total_seconds() if start and first else 0.0
            yield _Moment(number, time, tuple((item.name, item) for item in found))
        else:
            prefix = f"{entry.name}_" if len(entries) > 1 else ""
            together += [(prefix + item.name, item) for item in found]
    if iterations == "none":
        yield _Moment(0, 0.0, tuple(together))
    elif iterations == "frame":
        yield from _frames(together, notes)


def _unmapped(entry: GroupView, found: Sequence[Signal | Events]) -> Iterator[Note]:
    """The groups of an entry from which nothing is taken."""
    taken = [item.group.path for item in found]
    for name in entry.links:
        child = entry.child(name)
        if not is_group(child) or nx_class(child) in ("NXuser", "NXdata", "NXevent_data"):
            continue
        if not any(f"{path}/".startswith(f"{child.path}/") for path in taken):
            yield Note(child.path, "stays as it is: openPMD has no words for it")


def _numbers(entries: Sequence[GroupView]) -> list[int]:
    """The numbers that all entries give themselves (NXopenpmd), if they differ; else they count."""
    stated = [_whole_number(entry, "iteration") for entry in entries]
    own = [number for number in stated if number is not None]
    distinct = len(own) == len(entries) == len(set(own))
    return own if distinct else list(range(len(entries)))


def _whole_number(entry: GroupView, name: str) -> int | None:
    view = entry.child(name) if name in entry.links else None
    if not is_field(view) or view.type.kind != "integer" or view.shape not in ((), (1,)):
        return None
    try:
        number = int(np.asarray(view.read()).reshape(-1)[0])
    except Unreadable:
        return None
    return number if number >= 0 else None


def _frames(found: Sequence[tuple[str, Signal | Events]], notes: list[Note]) -> Iterator[_Moment]:
    """An iteration for each place of the first axis; signals of another length are told. Where no
    signal says times, frames are counted."""
    deep = [(name, item) for name, item in found if isinstance(item, Signal)]
    deep = [(name, item) for name, item in deep if len(item.view.shape or ()) > 1]
    lengths = [(item.view.shape or (0,))[0] for _, item in deep]
    count = max(lengths, key=lengths.count, default=0)
    fitting = [pair for pair, length in zip(deep, lengths, strict=True) if length == count]
    taken = [item for _, item in fitting]
    for _, item in found:
        if item not in taken:
            path = item.view.path if isinstance(item, Signal) else item.group.path
            notes.append(Note(path, f"has not {count} frames, and is not mapped"))
    known = (frame_times(item, count) for _, item in fitting)
    times = next((found for found in known if found is not None), None)
    for frame in range(count):
        time = float(frame) if times is None else times[frame]
        yield _Moment(frame, time, tuple(fitting), frame)


def _content(moment: _Moment, path: str, origin: Origin, tolerance: float) -> Iterator[Step]:
    meshes, particles = Names(), Names()
    for wanted, item in moment.found:
        if isinstance(item, Signal):
            place = f"{path}/meshes/{meshes.claim(wanted, 'mesh')}"
            yield from mesh_steps(item, place, origin, tolerance, moment.frame)
        else:
            yield from event_steps(
                item, f"{path}/particles/{particles.claim(wanted, 'events')}", origin
            )


def _root_marks(
    root: GroupView, entries: Sequence[GroupView], *, has_meshes: bool, has_particles: bool
) -> Iterator[Mark]:
    """What openPMD requires of the root, and what it recommends as far as the file says it."""
    marks: dict[str, Value] = {
        "openPMD": STANDARD,
        "openPMDextension": np.uint32(0),
        "basePath": "/data/%T/",
        "iterationEncoding": "groupBased",
        "iterationFormat": "/data/%T/",
        "software": "nxtool",
        "softwareVersion": __version__,
    }
    if has_meshes:
        marks["meshesPath"] = "meshes/"
    if has_particles:
        marks["particlesPath"] = "particles/"
    told = {
        "author": _author(entries),
        "date": _date(root),
        "comment": next((title for entry in entries if (title := _text(entry, "title"))), ""),
    }
    marks |= {name: text for name, text in told.items() if text}
    for name, value in marks.items():
        yield Mark("/", name, value)


def _author(entries: Sequence[GroupView]) -> str:
    """`Name <mail>` of the first user."""
    for entry in entries:
        for name in entry.links:
            user = entry.child(name)
            if is_group(user) and nx_class(user) == "NXuser":
                mail = _text(user, "email")
                return _text(user, "name") + (f" <{mail}>" if mail else "")
    return ""


def _date(root: GroupView) -> str:
    found = root.attributes.get("file_time")
    moment = _parsed((found.text or "") if found is not None else "")
    return moment.strftime(_DATE) if moment is not None else ""


def _start(entry: GroupView) -> datetime | None:
    return _parsed(_text(entry, "start_time"))


def _parsed(text: str) -> datetime | None:
    """A date of NeXus with its zone, UTC where it says none; None where it is no date."""
    if not text or not values.parse_date(text).ok:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _text(group: GroupView, name: str) -> str:
    view = group.child(name) if name in group.links else None
    if not is_field(view) or view.type.kind != "string" or view.type.size > _TEXT_BYTES:
        return ""
    return _one_text(view)


def _one_text(view: FieldView) -> str:
    if view.shape not in ((), (1,)):
        return ""
    try:
        value = view.read()
    except Unreadable:
        return ""
    return value if isinstance(value, str) else str(value[0]) if value else ""
