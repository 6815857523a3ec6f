"""Attributes between the text of messages and the values that are stored and compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Final
from zoneinfo import ZoneInfo

from tests.icat.stub.fault import Fault

# Not UTC, so that tests see where a time was sent without its zone. The reference data of
# python-icat come from a server in this zone.
ZONE: Final = ZoneInfo("Europe/Berlin")

Value = str | int | float | bool | datetime | None


def parse(kind: str, text: str | None) -> Value:
    """The value of an attribute of type `kind`; None where nothing was sent."""
    reader = _READERS.get(kind, str)
    if text is None or (not text and reader is not str):
        return None
    try:
        return reader(text)
    except ValueError:
        raise Fault("BAD_PARAMETER", f"{text!r} is no {kind}") from None


def moment(text: str) -> datetime:
    """A point in time; one without a zone is in that of the service. Raises ValueError."""
    found = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def now() -> datetime:
    """This moment, in whole seconds as the catalogue keeps them."""
    return datetime.now(timezone.utc).replace(microsecond=0)


def wire_form(value: Value) -> tuple[str, str]:
    """The XML type of a value, and its text."""
    if isinstance(value, bool):
        return "xs:boolean", str(value).lower()
    if isinstance(value, int):
        return "xs:long", str(value)
    if isinstance(value, float):
        return "xs:double", repr(value)
    if isinstance(value, datetime):
        return "xs:dateTime", value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return "xs:string", str(value)


def alike(value: Value, other: Value) -> tuple[Value, Value]:
    """Two values made comparable: text beside a number or a date is read as one.

    Raises `Fault` for text that cannot be read so.
    """
    if isinstance(value, str) and not isinstance(other, str):
        return _as(other, value), other
    if isinstance(other, str) and not isinstance(value, str):
        return value, _as(value, other)
    return value, other


def _as(model: Value, text: str) -> Value:
    for types, kind in _KINDS:
        if isinstance(model, types):
            return parse(kind, text)
    return text


def _truth(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUTHS:
        raise ValueError(text)
    return _TRUTHS[word]


_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "Date": moment,
    "Double": float,
    "Integer": int,
    "Long": int,
    "boolean": _truth,
}
_KINDS: Final = ((bool, "boolean"), ((int, float), "Double"), (datetime, "Date"))
