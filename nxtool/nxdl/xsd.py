"""NXDL files against the XML schema of the standard (`nxdl.xsd` of the official definitions)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from lxml import etree

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import official_folder
from nxtool.nxdl.reader import parse_xml

_NAMESPACES: Final = re.compile(r"\{[^}]*\}")


class NxdlSchema:
    """The schema, read once for many files."""

    def __init__(self) -> None:
        """Read the schema of the official definitions.

        Raises:
            DefinitionError: it is not installed.
        """
        path = official_folder() / "nxdl.xsd"
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            self._schema = etree.XMLSchema(etree.parse(str(path), parser))
        except (OSError, etree.LxmlError) as error:
            raise DefinitionError(f"{path}: no XML schema: {error}", hint="reinstall") from error

    def violations(self, xml: bytes, path: Path) -> list[tuple[int, str]]:
        """Line and message of everything the schema forbids in `xml`, in the order of lines.

        Raises:
            DefinitionError: `xml` is not well-formed, or declares entities.
        """
        self._schema.validate(parse_xml(xml, path))
        log: Any = self._schema.error_log  # the stubs do not know that it can be iterated
        return sorted({(entry.line, _NAMESPACES.sub("", entry.message)) for entry in log})
