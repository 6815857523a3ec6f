"""What may be typed for a value: the words of an enumeration, units, a date, true or false."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from nxtool import units
from nxtool.build.fields import DATE_TYPES
from nxtool.schema.concepts import FieldConcept

if TYPE_CHECKING:
    from nxtool.schema.concepts import AttributeConcept

MAX_CHOICES: Final = 200
_NUMBER: Final = re.compile(r"(?P<number>.*[\d.\])])\s*(?P<unit>[^\d\[\](),]*)")


class Choice(NamedTuple):
    """A text for the editor, and a word about it."""

    text: str
    about: str = ""


def choices(
    concept: FieldConcept | AttributeConcept | None, typed: str, now: datetime
) -> list[Choice]:
    """What can be chosen where `typed` stands; `now` has its zone. Best first, none where
    nothing can be said."""
    if concept is None:
        return []
    if concept.enumeration is not None:
        return _ranked(concept.enumeration.items, typed)
    if concept.type == "NX_BOOLEAN":
        return _ranked(("true", "false"), typed)
    if concept.type in DATE_TYPES:
        # not today without a time: NeXus asks for both (T10)
        return [Choice(now.isoformat(timespec="seconds"), "now")]
    if isinstance(concept, FieldConcept) and concept.units is not None:
        return _with_units(concept.units, typed)
    return []


def _ranked(items: tuple[str, ...], typed: str) -> list[Choice]:
    """All items, those that begin with what is typed first, then those that hold it. Where the
    text is an item already, they keep their order."""
    word = typed.strip().lower()
    if typed in items:
        word = ""
    key = {item: (not item.lower().startswith(word), word not in item.lower()) for item in items}
    return [Choice(item) for item in sorted(items, key=key.__getitem__)][:MAX_CHOICES]


def _with_units(category: str, typed: str) -> list[Choice]:
    """The number that is typed with each unit of the category."""
    match = _NUMBER.fullmatch(typed.strip())
    if match is None:
        return []
    number, unit = match["number"].strip(), match["unit"].strip()
    known = [one for one in units.common(category) if one]
    if unit in known:
        return []
    fitting = [one for one in known if one.lower().startswith(unit.lower())]
    return [Choice(f"{number} {one}", category) for one in fitting or known]
