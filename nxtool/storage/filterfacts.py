"""What is known of HDF5 filters: what they keep, who reads them, how long that will last.

Sources: the HDF Group's list of registered filter plugins, the documentation of hdf5plugin 7, our
own trials of every filter on 17 types (design page "Compression filters", section 2), Debian's
package lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from nxtool.storage.filters import REGISTERED, filter_name

Loss = Literal["none", "possible", "lossy"]
"""Whether values come back as they were: `possible` where the options cannot tell."""
Grade = Literal["A", "B", "C", "D"]
"""How sure one is to read data in ten years: A by any HDF5, B by several independent programs,
C by one program that is kept up, D by luck."""

EVERY: Final = "every fixed-size type"
_NUMBERS: Final = "integers and floats of 4 and 8 bytes"
_HDF5: Final = "every HDF5 library"


class Facts(NamedTuple):
    """Facts about one filter. `words` are the names it has in a recipe."""

    options: str
    lossless: str
    readers: str
    grade: Grade
    reason: str
    words: tuple[str, ...] = ()
    debian: str = ""


_DEBIAN: Final = "hdf5-filter-plugin"
_UNKNOWN: Final = Facts("", "", "", "D", "no package that reads it is known")

FACTS: Final[Mapping[int, Facts]] = {
    1: Facts("level 0-9", EVERY, _HDF5, "A", "part of HDF5", ("gzip",)),
    2: Facts("", EVERY, _HDF5, "A", "part of HDF5"),
    3: Facts("", EVERY, _HDF5, "A", "part of HDF5"),
    4: Facts(
        "coding, pixels per block", "numbers", "HDF5 built with libaec", "B",
        "part of HDF5, but left out of some builds", ("szip",),
    ),
    5: Facts("", "integers and floats of fewer bits", _HDF5, "A", "part of HDF5"),
    6: Facts("scale", "integers with scale 0", _HDF5, "A", "part of HDF5"),
    307: Facts(
        "block size 1-9", EVERY, "h5dump and others with a plug-in", "B",
        "an old open format", ("bzip2",), _DEBIAN,
    ),
    32000: Facts(
        "", EVERY, "h5py; PyTables", "B", "open source, a few hundred lines", ("lzf",),
        "hdf5-plugin-lzf",
    ),
    32001: Facts(
        "codec, level 0-9, shuffle 0-2", EVERY, "PyTables, h5dump and others with a plug-in", "B",
        "open source, kept up; Blosc2 follows it",
        ("blosc-blosclz", "blosc-lz4", "blosc-lz4hc", "blosc-zlib", "blosc-zstd"),
        "hdf5-filter-plugin-blosc-serial",
    ),
    32004: Facts(
        "block size", EVERY, "h5dump and others with a plug-in; Dectris", "B",
        "an open format with many programs", ("lz4",), _DEBIAN,
    ),
    32008: Facts(
        "block size, lz4 or zstd with a level 0-22", EVERY,
        "h5wasm, silx, DIALS, XDS by plug-in; Dectris writes it", "B",
        "open source, several independent decoders", ("bitshuffle-lz4", "bitshuffle-zstd"),
        _DEBIAN,
    ),
    32013: Facts(
        "rate, precision, accuracy, expert or reversible", f"{_NUMBERS}, if reversible",
        "HDF5 programs with H5Z-ZFP", "B", "open source, kept up, a versioned format",
        ("zfp-reversible",), "hdf5-filter-plugin-zfp-serial",
    ),
    32015: Facts(
        "level up to 22", EVERY, "netCDF, h5dump and others with a plug-in", "B",
        "an Internet standard (RFC 8878)", ("zstd",),
    ),
    32017: Facts(
        "error bound", "nothing for certain", "programs with SZ 2", "D",
        "deprecated by its authors for SZ3",
    ),
    32018: Facts(
        "", "integers of 1 and 2 bytes; others are stored raw", "EUMETSAT's programs", "C",
        "one program, though JPEG-LS is an ISO standard",
    ),
    32020: Facts("level, zigzag", "integers", "Oxford Nanopore's programs", "C", "one program"),
    32024: Facts(
        "error bound", "nothing for certain", "programs with SZ3", "D",
        "its authors do not promise that the format stays",
    ),
    32026: Facts(
        "codec, level 0-9, filter 0-4", EVERY, "PyTables, blosc2, h5py by direct chunks", "B",
        "open source, kept up, a documented format",
        (
            "blosc2-blosclz", "blosc2-lz4", "blosc2-lz4hc", "blosc2-zlib", "blosc2-zstd",
            "blosc2-bytedelta",
        ),
    ),
    32028: Facts(
        "rate, signal-to-noise ratio or error bound", "nothing; damages integers",
        "programs with SPERR", "C", "one program",
    ),
    32030: Facts("codec, rate", "", "h5ffmpeg", "C", "one program wraps it for HDF5"),
    32033: Facts(
        "", "integers of 1 and 2 bytes", "hdf5plugin 7.1 and later", "C",
        "one program, though JPEG 2000 part 15 is an ISO standard",
    ),
}  # fmt: skip

BLOSC2: Final = 32026
ZFP: Final = 32013
SCALEOFFSET: Final = 6
PLUGGED_CODECS: Final = 32
"""Codecs of Blosc2 from this number on are plug-ins of their own."""

_ALWAYS_LOSSY: Final = frozenset((32005, 32017, 32022, 32023, 32024, 32028, 32032))
_PERHAPS_LOSSY: Final = frozenset((258, 32014, 32016, 32019, 32021, 32030, 32031))
_REVERSIBLE: Final = 2176
"""The mode in the header of a zfp stream that loses nothing (zfp.c, zfp_stream_mode)."""
_TRUNCATE: Final = 4
_BLOSC_CODECS: Final = ("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd")


def facts(filter_id: int) -> Facts:
    """What is known of a filter; little, of one nobody supplies."""
    return FACTS.get(filter_id, _UNKNOWN)


def loss(filter_id: int, options: tuple[int, ...]) -> Loss:
    """Whether a filter with these stored options changes values."""
    if filter_id in _ALWAYS_LOSSY:
        return "lossy"
    if filter_id == ZFP:
        return _zfp_loss(options)
    if filter_id == SCALEOFFSET:
        return _scaleoffset_loss(options)
    if filter_id == BLOSC2 and len(options) > 6:
        changed = options[5] == _TRUNCATE or options[6] in range(33, 36)
        return "lossy" if changed else "none"
    unknown = filter_id not in REGISTERED
    return "possible" if unknown or filter_id in _PERHAPS_LOSSY else "none"


def _zfp_loss(options: tuple[int, ...]) -> Loss:
    """By the 12 bits of the mode, after 32 bits of magic and 52 of shape."""
    if len(options) < 4:
        return "possible"
    return "none" if options[3] >> 20 & 0xFFF == _REVERSIBLE else "lossy"


def _scaleoffset_loss(options: tuple[int, ...]) -> Loss:
    """Floats are cut to decimals (kinds 0 and 1); integers only if the bits are given."""
    if len(options) < 2:
        return "possible"
    if options[0] < 2:
        return "lossy"
    return "possible" if options[1] else "none"


def grade(filter_id: int, options: tuple[int, ...]) -> tuple[Grade, str]:
    """How sure data is to be read in ten years, and why."""
    if filter_id == BLOSC2 and len(options) > 6 and options[6] >= PLUGGED_CODECS:
        return "D", f"needs the plug-in for codec {options[6]} of Blosc2"
    known = facts(filter_id)
    return known.grade, known.reason


def options_text(filter_id: int, options: tuple[int, ...]) -> str:
    """The options a person would name; empty where there are none, or none are known."""
    if filter_id in (1, 32015) and options:
        return f"level {options[0]}"
    if filter_id == 32008 and len(options) > 4:
        codec = {0: "no codec", 2: "lz4", 3: "zstd"}.get(options[4], f"codec {options[4]}")
        return f"{codec}, level {options[5]}" if len(options) > 5 else codec
    if filter_id in (32001, BLOSC2) and len(options) > 4:
        number = options[6] if len(options) > 6 else 0
        known = number < len(_BLOSC_CODECS)
        codec = _BLOSC_CODECS[number] if known else f"codec {number}"
        return f"{codec}, level {options[4]}"
    if filter_id == ZFP and loss(filter_id, options) == "none":
        return "reversible"
    return ""


def described(filter_id: int, options: tuple[int, ...]) -> str:
    """Name and options: `bitshuffle (lz4)`."""
    text = options_text(filter_id, options)
    return f"{filter_name(filter_id)} ({text})" if text else filter_name(filter_id)
