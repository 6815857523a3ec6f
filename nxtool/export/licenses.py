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
_MORE: Final = (
    "0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Artistic-2.0", "BSL-1.0",
    "CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-PDDC", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0", "EPL-2.0", "EUPL-1.2", "GFDL-1.3-only", "GFDL-1.3-or-later",
    "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC",
    "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT-0",
    "MPL-2.0", "NLOD-2.0", "Unlicense", "Zlib",
)  # fmt: skip
"""Licences without a page of their own here; SPDX has one for each. Not the whole list."""
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
    page = next((text for text in (url, name) if is_web(text)), _page(spdx))
    return License(name or spdx or url, spdx, page)


def _page(spdx: str) -> str:
    return _URLS.get(spdx) or (f"{SCHEME}{spdx}" if spdx else "")


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
    table = {_plain(spdx): spdx for spdx in (*_URLS, *_MORE)}
    table |= {_plain(url): spdx for spdx, url in _URLS.items()}
    return table


def _plain(text: str) -> str:
    word = re.sub(r"^(?:https?://)?(?:www\.)?(?:spdx\.org/licenses/)?", "", text.strip().lower())
    word = re.sub(r"(?:\.html|/|/legalcode|/deed\.\w+)$", "", word)
    return re.sub(r"[\s_-]+", "-", word)
