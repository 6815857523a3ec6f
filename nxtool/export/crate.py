"""Datasets as an RO-Crate: the file `ro-crate-metadata.json` of a folder with data.

One dataset is the crate itself; several are parts of it. Entities stand flat and refer to each
other, files by their path from the folder. Source: https://w3id.org/ro/crate/1.2.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from nxtool.errors import NxtoolError
from nxtool.export.addresses import format_of, relative_uri
from nxtool.export.jsontext import Json, JsonSpool, filled, to_bytes
from nxtool.export.licenses import license_of
from nxtool.export.linked import PLACED, action_node, dataset_node, left_out, overflowed, published
from nxtool.export.notes import note
from nxtool.export.people import doubtful
from nxtool.export.record import MissingValue, Record
from nxtool.findings import Finding

SPECIFICATION: Final = "https://w3id.org/ro/crate/1.2"
CONTEXT: Final = f"{SPECIFICATION}/context"
NAME: Final = "ro-crate-metadata.json"
_SHARED: Final = ("license", "creator", "publisher")
"""What the crate says of itself if its datasets do."""


class _Unique(JsonSpool):
    """Nodes, each once: the first of an `@id` is kept."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str] = set()

    def add(self, document: Mapping[str, Any]) -> None:
        """One more node."""
        if document["@id"] not in self._seen:
            self._seen.add(document["@id"])
            self.add_new(document)

    def add_new(self, document: Mapping[str, Any]) -> None:
        """One more node, of which no other has the `@id`."""
        super().add(document)


class CrateWriter:
    """Takes records one by one and writes the file at the end; it is meant for the folder `root`.

    Of what is kept in memory only the names of files and other entities grow with the records.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._parts = _Unique()
        self._entities = _Unique()
        self._shared: dict[str, dict[str, None]] = {key: {} for key in _SHARED}
        self._first: tuple[Json, list[Json]] = ({}, [])
        self._count = 0
        self._date = ""

    def close(self) -> None:
        """Give back temporary files."""
        self._parts.close()
        self._entities.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what has no place.

        Raises:
            MissingValue: the licence is not known, or when the data were made.
        """
        date, notes = _date(record)
        missing = dict(_missing(record, date))
        if missing:
            raise MissingValue(record.source, missing)
        self._count += 1
        files, lost = self._files(record)
        references = [{"@id": file["@id"]} for file in files]
        action = filled({**action_node(record), "result": references})
        node = {**dataset_node(record), "datePublished": date, "mentions": [action]}
        known = f"#dataset-{self._count}"
        dataset, *others = flattened({"@id": known, **node}, known)
        for entity in (*files, *others):
            numbered = entity["@id"].startswith(f"{known}-")
            add = self._entities.add_new if numbered else self._entities.add
            add(entity)
        for reference in references:
            self._parts.add(reference)
        self._take(dataset, references, date)
        mine = (*PLACED, *(target for target in record.values if target.startswith("scicat.")))
        told = (*left_out(record, mine, "RO-Crate"), *doubtful(record), *overflowed(record))
        return [*notes, *lost, *told]

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        descriptor = {
            "@id": NAME,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": SPECIFICATION},
        }
        target.write(to_bytes({"@context": CONTEXT}).removesuffix(b"\n}") + b',\n"@graph": [\n')
        target.write(to_bytes(descriptor) + b",\n")
        target.write(to_bytes(self._crate()).removesuffix(b"\n}") + b',\n"hasPart": [\n')
        self._parts.pour(target)
        target.write(b"\n]\n}")
        target.write(b",\n" if self._entities.count else b"")
        self._entities.pour(target)
        target.write(b"\n]\n}\n")

    def _crate(self) -> Json:
        """The crate itself: its only dataset, or what can be said of all."""
        if self._count == 1:
            return {**self._first[0], "@id": "./"}
        shared = {key: [{"@id": one} for one in known] for key, known in self._shared.items()}
        about = f"{self._count} datasets"
        return filled({
            "@id": "./",
            "@type": "Dataset",
            "name": about,
            "description": f"{about} of experiments, in NeXus files",
            "datePublished": self._date,
            **shared,
        })  # fmt: skip

    def _take(self, dataset: Json, references: list[Json], date: str) -> None:
        """Keep the first dataset until a second tells that it is not the whole crate."""
        self._date = max(self._date, date)
        for key in _SHARED:
            found = dataset.get(key, [])
            for one in found if isinstance(found, list) else [found]:
                self._shared[key].setdefault(one["@id"])
        if self._count == 1:
            self._first = (dataset, references)
            return
        if self._count == 2:
            self._member(*self._first)
        self._member(dataset, references)

    def _member(self, dataset: Json, references: list[Json]) -> None:
        self._entities.add_new(filled({**dataset, "hasPart": references}))
        self._parts.add_new({"@id": dataset["@id"]})

    def _files(self, record: Record) -> tuple[list[Json], list[Finding]]:
        found: list[Json] = []
        notes: list[Finding] = []
        for index, file in enumerate(record.files):
            known = relative_uri(file.path, self._root)
            if not known:
                notes.append(note("X14", "/", f"{file.path} lies outside the folder of the crate"))
                continue
            found.append(filled({
                "@id": known,
                "@type": "File",
                "name": file.name,
                "contentSize": str(file.size),
                "encodingFormat": format_of(file, first=index == 0),
                "dateModified": file.modified,
                "sha256": file.sha256,
            }))  # fmt: skip
        return found, notes


def crate_root(paths: Iterable[Path]) -> Path:
    """The innermost folder that all files and folders named are in."""
    whole = (Path(os.path.realpath(path)) for path in paths)
    folders = [path if path.is_dir() else path.parent for path in whole]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError as error:  # on several drives
        raise NxtoolError(
            "the files lie on several drives", hint="name the files of one"
        ) from error


def flattened(node: Json, prefix: str) -> list[Json]:
    """The nodes in `node`, itself first, referring to each other by `@id`. Those without one are
    numbered behind `prefix`.

    >>> flattened({"@id": "a", "part": [{"name": "b"}]}, "#x")
    [{'@id': 'a', 'part': [{'@id': '#x-1'}]}, {'@id': '#x-1', 'name': 'b'}]
    """
    found: list[Json] = []

    def value(given: Any) -> Any:
        if isinstance(given, list):
            return [value(one) for one in given]
        if not isinstance(given, dict) or given.keys() == {"@id"}:
            return given
        entity: Json = {"@id": given.get("@id") or f"{prefix}-{len(found)}"}
        found.append(entity)
        entity.update({key: value(inner) for key, inner in given.items() if key != "@id"})
        return {"@id": entity["@id"]}

    value(node)
    return found


def _date(record: Record) -> tuple[str, list[Finding]]:
    """When the dataset was published, or at least made; empty where that is not known."""
    if given := published(record):
        return given, []
    for target in ("dataset.endDate", "dataset.startDate"):
        if text := record.text(target):
            return text, [note("X23", "/", f"datePublished is {text!r}, from {target}")]
    return "", []


def _missing(record: Record, date: str) -> Iterator[tuple[str, str]]:
    if license_of(record) is None:
        yield "license.name", ""
    if not date:
        yield "dataset.published", "no date is known"
