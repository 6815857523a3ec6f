"""The ingest format of ICAT, which python-icat's `IngestReader` takes: datasets of one
investigation that the server knows already, with techniques, instruments and parameters.

Elements stand flat, one kind after the other, so that a second ingest can compare them. Source:
`ingest-10.xsd` and `ingest-11.xsd` of python-icat.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Literal

from nxtool.export.icatthings import kept_date, values_of
from nxtool.export.notes import note
from nxtool.export.record import Parameter, Record
from nxtool.export.spool import Spool
from nxtool.export.xmltext import element, empty, head, leaf, plain
from nxtool.findings import Finding

IngestVersion = Literal["1.0", "1.1"]
_KINDS = ("dataset", "datasetTechnique", "datasetInstrument", "datasetParameter")
_NO_PLACE = ("dataset.doi", "dataset.location")


class IngestWriter:
    """Takes records one by one and writes the file at the end."""

    def __init__(self, version: IngestVersion = "1.1") -> None:
        self.version = version
        self._spool = Spool(_KINDS)
        self._count = 0

    def close(self) -> None:
        """Give back temporary files."""
        self._spool.close()

    def add(self, record: Record) -> list[Finding]:
        """One more dataset; notes on what the format has no place for."""
        self._count += 1
        identifier = f"Dataset_{self._count}"
        reference = empty("dataset", {"ref": identifier})
        children = list(self._dataset(record))
        self._spool.add("dataset", element("dataset", children, {"id": identifier}))
        for technique in record.techniques:
            named = empty("technique", {"pid": technique.pid})
            self._add("datasetTechnique", [reference, named])
        if instrument := _reference(record, "instrument"):
            self._add("datasetInstrument", [reference, empty("instrument", instrument)])
        for parameter in record.parameters:
            self._add("datasetParameter", [*value_leaves(parameter), reference, type_of(parameter)])
        return list(self._left_out(record))

    def finish(self, target: IO[bytes]) -> None:
        """Write the whole file to `target`."""
        target.write(b'<?xml version="1.0" encoding="utf-8"?>\n')
        target.write(f'<icatingest version="{self.version}">\n{head()} <data>\n'.encode())
        self._spool.pour(target)
        target.write(b" </data>\n</icatingest>\n")

    def _add(self, kind: str, children: list[str]) -> None:
        self._spool.add(kind, element(kind, children))

    def _dataset(self, record: Record) -> Iterator[str]:
        yield leaf("name", record.need("dataset.name"))
        for name in ("description", "startDate", "endDate"):
            if text := record.text(f"dataset.{name}"):
                yield leaf(name, kept_date(text) if name.endswith("Date") else text)
        if self.version != "1.0" and (sample := _reference(record, "sample")):
            yield empty("sample", sample)

    def _left_out(self, record: Record) -> Iterator[Finding]:
        lost = [target for target in _NO_PLACE if record.text(target)]
        if self.version == "1.0" and record.text("sample.name"):
            lost.append("sample.name")
        for entity in ("instrument", "sample"):
            if any("'" in text for text in _reference(record, entity).values()):
                target = f"{entity}.name"
                hint = "python-icat does not escape it; give the name without, with --set"
                path = record.values[target].path or "/" if target in record.values else "/"
                yield note("X16", path, f"{target}: a quote in a reference", hint)
        for target in lost:
            path = record.values[target].path or "/"
            yield note("X11", path, f"{target} has no place in icatingest {self.version}")


def value_leaves(parameter: Parameter) -> list[str]:
    """The value of a parameter as elements, in the order of the schemas."""
    return [leaf(name, plain(value)) for name, value in sorted(values_of(parameter).items())]


def type_of(parameter: Parameter) -> str:
    """The parameter type as an element."""
    return empty("type", {"name": parameter.name, "units": parameter.units})


def _reference(record: Record, entity: str) -> dict[str, str]:
    """What the server finds an instrument or a sample by: its PID, or else its name."""
    if pid := record.text(f"{entity}.pid"):
        return {"pid": pid}
    name = record.text(f"{entity}.name")
    return {"name": name} if name else {}
