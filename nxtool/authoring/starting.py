"""Beginning: what a file is for an author, and the first text of a recipe."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from nxtool.authoring.journal import unsaved
from nxtool.authoring.runproposal import asked_by_run, propose
from nxtool.build.fromrun import RunRequest, is_run, open_run
from nxtool.build.newrecipe import begin_recipe
from nxtool.errors import FileUnreadable, MissingExtra, OutputError, SourceError
from nxtool.nodeview import is_group
from nxtool.recipe.variables import escape
from nxtool.sources.formats import format_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nxtool.schema.compile import Schema

Kind: TypeAlias = Literal["recipe", "new", "nexus", "data", "missing"]
"""What a file is for an author: a recipe, the name of one to write, a NeXus or openPMD file to
view, raw data (a folder of them, too); or it is not there."""

RECIPES: Final = (".yaml", ".yml")
NEXUS: Final = (".nxs", ".nx", ".nx5", ".nexus")
"""Files that say by their name that they are NeXus, whatever is in them."""
OPENPMD: Final = (".json", ".toml", ".bp", ".bp4", ".bp5")
"""Ends of the names of openPMD files that are no HDF5."""
MAX_LINKS: Final = 1000
"""How many objects of an HDF5 file are looked at."""


def kind_of(path: Path) -> Kind:
    """What a file is for an author. Opens it, if it is HDF5.

    Raises:
        FileUnreadable: it is HDF5, but damaged.
    """
    if path.suffix in RECIPES:
        return "recipe" if path.exists() or unsaved(path) else "new"
    if not path.exists():
        return "missing"
    if path.suffix.lower() in NEXUS and path.is_file():
        return "nexus"
    if not path.is_file() or not _is_hdf5(path):
        is_other = path.suffix.lower() in OPENPMD and _is_openpmd(path)
        return "nexus" if is_other else "data"
    return "nexus" if _has_entry(path) or _is_openpmd(path) else "data"


def _is_hdf5(path: Path) -> bool:
    try:
        return format_of(path) == "hdf5"
    except SourceError:
        return False


def _is_openpmd(path: Path) -> bool:
    """Whether a file of any backend of openPMD says that it is one."""
    from nxtool.openpmd.header import is_openpmd
    from nxtool.openpmd.opening import open_tree

    try:
        with open_tree(path) as root:
            return is_openpmd(root)
    except (FileUnreadable, MissingExtra):
        return False


def _has_entry(path: Path) -> bool:
    """Whether an HDF5 file has a group of class NXentry at its root."""
    from nxtool.hdf5.opening import Hdf5File

    with Hdf5File(path) as file:
        children = (file.root.child(name) for name in islice(file.root.links, MAX_LINKS))
        groups = (child for child in children if is_group(child))
        stated = (group.attributes.get("NX_class") for group in groups)
        return any(one is not None and one.text == "NXentry" for one in stated)


def recipe_name(definition: str) -> str:
    """What a recipe for a definition is called unless its author says otherwise."""
    return f"{definition.removeprefix('NX')}.nx.yaml"


def check_new(path: Path) -> None:
    """Refuse a path where no recipe can begin.

    Raises:
        OutputError: something is there already, or there is no folder for it.
    """
    if path.suffix not in RECIPES:
        raise OutputError(f"{path.name}: is no name of a recipe", hint="it ends in .yaml")
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path}: exists already", hint="choose another name")
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: no such folder", hint="choose another place")


def new_text(schema: Schema, definition: str, path: Path, sources: Mapping[str, Path]) -> str:
    """The first text of a recipe that will be at `path`: with what sources fill by name, or where
    there is a Bluesky run alone with what of it fits best.

    Raises:
        DefinitionError: the definition is unknown or no application.
        SourceError: a source cannot be read.
    """
    folder = path.resolve().parent
    run = only_run(sources)
    if run is not None:
        opened = open_run(run, RunRequest())
        with opened.source:
            told = {"path": escape(_from(folder, run))}
            return propose(schema, definition, opened, told, path, asked_by_run(opened)).text
    named = {name: _from(folder, source) for name, source in sources.items()}
    return begin_recipe(schema, definition, named, folder).text


def only_run(sources: Mapping[str, Path]) -> Path | None:
    """The Bluesky run that is the only source; None where there are others, or it is none."""
    paths = list(sources.values())
    return paths[0] if len(paths) == 1 and is_run(paths[0]) else None


def _from(folder: Path, file: Path) -> str:
    """The path of a file as it counts from a folder; one that lies elsewhere is absolute."""
    full = Path(os.path.abspath(file))  # noqa: PTH100 - links on the way stay as they are
    return full.relative_to(folder).as_posix() if full.is_relative_to(folder) else str(full)


def short_paths(paths: Iterable[Path]) -> list[str]:
    """Paths as people write them: from the working folder, or from home."""
    home, here = Path.home(), Path.cwd()
    found = []
    for path in paths:
        if path.is_relative_to(here):
            found.append(str(path.relative_to(here)))
        elif path.is_relative_to(home):
            found.append(f"~/{path.relative_to(home)}")
        else:
            found.append(str(path))
    return found
