"""How far a file is whole: the rows of its growing datasets, and the positions in its sources.

It is one dataset of whole numbers in the file itself, written after the rows it counts have reached
the disk. What a killed writer left behind it is cut off, and its sources are read on from there:
every row is there once. It has two rows, written in turns: one that is written while its writer is
killed is known by its checksum, and the other one still holds.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nxtool.errors import FileUnreadable

if TYPE_CHECKING:
    import h5py
    from numpy.typing import NDArray

NAMES = "names"
VALUES = "values"


class Checkpoint:
    """The numbers by name: absolute paths of datasets, and names of sources."""

    def __init__(self, group: h5py.Group) -> None:
        self._values: h5py.Dataset = group[VALUES]
        self.names: tuple[str, ...] = tuple(json.loads(group[NAMES].asstr()[()]))
        self._turn, self._noted = _latest(self._values[()])

    def read(self) -> dict[str, int]:
        """The numbers noted last; -1 for what was never noted."""
        return dict(zip(self.names, self._noted, strict=True))

    def write(self, numbers: Mapping[str, int]) -> None:
        """Note the numbers of all names, at once."""
        self._turn += 1
        self._noted = [numbers.get(name, -1) for name in self.names]
        self._values[self._turn % 2] = _row(self._turn, self._noted)
        self._values.flush()


def _row(turn: int, numbers: Sequence[int]) -> NDArray[np.int64]:
    """Numbers as they are stored: how many were noted before, they, and a checksum of both."""
    row = np.array([turn, *numbers, 0], np.int64)
    row[-1] = zlib.crc32(row[:-1].tobytes())
    return row


def _latest(rows: NDArray[np.int64]) -> tuple[int, list[int]]:
    """The turn and the numbers of the later row; of one that is whole. Raises `ValueError`."""
    whole = [row for row in rows if zlib.crc32(row[:-1].tobytes()) == row[-1]]
    row = max(whole, key=lambda row: int(row[0])).tolist()
    return row[0], row[1:-1]


def lay_out(group: h5py.Group, names: Sequence[str]) -> Checkpoint:
    """A checkpoint for these names in `group`; numbers noted of them before are kept.

    Not while others may read the file: the dataset is made anew.
    """
    known = Checkpoint(group).read() if VALUES in group else {}
    for old in (NAMES, VALUES):
        if old in group:
            del group[old]
    group.create_dataset(NAMES, data=np.bytes_(json.dumps(list(names)).encode()))
    row = _row(0, [known.get(name, -1) for name in names])
    group.create_dataset(VALUES, data=[row, row], chunks=(1, len(row)))
    return Checkpoint(group)


def read_checkpoint(file: h5py.File, home: str) -> dict[str, int]:
    """The numbers noted in a file.

    Raises:
        FileUnreadable: there is no checkpoint in `home`, or it is damaged.
    """
    try:
        return Checkpoint(file[home]).read()
    except (KeyError, ValueError, TypeError, AttributeError, OSError, RuntimeError) as error:
        message = f"{file.filename}: holds no checkpoint in {home}"
        raise FileUnreadable(message, hint="it was not written by nxtool listen") from error
