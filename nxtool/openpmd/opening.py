"""Opening openPMD files of any backend: HDF5, JSON, TOML and ADIOS2, by the end of their names."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from nxtool.errors import FileUnreadable
from nxtool.nodeview import GroupView
from nxtool.openpmd.plaintree import PlainGroup
from nxtool.remote.address import address_of
from nxtool.remote.opening import open_root

LARGEST_TEXT: Final = 256 * 2**20
"""Text files are read whole; larger ones than this, in bytes, are refused."""
TEXT_SUFFIXES: Final = frozenset({".json", ".toml"})
HDF5_SUFFIXES: Final = frozenset({".h5", ".hdf5"})
ADIOS_SUFFIXES: Final = frozenset({".bp", ".bp4", ".bp5"})
"""Folders, but for old files."""
SUFFIXES: Final = TEXT_SUFFIXES | HDF5_SUFFIXES | ADIOS_SUFFIXES

Backend = Literal["HDF5", "JSON", "TOML", "ADIOS2"]


def backend_of(path: Path) -> Backend:
    """The backend that the end of a name means; HDF5 where it means none, or lies elsewhere."""
    suffix = suffix_of(path)
    if suffix in ADIOS_SUFFIXES:
        return "ADIOS2"
    return "JSON" if suffix == ".json" else "TOML" if suffix == ".toml" else "HDF5"


@contextmanager
def open_tree(path: Path) -> Iterator[GroupView]:
    """The root group of the file at `path`, which may be an address, for the time of the block.

    Raises:
        FileUnreadable: missing, no permission, not what its name says, damaged.
        MissingExtra: the format needs a library that is not installed.
    """
    suffix = suffix_of(path)
    if suffix in TEXT_SUFFIXES:
        yield _plain_root(path, suffix)
    elif suffix in ADIOS_SUFFIXES:
        from nxtool.openpmd.adiostree import open_adios

        with open_adios(path) as root:
            yield root
    else:
        with open_root(path) as root:
            yield root


def suffix_of(path: Path) -> str:
    """The end of a name, in small letters; empty for an address, behind which only HDF5 is read."""
    return "" if address_of(path) else path.suffix.lower()


def _plain_root(path: Path, suffix: str) -> PlainGroup:
    parse = _parse_json if suffix == ".json" else _parse_toml
    what = suffix.removeprefix(".").upper()
    try:
        if path.stat().st_size > LARGEST_TEXT:
            hint = "convert it to HDF5 with openpmd-pipe"
            raise FileUnreadable(f"{path}: is larger than {LARGEST_TEXT >> 20} MiB", hint=hint)
        content = parse(path.read_bytes())
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", hint="check the path") from error
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise FileUnreadable(f"{path}: is no {what}: {reason}", hint="is it damaged?") from error
    if not isinstance(content, Mapping):
        raise FileUnreadable(f"{path}: holds no {what} object", hint="check the format")
    return PlainGroup(content, "/")


def _parse_json(raw: bytes) -> Any:
    return json.loads(raw)


def _parse_toml(raw: bytes) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(raw.decode("utf-8"))
