"""JSON values by pointer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.jsonfile import opener

DATA = {
    "a": {"b": [1, 2.5], "c/d": "text", "~": True},
    "rows": [[1, 2], [3, 4]],
    "names": ["x", "y"],
    "runs": [{"t": 1}, {"t": 2}],
    "mixed": [1, "x"],
    "ragged": [[1], [1, 2]],
    "none": None,
}


@pytest.fixture
def reader(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(DATA))
    return opener({})(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("pointer", "dtype", "value"),
    [
        ("/a/b", "float64", [1, 2.5]),
        ("/a/b/0", "int64", 1),
        ("/a/c~1d", "object", "text"),
        ("/a/~0", "bool", True),
        ("/rows", "int64", [[1, 2], [3, 4]]),
        ("/rows/1", "int64", [3, 4]),
        ("/names", "object", ["x", "y"]),
        ("/runs/1/t", "int64", 2),
        ("/mixed/1", "object", "x"),
    ],
)
def test_a_value_is_found_by_its_pointer(reader, pointer, dtype, value):
    array = reader.array(pointer)
    assert array.info.dtype == dtype
    assert array.read(0, 9).tolist() == value


@pytest.mark.parametrize("pointer", ["", "/a", "/runs", "/mixed", "/ragged", "/none"])
def test_what_is_no_array_is_refused(reader, tmp_path, pointer):
    with pytest.raises(SourceError) as error:
        reader.array(pointer)
    assert str(error.value) == (
        f"{tmp_path}/a.json: {pointer or '/'} is no number, text or list of one kind of them"
    )


def test_a_wrong_key_is_told_with_the_nearest(reader, tmp_path):
    with pytest.raises(SourceError) as error:
        reader.array("/nams")
    assert str(error.value) == f"{tmp_path}/a.json: /: no key 'nams' (did you mean names?)"


def test_broken_json_is_told_with_its_place(tmp_path):
    (tmp_path / "a.json").write_text('{"a":\n  x}')
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.json")
    assert str(error.value) == f"{tmp_path}/a.json:2:3: is no JSON: Expecting value"


def test_nesting_without_end_is_refused(tmp_path):
    (tmp_path / "a.json").write_text("[" * 200_000)
    with pytest.raises(SourceError):
        opener({})(tmp_path / "a.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(JSON)
def test_every_key_can_be_read(tmp_path_factory, value):
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_text(json.dumps(value))
    reader = opener({})(file)
    for pointer in reader.keys():  # noqa: SIM118  a reader is no dict
        reader.array(pointer)


def test_an_archive_of_nomad_is_read_by_pointers(tmp_path):
    archive = {
        "data": {
            "m_def": "../upload/raw/arpes.schema.archive.yaml#/definitions/section_definitions/0",
            "notes": {"author": "A. Person"},
            "energies": [20.0, 20.5],
            "steps": [{"name": "anneal", "temperature": 780.0}],
        },
        "metadata": {"entry_id": "zQJMKax7xk384h_rx7VW_-6bRIgi"},
        "m_ref_archives": {},
    }
    (tmp_path / "arpes.archive.json").write_text(json.dumps(archive))
    reader = opener({})(tmp_path / "arpes.archive.json")
    assert list(reader.keys()) == [
        *("/data/m_def", "/data/notes/author", "/data/energies", "/data/steps/0/name"),
        *("/data/steps/0/temperature", "/metadata/entry_id"),
    ]
    assert reader.array("/data/notes/author").read(0, 1)[()] == "A. Person"
    assert reader.array("/data/energies").read(0, 2).tolist() == [20, 20.5]
    assert reader.array("/data/steps/0/temperature").read(0, 1)[()] == 780
