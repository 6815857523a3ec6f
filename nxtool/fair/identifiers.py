"""Identifiers that outlive a server, ORCID, and licences: their forms, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nxtool.fair.wording import quoted

LONGEST: Final = 1000
"""So many letters of an identifier are looked at."""
_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "DOI": re.compile(r"(https?://(dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}(\.\d+)*/\S+", re.I),
    "UUID": re.compile(r"(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I),
    "ARK": re.compile(r"(https?://[^\s/]+/)?ark:/?\d{5,}/\S+", re.I),
    "HDL": re.compile(r"(https?://hdl\.handle\.net/|hdl:)[^\s/]+/\S+", re.I),
    "ROR": re.compile(r"https?://ror\.org/0[a-z0-9]{6}\d\d", re.I),
    "PURL": re.compile(r"https?://([^\s/]*\.)?(purl\.[^\s/]+|w3id\.org)/\S+", re.I),
    "URN": re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:\S+", re.I),
}
"""Forms that tell by themselves what they are."""
_BY_TYPE: Final[Mapping[str, re.Pattern[str]]] = {
    "HDL": re.compile(r"((https?://hdl\.handle\.net/|hdl:)?[\w.]+/\S+)", re.I),
    "IGSN": re.compile(r"(igsn:\s*|https?://igsn\.org/)?[A-Z0-9./-]{5,}", re.I),
    "PURL": re.compile(r"https?://\S+/\S+", re.I),
}
"""Forms that are one only where the attribute `type` says so."""
_OTHER_NAMES: Final[Mapping[str, str]] = {"HANDLE": "HDL", "GUID": "UUID"}
_NIL: Final = "00000000-0000-0000-0000-000000000000"
_PANET: Final = re.compile(r"PaNET(:PaNET)?_?\d{5,}")
_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])/?")
_EMAIL: Final = re.compile(r"[\w.+-]@[\w-]+\.\w")
_LICENCE_URL: Final = re.compile(r"https://[\w-]+(\.[\w-]+)+/\S+", re.I)

SPDX: Final = frozenset(
    ("0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0",
     "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0",
     "CC-BY-4.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0",
     "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-3.0", "CC-BY-ND-4.0", "CC-BY-SA-3.0",
     "CC-BY-SA-4.0", "CC-PDDC", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0",
     "CDLA-Sharing-1.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0", "EPL-2.0", "etalab-2.0", "EUPL-1.2",
     "GFDL-1.3-only", "GFDL-1.3-or-later", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
     "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only",
     "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "NLOD-2.0", "ODbL-1.0", "ODC-By-1.0",
     "OGL-UK-3.0", "PDDL-1.0", "Unlicense", "Zlib")
)  # fmt: skip
"""Licences for data and software, as https://spdx.org/licenses calls them; not the whole list."""
_SPDX_LOWER: Final = frozenset(name.lower() for name in SPDX)


def persistent_kind(value: str, type_: str = "") -> str:
    """What kind of persistent identifier this is (`DOI`, `UUID`, …); empty if it is none.

    `type_` is what NeXus calls the type of an identifier: where one is given, the form must fit.

    >>> persistent_kind("10.1107/S1600576714027575"), persistent_kind("scan 12", "DOI")
    ('DOI', '')
    """
    value = value.strip()[:LONGEST]
    if _NIL in value:
        return ""
    wanted = type_.strip().upper()
    wanted = _OTHER_NAMES.get(wanted, wanted)
    if wanted in _FORMS or wanted in _BY_TYPE:
        forms = (_FORMS.get(wanted), _BY_TYPE.get(wanted))
        return wanted if any(form is not None and form.fullmatch(value) for form in forms) else ""
    return next((kind for kind, form in _FORMS.items() if form.fullmatch(value)), "")


def names_panet(text: str) -> bool:
    """Whether a text names a term of PaNET, as IRI or short.

    >>> names_panet("http://purl.org/pan-science/PaNET/PaNET01188"), names_panet("SAXS")
    (True, False)
    """
    return _PANET.search(text) is not None


def orcid_problem(text: str) -> str:
    """What is wrong with an ORCID; empty if it is one.

    >>> orcid_problem("https://orcid.org/0000-0002-1825-0097"), orcid_problem("0000-0002-1825-0098")
    ('', "'0000-0002-1825-0098' has check digit 8, it must be 7")
    """
    match = _ORCID.fullmatch(text.strip())
    if match is None:
        return f"{quoted(text)} is not like 0000-0002-1825-0097"
    digits = match[1].replace("-", "")
    due = _check_digit(digits[:-1])
    if digits[-1] == due:
        return ""
    return f"{quoted(match[1])} has check digit {digits[-1]}, it must be {due}"


def _check_digit(digits: str) -> str:
    """ISO 7064, MOD 11-2."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11]


def has_email(text: str) -> bool:
    """Whether there is an e-mail address in a text.

    >>> has_email("Ada <ada@example.org>"), has_email("ada @ home")
    (True, False)
    """
    return "@" in text and _EMAIL.search(text) is not None


def is_licence_id(text: str) -> bool:
    """Whether a text is the identifier of a licence in our part of the SPDX list, or its URL.

    >>> is_licence_id("CC-BY-4.0"), is_licence_id("https://spdx.org/licenses/MIT")
    (True, True)
    >>> is_licence_id("ask us")
    False
    """
    text = text.strip()[:LONGEST]
    return text.lower() in _SPDX_LOWER or _LICENCE_URL.fullmatch(text) is not None
