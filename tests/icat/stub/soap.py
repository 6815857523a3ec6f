"""Messages of the service as XML: calls that come in, results and faults that go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from tests.icat.stub import values
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import Entity, Field, Model
from tests.icat.stub.store import Draft, Record
from tests.icat.stub.values import Value
from tests.icat.stub.wsdl import TARGET, XS

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
TYPE: Final = f"{{{XSI}}}type"
NIL: Final = f"{{{XSI}}}nil"

Related = Callable[[Record, Field], list[Record]]

_NAMESPACES: Final = {"S": ENVELOPE, "xs": XS, "xsi": XSI, "ns2": TARGET}


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that a client asks for, and the elements it sends with it."""

    operation: str
    arguments: Mapping[str, list[etree._Element]]

    def text(self, name: str) -> str:
        """The text of an argument, empty if it was not sent."""
        found = self.arguments.get(name)
        return (found[0].text or "") if found else ""


@dataclass(frozen=True, slots=True)
class Bean:
    """An object to send, with what lies at the end of these relations, below each other.

    `related` finds what of a relation may be sent.
    """

    record: Record
    include: Mapping[str, Any]
    related: Related


@dataclass(frozen=True, slots=True)
class Structure:
    """Named parts to send, in this order; a list is sent as an element for each item."""

    parts: Mapping[str, Any]


def read_call(body: bytes) -> Call:
    """The call in an envelope. Raises `Fault` for what is none."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Fault("BAD_PARAMETER", f"the message is no XML: {error}") from None
    if root.getroottree().docinfo.doctype:
        raise Fault("BAD_PARAMETER", "the message has a document type")
    operation = root.find(f"{{{ENVELOPE}}}Body/{{{TARGET}}}*")
    if operation is None:
        raise Fault("BAD_PARAMETER", "the message holds no call")
    arguments: dict[str, list[etree._Element]] = {}
    for element in operation:
        arguments.setdefault(str(element.tag), []).append(element)
    return Call(etree.QName(operation).localname, arguments)


def read_draft(model: Model, element: etree._Element) -> Draft:
    """The object in an element that says its type. Raises `Fault`."""
    name = (element.get(TYPE) or "").rpartition(":")[2]
    entity = model.by_wire_name(name)
    if entity is None:
        raise Fault("BAD_PARAMETER", f"there is no type {name!r}")
    return _draft(model, entity, element)


def write_result(operation: str, returned: list[Any]) -> bytes:
    """The envelope with the answer to a call: a `return` for each item."""
    root, body = _envelope()
    response = etree.SubElement(body, f"{{{TARGET}}}{operation}Response")
    for item in returned:
        _write(response, "return", item)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def write_fault(fault: Fault) -> bytes:
    """The envelope that tells a client what went wrong."""
    root, body = _envelope()
    told = etree.SubElement(body, f"{{{ENVELOPE}}}Fault")
    etree.SubElement(told, "faultcode").text = "S:Server"
    etree.SubElement(told, "faultstring").text = fault.message
    detail = etree.SubElement(told, "detail")
    exception = etree.SubElement(detail, f"{{{TARGET}}}IcatException")
    etree.SubElement(exception, "message").text = fault.message
    etree.SubElement(exception, "offset").text = str(fault.offset)
    etree.SubElement(exception, "type").text = fault.kind
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _draft(model: Model, entity: Entity, element: etree._Element) -> Draft:
    found: dict[str, Value] = {}
    children: dict[str, list[Draft]] = {}
    for part in element:
        field = entity.fields.get(str(part.tag))
        if field is None:
            raise Fault("BAD_PARAMETER", f"{entity.name} has no {part.tag}")
        if part.get(NIL) == "true":
            continue
        if field.relation == "MANY":
            child = _draft(model, model.entities[field.type], part)
            children.setdefault(field.name, []).append(child)
        elif field.relation == "ONE":
            # what else is known of the other object does not matter; 0 is never the id of one
            found[field.name] = values.parse("Long", part.findtext("id")) or 0
        else:
            found[field.name] = values.parse(field.type, part.text or "")
    return Draft(entity, found, children)


def _envelope() -> tuple[etree._Element, etree._Element]:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap=_NAMESPACES)
    return root, etree.SubElement(root, f"{{{ENVELOPE}}}Body")


def _write(parent: etree._Element, name: str, item: Any) -> None:
    element = etree.SubElement(parent, name)
    if item is None:
        element.set(NIL, "true")
    elif isinstance(item, Bean):
        element.set(TYPE, f"ns2:{item.record.entity.wire_name}")
        _fill(element, item.record, item.include, item.related)
    elif isinstance(item, Structure):
        for part, value in item.parts.items():
            for each in value if isinstance(value, list) else [value]:
                _write(element, part, each)
    elif isinstance(item, tuple):
        element.set(TYPE, "ns2:fieldSet")
        for value in item:
            _write(element, "fields", value)
    else:
        kind, element.text = values.wire_form(item)
        element.set(TYPE, kind)


def _fill(
    element: etree._Element, record: Record, include: Mapping[str, Any], related: Related
) -> None:
    for field in record.entity.of("ATTRIBUTE"):
        value = record.values[field.name]
        if value is not None:
            etree.SubElement(element, field.name).text = values.wire_form(value)[1]
    for name, below in include.items():
        field = record.entity.fields[name]
        for other in related(record, field):
            _fill(etree.SubElement(element, name), other, below, related)
