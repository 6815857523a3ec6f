"""What programs call: the functions that `import nxtool` offers, beside `nxtool.validate`.

Definitions are found as on the command line; `definitions` are folders of NXDL to prefer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from nxtool.archive.reading import Archive
from nxtool.archive.unpack import unpack
from nxtool.build.convert import Check, Outcome
from nxtool.build.convert import convert as convert_recipe
from nxtool.build.fromrun import RunRequest, is_run, recipe_of_run
from nxtool.config import lasting_schema
from nxtool.editing.apply import Manner, edit_file
from nxtool.editing.model import EditOutcome
from nxtool.editing.request import requests_from_values
from nxtool.errors import NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.nxdl.elements import Definition
from nxtool.openpmd.judging import judge_series
from nxtool.openpmd.profiles import PROFILE_NAMES, PROFILES
from nxtool.openpmd.series import find_series
from nxtool.recipe.model import Recipe
from nxtool.schema.compile import Schema
from nxtool.schema.editor import json_schema as schema_of
from nxtool.schema.template import template as template_of
from nxtool.validate.visit import Options

Folders = Sequence[str | PathLike[str]]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def load_definition(name: str, *, definitions: Folders = ()) -> Definition:
    """The definition `name` as its NXDL file says, nothing inherited.

    Raises:
        DefinitionError: it is unknown.
    """
    return _schema(definitions).catalogue[name]


def convert(
    recipe: str | PathLike[str] | Recipe | Mapping[str, Any],
    *,
    output: str | PathLike[str] = "",
    settings: Sequence[str] = (),
    mode: Check = "strict",
    overwrite: bool = False,
    verify_restore: bool = False,
    definitions: Folders = (),
) -> Outcome:
    """Convert raw data as the recipe says; see `nxtool.build.convert.convert` for what it raises.

    `recipe` is a file, the same tree as a dict, whose values may be arrays, or a `Recipe` that was
    read before. `settings` change values of it: `entry.sample.name=x`. A file of Bluesky documents
    is converted without a recipe; then `output` must be given.
    """
    if not isinstance(recipe, Recipe | Mapping):
        path = Path(recipe)
        recipe = recipe_of_run(path, RunRequest()) if is_run(path) else path
    return convert_recipe(
        recipe,
        _schema(definitions),
        output=str(output),
        settings=settings,
        mode=mode,
        overwrite=overwrite,
        verify_restore=verify_restore,
    )


def edit(
    path: str | PathLike[str],
    values: Mapping[str, Any] = _NOTHING,
    *,
    delete: Sequence[str] = (),
    reason: str = "",
    output: str | PathLike[str] = "",
    overwrite: bool = False,
    allow_invalid: bool = False,
    dry_run: bool = False,
    definitions: Folders = (),
) -> EditOutcome:
    """Change metadata of the NeXus file at `path`, and put it on record there.

    `values` are by HDF5 path, attributes behind an `@`: `{"/entry/sample/temperature": "100 K"}`.
    The file is replaced whole, or left as it is; with `output` it is left in any case. Mistakes
    and errors that the edit would add are in the outcome; see `nxtool.editing.apply.edit_file` for
    what it raises.
    """
    problems: list[Finding] = []
    requests, arrays = requests_from_values(values, delete, problems)
    out = Path(output) if str(output) else None
    manner = Manner(out, reason, overwrite, allow_invalid, dry_run)
    return edit_file(
        Path(path), requests, _schema(definitions), manner, arrays=arrays, problems=problems
    )


def restore(
    path: str | PathLike[str], folder: str | PathLike[str], *, force: bool = False
) -> list[Path]:
    """Write the raw files that the file at `path` keeps, and its recipe, below `folder`; the paths.

    What is restored is what was converted, bit for bit; `force` replaces files that exist.

    Raises:
        FileUnreadable: no raw files are kept, or some are damaged: those are not written.
        OutputError: a file exists, or `folder` cannot be written.
    """
    with Archive(Path(path)) as archive:
        return unpack(archive, Path(folder), force=force)


def validate_openpmd(
    path: str | PathLike[str], *, profile: str = "", data: bool = False
) -> Findings:
    """Judge an openPMD file, or a series of files: a pattern such as `data_%T.h5`, or a folder.

    `profile` is a dialect (`strict`, `openpmd-api`, `beamphysics`, `picongpu`), empty for the
    standard itself; `data` says whether data may be read where a rule needs them.

    Raises:
        FileUnreadable: a file cannot be opened; what is wrong inside becomes findings.
        NxtoolError: there is no such profile.
    """
    if profile not in PROFILES:
        hint = f"there are {', '.join(PROFILE_NAMES)}"
        raise NxtoolError(f"there is no profile {profile!r}", hint=hint)
    options = Options(profile=profile, reads_data=data)
    return judge_series(find_series(Path(path)), options)


def template(
    name: str,
    level: Literal["required", "recommended", "all"] = "required",
    *,
    definitions: Folders = (),
) -> str:
    """A commented recipe for the application definition `name`, to be filled in.

    Raises:
        DefinitionError: unknown, not an application definition, or it describes no entry.
    """
    return template_of(_schema(definitions), name, level)


def json_schema(name: str, *, definitions: Folders = ()) -> dict[str, Any]:
    """A JSON Schema for recipes of the application definition `name`.

    Raises:
        DefinitionError: unknown, or not an application definition.
    """
    return dict(schema_of(_schema(definitions), name))


def _schema(folders: Folders) -> Schema:
    return lasting_schema([Path(folder) for folder in folders])
