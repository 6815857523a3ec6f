"""What is named as a recipe and cannot be one, told with what its author may have meant."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from nxtool.errors import RecipeError
from nxtool.recipe.checks import near_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES: Final = (".yaml", ".yml")
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""Text that has only to be saved otherwise, which is told when it is read."""
_MOST_NAMES: Final = 1000
"""How many names of a folder are looked at, for folders of raw data may have millions."""


def refuse_mistaken(path: Path) -> None:
    """Raises `RecipeError` for a folder, a missing file and binary data; what else is wrong with
    the file is told when it is read."""
    try:
        if path.is_dir():
            raise RecipeError(f"{path}: is a folder", hint=_recipe_in(path))
        if not path.exists() and "\0" not in str(path):
            raise RecipeError(f"{path}: no such file or directory", hint=_meant(path))
        if path.is_file():
            _refuse_data(path)
    except OSError:
        return


def is_hdf5(path: Path) -> bool:
    """Whether a file begins as HDF5 files do; False where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(_HDF5)) == _HDF5
    except (OSError, ValueError):
        return False


def raw_data_hint(path: Path) -> str:
    """How to go on with a file of raw data in the place of a recipe."""
    return f"if it is raw data, `nxtool new --source data={path}` begins a recipe with it"


def _refuse_data(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(512)
    if head.startswith(_HDF5):
        hint = f"{raw_data_hint(path)}; `nxtool validate` judges a NeXus file"
        raise RecipeError(f"{path}: is an HDF5 file, not a recipe", hint=hint)
    if b"\0" in head and not head.startswith(_UTF_16):
        raise RecipeError(f"{path}: is not text, so it is no recipe", hint=raw_data_hint(path))


def _recipe_in(folder: Path) -> str:
    """The recipes in a folder, as a hint."""
    found = sorted(str(folder / name) for name in _names(folder) if name.endswith(".nx.yaml"))
    return f"name the recipe in it: {', '.join(found[:3])}" if found else "name a recipe"


def _meant(path: Path) -> str:
    """What a name that leads nowhere may mean: a like one, or the same in a folder below."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder {folder}"
    names = list(_names(folder))
    below = [
        str(folder / name / path.name) for name in names if (folder / name / path.name).exists()
    ]
    if below:
        return f"did you mean {', '.join(sorted(below)[:3])}?"
    # without their suffixes, which make all recipes look alike
    stems = near_names(path.name.partition(".")[0], (name.partition(".")[0] for name in names))
    like = [name for name in sorted(names) if name.partition(".")[0] in stems]
    return f"did you mean {', '.join(like[:3])}?" if like else "check the name"


def _names(folder: Path) -> Iterator[str]:
    return (entry.name for entry in islice(folder.iterdir(), _MOST_NAMES))
