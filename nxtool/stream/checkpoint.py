"""How far a file is whole: the rows of its growing datasets, and the positions in its sources.

It is one dataset of whole numbers in the file itself, written after the rows it counts have reached
the disk. What a killed writer left behind it is cut off, and its sources are read on from there:
every row is there once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nxtool.errors import FileUnreadable

if TYPE_CHECKING:
    import h5py

NAMES = "names"
VALUES = "values"


class Checkpoint:
    """The numbers by name: absolute paths of datasets, and names of sources."""

    def __init__(self, group: h5py.Group) -> None:
        self._values: h5py.Dataset = group[VALUES]
        self.names: tuple[str, ...] = tuple(json.loads(group[NAMES].asstr()[()]))

    def read(self) -> dict[str, int]:
        """The numbers noted last; -1 for what was never noted."""
        return dict(zip(self.names, self._values[()].tolist(), strict=True))

    def write(self, numbers: Mapping[str, int]) -> None:
        """Note the numbers of all names, at once."""
        found = np.array([numbers.get(name, -1) for name in self.names], np.int64)
        if len(found):
            self._values[:] = found
            self._values.flush()


def lay_out(group: h5py.Group, names: Sequence[str]) -> Checkpoint:
    """A checkpoint for these names in `group`; numbers noted of them before are kept.

    Not while others may read the file: the dataset is made anew.
    """
    known = Checkpoint(group).read() if VALUES in group else {}
    for old in (NAMES, VALUES):
        if old in group:
            del group[old]
    group.create_dataset(NAMES, data=np.bytes_(json.dumps(list(names)).encode()))
    numbers = np.array([known.get(name, -1) for name in names], np.int64)
    group.create_dataset(VALUES, data=numbers, chunks=(max(1, len(names)),), maxshape=(None,))
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
