"""What a definition is judged by: code, worst severity, title.

Codes are those of the rules for files that the fault would weaken: a wrong `dim` index is D03 here
as a wrong length is D03 there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool.findings import Finding, Mark, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of fault in a definition, and where the standard speaks of it."""

    severity: Severity
    title: str
    source: str


CODES: Final = {
    "S01": Code("error", "is not NXDL", "nxdl.xsd"),
    "S02": Code("error", "extends what is not there", "manual, Inheritance"),
    "S03": Code("warning", "concept that no item of a file can be", "manual, NXDL"),
    "S04": Code("warning", "contradicts the base class", "manual, Inheritance"),
    "S05": Code("error", "contradicts itself", "nxdl.xsd, minOccurs"),
    "S06": Code("error", "unknown type", "nxdlTypes.xsd"),
    "S08": Code("error", "choice without a choice", "nxdl.xsd, choice"),
    "S09": Code("warning", "target of a link that is no path", "nxdl.xsd, link"),
    "S10": Code("warning", "symbol that is not declared", "nxdl.xsd, symbols"),
    "S13": Code("warning", "item of an enumeration that cannot be read", "nxdl.xsd, enumeration"),
    "D01": Code("warning", "rank and dimensions differ", "nxdl.xsd, dimensions"),
    "D03": Code("error", "index of a dimension is wrong", "nxdl.xsd, dim"),
    "D04": Code("warning", "optional dimension before a required one", "nxdl.xsd, dim"),
    "G02": Code("error", "unknown class", "manual, Design"),
    "N01": Code("error", "name is not allowed", "nxdl.xsd, validItemName"),
    "N02": Code("warning", "name is too long", "manual, Rules for naming"),
    "U02": Code("error", "unknown category of units", "nxdlTypes.xsd"),
    "U07": Code("info", "units on text", "nxdlTypes.xsd"),
}


def fault(
    code: str, path: str, message: str, mark: Mark | None, *, severity: Severity | None = None,
    expected: str = "", found: str = "", hint: str = "",
) -> Finding:  # fmt: skip
    """A finding about a definition, as severe as its code unless said otherwise."""
    return Finding(
        code, severity or CODES[code].severity, path, message, expected, found, hint, mark=mark
    )
