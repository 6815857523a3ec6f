"""Series of files of one template: what is patched, what stays, and what is refused."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nxtool import Series
from nxtool.build.data import Literal
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan
from nxtool.errors import FileUnreadable, OutputError, SourceError

FIRST = {
    "x": 1.5, "small": np.float32(2), "count": 3, "byte": np.uint8(4), "flag": True,
    "big": np.array(5, ">i4"), "wave": 1 + 2j, "vector": np.arange(5.0),
    "table": np.arange(6, dtype=">u2").reshape(2, 3),
}  # fmt: skip
SECOND = {
    "x": -0.0, "small": 7, "count": -(2**62) - 1, "byte": 255, "flag": False, "big": -9,
    "wave": 3j, "vector": [9, 8, 7, 6, 5], "table": np.full((2, 3), 65535),
}  # fmt: skip


def paths(values):
    return {f"/entry/{name}": value for name, value in values.items()}


@pytest.fixture
def template(tmp_path):
    root = PlannedGroup("/", "NXroot", {"creator": "test"})
    entry = root.children["entry"] = PlannedGroup("/entry", "NXentry")
    for path, value in paths(FIRST | {"frames": np.zeros((4, 9))}).items():
        name = path.rpartition("/")[2]
        entry.children[name] = PlannedField(path, Literal(np.asarray(value)), {"units": "mm"})
    entry.children["frames"].chunks = (1, 9)
    text = Literal(np.array("some", dtype=object))
    entry.children["title"] = PlannedField("/entry/title", text)
    write_plan(Plan(root), tmp_path / "first.h5")
    return tmp_path / "first.h5"


def contents(path):
    """Type, values and attributes of every field."""
    with h5py.File(path) as file:
        return {
            name: (
                data.dtype,
                data[()] if data.dtype.hasobject else data[...].tobytes(),
                dict(data.attrs),
            )
            for name, data in file["entry"].items()
        }


def told(error):
    return str(error.value)


def test_file_of_a_series_has_the_new_values_and_all_else_of_the_template(template, tmp_path):
    Series(template, paths(FIRST)).write(tmp_path / "second.h5", paths(SECOND), compare_every=1)
    before, after = contents(template), contents(tmp_path / "second.h5")
    assert {name for name in before if before[name] != after[name]} == set(SECOND)
    for name, (dtype, stored, attributes) in after.items():
        assert (dtype, attributes) == (before[name][0], before[name][2])
        if name in SECOND:
            assert stored == np.asarray(SECOND[name], dtype=dtype).tobytes()


def test_fields_that_were_not_named_keep_their_values(template, tmp_path):
    Series(template, ["/entry/x"]).write(tmp_path / "second.h5", {"/entry/x": 4})
    before, after = contents(template), contents(tmp_path / "second.h5")
    assert [name for name in before if before[name] != after[name]] == ["x"]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("count", 1.5, "/entry/count: int64 takes no float64"),
        ("big", 2**31, "/entry/big: 2147483648 does not fit >i4 (choose another dtype)"),
        ("byte", 256, "/entry/byte: 256 does not fit uint8 (choose another dtype)"),
        ("small", 1e300, "/entry/small: 1e+300 does not fit float32 (choose another dtype)"),
        ("x", "3", "/entry/x: float64 takes no <U1"),
        ("x", [1.0], "/entry/x: the shape is (1,), and should be ()"),
        ("flag", 1, "/entry/flag: bool takes no int64"),
        ("vector", [1, 2], "/entry/vector: the shape is (2,), and should be (5,)"),
    ],
)  # fmt: skip
def test_value_that_does_not_fit_is_refused(template, tmp_path, name, value, message):
    series = Series(template, paths(FIRST))
    with pytest.raises(SourceError) as error:
        series.write(tmp_path / "second.h5", paths(SECOND | {name: value}))
    assert told(error) == message
    assert [path.name for path in tmp_path.iterdir()] == ["first.h5"]


def test_field_without_value_is_refused(template, tmp_path):
    with pytest.raises(SourceError) as error:
        Series(template, ["/entry/x"]).write(tmp_path / "a.h5", {})
    message = "/entry/x: has no value (give one to every field of the series)"
    assert told(error) == message


def test_value_without_field_is_refused(template, tmp_path):
    with pytest.raises(SourceError) as error:
        Series(template, ["/entry/x"]).write(tmp_path / "a.h5", {"/entry/x": 1, "/y": 2})
    assert told(error) == "/y: is no field of the series (name it when making it)"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "there is no such field"),
        ("title", "is not of numbers (only numbers can change)"),
        (
            "frames",
            "is not stored in one piece (store it without chunks and filters, in the file itself)",
        ),
    ],
)
def test_field_that_cannot_be_patched_is_refused(template, name, message):
    with pytest.raises(SourceError) as error:
        Series(template, [f"/entry/{name}"])
    assert told(error) == f"{template}: /entry/{name}: {message}"


def test_field_nobody_has_written_is_refused(tmp_path):
    with h5py.File(tmp_path / "late.h5", "w") as file:
        file.create_dataset("x", (3,), "f8")
    with pytest.raises(SourceError) as error:
        Series(tmp_path / "late.h5", ["x"])
    message = "x: has no values yet (write some into the template)"
    assert told(error) == f"{tmp_path / 'late.h5'}: {message}"


def test_template_that_is_no_hdf5_file_is_refused(tmp_path):
    (tmp_path / "a.h5").write_text("text")
    with pytest.raises(FileUnreadable) as error:
        Series(tmp_path / "a.h5", ["x"])
    assert told(error) == f"{tmp_path / 'a.h5'}: is not an HDF5 file (check the format)"


def test_file_that_exists_is_replaced_only_when_asked(template, tmp_path):
    series, path = Series(template, ["/entry/x"]), tmp_path / "second.h5"
    path.write_text("mine")
    with pytest.raises(OutputError) as error:
        series.write(path, {"/entry/x": 4})
    assert told(error) == f"{path}: exists already (choose another name)"
    series.write(path, {"/entry/x": 4}, overwrite=True)
    assert contents(path)["x"][1] == np.float64(4).tobytes()


def test_template_is_never_replaced(template):
    with pytest.raises(OutputError) as error:
        Series(template, ["/entry/x"]).write(template, {"/entry/x": 4}, overwrite=True)
    assert told(error) == f"{template}: exists already (choose another name)"


def test_template_with_something_in_front_is_patched_in_its_place(tmp_path):
    with h5py.File(tmp_path / "first.h5", "w", userblock_size=512) as file:
        file["x"] = 1.0
    Series(tmp_path / "first.h5", ["x"]).write(tmp_path / "second.h5", {"x": 2.0})
    with h5py.File(tmp_path / "second.h5") as file:
        assert file["x"][()] == 2.0


@settings(max_examples=30)
@given(st.lists(st.floats(width=64), min_size=1, max_size=120), st.data())
def test_any_values_read_back(tmp_path_factory, first, data):
    folder = tmp_path_factory.mktemp("series")
    second = data.draw(st.lists(st.floats(), min_size=len(first), max_size=len(first)))
    with h5py.File(folder / "first.h5", "w") as file:
        for index, value in enumerate(first):
            file[f"x{index}"] = value
    names = [f"x{index}" for index in range(len(first))]
    values = dict(zip(names, second, strict=True))
    Series(folder / "first.h5", names).write(folder / "b.h5", values)
    with h5py.File(folder / "b.h5") as file:
        assert [file[name][()].tobytes() for name in names] == [
            np.float64(value).tobytes() for value in second
        ]
