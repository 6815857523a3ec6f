"""Judging files by the standard they follow: NeXus, openPMD, or both of one file.

A file that declares `openPMD` in its root is judged as that, and by the NeXus definitions too if it
also has the marks of NeXus. What is no HDF5 file, a pattern and a folder can only be openPMD.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nxtool.errors import FileUnreadable, MissingExtra
from nxtool.findings import Findings
from nxtool.nodeview import GroupView, is_group
from nxtool.openpmd.header import is_openpmd
from nxtool.openpmd.opening import HDF5_SUFFIXES, SUFFIXES, open_tree, suffix_of
from nxtool.openpmd.series import Series, find_series, is_pattern
from nxtool.remote.address import address_of
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
            return _judged(path, self.options)
        marks = _marks(path)
        if marks.openpmd and not marks.nexus:
            return _judged(path, self.options)
        found = self.nexus(file)
        if marks.openpmd:
            more = _judged(path, self.options)
            found.extend(more)
            found.definitions = (*more.definitions, *found.definitions)
        return found


def make_judge(folders: Sequence[Path], options: Options) -> Judge:
    """A judge that prefers the definitions in `folders`; raises as that of NeXus does."""
    return Judge(make_nexus_judge(folders, options), options)


def _judged(path: Path, options: Options) -> Findings:
    # the rules are loaded for those who need them: most files are NeXus
    from nxtool.openpmd.judging import judge_series

    return judge_series(find_series(path), options)


def openpmd_series(path: Path) -> Series | None:
    """The series of openPMD files that `path` means; None where it is something else.

    Raises:
        FileUnreadable: it could only be openPMD, and is not, or cannot be opened.
    """
    return find_series(path) if _marks(path).openpmd else None


@dataclass(frozen=True, slots=True)
class _Marks:
    """Whether a file says that it is openPMD, and, if so, whether it is NeXus as well."""

    openpmd: bool = False
    nexus: bool = False


def _marks(path: Path) -> _Marks:
    """What is no HDF5 file must be openPMD, and a folder a series of it; what cannot be opened as
    HDF5 is left to NeXus.

    Raises:
        FileUnreadable: it must be openPMD, and is not.
    """
    if is_pattern(path) or suffix_of(path) in SUFFIXES - HDF5_SUFFIXES:
        return _text_marks(path)
    if path.is_dir():
        return _folder_marks(path)
    try:
        with open_tree(path) as root:
            return _Marks(openpmd=True, nexus=is_nexus(root)) if is_openpmd(root) else _Marks()
    except FileUnreadable:
        if address_of(path):
            raise  # what is away, or silent, is not asked twice
        return _Marks()


def _folder_marks(folder: Path) -> _Marks:
    try:
        marks = _marks(find_series(folder).files[0].path)
    except FileUnreadable:
        marks = _Marks()
    if not marks.openpmd:
        hint = "`nxtool validate -r` judges the HDF5 files in it"
        raise FileUnreadable(f"{folder}: is a folder, and no series of openPMD", hint=hint)
    return marks


def _text_marks(path: Path) -> _Marks:
    first = find_series(path).files[0].path
    try:
        with open_tree(first) as root:
            if is_openpmd(root):
                return _Marks(openpmd=True)
    except MissingExtra as error:
        raise FileUnreadable(f"{first}: {error.message}", hint=error.hint) from error
    hint = "`nxtool validate --standard openpmd` judges it all the same"
    raise FileUnreadable(f"{first}: does not say that it is openPMD", hint=hint)


def is_nexus(root: GroupView) -> bool:
    """Whether a file has the marks of NeXus: a class at its root, or an entry in it."""
    if class_of(root) == "NXroot":
        return True
    children = (root.child(name) for name in root.links)
    return any(is_group(child) and class_of(child) in ENTRY_CLASSES for child in children)
