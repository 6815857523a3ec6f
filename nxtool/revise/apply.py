"""Revisions planned on a file and made on a copy of it, which then takes its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.build.fixedtext import set_value
from nxtool.editing.replacing import changed_copy
from nxtool.errors import FileUnreadable
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import GroupView
from nxtool.openpmd.header import is_openpmd
from nxtool.revise.downgrade import downgrade_steps
from nxtool.revise.faults import remedies
from nxtool.revise.model import Remark, Revised, Revision, Set, Step
from nxtool.revise.upgrade import upgrade_steps

if TYPE_CHECKING:
    import h5py

Planner = Callable[[GroupView], Iterator[Step]]


def upgrade_file(path: Path, out: Path | None, *, overwrite: bool = False) -> Revised:
    """Bring a copy of `path` to the draft of openPMD 2.0, and put it at `out`; None means in the
    place of `path` itself.

    Raises:
        FileUnreadable: no HDF5, no openPMD, damaged.
        OutputError: `out` exists, is `path`, or cannot be written.
    """
    return _revised(path, out, upgrade_steps, overwrite=overwrite)


def downgrade_file(path: Path, out: Path | None, *, overwrite: bool = False) -> Revised:
    """Bring a copy of `path` to openPMD 1.1; as `upgrade_file`."""
    return _revised(path, out, downgrade_steps, overwrite=overwrite)


def mend_file(path: Path, out: Path | None, *, overwrite: bool = False) -> Revised:
    """Mend what is mechanical in a copy of `path`; as `upgrade_file`."""
    return _revised(path, out, remedies, overwrite=overwrite)


def is_openpmd_alone(path: Path) -> bool:
    """Whether a file says that it is openPMD, and not that it is NeXus.

    Raises:
        FileUnreadable: missing, no HDF5, damaged.
    """
    with Hdf5File(path) as opened:
        return is_openpmd(opened.root) and "NX_class" not in opened.root.attributes


def _revised(path: Path, out: Path | None, plan: Planner, *, overwrite: bool) -> Revised:
    steps = _planned(path, plan)
    result = Revised(path, path.resolve() if out is None else out)
    result.revisions = [step for step in steps if isinstance(step, Revision)]
    result.remarks = [step for step in steps if isinstance(step, Remark)]
    if out is None and not result.revisions:
        return result
    with changed_copy(path, out, overwrite=overwrite, objects=0) as file:
        make(file, result.revisions)
    return result


def _planned(path: Path, plan: Planner) -> list[Step]:
    """A function of its own, so that no view keeps the file open."""
    with Hdf5File(path) as opened:
        if not is_openpmd(opened.root):
            hint = "only openPMD files are revised"
            raise FileUnreadable(f"{path}: has no attribute openPMD at its root", hint=hint)
        return list(plan(opened.root))


def make(file: h5py.File, revisions: Iterable[Revision]) -> None:
    """Make the revisions in `file`, in their order."""
    for revision in revisions:
        edit = revision.edit
        node = file[edit.path]
        if edit.name in node.attrs:
            del node.attrs[edit.name]
        if isinstance(edit, Set):
            set_value(node, edit.name, edit.value)
