"""Documents to runs: rows by number, streams by name, types by what came."""

import errno
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.bluesky import tables
from nxtool.bluesky.blocks import Room
from nxtool.bluesky.runs import read_runs
from nxtool.bluesky.tables import Table
from nxtool.errors import SourceError
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, page, write


@pytest.fixture
def run(tmp_path):
    def only(*documents):
        [found], _ = read_runs(write(tmp_path / "a.jsonl", START, *documents))
        return found

    return only


def column(run, key="x", stream="primary"):
    table = run.streams[stream].table
    return table.columns[key].read(0, table.rows).tolist()


def test_events_that_come_twice_count_once_and_the_last_counts(run):
    found = run(descriptor(), *(event(n, x=v) for n, v in [(1, 1), (2, 2), (1, 5), (2, 6), (3, 7)]))
    assert column(found) == [5, 6, 7]


def test_events_that_never_came_are_gaps_and_told(run):
    stop = ("stop", {**STOP[1], "num_events": {"primary": 6}})
    found = run(descriptor(), event(1, x=1), event(4, x=4), stop)
    assert np.isnan(column(found)[1:3]).all()
    assert found.streams["primary"].table.missing().tolist() == [2, 3, 5, 6]
    assert found.notes == ["primary: 4 of 6 events are missing: 2, 3, 5, 6"]


def test_several_descriptors_of_a_name_are_one_stream(run):
    more = {"x": NUMBER, "y": NUMBER}
    found = run(descriptor(), event(1, x=1), descriptor(more, "d2"), event(2, "d2", x=2, y=3), STOP)
    assert column(found) == [1, 2]
    assert column(found, "y")[1] == 3


def test_values_whose_unit_changes_have_none_and_that_is_told(run):
    def configured(units):
        key = {**NUMBER, "units": units}
        return {"det": {"data": {"gain": 1}, "timestamps": {}, "data_keys": {"gain": key}}}

    keys = [{"x": {**NUMBER, "units": units}} for units in ("mm", "um", "mm")]
    documents = [
        (
            descriptor(key, f"d{n}", configuration=configured(key["x"]["units"])),
            event(n, f"d{n}", x=n),
        )
        for n, key in enumerate(keys, 1)
    ]
    found = run(*(one for pair in documents for one in pair), STOP)
    assert "units" not in found.streams["primary"].table.keys["x"]
    assert "units" not in found.configuration["det"].keys["gain"]
    assert found.notes == [
        "primary/x changes its unit during the run, and has none here",
        "config/det/gain changes its unit during the run, and has none here",
    ]


def test_a_setting_that_changes_has_a_row_each_time(run):
    def configured(value):
        return {"det": {"data": {"gain": value}, "timestamps": {"gain": value}, "data_keys": {}}}

    found = run(
        descriptor(configuration=configured(1)),
        descriptor(uid="d2", name="baseline", configuration=configured(1)),
        descriptor(uid="d3", configuration=configured(2)),
        STOP,
    )
    assert [data for data, _ in found.configuration["det"].rows] == [{"gain": 1}, {"gain": 2}]


def test_runs_that_are_open_at_once_stay_apart(tmp_path):
    other = ("start", {"uid": "run-2", "time": 1.7e9})
    second = ("descriptor", {**descriptor(uid="d9")[1], "run_start": "run-2"})
    path = write(
        tmp_path / "a.jsonl", START, other, descriptor(), second, event(1, x=1),
        event(1, "d9", x=8), event(2, x=2), STOP,
    )  # fmt: skip
    first, last = read_runs(path)[0]
    assert (column(first), column(last)) == ([1, 2], [8])
    assert (first.status, last.status) == ("success", "incomplete")


def test_a_run_without_a_stop_is_incomplete_and_ends_with_its_last_event(run):
    found = run(descriptor(), event(1, x=1), event(2, x=2))
    assert found.status == "incomplete"
    assert found.last_time == 1.7e9 + 2
    assert found.notes == ["the run has no stop: it was not ended, or its end was not stored"]


def test_documents_of_runs_that_started_elsewhere_are_told(tmp_path):
    path = write(tmp_path / "a.jsonl", START, event(1, "d7", x=1), event(2, "d7", x=1), STOP)
    assert read_runs(path)[1] == [
        "2 documents belong to no run that starts in this file, and are left out"
    ]


@pytest.mark.parametrize(
    ("key", "values", "dtype", "expected", "note"),
    [
        ({"dtype": "integer"}, [1, 2], "float64", [1, 2], ""),
        ({"dtype": "integer"}, [1.5, 2], "float64", [1.5, 2], ""),
        ({"dtype": "integer", "dtype_numpy": "<i8"}, [1, 2], "int64", [1, 2], ""),
        (
            *({"dtype": "integer", "dtype_numpy": "<i8"}, [1, 2.5], "float64", [1, 2.5]),
            "is no int64 throughout, and float64 here",
        ),
        ({"dtype": "number", "dtype_numpy": "<f4"}, [1, 2.5], "float32", [1, 2.5], ""),
        ({"dtype": "boolean"}, [True, False], "bool", [True, False], ""),
        ({"dtype": "string"}, ["a", "ü"], "object", ["a", "ü"], ""),
        (
            *({"dtype": "integer"}, ["none", "none"], "object", ["none", "none"]),
            "holds text, though numbers are declared",
        ),
        (
            *({"dtype": "number"}, [1.5, "off"], "object", ["1.5", "off"]),
            "has values of several kinds, and is text here",
        ),
        ({"dtype": "array"}, [[1, 2], [3, 4]], "float64", [[1, 2], [3, 4]], ""),
        (
            *({"dtype": "number"}, [2**60 + 1, 1], "object", ["1152921504606846977", "1"]),
            "has values of several kinds, and is text here",
        ),
        (
            *({"dtype": "number"}, [2**60 + 1, 0.5], "object", ["1152921504606846977", "0.5"]),
            "has values of several kinds, and is text here",
        ),
        (
            *(
                {"dtype": "array"},
                [[2**60 + 1], [0.5]],
                "object",
                ["[1152921504606846977]", "[0.5]"],
            ),
            "has values of several kinds, and is text here",
        ),
        (
            *({"dtype": "number", "dtype_numpy": "<f4"}, [1e300, 1.5], "float64", [1e300, 1.5]),
            "is no float32 throughout, and float64 here",
        ),
    ],
)
@pytest.mark.parametrize("at_once", [1, 100])
def test_the_type_is_what_was_declared_where_the_values_agree(
    run, monkeypatch, key, values, dtype, expected, note, at_once
):
    monkeypatch.setattr(tables, "AT_ONCE", at_once)
    keys = {"x": {"shape": [], "source": "sim", **key}}
    found = run(descriptor(keys), *(event(n, x=v) for n, v in enumerate(values, 1)), STOP)
    made = found.streams["primary"].table.columns["x"]
    assert made.dtype == dtype
    assert column(found) == expected
    assert made.note == note


def test_null_is_not_a_number(run):
    found = run(descriptor(), event(1, x=1), event(2, x=None), STOP)
    assert column(found)[0] == 1
    assert np.isnan(column(found)[1])


@pytest.mark.parametrize("at_once", [1, 100])
def test_lists_of_different_lengths_are_filled_up(run, monkeypatch, at_once):
    monkeypatch.setattr(tables, "AT_ONCE", at_once)
    keys = {"x": {"dtype": "array", "shape": [None], "source": "sim"}}
    found = run(descriptor(keys), event(1, x=[1, 2]), event(2, x=[3, 4, 5]), event(3, x=[]), STOP)
    rows = column(found)
    assert rows[1] == [3, 4, 5]
    assert rows[0][:2] == [1, 2]
    assert np.isnan([rows[0][2], *rows[2]]).all()
    assert found.notes == ["primary/x has lists of different lengths, filled up with NaN"]


def test_what_is_more_than_memory_allows_lies_on_disk(run, monkeypatch):
    monkeypatch.setattr(Room.__init__, "__defaults__", (100,))
    found = run(descriptor(), *(event(n, x=n) for n in range(1, 40_000, 7)), STOP)
    assert np.array_equal(column(found)[::7], np.arange(1, 40_000, 7))
    assert np.isnan(column(found)[1])


def test_a_full_disk_is_an_error(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Room.__init__, "__defaults__", (0,))
    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(SourceError) as error:
        read_runs(write(tmp_path / "a.jsonl", START, descriptor(), event(1, x=1), STOP))
    assert "no space for 0 MiB: No space left on device" in str(error.value)


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([("descriptor", {"uid": "d"})], "2:1: the descriptor lacks 'run_start'"),
        ([descriptor(), ("event", {"descriptor": "d1"})], "3:1: the event lacks 'seq_num'"),
        ([descriptor(), event(10**15, x=1), STOP, descriptor(uid="d2")],
         "5:1: an event says it is number 1000000000000000, after 0 of them"),
        ([descriptor(), event(0, x=1), descriptor(uid="d2")],
         "4:1: an event says it is number 0, after 0 of them"),
        ([descriptor(), page([1, 2], x=[1])], "3:1: the columns of a page differ in length"),
        ([("stop", {**STOP[1], "time": "now"})],
         "2:1: the stop is malformed: could not convert string to float: 'now'"),
        ([descriptor({"x": 5})], "2:1: the descriptor is malformed: 'int' object has no attribute"
         " 'get'"),
    ],
)  # fmt: skip
def test_documents_that_cannot_be_are_an_error_with_their_place(tmp_path, documents, message):
    with pytest.raises(SourceError) as error:
        read_runs(write(tmp_path / "a.jsonl", START, *documents))
    assert str(error.value) == f"{tmp_path}/a.jsonl:{message}"


def test_a_file_without_a_start_is_refused(tmp_path):
    with pytest.raises(SourceError) as error:
        read_runs(write(tmp_path / "a.jsonl", STOP))
    assert str(error.value) == f"{tmp_path}/a.jsonl: there is no start of a run in it"


KEYS = {"x": NUMBER, "n": {"dtype": "array", "shape": [2], "source": "sim"}}


@st.composite
def streams(draw):
    """Numbers of events as they may come, with values, and how they are cut to pages."""
    numbers = draw(st.lists(st.integers(1, 12), max_size=30))
    values = [(number, draw(st.floats(-1e6, 1e6))) for number in numbers]
    cuts = draw(st.lists(st.integers(0, 5), max_size=30))
    return values, cuts


@given(streams(), st.integers(1, 5))
def test_rewinds_gaps_and_pages_make_no_difference(stream, at_once):
    values, cuts = stream
    expected = dict(values)
    table = Table(Room())
    table.declare(KEYS)
    rest = list(values)
    for cut in [*cuts, *[0] * len(rest)]:
        part, rest = rest[: max(cut, 1)], rest[max(cut, 1) :]
        if cut and part:
            data = {"x": [v for _, v in part], "n": [[v, n] for n, v in part]}
            table.add_page(page([n for n, _ in part], **data)[1])
        elif part:
            [(number, value)] = part
            table.add(event(number, x=value, n=[value, number])[1])
        if len(rest) % at_once == 0:
            table.flush()
    table.flush()
    assert table.rows == max(expected, default=0)
    assert set(table.missing().tolist()) == set(range(1, table.rows)) - set(expected)
    x = table.columns["x"].read(0, table.rows)
    n = table.columns["n"].read(0, table.rows)
    for number, value in expected.items():
        assert x[number - 1] == value
        assert n[number - 1].tolist() == [value, number]
        assert table.time.read(number - 1, number)[0] == 1.7e9 + number
