"""Does a name in a file fit the name of a concept?

NXDL names are `specified` (exact), `partial` (upper-case runs stand for anything, the rest is
literal) or `any`. See nxdl.xsd, nameType, and the manual, "Rules for naming".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from nxtool.nxdl.elements import NameType

EXACT: Final = 1_000_000
"""Score of an exact name; every other fit is worth less."""
ANY: Final = 0
NO_FIT: Final = -1

_UPPER_RUN: Final = re.compile(r"[A-Z]+(?:_[A-Z]+)*")
_SYNTAX: Final = re.compile(r"[\^$\\.*+?()\[\]{}|]")
_VALID: Final = re.compile(r"[a-zA-Z0-9_](?:[a-zA-Z0-9_.]*[a-zA-Z0-9_])?")


def is_valid_name(name: str) -> bool:
    """True for a name NeXus allows for groups, fields and attributes (nxdl.xsd, validItemName).

    >>> is_valid_name("x_1"), is_valid_name("1.1"), is_valid_name("bad name"), is_valid_name("x.")
    (True, True, False, False)
    """
    return _VALID.fullmatch(name) is not None


def score(concept: str, name_type: NameType, name: str) -> int:
    """How well `name` fits: EXACT, a positive number for a partial fit, ANY, or NO_FIT.

    Of two partial fits the one with more literal letters is better.

    >>> score("FIELDNAME_errors", "partial", "energy_errors") > 0
    True
    >>> score("data", "specified", "Data") == NO_FIT
    True
    """
    if name == concept:
        return EXACT
    if name_type == "any":
        return ANY if is_valid_name(name) else NO_FIT
    if name_type == "partial" and _pattern(concept).fullmatch(name):
        return 1 + len(_UPPER_RUN.sub("", concept))
    return NO_FIT


@lru_cache(maxsize=4096)
def _pattern(concept: str) -> re.Pattern[str]:
    return re.compile(pattern(concept))


def pattern(concept: str) -> str:
    """A regular expression, of Python and of JavaScript, for all that fits a `partial` name: every
    upper-case run becomes "any name characters", the rest stays literal.

    >>> pattern("FIELDNAME_errors")
    '[a-zA-Z0-9_.]*_errors'
    """
    parts: list[str] = []
    end = 0
    for run in _UPPER_RUN.finditer(concept):
        parts += [literal(concept[end : run.start()]), "[a-zA-Z0-9_.]*"]
        end = run.end()
    return "".join([*parts, literal(concept[end:])])


def literal(name: str) -> str:
    """A regular expression, of Python and of JavaScript, for this name alone.

    >>> literal("a(b)-c")
    'a\\\\(b\\\\)-c'
    """
    return _SYNTAX.sub(r"\\\g<0>", name)


def placeholder(concept: str, name: str) -> str | None:
    """What the first upper-case run of `concept` stands for in `name`; None if it does not fit.

    >>> placeholder("FIELDNAME_errors", "energy_errors")
    'energy'
    """
    run = _UPPER_RUN.search(concept)
    if run is None:
        return None
    head, tail = re.escape(concept[: run.start()]), re.escape(concept[run.end() :])
    fit = re.fullmatch(f"{head}([a-zA-Z0-9_.]*){tail}", name)
    return fit[1] if fit else None
