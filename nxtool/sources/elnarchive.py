"""ELN files: what electronic lab notebooks export, a zip archive with an RO-Crate in one folder.

Selectors: `./#/name`, a property of the entity whose `@id` stands before the `#`;
`results/log.json#/data/x`, a JSON pointer into a JSON file of the folder; `results/scan.pdf`, the
bytes of a file. A number that an entity calls `value` has its `unitText` as unit. Nothing is
unpacked to disk. Source: the ELN file format 1.0 (The ELN Consortium), RO-Crate 1.1.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.jsonfile import LIMIT, parsed_json
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray
from nxtool.sources.pointers import pointers, values_at
from nxtool.sources.ziparchive import ZipArchive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import OpenFile, SourceArray

_METADATA: Final = "ro-crate-metadata.json"
_LARGEST: Final = 256 * 2**20
"""The largest file that is given as bytes."""

_LISTED: Final = 100
"""How many JSON files are looked into for their pointers, and how large one may be."""
_LISTED_SIZE: Final = 2**20


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open ELN files; there are no options."""
    check_options("eln", options, ())
    return ElnArchive


class ElnArchive:
    """A `Reader` of one ELN file.

    Raises:
        SourceError: it is no zip archive, a hostile one, or has no RO-Crate in one folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._archive = ZipArchive(path)
        try:
            self._folder = self._find_folder()
            self._entities = self._find_entities()
        except SourceError:
            self._archive.close()
            raise

    def _find_folder(self) -> str:
        """The folder of the crate with a slash behind it; empty where it is the top."""
        names = [name for name in self._archive.members if name.count("/") <= 1]
        found = [name for name in names if name.rpartition("/")[2] == _METADATA]
        if len(found) != 1:
            what = f"holds {len(found)} files {_METADATA}" if found else f"holds no {_METADATA}"
            raise SourceError(f"{self._path}: {what}", hint="is this an ELN file?")
        return found[0].removesuffix(_METADATA)

    def _find_entities(self) -> Mapping[str, Mapping[str, Any]]:
        root = self._json(_METADATA)
        graph = root.get("@graph") if isinstance(root, dict) else None
        if not isinstance(graph, list):
            raise SourceError(f"{self._path}: {_METADATA} has no list @graph")
        return {str(one["@id"]): one for one in graph if isinstance(one, dict) and "@id" in one}

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def keys(self) -> Iterator[str]:
        """The properties of all entities, the values in JSON files, then the files."""
        for name, entity in self._entities.items():
            yield from (f"{name}#{pointer}" for pointer in pointers(entity))
        files = [name for name in self._files() if name != _METADATA]
        small = (name for name in files if self._is_small_json(name))
        for name in islice(small, _LISTED):
            with suppress(SourceError):
                yield from (f"{name}#{pointer}" for pointer in pointers(self._json(name)))
        yield from files

    def array(self, selector: str = "") -> SourceArray:
        """A property of an entity, a value in a JSON file, or the bytes of a file."""
        name, mark, pointer = selector.partition("#/")
        if not mark:
            return self._bytes(selector)
        where = f"{self._path}: {name}"
        if name in self._entities:
            entity = self._entities[name]
            units = entity.get("unitText") if pointer == "value" else None
            values = values_at(where, entity, f"/{pointer}")
            return MemoryArray(values, units if isinstance(units, str) and units else None)
        if name in self._files():
            return MemoryArray(values_at(where, self._json(name), f"/{pointer}"))
        raise unknown(self._path, "entity or file", name, [*self._entities, *self._files()])

    def _bytes(self, name: str) -> SourceArray:
        if name not in self._files():
            raise unknown(self._path, "file", name, self._files())
        content = self._archive.read(self._folder + name, _LARGEST)
        return MemoryArray(np.frombuffer(content, dtype=np.uint8))

    def _files(self) -> list[str]:
        """The paths of all files, from the folder of the crate on."""
        names = (name for name in self._archive.members if name.startswith(self._folder))
        return [name.removeprefix(self._folder) for name in names]

    def _is_small_json(self, name: str) -> bool:
        size = self._archive.members[self._folder + name].file_size
        return name.lower().endswith(".json") and size <= _LISTED_SIZE

    def _json(self, name: str) -> Any:
        return parsed_json(self._archive.read(self._folder + name, LIMIT), f"{self._path}: {name}")
