"""Making fixes: a copy is edited in place, judged again, and only then takes its name.

Everything no fix speaks of stays as it is, byte by byte where HDF5 leaves it. A file that cannot
be read to the end is not touched.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from nxtool.build.disk import open_for_writing
from nxtool.build.inplace import TEXT, renew, set_attribute
from nxtool.build.partfile import part_file
from nxtool.errors import FileUnreadable, OutputError
from nxtool.findings import Findings
from nxtool.fix.model import Fix, FixOutcome, MakeScalar, RemoveAttribute, ReplaceText, SetAttribute
from nxtool.fix.plan import plan_fixes
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Broken, FieldView, GroupView, is_field, is_group
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options

if TYPE_CHECKING:
    import h5py

MAX_ROUNDS: Final = 4
"""A fix may make another one possible: a default needs the signal to be named."""


def fix_file(
    path: Path,
    out: Path | None,
    schema: Schema,
    options: Options | None = None,
    *,
    overwrite: bool = False,
) -> FixOutcome:
    """Mend a copy of `path` and put it at `out`; None means in the place of `path` itself.

    `out` is written also where there is nothing to mend. Either it appears whole or not at all.

    Raises:
        FileUnreadable: `path` cannot be read to the end; nothing was written.
        OutputError: `out` exists already, is `path`, or cannot be written.
    """
    target = path.resolve() if out is None else out
    if out is not None and out.exists():
        if path.exists() and out.samefile(path):
            raise OutputError(f"{out}: is the input", hint="--in-place mends the file itself")
        if not overwrite:
            raise OutputError(f"{out}: exists already", hint="name another file with -o")
    check_readable(path)
    before = validate(path, schema, options)
    with part_file(target) as part:
        shutil.copyfile(path, part)  # not its mode: archives are read-only, the copy is mended
        fixes, after = _mend(part, before, schema, options)
        after.file = str(path if out is None else out)
        if out is None:
            shutil.copymode(path, part)
        if out is not None or fixes:
            part.replace(target)
    return FixOutcome(tuple(fixes), before, after)


def check_readable(path: Path) -> None:
    """Open everything in the file.

    Raises:
        FileUnreadable: an object, an attribute or a filter is not at hand; the text says which.
    """
    with Hdf5File(path) as file:
        seen = {file.root.identity}
        pending: list[GroupView | FieldView] = [file.root]
        while pending:
            node = pending.pop()
            for name in _check_node(node, path):
                child = node.child(name) if is_group(node) else None
                if isinstance(child, Broken) and not child.dangling and not child.quiet:
                    place = f"{node.path.rstrip('/')}/{name}"
                    raise _unreadable(path, place, child.reason)
                if (is_field(child) or is_group(child)) and child.identity not in seen:
                    seen.add(child.identity)
                    pending.append(child)


def _check_node(node: GroupView | FieldView, path: Path) -> Iterable[str]:
    """The names to follow from here: not those that lead into other files."""
    for attribute in node.attributes.values():
        if attribute.problem:
            raise _unreadable(path, f"{node.path}@{attribute.name}", attribute.problem)
    if is_field(node):
        for number, name, available in node.storage.filters:
            if not available:
                reason = f"filter {number} ({name}) is not available here"
                raise _unreadable(path, node.path, reason)
        return ()
    return [name for name, link in node.links.items() if link.kind != "external"]


def _unreadable(path: Path, place: str, reason: str) -> FileUnreadable:
    return FileUnreadable(
        f"{path}: {place} cannot be read: {reason}", hint="only whole files are mended"
    )


def _mend(
    part: Path, findings: Findings, schema: Schema, options: Options | None
) -> tuple[list[Fix], Findings]:
    """Plan and make fixes until there are none, and what is left to find."""
    made: list[Fix] = []
    for _ in range(MAX_ROUNDS):
        fixes = _plan(part, findings, schema)
        if not fixes:
            break
        apply(part, fixes)
        made += fixes
        findings = validate(part, schema, options)
    return made, findings


def _plan(path: Path, findings: Findings, schema: Schema) -> list[Fix]:
    """A function of its own, so that no view keeps the file open when it is to be edited."""
    with Hdf5File(path) as file:
        return plan_fixes(file.root, findings, schema)


def apply(path: Path, fixes: Iterable[Fix]) -> None:
    """Make the fixes in the file `path`, in their order.

    Raises:
        FileUnreadable: HDF5 finds the file damaged where it is to be edited.
        OSError, RuntimeError: the disk is full, or HDF5 cannot write.
    """
    try:
        with open_for_writing(path, "r+") as file:
            for fix in fixes:
                _edit(file, fix)
    except (KeyError, ValueError, TypeError) as error:
        raise FileUnreadable(f"{path}: is damaged: {error}", hint="restore the file") from error


def _edit(file: h5py.File, fix: Fix) -> None:
    edit = fix.edit
    if isinstance(edit, SetAttribute):
        set_attribute(file[edit.path], edit.name, edit.value)
    elif isinstance(edit, RemoveAttribute):
        file[edit.path].attrs.pop(edit.name, None)
    elif isinstance(edit, ReplaceText):
        _replace_text(file[edit.path], edit.values)
    elif isinstance(edit, MakeScalar):
        renew(file, edit.path, edit.value, TEXT)


def _replace_text(field: h5py.Dataset, texts: tuple[str, ...]) -> None:
    """The texts are as long as before, so that they fit a fixed length."""
    raw = [text.encode("utf-8", "surrogateescape") for text in texts]
    field[...] = np.array(raw, dtype=object if field.dtype.kind == "O" else field.dtype).reshape(
        field.shape
    )
