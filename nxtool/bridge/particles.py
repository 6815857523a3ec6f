"""Events of NeXus as openPMD particles. Source: openPMD 1.1, "Particle Records".

A position is required. NXevent_data has none, so all particles are at the origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.bridge.additions import Group, Note, Spread, Step
from nxtool.bridge.placing import Origin, placed, unit_of
from nxtool.bridge.signals import Events
from nxtool.nodeview import FieldView, Unreadable, is_field
from nxtool.unitdimension import NO_POWERS

_COLUMNS: Final = {"event_id": "detectorId", "event_time_offset": "tof"}
"""The fields with a value for each event, and the records they become."""
_PULSES: Final = ("event_time_zero", "event_index")
"""When pulses were, and at which event they begin."""
_MOST_PULSES: Final = 2**24
_METRES: Final = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def event_steps(events: Events, path: str, origin: Origin) -> Iterator[Step]:
    """The species at `path` of all events."""
    columns = [
        (record, view) for name, record in _COLUMNS.items() if (view := _field(events, name))
    ]
    count = next((view.shape[0] for _, view in columns if view.shape), 0)
    yield Group(path)
    for name in ("position", "positionOffset"):
        yield from _at_origin(f"{path}/{name}", count)
    yield Note(events.group.path, "says no positions: its particles are at the origin")
    for record, view in columns:
        if view.shape != (count,):
            yield Note(view.path, "has not one value for an event")
            continue
        unit, problem = unit_of(view)
        if problem and view.name != "event_id":
            yield Note(view.path, problem)
        attributes = {
            "unitDimension": np.array(unit.powers if view.name != "event_id" else NO_POWERS),
            "timeOffset": np.float64(0.0),
            "unitSI": np.float64(unit.factor),
        }
        yield from placed(view, f"{path}/{record}", attributes, origin)
    pulses = _pulse_steps(events, f"{path}/pulseTime", count, origin)
    yield from pulses
    mapped = {*_COLUMNS, *(_PULSES if pulses else ())}
    kept = [name for name in events.group.links if name not in mapped]
    if kept:
        yield Note(events.group.path, f"keeps {', '.join(kept)} for itself")


def _pulse_steps(events: Events, path: str, count: int, origin: Origin) -> list[Step]:
    """The time of its pulse for each event. It has to be written anew, hence only into copies."""
    zero, index = (_field(events, name) for name in _PULSES)
    if not origin.brings or zero is None or index is None or not _are_starts(index, zero, count):
        return []
    unit, problem = unit_of(zero)
    attributes = {
        "unitDimension": np.array(unit.powers),
        "timeOffset": np.float64(0.0),
        "unitSI": np.float64(unit.factor),
    }
    notes: list[Step] = [Note(zero.path, problem)] if problem else []
    return [*notes, Spread(path, zero.path, index.path, count, attributes)]


def _are_starts(index: FieldView, zero: FieldView, count: int) -> bool:
    """Whether the indices say where pulses begin: from 0 on, in order, inside the events."""
    length = (index.shape or (0,))[0]
    if index.shape != zero.shape or not 0 < length <= _MOST_PULSES or not count:
        return False
    try:
        starts = np.asarray(index.read())
    except Unreadable:
        return False
    return bool(starts[0] == 0 and starts[-1] <= count and (starts[1:] >= starts[:-1]).all())


def _field(events: Events, name: str) -> FieldView | None:
    found = events.group.child(name) if name in events.group.links else None
    return found if is_field(found) and found.type.kind in ("integer", "float") else None


def _at_origin(path: str, count: int) -> Iterator[Group]:
    yield Group(path, {"unitDimension": np.array(_METRES), "timeOffset": np.float64(0.0)})
    for name in "xyz":
        yield Group(
            f"{path}/{name}",
            {
                "value": np.float64(0.0),
                "shape": np.array([count], dtype=np.uint64),
                "unitSI": np.float64(1.0),
            },
        )
