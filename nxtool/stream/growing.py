"""A dataset that grows by rows: they are gathered in memory, and written when they are many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import h5py

Values = NDArray[Any]

CHUNK_BYTES: Final = 1 << 16
"""How large the chunks of growing datasets are, unless their rows are larger."""
LARGE: Final = 1 << 18
"""Pieces of so many bytes are quicker written one by one than joined."""


class Growing:
    """The rows of one dataset, which is one that can grow along its first axis.

    `rows` counts all of them, those in memory too; `waiting` are the bytes in memory.
    """

    def __init__(self, dataset: h5py.Dataset) -> None:
        self._dataset = dataset
        self._written: int = dataset.shape[0]
        self._parts: list[Values] = []
        self._begun: Values | None = None
        self._filters: int = dataset.id.get_create_plist().get_nfilters()
        self.rows = self._written
        self.waiting = 0

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its values."""
        found: np.dtype[Any] = self._dataset.dtype
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one row."""
        found: tuple[int, ...] = self._dataset.shape[1:]
        return found

    def attribute(self, name: str) -> str | None:
        """A text attribute of the dataset, None where it has none of that name."""
        found = self._dataset.attrs.get(name)
        return found if isinstance(found, str) else None

    def attach(self, dataset: h5py.Dataset) -> None:
        """Go on with the same dataset in a file that was opened anew."""
        self._dataset = dataset

    def append(self, values: Values) -> None:
        """Add rows: an array with one more axis than a row has. It must not change afterwards."""
        self._parts.append(values)
        self.rows += len(values)
        self.waiting += values.nbytes

    def put(self, rows: Values, values: Values) -> None:
        """Write these rows now, in whatever order; those between that never came are the fill
        value. Not together with `append`."""
        self.rows = self._written = max(self._written, int(rows.max()) + 1)
        if self._dataset.shape[0] < self.rows:
            self._dataset.resize(self.rows, axis=0)
        first, last = int(rows[0]), int(rows[-1])
        if last - first == len(rows) - 1 and (np.diff(rows) == 1).all():
            self._dataset[first : last + 1] = values
        else:
            unique, latest = np.unique(rows[::-1], return_index=True)
            self._dataset[unique] = values[::-1][latest]

    @property
    def room(self) -> int:
        """How many bytes of the disk the rows in memory will take."""
        return self.room_for(self.rows) if self._parts else 0

    def room_for(self, rows: int) -> int:
        """How many bytes the new chunks take with which there are so many rows."""
        chunk = self._dataset.chunks
        new: int = max(0, -(-rows // chunk[0]) - -(-self._written // chunk[0]))
        size: int = self._dataset.dtype.itemsize * int(np.prod(chunk))
        return new * size

    def write(self) -> None:
        """Move the rows in memory to the dataset."""
        if not self._parts:
            return
        self._dataset.resize(self.rows, axis=0)
        are_large = self.waiting >= len(self._parts) * LARGE
        for part in self._parts if are_large else [np.concatenate(self._parts)]:
            if self._filters and self._dataset.chunks[0] > 1:
                self._write_filtered(part)
            else:
                self._dataset[self._written : self._written + len(part)] = part
            self._written += len(part)
        self._parts, self.waiting = [], 0

    def _write_filtered(self, part: Values) -> None:
        """Write rows of a dataset with filters. A chunk that is not full passes none, and stays so:
        filtered anew with every row it would change its size and take another place, and the file
        of a reader may not use the old one again."""
        chunk = self._dataset.chunks[0]
        place = self._written - self._written % chunk
        begun = self._dataset[place : self._written] if self._begun is None else self._begun
        rows = np.concatenate([begun, part])
        old = min(len(rows), chunk) if len(begun) else 0
        whole = old + (len(rows) - old) // chunk * chunk
        if old:
            self._store(place, rows[:old])
        if whole > old:
            self._dataset[place + old : place + whole] = rows[old:whole]
        if len(rows) > whole:
            self._store(place + whole, rows[whole:])
        self._begun = rows[len(rows) // chunk * chunk :].copy()

    def _store(self, place: int, rows: Values) -> None:
        """Put rows into the chunk that begins at this place, past the filters. HDF5 cannot read it
        before the file is opened anew (2.0.0 remembers that it passed them)."""
        chunk = np.full(self._dataset.chunks, self._dataset.fillvalue, self._dataset.dtype)
        chunk[: len(rows)] = rows
        offsets = (place, *(0 for _ in chunk.shape[1:]))
        none_of_them = (1 << self._filters) - 1
        self._dataset.id.write_direct_chunk(offsets, chunk.tobytes(), none_of_them)

    def tail(self, rows: int) -> Values:
        """The last rows of the dataset, without those in memory. Not after `write`, only in a file
        that was opened anew."""
        found: Values = self._dataset[max(0, self._written - rows) : self._written]
        return found

    def cut(self, rows: int) -> None:
        """Forget the rows from this one on, as they were not noted as whole."""
        self._dataset.resize(rows, axis=0)
        self._written = self.rows = rows
        self._begun = None


def growing_dataset(
    group: h5py.Group,
    name: str,
    dtype: Any,
    row: tuple[int, ...] = (),
    *,
    rows_a_chunk: int = 0,
    filters: dict[str, Any] | None = None,
) -> h5py.Dataset:
    """A new dataset without rows; `filters` are arguments of `Group.create_dataset`."""
    dtype = np.dtype(dtype)
    size = max(1, dtype.itemsize * int(np.prod(row)))
    rows = rows_a_chunk or max(1, CHUNK_BYTES // size)
    fill = np.nan if dtype.kind == "f" else None
    return group.create_dataset(
        name, (0, *row), dtype, chunks=(rows, *row), maxshape=(None, *row), fillvalue=fill,
        **(filters or {}),
    )  # fmt: skip
