"""The proof that raw files can be restored: an archive compared with what it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from nxtool.archive.reading import Archive
from nxtool.archive.unpack import Progress, proven_blocks
from nxtool.errors import OutputError
from nxtool.nodeview import Unreadable


def compare(archive: Archive, originals: Mapping[str, Path], target: Path, tell: Progress) -> None:
    """See that `archive` gives back every file of `originals`, by name, bit for bit.

    Nothing is written. `target` is what the archive will be called.

    Raises:
        OutputError: a file is missing or differs; says which, and where.
    """
    kept = {file.name: file for file in archive.files}
    for name, original in originals.items():
        if name not in kept:
            raise _failed(target, original, "it is not kept")
        try:
            done = 0
            with original.open("rb") as stream:
                for block in proven_blocks(archive, kept[name]):
                    if stream.read(block.nbytes) != block.tobytes():
                        raise _failed(target, original, f"it differs after byte {done}")
                    done += block.nbytes
                    tell(name, 0)
                if stream.read(1):
                    raise _failed(target, original, f"it ends after byte {done}")
        except (OSError, Unreadable) as error:
            raise _failed(target, original, str(error)) from error
    _compare_recipe(archive, target)


def _compare_recipe(archive: Archive, target: Path) -> None:
    recipe = archive.recipe
    if recipe is None or sha256(recipe.content).hexdigest() != recipe.sha256:
        raise _failed(target, Path("the recipe"), "the checksum is wrong")


def _failed(target: Path, original: Path, reason: str) -> OutputError:
    message = f"{target}: {original} cannot be restored from it: {reason}"
    return OutputError(message, hint="nothing was written; did the file change meanwhile?")
