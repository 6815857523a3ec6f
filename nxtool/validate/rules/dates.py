"""Dates and times (T10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import values
from nxtool.findings import Finding
from nxtool.validate import reading
from nxtool.validate.visit import FieldVisit, finding

TYPES: Final = frozenset({"NX_DATE_TIME", "ISO8601"})
_OFFSET: Final = re.compile(r"(?:Z|[+-]\d\d(?::?\d\d)?)")


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The texts of a date field."""
    if visit.concept is None or visit.concept.type not in TYPES:
        return
    for text in reading.texts(visit):
        found = list(check(visit.path, text, visit.concept.name, visit.concept.anchor))
        yield from found
        if found:
            return


def check(path: str, text: str, name: str, anchor: str) -> Iterator[Finding]:
    """One date. NXmx types `time_zone` as a date though it holds an offset: accepted."""
    if "time_zone" in name and _OFFSET.fullmatch(text.strip()):
        return
    verdict = values.parse_date(text)
    if not verdict.ok:
        yield finding(
            "T10",
            path,
            f"{reading.shown(text)} is no date and time: {verdict.reason}",
            expected="2026-01-05T10:00:00+01:00",
            found=text[:60],
            anchor=anchor,
        )
    elif verdict.style == "space":
        yield finding(
            "T10", path, f"{reading.shown(text)} has a space where T belongs", severity="info"
        )
    elif not verdict.has_zone:
        yield finding("T10", path, f"{reading.shown(text)} has no time zone", severity="info")
