"""What a dataset measured, as SciCat keeps it: `{name: {value, unit}}`."""

from __future__ import annotations

import math
import re
from typing import Final

from nxtool.export.jsontext import Json
from nxtool.export.notes import note
from nxtool.export.record import Parameter, Record
from nxtool.export.values import Number
from nxtool.findings import Finding

EXTRA: Final = {
    "dataset.startDate": "start_time",
    "dataset.endDate": "end_time",
    "dataset.doi": "dataset/doi",
    "investigation.title": "investigation/title",
    "investigation.summary": "investigation/summary",
    "investigation.visitId": "investigation/visit",
    "investigation.doi": "investigation/doi",
    "instrument.fullName": "instrument/name",
    "instrument.pid": "instrument/pid",
    "instrument.type": "instrument/type",
    "facility.fullName": "facility/name",
    "facility.url": "facility/url",
    "sample.name": "sample/name",
    "sample.pid": "sample/pid",
    "sampleType.molecularFormula": "sample/chemical_formula",
    "sampleType.name": "sample/type",
    "publication.doi": "publication/doi",
    "publication.fullReference": "publication/reference",
    "license.url": "license/url",
    "datafileFormat.version": "definition/version",
}
"""Values that a dataset of SciCat need not have a name for, and their names here."""


class ScientificMetadata:
    """Names and values of a dataset; `notes` tell of names that were changed, and of numbers that
    JSON cannot hold."""

    def __init__(self) -> None:
        self.values: Json = {}
        self.notes: list[Finding] = []

    def add(self, record: Record, told: frozenset[str]) -> None:
        """The parameters of a dataset, and what the file says besides and is not among `told`."""
        for parameter in record.parameters:
            self._parameter(parameter)
        known = set(told)
        for target, name in EXTRA.items():
            value = record.said(target)
            if value and value.text not in known and name not in self.values:
                self._put(name, value.text, "", value.path)
                known.add(value.text)

    def _parameter(self, parameter: Parameter) -> None:
        value = parameter.value
        if not isinstance(value, Number):
            self._put(parameter.name, value, "", parameter.path)
            return
        parts = {"": value.value, "_min": value.low, "_max": value.high, "_std": value.deviation}
        for ending, number in parts.items():
            name = f"{parameter.name}{ending}"
            if number is not None and math.isfinite(number):
                self._put(name, number, value.units, parameter.path)
            elif number is not None:
                self.notes.append(note("X08", parameter.path, f"{name}: is not finite"))

    def _put(self, name: str, value: str | float, unit: str, path: str) -> None:
        key = self._free(key_of(name))
        if key != name:
            self.notes.append(note("X20", path, f"{name!r} becomes {key!r}: SciCat's names"))
        self.values[key] = {"value": value, "unit": unit}

    def _free(self, key: str) -> str:
        number, free = 1, key
        while free in self.values:
            number += 1
            free = f"{key}_{number}"
        return free


def key_of(name: str) -> str:
    """`name` without what MongoDB, in which SciCat keeps it, reads as an operator.

    >>> key_of("sample/temperature"), key_of("det.1/distance"), key_of("$where")
    ('sample/temperature', 'det_1/distance', '_where')
    """
    return re.sub(r"[.\x00]", "_", re.sub(r"^\$", "_", name)) or "_"
