"""The definitions at hand: folders of NXDL files, searched in order, read when needed.

The first folder that has a name wins, so a facility can put its own version of a definition in
front of the official one. The official files are those of the installed `nexusformat` package;
they are found without importing it.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

from nxtool import assets
from nxtool.errors import DefinitionError
from nxtool.nxdl.elements import Definition
from nxtool.nxdl.store import Store, open_store

SUFFIX: Final = ".nxdl.xml"
VERSION_FILE: Final = "NXDL_VERSION"
VARIABLE: Final = "NEXUS_DEF_PATH"


class Catalogue:
    """Definitions by name, from several folders; `kept` lets copies of them be kept on disk."""

    def __init__(self, folders: Sequence[Path], *, kept: bool = False) -> None:
        self.folders = tuple(folders)
        self._kept = kept
        self._read: dict[str, Definition] = {}

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Every name and the file it is read from, in alphabetical order."""
        found: dict[str, Path] = {}
        for folder in self.folders:
            for path in _nxdl_files(folder):
                found.setdefault(path.name.removesuffix(SUFFIX), path)
        return dict(sorted(found.items()))

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def __iter__(self) -> Iterator[Definition]:
        """Every definition, in alphabetical order."""
        return (self[name] for name in self.files)

    def __getitem__(self, name: str) -> Definition:
        """The definition called `name`.

        Raises:
            DefinitionError: it is unknown (near names are given), or its file is not NXDL.
        """
        if name not in self._read:
            if name not in self.files:
                raise DefinitionError(f"unknown definition {name!r}", hint=self._hint(name))
            self._read[name] = self._load(name)
        return self._read[name]

    def extends(self, name: str) -> str | None:
        """What the definition called `name` extends; cheaper than asking the definition.

        Raises:
            DefinitionError: as for the definition itself.
        """
        place = self._store.places.get(name) if self._store and name not in self._read else None
        return place.extends if place else self[name].extends

    @cached_property
    def _store(self) -> Store | None:
        return open_store(self.files, self.folders) if self._kept else None

    def _load(self, name: str) -> Definition:
        path = self.files[name]
        found = self._store.get(name, path) if self._store else None
        if found is not None:
            return found
        from nxtool.nxdl.reader import read_definition

        definition = read_definition(path)
        if definition.name != name:
            raise DefinitionError(
                f"{path}: defines {definition.name}, not {name}",
                hint="an NXDL file is named after its definition",
            )
        return definition

    def near(self, name: str) -> list[str]:
        """At most three known names like `name`: those that end in the same word, then by spelling.

        `NXstop` is near `NXbeam_stop`, and `NXlong_aperture` near `NXaperture`.
        """
        import difflib

        known = {known.lower(): known for known in self.files}
        word = name.lower().removeprefix("nx")
        akin = [other for other in sorted(known) if other.endswith(f"_{word}")] if word else []
        shorter = f"nx{word.rpartition('_')[2]}"
        akin += [shorter] if "_" in word and shorter in known else []
        close = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.6)
        return [known[match] for match in dict.fromkeys([*akin, *close])][:3]

    def origin(self, name: str) -> str:
        """Where a definition comes from, for people: `official v2026.01`, `nxtool`, a folder."""
        path = self.files[name]
        for folder in self.folders:
            if path.is_relative_to(folder):
                return folder_label(folder)
        return str(path.parent)

    def _hint(self, name: str) -> str:
        near = self.near(name)
        if near:
            return f"did you mean {', '.join(near)}?"
        return "`nxtool definitions list` shows those at hand; --definitions FOLDER adds more"


def default_catalogue(extra: Iterable[Path] = (), configured: Iterable[Path] = ()) -> Catalogue:
    """The folders of `extra`, then those of NEXUS_DEF_PATH, then the `configured` ones, then our
    own, then the official ones.

    Raises:
        DefinitionError: a named folder does not exist, or holds no NXDL file.
    """
    named = [*extra, *_environment_folders(), *configured]
    for folder in named:
        _check_folder(folder)
    return Catalogue([*named, assets.folder("definitions"), official_folder()], kept=True)


def official_folder() -> Path:
    """The folder of the official definitions inside the installed `nexusformat` package.

    Raises:
        DefinitionError: the package is not installed or carries none.
    """
    spec = importlib.util.find_spec("nexusformat")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "definitions"
        if folder.is_dir():
            return folder
    raise DefinitionError(
        "the official NeXus definitions are not installed", hint="pip install nexusformat"
    )


def release(folder: Path) -> str:
    """The release of a set of definitions (`v2026.01`), empty where the set does not say."""
    try:
        return (folder / VERSION_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def folder_label(folder: Path) -> str:
    """What a folder of definitions is called in lists."""
    if folder == assets.folder("definitions"):
        return "nxtool"
    version = release(folder)
    if importlib.util.find_spec("nexusformat") and folder == official_folder():
        return f"official {version}".strip()
    return str(folder)


def _environment_folders() -> list[Path]:
    text = os.environ.get(VARIABLE, "")
    return [Path(part).expanduser() for part in text.split(os.pathsep) if part]


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise DefinitionError(f"{folder}: no such folder of definitions", hint="check the path")
    if not any(True for _ in _nxdl_files(folder)):
        raise DefinitionError(
            f"{folder}: holds no NXDL file", hint=f"NXDL files are called NAME{SUFFIX}"
        )


def _nxdl_files(folder: Path) -> Iterator[Path]:
    """NXDL files in `folder` and one level below it: applications/, base_classes/ and so on."""
    yield from sorted(folder.glob(f"*{SUFFIX}"))
    yield from sorted(folder.glob(f"*/*{SUFFIX}"))
