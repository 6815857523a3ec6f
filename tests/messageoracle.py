"""Messages encoded by ess-streaming-data-types, with what decoding them must give; and samples."""

import dataclasses
import datetime as dt
import json as plainjson

import flatbuffers
import numpy as np
import streaming_data_types as oracle
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from streaming_data_types import (
    alarm_al00,
    area_detector_ad00,
    area_detector_ADAr,
    dataarray_da00,
    epics_connection_ep01,
    logdata_f142,
    run_start_pl72,
)

from nxtool.messages import model

NUMBERS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
SAMPLED = {"se00": NUMBERS, "senv": NUMBERS[:8]}
COUNTED = {"hs00": ("u4", "u8", "f4", "f8"), "hs01": ("i4", "i8", "f4", "f8")}
SIGNED = st.integers(-(2**63), 2**63 - 1)
UNSIGNED = st.integers(0, 2**64 - 1)
TIMES = st.integers(0, 2**63 - 1)
TEXT = st.text(max_size=12)
DATES = st.integers(10**6, 9 * 10**15).map(
    lambda microseconds: dt.datetime.fromtimestamp(microseconds / 1e6, dt.timezone.utc)
)


def same(left, right):
    """Whether two results are equal: types, shapes, and values; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if dataclasses.is_dataclass(left):
        fields = dataclasses.fields(left)
        return all(same(getattr(left, one.name), getattr(right, one.name)) for one in fields)
    if isinstance(left, np.ndarray):
        return (left.dtype, left.shape) == (right.dtype, right.shape) and np.array_equal(
            left, right, equal_nan=left.dtype.kind == "f"
        )
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or (left != left and right != right)


def array(kind, shape=(0, 6)):
    """Arrays of one type: of a length between two, or of a shape."""
    if len(shape) == 2 and shape[0] == 0:
        return hnp.arrays(kind, st.integers(*shape))
    return hnp.arrays(kind, shape)


def milliseconds(date):
    return int(date.timestamp() * 1000)


def nanoseconds(date):
    return int(date.timestamp() * 1e9)


@st.composite
def f144(draw):
    kind = draw(st.sampled_from(NUMBERS))
    value = draw(st.one_of(array(kind), array(kind, ())))
    name, time = draw(TEXT), draw(SIGNED)
    return oracle.serialise_f144(name, value, time), model.LogValue(name, time, value)


@st.composite
def f142(draw):
    """The library's own way to choose how values are written needs NumPy 1."""
    name, time = draw(TEXT), draw(TIMES)
    alarm = draw(st.one_of(st.just(()), st.tuples(st.integers(0, 22), st.integers(0, 4))))
    builder, source = logdata_f142._setup_builder(name)
    builder.ForceDefaults(draw(st.booleans()))
    value = draw(
        st.one_of(
            TEXT,
            st.lists(TEXT, max_size=3).map(tuple),
            *(array(kind, shape) for kind in NUMBERS for shape in [(), (0, 6)]),
        )
    )
    if isinstance(value, str):
        logdata_f142._serialise_string(builder, np.array(value, object), source)
    elif isinstance(value, tuple):
        logdata_f142._serialise_stringarray(builder, value, source)
    elif value.ndim:
        logdata_f142._map_array_type_to_serialiser[value.dtype](builder, value, source)
    else:
        logdata_f142._map_scalar_type_to_serialiser[value.dtype](builder, value, source)
    buffer = logdata_f142._complete_buffer(builder, time, *alarm)
    return buffer, model.EpicsLogValue(name, time, value, *(alarm or (22, 4)))


@st.composite
def ev44(draw):
    vectors = [draw(array(kind)) for kind in ("i8", "i4", "i4", "i4")]
    name, number = draw(TEXT), draw(SIGNED)
    return oracle.serialise_ev44(name, number, *vectors), model.Events(name, number, *vectors)


@st.composite
def ev42(draw):
    isis = draw(st.one_of(st.none(), st.tuples(
        st.integers(0, 2**32 - 1), st.integers(-128, 127), st.floats(width=32))))  # fmt: skip
    values = (draw(TEXT), draw(UNSIGNED), draw(TIMES), draw(array("u4")), draw(array("u4")))
    keys = ("period_number", "run_state", "proton_charge")
    buffer = oracle.serialise_ev42(*values, isis and dict(zip(keys, isis, strict=True)))
    return buffer, model.PulseEvents(*values, isis and model.IsisPulse(*isis))


@st.composite
def image(draw, schema):
    module = {"ad00": area_detector_ad00, "ADAr": area_detector_ADAr}[schema]
    shapes = hnp.array_shapes(min_side=0, max_side=3)
    data = draw(st.one_of(TEXT, *(hnp.arrays(kind, shapes) for kind in NUMBERS)))
    values = st.one_of(TEXT, SIGNED, st.floats(), *(array(kind) for kind in NUMBERS))
    given = draw(st.lists(st.tuples(TEXT, TEXT, TEXT, values), max_size=3))
    date = draw(DATES)
    name, number, time = draw(TEXT), draw(st.integers(-(2**31), 2**31 - 1)), nanoseconds(date)
    buffer = getattr(module, f"serialise_{schema}")(
        name, number, date if schema == "ADAr" else time, data,
        [module.Attribute(*one) for one in given],
    )  # fmt: skip
    attributes = tuple(model.ImageAttribute(*one[:3], attribute_value(one[3])) for one in given)
    return buffer, model.Image(name, number, time, data, attributes, schema)


def attribute_value(value):
    """What an attribute becomes: numbers, and arrays of one value, have no dimensions."""
    if isinstance(value, str):
        return value
    value = np.asarray(value)
    return value.reshape(()) if value.size == 1 else value


@st.composite
def da00(draw):
    arrays = st.one_of(
        *(hnp.arrays(kind, hnp.array_shapes(min_side=0, max_side=3)) for kind in NUMBERS)
    )
    maybe = st.one_of(st.none(), TEXT)
    given = []
    for _ in range(draw(st.integers(1, 3))):
        data = draw(st.one_of(TEXT, SIGNED, st.floats(), arrays))
        axes = draw(st.booleans()) and isinstance(data, np.ndarray)
        names = [draw(TEXT) for _ in range(data.ndim)] if axes else []
        given.append((draw(TEXT), data, names, draw(maybe), draw(maybe), draw(maybe)))
    name, time = draw(TEXT), draw(SIGNED)
    buffer = oracle.serialise_da00(name, time, [
        dataarray_da00.Variable(called, data, axes, unit=unit, label=label, source=source)
        for called, data, axes, unit, label, source in given
    ])  # fmt: skip
    variables = tuple(
        model.Variable(called, unit, label, source, tuple(axes),
                       data if axes else attribute_value(data))
        for called, data, axes, unit, label, source in given
    )  # fmt: skip
    return buffer, model.DataArray(name, time, variables)


@st.composite
def samples(draw, schema):
    values = draw(st.one_of(*(array(kind) for kind in SAMPLED[schema])))
    date = draw(DATES)
    times = draw(st.one_of(st.none(), hnp.arrays("i8", st.integers(0, 4), elements=TIMES)))
    counter = draw(st.integers(0, 2**63 - 1) if schema == "se00" else UNSIGNED)
    name, channel = draw(TEXT), draw(st.integers(-(2**31), 2**31 - 1))
    delta, location = draw(st.floats()), draw(st.integers(0, 3))
    buffer = oracle.SERIALISERS[schema](
        name, channel, nanoseconds(date) if schema == "se00" else date,
        delta, counter, values, location, times,
    )  # fmt: skip
    return buffer, model.Samples(
        name, channel, nanoseconds(date), delta, location, values, times, counter, schema
    )


@st.composite
def al00(draw):
    name, time, severity, message = draw(TEXT), draw(SIGNED), draw(st.integers(0, 3)), draw(TEXT)
    buffer = oracle.serialise_al00(name, time, alarm_al00.Severity(severity), message)
    return buffer, model.Alarm(name, time, severity, message)


@st.composite
def connection(draw, schema):
    name, service = draw(TEXT), draw(st.one_of(st.none(), TEXT))
    time = draw(SIGNED if schema == "ep01" else TIMES)
    status = draw(st.integers(0, 7 if schema == "ep01" else 4))
    given = epics_connection_ep01.ConnectionInfo(status) if schema == "ep01" else status
    buffer = oracle.SERIALISERS[schema](time, given, name, service)
    return buffer, model.Connection(time, status, name, service or "", schema)


@st.composite
def tdct(draw):
    name, times = draw(TEXT), draw(hnp.arrays("i8", st.integers(0, 5), elements=TIMES))
    counter = draw(st.one_of(st.none(), UNSIGNED))
    buffer = oracle.serialise_tdct(name, times, counter)
    return buffer, model.Timestamps(name, times, counter or 0)


@st.composite
def histogram(draw, schema):
    kinds = st.sampled_from(COUNTED[schema])
    shape = draw(hnp.array_shapes(max_dims=3, max_side=3))
    of_time = TIMES if schema == "hs00" else SIGNED
    data = draw(hnp.arrays(draw(kinds), shape))
    errors = draw(st.one_of(st.none(), hnp.arrays(draw(kinds), shape)))
    axes = [(n, draw(TEXT), draw(TEXT), draw(hnp.arrays(draw(kinds), n + 1))) for n in shape]
    name, time, metadata_time, info = draw(TEXT), draw(of_time), draw(of_time), draw(TEXT)
    keys = ("length", "unit", "label", "bin_boundaries")
    given = {
        "source": name, "timestamp": time, "current_shape": shape, "data": data, "info": info,
        "dim_metadata": [dict(zip(keys, axis, strict=True)) for axis in axes],
        "last_metadata_timestamp": metadata_time,
    } | ({} if errors is None else {"errors": errors})  # fmt: skip
    return oracle.SERIALISERS[schema](given), model.Histogram(
        name, time, tuple(model.HistogramAxis(*axis) for axis in axes), metadata_time,
        np.empty(0, COUNTED[schema][0]), data, errors, info, schema,
    )  # fmt: skip


@st.composite
def pl72(draw):
    names = (
        "run_name", "instrument_name", "nexus_structure", "job_id", "broker", "service_id",
        "filename", "metadata", "control_topic",
    )  # fmt: skip
    given = {name: draw(TEXT) for name in names}
    start, stop = draw(UNSIGNED), draw(UNSIGNED)
    mapped = draw(st.one_of(st.none(), st.tuples(
        array("i4"), array("i4"), st.integers(-(2**31), 2**31 - 1))))  # fmt: skip
    buffer = oracle.serialise_pl72(
        start_time=start, stop_time=stop,
        detector_spectrum_map=mapped and run_start_pl72.DetectorSpectrumMap(*mapped), **given,
    )  # fmt: skip
    return buffer, model.RunStart(
        start, stop, n_periods=1, spectrum_map=mapped and model.SpectrumMap(*mapped), **given
    )


@st.composite
def stop_6s4t(draw):
    given = {name: draw(TEXT) for name in ("run_name", "job_id", "service_id", "command_id")}
    stop = draw(UNSIGNED)
    return oracle.serialise_6s4t(stop_time=stop, **given), model.RunStop(stop, **given)


@st.composite
def answ(draw):
    given = {name: draw(TEXT) for name in ("service_id", "job_id", "command_id", "message")}
    numbers = {
        "action": draw(st.integers(0, 1)), "outcome": draw(st.integers(0, 1)),
        "status_code": draw(st.integers(-(2**31), 2**31 - 1)),
    }  # fmt: skip
    date = draw(DATES)
    buffer = oracle.serialise_answ(stop_time=date, **given, **numbers)
    return buffer, model.Answer(stop_time_ms=milliseconds(date), **given, **numbers)


@st.composite
def x5f2(draw):
    values = (*(draw(TEXT) for _ in range(4)), draw(st.integers(0, 2**32 - 1)),
              draw(st.integers(0, 2**32 - 1)), draw(TEXT))  # fmt: skip
    return oracle.serialise_x5f2(*values), model.Status(*values)


@st.composite
def wrdn(draw):
    maybe = st.one_of(st.none(), st.text(min_size=1, max_size=9))
    values = (draw(TEXT), draw(TEXT), draw(st.booleans()), draw(TEXT), draw(maybe), draw(maybe))
    return oracle.serialise_wrdn(*values), model.FinishedWriting(*values)


@st.composite
def json(draw):
    value = draw(st.recursive(
        st.one_of(st.none(), st.booleans(), SIGNED, st.floats(), TEXT),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    ))  # fmt: skip
    return oracle.serialise_json(plainjson.dumps(value)), model.Json(value)


MESSAGES = {
    "6s4t": stop_6s4t(), "ADAr": image("ADAr"), "ad00": image("ad00"), "al00": al00(),
    "answ": answ(), "da00": da00(), "ep00": connection("ep00"), "ep01": connection("ep01"),
    "ev42": ev42(), "ev44": ev44(), "f142": f142(), "f144": f144(), "hs00": histogram("hs00"),
    "hs01": histogram("hs01"), "json": json(), "pl72": pl72(), "se00": samples("se00"),
    "senv": samples("senv"), "tdct": tdct(), "wrdn": wrdn(), "x5f2": x5f2(),
}  # fmt: skip
"""For every schema pairs of a buffer and the message it holds."""
ANY = st.one_of(*MESSAGES.values())


def built(schema, fields, values):
    """A message with just these values in its root table, by flatbuffers' builder.

    `fields` are descriptions of numbers and strings; a value of None is left out.
    """
    builder = flatbuffers.Builder(64)
    builder.ForceDefaults(True)
    places = {
        slot: builder.CreateString(value) for slot, value in enumerate(values)
        if isinstance(value, str)
    }  # fmt: skip
    builder.StartObject(len(fields))
    for slot, (field, value) in enumerate(zip(fields, values, strict=True)):
        if slot in places:
            builder.PrependUOffsetTRelativeSlot(slot, places[slot], 0)
        elif value is not None:
            prepend = {"b": "Int8", "h": "Int16", "i": "Int32", "q": "Int64", "B": "Uint8",
                       "H": "Uint16", "I": "Uint32", "Q": "Uint64", "?": "Bool"}  # fmt: skip
            getattr(builder, f"Prepend{prepend[field.code]}Slot")(slot, value, 0)
    builder.Finish(builder.EndObject(), file_identifier=schema.encode())
    return bytes(builder.Output())
