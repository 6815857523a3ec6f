"""Settings a project or a user keeps in a file, and the schema they lead to.

A project's settings are those of the nearest `.nxtool.toml`, or of `[tool.nxtool]` in the nearest
`pyproject.toml`, from the working directory upwards to the folder with `.git` or the home folder.
A user's are in `$XDG_CONFIG_HOME/nxtool/config.toml` (default `~/.config`). The keys are

    definitions = ["nxdl", "/opt/facility/nxdl"]    # folders, relative to the file, or kept sets
    select = ["P02"]                                # only these rules
    ignore = ["G05"]                                # not these rules
    fail-on = "warning"                             # or "error", "never"
    min-severity = "info"                           # the mildest findings to show
    baseline = "nxtool-baseline.json"               # relative to the file
    allow-missing-external = true
    packs = ["events"]                              # further rules to ask
    [severity]
    O01 = "warning"                                 # for every finding of this rule

What the command line says wins over the project, the project over the user. Definitions are looked
for in the folders of `--definitions`, of NEXUS_DEF_PATH, of the project, of the user, then ours,
then the official ones.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Mark, Severity

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

FILE_NAME: Final = ".nxtool.toml"
_WITHOUT_TABLE: Final = "[tool.nxtool] belongs into pyproject.toml; here keys stand without it"
FAIL_ON: Final = ("error", "warning", "never")
PACK_NAMES: Final = ("events",)
"""Packs of rules that are asked only on demand: the keys of `nxtool.validate.rules.PACKS`, which
is too much to load for `--help`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says, None or nothing where it is silent; paths are absolute where
    the file's own path is."""

    definitions: tuple[Path, ...] = ()
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    fail_on: str | None = None
    min_severity: Severity | None = None
    baseline: Path | None = None
    allow_missing_external: bool | None = None
    packs: tuple[str, ...] | None = None
    severity: Mapping[str, Severity] = field(default_factory=dict)


def effective() -> Settings:
    """The settings that hold in the working directory: each key as the project says, or else the
    user; definitions and severities as both say."""
    return merged(read_all())


def merged(found: Sequence[Settings]) -> Settings:
    """Several settings as one; the first that speaks wins."""
    values: dict[str, Any] = {}
    for each in fields(Settings):
        said = [getattr(settings, each.name) for settings in found]
        values[each.name] = next((value for value in said if value is not None), None)
    values["definitions"] = tuple(folder for item in found for folder in item.definitions)
    values["severity"] = {k: v for item in reversed(found) for k, v in item.severity.items()}
    return Settings(**values)


def schema_for(folders: Sequence[Path]) -> Schema:
    """The schema of `folders` (those of `--definitions`) and all other definitions at hand.

    Raises:
        DefinitionError: a folder does not exist or holds no NXDL file.
        NxtoolError: a settings file is wrong.
    """
    return _new_schema(tuple(folders), effective().definitions)


def lasting_schema(folders: Sequence[Path]) -> Schema:
    """Like `schema_for`, kept for the next call; later changes of NXDL files are not noticed."""
    variable = os.environ.get("NEXUS_DEF_PATH", "")
    return _kept_schema(tuple(folders), effective().definitions, variable, Path.cwd())


def _new_schema(folders: tuple[Path, ...], configured: tuple[Path, ...]) -> Schema:
    from nxtool.nxdl.catalogue import default_catalogue
    from nxtool.nxdl.sets import folders_of
    from nxtool.schema.compile import Schema

    return Schema(default_catalogue(folders_of(folders), configured))


@lru_cache(maxsize=4)
def _kept_schema(
    folders: tuple[Path, ...], configured: tuple[Path, ...], _variable: str, _here: Path
) -> Schema:
    return _new_schema(folders, configured)


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
    # most folders have no settings: what reads them is loaded when there are some
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
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
    values = {}
    for key, value in table.items():
        if key not in _READERS:
            hint = _nearest(key, _READERS, "keys") if key != "tool" else _WITHOUT_TABLE
            raise NxtoolError(f"{path}: unknown key {key!r}", hint=hint)
        values[key.replace("-", "_")] = _READERS[key](value, f"{path}: {key}", path.parent)
    return Settings(**values)


def _folders(value: Any, where: str, folder: Path) -> tuple[Path, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise NxtoolError(f"{where} is not a list of folders", hint='definitions = ["nxdl"]')
    return tuple(_folder_or_set(item, folder) for item in value)


def _folder_or_set(text: str, folder: Path) -> Path:
    """A folder beside the file, or else the kept set of this name."""
    path = folder / Path(text).expanduser()
    if path.is_dir() or os.sep in text:
        return path
    from nxtool.nxdl.sets import kept_folder

    return kept_folder(text) or path


def _file(value: Any, where: str, folder: Path) -> Path:
    if not isinstance(value, str):
        raise NxtoolError(f"{where} is not the name of a file", hint='baseline = "known.json"')
    return folder / Path(value).expanduser()


def _truth(value: Any, where: str, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise NxtoolError(f"{where} is neither true nor false", hint="write true or false")
    return value


def _codes(value: Any, where: str, _folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise NxtoolError(f"{where} is not a list of rules", hint='ignore = ["G05"]')
    return tuple(item.upper() for item in value)


def _packs(value: Any, where: str, _folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(PACK_NAMES):
        hint = f"known packs: {', '.join(PACK_NAMES)}"
        raise NxtoolError(f"{where} is not a list of packs of rules", hint=hint)
    return tuple(value)


def _severities(value: Any, where: str, folder: Path) -> dict[str, Severity]:
    if not isinstance(value, dict):
        raise NxtoolError(f"{where} is not a table", hint='write [severity] and O01 = "warning"')
    word = _word(SEVERITIES)
    return {code.upper(): word(text, f"{where}: {code}", folder) for code, text in value.items()}


def _word(words: Sequence[str]) -> Callable[[Any, str, Path], Any]:
    """A reader for one of `words`."""

    def read(value: Any, where: str, _folder: Path) -> str:
        if value not in words:
            hint = f"one of {', '.join(words)}"
            raise NxtoolError(f"{where} is {value!r}", hint=hint)
        return str(value)

    return read


def _nearest(word: str, words: Collection[str], what: str) -> str:
    import difflib

    near = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known {what}: {', '.join(words)}"


_READERS: Final[Mapping[str, Callable[[Any, str, Path], Any]]] = {
    "definitions": _folders,
    "select": _codes,
    "ignore": _codes,
    "fail-on": _word(FAIL_ON),
    "min-severity": _word(SEVERITIES),
    "baseline": _file,
    "allow-missing-external": _truth,
    "packs": _packs,
    "severity": _severities,
}
"""How the value of each key is read: given the value, the words to begin an error with, and the
folder of the file."""
