"""Settings a project or a user keeps in a file, and the schema they lead to.

A project's settings are those of the nearest `.nxtool.toml`, or of `[tool.nxtool]` in the nearest
`pyproject.toml`, from the working directory upwards to the folder with `.git` or the home folder.
A user's are in `$XDG_CONFIG_HOME/nxtool/config.toml` (default `~/.config`). The only key is

    definitions = ["nxdl", "/opt/facility/nxdl"]    # folders, relative to the file

Definitions are looked for in the folders of `--definitions`, of NEXUS_DEF_PATH, of the project,
of the user, then ours, then the official ones.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import NxtoolError
from nxtool.findings import Mark

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

FILE_NAME: Final = ".nxtool.toml"
KEYS: Final = ("definitions",)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says; folders are absolute."""

    definitions: tuple[Path, ...] = ()


def schema_for(folders: Sequence[Path]) -> Schema:
    """The schema of `folders` (those of `--definitions`, or names of kept sets) and all other
    definitions at hand.

    Raises:
        DefinitionError: a folder does not exist or holds no NXDL file.
        NxtoolError: a settings file is wrong.
    """
    from nxtool.nxdl.catalogue import default_catalogue
    from nxtool.nxdl.sets import folders_of
    from nxtool.schema.compile import Schema

    configured = [folder for settings in read_all() for folder in settings.definitions]
    return Schema(default_catalogue(folders_of(folders), configured))


def read_all(start: Path | None = None) -> list[Settings]:
    """The settings that hold in the folder `start` (default: the working directory), those of
    the project first."""
    found = (_project_settings(start or Path.cwd()), _read(_user_file(), _whole))
    return [settings for settings in found if settings is not None]


def _user_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "nxtool" / "config.toml"


def _project_settings(start: Path) -> Settings | None:
    for folder in _upwards(start):
        for name, select in ((FILE_NAME, _whole), ("pyproject.toml", _tool_table)):
            settings = _read(folder / name, select)
            if settings is not None:
                return settings
    return None


def _upwards(start: Path) -> Iterator[Path]:
    home = Path("~").expanduser()
    for folder in (start, *start.parents):
        yield folder
        if folder == home or (folder / ".git").exists():
            return


def _whole(document: Mapping[str, Any]) -> object:
    return document


def _tool_table(document: Mapping[str, Any]) -> object:
    tools = document.get("tool")
    return tools.get("nxtool") if isinstance(tools, dict) else None


def _read(path: Path, select: Any) -> Settings | None:
    """The settings in the file, None where it is absent or says nothing of us."""
    if not path.is_file():
        return None
    table = select(_parse(path))
    return None if table is None else _settings(table, path)


def _parse(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise NxtoolError(
            f"not valid TOML: {reason}",
            hint="correct the file at this place",
            mark=Mark(str(path), line, column),
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise NxtoolError(f"{path}: cannot be read: {error}", hint="check the file") from error
    return document


def _settings(table: object, path: Path) -> Settings:
    if not isinstance(table, dict):
        raise NxtoolError(f"{path}: nxtool is not a table", hint="write [tool.nxtool]")
    for key in table:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(KEYS)}"
            raise NxtoolError(f"{path}: unknown key {key!r}", hint=hint)
    folders = table.get("definitions", [])
    if not isinstance(folders, list) or not all(isinstance(item, str) for item in folders):
        raise NxtoolError(
            f"{path}: definitions is not a list of folders", hint='definitions = ["nxdl"]'
        )
    return Settings(tuple(path.parent / Path(item).expanduser() for item in folders))
