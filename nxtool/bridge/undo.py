"""A bridged file as it was before: what was added is taken out, what was moved goes back."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import h5py

from nxtool.bridge.outcome import Manner, Outcome
from nxtool.bridge.record import Record, find_record
from nxtool.bridge.standalone import restore
from nxtool.bridge.strip import strip
from nxtool.editing.replacing import changed_copy
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.view import FAULTS


def record_of(path: Path) -> Record | None:
    """The record of the file at `path`, None where it was not bridged. Raises `FileUnreadable`."""
    try:
        with h5py.File(open_to_read(path)) as file:
            return find_record(file)
    except FAULTS as error:
        reason = " ".join(str(error).split())
        raise FileUnreadable(f"{path}: is damaged: {reason}", hint="restore the file") from error


def undo(path: Path, manner: Manner) -> Outcome:
    """Give back the file that was bridged.

    Raises:
        FileUnreadable: missing, no HDF5, damaged, or its record makes no sense.
        NxtoolError: nothing was added to it by nxtool.
    """
    record = record_of(path)
    if record is None:
        hint = "only what `nxtool openpmd` added is taken out"
        raise NxtoolError(f"{path}: holds no record of nxtool", hint=hint)
    if record.form == "sidecar":
        raise NxtoolError(
            f"{path}: is a file of links alone", hint="delete it; the data is elsewhere"
        )
    target = path.resolve() if manner.out is None else manner.out
    form: Literal["restore", "strip"] = "restore" if record.form == "copy" else "strip"
    outcome = Outcome(path, target, record.direction, form, path.stat().st_size)
    with changed_copy(path, manner.out, overwrite=manner.overwrite, objects=0) as file:
        (restore if record.form == "copy" else strip)(file, record)
    outcome.after = target.stat().st_size
    return outcome
