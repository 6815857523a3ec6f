"""The errors nxtool raises on wrong use or a broken environment.

Wrong *data* is never an exception but a `nxtool.findings.Finding`. Every error
here says what went wrong, where, and what to do next; the command line prints
it in a few lines and exits with 2.

    NxtoolError
    ├── DefinitionError      an NXDL definition is unknown, unreadable or contradicts itself
    ├── RecipeError          a recipe cannot be read; carries file, line and column
    ├── SourceError          a raw data file is missing, damaged or lacks what is asked of it
    ├── FileUnreadable       the file to validate, show or export cannot be opened
    ├── FilterError          an HDF5 filter is unknown, missing or does not fit the data
    ├── OutputError          the result cannot be written
    └── MissingExtra         an optional package is not installed
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from nxtool.findings import Mark


class NxtoolError(Exception):
    """Something nxtool cannot do, said in one line, with the next step in `hint`.

    >>> print(NxtoolError("scan.h5: no such file", hint="check the path"))
    scan.h5: no such file (check the path)
    """

    def __init__(self, message: str, *, hint: str = "", mark: Mark | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.mark = mark

    def __str__(self) -> str:
        where = f"{self.mark}: " if self.mark else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{hint}"


class DefinitionError(NxtoolError):
    """An NXDL definition is unknown, unreadable or contradicts itself."""


class RecipeError(NxtoolError):
    """A recipe cannot be read; `mark` says where."""


class SourceError(NxtoolError):
    """A raw data file is missing, damaged or lacks what is asked of it; `about` is the key of a
    recipe's source that is to blame, `path` unless said otherwise."""

    def __init__(
        self, message: str, *, hint: str = "", mark: Mark | None = None, about: str = "path"
    ) -> None:
        super().__init__(message, hint=hint, mark=mark)
        self.about = about


class FileUnreadable(NxtoolError):
    """A file to validate, show or export cannot be opened."""


class FilterError(NxtoolError):
    """An HDF5 filter is unknown, missing or does not fit the data."""


class OutputError(NxtoolError):
    """The result cannot be written: read-only folder, full disk, existing file."""


class MissingExtra(NxtoolError):
    """An optional package is needed.

    >>> print(MissingExtra("reading CBF images", "images"))
    reading CBF images needs an optional package (pip install 'nxtool[images]')
    """

    def __init__(self, what: str, extra: str, *, mark: Mark | None = None) -> None:
        super().__init__(
            f"{what} needs an optional package",
            hint=f"pip install 'nxtool[{extra}]'",
            mark=mark,
        )
        self.extra = extra


def output_error(path: Path, error: OSError | RuntimeError) -> OutputError:
    """An error of the operating system, or of HDF5 about it, while `path` was written."""
    text = " ".join(str(error).split())
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC or "No space left" in text or f"errno = {errno.ENOSPC}" in text:
        return OutputError(
            f"{path.parent}: the disk is full", hint="free some space, or choose another with -o"
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "choose another folder with -o"
        return OutputError(f"{path.parent}: no permission to write", hint=hint)
    if number == errno.ENAMETOOLONG:
        return OutputError(f"{path}: the name is too long", hint="choose another with -o")
    return OutputError(f"{path}: cannot be written: {text}", hint="check folder and disk")
