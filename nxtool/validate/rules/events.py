"""Opt-in rules for event data (V01 to V07), as instruments that stream their events need them.

They read values that no other rule looks at: block by block, with the memory of one block beside
the detector numbers themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from nxtool import nxpath, units
from nxtool.findings import Finding
from nxtool.nodeview import FieldView, Unreadable
from nxtool.validate import reading
from nxtool.validate.visit import GroupVisit, fields_of, finding

_INDEX_BYTES: Final = 8
_PAIRS: Final = (("event_time_zero", "event_index"), ("event_time_offset", "event_id"))


def of_group(visit: GroupVisit) -> Iterator[Finding]:
    """All rules of the pack that concern this group."""
    if visit.nx_class == "NXdetector":
        yield from _detector_numbers(visit)
    elif visit.nx_class == "NXevent_data":
        yield from _event_ids(visit)
        yield from _event_index(visit)
        yield from _lengths(visit)
    elif visit.nx_class == "NXlog":
        yield from _log(visit)
    elif visit.nx_class == "NXdisk_chopper":
        yield from _chopper(visit)
    yield from _offsets(visit)


def _detector_numbers(visit: GroupVisit) -> Iterator[Finding]:
    """V01: each number of a detector stands for one pixel."""
    view = visit.fields.get("detector_number")
    numbers = _all(visit, view) if view is not None else None
    if view is None or numbers is None:
        return
    unique, counts = np.unique(numbers, return_counts=True)
    if unique.size < numbers.size:
        twice = unique[counts > 1]
        message = f"{twice.size} numbers stand for several pixels, for instance {twice[0]}"
        yield finding("V01", view.path, message, found=twice[0])


def _event_ids(visit: GroupVisit) -> Iterator[Finding]:
    """V02: every event is that of a pixel of the detector."""
    view, known = visit.fields.get("event_id"), _known_numbers(visit)
    if view is None or known is None or not _is_integer(view):
        return
    strange, first = 0, 0
    for block in _blocks(view):
        bad = np.ravel(block)[~np.isin(block, known).ravel()]
        if bad.size and not strange:
            first = int(bad[0])
        strange += bad.size
    if strange:
        message = f"{strange} events are of no pixel in detector_number, for instance {first}"
        yield finding("V02", view.path, message, found=first)


def _known_numbers(visit: GroupVisit) -> Any:
    """The sorted numbers of the detector around the events, or of the group itself."""
    for group in (visit, visit.parent):
        view = group.fields.get("detector_number") if group is not None else None
        if group is not None and view is not None:
            numbers = _all(group, view)
            return None if numbers is None else np.unique(numbers)
    return None


def _event_index(visit: GroupVisit) -> Iterator[Finding]:
    """V03: event_index never falls, stays within the events, and has 8 bytes."""
    view, events = visit.fields.get("event_index"), visit.fields.get("event_id")
    if view is None or not _is_integer(view):
        return
    if view.type.size != _INDEX_BYTES:
        message = f"is {view.type.text}; long measurements need 8 bytes"
        yield finding("V03", view.path, message, severity="warning", found=view.type.text)
    most = events.shape[0] if events is not None and events.shape else None
    last = 0
    for block in _blocks(view):
        numbers = np.concatenate(([last], np.ravel(block).astype(np.int64)))
        if numbers.size > 1 and (np.diff(numbers) < 0).any():
            yield finding("V03", view.path, "falls: pulses are not in the order of their events")
            return
        last = int(numbers[-1])
    if most is not None and last > most:
        message = f"points to event {last} of {most}"
        yield finding("V03", view.path, message, expected=f"at most {most}", found=last)


def _lengths(visit: GroupVisit) -> Iterator[Finding]:
    """V07: what belongs together is equally long."""
    for names in _PAIRS:
        pair = [visit.fields.get(name) for name in names]
        shapes = [view.shape for view in pair if view is not None]
        if len(shapes) == 2 and shapes[0] != shapes[1]:
            path = nxpath.join(visit.path, names[0])
            message = f"has shape {shapes[0]}, {names[1]!r} has {shapes[1]}"
            yield finding("V07", path, message, expected=shapes[1], found=shapes[0])


def _log(visit: GroupVisit) -> Iterator[Finding]:
    """V04: a log has values, and a time for each."""
    missing = [name for name in ("value", "time") if name not in visit.children]
    if "value" in missing and "raw_value" in visit.children:
        missing.remove("value")
    if missing:
        yield finding("V04", visit.path, f"the log has no {' and no '.join(missing)}")
        return
    value = visit.fields.get("value") or visit.fields.get("raw_value")
    time = visit.fields.get("time")
    if value is None or time is None:
        return
    lengths = [(view.shape or (1,))[0] for view in (value, time)]
    if lengths[0] != lengths[1]:
        message = f"the log has {lengths[0]} values for {lengths[1]} times"
        yield finding("V04", visit.path, message, expected=lengths[1], found=lengths[0])


def _chopper(visit: GroupVisit) -> Iterator[Finding]:
    """V05: the speed of a chopper is a frequency."""
    view = visit.fields.get("rotation_speed")
    if view is None:
        return
    attribute = view.attributes.get("units")
    text = attribute.text if attribute is not None else None
    if not text or units.fit(text, "NX_FREQUENCY").verdict != "fits":
        message = f"units are {text!r}, not a frequency" if text else "has no units"
        yield finding("V05", view.path, message, expected="Hz", found=text or "")


def _offsets(visit: GroupVisit) -> Iterator[Finding]:
    """V06: an offset says its unit."""
    for field in fields_of(visit):
        names = field.view.attributes
        if "offset" in names and "transformation_type" in names and "offset_units" not in names:
            yield finding("V06", field.path, "has an offset without offset_units")


def _all(visit: GroupVisit, view: FieldView) -> Any:
    """All values of an integer field, flat; None where there are too many, or none to read."""
    if not _is_integer(view) or reading.field_bytes(view) > visit.walk.options.max_read:
        return None
    parts = [np.ravel(block) for block in _blocks(view)]
    return np.concatenate(parts) if parts else None


def _is_integer(view: FieldView) -> bool:
    return view.type.kind == "integer" and view.shape is not None


def _blocks(view: FieldView) -> Iterator[Any]:
    """The values block by block, up to what cannot be read (T18 tells about that)."""
    try:
        for block in view.blocks(reading.BLOCK_BYTES):
            yield view.read_block(block)
    except Unreadable:
        return
