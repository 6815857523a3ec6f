"""The root table of every format by its four letters. A new format is a table here and its shape in
`forms`.

Names are ours where they name the same thing in several formats (`source_name`, `time_ns`); the
order and types of slots are those of github.com/ess-dmsc/streaming-data-types.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from nxtool.messages.tables import (
    Field,
    Table,
    number,
    table,
    tables,
    text,
    texts,
    time,
    times,
    union,
    vector,
)


def _options(first: int, *values: Field) -> dict[int, Table]:
    """Options of a union counted from `first`: tables with one slot."""
    return {first + n: Table((value,)) for n, value in enumerate(values)}


def _numbers(*dtypes: str) -> tuple[Field, ...]:
    return tuple(number("value", dtype) for dtype in dtypes)


def _vectors(*dtypes: str) -> tuple[Field, ...]:
    return tuple(vector("value", dtype) for dtype in dtypes)


_LOG_TYPES: Final = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
_LOG_VALUES: Final = _options(1, *_numbers(*_LOG_TYPES), *_vectors(*_LOG_TYPES))
_EPICS_VALUES: Final = _LOG_VALUES | _options(21, text("value"), texts("value"))
_FAST_VALUES: Final = _options(1, *_vectors("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"))
_SAMPLED_VALUES: Final = _FAST_VALUES | _options(9, *_vectors("f8", "f4"))

_LOG: Final = Table(
    (text("source_name"), time("time_ns", "i8"), *union("value", _LOG_VALUES)),
)
_EPICS_LOG: Final = Table(
    (
        text("source_name"),
        *union("value", _EPICS_VALUES),
        time("time_ns", "u8"),
        number("status", "u2", 22),
        number("severity", "u2", 4),
    )
)
_EVENTS: Final = Table(
    (
        text("source_name"),
        number("message_id", "i8"),
        vector("reference_time", "i8"),
        vector("reference_time_index", "i4"),
        vector("time_of_flight", "i4"),
        vector("pixel_id", "i4"),
    )
)
_ISIS: Final = Table(
    (number("period_number", "u4"), number("run_state", "i1"), number("proton_charge", "f4")),
)
_PULSE_EVENTS: Final = Table(
    (
        text("source_name"),
        number("message_id", "u8"),
        time("pulse_time_ns", "u8"),
        vector("time_of_flight", "u4"),
        vector("detector_id", "u4"),
        *union("isis", {1: _ISIS, 2: Table(())}),  # 2 is for debugging
    )
)
_ATTRIBUTE: Final = Table(
    (
        text("name"),
        text("description"),
        text("source"),
        number("data_type", "i1"),
        vector("data", "u1"),
    )
)
_VARIABLE: Final = Table(
    (
        text("name"),
        text("unit", None),
        text("label", None),
        text("source", None),
        number("data_type", "i1"),
        texts("axes"),
        vector("shape", "i8"),
        vector("data", "u1"),
    )
)
_DATA_ARRAY: Final = Table(
    (text("source_name"), time("time_ns", "i8"), tables("variables", _VARIABLE)),
)
_ALARM: Final = Table(
    (text("source_name"), time("time_ns", "i8"), number("severity", "i2"), text("message")),
)
_TIMESTAMPS: Final = Table(
    (text("source_name"), times("times", "u8"), number("sequence_counter", "u8")),
)
_SPECTRUM_MAP: Final = Table(
    (vector("spectrum", "i4"), vector("detector_id", "i4"), number("n_spectra", "i4")),
)
_RUN_START: Final = Table(
    (
        number("start_time_ms", "u8"),
        number("stop_time_ms", "u8"),
        text("run_name"),
        text("instrument_name"),
        text("nexus_structure"),
        text("job_id"),
        text("broker"),
        text("service_id"),
        text("filename"),
        number("n_periods", "u4", 1),
        table("spectrum_map", _SPECTRUM_MAP),
        text("metadata"),
        text("control_topic"),
    )
)
_RUN_STOP: Final = Table(
    (
        number("stop_time_ms", "u8"),
        text("run_name"),
        text("job_id"),
        text("service_id"),
        text("command_id"),
    )
)
_ANSWER: Final = Table(
    (
        text("service_id"),
        text("job_id"),
        number("action", "i1"),
        number("outcome", "i1"),
        number("status_code", "i4"),
        number("stop_time_ms", "u8"),
        text("message"),
        text("command_id"),
    )
)
_STATUS: Final = Table(
    (
        text("software_name"),
        text("software_version"),
        text("service_id"),
        text("host_name"),
        number("process_id", "u4"),
        number("update_interval_ms", "u4"),
        text("status_json"),
    )
)
_FINISHED: Final = Table(
    (
        text("service_id"),
        text("job_id"),
        number("error_encountered", "?", absent=False),
        text("file_name"),
        text("metadata", None),
        text("message", None),
    )
)


def _image(unsigned: str) -> Table:
    """An image; `unsigned` is the type of its time and dimensions."""
    return Table(
        (
            text("source_name"),
            number("unique_id", "i4"),
            time("time_ns", unsigned),
            vector("dimensions", unsigned),
            number("data_type", "i1"),
            vector("data", "u1"),
            tables("attributes", _ATTRIBUTE),
        )
    )


def _samples(of: str, values: Mapping[int, Table]) -> Table:
    """Sampled values; `of` is the type of times and the counter."""
    return Table(
        (
            text("source_name"),
            number("channel", "i4"),
            time("time_ns", of),
            number("time_delta", "f8"),
            number("location", "i1"),
            *union("values", values),
            times("times", of),
            number("message_counter", of),
        )
    )


def _connection(status: str, of: str) -> Table:
    """A connection; `status` and `of` are the types of its status and time."""
    return Table(
        (time("time_ns", of), number("status", status), text("source_name"), text("service_id"))
    )


def _histogram(length: str, of: str) -> Table:
    """A histogram; `length` and `of` are the types of lengths and times, which counts have too."""
    arrays = _options(1, *_vectors(length, of, "f8", "f4"))
    axis = Table(
        (number("length", length), text("unit"), text("label"), *union("boundaries", arrays)),
    )
    return Table(
        (
            text("source_name"),
            time("time_ns", of),
            tables("axes", axis),
            time("metadata_time_ns", of),
            vector("shape", length),
            vector("offset", length),
            *union("data", arrays),
            *union("errors", arrays),
            text("info"),
        )
    )


SCHEMAS: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "6s4t": _RUN_STOP,
        "ADAr": _image("u8"),
        "ad00": _image("i8"),
        "al00": _ALARM,
        "answ": _ANSWER,
        "da00": _DATA_ARRAY,
        "ep00": _connection("u2", "u8"),
        "ep01": _connection("i2", "i8"),
        "ev42": _PULSE_EVENTS,
        "ev44": _EVENTS,
        "f142": _EPICS_LOG,
        "f144": _LOG,
        "hs00": _histogram("u4", "u8"),
        "hs01": _histogram("i4", "i8"),
        "json": Table((text("json"),)),
        "pl72": _RUN_START,
        "se00": _samples("i8", _SAMPLED_VALUES),
        "senv": _samples("u8", _FAST_VALUES),
        "tdct": _TIMESTAMPS,
        "wrdn": _FINISHED,
        "x5f2": _STATUS,
    }
)
