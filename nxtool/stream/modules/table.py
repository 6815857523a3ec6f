"""The modules by name, and what keeps messages that nobody configured."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from nxtool.stream.modules.alarms import Alarms, Connections
from nxtool.stream.modules.arrays import Arrays, Histograms
from nxtool.stream.modules.events import EventList, PulseEventList
from nxtool.stream.modules.frames import Frames
from nxtool.stream.modules.jsonlog import JsonLog
from nxtool.stream.modules.log import EpicsLog, Log
from nxtool.stream.modules.model import Module, ModuleSpec, Window
from nxtool.stream.modules.samples import FastSamples, Stamps

_LOGS: Final = ("f144", "f142", "al00", "ep01", "ep00", "json")

MODULES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "f144": Log, "f142": EpicsLog, "al00": Alarms, "ep01": Connections, "ep00": Connections,
        "ev44": EventList, "ev42": PulseEventList, "ad00": Frames, "ADAr": Frames,
        "da00": Arrays, "hs00": Histograms, "hs01": Histograms, "se00": FastSamples,
        "senv": FastSamples, "tdct": Stamps, "json": JsonLog,
    }
)  # fmt: skip
"""What keeps the messages of a format, by its four letters."""


def module_of(spec: ModuleSpec, window: Window) -> Module:
    """The module that a specification asks for."""
    found: Module = MODULES[spec.module](spec, window)
    return found


def family_of(schema: str) -> str:
    """Formats of one family share a group: values, and alarms and connections of their source; and
    older and newer ones of the same."""
    if schema in _LOGS:
        return "log"
    first: str = MODULES[schema].schemas[0]
    return first
