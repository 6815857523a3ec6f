"""NXDL XML to typed elements.

XML is parsed without entities, network or DTD, whatever the file asks for. Errors are
`DefinitionError` with file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from nxtool.errors import DefinitionError
from nxtool.findings import Mark
from nxtool.nxdl.elements import (
    AttributeElement,
    Category,
    ChoiceElement,
    Definition,
    Dim,
    Dimensions,
    Enumeration,
    FieldElement,
    GroupElement,
    LinkElement,
    NameType,
    Occurrence,
)

NAMESPACE: Final = "{http://definition.nexusformat.org/nxdl/3.1}"
MAX_BYTES: Final = 16 * 1024 * 1024
"""The largest official definition has 0.1 MiB; a file above this is not a definition."""


def read_definition(path: Path) -> Definition:
    """The definition in the file `path`.

    Raises:
        DefinitionError: the file cannot be read, is not XML, or is not NXDL.
    """
    return parse_definition(read_bytes(path), path)


def parse_definition(xml: bytes, path: Path) -> Definition:
    """The definition in the bytes `xml`; `path` is only named in errors and marks.

    Raises:
        DefinitionError: `xml` is not well-formed, declares entities, or is not NXDL.
    """
    root = parse_xml(xml, path)
    if root.tag != f"{NAMESPACE}definition":
        raise DefinitionError(
            f"{path}: the root element is not an NXDL <definition>",
            hint="NXDL files start with <definition xmlns="
            '"http://definition.nexusformat.org/nxdl/3.1" ...>',
        )
    return _Reader(path).definition(root)


def read_bytes(path: Path) -> bytes:
    """The content of an NXDL file. Raises `DefinitionError` where it is absent or too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DefinitionError(
                f"{path}: larger than {MAX_BYTES // 2**20} MiB", hint="this is no NXDL file"
            )
        return path.read_bytes()
    except OSError as error:
        raise DefinitionError(f"{path}: {error.strerror}", hint="check the folder") from error


def parse_xml(xml: bytes, path: Path) -> etree._Element:
    """The root element; entities, network and DTD stay untouched. Raises `DefinitionError`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise DefinitionError(
            f"not well-formed XML: {error.msg}",
            hint="open the file at this place",
            mark=Mark(str(path), max(line, 1), max(column, 1)),
        ) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs are unsure
        raise DefinitionError(
            f"{path}: has a document type declaration, which may define entities",
            hint="NXDL needs none; remove <!DOCTYPE ...>",
        )
    return root


class _Reader:
    """Turns the elements of one file into ours; keeps the path for marks."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def definition(self, root: etree._Element) -> Definition:
        name = self.need(root, "name")
        category = self.need(root, "category")
        if category not in ("base", "application"):
            raise self.error(root, f"category {category!r}", "use base or application")
        return Definition(
            name=name,
            category=cast("Category", category),
            extends=root.get("extends"),
            body=self.group(root, type_=name),
            symbols=dict(self.symbols(root)),
            ignore_extra_groups=self.flag(root, "ignoreExtraGroups") or False,
            ignore_extra_fields=self.flag(root, "ignoreExtraFields") or False,
            ignore_extra_attributes=self.flag(root, "ignoreExtraAttributes") or False,
            deprecated=root.get("deprecated"),
            path=self.path,
        )

    def symbols(self, root: etree._Element) -> Iterator[tuple[str, str]]:
        for block in root.iterchildren(f"{NAMESPACE}symbols"):
            for symbol in block.iterchildren(f"{NAMESPACE}symbol"):
                yield self.need(symbol, "name"), _doc(symbol)

    def group(self, element: etree._Element, type_: str = "") -> GroupElement:
        name = None if type_ else element.get("name")
        return GroupElement(
            name=name,
            type=type_ or self.need(element, "type"),
            name_type=self.name_type(element, "specified" if name else "any"),
            occurrence=self.occurrence(element),
            attributes=self.attributes(element),
            fields=tuple(self.field(e) for e in _children(element, "field")),
            groups=tuple(self.group(e) for e in _children(element, "group")),
            choices=tuple(self.choice(e) for e in _children(element, "choice")),
            links=tuple(self.link(e) for e in _children(element, "link")),
            deprecated=element.get("deprecated"),
            doc=_doc(element),
            line=_line(element),
        )

    def choice(self, element: etree._Element) -> ChoiceElement:
        return ChoiceElement(
            name=self.need(element, "name"),
            groups=tuple(self.group(e) for e in _children(element, "group")),
            doc=_doc(element),
            line=_line(element),
        )

    def link(self, element: etree._Element) -> LinkElement:
        return LinkElement(
            name=self.need(element, "name"),
            target=self.need(element, "target"),
            doc=_doc(element),
            line=_line(element),
        )

    def field(self, element: etree._Element) -> FieldElement:
        return FieldElement(
            name=self.need(element, "name"),
            type=element.get("type"),
            name_type=self.name_type(element, "specified"),
            units=element.get("units"),
            occurrence=self.occurrence(element),
            enumeration=self.enumeration(element),
            dimensions=self.dimensions(element),
            attributes=self.attributes(element),
            deprecated=element.get("deprecated"),
            doc=_doc(element),
            line=_line(element),
        )

    def attributes(self, element: etree._Element) -> tuple[AttributeElement, ...]:
        return tuple(self.attribute(e) for e in _children(element, "attribute"))

    def attribute(self, element: etree._Element) -> AttributeElement:
        return AttributeElement(
            name=self.need(element, "name"),
            type=element.get("type"),
            name_type=self.name_type(element, "specified"),
            occurrence=self.occurrence(element),
            enumeration=self.enumeration(element),
            dimensions=self.dimensions(element),
            deprecated=element.get("deprecated"),
            doc=_doc(element),
            line=_line(element),
        )

    def enumeration(self, element: etree._Element) -> Enumeration | None:
        for block in _children(element, "enumeration"):
            items = tuple(self.need(item, "value") for item in _children(block, "item"))
            return Enumeration(items, self.flag(block, "open") or False, _line(block))
        return None

    def dimensions(self, element: etree._Element) -> Dimensions | None:
        for block in _children(element, "dimensions"):
            dims = tuple(sorted((self.dim(e) for e in _children(block, "dim")), key=_index))
            return Dimensions(block.get("rank"), dims, _doc(block), _line(block))
        return None

    def dim(self, element: etree._Element) -> Dim:
        required = self.flag(element, "required")
        return Dim(
            index=self.integer(element, "index") or 0,
            value=element.get("value"),
            required=True if required is None else required,
            line=_line(element),
        )

    def occurrence(self, element: etree._Element) -> Occurrence:
        return Occurrence(
            min_occurs=self.integer(element, "minOccurs"),
            max_occurs=self.integer(element, "maxOccurs"),
            optional=self.flag(element, "optional"),
            recommended=self.flag(element, "recommended"),
        )

    def name_type(self, element: etree._Element, default: NameType) -> NameType:
        value = element.get("nameType", default)
        if value not in ("specified", "any", "partial"):
            raise self.error(element, f"nameType {value!r}", "use specified, any or partial")
        return cast("NameType", value)

    def integer(self, element: etree._Element, name: str) -> int | None:
        text = element.get(name)
        if text is None:
            return None
        if text == "unbounded":
            return -1
        if not text.strip().isdecimal():
            raise self.error(element, f"{name}={text!r}", "use a whole number or unbounded")
        return int(text)

    def flag(self, element: etree._Element, name: str) -> bool | None:
        text = element.get(name)
        if text is None:
            return None
        if text not in ("true", "false", "1", "0"):
            raise self.error(element, f"{name}={text!r}", "use true or false")
        return text in ("true", "1")

    def need(self, element: etree._Element, name: str) -> str:
        value = element.get(name)
        if not value:
            tag = etree.QName(element).localname
            raise self.error(element, f"<{tag}> has no {name}", f"add {name}=...")
        return value

    def error(self, element: etree._Element, what: str, hint: str) -> DefinitionError:
        return DefinitionError(
            f"not NXDL: {what}", hint=hint, mark=Mark(str(self.path), _line(element), 1)
        )


def _children(element: etree._Element, tag: str) -> Iterable[etree._Element]:
    return element.iterchildren(f"{NAMESPACE}{tag}")


def _line(element: etree._Element) -> int:
    line: Any = element.sourceline  # lxml-stubs leaves its type out
    return int(line or 1)


def _index(dim: Dim) -> int:
    return dim.index


def _doc(element: etree._Element) -> str:
    """The text of the first <doc>, with the indentation of the XML taken away."""
    for doc in _children(element, "doc"):
        return _dedent("".join(str(part) for part in doc.itertext()))
    return ""


def _dedent(text: str) -> str:
    """`text` without the indentation that all lines but the first share."""
    first, *rest = text.expandtabs(4).split("\n")
    indents = [len(line) - len(line.lstrip()) for line in rest if line.strip()]
    cut = min(indents, default=0)
    return "\n".join([first.strip(), *(line[cut:].rstrip() for line in rest)]).strip()
