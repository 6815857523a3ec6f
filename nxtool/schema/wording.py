"""What a definition asks of a field or attribute, in a few words for people.

Templates show it behind a name, editors when the pointer rests on one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nxtool import units
from nxtool.nxdl.doctext import first_sentence
from nxtool.nxdl.elements import Dimensions, Enumeration
from nxtool.schema.concepts import AttributeConcept, FieldConcept

TYPES: Final[Mapping[str, str]] = {
    "NX_CHAR": "text",
    "NX_DATE_TIME": "date and time",
    "ISO8601": "date and time",
    "NX_FLOAT": "number",
    "NX_NUMBER": "number",
    "NX_INT": "integer",
    "NX_UINT": "integer from 0",
    "NX_POSINT": "integer from 1",
    "NX_BOOLEAN": "true or false",
    "NX_CHAR_OR_NUMBER": "text or number",
    "NX_COMPLEX": "complex number",
    "NX_CCOMPLEX": "complex number",
    "NX_PCOMPLEX": "complex number",
    "NX_QUATERNION": "quaternion",
    "NX_BINARY": "bytes",
}
MAX_ITEMS: Final = 6
MAX_CHOICES: Final = 120
"""Enumerations are cut to so many items, or so many letters."""
MAX_SENTENCE: Final = 170

_NUMERIC: Final = re.compile("number|integer|complex")


def facts(concept: FieldConcept | AttributeConcept) -> str:
    """Type, unit, choices and shape: `number in m (NX_LENGTH), array [nP]`."""
    enumeration = concept.enumeration
    words = choices(enumeration) if enumeration else TYPES.get(concept.type, concept.type)
    if isinstance(concept, FieldConcept) and _NUMERIC.search(words):
        words += unit_words(concept.units)
    shape = shape_words(concept.dimensions)
    return f"{words}, {shape}" if shape else words


def unit_words(category: str | None) -> str:
    """The unit of a category behind its type, empty where none is due."""
    example = units.example(category) if category else ""
    if not category or not example or category == "NX_DIMENSIONLESS":
        return ""
    if category == "NX_ANY":
        return " in any unit"
    return f" in {example} ({category})" if category in units.CATEGORIES else f" in {example}"


def choices(enumeration: Enumeration) -> str:
    """The values of an enumeration, the first few where there are many."""
    shown: list[str] = []
    for item in enumeration.items[:MAX_ITEMS]:
        if shown and len(" | ".join([*shown, item])) > MAX_CHOICES:
            break
        shown.append(item)
    more = f" … ({len(enumeration.items)} values)" if len(shown) < len(enumeration.items) else ""
    lead = "such as " if enumeration.open else ""
    return lead + " | ".join(shown) + more


def shape_words(dimensions: Dimensions | None) -> str:
    """The shape of an array as `array [nP, 3]`; empty where nothing is stated."""
    if dimensions is None:
        return ""
    if dimensions.dims:
        lengths = [dim.value or "n" for dim in dimensions.dims]
        return f"array [{', '.join(lengths)}]"
    rank = dimensions.rank
    return f"array of rank {rank}" if rank and rank != "0" else ""


def sentence(doc: str) -> str:
    """The first sentence of a reStructuredText, without its final stop and of bounded length."""
    text = first_sentence(doc).rstrip(".")
    if len(text) <= MAX_SENTENCE:
        return text
    return text[:MAX_SENTENCE].rsplit(" ", 1)[0].rstrip(",;:") + " …"
