"""Judging a series of openPMD files: file by file, and what only all of them can show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nxtool.errors import FileUnreadable, MissingExtra
from nxtool.findings import Finding, Findings
from nxtool.nodeview import GroupView
from nxtool.openpmd.header import read_header, standard_name
from nxtool.openpmd.opening import backend_of, open_tree
from nxtool.openpmd.rules import Asking, Seen, check_file, check_series, files
from nxtool.openpmd.series import Series
from nxtool.remote.address import named
from nxtool.validate.visit import Options


def judge_series(series: Series, options: Options | None = None) -> Findings:
    """What is wrong with a series by the rules of openPMD.

    Raises:
        FileUnreadable: a file cannot be opened, or its format needs a library that is missing.
    """
    told = Findings(series.name)
    seen, others = Seen(), files.Others()
    names: dict[str, None] = {}
    asking = None
    for file in series.files:
        seen.prefix = f"{file.path.name}:" if len(series.files) > 1 else ""
        with _opened(file.path) as root:
            asking = _asking(root, file.path, options or Options())
            for item in _about(asking, root, file.path, seen, others):
                told.items.append(replace(item, path=seen.prefix + item.path))
            names[standard_name(asking.header)] = None
    if asking is not None:
        told.extend(check_series(asking, seen))
    told.definitions = tuple(f"/: {name}" for name in names)
    return told


@contextmanager
def _opened(path: Path) -> Iterator[GroupView]:
    try:
        with open_tree(path) as root:
            yield root
    except MissingExtra as error:
        raise FileUnreadable(f"{named(path)}: {error.message}", hint=error.hint) from error


def _asking(root: GroupView, path: Path, options: Options) -> Asking:
    return Asking(
        read_header(root), backend_of(path), options.profile, options.reads_data, options.max_read
    )


def _about(
    asking: Asking, root: GroupView, path: Path, seen: Seen, others: files.Others
) -> Iterator[Finding]:
    yield from check_file(asking, root, seen)
    yield from files.of_series(asking, root, path)
    yield from files.alike(asking, root, path, others)
