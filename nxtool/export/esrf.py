"""The catalogue of the ESRF: which names it gives to which paths, and the file its client sends.

The table of names is `hdf5_cfg.xml` of the package icat-esrf-definitions, a tree of groups like
a NeXus file whose leaves hold the name in the catalogue: `<energy units="keV">${...}</energy>`.
The file is what pyicat-plus stores with `icat-store-raw --store-filename` and sends with
`icat-store-from-file`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
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
_PACKAGE: Final = "icat_esrf_definitions"
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
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise MissingExtra("the names of the ESRF's catalogue", "esrf")
    path = Path(spec.origin).with_name("hdf5_cfg.xml")
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
        children += [_parameter(name, text) for name, text in sorted(_parameters(record).items())]
        # in one line, as the client writes it: programs that listen take messages line by line
        opened = f'<tns:dataset xmlns:tns="{NAMESPACE}" complete="true">'
        self._text = f"{opened}{''.join(children)}</tns:dataset>"
        return [_untold(record)] if record.techniques else []

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        target.write(b'<?xml version="1.0" encoding="UTF-8"?>')
        target.write(self._text.encode())


def _untold(record: Record) -> Finding:
    names = ", ".join(technique.name for technique in record.techniques)
    path = record.values["technique.definition"].path or "/"
    return note("X11", path, f"{names}: the ESRF asks for terms of its own ontology, ESRFET")


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
