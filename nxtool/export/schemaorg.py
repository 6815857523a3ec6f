"""Datasets as JSON-LD in the words of schema.org, as web pages carry it for search engines, and as
the Cross-Domain Interoperability Framework (CDIF) builds on it. How a dataset was made stands
under `prov:wasGeneratedBy`, for schema.org has no word for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from nxtool.export.addresses import format_of, iri, relative_uri
from nxtool.export.jsontext import Json, JsonSpool, filled, to_bytes
from nxtool.export.linked import (
    PLACED,
    action_node,
    dataset_node,
    left_out,
    overflowed,
    own_doi,
    published,
)
from nxtool.export.people import doubtful
from nxtool.export.record import Record
from nxtool.findings import Finding

CONTEXT: Final = ["https://schema.org/", {"prov": "http://www.w3.org/ns/prov#"}]


class JsonldWriter:
    """Takes records one by one and writes the file at the end; several become a graph."""

    def __init__(self) -> None:
        self._spool = JsonSpool()

    def close(self) -> None:
        """Give back temporary files."""
        self._spool.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what has no place."""
        self._spool.add(_document(record))
        mine = (*PLACED, *(target for target in record.values if target.startswith("scicat.")))
        return [
            *left_out(record, mine, "JSON-LD"),
            *doubtful(record),
            *overflowed(record),
        ]

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        target.write(to_bytes({"@context": CONTEXT}).removesuffix(b"\n}") + b",")
        if self._spool.count == 1:
            self._spool.pour(target, len("{"))
            target.write(b"\n")
            return
        target.write(b'\n"@graph": [\n')
        self._spool.pour(target)
        target.write(b"\n]\n}\n")


def _document(record: Record) -> Json:
    known = iri(own_doi(record))
    modified = max((file.modified for file in record.files), default="")
    return filled({
        **({"@id": known} if known else {}),
        **dataset_node(record),
        "datePublished": published(record),
        "dateModified": modified,
        "distribution": list(_downloads(record)),
        "prov:wasGeneratedBy": action_node(record),
    })  # fmt: skip


def _downloads(record: Record) -> Iterator[Json]:
    """The files; their addresses count from the folder of the first."""
    for index, file in enumerate(record.files):
        yield filled({
            "@type": "DataDownload",
            "name": file.name,
            "contentUrl": relative_uri(file.path, record.files[0].path.resolve().parent),
            "contentSize": f"{file.size} B",
            "encodingFormat": format_of(file, first=index == 0),
            "dateModified": file.modified,
            "sha256": file.sha256,
        })  # fmt: skip
