"""NeXus to openPMD, whole files: by links in a copy, in a file beside it, or standalone."""

from __future__ import annotations

from pathlib import Path

import h5py

from nxtool.bridge.additions import Brought, Group, Note, Step
from nxtool.bridge.iterations import BASE, entries_of, iteration_steps
from nxtool.bridge.naming import Names
from nxtool.bridge.outcome import Manner, Outcome
from nxtool.bridge.overlay import additions_of, home_of, notes_of
from nxtool.bridge.placing import Origin
from nxtool.bridge.record import Form, recorded, store
from nxtool.bridge.standalone import first_iteration, turn_into_openpmd
from nxtool.bridge.surroundings import check_writable, left_behind
from nxtool.bridge.undo import record_of, undo
from nxtool.bridge.values import has_values
from nxtool.bridge.write import make
from nxtool.editing.replacing import changed_copy, new_file, relative
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.hdf5.opening import Hdf5File, open_to_read
from nxtool.hdf5.view import load_filters
from nxtool.openpmd.header import is_openpmd


def from_nexus(path: Path, manner: Manner) -> Outcome:
    """Make an openPMD file of the NeXus file at `path`; what was done. A file that was made of an
    openPMD file by copying becomes that file again.

    Raises:
        FileUnreadable: no HDF5, no NeXus, or nothing in it that openPMD can hold; damaged.
        OutputError: the target exists, or cannot be written.
        NxtoolError: something stands in the way; the text says what.
    """
    check_writable(path, manner.out)
    record = record_of(path)
    if record is not None and (record.direction, record.form) == ("to-nexus", "copy"):
        return undo(path, manner)
    if record is not None:
        raise NxtoolError(f"{path}: was bridged by nxtool already", hint="--strip takes it back")
    if manner.iterations == "frame" and manner.way != "copy":
        raise NxtoolError("single frames cannot be linked", hint="add --copy")
    return _WAYS[manner.way](path, manner)


def _overlay(path: Path, manner: Manner) -> Outcome:
    steps = _plan(path, manner, "")
    outcome = _outcome(path, manner.out, steps, "overlay")
    outcome.notes += left_behind(path, manner.out)
    with changed_copy(path, manner.out, overwrite=manner.overwrite, objects=len(steps)) as file:
        record = recorded("from-nexus", "overlay", make(file, additions_of(steps)))
        store(first_iteration(file), record)
    outcome.after = outcome.target.stat().st_size
    return outcome


def _sidecar(path: Path, manner: Manner) -> Outcome:
    out = manner.out
    if out is None:
        raise NxtoolError("a file to write is needed", hint="name it with -o")
    steps = _plan(path, manner, relative(path, out))
    outcome = _outcome(path, out, steps, "sidecar")
    load_filters()
    with (
        h5py.File(open_to_read(path)) as source,
        new_file(out, (path,), overwrite=manner.overwrite, objects=len(steps)) as file,
    ):
        record = recorded("from-nexus", "sidecar", make(file, additions_of(steps), source))
        store(first_iteration(file), record)
    outcome.after = out.stat().st_size
    return outcome


def _copy(path: Path, manner: Manner) -> Outcome:
    with Hdf5File(path) as opened:
        place = "/" + Names([*opened.root.links, BASE[1:]]).claim("nexus", "file")
    steps = _plan(path, manner, "", place)
    with h5py.File(open_to_read(path)) as source:
        steps = [_if_there(step, source) for step in steps]
        outcome = _outcome(path, manner.out, steps, "copy")
        with changed_copy(path, manner.out, overwrite=manner.overwrite, objects=len(steps)) as file:
            turn_into_openpmd(file, additions_of(steps), place, source)
    outcome.after = outcome.target.stat().st_size
    outcome.notes += left_behind(path, manner.out, moves=True)
    outcome.notes.append(Note(place, "holds all of the NeXus file, for openPMD tools to pass by"))
    return outcome


def _if_there(step: Step, source: h5py.File) -> Step:
    """A note in the place of values that no file holds any more."""
    if isinstance(step, Brought) and not has_values(source, step.target):
        return Note(step.target, "is made of files that are missing, and is not mapped")
    return step


_WAYS = {"overlay": _overlay, "sidecar": _sidecar, "copy": _copy}


def _plan(path: Path, manner: Manner, file: str, prefix: str = "") -> list[Step]:
    """The openPMD tree for the file at `path`."""
    with Hdf5File(path) as opened:
        root = opened.root
        if is_openpmd(root):
            raise NxtoolError(f"{path}: is openPMD already", hint="`to-nexus` makes NeXus of it")
        if not entries_of(root):
            raise FileUnreadable(f"{path}: holds no NXentry", hint="only NeXus files are bridged")
        if not file and not prefix and BASE[1:] in root.links:
            hint = "--copy moves it aside; --sidecar writes another file"
            raise NxtoolError(f"{path}: has {BASE} already, where openPMD has its data", hint=hint)
        origin = Origin(home_of(root), file, prefix, brings=bool(prefix))
        steps = list(iteration_steps(root, origin, manner.iterations, manner.tolerance))
    if not additions_of(steps):
        hint = "NXdata with a signal of numbers, NXevent_data, images and regular logs are"
        raise FileUnreadable(f"{path}: holds nothing that openPMD can hold", hint=hint)
    return steps


def _outcome(path: Path, out: Path | None, steps: list[Step], form: Form) -> Outcome:
    target = path.resolve() if out is None else out
    outcome = Outcome(path, target, "from-nexus", form, path.stat().st_size)
    outcome.mapped = _counted(steps)
    outcome.notes = notes_of(steps)
    return outcome


def _counted(steps: list[Step]) -> dict[str, int]:
    """How many iterations, meshes and species there are."""
    found = {"iteration": 0, "mesh": 0, "species": 0}
    for step in additions_of(steps):
        parts = step.path.split("/")[2:]
        if isinstance(step, Group) and len(parts) == 1 and step.path.startswith(BASE):
            found["iteration"] += 1
        elif len(parts) == 3 and step.path.startswith(BASE):
            found["mesh" if parts[1] == "meshes" else "species"] += 1
    return {name: count for name, count in found.items() if count}
