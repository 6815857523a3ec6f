"""Documents of Bluesky in every form they are stored in."""

import json

import numpy as np
import pytest

from nxtool.bluesky.documents import DocumentFile
from nxtool.errors import SourceError
from nxtool.sources.formats import format_of
from tests.rundocuments import START, STOP, descriptor, event

RUN = [START, descriptor(), event(1, x=1.5), event(2, x=2.5), STOP]
RECORDS = [{"name": name, "doc": doc} for name, doc in RUN]


@pytest.fixture
def read(tmp_path):
    def documents(content, name="a.json"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        file = DocumentFile(tmp_path / name)
        return [(one.name, one.doc) for one in file], file.notes

    return documents


def lines(records=RECORDS):
    return "".join(json.dumps(one) + "\n" for one in records)


ARRAY = "[\n" + ",\n".join(json.dumps(one) for one in RECORDS) + "\n]"
FORMS = {
    "lines of bluesky": lines(),
    "lines of suitcase": "".join(json.dumps(list(one)) + "\n" for one in RUN),
    "keys in order": "".join(json.dumps(one, sort_keys=True) + "\n" for one in RECORDS),
    "with byte order mark and empty lines": "\ufeff\n" + lines().replace("\n", "\r\n\n"),
    "array of bluesky": ARRAY,
    "array on one line": json.dumps(RECORDS),
    "array of pairs": json.dumps([list(one) for one in RUN]),
    "array with indents": json.dumps(RECORDS, indent=2),
    "text sequence": "".join(f"\x1e{json.dumps(one)}\n" for one in RECORDS),
}


@pytest.mark.parametrize("form", FORMS)
def test_documents_come_as_they_were_stored(read, form):
    assert read(FORMS[form]) == (RUN, [])


@pytest.mark.parametrize("form", FORMS)
def test_a_file_of_documents_is_known_by_its_first_bytes(tmp_path, form):
    for name in ("a.json", "a.jsonl", "a.jsonseq", "a"):
        (tmp_path / name).write_text(FORMS[form])
        assert format_of(tmp_path / name) == "bluesky"


@pytest.mark.parametrize(
    ("text", "format_name"),
    [
        ('{"name": "x", "doc": {}}', "jsonl"),
        ('{"name": "start", "value": 1}', "jsonl"),
        ("[1, 2]", "jsonl"),
        ('["start", 5]', "jsonl"),
        ('{"doc": 3}', "jsonl"),
    ],
)
def test_other_lines_of_json_are_none(tmp_path, text, format_name):
    (tmp_path / "a.jsonl").write_text(text)
    assert format_of(tmp_path / "a.jsonl") == format_name


def test_an_array_without_its_end_is_told(read, tmp_path):
    found, notes = read(ARRAY.removesuffix("\n]") + ",\n")
    assert found == RUN
    assert notes == [f"{tmp_path}/a.json: the array has no end: was the writer stopped?"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (lines()[:-30], 5),
        (ARRAY[:-30], 6),
        (json.dumps(RECORDS)[:-30], 1),
        (FORMS["text sequence"][:-30], 5),
    ],
)
def test_a_last_record_that_is_cut_off_is_left_out_and_told(read, tmp_path, content, line):
    found, notes = read(content)
    assert found == RUN[:-1]
    assert notes == [f"{tmp_path}/a.json:{line}: the last record is cut off, and left out"]


def test_a_damaged_record_is_an_error_with_its_line(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(lines().replace('{"uid": "e1"', '{"uid": e1'))
    assert str(error.value) == f"{tmp_path}/a.json:3:34: is no JSON: Expecting value"


def test_a_record_that_is_no_document_is_an_error_with_its_line(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read(lines([RECORDS[0], {"name": "begin", "doc": {}}]))
    assert str(error.value) == f"{tmp_path}/a.json:2:1: 'begin' is no document of Bluesky"


@pytest.mark.parametrize("form", ["lines of bluesky", "array of bluesky", "array on one line"])
def test_what_json_has_no_word_for_may_stand_in_it(read, form):
    found, _ = read(FORMS[form].replace("1.5", "NaN").replace("2.5", "-Infinity"))
    assert np.isnan(found[2][1]["data"]["x"])
    assert found[3][1]["data"]["x"] == -np.inf


@pytest.mark.parametrize("opening", ["[" * 100_000, '{"name": "start", "doc": ' * 5000])
def test_what_is_nested_too_deeply_is_refused(read, opening):
    with pytest.raises(SourceError):
        read(lines() + opening + "\n" + lines())


def packed(*values):
    msgpack = pytest.importorskip("msgpack")
    msgpack_numpy = pytest.importorskip("msgpack_numpy")
    return b"".join(msgpack.packb(one, default=msgpack_numpy.encode) for one in values)


def test_msgpack_gives_documents_and_arrays(read):
    values = np.arange(6, dtype="<i2").reshape(2, 3)
    found, notes = read(packed(*map(list, RUN), ["event", {"a": values, "b": np.float32(1.5)}]))
    assert found[:-1] == RUN
    assert found[-1][1]["a"].tolist() == values.tolist()
    assert found[-1][1]["a"].dtype == "<i2"
    assert found[-1][1]["b"] == 1.5
    assert notes == []


def test_msgpack_that_is_cut_off_is_told(read, tmp_path):
    content = packed(*map(list, RUN))
    found, notes = read(content[:-9])
    assert found == RUN[:-1]
    place = len(packed(*map(list, RUN[:-1])))
    assert notes == [f"{tmp_path}/a.json: byte {place}: the last record is cut off, and left out"]


@pytest.mark.parametrize(
    "array",
    [
        {b"nd": True, b"type": "|O", b"kind": b"O", b"shape": (1,), b"data": b"\x80\x04N."},
        {b"nd": True, b"type": "<f8", b"kind": b"", b"shape": (2,), b"data": b"12345678"},
        {b"nd": True, b"type": "<f8", b"kind": b"", b"shape": (-1, -1), b"data": b"12345678"},
        {b"nd": True, b"type": "nonsense", b"kind": b"", b"shape": (1,), b"data": b"12345678"},
    ],
)
def test_arrays_of_objects_and_impossible_ones_are_refused(read, tmp_path, array):
    with pytest.raises(SourceError) as error:
        read(packed(list(START), ["event", {"a": array}]))
    place = len(packed(list(START)))
    assert str(error.value).startswith(f"{tmp_path}/a.json: byte {place}: is no msgpack: ")


def test_an_empty_file_is_refused(read, tmp_path):
    with pytest.raises(SourceError) as error:
        read("")
    assert str(error.value) == f"{tmp_path}/a.json: is empty"
