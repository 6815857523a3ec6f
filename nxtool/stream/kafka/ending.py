"""When listening begins and ends, as options say it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final, Literal

from nxtool.errors import NxtoolError
from nxtool.recipe.dates import DateError, to_iso
from nxtool.stream.kafka.consumer import LEEWAY_MS, Begin

_UNITS: Final = {"": 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}
_IDLE: Final = re.compile(r"idle:(\d{1,9}(?:\.\d{1,3})?)(s|min|h)?")


@dataclass(frozen=True, slots=True)
class Until:
    """`stop` is until told so, `end` when all was read that is there, `idle` when nothing came for
    `seconds`, `time` when all of before `time_ms` (since 1970) came."""

    kind: Literal["stop", "end", "idle", "time"] = "stop"
    seconds: float = 0.0
    time_ms: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading is: partitions read to their end, the latest time by partition in ms, the
    seconds since something came, and the time now in ms."""

    ended: Collection[str]
    stamps: Mapping[str, int]
    idle: float
    now_ms: int


def parse_begin(text: str) -> Begin:
    """`earliest`, `latest` or `time:2026-01-31T12:00:00Z`; raises NxtoolError."""
    if text in ("earliest", "checkpoint"):
        return Begin("earliest")
    if text == "latest":
        return Begin("latest")
    if text.startswith("time:"):
        return Begin("time", _milliseconds(text))
    raise NxtoolError(f"{text!r} is no beginning", hint="earliest, latest, or time:ISO")


def parse_until(text: str) -> Until:
    """`stop`, `end`, `idle:30s` or `time:2026-01-31T12:00:00Z`; raises NxtoolError."""
    if text == "stop":
        return Until("stop")
    if text == "end":
        return Until("end")
    if text.startswith("time:"):
        return Until("time", time_ms=_milliseconds(text))
    idle = _IDLE.fullmatch(text)
    if idle:
        return Until("idle", seconds=float(idle[1]) * _UNITS[idle[2] or ""])
    raise NxtoolError(f"{text!r} is no end", hint="stop, end, idle:30s, or time:ISO")


def _milliseconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(to_iso(text.partition(":")[2]).replace("Z", "+00:00"))
    except (DateError, ValueError) as error:
        hint = "write it like time:2026-01-31T12:00:00Z"
        raise NxtoolError(f"{text!r} is no time", hint=hint) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


def is_over(until: Until, partitions: Collection[str], progress: Progress) -> bool:
    """True where nothing more is wanted of these partitions."""
    if until.kind == "end":
        return all(name in progress.ended for name in partitions)
    if until.kind == "idle":
        return progress.idle > until.seconds
    if until.kind == "time":
        limit = until.time_ms + LEEWAY_MS
        is_late = progress.now_ms > limit
        return all(
            progress.stamps.get(name, 0) > limit or (is_late and name in progress.ended)
            for name in partitions
        )
    return False
