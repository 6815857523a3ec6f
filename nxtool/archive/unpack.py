"""Raw files out of an archive: into a folder, or only compared with what they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from nxtool.archive.folder import Folder
from nxtool.archive.layout import KeptFile
from nxtool.archive.reading import Archive, KeptRecipe
from nxtool.errors import FileUnreadable
from nxtool.hdf5.flat import Block
from nxtool.nodeview import Unreadable

Progress = Callable[[str, int], None]
"""Called with the name of a file and the bytes just restored."""
NAMED: Final = 5
"""How many damaged files a message names."""


def unpack(
    archive: Archive, folder: Path, *, force: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Write the raw files and the recipe of `archive` below `folder`; the paths, in order.

    A file that does not come out bit for bit is not written; the others are, before that is told.

    Raises:
        OutputError: a file exists and `force` is not given, or `folder` cannot be written.
        FileUnreadable: no raw files are kept, or some are damaged.
    """
    if not archive.files:
        raise nothing_kept(archive)
    recipe = _recipe_beside(archive)
    names = [file.name for file in archive.files] + ([recipe.name] if recipe else [])
    place = Folder(folder)
    place.check(names, sum(file.size for file in archive.files), force=force)
    faults = dict(_restored(archive, place, progress or _silent))
    if recipe is not None:
        _write_recipe(archive, place, recipe, faults)
    if faults:
        raise _damaged(archive, folder, faults, len(names))
    return [folder / name for name in names]


def unpack_recipe(archive: Archive, folder: Path, *, force: bool = False) -> Path:
    """Write the recipe alone; its path.

    Raises:
        OutputError: as `unpack`.
        FileUnreadable: the file holds no recipe, or a damaged one.
    """
    recipe = archive.recipe
    if recipe is None:
        raise FileUnreadable(f"{archive.path}: holds no recipe", hint="only nxtool keeps them")
    place = Folder(folder)
    place.check([recipe.name], len(recipe.content), force=force)
    faults: dict[str, str] = {}
    _write_recipe(archive, place, recipe, faults)
    if faults:
        raise _damaged(archive, folder, faults, 1)
    return folder / recipe.name


def _silent(name: str, count: int) -> None:
    pass


def _recipe_beside(archive: Archive) -> KeptRecipe | None:
    """The recipe, unless a raw file has its name."""
    recipe = archive.recipe
    taken = recipe is not None and any(file.name == recipe.name for file in archive.files)
    return None if taken else recipe


def _restored(archive: Archive, place: Folder, progress: Progress) -> Iterator[tuple[str, str]]:
    """Restore every file; those that cannot be, with the reason."""
    for file in archive.files:
        fault = _restore(archive, place, file, progress)
        if fault:
            yield file.name, fault


def _restore(archive: Archive, place: Folder, file: KeptFile, progress: Progress) -> str:
    """Restore one file; why it cannot be, empty if it was."""
    try:
        with place.new_file(file.name, file.modified_ns) as stream:
            for block in proven_blocks(archive, file):
                stream.write(block.data)
                progress(file.name, block.nbytes)
    except Unreadable as error:
        return str(error)
    return ""


def proven_blocks(archive: Archive, file: KeptFile) -> Iterator[Block]:
    """The bytes of a file; at their end `Unreadable` if they are not those that were kept."""
    digest, done = sha256(), 0
    for block in archive.blocks(file):
        digest.update(block.data)
        done += block.nbytes
        if done > file.size:
            raise Unreadable("there are more bytes than it has")
        yield block
    if digest.hexdigest() != file.sha256:
        raise Unreadable("the checksum is wrong")


def _write_recipe(
    archive: Archive, place: Folder, recipe: KeptRecipe, faults: dict[str, str]
) -> None:
    if recipe.sha256 and sha256(recipe.content).hexdigest() != recipe.sha256:
        faults[recipe.name] = "the checksum is wrong"
        return
    with place.new_file(recipe.name, None) as stream:
        stream.write(recipe.content)


def _damaged(archive: Archive, folder: Path, faults: dict[str, str], total: int) -> FileUnreadable:
    told = [f"{name}: {reason}" for name, reason in list(faults.items())[:NAMED]]
    more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    count = f"{len(faults)} of {total} files cannot be restored"
    kept = total - len(faults)
    hint = f"the other {kept} are in {folder}, bit for bit" if kept else "nothing was written"
    return FileUnreadable(f"{archive.path}: {count}: {'; '.join(told)}{more}", hint=hint)


def nothing_kept(archive: Archive) -> FileUnreadable:
    """The error for a file without raw files: it says what is known of them."""
    recipe, sources = archive.recipe, archive.sources
    if recipe is None and not sources:
        return FileUnreadable(
            f"{archive.path}: holds no raw files, and no record of any",
            hint="raw files are kept by `provenance: {embed: raw}` in a recipe",
        )
    listed = "; ".join(source.text for source in sources[:NAMED]) or "none"
    more = f"; and {len(sources) - NAMED} more" if len(sources) > NAMED else ""
    beside = f", from the folder of {recipe.name}" if recipe is not None and sources else ""
    hint = "`provenance: {embed: raw}` in a recipe keeps them"
    if recipe is not None:
        hint += "; --recipe restores the recipe"
    message = f"{archive.path}: holds no raw files; its sources were {listed}{more}{beside}"
    return FileUnreadable(message, hint=hint)
