"""An openPMD file that is NeXus too: entries with links to what is there are added to it.

Planning looks at the file through views and closes it; only then a copy is written.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.bridge.additions import Addition, Note, Step
from nxtool.bridge.components import Source
from nxtool.bridge.entries import COLLECTION, entry_name, entry_steps, root_steps
from nxtool.bridge.record import Form, Record, recorded, store
from nxtool.bridge.write import make
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView
from nxtool.openpmd.header import is_openpmd, read_header
from nxtool.openpmd.model import Iteration, iterations_of
from nxtool.openpmd.series import last_number

if TYPE_CHECKING:
    import h5py


def plan_entries(path: Path, digits: int, *, file: str = "", name: str = "") -> list[Step]:
    """The entries for all iterations of `path`; with `file` they are for another file, and lead to
    `path` by that name. Titles call it `name`, if that is given.

    Raises:
        FileUnreadable: no HDF5, no openPMD, or without iterations.
        NxtoolError: a name that is needed is taken.
    """
    with Hdf5File(path) as opened:
        _check_openpmd(opened.root, path)
        steps = list(_steps(opened.root, path, digits, file, name or path.name))
    if not steps:
        raise FileUnreadable(f"{path}: holds no iterations", hint="nothing can be bridged")
    return steps


def _check_openpmd(root: GroupView, path: Path) -> None:
    if not is_openpmd(root):
        hint = "a NeXus file becomes openPMD with `nxtool openpmd from-nexus`"
        raise FileUnreadable(f"{path}: has no attribute openPMD at its root", hint=hint)


def base_of(path: Path) -> str:
    """The group that holds the iterations of a file."""
    with Hdf5File(path) as opened:
        return read_header(opened.root).iterations_path


def _steps(root: GroupView, path: Path, digits: int, file: str, called: str) -> Iterator[Step]:
    source = Source(home_of(root), file)
    first = ""
    for iteration in iterations_of(root, read_header(root)):
        if iteration.number is None:
            iteration.number = last_number(path)
        name = entry_name(iteration, digits)
        if not file and name in root.links:
            raise NxtoolError(
                f"{path}: has a group {name} already",
                hint="--digits gives the entries other names; --sidecar and --copy write elsewhere",
            )
        first = first or name
        title = f"iteration {iteration.number or 0} of {called}"
        yield from entry_steps(iteration, root, f"/{name}", title, source)
        _forget(iteration)
    if first and not file:
        yield from root_steps(root, first)


def home_of(root: GroupView) -> Hashable:
    """What the identities of objects of this file, and of no other, begin with."""
    identity = root.identity
    return identity[0] if isinstance(identity, tuple) else identity


def _forget(iteration: Iteration) -> None:
    """Give back what was read of the iteration: there may be very many."""
    for group in (iteration.meshes_group, iteration.particles_group, iteration.view):
        if group is not None:
            group.forget()


def notes_of(steps: Sequence[Step]) -> list[Note]:
    """The notes among the steps, each once."""
    return list(dict.fromkeys(step for step in steps if isinstance(step, Note)))


def additions_of(steps: Sequence[Step]) -> list[Addition]:
    """The steps that are not notes."""
    return [step for step in steps if not isinstance(step, Note)]


def add_entries(file: h5py.File, steps: Sequence[Step], form: Form) -> Record:
    """Add the entries to `file`, with the record of them in the first one."""
    made = make(file, additions_of(steps))
    record = recorded("to-nexus", form, made)
    store(file[record.groups[0]][COLLECTION], record)
    return record
