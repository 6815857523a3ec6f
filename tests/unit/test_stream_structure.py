"""A nexus_structure is read, checked, and its fixed part written."""

import json

import h5py
import numpy as np
import pytest

from nxtool.errors import RecipeError
from nxtool.stream.structure import parse_structure
from tests.streamfile import recorded, session_of


def entry(*children):
    """A structure with these children of one entry."""
    group = {"type": "group", "name": "entry", "attributes": {"NX_class": "NXentry"},
             "children": list(children)}  # fmt: skip
    return json.dumps({"children": [group]})


def dataset(name, values, dtype=None, **more):
    config = {"name": name, "values": values} | ({"dtype": dtype} if dtype else {})
    return {"module": "dataset", "config": config, **more}


def written(tmp_path, text):
    session, fixed = session_of(text)
    return recorded(tmp_path / "run.nxs", session, fixed=fixed)[0]


def test_fixed_datasets_groups_and_attributes_are_written(tmp_path):
    units = [{"name": "units", "dtype": "string", "values": "m"}]
    detector = {
        "type": "group", "name": "detector",
        "attributes": [{"name": "NX_class", "values": "NXdetector"},
                       {"name": "n", "dtype": "int32", "values": [1, 2]}],
        "children": [dataset("x", [[1, 2], [3, 4]], "float", attributes=units)],
    }  # fmt: skip
    old = {"type": "dataset", "name": "old", "values": 4, "dataset": {"type": "int64"}}
    texts = dataset("names", ["a", "b"], "string")
    file = written(tmp_path, entry(dataset("title", "run"), detector, old, texts))
    node = file["entry/detector"]
    assert file["entry/title"].asstr()[()] == "run"
    assert file["entry/names"].asstr()[:].tolist() == ["a", "b"]
    assert (node["x"].dtype, node["x"].attrs["units"]) == ("f4", "m")
    assert node["x"][:].tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert node.attrs["n"].tolist() == [1, 2]
    assert (file["entry/old"].dtype, file["entry/old"][()]) == ("i8", 4)


def test_links_are_made_in_the_end(tmp_path):
    links = [
        {"module": "link", "config": {"name": "near", "source": "x"}},
        {"module": "link", "config": {"name": "far", "source": "/entry/inner/y"}},
        {"type": "group", "name": "inner", "children": [
            dataset("y", 2),
            {"type": "link", "name": "above", "target": "../x"},
        ]},
    ]  # fmt: skip
    file = written(tmp_path, entry(dataset("x", 1), *links))
    assert file["entry/near"] == file["entry/x"]
    assert file["entry/far"] == file["entry/inner/y"]
    assert file["entry/inner/above"] == file["entry/x"]


def test_times_are_those_of_the_recording(tmp_path):
    mdat = {"module": "mdat", "config": {"items": ["start_time", "end_time"]}}
    session, fixed = session_of(entry(mdat), start=10**18, stop=10**18 + 10**9)
    file, _ = recorded(tmp_path / "run.nxs", session, fixed=fixed)
    times = [file[f"entry/{name}"].asstr()[()] for name in ("start_time", "end_time")]
    assert times == ["2001-09-09T01:46:40.000+00:00", "2001-09-09T01:46:41.000+00:00"]


def test_both_forms_of_streams_are_read():
    new = {"module": "f144", "config": {"topic": "t", "source": "a", "dtype": "int"}}
    old = {"type": "stream", "stream": {"topic": "u", "source": "b", "writer_module": "ev42"}}
    found = parse_structure(entry(new, old), "s.json")
    assert [(spec.module, spec.topic, spec.source) for spec in found.streams] == [
        ("f144", "t", "a"), ("al00", "t", "a"), ("ep01", "t", "a"), ("ev42", "u", "b")
    ]  # fmt: skip
    assert found.topics == ("t", "u")


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "s.json: is no JSON: Expecting property name enclosed in double quotes: "
              "line 1 column 2 (char 1)"),
        ("{}", "s.json: is no nexus_structure: it has no children"),
        ("[]", "s.json: is no nexus_structure: it has no children"),
        (entry({"module": "xx99"}), "s.json: /entry: 'xx99' is no module"),
        (entry({"module": "f144", "config": {"topic": "t", "dtype": "complex", "source": "a"}}),
         "s.json: /entry: f144: 'complex' is no type of numbers"),
        (entry({"module": "f144", "config": {"source": "a"}}),
         "s.json: /entry: f144 needs a topic and a source"),
        (entry({"module": "ev44", "config": {"topic": "t", "source": "a", "chunk_size": 0}}),
         "s.json: /entry: ev44: chunk_size is 0, no number above 0"),
        (entry({"type": "group"}), "s.json: /entry: a group without a name"),
        (entry(dataset("x", 1), dataset("x", 2)), "s.json: /entry: 'x' is there twice"),
        (entry(dataset("x", [1, [2, 3]])), "s.json: /entry/x: its values: setting an array element"
         " with a sequence. The requested array has an inhomogeneous shape after 1 dimensions."
         " The detected shape was (2,) + inhomogeneous part."),
        (entry({"module": "link", "config": {"name": "x"}}),
         "s.json: /entry: a link needs a name and a source"),
        (entry(3), "s.json: /entry: 3 is no child: an object is expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(RecipeError) as caught:
        parse_structure(text, "s.json")
    assert caught.value.message == message


def test_structures_may_not_be_endlessly_deep():
    text = "{}"
    for _ in range(70):
        text = json.dumps({"type": "group", "name": "g", "children": [json.loads(text)]})
    with pytest.raises(RecipeError, match="more than 64 groups in each other"):
        parse_structure(json.dumps({"children": [json.loads(text)]}), "s.json")
    with pytest.raises(RecipeError, match="is no JSON"):
        parse_structure(DEEP, "s.json")


def test_two_modules_may_share_a_group(tmp_path):
    modules = [{"module": "f144", "config": {"topic": "t", "source": "a"}}]
    group = {"type": "group", "name": "log", "children": modules,
             "attributes": [{"name": "NX_class", "values": "NXpositioner"}]}  # fmt: skip
    file = written(tmp_path, entry(group))
    assert file["entry/log"].attrs["NX_class"] == "NXpositioner"
    assert isinstance(file["entry/log/alarm_time"], h5py.Dataset)
    assert np.asarray(file["entry/log/value"]).shape == (0,)
