"""da00, hs00, hs01: named arrays at times, as NXdata.

An array that changes grows by a row a message; a constant is written once. Which are which is
configured for da00; else the first of a message is taken to change with what has its axes, and the
rest for constants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from nxtool.errors import RecipeError
from nxtool.messages.model import DataArray, Histogram, Variable
from nxtool.sources.runnames import Names
from nxtool.stream.modules.datatypes import dtype_of
from nxtool.stream.modules.log import TEXT, text_values
from nxtool.stream.modules.model import Maker, Unfit
from nxtool.stream.modules.rows import RowsModule

if TYPE_CHECKING:
    import h5py
    from numpy.typing import NDArray

_TAKEN: Final = ("time", "cue_index", "cue_timestamp_zero")
_TIMES_A_CHUNK: Final = 1024
_MOST: Final = 256
"""So many arrays one message may have."""


class Arrays(RowsModule):
    """da00: variables grow, constants do not."""

    nx_class: ClassVar[str] = "NXdata"
    schemas: ClassVar[tuple[str, ...]] = ("da00",)

    def __init__(self, spec: Any, window: Any) -> None:
        super().__init__(spec, window)
        self._named: dict[str, str] = {}

    def names(self) -> tuple[str, ...]:
        """The columns besides that of times."""
        return tuple(self._named.values())

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets, once there is a message."""
        if sample is None:
            return
        arrays = variables_of(sample)
        changing = self._changing(arrays)
        names = Names(taken=_TAKEN)
        for one in arrays:
            name = names.new(one.name)
            if one.name in changing:
                dataset = _growing(group, name, one, make, self._configured("variables", one.name))
                dataset.attrs["variable"] = one.name
            else:
                group[name] = _values(one)
            _describe(group[name], one, grows=one.name in changing)
        self._plot(group, arrays, changing)
        self.make_times(group, make, _TIMES_A_CHUNK)

    def _configured(self, kind: str, name: str) -> Mapping[str, Any]:
        """What the configuration says of a variable or constant; nothing where it does not."""
        for one in self.spec.options.get(kind, ()):
            if (one.get("name") if isinstance(one, Mapping) else one) == name:
                return one if isinstance(one, Mapping) else {"name": name}
        return {}

    def _changing(self, arrays: Sequence[Variable]) -> set[str]:
        """The names of those that grow."""
        if self.spec.options.get("variables"):
            found = {one.name for one in arrays if self._configured("variables", one.name)}
        else:
            constant = {one.name for one in arrays if self._configured("constants", one.name)}
            rest = [one for one in arrays if one.name not in constant]
            found = {one.name for one in rest if one.axes == rest[0].axes}
        return found

    def _plot(self, group: h5py.Group, arrays: Sequence[Variable], changing: set[str]) -> None:
        """Say which array is the signal and which are its axes, where the configuration does not;
        its attributes are those of the group."""
        for one in self.spec.options.get("attributes", ()):
            if not isinstance(one, Mapping) or "name" not in one:
                raise RecipeError(f"{self.spec.path}: an attribute of da00 has no name")
            value = one.get("data", one.get("value", one.get("values", "")))
            group.attrs[str(one["name"])] = value
        signal = next((one for one in arrays if one.name in changing), None)
        if signal is None or "signal" in group.attrs:
            return
        present = {name for name in group if name not in _TAKEN}
        names = [axis if axis in present else "." for axis in signal.axes]
        group.attrs["signal"] = next(iter(self._stored(group, signal.name)))
        group.attrs["axes"] = ["time", *(names or ["."] * np.ndim(signal.data))]

    def _stored(self, group: h5py.Group, name: str) -> list[str]:
        """The dataset of an array that grows."""
        return [key for key, node in group.items() if node.attrs.get("variable") == name]

    def attach(self, columns: Mapping[str, Any]) -> None:
        """Go on with the columns of a file."""
        below = f"{self.spec.path}/"
        for path, column in columns.items():
            name = column.attribute("variable") if path.startswith(below) else None
            if name is not None:
                self._named[name] = path[len(below) :]
        super().attach(columns)

    def add(self, message: Any) -> None:
        """Add a row of each array that grows; what a message lacks is NaN or 0."""
        found = {one.name: one for one in variables_of(message)}
        columns = {}
        for name, stored in self._named.items():
            column = self.columns[stored]
            if name not in found:
                fill = np.nan if column.dtype.kind == "f" else np.zeros((), column.dtype)
                columns[stored] = np.full((1, *column.shape), fill, column.dtype)
                continue
            values = np.asarray(_values(found[name]))
            if values.shape != column.shape:
                raise Unfit(f"{name} has the shape {values.shape}, not {column.shape}")
            with np.errstate(all="ignore"):
                columns[stored] = values[None].astype(column.dtype)
        self.add_rows(np.array([message.time_ns], np.int64), columns)


class Histograms(Arrays):
    """hs00, hs01: counts that grow, and their axes."""

    schemas: ClassVar[tuple[str, ...]] = ("hs00", "hs01")


def variables_of(message: DataArray | Histogram) -> tuple[Variable, ...]:
    """The arrays of a message.

    Raises:
        Unfit: there is none, or there are too many.
    """
    found = message.variables if isinstance(message, DataArray) else _of_histogram(message)
    if not 0 < len(found) <= _MOST:
        raise Unfit(f"{len(found)} arrays")
    return found


def _of_histogram(message: Histogram) -> tuple[Variable, ...]:
    """Counts, errors, and the boundaries of the axes."""
    names = Names(taken=("data", "errors"))
    axes = [names.new(axis.label or f"axis_{n}") for n, axis in enumerate(message.axes)]
    found = [Variable("data", None, None, None, tuple(axes), message.data)]
    if message.errors is not None:
        found.append(Variable("errors", None, None, None, tuple(axes), message.errors))
    for name, axis in zip(axes, message.axes, strict=True):
        found.append(
            Variable(name, axis.unit, axis.label, None, (f"{name}_edge",), axis.boundaries)
        )
    return tuple(found)


def _values(one: Variable) -> NDArray[Any]:
    return text_values(one.data) if isinstance(one.data, str) else one.data


def _growing(
    group: h5py.Group, name: str, one: Variable, make: Maker, configured: Mapping[str, Any]
) -> h5py.Dataset:
    values = np.asarray(_values(one))
    named = configured.get("data_type", configured.get("dtype"))
    if values.dtype.kind == "S":
        return make(group, name, f"S{TEXT}", values.shape)
    return make(group, name, dtype_of(named, name) if named else values.dtype, values.shape)


def _describe(dataset: h5py.Dataset, one: Variable, *, grows: bool) -> None:
    """Attributes that the message gives: unit, label, source and axes."""
    told = {"units": one.unit, "long_name": one.label, "source": one.source}
    for name, text in told.items():
        if text:
            dataset.attrs[name] = text
    axes = ["time", *one.axes] if grows else list(one.axes)
    if axes:
        dataset.attrs["axes"] = ":".join(axes)
