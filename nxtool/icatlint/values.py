"""Values of objects in an ICAT file: dates, numbers, lengths, words, identifiers, and pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from nxtool.export.icatmodel import ENTITIES, UNMEASURED, limit
from nxtool.findings import Finding, Severity
from nxtool.icatlint.codes import fault, quoted
from nxtool.icatlint.objects import Item
from nxtool.icatlint.read import Element
from nxtool.icatlint.text import is_orcid, is_panet, read_date, read_integer, read_number

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "boolean": ("true", "false", "1", "0"),
    "parameterValueType": ("NUMERIC", "STRING", "DATE_AND_TIME"),
    "studyStatus": ("NEW", "IN_PROGRESS", "COMPLETE", "CANCELLED"),
}
_SEARCHED: Final = frozenset({"checksum", "doi", "email", "location", "orcidId", "pid"})
_POSITIVE: Final = frozenset({"error", "fileCount", "fileSize"})


def judge_values(item: Item) -> Iterator[Finding]:
    """Faults in the attributes of an object, one by one and together."""
    for name, element in item.values.items():
        if element.text.strip():  # what is empty but must not be, is missing
            yield from _judge_value(item, name, element)
    yield from _judge_dates(item)
    yield from _judge_range(item)


def judge_reference_text(name: str, text: str, element: Element, path: str) -> Iterator[Finding]:
    """Faults in an attribute `name` of a reference to an object on the server."""
    if text != text.strip():
        message = f"white space around {name} {quoted(text)}"
        yield fault("C16", element.mark, path, message, hint="take it out: nothing will be found")
    if name == "pid" and not is_panet(text):
        yield _no_panet(text, element, path)
    if name == "units" and not text.strip():
        yield fault("C15", element.mark, path, "units are empty", severity="warning")


def _judge_value(item: Item, name: str, element: Element) -> Iterator[Finding]:
    type_ = item.kind.members[name].type
    path = f"{item.path}/{name}"
    if type_ == "string":
        yield from _judge_text(item, name, element, path)
    elif type_ in _WORDS:
        yield from _judge_word(_WORDS[type_], element, path)
    elif type_ == "dateTime":
        yield from _judge_date(item, element, path)
    elif type_ == "double":
        yield from _judge_number(read_number, "a finite number", element, path)
    else:
        yield from _judge_number(read_integer, "a whole number below 2^63", element, path)


def _judge_text(item: Item, name: str, element: Element, path: str) -> Iterator[Finding]:
    text = element.text
    most = limit(f"{item.kind.name}.{name}")
    if item.kind.name not in UNMEASURED and len(text) > most:
        message = f"{name} has {len(text)} characters; the server takes {most}"
        yield fault("C14", element.mark, path, message, found=str(len(text)), expected=str(most))
    if text != text.strip() and _is_searched(item, name):
        yield fault("C16", element.mark, path, f"white space around {name} {quoted(text)}")
    yield from _judge_identifier(item.kind.name, name, text.strip(), element, path)


def _is_searched(item: Item, name: str) -> bool:
    """Whether objects are found by this attribute."""
    known = ENTITIES.get(item.kind.name)
    return known is not None and (name in known.key or name in _SEARCHED)


def _judge_identifier(
    kind: str, name: str, text: str, element: Element, path: str
) -> Iterator[Finding]:
    if name == "orcidId" and not is_orcid(text):
        bare = text.removeprefix("https://orcid.org/").removeprefix("http://orcid.org/")
        hint = f"write {bare}" if is_orcid(bare) else ""
        yield fault("C50", element.mark, path, f"{quoted(text)} is no ORCID iD", hint=hint)
    if name == "email" and "@" not in text:
        yield fault("C51", element.mark, path, f"{quoted(text)} is no e-mail address")
    if (kind, name) == ("technique", "pid") and not is_panet(text):
        yield _no_panet(text, element, path)


def _no_panet(text: str, element: Element, path: str) -> Finding:
    digits = "".join(filter(str.isdecimal, text))
    hint = f"write PaNET:PaNET{digits}" if is_panet(f"PaNET:PaNET{digits}") else ""
    return fault("C52", element.mark, path, f"{quoted(text)} is no term of PaNET", hint=hint)


def _judge_word(words: tuple[str, ...], element: Element, path: str) -> Iterator[Finding]:
    text = element.text.strip()
    if text not in words:
        hint = f"one of {', '.join(words)}"
        yield fault("C13", element.mark, path, f"{quoted(text)} is not allowed", hint=hint)


def _judge_date(item: Item, element: Element, path: str) -> Iterator[Finding]:
    text = element.text.strip()
    date = read_date(text)
    if date is None:
        message = f"{quoted(text)} is not a date with time"
        yield fault("C10", element.mark, path, message, hint="such as 2024-01-02T03:04:05+01:00")
    elif date.tzinfo is None:
        severity: Severity = "warning" if item.kind.name == "head" else "error"
        message = f"{quoted(text)} has no UTC offset"
        yield fault("C11", element.mark, path, message, severity=severity)


def _judge_number(
    read: Callable[[str], float | None], wanted: str, element: Element, path: str
) -> Iterator[Finding]:
    text = element.text.strip()
    number = read(text)
    if number is None:
        message = f"{quoted(text)} is not {wanted}"
        yield fault("C12", element.mark, path, message, hint="leave it out, or correct it")
    elif number < 0 and element.name in _POSITIVE:
        yield fault("C17", element.mark, path, f"{element.name} is {quoted(text)}, below 0")


def _judge_dates(item: Item) -> Iterator[Finding]:
    start, end = read_date(item.text("startDate")), read_date(item.text("endDate"))
    if start is None or end is None or (start.tzinfo is None) != (end.tzinfo is None):
        return
    if end < start:
        message = f"ends {item.text('endDate')}, before it starts {item.text('startDate')}"
        yield fault("C19", item.values["endDate"].mark, f"{item.path}/endDate", message)


def _judge_range(item: Item) -> Iterator[Finding]:
    bottom, top = (read_number(item.text(name)) for name in ("rangeBottom", "rangeTop"))
    if bottom is None or top is None:
        return
    place, path = item.values["rangeBottom"].mark, f"{item.path}/rangeBottom"
    value = read_number(item.text("numericValue"))
    if bottom > top:
        message = f"rangeBottom {bottom:g} is above rangeTop {top:g}"
        yield fault("C18", place, path, message, hint="exchange the two")
    elif value is not None and not bottom <= value <= top:
        message = f"numericValue {value:g} is not between {bottom:g} and {top:g}"
        yield fault("C18", place, path, message, severity="info")
