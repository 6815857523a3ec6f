"""Finding a definition by words.

Every word must be found somewhere; where it is found decides the rank: the name itself, its
beginning, a part of it, the synonyms and symbols, the first sentence, the rest of the
documentation. Case and `_` do not matter, and a word of five letters or more may have one typo.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nxtool.nxdl.doctext import first_sentence, plain
from nxtool.nxdl.elements import Definition

TYPO_LENGTH: Final = 5
"""Words of at least this length may be spelled wrongly in one place."""
_TYPO_COST: Final = 0.5

SYNONYMS: Final[Mapping[str, str]] = {
    "NXarpes": "arpes photoemission angle resolved",
    "NXazint1d": "azimuthal integration powder diffraction",
    "NXazint2d": "azimuthal integration powder diffraction",
    "NXcanSAS": "saxs sans small angle scattering reduced",
    "NXem": "tem sem stem electron microscopy",
    "NXfluo": "xrf fluorescence",
    "NXlauetof": "laue diffraction",
    "NXmpes": "xps arpes upes haxpes photoemission photoelectron spectroscopy",
    "NXmx": "mx crystallography diffraction protein eiger pilatus",
    "NXsas": "saxs sans small angle scattering raw",
    "NXsastof": "sans small angle scattering time of flight",
    "NXstxm": "stxm x-ray microscopy nexafs xanes",
    "NXtomo": "tomography ct imaging radiography raw",
    "NXtomophase": "tomography phase contrast imaging",
    "NXtomoproc": "tomography reconstruction volume",
    "NXxas": "xas xafs exafs xanes nexafs absorption spectroscopy",
    "NXxasproc": "xas xafs exafs xanes absorption spectroscopy processed",
    "NXxpcs": "xpcs photon correlation speckle",
    "NXxps": "xps photoemission photoelectron spectroscopy",
    "NXxrot": "rotation diffraction crystallography",
}
"""Words people look for that the definitions do not say."""


@dataclass(frozen=True)
class _Entry:
    """The places of one definition where a word can be found, best first."""

    definition: Definition

    @cached_property
    def short_name(self) -> str:
        return _folded(self.definition.name.removeprefix("NX"))

    @cached_property
    def places(self) -> tuple[frozenset[str], ...]:
        """The words of the synonyms and symbols, of the first sentence, of the documentation."""
        definition = self.definition
        extra = f"{SYNONYMS.get(definition.name, '')} {' '.join(definition.symbols)}"
        texts = (extra, first_sentence(definition.doc), plain(definition.doc, None))
        return tuple(frozenset(_words(text)) for text in texts)

    def cost(self, word: str) -> float | None:
        """How far from the name `word` is found: 0 for the name itself; None if nowhere."""
        for cost, found in enumerate(self._exact(word)):
            if found:
                return cost
        if len(word) < TYPO_LENGTH:
            return None
        for cost, words in enumerate(({self.short_name}, *self.places)):
            if any(is_one_typo(word, other) for other in words):
                return (cost + 2 if cost else 0) + _TYPO_COST
        return None

    def _exact(self, word: str) -> Iterator[bool]:
        name = self.short_name
        bare = word.removeprefix("nx") or word
        yield bare == name
        yield name.startswith(bare)
        yield len(bare) > 1 and bare in name
        for words in self.places:
            yield any(other.startswith(word) for other in words)


def search(definitions: Iterable[Definition], query: str) -> list[Definition]:
    """The definitions that have every word of `query`, best first; applications before base
    classes, among equals in alphabetical order. All of them where `query` is empty."""
    words = _words(query)
    joined = _folded(query)
    ranked: list[tuple[float, bool, str, Definition]] = []
    for definition in definitions:
        entry = _Entry(definition)
        cost = _total(entry, words)
        if joined and joined in (entry.short_name, f"nx{entry.short_name}"):
            cost = 0
        if cost is not None:
            ranked.append((cost, definition.category == "base", definition.name, definition))
    return [item[-1] for item in sorted(ranked, key=lambda item: item[:3])]


def _total(entry: _Entry, words: list[str]) -> float | None:
    total = 0.0
    for word in words:
        cost = entry.cost(word)
        if cost is None:
            return None
        total += cost
    return total


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower().replace("_", " "))


def _folded(text: str) -> str:
    return "".join(_words(text))


def is_one_typo(word: str, other: str) -> bool:
    """True if one letter more, less, other, or two letters swapped turn `word` into `other`.

    >>> is_one_typo("photoemision", "photoemission"), is_one_typo("form", "from")
    (True, True)
    >>> is_one_typo("tomo", "tomo"), is_one_typo("tomo", "homer")
    (False, False)
    """
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), -1)
    if start < 0:
        return True
    rest, other_rest = word[start:], other[start:]
    return (
        rest[1:] == other_rest
        or rest == other_rest[1:]
        or rest[1:] == other_rest[1:]
        or (rest[1::-1] == other_rest[:2] and rest[2:] == other_rest[2:])
    )
