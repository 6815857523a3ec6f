"""openPMD to NeXus, whole files: by links in a copy, in a file beside it, or standalone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.bridge.additions import Addition, Group, Step
from nxtool.bridge.outcome import Manner, Outcome
from nxtool.bridge.overlay import (
    add_entries,
    additions_of,
    base_of,
    notes_of,
    plan_entries,
)
from nxtool.bridge.record import Form
from nxtool.bridge.seriesfiles import merged_file
from nxtool.bridge.standalone import turn_into_nexus
from nxtool.bridge.surroundings import check_writable, left_behind
from nxtool.bridge.undo import record_of
from nxtool.build.fixedtext import set_value
from nxtool.editing.replacing import changed_copy, check_free, new_file, relative
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.openpmd.opening import ADIOS_SUFFIXES, TEXT_SUFFIXES
from nxtool.openpmd.series import find_series

if TYPE_CHECKING:
    import h5py


_OTHERS: Final = TEXT_SUFFIXES | ADIOS_SUFFIXES


def to_nexus(path: Path, manner: Manner) -> list[Outcome]:
    """Make a NeXus file of the openPMD file or series at `path`; what was done, for each file.

    Raises:
        FileUnreadable: no HDF5, no openPMD, damaged.
        OutputError: the target exists, or cannot be written.
        NxtoolError: something stands in the way; the text says what.
    """
    files = [file.path for file in find_series(path).files]
    other = next((file for file in files if file.suffix.lower() in _OTHERS), None)
    if other is not None:
        raise FileUnreadable(f"{other}: is not HDF5", hint="openpmd-pipe converts it")
    if manner.way == "sidecar":
        return [_sidecar(files, manner)]
    if manner.way == "copy":
        return [_copy(files, manner)]
    return [_overlay(file, _out_for(file, files, manner), manner) for file in files]


def _out_for(file: Path, files: Sequence[Path], manner: Manner) -> Path | None:
    """The target for one file of a series, for which `out` is a folder."""
    if manner.out is None or len(files) == 1:
        return manner.out
    if not manner.out.is_dir():
        hint = "-o FOLDER takes a series; --sidecar and --copy make one file of it"
        raise NxtoolError(f"{manner.out}: is no folder for {len(files)} files", hint=hint)
    return manner.out / file.name


def _overlay(path: Path, out: Path | None, manner: Manner) -> Outcome:
    check_writable(path, out)
    _refuse_bridged(path)
    steps = plan_entries(path, manner.digits)
    outcome = _outcome(path, out, steps, "overlay")
    outcome.notes += left_behind(path, out)
    with changed_copy(path, out, overwrite=manner.overwrite, objects=len(steps)) as file:
        add_entries(file, steps, "overlay")
    outcome.after = outcome.target.stat().st_size
    return outcome


def _sidecar(files: Sequence[Path], manner: Manner) -> Outcome:
    out = _needed(manner)
    steps: list[Step] = []
    for path in files:
        steps += plan_entries(path, manner.digits, file=relative(path, out))
    _check_names(steps, out)
    outcome = _outcome(files[0], out, steps, "sidecar")
    with new_file(out, tuple(files), overwrite=manner.overwrite, objects=len(steps)) as file:
        add_entries(file, steps, "sidecar")
        mark_root(file)
    outcome.after = out.stat().st_size
    return outcome


def _copy(files: Sequence[Path], manner: Manner) -> Outcome:
    if len(files) > 1:
        out = _needed(manner)
        check_free(out, tuple(files), overwrite=manner.overwrite)
        with merged_file(files, out) as merged:
            return _copy_one(merged, files[0], manner)
    return _copy_one(files[0], files[0], manner)


def _copy_one(path: Path, named: Path, manner: Manner) -> Outcome:
    check_writable(path, manner.out)
    _refuse_bridged(path)
    steps = plan_entries(path, manner.digits, name=named.name)
    outcome = _outcome(named, manner.out, steps, "copy")
    outcome.notes += left_behind(path, manner.out, moves=True)
    base = base_of(path)
    with changed_copy(path, manner.out, overwrite=manner.overwrite, objects=len(steps)) as file:
        turn_into_nexus(file, additions_of(steps), base)
    outcome.after = outcome.target.stat().st_size
    return outcome


def _outcome(path: Path, out: Path | None, steps: Sequence[Step], form: Form) -> Outcome:
    target = path.resolve() if out is None else out
    outcome = Outcome(path, target, "to-nexus", form, path.stat().st_size)
    outcome.mapped = counted(additions_of(steps))
    outcome.notes = notes_of(steps)
    return outcome


def counted(additions: Sequence[Addition]) -> dict[str, int]:
    """How many groups of each class are added."""
    groups = (one.attributes.get("NX_class") for one in additions if isinstance(one, Group))
    return dict(Counter(str(found) for found in groups if found in ("NXentry", "NXdata")))


def _refuse_bridged(path: Path) -> None:
    """A file is bridged once. Raises `NxtoolError`."""
    if record_of(path) is not None:
        raise NxtoolError(f"{path}: was bridged by nxtool already", hint="--strip takes it back")


def _needed(manner: Manner) -> Path:
    if manner.out is None:
        raise NxtoolError("a file to write is needed", hint="name it with -o")
    return manner.out


def _check_names(steps: Sequence[Step], out: Path) -> None:
    entries = [
        one.path
        for one in additions_of(steps)
        if isinstance(one, Group) and one.path.count("/") == 1
    ]
    twice = [name for name, count in Counter(entries).items() if count > 1]
    if twice:
        raise NxtoolError(f"{out}: two files have the iteration of {twice[0][1:]}")


def mark_root(file: h5py.File) -> None:
    """Say in a new file that it is NeXus, and what to look at."""
    set_value(file, "NX_class", "NXroot")
    set_value(file, "default", next(iter(file)))
