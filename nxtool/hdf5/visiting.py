"""All objects of a file, each once, as far down as files of data go.

HDF5 finds an object by its path, step by step, so the work grows with the square of the depth: a
file of 1 MB with ten thousand groups, each in the one before, would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import FileUnreadable

if TYPE_CHECKING:
    import h5py

DEEPEST: Final = 200
"""Real files have some ten levels of groups."""


def visit_objects(top: h5py.Group, look: Callable[[str, Any], None]) -> None:
    """Call `look` with the path below `top`, and the object, of each; links are not followed.

    Raises:
        FileUnreadable: groups are nested more deeply than `DEEPEST`.
    """

    def visit(name: str, node: Any) -> str | None:
        if name.count("/") >= DEEPEST:
            return name
        look(name, node)
        return None

    if top.visititems(visit) is not None:
        raise too_deep(top.file.filename)


def too_deep(file: object) -> FileUnreadable:
    """What to say of a file that is nested more deeply than `DEEPEST`."""
    message = f"{file}: has more than {DEEPEST} levels of groups"
    return FileUnreadable(message, hint="is it damaged, or made to do harm?")
