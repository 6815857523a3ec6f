"""Identifiers that outlive a server, ORCID, and licences: their forms, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nxtool.export.licenses import spdx_of
from nxtool.export.transforms import orcid

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
_EMAIL: Final = re.compile(r"[\w.+-]@[\w-]+\.\w")
_LICENCE_URL: Final = re.compile(r"https://[\w-]+(\.[\w-]+)+/\S+", re.I)


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
    try:
        orcid(text[:LONGEST])
    except ValueError as error:
        return str(error)
    return ""


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
    return bool(spdx_of(text)) or _LICENCE_URL.fullmatch(text) is not None
