"""The licence of a dataset, by the identifiers of SPDX: https://spdx.org/licenses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from nxtool.export.record import Record

SCHEME: Final = "https://spdx.org/licenses/"
_CC: Final = "https://creativecommons.org/licenses"
_URLS: Final = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    **{
        f"CC-{words.upper()}-{version}": f"{_CC}/{words}/{version}/"
        for words in ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")
        for version in ("3.0", "4.0")
    },
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "etalab-2.0": "https://spdx.org/licenses/etalab-2.0.html",
    "DL-DE-BY-2.0": "https://www.govdata.de/dl-de/by-2-0",
    "DL-DE-ZERO-2.0": "https://www.govdata.de/dl-de/zero-2-0",
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "MIT": "https://opensource.org/license/mit/",
    "BSD-2-Clause": "https://opensource.org/license/bsd-2-clause/",
    "BSD-3-Clause": "https://opensource.org/license/bsd-3-clause/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
}
_WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class License:
    """A licence: its name as given, its identifier in SPDX and its page, empty where unknown."""

    name: str
    spdx: str = ""
    url: str = ""


def license_of(record: Record) -> License | None:
    """The licence of a dataset; None where nothing is said of one."""
    name, url = record.text("license.name"), record.text("license.url")
    if not (name or url):
        return None
    spdx = spdx_of(name) or spdx_of(url)
    page = next((text for text in (url, name) if is_web(text)), _URLS.get(spdx, ""))
    return License(name or spdx or url, spdx, page)


def is_web(text: str) -> bool:
    """Whether `text` is an address on the web that may stand in a document as it is.

    >>> is_web("https://example.org/a?b=1"), is_web("https://example.org/<b>")
    (True, False)
    """
    return _WEB.fullmatch(text) is not None


def spdx_of(text: str) -> str:
    """The identifier in SPDX of the licence that `text` names, empty where it is not known.

    >>> spdx_of("CC BY 4.0"), spdx_of("https://creativecommons.org/licenses/by/4.0")
    ('CC-BY-4.0', 'CC-BY-4.0')
    """
    return _table().get(_plain(text), "")


@cache
def _table() -> dict[str, str]:
    table = {_plain(spdx): spdx for spdx in _URLS}
    table |= {_plain(url): spdx for spdx, url in _URLS.items()}
    return table


def _plain(text: str) -> str:
    word = re.sub(r"^(?:https?://)?(?:www\.)?(?:spdx\.org/licenses/)?", "", text.strip().lower())
    word = re.sub(r"(?:\.html|/|/legalcode|/deed\.\w+)$", "", word)
    return re.sub(r"[\s_-]+", "-", word)
