"""What a module is, what it is told, and what it is given to make datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import numpy as np

from nxtool.storage.spec import FilterSpec, create_options
from nxtool.stream.growing import Growing, growing_dataset

if TYPE_CHECKING:
    import h5py
    from numpy.typing import NDArray

EPOCH: Final = "1970-01-01T00:00:00Z"
FIRST: Final = -(2**63)
LAST: Final = 2**63 - 1


class Unfit(Exception):
    """A message that its module cannot keep; says why in a few words. Of messages that were given
    together `rows` are the positions of those that were not kept, empty for all."""

    def __init__(self, reason: str = "", rows: Sequence[int] = ()) -> None:
        super().__init__(reason)
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when rows are wanted, both included; ns since 1970."""

    start: int = FIRST
    stop: int = LAST


@dataclass(frozen=True, slots=True)
class ModuleSpec:
    """Which module keeps the messages of which source, in which group of the file."""

    module: str
    topic: str
    source: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What was not simply written, by number of rows."""

    late: int = 0
    repeated: int = 0
    converted: int = 0


class Module(Protocol):
    """Keeps the messages of one source. First `lay_out`, with a message of its kind if there is
    one, or `resume`; then `add`, and in the end `finish`.

    `waits` is True while a message must come before the datasets can be made.
    """

    nx_class: ClassVar[str]
    schemas: ClassVar[tuple[str, ...]]
    spec: ModuleSpec
    tally: Tally

    @property
    def waits(self) -> bool: ...
    @property
    def rows(self) -> int: ...
    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None: ...
    def attach(self, columns: Mapping[str, Growing]) -> None: ...
    def add(self, message: Any) -> None: ...
    def end_at(self, stop: int) -> None: ...
    def settle(self) -> None: ...
    def finish(self, group: h5py.Group) -> None: ...


class Maker:
    """Makes growing datasets, with filters."""

    def __init__(self, filters: FilterSpec | None = None) -> None:
        self._filters = filters

    def __call__(
        self,
        group: h5py.Group,
        name: str,
        dtype: Any,
        row: tuple[int, ...] = (),
        *,
        rows_a_chunk: int = 0,
    ) -> h5py.Dataset:
        """A growing dataset without rows."""
        kind = np.dtype(dtype)
        options = dict(create_options(self._filters, kind)) if self._filters else {}
        return growing_dataset(group, name, dtype, row, rows_a_chunk=rows_a_chunk, filters=options)


def time_dataset(make: Maker, group: h5py.Group, name: str, rows_a_chunk: int) -> None:
    """A growing dataset of times in ns since 1970."""
    dataset = make(group, name, "u8", rows_a_chunk=rows_a_chunk)
    dataset.attrs["units"] = "ns"
    dataset.attrs["start"] = EPOCH


def stamped(times: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Times as they are written."""
    return times.view(np.uint64)
