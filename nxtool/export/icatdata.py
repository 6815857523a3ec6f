"""The dump format of ICAT, as XML and as YAML, which `icatingest.py` takes.

Every dataset is a chunk of its own, so a thousand need no more memory than one; objects stand
flat, for a second ingest with `--duplicate CHECK` refuses nested ones. Source: the schemas
`icatdata-*.xsd` of python-icat, and its YAML backend.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from nxtool.export.icatmodel import Version
from nxtool.export.icatthings import OF_ONE_DATASET, Thing, objects_of
from nxtool.export.record import Record
from nxtool.export.spool import IN_MEMORY
from nxtool.export.xmltext import element, empty, head, leaf, plain
from nxtool.findings import Finding

MAX_REMEMBERED: Final = 100_000
"""How many objects that datasets share are remembered as made."""


class DumpWriter:
    """Takes records one by one and writes the file at the end; `yaml` chooses the form."""

    def __init__(
        self, version: Version = "5.0", *, static: bool = False, yaml: bool = False
    ) -> None:
        self.version = version
        self.static = static
        self.yaml = yaml
        self._body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._made: set[str] = set()

    def close(self) -> None:
        """Give back temporary files."""
        self._body.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what this release has no place for.

        Raises:
            MissingValue: the investigation or the facility is not known.
        """
        things, notes = objects_of(record, self.version, static=self.static)
        new = [thing for thing in things if thing.key not in self._made]
        if len(self._made) < MAX_REMEMBERED:
            shared = (thing.key for thing in new if thing.entity not in OF_ONE_DATASET)
            self._made.update(shared)
        text = _yaml_chunk(new) if self.yaml else _xml_chunk(new)
        self._body.write(text.encode())
        return notes

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        start = "%YAML 1.1\n" if self.yaml else _XML + head()
        target.write(start.encode())
        self._body.seek(0)
        while block := self._body.read(IN_MEMORY):
            target.write(block)
        if not self.yaml:
            target.write(b"</icatdata>\n")


_XML: Final = '<?xml version="1.0" encoding="utf-8"?>\n<icatdata>\n'


def _xml_chunk(things: list[Thing]) -> str:
    """One `data` element. Objects made in it are referred to by an id, others by attributes."""
    names = {thing.key: f"{thing.entity.capitalize()}_{n}" for n, thing in enumerate(things, 1)}
    parts = [_xml_reference(one, names) for one in _needed(things, names)]
    parts += [_xml_object(thing, names) for thing in things]
    return f" <data>\n{''.join(parts)} </data>\n"


def _needed(things: list[Thing], names: dict[str, str]) -> Iterator[Thing]:
    """The investigation where it is not made here: each sample and dataset refers to it."""
    for thing in things:
        for related in thing.relations.values():
            if related.entity == "investigation" and related.key not in names:
                names[related.key] = "Investigation_0"
                yield related


def _xml_reference(thing: Thing, names: Mapping[str, str]) -> str:
    return f"  {empty(f'{thing.entity}Ref', {'id': names[thing.key], **thing.lookup})}\n"


def _xml_object(thing: Thing, names: Mapping[str, str]) -> str:
    children = [leaf(name, plain(value)) for name, value in sorted(thing.attributes.items())]
    for name, related in sorted(thing.relations.items()):
        local = names.get(related.key)
        children.append(empty(name, {"ref": local} if local else related.lookup))
    return element(thing.entity, children, {"id": names[thing.key]})


def _yaml_chunk(things: list[Thing]) -> str:
    """One document; JSON's way to write values is YAML too."""
    lines = ["---"]
    for entity, members in groupby(things, key=lambda thing: thing.entity):
        lines.append(f"{entity}:")
        for thing in members:
            lines.append(f"  {json.dumps(thing.key)}:")
            lines += [f"    {name}: {text}" for name, text in _yaml_pairs(thing)]
    return "".join(f"{line}\n" for line in lines)


def _yaml_pairs(thing: Thing) -> list[tuple[str, str]]:
    # `--duplicate CHECK` fails on true and false, but takes the words
    texts = {n: plain(v) if isinstance(v, bool) else v for n, v in thing.attributes.items()}
    pairs = [(name, json.dumps(value)) for name, value in texts.items()]
    pairs += [(name, json.dumps(related.key)) for name, related in thing.relations.items()]
    return sorted(pairs)
