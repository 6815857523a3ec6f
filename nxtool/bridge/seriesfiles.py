"""Files of a series brought together in one, iteration by iteration; data moves as it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from nxtool.bridge.moving import copy_attribute, names_of
from nxtool.build.disk import open_for_writing
from nxtool.build.partfile import part_file
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.hdf5.opening import Hdf5File, open_to_read
from nxtool.hdf5.view import FAULTS
from nxtool.openpmd.header import read_header
from nxtool.openpmd.model import iterations_of


@contextmanager
def merged_file(files: Sequence[Path], out: Path) -> Iterator[Path]:
    """One file beside `out` with the iterations of all `files`, for the time of the block. Its root
    says what that of the first one says, but that iterations are groups.

    Raises:
        FileUnreadable: a file is damaged.
        NxtoolError: two files have the same iteration.
    """
    with part_file(out.with_name(f"{out.name}.merged")) as part:
        with open_for_writing(part, "x") as target:
            for path in files:
                _bring(path, target)
        yield part


def _bring(path: Path, target: h5py.File) -> None:
    with Hdf5File(path) as opened:
        base = read_header(opened.root).base_path
        places = [(one.number, one.path) for one in iterations_of(opened.root)]
    try:
        with h5py.File(open_to_read(path)) as source:
            if not target.attrs:
                _root_attributes(source, target, base)
            for number, place in places:
                if place in target or number is None or place == "/":
                    hint = "each file of a series holds an iteration of its own"
                    raise NxtoolError(f"{path}: {place} cannot be brought together", hint=hint)
                target.require_group(place.rpartition("/")[0] or "/")
                source.copy(source[place], target, name=place)
    except FAULTS as error:
        raise FileUnreadable(f"{path}: is damaged: {error}", hint="restore the file") from error


def _root_attributes(source: h5py.File, target: h5py.File, base: str) -> None:
    for name in names_of(source):
        if name not in ("iterationEncoding", "iterationFormat"):
            copy_attribute(source, target, name)
    target.attrs["iterationEncoding"] = np.bytes_("groupBased")
    target.attrs["iterationFormat"] = np.bytes_(base)
