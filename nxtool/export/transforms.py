"""What a mapping may do to a text on its way to the catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote

from nxtool.recipe.checks import did_you_mean

Transform = Callable[[str], str]
"""Gives the text to use instead. Raises `ValueError` where the text is not what it should be."""

_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?", re.ASCII)
_DOI_PAGE: Final = re.compile(r"https?://(?:dx\.)?doi\.org/", re.I)
_DOI: Final = re.compile(r"(?:doi:\s*)?(10\.\d{4,9}/\S+)", re.I)


def slug(text: str) -> str:
    """Plain letters, digits, `_` and `-` instead of everything else.

    >>> slug("Diamond Light Source"), slug("Größe 3/4")
    ('Diamond_Light_Source', 'Grosse_3_4')
    """
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    plain = folded.encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_") or "unnamed"


def orcid(text: str) -> str:
    """A bare ORCID iD whose check digit is right (ISO 7064, mod 11-2).

    >>> orcid("https://orcid.org/0000-0002-1825-0097")
    '0000-0002-1825-0097'
    """
    match = _ORCID.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not like 0000-0002-1825-0097")
    total = 0
    for digit in match[1].replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    due = "0123456789X"[(12 - total % 11) % 11]
    if due != match[1][-1]:
        raise ValueError(f"{match[1]!r} has check digit {match[1][-1]}, it must be {due}")
    return match[1]


def doi(text: str) -> str:
    """A bare DOI; of an address, where some characters are percent-encoded, as it was registered.

    >>> doi("https://doi.org/10.5442/NI000001"), doi("https://doi.org/10.1002/a%3C1::b%3E2")
    ('10.5442/NI000001', '10.1002/a<1::b>2')
    """
    page = _DOI_PAGE.match(text.strip())
    bare = unquote(text.strip()[page.end() :]) if page else text.strip()
    match = _DOI.fullmatch(bare)
    if match is None:
        raise ValueError(f"{text!r} is no DOI")
    return match[1]


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


_PLAIN: Final[Mapping[str, Transform]] = {
    "slug": slug, "orcid": orcid, "doi": doi, "lower": str.lower, "upper": str.upper,
    "first_line": _first_line,
}  # fmt: skip


def _before(mark: str) -> Transform:
    return lambda text: text.partition(mark)[0]


def _after(mark: str) -> Transform:
    return lambda text: text.partition(mark)[2] if mark in text else text


def _prefix(head: str) -> Transform:
    return lambda text: head + text


_WITH_TEXT: Final[Mapping[str, Callable[[str], Transform]]] = {
    "before": _before, "after": _after, "prefix": _prefix,
}  # fmt: skip


def transform(given: object) -> Transform:
    """What `as` names: `slug`, or a mapping of one: `{before: "-"}`.

    Raises:
        ValueError: there is no such thing.
    """
    if isinstance(given, str) and given in _PLAIN:
        return _PLAIN[given]
    if isinstance(given, dict) and len(given) == 1:
        ((name, argument),) = given.items()
        if name in _WITH_TEXT and isinstance(argument, str) and argument:
            return _WITH_TEXT[name](argument)
    known = [*_PLAIN, *(f'{{{name}: "…"}}' for name in _WITH_TEXT)]
    near = did_you_mean(str(given), _PLAIN)
    raise ValueError(f"{given!r} is not known: {near or 'one of ' + ', '.join(known)}")
