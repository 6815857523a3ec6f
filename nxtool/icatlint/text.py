"""Texts of ICAT files as values: dates, numbers, identifiers. Each is read as XML schemas say."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from typing import Final

from nxtool.export.transforms import orcid

_DATE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_DOUBLE: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d{1,40}", re.ASCII)
_PANET: Final = re.compile(r"PaNET:PaNET\d{5,7}", re.ASCII)
LARGEST_LONG: Final = 2**63 - 1


def read_date(text: str) -> datetime | None:
    """The date, without time zone where it gives no UTC offset; None where it is no date.

    >>> read_date("2024-01-02T03:04:05.25+01:00").isoformat()
    '2024-01-02T03:04:05.250000+01:00'
    >>> read_date("2024-02-30T00:00:00Z") is None
    True
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    *numbers, fraction, zone = match.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        date = datetime(year, month, day, hour % 24, minute, second, tzinfo=_zone(zone))
        date += timedelta(microseconds=int(((fraction or "0") + "000000")[:6]))
        midnight = not (minute or second or date.microsecond)
        return date if hour < 24 else date + timedelta(days=1) if hour == 24 and midnight else None
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return timezone.utc
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def read_number(text: str) -> float | None:
    """The number; None where it is none, or none that a database can store: NaN, infinity.

    >>> read_number("2.5e3"), read_number("2,5"), read_number("1e999")
    (2500.0, None, None)
    """
    if len(text) > 1000 or not _DOUBLE.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def read_integer(text: str) -> int | None:
    """The whole number; None where it is none, or too large for the server."""
    number = int(text) if _INTEGER.fullmatch(text) else None
    return number if number is not None and abs(number) <= LARGEST_LONG else None


def is_orcid(text: str) -> bool:
    """Whether `text` is an ORCID iD, bare, with the right check digit (ISO 7064, mod 11-2).

    >>> is_orcid("0000-0002-1825-0097"), is_orcid("0000-0002-1825-0096")
    (True, False)
    """
    try:
        return orcid(text) == text
    except ValueError:
        return False


def is_panet(text: str) -> bool:
    """Whether a pid is a term of PaNET as ICAT servers name it, or one of another list.

    >>> is_panet("PaNET:PaNET01188"), is_panet("PaNET01188"), is_panet("DOI:10.5442/x")
    (True, False, True)
    """
    return _PANET.fullmatch(text) is not None or "panet" not in text.lower()
