"""What the datasets of a file lost on purpose, as far as the file tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import h5py

from nxtool.hdf5.filteruse import DatasetFilters, filters_in
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.view import FAULTS
from nxtool.storage.lossrecord import QUANTIZE, RECORD, RECORDS

MOST_TEXT: Final = 64 * 1024
"""A longer record is not ours."""
_NUMBER_OF: Final = "NumberOfSignificant"


@dataclass(frozen=True, slots=True)
class Loss:
    """A lossy dataset; `path` is the one it names itself, if it does.

    `method` and `bound` are empty, and an error None, where the file does not tell; `record` is all
    that ours says, `recorded` whether any attribute tells anything.
    """

    path: str
    dataset: DatasetFilters
    recorded: bool
    method: str = ""
    bound: str = ""
    max_abs_error: float | None = None
    max_rel_error: float | None = None
    rmse: float | None = None
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def filters(self) -> str:
        """Its filters that lose something, or may."""
        return " + ".join(one.text for one in self.dataset.filters if one.loss != "none")


def losses_in(path: Path) -> list[Loss]:
    """The datasets of the file at `path` that tell of a loss, or are behind a filter that is
    lossy or may be.

    Raises:
        FileUnreadable: it cannot be opened, or its groups are damaged.
    """
    found = [
        one
        for one in filters_in(path)
        if one.recorded or any(step.loss != "none" for step in one.filters)
    ]
    with h5py.File(open_to_read(path)) as file:
        return [_loss(_path(file, one.path), one, _attributes(file[one.path])) for one in found]


def _attributes(dataset: h5py.Dataset) -> dict[str, Any]:
    """The attributes that tell of losses, those that can be read."""
    told: dict[str, Any] = {}
    for name in dataset.attrs:
        if str(name).startswith(RECORDS):
            try:
                told[str(name)] = dataset.attrs[name]
            except FAULTS:
                continue
    return told


def _path(file: h5py.File, path: str) -> str:
    """The path that the dataset gives as its own (`@target`), of those it has."""
    try:
        target = file[path].attrs.get("target")
        same = isinstance(target, str) and target in file and file[target] == file[path]
    except FAULTS:
        return path
    return str(target) if same else path


def _loss(path: str, one: DatasetFilters, told: Mapping[str, Any]) -> Loss:
    record = _record(told.get(RECORD))
    method, bound = _text(record.get("method")), _text(record.get("bound"))
    if not method:
        method, bound = _netcdf(told)
    numbers = {name: _number(record.get(name)) for name in _ERRORS}
    return Loss(path, one, one.recorded, method, bound, record=record, **numbers)


_ERRORS: Final = ("max_abs_error", "max_rel_error", "rmse")


def _record(value: object) -> Mapping[str, Any]:
    """Our record; empty where it is none."""
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        return {}
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _netcdf(told: Mapping[str, Any]) -> tuple[str, str]:
    """Method and measure by netCDF's attribute: `_QuantizeBitRoundNumberOfSignificantBits`."""
    for name, value in told.items():
        method, found, unit = name.removeprefix(QUANTIZE).partition(_NUMBER_OF)
        if name.startswith(QUANTIZE) and found:
            return method.lower(), f"{value} significant {unit.lower()}"
    return "", ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]
