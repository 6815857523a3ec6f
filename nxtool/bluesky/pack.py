"""Folders that databroker-pack makes: documents, a file for each run, and the files of detectors.

`catalog.yml` names the files of documents and says where folders of data are now; without it
`documents_manifest.txt` names the documents. Whatever they say, documents are read below the
folder alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from nxtool.bluesky.documents import DocumentFile
from nxtool.errors import NxtoolError, SourceError
from nxtool.yamltree.yamlfile import parse, read_text

CATALOG: Final = "catalog.yml"
MANIFEST: Final = "documents_manifest.txt"
EXTERNAL: Final = "external_files"
MOST: Final = 10_000
"""How many runs a folder may have."""


@dataclass(frozen=True, slots=True)
class Pack:
    """The files of documents, and where folders with data are now, by the names documents have."""

    files: tuple[Path, ...]
    roots: Mapping[str, str] = field(default_factory=dict)


def is_pack(folder: Path) -> bool:
    """True for a folder that databroker-pack made."""
    return folder.is_dir() and any((folder / name).is_file() for name in (CATALOG, MANIFEST))


def read_pack(folder: Path, moved: Mapping[str, str]) -> Pack:
    """What is in a folder; `moved` says where folders with data were moved since it was made.

    Raises:
        SourceError: it has no documents, more than `MOST`, or names some that are not below it.
    """
    source = _source(folder)
    names = _texts(source.get("metadata"), "relative_paths") or _listed(folder)
    files = tuple(islice(_found(folder, names or ["documents/*"]), MOST + 1))
    if not files:
        raise SourceError(f"{folder}: there are no documents of Bluesky in it")
    if len(files) > MOST:
        raise SourceError(f"{folder}: has more than {MOST} files of documents")
    arguments = source.get("args")
    roots = arguments.get("root_map") if isinstance(arguments, Mapping) else None
    named = roots.items() if isinstance(roots, Mapping) else ()
    return Pack(files, {str(old): _now(folder, str(old), str(new), moved) for old, new in named})


def _source(folder: Path) -> Mapping[str, Any]:
    """The only source of the catalogue; nothing where there is none."""
    path = folder / CATALOG
    if not path.is_file():
        return {}
    try:
        tree = parse(read_text(path), str(path)).to_python()
    except NxtoolError as error:
        raise SourceError(f"{path}: {error.message}", hint=error.hint) from error
    sources = tree.get("sources") if isinstance(tree, Mapping) else None
    found = list(sources.values()) if isinstance(sources, Mapping) else []
    return found[0] if len(found) == 1 and isinstance(found[0], Mapping) else {}


def _texts(node: object, key: str) -> list[str]:
    values = node.get(key) if isinstance(node, Mapping) else None
    return [str(one) for one in values] if isinstance(values, list) else []


def _listed(folder: Path) -> list[str]:
    """The documents that the manifest names."""
    path = folder / MANIFEST
    try:
        return path.read_text("utf-8").split("\n") if path.is_file() else []
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read: {error}") from error


def _found(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """The files these names or patterns mean, each once.

    Raises:
        SourceError: a name leads out of the folder.
    """
    known: set[Path] = set()
    for name in filter(None, map(str.strip, names)):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise SourceError(f"{folder}: {name!r} is not below it", hint="unpack it anew")
        for file in _matching(folder, name):
            if file.is_file() and file not in known:
                known.add(file)
                yield file


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except (ValueError, NotImplementedError, OSError) as error:
        raise SourceError(f"{folder}: {pattern!r} names no files: {error}") from error


def _now(folder: Path, old: str, new: str, moved: Mapping[str, str]) -> str:
    """Where data are now: as the catalogue says, unless they were moved or lie in the folder."""
    for before, after in moved.items():
        if new == before or new.startswith(before.rstrip("/") + "/"):
            return after.rstrip("/") + new[len(before.rstrip("/")) :]
    path = folder / new
    beside = folder / EXTERNAL / old
    return str((beside if not path.exists() and beside.is_dir() else path).absolute())


def start_of(file: Path) -> dict[str, Any]:
    """The start document of the run in a file of a pack.

    Raises:
        SourceError: the file does not begin with one.
    """
    first = next(iter(DocumentFile(file)), None)
    if first is None or first.name != "start":
        raise SourceError(f"{file}: does not begin with the start of a run")
    return first.doc
