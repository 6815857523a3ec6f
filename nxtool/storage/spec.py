"""Filters by the words of a recipe: `gzip:4`, `bitshuffle-lz4`, `blosc2-zstd:5`.

A word names one lossless filter; the number is its level. Codecs that work byte by byte (gzip,
lzf, lz4, zstd, bzip2) are preceded by HDF5's shuffle for types of more than one byte, Blosc
and Blosc2 use their own bit shuffle: nobody has to ask for it. `blosc2-bytedelta` is zstd after
byte shuffle and the differences of neighbouring bytes. `none`, gzip and lzf need no plug-in to be
written, gzip and szip none to be read anywhere.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from nxtool.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np


BYTEDELTA: Final = "blosc2-bytedelta"
"""The one filter whose chunks HDF5 itself cannot make."""


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """A filter as asked for. `level` is None where the filter has none; `text` is canonical."""

    name: str
    level: int | None
    text: str
    lossless: bool = True

    @property
    def has_delta(self) -> bool:
        """True where chunks are made by `nxtool.storage.bytedelta`."""
        return self.name == BYTEDELTA


@dataclass(frozen=True, slots=True)
class _Codec:
    """What a name stands for: levels (lowest, default, highest) and the types it takes."""

    plugin: Literal["", "Bitshuffle", "Blosc", "Blosc2", "BZip2", "LZ4", "Zfp", "Zstd"] = ""
    inner: str = ""
    levels: tuple[int, int, int] | None = None
    shuffle: bool = False
    accepts: tuple[str, ...] = ()


_BLOSC_LEVELS: Final = (1, 5, 9)
_ZSTD_LEVELS: Final = (1, 3, 22)
_ZFP_TYPES: Final = ("i4", "u4", "i8", "u8", "f4", "f8")
_SZIP_TYPES: Final = ("b1", "i1", "u1", "i2", "u2", *_ZFP_TYPES)

_CODECS: Final[Mapping[str, _Codec]] = {
    "none": _Codec(),
    "gzip": _Codec(levels=(0, 4, 9), shuffle=True),
    "lzf": _Codec(shuffle=True),
    "szip": _Codec(accepts=_SZIP_TYPES),
    "bitshuffle-lz4": _Codec("Bitshuffle", "lz4"),
    "bitshuffle-zstd": _Codec("Bitshuffle", "zstd", _ZSTD_LEVELS),
    "blosc-blosclz": _Codec("Blosc", "blosclz", _BLOSC_LEVELS),
    "blosc-lz4": _Codec("Blosc", "lz4", _BLOSC_LEVELS),
    "blosc-lz4hc": _Codec("Blosc", "lz4hc", _BLOSC_LEVELS),
    "blosc-zlib": _Codec("Blosc", "zlib", _BLOSC_LEVELS),
    "blosc-zstd": _Codec("Blosc", "zstd", _BLOSC_LEVELS),
    "blosc2-blosclz": _Codec("Blosc2", "blosclz", _BLOSC_LEVELS),
    "blosc2-lz4": _Codec("Blosc2", "lz4", _BLOSC_LEVELS),
    "blosc2-lz4hc": _Codec("Blosc2", "lz4hc", _BLOSC_LEVELS),
    "blosc2-zlib": _Codec("Blosc2", "zlib", _BLOSC_LEVELS),
    "blosc2-zstd": _Codec("Blosc2", "zstd", _BLOSC_LEVELS),
    BYTEDELTA: _Codec("Blosc2", "zstd", (1, 1, 9)),
    "zstd": _Codec("Zstd", levels=_ZSTD_LEVELS, shuffle=True),
    "lz4": _Codec("LZ4", shuffle=True),
    "bzip2": _Codec("BZip2", levels=(1, 9, 9), shuffle=True),
    "zfp-reversible": _Codec("Zfp", accepts=_ZFP_TYPES),
}
_ALIASES: Final[Mapping[str, str]] = {
    "bitshuffle": "bitshuffle-lz4",
    "blosc": "blosc-lz4",
    "blosc2": "blosc2-zstd",
    "deflate": "gzip",
    "bslz4": "bitshuffle-lz4",
    "bszstd": "bitshuffle-zstd",
}

NAMES: Final[tuple[str, ...]] = tuple(_CODECS)
"""Every filter name, as a recipe may use it."""


def parse_filter(text: str) -> FilterSpec:
    """The filter that a recipe asks for, case-insensitively.

    >>> parse_filter("GZIP").text, parse_filter("bitshuffle").text, parse_filter("zstd:9").level
    ('gzip:4', 'bitshuffle-lz4', 9)

    Raises:
        FilterError: the name is unknown, or the level is not one of this filter.
    """
    word, colon, digits = text.strip().lower().partition(":")
    name = _ALIASES.get(word, word)
    codec = _CODECS.get(name)
    if codec is None:
        raise _unknown(text, word)
    level = _level(text, name, codec, digits.strip() if colon else None)
    return FilterSpec(name, level, name if level is None else f"{name}:{level}")


def _unknown(text: str, word: str) -> FilterError:
    close = difflib.get_close_matches(word[:40], [*NAMES, *_ALIASES], 3, 0.6)
    like = f"did you mean {' or '.join(close)}? " if close else ""
    return FilterError(
        f"{text.strip()[:40]!r} is not a filter", hint=f"{like}known are {', '.join(NAMES)}"
    )


def _level(text: str, name: str, codec: _Codec, digits: str | None) -> int | None:
    if codec.levels is None:
        if digits is None:
            return None
        raise FilterError(f"{text.strip()!r}: {name} has no level", hint=f"write {name}")
    lowest, default, highest = codec.levels
    if digits is None:
        return default
    if digits.isascii() and digits.isdigit() and len(digits) < 4:
        level = int(digits)
        if lowest <= level <= highest:
            return level
    raise FilterError(
        f"{text.strip()!r}: the level of {name} is a number from {lowest} to {highest}",
        hint=f"for instance {name}:{default}",
    )


def create_options(spec: FilterSpec, dtype: np.dtype[np.generic]) -> Mapping[str, object]:
    """Keyword arguments for h5py's `create_dataset` that apply the filter to this dtype.

    Empty for `none`, and for text and objects of variable length: HDF5 filters would see only
    pointers, and Blosc2 kills the interpreter on them. Szip needs chunks of 8 elements or more.
    Lzf and Blosc store a chunk raw (filter mask 1) where they cannot make it smaller, which
    does no damage.

    Raises:
        FilterError: the filter refuses such elements, or stores them raw without a word.
    """
    codec = _CODECS[spec.name]
    if spec.name == "none" or dtype.hasobject or dtype.kind in "OU" or not dtype.itemsize:
        return {}
    if codec.accepts and f"{dtype.kind}{dtype.itemsize}" not in codec.accepts:
        raise FilterError(
            f"{spec.name} cannot store {dtype}",
            hint="use gzip, zstd or bitshuffle, which keep every fixed-size type",
        )
    options = _builtin_options(spec) if not codec.plugin else _plugin_options(spec, codec)
    shuffle = {"shuffle": True} if codec.shuffle and dtype.itemsize > 1 else {}
    return options | shuffle


def _builtin_options(spec: FilterSpec) -> dict[str, object]:
    level = {} if spec.level is None else {"compression_opts": spec.level}
    return {"compression": spec.name, **level}


def _plugin_options(spec: FilterSpec, codec: _Codec) -> dict[str, object]:
    import hdf5plugin

    arguments: dict[str, object]
    if codec.plugin == "Blosc":
        arguments = {"shuffle": hdf5plugin.Blosc.BITSHUFFLE}
    elif codec.plugin == "Blosc2":
        kinds = hdf5plugin.Blosc2
        arguments = {"filters": kinds.SHUFFLE if spec.has_delta else kinds.BITSHUFFLE}
    elif codec.plugin == "Zfp":
        arguments = {"reversible": True}
    else:
        arguments = {}
    if codec.inner:
        arguments["cname"] = codec.inner
    if spec.level is not None:
        arguments["blocksize" if codec.plugin == "BZip2" else "clevel"] = spec.level
    return dict(getattr(hdf5plugin, codec.plugin)(**arguments))
