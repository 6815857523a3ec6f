"""Dates as NeXus wants them: ISO 8601 text with the offset from UTC (NX_DATE_TIME)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from nxtool.recipe.checks import did_you_mean

_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_DATE_TIME: Final = re.compile(
    _DATE.pattern + r"[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_OFFSET: Final = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)", re.ASCII)

_WITH_YEAR: Final = frozenset("YyGcx")
"""Directives of `strptime` that tell the year."""


class DateError(ValueError):
    """Text that is no date, or a date that lacks its zone; `hint` is the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} ({hint})" if hint else message)
        self.message = message
        self.hint = hint


def to_iso(text: str, timezone_name: str | None = None, date_format: str | None = None) -> str:
    """`text` as ISO 8601 with offset; digits of a second stay as they are.

    `date_format` is that of `datetime.strptime`, for instrument strings. A date without time of
    day is complete as it is. An offset in the text wins over the time zone.

    >>> to_iso("2026-07-05 10:00:00", "Europe/Berlin")
    '2026-07-05T10:00:00+02:00'

    Raises:
        DateError: the text is no date, the zone is missing or unknown, or clocks showed this
            time twice or never.
    """
    text = text.strip()
    if date_format is not None:
        text = _from_format(text, date_format)
    if match := _DATE.fullmatch(text):
        _moment(text, match, ("0", "0", "0"))
        return text
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        hint = "write 2026-01-05T10:00:00, or give date_format"
        raise DateError(f"{text!r} is not an ISO 8601 date", hint)
    moment = _moment(text, match, (match[4], match[5], match[6] or "0"))
    fraction = f".{match[7]}" if match[7] else ""
    offset = match[8] or _offset(text, moment, timezone_name)
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + _checked(text, offset)


def _from_format(text: str, date_format: str) -> str:
    if not _WITH_YEAR.intersection(re.findall(r"%(.)", date_format)):
        raise DateError(
            f"date_format {date_format!r} has no year", "a date needs its year, %Y or %y"
        )
    try:
        moment = datetime.strptime(text, date_format)  # noqa: DTZ007  a zone is added by the caller
    except (ValueError, re.error) as error:
        message = f"{text!r} does not fit date_format {date_format!r}"
        reason = "" if "does not match format" in str(error) else f": {error}".partition("\n")[0]
        raise DateError(f"{message}{reason}", "correct the date, or date_format") from None
    return moment.isoformat()


def _moment(text: str, match: re.Match[str], clock: tuple[str, str, str]) -> datetime:
    year, month, day = match[1], match[2], match[3]
    try:
        return datetime(*map(int, (year, month, day, *clock)))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError as error:
        raise DateError(f"{text!r} is not a date", str(error)) from None


def _checked(text: str, offset: str) -> str:
    """`offset` as `Z` or `+hh:mm`, no more than a day."""
    if offset == "Z":
        return offset
    digits = offset[1:].replace(":", "").ljust(4, "0")
    if int(digits[:2]) > 23 or int(digits[2:]) > 59:
        raise DateError(f"{text!r} has an impossible offset {offset}", "write +01:00")
    return f"{offset[0]}{digits[:2]}:{digits[2:]}"


def _offset(text: str, moment: datetime, name: str | None) -> str:
    if name is None:
        raise DateError(
            f"{text!r} has no time zone", "write its offset, like +01:00, or set defaults.timezone"
        )
    zone = load_zone(name)
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    first, second = first or timedelta(), second or timedelta()
    if first != second:
        times = "never" if first < second else "twice"
        hint = f"write the offset: {_written(first)} or {_written(second)}"
        raise DateError(f"clocks in {name} showed {text!r} {times}", hint)
    if first % timedelta(minutes=1):
        message = f"{name} was not whole minutes from UTC at {text!r}"
        raise DateError(message, "write the offset")
    return _written(first)


def _written(offset: timedelta) -> str:
    return datetime(2000, 1, 1, tzinfo=timezone(offset)).isoformat()[19:25]


def load_zone(name: str) -> tzinfo:
    """The time zone of that name, or of an offset like `+02:00`.

    Raises:
        DateError: there is no such zone; the hint names near ones.
    """
    if match := _OFFSET.fullmatch(name):
        east = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(east if match[1] == "+" else -east)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones()) or "like Europe/Berlin or UTC"
        raise DateError(f"unknown time zone {name!r}", hint) from None
