"""Judging NXDL files: XML schema, what each states, and what it makes of what it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from nxtool.errors import DefinitionError
from nxtool.findings import Finding, Findings, Mark
from nxtool.lint.codes import fault
from nxtool.lint.conflicts import conflicts
from nxtool.lint.stated import Marker, Stated
from nxtool.nxdl.catalogue import SUFFIX, default_catalogue
from nxtool.nxdl.elements import Definition
from nxtool.nxdl.intake import FOLDERS
from nxtool.nxdl.reader import parse_definition, read_bytes
from nxtool.nxdl.xsd import NxdlSchema
from nxtool.schema.compile import Schema


class Linter:
    """Judges NXDL files; what they extend is looked for beside them, then in `folders` and among
    all other definitions at hand."""

    def __init__(self, folders: tuple[Path, ...] = ()) -> None:
        self.folders = folders
        self._schemas: dict[Path, Schema] = {}

    def judge(self, path: Path) -> Findings:
        """What is wrong in the file `path`, in the order of lines.

        Raises:
            DefinitionError: the file cannot be read, or its name is not that of an NXDL file.
        """
        if not path.name.endswith(SUFFIX):
            hint = f"NXDL files are called NAME{SUFFIX}"
            raise DefinitionError(f"{path}: is not named as an NXDL file", hint=hint)
        items = list(self._faults(read_bytes(path), path))
        items.sort(key=lambda item: (item.mark.line if item.mark else 0, item.code, item.path))
        return Findings(str(path), items)

    @cached_property
    def _xsd(self) -> NxdlSchema:
        return NxdlSchema()

    def _faults(self, xml: bytes, path: Path) -> Iterator[Finding]:
        name = path.name.removesuffix(SUFFIX)
        mark = _marker(xml, path)
        try:
            for line, message in self._xsd.violations(xml, path):
                yield fault("S01", name, message, mark(line))
            definition = parse_definition(xml, path)
        except DefinitionError as error:
            place = error.mark or mark(1)
            yield fault("S01", name, error.message, place, hint=error.hint)
            return
        if definition.name != name:
            message = f"defines {definition.name}, but the file is called {path.name}"
            yield fault("S01", definition.name, message, mark(definition.body.line))
            return
        schema = self._schema(path)
        yield from Stated(definition, mark, schema.knows).faults()
        yield from _inherited(schema, definition, mark)

    def _schema(self, path: Path) -> Schema:
        folder = path.resolve().parent
        if folder.name in FOLDERS:
            folder = folder.parent
        if folder not in self._schemas:
            self._schemas[folder] = Schema(default_catalogue([folder, *self.folders]))
        return self._schemas[folder]


def _inherited(schema: Schema, definition: Definition, mark: Marker) -> Iterator[Finding]:
    try:
        own = schema.chain(definition.name)[0]
        if own.path.resolve() == definition.path.resolve():
            yield from conflicts(schema, own, mark)
    except DefinitionError as error:
        yield fault(
            "S02", definition.name, error.message, mark(definition.body.line), hint=error.hint
        )


def _marker(xml: bytes, path: Path) -> Marker:
    """Lines to marks; the column is that of the first letter of the line."""
    lines = xml.split(b"\n")

    def mark(line: int) -> Mark:
        text = lines[line - 1] if 0 < line <= len(lines) else b""
        return Mark(str(path), line, len(text) - len(text.lstrip()) + 1)

    return mark
