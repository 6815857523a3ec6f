"""JSON Lines: a column a pointer, over the lines."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.jsonlines import opener

EVENTS = [
    {"name": "start", "doc": {"uid": "a1"}},
    {"name": "event", "doc": {"seq": 1, "data": {"x": 0.5, "spectrum": [1, 2]}, "file": "a"}},
    {"name": "event", "doc": {"seq": 2, "data": {"x": 1.5, "spectrum": [3, 4]}, "file": "b"}},
    {"name": "stop", "doc": {"exit": "success"}},
]
TEXT = "".join(json.dumps(event) + "\n" for event in EVENTS)
ONLY_EVENTS = {"where": {"/name": "event"}}


@pytest.fixture
def lines(tmp_path):
    def write(text=TEXT, options=ONLY_EVENTS):
        (tmp_path / "a.jsonl").write_text(text)
        return opener(options)(tmp_path / "a.jsonl")

    return write


@pytest.mark.parametrize(
    ("pointer", "dtype", "values"),
    [
        ("/doc/seq", "int64", [1, 2]),
        ("/doc/data/x", "float64", [0.5, 1.5]),
        ("/doc/data/spectrum", "int64", [[1, 2], [3, 4]]),
        ("/doc/data/spectrum/1", "int64", [2, 4]),
        ("/doc/file", "object", ["a", "b"]),
    ],
)
def test_a_pointer_gives_an_array_over_the_lines(lines, pointer, dtype, values):
    array = lines().array(pointer)
    assert array.info.dtype == dtype
    assert array.read(0, 9).tolist() == values


def test_without_where_every_line_counts(lines):
    reader = lines(options={})
    assert reader.array("/name").read(0, 9).tolist() == ["start", "event", "event", "stop"]
    assert list(reader.keys()) == [
        *("/name", "/doc/uid", "/doc/seq", "/doc/data/x", "/doc/data/spectrum", "/doc/file"),
        "/doc/exit",
    ]


def test_numbers_alone_on_their_lines_are_the_data(lines):
    assert lines("1\n\n2\n", {}).array().read(0, 9).tolist() == [1, 2]


def test_a_line_that_lacks_the_pointer_is_told(lines, tmp_path):
    with pytest.raises(SourceError) as error:
        lines(options={}).array("/doc/seq")
    assert str(error.value) == f"{tmp_path}/a.jsonl:1: /doc: no key 'seq' (there is uid)"


@pytest.mark.parametrize("text", ['{"x": 1}\n{"x": "a"}\n', '{"x": [1]}\n{"x": [1, 2]}\n'])
def test_values_of_two_kinds_are_refused(lines, tmp_path, text):
    with pytest.raises(SourceError) as error:
        lines(text, {}).array("/x")
    assert str(error.value) == (
        f"{tmp_path}/a.jsonl: /x is not a number, a text or a list of one length in every line"
    )


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            '{"x": 1}\n{"x": ',
            {},
            ":2:7: is no JSON: Expecting value",
        ),
        ('1\n"\0"\n', {}, ":2:1: is not text"),
        ("\n", {}, ": holds no line"),
        ("1\n", ONLY_EVENTS, ": no line counts"),
    ],
)
def test_damage_is_told_with_its_place(lines, tmp_path, text, options, message):
    with pytest.raises(SourceError) as error:
        lines(text, options)
    assert str(error.value) == f"{tmp_path}/a.jsonl{message}"


@pytest.mark.parametrize("where", ["event", {"name": "event"}])
def test_a_wrong_where_is_refused(where):
    with pytest.raises(SourceError) as error:
        opener({"where": where})
    assert str(error.value) == f"option where is {where!r} (write {{/name: event}})"


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_come_back_bit_for_bit(tmp_path_factory, values):
    file = tmp_path_factory.getbasetemp() / "round.jsonl"
    file.write_text("".join(json.dumps({"x": value}) + "\n" for value in values))
    found = opener({})(file).array("/x").read(0, len(values))
    np.testing.assert_array_equal(found, values)
