"""SPC files (Galactic, Thermo): spectra with their axis, little endian, version 4B.

Spectra on one axis are the data, a row each where there are several; `x` is the axis, `z` what
each was taken at. Spectra with axes of their own go by number: `1`, `1:x`. Header keys: `#date`,
`#comment`, `#resolution`, `#source`, `#log`. Whole numbers with an exponent become float64.
Source: A Brief Guide to SPC File Format (Thermo Galactic, 2001).
"""

from __future__ import annotations

import struct
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import check_size
from nxtool.sources.lookup import check_options
from nxtool.sources.memory import MemoryArray, per_frame
from nxtool.sources.namedarrays import NamedArrays
from nxtool.sources.textlines import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_LIMIT: Final = 1 << 30
_HEADER: Final = struct.Struct("<BBBbiddiBBBBi9s9sh32s130s30si")
_HEADER_SIZE: Final = 512
_SUB: Final = struct.Struct("<BbHfffiif4x")
_LOG: Final = struct.Struct("<III")
_SHORT, _MANY, _OWN_AXES, _AXIS = 1, 4, 64, 128
_FLOAT: Final = -128
_UNITS: Final = {
    1: "1/cm",
    2: "um",
    3: "nm",
    4: "s",
    5: "min",
    6: "Hz",
    7: "kHz",
    8: "MHz",
    13: "1/cm",
    14: "eV",
    18: "deg",
    19: "degF",
    20: "degC",
    21: "K",
    23: "ms",
    24: "us",
    25: "ns",
    26: "GHz",
    27: "cm",
    28: "m",
    29: "mm",
    30: "h",
}
"""The codes of axes that have a unit."""


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open SPC files; there are no options."""
    check_options("spc", options, ())
    return _open


def _open(path: Path) -> NamedArrays:
    """Read one file.

    Raises:
        SourceError: it is too large, truncated, or of a version not read here.
    """
    check_size(path, _LIMIT)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    return NamedArrays(path, dict(_Spectra(path, content).arrays()), "spectrum or header key")


class _Spectra:
    """What the bytes of a file say."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content
        if content[1:2] != b"\x4b":
            raise SourceError(
                f"{path}: is no SPC file of version 4B", hint="older ones must be converted"
            )
        self._at(0, _HEADER_SIZE)
        found = _HEADER.unpack_from(content)
        self._flags, _, _, self._exponent, self._points, self._first, self._last = found[:7]
        self._count, self._xtype, _, self._ztype, _, self._date = found[7:13]
        self._resolution, self._source, _, _, self._comment, _, self._log = found[13:]
        self._place = _HEADER_SIZE

    def arrays(self) -> Iterator[tuple[str, SourceArray]]:
        """Everything there is, by selector."""
        shared = self._shared_axis()
        subs = [self._spectrum() for _ in range(max(1, self._count))]
        units = _UNITS.get(self._xtype)
        if shared is None:
            for number, (own, values, _) in enumerate(subs, start=1):
                yield str(number), MemoryArray(values)
                yield f"{number}:x", MemoryArray(own, units)
        else:
            if len({values.dtype for _, values, _ in subs}) > 1:
                raise SourceError(f"{self._path}: its {len(subs)} spectra have several types")
            rows = [values for _, values, _ in subs]
            yield "", MemoryArray(np.stack(rows) if self._flags & _MANY else rows[0])
            yield "x", MemoryArray(shared, units)
        if self._flags & _MANY:
            places = np.array([place for _, _, place in subs])
            yield "z", MemoryArray(places, _UNITS.get(self._ztype))
        yield from self._header()

    def _shared_axis(self) -> np.ndarray[Any, Any] | None:
        """The axis of all spectra; None where each has its own."""
        if self._flags & _OWN_AXES:
            return None
        if self._flags & _AXIS:
            return self._numbers(np.dtype("<f4"), self._points)
        self._at(self._place, self._points)  # at least a byte a point must follow
        return np.linspace(self._first, self._last, self._points)

    def _spectrum(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], float]:
        """The axis of its own (or none), the values and the place of the next spectrum."""
        _, exponent, _, place, *_, points, _, _ = _SUB.unpack(self._at(self._place, _SUB.size))
        self._place += _SUB.size
        own = self._flags & _OWN_AXES
        count = points if own else self._points
        axis = self._numbers(np.dtype("<f4"), count if own else 0)
        shift = exponent if self._flags & _MANY else self._exponent
        if _FLOAT in (shift, self._exponent):
            return axis, self._numbers(np.dtype("<f4"), count), place
        kind = np.dtype("<i2" if self._flags & _SHORT else "<i4")
        values = self._numbers(kind, count)
        return axis, np.ldexp(values.astype(np.float64), shift - 8 * kind.itemsize), place

    def _numbers(self, dtype: np.dtype[Any], count: int) -> np.ndarray[Any, Any]:
        raw = self._at(self._place, count * dtype.itemsize)
        self._place += len(raw)
        return np.frombuffer(raw, dtype)

    def _at(self, place: int, size: int) -> bytes:
        if size < 0 or place < 0 or place + size > len(self._content):
            raise SourceError(
                f"{self._path}: {size} bytes are due at byte {place}, the file ends at"
                f" {len(self._content)}",
                hint="the file is truncated or damaged",
            )
        return self._content[place : place + size]

    def _header(self) -> Iterator[tuple[str, SourceArray]]:
        texts = {
            "date": self._moment(),
            "comment": _text(self._comment),
            "resolution": _text(self._resolution),
            "source": _text(self._source),
            "log": self._log_text(),
        }
        for key, text in texts.items():
            if text:
                yield f"#{key}", MemoryArray(per_frame([text]))

    def _moment(self) -> str:
        """The date as ISO text; empty where it is none."""
        bits = self._date & 0xFFFFFFFF
        minute, hour, day = bits & 63, bits >> 6 & 31, bits >> 11 & 31
        month, year = bits >> 16 & 15, bits >> 20
        if not prod((day, month, year)):
            return ""
        return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00"

    def _log_text(self) -> str:
        """The text of the log; empty where there is none."""
        if not self._log:
            return ""
        size, _, start = _LOG.unpack(self._at(self._log, _LOG.size))
        return _text(self._at(self._log + start, size - start))


def _text(raw: bytes) -> str:
    return decoded(raw.split(b"\0", 1)[0]).strip()
