"""What an export tells of the values it could not take as they are: code, severity, title.

An error is what the catalogue would refuse: nothing is written. A warning names a value that is
left out or cut; an info one that was changed on its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of note."""

    severity: Severity
    title: str


CODES: Final = {
    "X01": Code("error", "text is longer than the catalogue takes"),
    "X02": Code("warning", "text is cut"),
    "X03": Code("error", "date has no time zone"),
    "X04": Code("warning", "is no date"),
    "X05": Code("warning", "number has no units"),
    "X06": Code("warning", "units cannot be converted"),
    "X07": Code("warning", "is of the wrong kind"),
    "X08": Code("warning", "cannot be read"),
    "X09": Code("warning", "definition has no technique in PaNET"),
    "X10": Code("warning", "identifier is not valid"),
    "X11": Code("warning", "the catalogue has no place for it"),
    "X12": Code("warning", "differs between the files of a dataset"),
    "X13": Code("error", "name of a dataset is taken already"),
    "X14": Code("warning", "file is not part of the dataset"),
    "X15": Code("warning", "is too large to be summarised"),
    "X16": Code("error", "client of the catalogue cannot look it up"),
    "X20": Code("info", "converted"),
    "X21": Code("info", "summarised"),
    "X22": Code("info", "one of several is taken"),
    "X23": Code("info", "not in the file, and made"),
}


def note(code: str, path: str, message: str, hint: str = "") -> Finding:
    """A note about the value at `path`, as severe as its code."""
    return Finding(code, CODES[code].severity, path, message, hint=hint)
