"""The catalogue of the ESRF: which names it gives to which paths, and the file its client sends.

The table of names is `hdf5_cfg.xml` of the package icat-esrf-definitions, a tree of groups like
a NeXus file whose leaves hold the name in the catalogue: `<energy units="keV">${...}</energy>`.
Techniques are called as in ESRFET, the ontology in the package esrf-ontologies.
The file is what pyicat-plus stores with `icat-store-raw --store-filename` and sends with
`icat-store-from-file`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, Final

from nxtool.errors import MissingExtra, NxtoolError
from nxtool.export.classpath import ClassPath
from nxtool.export.mapping import CatalogueMapping, Rule, Type
from nxtool.export.notes import note
from nxtool.export.record import Record
from nxtool.export.values import Number, format_number
from nxtool.export.xmltext import leaf
from nxtool.findings import Finding
from nxtool.nxdl.reader import parse_xml, read_bytes
from nxtool.units import UnitError, parse

NAMESPACE: Final = "http://www.esrf.fr/icat"
_TYPES: Final[Mapping[str, Type]] = {
    "NX_CHAR": "text", "NX_BOOLEAN": "text", "NX_DATE_TIME": "date",
    "NX_NUMBER": "number", "NX_FLOAT": "number", "NX_INT": "number",
}  # fmt: skip
_OF_DATASET: Final[Mapping[str, str]] = {
    "datasetName": "dataset.name",
    "proposal": "investigation.name",
    "location": "dataset.location",
    "startDate": "dataset.startDate",
    "endDate": "dataset.endDate",
    "Sample_name": "sample.name",
    "beamlineID": "instrument.name",
    "software": "software.name",
}
"""Parameters that say again what stands in the head of the file, as pyicat-plus does."""


def with_names(mapping: CatalogueMapping) -> CatalogueMapping:
    """`mapping` with the parameters of the ESRF; its own ones count where the ESRF knows the name.

    Raises:
        MissingExtra: the package icat-esrf-definitions is not installed.
    """
    known = names()
    own = {name: rule for name, rule in mapping.parameters.items() if name in known}
    return replace(mapping, parameters={**known, **own})


def names() -> dict[str, Rule]:
    """The parameters of the ESRF's catalogue by name. Raises `MissingExtra`."""
    path = _beside("icat_esrf_definitions", "hdf5_cfg.xml")
    root = parse_xml(read_bytes(path), path)
    rules: dict[str, Rule] = {}
    for rule in _rules(root, ()):
        rules.setdefault(rule.target, rule)
    return {name: rule for name, rule in rules.items() if name not in _OF_DATASET}


def _rules(group: Any, steps: tuple[str, ...]) -> Iterator[Rule]:
    """The leaves of a group. A group is found by its class where no other beside it has that
    class, and by its name otherwise."""
    classes = Counter(child.get("NX_class") for child in group if child.tag == "group")
    for child in group:
        if child.tag != "group":
            rule = _rule(child, steps)
            if rule is not None:
                yield rule
            continue
        alone = classes[child.get("NX_class")] == 1
        step = child.get("NX_class") if alone else child.get("groupName")
        yield from _rules(child, (*steps, step))


def _rule(field: Any, steps: tuple[str, ...]) -> Rule | None:
    name = (field.text or "").strip().removeprefix("${").removesuffix("}")
    type_ = _TYPES.get(field.get("NAPItype", ""))
    if not name or type_ is None or field.get("ESRF_deprecated"):
        return None
    path = ClassPath((*steps, field.tag))
    unit = field.get("units") if type_ == "number" else None
    about = field.get("ESRF_description") or ""
    return Rule(
        name, (path,), (), type_, unit=unit if unit and _known(unit) else None, max_length=4000,
        about=about.partition(" See http")[0],
    )  # fmt: skip


def _known(unit: str) -> bool:
    try:
        parse(unit)
    except UnitError:
        return False
    return True


class EsrfWriter:
    """Takes one record and writes the file."""

    def __init__(self) -> None:
        self._text = ""

    def close(self) -> None:
        """There is nothing to give back."""

    def add(self, record: Record) -> list[Finding]:
        """The dataset; notes on what the ESRF has no place for.

        Raises:
            NxtoolError: it is the second one.
            MissingValue: something is missing that the catalogue cannot do without.
        """
        if self._text:
            hint = "make one of all with --dataset-per folder, or export file by file"
            raise NxtoolError("a file for the ESRF holds one dataset", hint=hint)
        need = record.need
        children = [
            leaf("tns:investigation", need("investigation.name", "--investigation NAME")),
            leaf("tns:instrument", need("instrument.name").lower()),
            leaf("tns:name", need("dataset.name")),
            leaf("tns:location", need("dataset.location")),
            leaf("tns:startDate", need("dataset.startDate")),
            leaf("tns:endDate", need("dataset.endDate")),
            f"<tns:sample>{leaf('tns:name', need('sample.name'))}</tns:sample>",
        ]
        terms, unknown = _terms(record)
        parameters = sorted((_parameters(record) | terms).items())
        children += [_parameter(name, text) for name, text in parameters]
        # in one line, as the client writes it: programs that listen take messages line by line
        opened = f'<tns:dataset xmlns:tns="{NAMESPACE}" complete="true">'
        self._text = f"{opened}{''.join(children)}</tns:dataset>"
        return [_untold(record, unknown)] if unknown else []

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        target.write(b'<?xml version="1.0" encoding="UTF-8"?>')
        target.write(self._text.encode())


def _terms(record: Record) -> tuple[dict[str, str], list[str]]:
    """The techniques in the words of the ESRF's ontology, and those it has no word for."""
    known = _ontology()
    found = {one.name: known.get(_bare(one.name)) for one in record.techniques}
    terms = [term for term in found.values() if term]
    unknown = [name for name, term in found.items() if not term]
    if not terms:
        return {}, unknown
    words = " ".join(name for name, _ in terms)
    return {"definition": words, "technique_pid": " ".join(iri for _, iri in terms)}, unknown


@cache
def _ontology() -> dict[str, tuple[str, str]]:
    """Short name and IRI of the terms of ESRFET by each of their names."""
    path = _beside("esrf_ontologies", "db/ESRFET.json")
    terms = json.loads(path.read_text(encoding="utf-8"))
    return {
        _bare(name): (term["names"][0], term["iri"]) for term in terms for name in term["names"]
    }


def _bare(name: str) -> str:
    return name.lower().replace("-", " ")


def _beside(package: str, name: str) -> Path:
    """A file that comes with a package, which is not imported for that. Raises `MissingExtra`."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingExtra("writing for the ESRF", "esrf")
    return Path(spec.origin).parent / name


def _untold(record: Record, unknown: list[str]) -> Finding:
    path = record.values["technique.definition"].path or "/"
    return note("X11", path, f"{', '.join(unknown)}: the ESRF's ontology (ESRFET) has no such term")


def _parameters(record: Record) -> dict[str, str]:
    head = {name: record.text(target) for name, target in _OF_DATASET.items()}
    found = {name: text for name, text in head.items() if text} | {"complete": "true"}
    for parameter in record.parameters:
        value = parameter.value
        text = format_number(value.value) if isinstance(value, Number) else value
        found.setdefault(parameter.name, text)
    return found


def _parameter(name: str, text: str) -> str:
    return f"<tns:parameter>{leaf('tns:name', name)}{leaf('tns:value', text)}</tns:parameter>"
