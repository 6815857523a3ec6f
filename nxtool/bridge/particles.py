"""Events of NeXus as openPMD particles. Source: openPMD 1.1, "Particle Records".

A position is required. NXevent_data has none, so all particles are at the origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool.bridge.additions import Group, Note, Step
from nxtool.bridge.placing import Origin, placed, unit_of
from nxtool.bridge.signals import Events
from nxtool.nodeview import FieldView, is_field
from nxtool.unitdimension import NO_POWERS

_COLUMNS: Final = {"event_id": "detectorId", "event_time_offset": "tof"}
"""The fields with a value for each event, and the records they become."""
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
    kept = [name for name in events.group.links if name not in _COLUMNS]
    if kept:
        yield Note(events.group.path, f"keeps {', '.join(kept)} for itself")


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
