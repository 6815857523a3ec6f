"""What is done with each dataset: decided from what was asked for, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from nxtool.errors import FilterError
from nxtool.repack.objects import shown
from nxtool.repack.survey import Held
from nxtool.storage.chunks import CONTIGUOUS, Access, chunk_shape
from nxtool.storage.filterfacts import described
from nxtool.storage.pipeline import KNOWN
from nxtool.storage.profiles import choose_filter
from nxtool.storage.spec import FilterSpec, create_options

if TYPE_CHECKING:
    import numpy as np

Chunks: TypeAlias = "Access | Literal['keep']"
Sample: TypeAlias = "Callable[[], np.ndarray[Any, Any] | None]"
"""Gives some values of a dataset, to see of what kind they are."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. A `filter` wins over the `profile`; with neither, filters stay.

    `only` are patterns of paths; with none, every dataset is meant. `keep_unreadable` lets
    datasets pass whose filters are missing.
    """

    filter: FilterSpec | None = None
    profile: str = ""
    chunks: Chunks = "keep"
    only: tuple[str, ...] = ()
    keep_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done with a dataset. Without `chunks` it is stored as it was; without `filter` it
    keeps its filters. `why` says why it was left alone though it was meant.
    """

    chunks: tuple[int, ...] | None = None
    filter: FilterSpec | None = None
    why: str = ""


KEPT: Final = Treatment()


def is_meant(held: Held, patterns: tuple[str, ...]) -> bool:
    """Whether one of the paths of a dataset fits one of the patterns, if there are any."""
    ways = [shown(way) for way in held.ways]
    return not patterns or any(fnmatchcase(way, one) for way in ways for one in patterns)


def treatment(held: Held, request: Request, sample: Sample) -> Treatment:
    """What to do with a dataset."""
    if not is_meant(held, request.only) or not _can_be_chunked(held):
        return KEPT
    if not held.is_readable:
        return Treatment(why="a filter is missing here; its chunks are as they were")
    if held.is_lossy and request.filter is None:
        filters = " + ".join(described(one.number, one.options) for one in held.filters)
        return Treatment(why=f"{filters} may have changed its values; --filter takes it too")
    try:
        spec = _filter(held, request, sample)
    except FilterError as error:
        return Treatment(why=error.message)
    if spec is None and any(one.number not in KNOWN for one in held.filters):
        return Treatment(why="its filter cannot be asked for again with other chunks")
    chunks = _chunks(held, request.chunks, filtered=spec is not None and spec.name != "none")
    return (
        KEPT
        if chunks is None or (spec is None and chunks == held.chunks)
        else Treatment(chunks, spec)
    )


def _can_be_chunked(held: Held) -> bool:
    """Whether filters could do anything for it."""
    if not held.shape or not held.is_fixed or held.layout in ("virtual", "external"):
        return False
    return bool(held.filters) or held.size >= CONTIGUOUS


def _filter(held: Held, request: Request, sample: Sample) -> FilterSpec | None:
    """The filter for a dataset; None where it keeps its own."""
    spec = request.filter
    if spec is None and request.profile:
        rank = len(held.shape or ())
        image = rank > 1 and held.dtype.kind in "iu"
        spec = choose_filter(request.profile, held.dtype, rank, sample() if image else None)
    if spec is not None:
        create_options(spec, held.dtype)
    return spec


def _chunks(held: Held, wanted: Chunks, *, filtered: bool) -> tuple[int, ...] | None:
    """The shape of the chunks; None where the dataset stays without."""
    shape = held.shape or ()
    if wanted == "keep":
        if held.chunks or not filtered:
            return held.chunks or None
        wanted = "frame"
    axes = 2 if len(shape) > 1 else 0
    found = chunk_shape(shape, held.dtype.itemsize, axes, filtered=filtered, access=wanted)
    return found or held.chunks or None
