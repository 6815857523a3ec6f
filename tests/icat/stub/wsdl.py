"""The description of the service that clients build themselves from: WSDL, document/literal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from tests.icat.stub.model import Entity, Field, Model, wire_name

TARGET: Final = "http://icatproject.org"
WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
XS: Final = "http://www.w3.org/2001/XMLSchema"
BASE: Final = "entityBaseBean"

_XML_TYPES: Final[Mapping[str, str]] = {
    "Date": "xs:dateTime",
    "Double": "xs:double",
    "Integer": "xs:int",
    "Long": "xs:long",
    "String": "xs:string",
    "boolean": "xs:boolean",
}


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a message or of a type."""

    name: str
    type: str
    many: bool = False


_SESSION: Final = Part("sessionId", "xs:string")
_BEAN: Final = Part("bean", f"tns:{BASE}")
_BEANS: Final = Part("beans", f"tns:{BASE}", many=True)
_QUERY: Final = Part("query", "xs:string")


def _returned(kind: str, many: bool = False) -> Part:
    return Part("return", kind, many)


# What each operation takes, and what it returns.
OPERATIONS: Final[Mapping[str, tuple[tuple[Part, ...], Part | None]]] = {
    "create": ((_SESSION, _BEAN), _returned("xs:long")),
    "createMany": ((_SESSION, _BEANS), _returned("xs:long", many=True)),
    "delete": ((_SESSION, _BEAN), None),
    "deleteMany": ((_SESSION, _BEANS), None),
    "get": (
        (_SESSION, _QUERY, Part("primaryKey", "xs:long")),
        _returned(f"tns:{BASE}"),
    ),
    "getApiVersion": ((), _returned("xs:string")),
    "getAuthenticatorInfo": ((), _returned("tns:authenticatorInfo", many=True)),
    "getEntityInfo": ((Part("beanName", "xs:string"),), _returned("tns:entityInfo")),
    "getEntityNames": ((), _returned("xs:string", many=True)),
    "getProperties": ((_SESSION,), _returned("xs:string", many=True)),
    "getRemainingMinutes": ((_SESSION,), _returned("xs:double")),
    "getUserName": ((_SESSION,), _returned("xs:string")),
    "getVersion": ((), _returned("xs:string")),
    "isLoggedIn": ((Part("userName", "xs:string"),), _returned("xs:boolean")),
    "login": (
        (Part("plugin", "xs:string"), Part("credentials", "tns:credentials")),
        _returned("xs:string"),
    ),
    "logout": ((_SESSION,), None),
    "refresh": ((_SESSION,), None),
    "search": ((_SESSION, _QUERY), _returned("xs:anyType", many=True)),
    "update": ((_SESSION, _BEAN), None),
}

_TYPES: Final[Mapping[str, tuple[Part, ...]]] = {
    "IcatException": (
        Part("message", "xs:string"),
        Part("offset", "xs:int"),
        Part("type", "xs:string"),
    ),
    "authenticatorInfo": (
        Part("admin", "xs:boolean"),
        Part("friendly", "xs:string"),
        Part("keys", "tns:authenticatorKey", many=True),
        Part("mnemonic", "xs:string"),
    ),
    "authenticatorKey": (Part("hide", "xs:boolean"), Part("name", "xs:string")),
    "constraint": (Part("fieldNames", "xs:string", many=True),),
    "credential": (Part("key", "xs:string"), Part("value", "xs:string")),
    "credentials": (Part("entry", "tns:credential", many=True),),
    "entityField": (
        Part("comment", "xs:string"),
        Part("name", "xs:string"),
        Part("notNullable", "xs:boolean"),
        Part("relType", "xs:string"),
        Part("stringLength", "xs:int"),
        Part("type", "xs:string"),
    ),
    "entityInfo": (
        Part("classComment", "xs:string"),
        Part("constraints", "tns:constraint", many=True),
        Part("fields", "tns:entityField", many=True),
    ),
    BASE: (
        Part("createId", "xs:string"),
        Part("createTime", "xs:dateTime"),
        Part("id", "xs:long"),
        Part("modId", "xs:string"),
        Part("modTime", "xs:dateTime"),
    ),
}
_FIELD_SET: Final = (Part("fields", "xs:anyType", many=True),)


def selects_columns(model: Model) -> bool:
    """Whether this version of ICAT can return several columns of a query."""
    return int(model.version.split(".")[0]) >= 5


def describe(model: Model, address: str) -> bytes:
    """The WSDL of a service at `address` that has the entities of `model`."""
    root = etree.Element(
        f"{{{WSDL}}}definitions",
        nsmap={None: WSDL, "soap": SOAP, "tns": TARGET, "xs": XS},
        name="ICATService",
        targetNamespace=TARGET,
    )
    _types(etree.SubElement(root, f"{{{WSDL}}}types"), model)
    for name in OPERATIONS:
        _message(root, name, f"tns:{name}")
        _message(root, f"{name}Response", f"tns:{name}Response")
    _message(root, "IcatException", "tns:IcatException")
    _port_type(root)
    _binding(root)
    service = _add(root, "service", name="ICATService")
    port = _add(service, "port", name="ICATPort", binding="tns:ICATBinding")
    etree.SubElement(port, f"{{{SOAP}}}address", location=address)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _types(parent: etree._Element, model: Model) -> None:
    schema = etree.SubElement(parent, f"{{{XS}}}schema", targetNamespace=TARGET)
    types = dict(_TYPES)
    if selects_columns(model):
        types["fieldSet"] = _FIELD_SET
    for name, (arguments, returned) in OPERATIONS.items():
        types[name] = arguments
        types[f"{name}Response"] = (returned,) if returned else ()
    for name, parts in types.items():
        _complex_type(schema, name, parts)
    for entity in (*model.entities.values(), model.abstract_parameter()):
        _complex_type(schema, entity.wire_name, _parts(entity), base=f"tns:{BASE}")
    for name, words in model.enumerations.items():
        _enumeration(schema, wire_name(name), words)
    for name in (*OPERATIONS, *(f"{name}Response" for name in OPERATIONS), "IcatException"):
        _xs(schema, "element", name=name, type=f"tns:{name}")


def _parts(entity: Entity) -> tuple[Part, ...]:
    inherited = {part.name for part in _TYPES[BASE]}
    return tuple(
        Part(field.name, _xml_type(field), many=field.relation == "MANY")
        for field in entity.fields.values()
        if field.name not in inherited
    )


def _xml_type(field: Field) -> str:
    return _XML_TYPES.get(field.type) or f"tns:{wire_name(field.type)}"


def _complex_type(
    schema: etree._Element, name: str, parts: tuple[Part, ...], base: str = ""
) -> None:
    owner = _xs(schema, "complexType", name=name)
    if base:
        owner = _xs(_xs(owner, "complexContent"), "extension", base=base)
    sequence = _xs(owner, "sequence")
    for part in parts:
        # beans refer to each other in circles, so nothing of them can be required
        element = _xs(sequence, "element", name=part.name, type=part.type, minOccurs="0")
        if part.many:
            element.set("maxOccurs", "unbounded")
            element.set("nillable", "true")


def _enumeration(schema: etree._Element, name: str, words: tuple[str, ...]) -> None:
    restriction = _xs(_xs(schema, "simpleType", name=name), "restriction", base="xs:string")
    for word in words:
        _xs(restriction, "enumeration", value=word)


def _message(root: etree._Element, name: str, element: str) -> None:
    _add(_add(root, "message", name=name), "part", name="parameters", element=element)


def _port_type(root: etree._Element) -> None:
    port = _add(root, "portType", name="ICAT")
    for name in OPERATIONS:
        operation = _add(port, "operation", name=name)
        _add(operation, "input", message=f"tns:{name}")
        _add(operation, "output", message=f"tns:{name}Response")
        _add(operation, "fault", message="tns:IcatException", name="IcatException")


def _binding(root: etree._Element) -> None:
    binding = _add(root, "binding", name="ICATBinding", type="tns:ICAT")
    etree.SubElement(
        binding,
        f"{{{SOAP}}}binding",
        transport="http://schemas.xmlsoap.org/soap/http",
        style="document",
    )
    for name in OPERATIONS:
        operation = _add(binding, "operation", name=name)
        etree.SubElement(operation, f"{{{SOAP}}}operation", soapAction="")
        for way in ("input", "output"):
            etree.SubElement(_add(operation, way), f"{{{SOAP}}}body", use="literal")
        fault = _add(operation, "fault", name="IcatException")
        etree.SubElement(fault, f"{{{SOAP}}}fault", name="IcatException", use="literal")


def _add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{WSDL}}}{tag}", **attributes)


def _xs(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XS}}}{tag}", **attributes)
