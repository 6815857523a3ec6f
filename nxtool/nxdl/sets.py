"""Sets of definitions kept beside the default: another release, or a facility's own.

A set is a folder `$XDG_DATA_HOME/nxtool/definitions/NAME` (default `~/.local/share`). It appears
there whole or not at all. Wherever a folder of definitions is asked for, the name of a kept set
does too, and `official` for the official ones; a folder of that name goes first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import SUFFIX, VERSION_FILE, Catalogue, official_folder, release

if TYPE_CHECKING:
    from nxtool.nxdl.intake import Intake

OFFICIAL: Final = "official"
AUTO: Final = "auto"
"""Stands for the set whose release a file names itself."""
_RESERVED: Final = frozenset({OFFICIAL, AUTO, "nxtool"})
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_RELEASE: Final = re.compile(r"v?(\d{4})\.(\d{1,2})")


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A kept set: its name, its folder, and the release it says it is (may be empty)."""

    name: str
    folder: Path
    release: str


def home() -> Path:
    """The folder of the kept sets; it need not exist."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "nxtool" / "definitions"


def kept_sets() -> list[KeptSet]:
    """All kept sets, in alphabetical order."""
    folder = home()
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [
        KeptSet(name, folder / name, release(folder / name))
        for name in names
        if _NAME.fullmatch(name) and (folder / name).is_dir()
    ]


def add(source: str, name: str = "") -> KeptSet:
    """Keep the definitions of `source` (folder, ZIP file or URL) as the set `name`.

    The default name is the release the source names, else that of the source.

    Raises:
        DefinitionError: see `intake.take_in`; or the name is taken or not allowed.
    """
    from nxtool.nxdl.intake import take_in

    if name:
        _check_name(name)
    intake = take_in(source)
    name = name or _default_name(intake, source)
    _check_name(name)
    target = home() / name
    try:
        home().mkdir(parents=True, exist_ok=True)
        with _part_folder(target) as part:
            _write(intake, part)
            part.rename(target)
    except OSError as error:
        raise DefinitionError(f"{target}: cannot be written: {error.strerror}") from error
    return KeptSet(name, target, intake.version)


def remove(name: str) -> None:
    """Forget the set `name`.

    Raises:
        DefinitionError: there is none, or it cannot be removed.
    """
    folder = kept_folder(name)
    if folder is None:
        raise DefinitionError(f"no kept set {name!r}", hint=_known())
    try:
        with _part_folder(folder, fresh=False) as part:
            folder.rename(part / "removed")  # gone at once, whatever happens to the rest
    except OSError as error:
        raise DefinitionError(f"{folder}: cannot be removed: {error.strerror}") from error


def folder_of(text: str | Path) -> Path:
    """The folder that `text` means: a folder as it is, the name of a kept set, or `official`.

    A folder that does not exist comes back as it is where `text` is no plain name.

    Raises:
        DefinitionError: a plain name that is neither a folder nor a kept set.
    """
    path = Path(text).expanduser()
    name = str(text)
    if path.is_dir() or os.sep in name:
        return path
    if name == OFFICIAL:
        return official_folder()
    folder = kept_folder(name)
    if folder is None:
        raise DefinitionError(f"{name}: no such folder of definitions", hint=_known())
    return folder


def folders_of(texts: Iterable[str | Path]) -> list[Path]:
    """`folder_of` of each, leaving out `auto`."""
    return [folder_of(text) for text in texts if str(text) != AUTO]


def of_release(version: str) -> KeptSet | None:
    """The kept set that is exactly the release `version` (`v2022.07`), if there is one."""
    wanted = plain_release(version)
    sets = (kept for kept in kept_sets() if wanted and plain_release(kept.release) == wanted)
    return next(sets, None)


def plain_release(version: str) -> str:
    """A release in one spelling.

    >>> plain_release("2022.7"), plain_release("v2022.07"), plain_release(" af199a51 ")
    ('v2022.07', 'v2022.07', 'af199a51')
    """
    text = version.strip()
    match = _RELEASE.fullmatch(text)
    return f"v{match[1]}.{int(match[2]):02}" if match else text


def catalogue_of(text: str | Path) -> Catalogue:
    """The definitions of one set, folder or `official`, for itself.

    A set that does not define NXobject is no whole release: the official ones complete it.

    Raises:
        DefinitionError: there is none, or it holds no NXDL file.
    """
    folder = folder_of(text)
    alone = Catalogue([folder])
    if not folder.is_dir() or not alone.files:
        hint = f"NXDL files are called NAME{SUFFIX}"
        raise DefinitionError(f"{folder}: holds no NXDL file", hint=hint)
    return alone if "NXobject" in alone else Catalogue([folder, official_folder()])


def kept_folder(name: str) -> Path | None:
    folder = home() / name
    return folder if _NAME.fullmatch(name) and folder.is_dir() else None


def _known() -> str:
    names = ", ".join(kept.name for kept in kept_sets())
    return f"kept sets: {names}" if names else "`nxtool definitions add` keeps one"


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise DefinitionError(
            f"{name!r} cannot be the name of a set", hint="--name NAME: letters, digits and . _ + -"
        )
    if (home() / name).exists():
        hint = f"choose another --name, or `nxtool definitions remove {name}` first"
        raise DefinitionError(f"a set {name!r} is kept already", hint=hint)


def _default_name(intake: Intake, source: str) -> str:
    if intake.version:
        return intake.version
    if "://" in source:
        path = re.split(r"[?#]", source)[0]
    else:
        path = str(Path(source).expanduser().resolve())
    return PurePosixPath(path).name.removesuffix(".zip")


@contextmanager
def _part_folder(target: Path, *, fresh: bool = True) -> Iterator[Path]:
    """A folder beside `target` that is removed afterwards, unless it was renamed."""
    import shutil
    import tempfile

    part = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
    if fresh:
        part.chmod(0o755)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(intake: Intake, folder: Path) -> None:
    for place, content in intake.files.items():
        path = folder / place
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    if intake.version:
        (folder / VERSION_FILE).write_text(f"{intake.version}\n", encoding="utf-8")
