"""Judging files by the standard they follow: NeXus, openPMD, or both of one file.

A file that declares `openPMD` in its root is judged as that, and by the NeXus definitions too if it
also has the marks of NeXus. What is no HDF5 file, a pattern and a folder can only be openPMD.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nxtool.errors import FileUnreadable, MissingExtra
from nxtool.findings import Finding, Findings
from nxtool.nodeview import GroupView, is_group
from nxtool.openpmd.header import Header, is_openpmd, read_header
from nxtool.openpmd.opening import HDF5_SUFFIXES, SUFFIXES, backend_of, open_tree
from nxtool.openpmd.rules import Asking, Seen, check_file, check_series, files
from nxtool.openpmd.series import Series, find_series, is_pattern
from nxtool.schema.compile import ENTRY_CLASSES
from nxtool.validate.judging import Judge as NexusJudge
from nxtool.validate.judging import make_judge as make_nexus_judge
from nxtool.validate.visit import Options, class_of


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges files by what they say they are, NeXus by the definitions `nexus` has."""

    nexus: NexusJudge
    options: Options

    @property
    def definitions(self) -> list[str]:
        """The sets of NeXus definitions."""
        return self.nexus.definitions

    def __call__(self, file: str) -> Findings:
        """The findings about `file`. Raises `FileUnreadable`."""
        path = Path(file)
        if self.options.standard == "nexus":
            return self.nexus(file)
        if self.options.standard == "openpmd":
            return judge_series(find_series(path), self.options)
        marks = _marks(path)
        if marks.openpmd and not marks.nexus:
            return judge_series(find_series(path), self.options)
        found = self.nexus(file)
        if marks.openpmd:
            more = judge_series(find_series(path), self.options)
            found.extend(more)
            found.definitions = (*more.definitions, *found.definitions)
        return found


def make_judge(folders: Sequence[Path], options: Options) -> Judge:
    """A judge that prefers the definitions in `folders`; raises as that of NeXus does."""
    return Judge(make_nexus_judge(folders, options), options)


def openpmd_series(path: Path) -> Series | None:
    """The series of openPMD files that `path` means; None where it is something else.

    Raises:
        FileUnreadable: a pattern or folder that no file of openPMD belongs to.
    """
    return find_series(path) if _marks(path).openpmd else None


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which standards a file says it follows."""

    openpmd: bool = False
    nexus: bool = False


def _marks(path: Path) -> _Marks:
    """What is no HDF5 file can only be openPMD; one that cannot be opened is left to NeXus."""
    if is_pattern(path) or path.suffix.lower() in SUFFIXES - HDF5_SUFFIXES:
        return _Marks(openpmd=True)
    try:
        if path.is_dir():
            return _marks(find_series(path).files[0].path)
        with open_tree(path) as root:
            return _Marks(is_openpmd(root), is_nexus(root))
    except FileUnreadable:
        return _Marks()


def is_nexus(root: GroupView) -> bool:
    """Whether a file has the marks of NeXus: a class at its root, or an entry in it."""
    if class_of(root) == "NXroot":
        return True
    children = (root.child(name) for name in root.links)
    return any(is_group(child) and class_of(child) in ENTRY_CLASSES for child in children)


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
        raise FileUnreadable(f"{path}: {error.message}", hint=error.hint) from error


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


def standard_name(header: Header) -> str:
    """By what a file was judged: `openPMD 1.1.0 with ED-PIC`."""
    numbers = header.numbers
    version = ".".join(map(str, numbers)) if numbers else "1.1.0"
    more = f" with {', '.join(header.extensions)}" if header.extensions else ""
    return f"openPMD {version}{more}"
