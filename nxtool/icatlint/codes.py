"""What a file for ICAT is judged by: code, worst severity, title, and who refuses it.

An error is what the server or python-icat refuses, or what loses or misplaces something written; a
warning what will hurt later; a note what may be meant so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nxtool.findings import Finding, Mark, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of fault, the way out of it, and where it is said to be one.

    `schema` says whether the official XSD finds it too: `yes`, `no`, or `partly`.
    """

    severity: Severity
    title: str
    help: str
    source: str
    schema: str = "no"


_XSD: Final = "schema of the format"
_SERVER: Final = "icat.server"
_CLIENT: Final = "python-icat"
_MEANING: Final = "what ICAT says the attribute is"

CODES: Final = {
    "C00": Code("error", "breaks the XML schema given by --xsd", "see the schema", _XSD, "yes"),
    "C01": Code(
        "error", "element or attribute that is not known there", "correct the name, or take it out",
        _XSD, "yes",
    ),
    "C02": Code(
        "error", "elements in the wrong order, or twice",
        "python-icat's ingest refuses it; icatingest.py does not look (then a warning)",
        _XSD, "yes",
    ),
    "C03": Code(
        "error", "element of a newer release", "take it out, or say --icat-version", _XSD, "yes"
    ),
    "C04": Code(
        "error", "what must be there is missing or empty", "add it", f"{_SERVER}, not null",
        "partly",
    ),
    "C05": Code(
        "error", "id of the wrong form", "letters, digits and _, a letter first", _XSD, "yes"
    ),
    "C06": Code(
        "error", "comment between elements of an object", "take it out: python-icat ends on it",
        f"{_CLIENT}, dumpfile_xml",
    ),
    "C07": Code("error", "text where there should be elements only", "take it out", _XSD, "yes"),
    "C10": Code("error", "is not a date with time", "2024-01-02T03:04:05+01:00", _XSD, "yes"),
    "C11": Code(
        "error", "date without UTC offset", "add it: the server would guess its own time zone",
        _SERVER,
    ),
    "C12": Code("error", "is not a number that can be stored", "leave it out", _SERVER, "partly"),
    "C13": Code("error", "is not one of the words allowed", "use one of them", _XSD, "yes"),
    "C14": Code("error", "text longer than the server takes", "shorten it", f"{_SERVER}, lengths"),
    "C15": Code("error", "empty units", "N/A where there are none", f"{_SERVER}, not null"),
    "C16": Code(
        "warning", "white space around a text", "take it out: it becomes part of the text", _CLIENT
    ),
    "C17": Code("warning", "negative, and cannot be", "correct the number", _MEANING),
    "C18": Code("warning", "range upside down, or a value outside of it", "correct it", _MEANING),
    "C19": Code("warning", "ends before it starts", "exchange or correct the dates", _MEANING),
    "C20": Code("error", "parameter without a value", "give one, or leave it out", _SERVER),
    "C21": Code(
        "error", "parameter with more than one value", "leave the one of its type", _SERVER
    ),
    "C22": Code(
        "error", "value of another kind than the type of the parameter", "use the right element",
        f"{_SERVER}, ParameterType",
    ),
    "C23": Code(
        "error", "value or use that the type of the parameter does not allow",
        "correct the value, or the type", f"{_SERVER}, ParameterType",
    ),
    "C30": Code(
        "error", "reference to nothing", "the id of an object above, or attributes of one on the "
        "server", f"{_CLIENT}, searchUniqueKey",
    ),
    "C31": Code("error", "reference to an object further down", "change the order", _CLIENT),
    "C32": Code(
        "error", "reference to an object of another <data>", "ids hold within one <data> only",
        f"{_CLIENT}, getobjs",
    ),
    "C33": Code("error", "reference to an object of another kind", "correct it", _SERVER),
    "C34": Code(
        "error", "reference that names nothing", "give ref, or name or pid",
        f"{_CLIENT}, search", "partly",
    ),
    "C35": Code(
        "error", "quote in a reference", "refer by an id: python-icat does not escape it",
        f"{_CLIENT}, search",
    ),
    "C36": Code(
        "warning", "reference both by id and by attributes", "python-icat looks at ref alone",
        f"{_CLIENT}, search",
    ),
    "C40": Code(
        "error", "id given twice", "refused in icatingest; in icatdata the last one counts "
        "(a warning)", f"{_CLIENT}, ingest",
    ),
    "C41": Code(
        "error", "second object with the same unique key", "rename or remove one",
        f"{_SERVER}, unique keys",
    ),
    "C42": Code(
        "warning", "objects nested in others",
        "write them below <data>: icatingest.py --duplicate CHECK refuses nested ones the second "
        "time", f"{_CLIENT}, icatingest.py",
    ),
    "C50": Code(
        "warning", "ORCID iD that cannot be right", "0000-0002-1825-0097", "ISO 7064, mod 11-2"
    ),
    "C51": Code("warning", "e-mail address without @", "correct it", "RFC 5322"),
    "C52": Code(
        "warning", "term of PaNET of the wrong form", "PaNET:PaNET01188",
        "python-icat's examples; PaNET",
    ),
}  # fmt: skip


def fault(
    code: str, mark: Mark, path: str, message: str, *, severity: Severity | None = None,
    expected: str = "", found: str = "", hint: str = "",
) -> Finding:  # fmt: skip
    """A finding about a file for ICAT, as severe as its code unless said otherwise.

    Names in the file may have any length; what is said of them has not.
    """
    known = CODES[code]
    path, message = _cut(path, 200), _cut(message, 500)
    return Finding(
        code, severity or known.severity, path, message, expected, found, hint or known.help,
        mark=mark,
    )  # fmt: skip


def quoted(text: str) -> str:
    """`text` for a message, cut where it is long."""
    return repr(_cut(text, 60))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
