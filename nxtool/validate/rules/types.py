"""Types and values (T01 to T18)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from nxtool import values
from nxtool.findings import Finding
from nxtool.nodeview import FieldView, Unreadable
from nxtool.schema.concepts import FieldConcept
from nxtool.validate import reading
from nxtool.validate.visit import FieldVisit, finding

CODES: Final[Mapping[str, str]] = {
    "NX_CHAR": "T01", "NX_INT": "T02", "NX_UINT": "T03", "NX_POSINT": "T04", "NX_FLOAT": "T05",
    "NX_NUMBER": "T06", "NX_BOOLEAN": "T07", "NX_CHAR_OR_NUMBER": "T08", "NX_DATE_TIME": "T09",
    "ISO8601": "T09", "NX_BINARY": "T11", "NX_COMPLEX": "T12", "NX_CCOMPLEX": "T12",
    "NX_PCOMPLEX": "T12", "NX_QUATERNION": "T13",
}  # fmt: skip
"""The rule for each NXDL type."""
_TEXT_TYPES: Final = frozenset({"NX_CHAR", "NX_DATE_TIME", "ISO8601"})
_SPEAKS_OF_MANY: Final = re.compile(
    r"(?:\ban array of|\blist of|^array of|\bbe an? (?:array|list)\b)(?!.*\bcomma)", re.I
)
"""How a text asks for several strings where no dimensions say so (NXmx, group_names); a list
separated by commas is one string (NXem, atom_types)."""
_PROBE: Final = 1
_SIMPLE: Final = ("compact", "contiguous", "planned")
"""Layouts whose values are just there."""


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """Everything about type and values of one field."""
    yield from form(visit)
    yield from content(visit)


def form(visit: FieldVisit) -> Iterator[Finding]:
    """The stored type, and the shape of strings; no value is read."""
    if visit.concept is None:
        return
    if visit.view.shape is None:
        yield finding("T15", visit.path, "has no value (null dataspace)", anchor=_anchor(visit))
        return
    yield from _empty(visit)
    fit = _fit(visit, visit.concept)
    if fit.verdict == "no":
        yield _mismatch(visit, fit.reason)
        return
    if fit.verdict == "lenient":
        yield _mismatch(visit, fit.reason, lenient=True)
    yield from _string_shape(visit)


def content(visit: FieldVisit) -> Iterator[Finding]:
    """Values: can they be read, are texts UTF-8, do they suit a type that speaks of values?"""
    yield from _sources(visit)
    if visit.concept is None or visit.view.shape is None:
        return
    fit = _fit(visit, visit.concept)
    if fit.verdict != "no":
        yield from _readable(visit)
        yield from _encoding(visit)
    if fit.verdict == "values":
        yield from _values(visit, fit.reason)


def speaks_of_values(visit: FieldVisit) -> bool:
    """True where `content` and its like may have something to say of a field like this one:
    texts, values that a type or an enumeration restricts, storage that may fail."""
    if visit.view.shape != () or visit.view.type.kind == "string":
        return True
    concept = visit.concept
    if concept is None:
        return False
    return concept.enumeration is not None or _fit(visit, concept).verdict == "values"


def _fit(visit: FieldVisit, concept: FieldConcept) -> values.TypeFit:
    return values.matches_type(concept.type, visit.view.type, visit.view.shape)


def _anchor(visit: FieldVisit) -> str:
    return visit.concept.anchor if visit.concept else ""


def _mismatch(visit: FieldVisit, reason: str, *, lenient: bool = False) -> Finding:
    assert visit.concept is not None  # noqa: S101 - the caller looked
    return finding(
        CODES[visit.concept.type],
        visit.path,
        reason or f"is {visit.view.type.text}, not {visit.concept.type}",
        severity="warning" if lenient else "error",
        expected=visit.concept.type,
        found=visit.view.type.text,
        anchor=visit.concept.anchor,
    )


def _empty(visit: FieldVisit) -> Iterator[Finding]:
    assert visit.concept is not None  # noqa: S101 - the caller looked
    if 0 in (visit.view.shape or ()) and visit.concept.bounds.requirement == "required":
        yield finding("T15", visit.path, "is an empty array", anchor=_anchor(visit))


def _string_shape(visit: FieldVisit) -> Iterator[Finding]:
    """A string array where no dimensions are given."""
    concept, shape = visit.concept, visit.view.shape
    if concept is None or not shape or visit.view.type.kind != "string":
        return
    if concept.type not in _TEXT_TYPES or concept.dimensions is not None:
        return
    if _SPEAKS_OF_MANY.search(" ".join(concept.doc.split())):
        return
    if shape == (1,):
        yield finding("T14", visit.path, "is an array of one string", severity="info")
    else:
        yield finding(
            "T14",
            visit.path,
            f"is an array of strings {shape}, not one string",
            expected="one string",
            found=f"shape {shape}",
            anchor=concept.anchor,
        )


def _encoding(visit: FieldVisit) -> Iterator[Finding]:
    for text in reading.texts(visit):
        if reading.has_bad_bytes(text):
            yield finding("T16", visit.path, f"{reading.shown(text)} is not valid UTF-8")
            return


def _values(visit: FieldVisit, reason: str) -> Iterator[Finding]:
    """Values above zero, not negative, true or false; a type that could hold others only warns."""
    assert visit.concept is not None  # noqa: S101 - the caller looked
    code, expected, anchor = CODES[visit.concept.type], visit.concept.type, visit.concept.anchor
    for block in reading.blocks(visit):
        problem = values.check_values(expected, block)
        if problem:
            yield finding(code, visit.path, problem, expected=expected, anchor=anchor)
            return
    if reason:
        yield _mismatch(visit, reason, lenient=True)
    elif reading.field_bytes(visit.view) > visit.walk.options.max_read:
        yield finding(code, visit.path, "is too large to look at every value", severity="info")


def _sources(visit: FieldVisit) -> Iterator[Finding]:
    """Files that a virtual or external field takes its values from."""
    if not visit.view.shape:
        return  # a single value lies in the file itself
    missing = visit.view.storage.missing_files
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield finding("T18", visit.path, f"source file {missing[0]!r}{more} is missing")


def _readable(visit: FieldVisit) -> Iterator[Finding]:
    """Can the first value be read? Tells of missing filters and damaged chunks."""
    if not visit.view.shape or visit.view.storage.layout in _SIMPLE:
        return
    for number, name, available in visit.view.storage.filters:
        if not available:
            message = f"filter {number} ({name}) is not available here, values not checked"
            yield finding("T18", visit.path, message, hint="pip install hdf5plugin")
            return
    if reading.field_bytes(visit.view) > reading.BLOCK_BYTES:
        return
    try:
        _probe(visit.view)
    except Unreadable as error:
        yield finding("T18", visit.path, f"cannot be read: {error}")


def _probe(view: FieldView) -> None:
    if 0 not in (view.shape or ()):
        view.read_block(tuple(slice(0, _PROBE) for _ in view.shape or ()))
