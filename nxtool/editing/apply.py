"""An edit from beginning to end: plan, copy, change, put on record, judge, and only then rename."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.build.disk import Reserve, open_for_writing
from nxtool.build.inplace import set_attribute, write_values
from nxtool.build.partfile import part_file
from nxtool.build.plan import Plan
from nxtool.build.planner import undeclared
from nxtool.build.provenance import now
from nxtool.build.write import append, no_progress, set_text
from nxtool.editing.copying import copy_whole, held, put_in_place, take_after
from nxtool.editing.model import (
    AddField,
    Change,
    EditOutcome,
    RemoveAttribute,
    Request,
    SetAttribute,
    Unlink,
    WriteField,
)
from nxtool.editing.places import Places
from nxtool.editing.planning import desk_for, plan_changes
from nxtool.editing.record import Record, plan_records
from nxtool.editing.replacing import target_of
from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Findings
from nxtool.hdf5.opening import Hdf5File
from nxtool.recipe.sourcelist import Arrays
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options

if TYPE_CHECKING:
    import h5py

UPDATED: Final = "file_update_time"
"""NXroot: when the file was last changed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an edit is made. Without `out` the file itself is replaced."""

    out: Path | None = None
    reason: str = ""
    overwrite: bool = False
    allow_invalid: bool = False
    dry_run: bool = False


def edit_file(
    path: Path,
    requests: Sequence[Request],
    schema: Schema,
    manner: Manner,
    *,
    arrays: Arrays | None = None,
    problems: Sequence[Finding] = (),
) -> EditOutcome:
    """Change metadata of the file at `path`; it is replaced whole, or stays as it is.

    An edit with mistakes, among them the `problems` known before, changes nothing; nor does one
    that adds errors, unless that is allowed, or a dry run, which does all but the last step.

    Raises:
        FileUnreadable: missing, no HDF5, or damaged.
        OutputError: read-only, open in another program, or the disk is full.
    """
    hint = "without -o the file itself is changed"
    target = target_of(path, manner.out, overwrite=manner.overwrite, hint=hint)
    with held(path, exclusively=manner.out is None):
        before = validate(path, schema)
        planned = _planned(path, requests, schema, arrays or {}, manner.reason)
        mistakes = (*problems, *planned.mistakes)
        if mistakes or not planned.changes:
            return EditOutcome(planned.changes, mistakes, before)
        with part_file(target) as part:
            copy_whole(path, part)
            apply(part, planned.changes, planned.records)
            after = validate(part, schema)
            after.file = str(manner.out or path)
            added = tuple(undeclared(planned.plan, _added(before, after)))
            refused = any(item.severity == "error" for item in added) and not manner.allow_invalid
            kept = not manner.dry_run and not refused
            if kept:
                _note(part, planned.records, after)
                if manner.out is None:
                    take_after(part, path)  # not with -o: archives are read-only, the copy is not
                put_in_place(part, target)
    written = (manner.out or path) if kept else None
    return EditOutcome(planned.changes, (), before, after, added, refused, written)


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be done, or what is wrong with it; `plan` knows what the author declared."""

    changes: tuple[Change, ...]
    mistakes: tuple[Finding, ...]
    records: tuple[Record, ...]
    plan: Plan


def _planned(
    path: Path, requests: Sequence[Request], schema: Schema, arrays: Arrays, reason: str
) -> _Planned:
    """A function of its own, so that no view keeps the file open."""
    desk = desk_for(path, schema, arrays)
    with Hdf5File(path) as file:
        places = Places(file.root, schema, Options())
        changes = tuple(plan_changes(desk, places, requests))
        mistakes = tuple(problem for problem in desk.problems if problem.severity == "error")
        records = plan_records(places, changes, reason) if changes and not mistakes else []
    if changes and not mistakes and not records:
        message = f"{path}: has no NXentry to keep the record of an edit"
        raise FileUnreadable(message, hint="only NeXus files are edited")
    return _Planned(changes, mistakes, tuple(records), desk.plan)


def apply(path: Path, changes: Iterable[Change], records: Sequence[Record]) -> None:
    """Make the changes in the file `path` itself, and add the records.

    Raises:
        FileUnreadable: HDF5 finds the file damaged where it is to be changed.
        OSError, RuntimeError: the disk is full, or HDF5 cannot write.
    """
    steps = [change.step for change in changes if change.step is not None]
    try:
        with open_for_writing(path, "r+") as file:
            Reserve(file).objects(4 * len(steps))
            for step in steps:
                _take(file, step)
            set_attribute(file, UPDATED, now())
        fields = [step.field for step in steps if isinstance(step, AddField)]
        append(path, [*fields, *(record.group for record in records)], no_progress)
    except (KeyError, ValueError, TypeError) as error:
        raise FileUnreadable(f"{path}: is damaged: {error}", hint="restore the file") from error


def _take(file: h5py.File, step: Any) -> None:
    if isinstance(step, SetAttribute):
        set_attribute(file[step.path], step.name, step.value)
    elif isinstance(step, RemoveAttribute):
        del file[step.path].attrs[step.name]
    elif isinstance(step, WriteField):
        write_values(file, step.path, step.values)
    elif isinstance(step, Unlink):
        del file[step.path]


def _added(before: Findings, after: Findings) -> list[Finding]:
    """The errors and warnings that were not there before."""
    known = Counter(map(_sign, before.at_least("warning")))
    new = []
    for item in after.at_least("warning"):
        known[_sign(item)] -= 1
        if known[_sign(item)] < 0:
            new.append(item)
    return new


def _sign(item: Finding) -> tuple[str, str, str, str]:
    return item.severity, item.code, item.path, item.message


def _note(part: Path, records: Iterable[Record], after: Findings) -> None:
    """Write the verdict into the records."""
    errors = after.count("error")
    verdict = f"invalid: {errors} errors" if errors else "no errors"
    for record in records:
        set_text(part, record.verdict, verdict)
