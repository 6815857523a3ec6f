"""What names of beamlines say: `mono_en` is the energy of a monochromator, `i0` the beam before the
sample."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SHORT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "mono": ("monochromator",), "dcm": ("monochromator",), "pgm": ("monochromator",),
        "en": ("energy",), "ene": ("energy",), "kev": ("energy",), "ev": ("energy",),
        "wl": ("wavelength",), "lambda": ("wavelength",),
        "i0": ("incoming", "beam", "monitor"), "i00": ("incoming", "beam"),
        "it": ("absorbed", "transmitted", "beam"), "i1": ("absorbed", "transmitted", "beam"),
        "itrans": ("absorbed", "transmitted", "beam"), "mon": ("monitor",),
        "iref": ("reference",), "if": ("absorbed", "fluorescence", "beam"),
        "temp": ("temperature",), "dist": ("distance",), "cam": ("detector",),
        "det": ("detector",), "img": ("detector", "data"), "image": ("detector", "data"),
        "exp": ("count", "time"), "exposure": ("count", "time"), "acquire": ("count", "time"),
        "th": ("theta", "rotation", "angle"), "theta": ("theta", "rotation", "angle"),
        "phi": ("phi", "rotation", "angle"), "omega": ("omega", "rotation", "angle"),
        "tth": ("two", "theta", "polar", "angle"), "ring": ("source",),
        "pixelsize": ("pixel", "size"), "volt": ("voltage",), "curr": ("current",),
    }
)  # fmt: skip
"""Short words of beamlines, and what they stand for."""
_EMPTY: Final = frozenset({"data", "value", "entry", "instrument", "name", "readback", "user"})
"""Words that say nothing of what the values are."""


def words_of(names: Iterable[str]) -> frozenset[str]:
    """The words in names, short ones written out; those that say nothing are left out.

    >>> sorted(words_of(["mono_en"]))
    ['energy', 'monochromator']
    """
    found: set[str] = set()
    for name in names:
        for part in re.split(r"[^A-Za-z0-9]+", name):
            found.update(_SHORT.get(part.lower(), ()) or _split(part))
    return frozenset(found - _EMPTY)


def _split(part: str) -> Iterable[str]:
    for word in _WORD.findall(part):
        yield from _SHORT.get(word.lower(), (word.lower(),))
