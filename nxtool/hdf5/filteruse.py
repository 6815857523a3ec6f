"""The filters that the datasets of a file are behind, and what is amiss with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import h5py

from nxtool.errors import FileUnreadable
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.types import element_type
from nxtool.hdf5.view import FAULTS
from nxtool.hdf5.visiting import visit_objects
from nxtool.storage.blosc2frame import LOSSY, step_name, steps_of
from nxtool.storage.filterfacts import (
    BLOSC2,
    Grade,
    Loss,
    described,
    grade,
    loss,
    options_text,
)
from nxtool.storage.filters import available, missing_message
from nxtool.storage.lossrecord import RECORDS

LARGEST_CHUNK: Final = 64 * 1024 * 1024
"""Larger ones are not read to see how they are made."""


@dataclass(frozen=True, slots=True)
class UsedFilter:
    """One filter of a dataset: number, name and options as stored.

    `steps` are those a chunk of Blosc2 names itself, by number; none where that is not known.
    """

    number: int
    name_in_file: str
    options: tuple[int, ...]
    steps: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Name and options as a person would give them, and what the options do not tell."""
        named = described(self.number, self.options)
        if not self.steps or self.steps == self.options[5:6]:
            return named
        return f"{named} after {', '.join(map(step_name, self.steps))}"

    @property
    def available(self) -> bool:
        """Whether it works here."""
        return available(self.number)

    @property
    def loss(self) -> Loss:
        """Whether it changes values."""
        if LOSSY.intersection(self.steps):
            return "lossy"
        return loss(self.number, self.options)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something amiss, or (`note`) worth knowing."""

    severity: Literal["error", "warning", "note"]
    kind: Literal["missing-filter", "unrecorded-loss", "stored-raw", "damaged"]
    message: str


@dataclass(frozen=True, slots=True)
class DatasetFilters:
    """A dataset and its filters, in the order of writing.

    `chunks` counts those in the file, `raw` those at which a filter was left out. `recorded` says
    that attributes tell what was lost. `fault` is why the chunks could not be looked at.
    """

    path: str
    dtype: str
    shape: tuple[int, ...]
    filters: tuple[UsedFilter, ...]
    chunks: int = 0
    raw: int = 0
    recorded: bool = False
    fault: str = ""

    @property
    def readable(self) -> bool:
        """Whether every filter works here."""
        return all(one.available for one in self.filters)

    @property
    def grade(self) -> tuple[Grade, str]:
        """How sure the values are to be read in ten years: the least sure filter decides."""
        plain: tuple[Grade, str] = ("A", "stored without a filter")
        return max(
            (grade(one.number, one.options) for one in self.filters),
            key=lambda found: found[0],
            default=plain,
        )

    def problems(self) -> Iterator[Problem]:
        """What is amiss, the worst first."""
        for one in self.filters:
            if not one.available:
                text = options_text(one.number, one.options)
                message = missing_message(self.path, one.number, one.name_in_file, text)
                yield Problem("error", "missing-filter", message)
        if self.fault:
            yield Problem("error", "damaged", f"{self.path}: its chunks cannot be listed")
        for one in self.filters:
            if one.loss != "none" and not self.recorded:
                yield self._unrecorded(one)
        if self.raw:
            yield self._raw()

    def _unrecorded(self, one: UsedFilter) -> Problem:
        if one.loss == "lossy":
            message = f"{self.path}: {one.text} is lossy, and no attribute says how much was lost"
            return Problem("warning", "unrecorded-loss", message)
        message = f"{self.path}: {one.text} may be lossy, and no attribute says whether it was"
        return Problem("note", "unrecorded-loss", message)

    def _raw(self) -> Problem:
        if self.raw == self.chunks:
            message = f"{self.path}: a filter was left out at every chunk: it does nothing here"
            return Problem("warning", "stored-raw", message)
        message = f"{self.path}: a filter was left out at {self.raw} of {self.chunks} chunks"
        return Problem("note", "stored-raw", message)


def filters_in(path: Path) -> list[DatasetFilters]:
    """The datasets of the file at `path`, in its order; links to other files are not followed.

    Raises:
        FileUnreadable: it cannot be opened, or its groups are damaged or nested without end.
    """
    found: list[DatasetFilters] = []

    def look(name: str, node: Any) -> None:
        if isinstance(node, h5py.Dataset):
            found.append(_dataset(f"/{name}", node))

    with h5py.File(open_to_read(path)) as file:
        try:
            visit_objects(file, look)
        except FAULTS as error:
            raise FileUnreadable(f"{path}: is damaged: {error}", hint="copy it again") from error
    return found


def _dataset(path: str, dataset: h5py.Dataset) -> DatasetFilters:
    plist = dataset.id.get_create_plist()
    steps = [plist.get_filter(index) for index in range(plist.get_nfilters())]
    filters = tuple(
        UsedFilter(
            number,
            name.decode("utf-8", "replace"),
            tuple(options),
            _inner_steps(dataset) if number == BLOSC2 else (),
        )
        for number, _, options, name in steps
    )
    chunks, raw, fault = count_chunks(dataset) if filters else (0, 0, "")
    recorded = any(str(name).startswith(RECORDS) for name in dataset.attrs)
    shape = tuple(dataset.shape or ())
    return DatasetFilters(
        path, _type_text(dataset), shape, filters, chunks, raw, recorded, fault
    )  # fmt: skip


def _type_text(dataset: h5py.Dataset) -> str:
    """The type by its name in numpy, else what HDF5 calls it: numpy has no H5T_TIME."""
    try:
        return str(dataset.dtype)
    except (TypeError, ValueError, NotImplementedError):
        return element_type(dataset.id.get_type()).text


def _inner_steps(dataset: h5py.Dataset) -> tuple[int, ...]:
    """What the first chunk of Blosc2 tells; nothing where it cannot be had, or is very large."""
    try:
        if not dataset.id.get_num_chunks():
            return ()
        first = dataset.id.get_chunk_info(0)
        if first.filter_mask or first.size > LARGEST_CHUNK:
            return ()
        return steps_of(dataset.id.read_direct_chunk(first.chunk_offset)[1])
    except FAULTS:
        return ()


def count_chunks(dataset: h5py.Dataset) -> tuple[int, int, str]:
    """How many chunks there are, at how many a filter was left out, and what went wrong."""
    count = raw = 0

    def look(chunk: Any) -> None:
        nonlocal count, raw
        count += 1
        raw += bool(chunk.filter_mask)

    try:
        dataset.id.chunk_iter(look)
    except FAULTS as error:
        return count, raw, str(error)
    return count, raw, ""
