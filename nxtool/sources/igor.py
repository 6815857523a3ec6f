"""Igor Pro through the package igor2 (extra `igor`): binary waves and packed experiments.

A wave gives its values under ``""``, the scale of a dimension under `axis(0)`, its note under
`#note`, and a line `Date=05/01/2026` of the note under `#Date`. In an experiment the path of the
wave stands in front: `folder/wave:axis(0)`. The first dimension is the first axis of the array.
Source: Igor technical notes 3 and PTN003.
"""

from __future__ import annotations

import re
import struct
from functools import partial
from io import BytesIO
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import check_size, load, reading
from nxtool.sources.lookup import check_options
from nxtool.sources.memory import MemoryArray, parsed, per_frame, text_array
from nxtool.sources.namedarrays import NamedArrays
from nxtool.sources.textlines import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_LIMIT: Final = 2 << 30
_WAVE: Final = 3
_FOLDER: Final = 9
_FOLDER_END: Final = 10
_SUPERSEDED: Final = 0x8000
_RECORD: Final = 8
"""Kinds of records in an experiment, and the size of their head."""

_SIZES: Final = MappingProxyType(
    {1: "2xi", 2: "2xii", 3: "2xiii", 5: "4xiiii4i4ii"},
)
"""By version: where the header of a wave says how many bytes follow."""

_LINE: Final = re.compile(r"([^=:\r\n]+?)\s*[=:]\s*([^\r\n]*?)\s*\Z")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open binary waves; there are no options."""
    check_options("ibw", options, ())
    return _open_wave


def experiment_opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open packed experiments; there are no options."""
    check_options("pxp", options, ())
    return _open_experiment


def _open_wave(path: Path) -> NamedArrays:
    return NamedArrays(path, _wave_arrays(path, _load(path, _content(path))))


def _open_experiment(path: Path) -> NamedArrays:
    content = _content(path)
    records = next(filter(None, (_records(content, order) for order in "<>")), None)
    if records is None:
        raise SourceError(
            f"{path}: is no packed experiment", hint="the file is truncated or damaged"
        )
    arrays: dict[str, SourceArray] = {}
    folders: list[str] = []
    for kind, data in records:
        if kind == _FOLDER:
            folders.append(_text(data) + "/")
        elif kind == _FOLDER_END and folders:
            folders.pop()
        elif kind == _WAVE:
            wave = _load(path, data)
            before = "".join(folders) + _text(wave["wave_header"]["bname"])
            found = _wave_arrays(path, wave)
            arrays |= {f"{before}:{key}" if key else before: one for key, one in found.items()}
    if not arrays:
        raise SourceError(f"{path}: there is no wave in it")
    return NamedArrays(path, arrays)


def _content(path: Path) -> bytes:
    check_size(path, _LIMIT)
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error


def _records(content: bytes, order: str) -> list[tuple[int, bytes]] | None:
    """The kind and content of each record; None where they do not fill the file.

    Records that later ones supersede are left out.
    """
    found: list[tuple[int, bytes]] = []
    place = 0
    while place < len(content):
        if len(content) - place < _RECORD:
            return None
        kind, _, size = struct.unpack_from(f"{order}Hhi", content, place)
        place += _RECORD + size
        if size < 0 or place > len(content):
            return None
        if not kind & _SUPERSEDED:
            found.append((kind, content[place - size : place]))
    return found


def _load(path: Path, content: bytes) -> Mapping[str, Any]:
    """One wave as igor2 gives it, its sizes checked, for which igor2 would take any memory."""
    library = load("igor2.binarywave", f"reading the wave {path.name}", "igor")
    for order in "<>":
        version = struct.unpack_from(f"{order}h", content)[0] if len(content) > 1 else 0
        layout = _SIZES.get(version)
        if layout is not None and len(content) >= struct.calcsize(order + layout):
            sizes = struct.unpack_from(order + layout, content)
            if min(sizes) < 0 or sum(sizes) > len(content):
                hint = "the file is truncated or damaged"
                message = f"{path}: a wave claims {sum(sizes)} of {len(content)} bytes"
                raise SourceError(message, hint=hint)
            with reading(path, "igor2"):
                wave: Mapping[str, Any] = library.load(BytesIO(content))["wave"]
                return wave
    raise SourceError(f"{path}: is no Igor wave", hint="the file is truncated or damaged")


def _wave_arrays(path: Path, wave: Mapping[str, Any]) -> dict[str, SourceArray]:
    """What one wave offers, by selector."""
    with reading(path, "igor2"):
        return dict(_offers(wave))


def _offers(wave: Mapping[str, Any]) -> Iterator[tuple[str, SourceArray]]:
    header = wave["wave_header"]
    values = _values(wave["wData"])
    if values.size != header["npnts"]:
        raise ValueError(f"{values.size} values of a wave of {header['npnts']}")
    units = _text(wave.get("data_units", b"")) or _text(header["dataUnits"])
    yield "", MemoryArray(values, units or None)
    for index, axis in enumerate(_axes(wave, values.shape)):
        yield f"axis({index})", axis
    note = _text(wave.get("note", b""))
    yield "#note", MemoryArray(per_frame([note]))
    for key, value in _note_entries(note).items():
        yield f"#{key}", MemoryArray(per_frame(parsed([value])))


def _values(values: Any) -> np.ndarray[Any, Any]:
    array: np.ndarray[Any, Any] = np.ascontiguousarray(values)
    if array.dtype.kind == "S":
        texts = text_array([decoded(one) for one in array.ravel()])
        array = texts.reshape(array.shape)
    elif array.dtype.kind not in "iufc":
        raise ValueError(f"a wave of type {array.dtype}")
    return array


def _axes(wave: Mapping[str, Any], shape: tuple[int, ...]) -> Iterator[SourceArray]:
    """The scale of each dimension: start and step, as the header has them."""
    header = wave["wave_header"]
    if "sfA" in header:
        steps, starts = header["sfA"], header["sfB"]
        short = [_text(part) for part in header["dimUnits"]]
        sizes = [int(size) for size in wave["bin_header"]["dimEUnitsSize"]]
        packed = _raw(wave.get("dimension_units", b""))
        ends = np.cumsum([0, *sizes])
        long = [_text(packed[first:last]) for first, last in pairwise(ends)]
        units = [extended or brief for extended, brief in zip(long, short, strict=True)]
    else:
        steps, starts, units = [header["hsA"]], [header["hsB"]], [_text(header["xUnits"])]
    for length, step, start, unit in zip(shape, steps, starts, units, strict=False):
        yield MemoryArray(float(start) + float(step) * np.arange(length), unit or None)


def _note_entries(note: str) -> dict[str, str]:
    """The lines `key=value` and `key: value` of a note; of two with one key the first."""
    entries: dict[str, str] = {}
    for match in filter(None, map(partial(re.match, _LINE), re.split(r"[\r\n]+", note))):
        if match[2]:
            entries.setdefault(match[1].strip(), match[2])
    return entries


def _text(value: Any) -> str:
    return decoded(_raw(value)).replace("\0", "").strip(" ")


def _raw(value: Any) -> bytes:
    """The bytes of a field, which igor2 gives as bytes or as an array of single ones."""
    return value if isinstance(value, bytes) else b"".join(np.asarray(value).ravel().tolist())
