"""Profiles: one word for the filters of a whole file, chosen by the kind of each dataset.

A recipe may say `archive` where it may say `gzip:4`, and `archive:smooth` where the kind cannot
be seen from type and shape. Every filter here is lossless and keeps every fixed-size type.

The choices follow the measurements of the design page "Compression filters" (sections 0 and 3):
bit shuffle suits counts, most of whose bits are zero; byte shuffle suits values that change
smoothly, where zstd finds more than LZ4; gzip is what every HDF5 reads. Differences of bytes make
smooth images and most floats smaller still, but not event numbers, and ask for a Blosc2 from 2023.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from nxtool.errors import FilterError
from nxtool.storage.spec import FilterSpec, parse_filter

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind: TypeAlias = Literal["counts", "smooth", "floats", "times", "records"]
"""What values are like, as far as filters care."""

KINDS: Final[Mapping[Kind, str]] = {
    "counts": "integers of two or more dimensions: photon counts, masks",
    "smooth": "the same where most values are above 15: absorption, cameras",
    "floats": "floating-point and complex numbers",
    "times": "integers in one dimension: times, event numbers, indices",
    "records": "compounds, text of fixed length and everything else",
}
"""What belongs to each kind."""

DARK: Final = 16
"""An image with a median below this counts single particles."""


class Profile(NamedTuple):
    """What a profile is for, and the filter for each kind of data."""

    purpose: str
    filters: Mapping[Kind, str]


def _same(word: str, counts: str = "", smooth: str = "") -> Mapping[Kind, str]:
    """`word` for every kind, but `counts` for these, and `smooth` for smooth images and floats."""
    others: dict[Kind, str] = {"counts": counts, "smooth": smooth, "floats": smooth}
    return {kind: others.get(kind) or word for kind in KINDS}


PROFILES: Final[Mapping[str, Profile]] = {
    "auto": Profile(
        "small and quick, with hdf5plugin", _same("zstd:3", "blosc2-zstd:1", "blosc2-bytedelta:1")
    ),
    "archive": Profile("the smallest files in open formats", _same("zstd:7", "blosc2-zstd:5")),
    "fast": Profile("the least time to write and to read", _same("bitshuffle-lz4")),
    "portable": Profile("read by every HDF5, without a plug-in", _same("gzip:4")),
    "h5wasm": Profile("viewers in a browser, by h5wasm-plugins", _same("zstd:3", "bitshuffle-lz4")),
}
"""Profiles by name."""


def kind_of(dtype: np.dtype[Any], rank: int, sample: np.ndarray[Any, Any] | None = None) -> Kind:
    """The kind of data by type, number of dimensions and, where there is one, a sample.

    >>> kind_of(np.dtype("u2"), 3), kind_of(np.dtype("u2"), 3, np.full((2, 2), 900))
    ('counts', 'smooth')
    """
    if dtype.kind in "fc":
        return "floats"
    if dtype.kind not in "iub":
        return "records"
    if rank < 2:
        return "times"
    if sample is None or not sample.size or dtype.kind == "b":
        return "counts"
    return "smooth" if float(np.median(sample)) >= DARK else "counts"


def choose_filter(
    text: str, dtype: np.dtype[Any], rank: int, sample: np.ndarray[Any, Any] | None = None
) -> FilterSpec:
    """The filter that the word of a recipe means for such data: a filter, or a profile's choice.

    >>> [choose_filter(word, np.dtype("u2"), 3).text for word in ("archive", "gzip")]
    ['blosc2-zstd:5', 'gzip:4']

    Raises:
        FilterError: there is no such filter, profile or kind of data.
    """
    word, colon, told = text.strip().lower().partition(":")
    profile = PROFILES.get(word)
    if profile is None:
        return _plain_filter(text, word)
    kind = _told_kind(text, told.strip()) if colon else kind_of(dtype, rank, sample)
    return parse_filter(profile.filters[kind])


def _plain_filter(text: str, word: str) -> FilterSpec:
    try:
        return parse_filter(text)
    except FilterError as error:
        near = difflib.get_close_matches(word[:40], PROFILES, 1, 0.7)
        if not near:
            raise
        hint = f"did you mean {near[0]}? profiles are {', '.join(PROFILES)}"
        raise FilterError(error.message, hint=hint) from error


def _told_kind(text: str, told: str) -> Kind:
    for kind in get_args(Kind):
        if told == kind:
            known: Kind = kind
            return known
    raise FilterError(
        f"{text.strip()[:40]!r} names no kind of data", hint=f"kinds are {', '.join(KINDS)}"
    )
