"""A file judged by an XML schema that the user has, such as those python-icat installs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from nxtool.errors import FileUnreadable
from nxtool.findings import Finding, Mark
from nxtool.icatlint.codes import fault

Schema = etree.XMLSchema


def load_schema(path: Path) -> Schema:
    """The schema in the file `path`. Raises `FileUnreadable` where it is none."""
    try:
        return etree.XMLSchema(_parse(path))
    except etree.XMLSchemaParseError as error:
        hint = "python-icat has ingest-11.xsd and others in /usr/share/icat"
        raise FileUnreadable(f"{path}: is no XML schema: {error}", hint=hint) from error


def judge_by_schema(path: Path, schema: Schema) -> Iterator[Finding]:
    """What the schema says of the file `path`. Raises `FileUnreadable`."""
    tree = _parse(path)
    if schema.validate(tree):
        return
    log: Any = schema.error_log  # the stubs do not know that it is a sequence
    for entry in log:
        mark = Mark(str(path), max(entry.line, 1), max(entry.column, 1))
        yield fault("C00", mark, "", " ".join(entry.message.split()))


def _parse(path: Path) -> etree._ElementTree:
    """The file as a tree; entities, network and DTD stay untouched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.parse(str(path), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        mark = Mark(str(path), max(line, 1), max(column, 1))
        raise FileUnreadable(f"cannot be parsed as XML: {error.msg}", mark=mark) from error
    except OSError as error:
        raise FileUnreadable(f"{path}: cannot be read", hint="check the name") from error
