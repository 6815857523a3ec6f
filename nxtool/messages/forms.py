"""From the values of a root table to the message they are, by schema.

What the tables cannot say is checked here: that there is a value, that bytes are whole numbers of
the type stated, that a shape has as many places as there are values.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.messages import jsontext, model
from nxtool.messages.wire import Undecodable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

Row = dict[str, Any]
_NUMBERS: Final = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
IMAGE_TYPES: Final = (*_NUMBERS, "string")
"""The types of ad00 and ADAr, from 0."""
ARRAY_TYPES: Final = ("none", *_NUMBERS, "string")
"""The types of da00, from 0."""


def message_of(schema: str, row: Row) -> model.Message:
    """The message of a schema with the values of its root table."""
    return _FORMS[schema](row)


def _log(row: Row) -> model.LogValue:
    _require(row, "value")
    return model.LogValue(**row)


def _epics_log(row: Row) -> model.EpicsLogValue:
    _require(row, "value")
    return model.EpicsLogValue(**row)


def _pulse_events(row: Row) -> model.PulseEvents:
    isis = row.pop("isis")
    return model.PulseEvents(**row, isis=model.IsisPulse(**isis) if isis else None)


def _image(schema: str) -> Callable[[Row], model.Image]:
    def image(row: Row) -> model.Image:
        data = _typed(row.pop("data"), row.pop("data_type"), IMAGE_TYPES)
        shape = row.pop("dimensions").tolist()
        if not isinstance(data, str):
            data = _shaped(data, shape)
        attributes = tuple(_attribute(one) for one in row.pop("attributes"))
        return model.Image(**row, data=data, attributes=attributes, schema=schema)

    return image


def _attribute(row: Row) -> model.ImageAttribute:
    value = _typed(row.pop("data"), row.pop("data_type"), IMAGE_TYPES)
    if not isinstance(value, str) and len(value) == 1:
        value = value.reshape(())
    return model.ImageAttribute(**row, value=value)


def _data_array(row: Row) -> model.DataArray:
    variables = tuple(_variable(one) for one in row.pop("variables"))
    return model.DataArray(**row, variables=variables)


def _variable(row: Row) -> model.Variable:
    """A variable. Producers state the shape of what has no axes in bytes or not at all: it counts
    only where it has as many places as there are values."""
    data = _typed(row.pop("data"), row.pop("data_type"), ARRAY_TYPES)
    shape = row.pop("shape").tolist()
    if isinstance(data, str):
        return model.Variable(**row, data=data)
    if not row["axes"]:
        if data.size == 1:
            shape = []
        elif math.prod(shape) != data.size or min(shape, default=0) < 0:
            shape = [data.size]
    return model.Variable(**row, data=_shaped(data, shape))


def _samples(schema: str) -> Callable[[Row], model.Samples]:
    def samples(row: Row) -> model.Samples:
        _require(row, "values")
        return model.Samples(**row, schema=schema)

    return samples


def _connection(schema: str) -> Callable[[Row], model.Connection]:
    return lambda row: model.Connection(**row, schema=schema)


def _timestamps(row: Row) -> model.Timestamps:
    if row["times"] is None:
        row["times"] = np.frombuffer(b"", "<i8")
    return model.Timestamps(**row)


def _histogram(schema: str) -> Callable[[Row], model.Histogram]:
    def histogram(row: Row) -> model.Histogram:
        _require(row, "data")
        shape = row.pop("shape").tolist()
        row["data"] = _shaped(row["data"], shape)
        if row["errors"] is not None:
            row["errors"] = _shaped(row["errors"], shape)
        axes = tuple(_axis(one) for one in row.pop("axes"))
        return model.Histogram(**row, axes=axes, schema=schema)

    return histogram


def _axis(row: Row) -> model.HistogramAxis:
    _require(row, "boundaries")
    return model.HistogramAxis(**row)


def _run_start(row: Row) -> model.RunStart:
    mapped = row.pop("spectrum_map")
    return model.RunStart(**row, spectrum_map=model.SpectrumMap(**mapped) if mapped else None)


def _json(row: Row) -> model.Json:
    return jsontext.read_json(row["json"])


def _require(row: Row, name: str) -> None:
    if row[name] is None:
        raise Undecodable(f"has no {name}")


def _typed(data: NDArray[Any], which: int, types: Sequence[str]) -> NDArray[Any] | str:
    """Bytes as values of the type numbered `which`."""
    if not 0 <= which < len(types) or types[which] == "none":
        raise Undecodable(f"values of type {which} are not known")
    if types[which] == "string":
        try:
            return data.tobytes().decode()
        except UnicodeDecodeError:
            raise Undecodable("a string is not UTF-8") from None
    dtype: np.dtype[Any] = np.dtype(types[which]).newbyteorder("<")
    if data.size % dtype.itemsize:
        raise Undecodable(f"{data.size} bytes are no whole values of {dtype.itemsize} bytes")
    return data.view(dtype)


def _shaped(data: NDArray[Any], shape: list[int]) -> NDArray[Any]:
    """The same values in a shape, which must fit them."""
    trouble = Undecodable(f"{data.size} values do not have the shape {_brief(shape)}")
    if min(shape, default=0) < 0 or math.prod(shape) != data.size:
        raise trouble
    try:
        return data.reshape(shape)
    except ValueError:  # more dimensions, or empty ones longer, than numpy has
        raise trouble from None


def _brief(shape: list[int]) -> str:
    """A shape as people write it, cut when it is long."""
    return " × ".join(str(length) for length in shape[:8]) + (" …" if len(shape) > 8 else "")


_FORMS: Final[Mapping[str, Callable[[Row], model.Message]]] = MappingProxyType(
    {
        "6s4t": lambda row: model.RunStop(**row),
        "ADAr": _image("ADAr"),
        "ad00": _image("ad00"),
        "al00": lambda row: model.Alarm(**row),
        "answ": lambda row: model.Answer(**row),
        "da00": _data_array,
        "ep00": _connection("ep00"),
        "ep01": _connection("ep01"),
        "ev42": _pulse_events,
        "ev44": lambda row: model.Events(**row),
        "f142": _epics_log,
        "f144": _log,
        "hs00": _histogram("hs00"),
        "hs01": _histogram("hs01"),
        "json": _json,
        "pl72": _run_start,
        "se00": _samples("se00"),
        "senv": _samples("senv"),
        "tdct": _timestamps,
        "wrdn": lambda row: model.FinishedWriting(**row),
        "x5f2": lambda row: model.Status(**row),
    }
)
