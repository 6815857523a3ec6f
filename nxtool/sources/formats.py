"""The formats there are, and which one a file is of.

The suffix decides, and the first bytes where several formats share it or none has it. Readers of
others (`plugins.py`) never take a file from a format of ours without being asked: where both want
it, the author must say which.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from nxtool.bluesky.sniff import RUN
from nxtool.errors import SourceError
from nxtool.sources.plugins import all_plugins, plugin_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the module that reads it, the function there that takes the options, suffixes,
    and the package that it calls for help."""

    module: str
    function: str = "opener"
    suffixes: tuple[str, ...] = ()
    package: str = ""


SOURCES: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "hdf5": Format(
            "hdf5file",
            suffixes=(".h5", ".hdf5", ".hdf", ".he5", ".nxs", ".nx5", ".emd"),
            package="h5py",
        ),
        "csv": Format("csvfile", suffixes=(".csv", ".tsv")),
        "matrix": Format("csvfile", "matrix_opener"),
        "tiff": Format("tiff", suffixes=(".tif", ".tiff"), package="tifffile"),
        "edf": Format("edffile", suffixes=(".edf",)),
        "image": Format(
            "images",
            suffixes=(".cbf", ".mccd", ".marccd", ".mar3450", ".mar2300", ".sfrm", ".ge"),
            package="fabio",
        ),
        "spec": Format("specfile", suffixes=(".spec", ".spc")),
        "fio": Format("fiofile", suffixes=(".fio",)),
        "parquet": Format("parquet", suffixes=(".parquet",), package="pyarrow"),
        "xlsx": Format("xlsx", suffixes=(".xlsx", ".xlsm"), package="openpyxl"),
        "zarr": Format("zarrstore", suffixes=(".zarr",), package="zarr"),
        "mrc": Format("mrc", suffixes=(".mrc", ".mrcs", ".map"), package="mrcfile"),
        "spc": Format("spcfile", suffixes=(".spc",)),
        "jcamp": Format("jcampfile", suffixes=(".jdx", ".dx", ".jcamp"), package="jcamp"),
        "sif": Format("siffile", suffixes=(".sif",), package="sif_parser"),
        "opus": Format("opusfile", suffixes=(".opus",), package="brukeropus"),
        "ibw": Format("igor", suffixes=(".ibw", ".bwav"), package="igor2"),
        "pxp": Format("igor", "experiment_opener", (".pxp", ".pxt"), "igor2"),
        "tdms": Format("tdms", suffixes=(".tdms",), package="nptdms"),
        "xdi": Format("xdifile", suffixes=(".xdi",)),
        "npy": Format("npy", suffixes=(".npy",), package="numpy"),
        "npz": Format("npy", "archive_opener", (".npz",), "numpy"),
        "json": Format("jsonfile", suffixes=(".json",)),
        "jsonl": Format("jsonlines", suffixes=(".jsonl", ".ndjson")),
        "bluesky": Format(
            "blueskyrun",
            suffixes=(".json", ".jsonl", ".ndjson", ".jsonseq", ".json-seq", ".msgpack"),
        ),
        "kafka": Format("recording", package="h5py"),
        "yaml": Format("yamldata", suffixes=(".yaml", ".yml")),
        "eln": Format("elnarchive", suffixes=(".eln",)),
        "raw": Format("raw", suffixes=(".raw", ".bin")),
    }
)
"""Every format of ours by its name in a recipe."""

_TEXT: Final = (".dat", ".txt", ".asc", ".xy", ".xye")
"""Suffixes of text tables, many of which are SPEC files."""

_MAGIC: Final = (
    (re.compile(rb"\x89HDF\r\n\x1a\n"), "hdf5"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (re.compile(rb"###CBF"), "image"),
    (re.compile(rb"\s*\{\s*(?:EDF_|HeaderID)\w*\s*="), "edf"),
    (re.compile(rb"\x93NUMPY"), "npy"),
    (re.compile(rb"PAR1"), "parquet"),
    (re.compile(rb"TDSm"), "tdms"),
    (re.compile(rb"\n\n\xfe\xfe"), "opus"),
    (re.compile(rb"Andor Technology Multi-Channel File"), "sif"),
    (re.compile(rb"#F \S|#S \d"), "spec"),
    (re.compile(rb"# ?XDI/"), "xdi"),
    (RUN, "bluesky"),
)
"""How files begin."""

_APART: Final[Mapping[str, re.Pattern[bytes]]] = MappingProxyType(
    {
        "spc": re.compile(rb"[^#][\x4b\x4c\x4d\xcf]"),
        "spec": re.compile(rb"(?![^#][\x4b\x4c\x4d\xcf])"),
        "bluesky": RUN,
        "json": re.compile(rb"(?!" + RUN.pattern + rb")"),
        "jsonl": re.compile(rb"(?!" + RUN.pattern + rb")"),
    }
)
"""How files of formats that share a suffix begin."""

_HEAD: Final = 4096
"""How much of a file readers of others are shown to judge it by, in bytes."""


def format_names() -> list[str]:
    """The names of all formats: ours, then those that others bring."""
    return [*SOURCES, *(name for name in plugin_names() if name not in SOURCES)]


def reader_of(format_name: str) -> str:
    """What reads files of a format here, with version: `nxtool.sources.images, fabio 2026.6.0`.

    A package counts once it is loaded, as it is when a file needs it.
    """
    if format_name not in SOURCES:
        return f"{format_name}, a reader of another package"
    known = SOURCES[format_name]
    module = f"nxtool.sources.{known.module}"
    package = sys.modules.get(known.package)
    version = getattr(package, "__version__", "") or getattr(package, "version", "")
    return f"{module}, {known.package} {version}" if package else module


def format_of(file: Path) -> str:
    """The format of a file: by its suffix, else by its first bytes.

    Raises:
        SourceError: it is none that is known, or may be one of several; the message names them.
            Or a reader that another package brings is broken.
    """
    suffix = file.suffix.lower()
    head = _head(file)
    ours = [name for name, entry in SOURCES.items() if suffix in entry.suffixes]
    if len(ours) > 1:
        ours = [name for name in ours if _APART[name].match(head)]
    theirs = _best(file, head, suffix)
    if not ours and not theirs:
        ours = [name for pattern, name in _MAGIC if pattern.match(head)]
        theirs = _best(file, head, "")
    if not ours and not theirs and suffix in _TEXT:
        return "csv"
    found = [*ours, *theirs]
    if len(found) == 1:
        return found[0]
    names = ", ".join(found or format_names())
    what = f"may be {' or '.join(found)}" if found else "of no known format"
    raise SourceError(f"{file}: {what}", hint=f"set `format` to one of {names}")


def _best(file: Path, head: bytes, suffix: str) -> list[str]:
    """The readers of others that know the file best, if any does; an empty suffix is any."""
    plugins = [one for one in all_plugins(SOURCES) if not suffix or suffix in one.suffixes]
    scores = {one.name: one.sniff(head, file) for one in plugins}
    best = max(scores.values(), default=0)
    return [name for name, score in scores.items() if score == best > 0]


def _head(file: Path) -> bytes:
    """The first bytes of a file; none of a folder."""
    try:
        if file.is_dir():
            return b""
        with file.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise SourceError(f"{file}: cannot be read: {error.strerror}") from error
