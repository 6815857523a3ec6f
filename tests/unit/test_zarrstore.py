"""Zarr stores: arrays as they are, by path."""

import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources import zarrstore
from nxtool.sources.hashing import sha256, size_of
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

zarr = pytest.importorskip("zarr")

VALUES = np.arange(20, dtype=np.uint16).reshape(5, 4)


def store(path, version=3):
    root = zarr.open_group(path, mode="w", zarr_format=version)
    data = root.create_array(
        "entry/data", shape=(5, 4), dtype="u2", chunks=(2, 4), compressors=None
    )
    data[:] = VALUES
    data.attrs.update({"units": "counts", "gain": 2.5})
    root.create_array("names", shape=(2,), dtype=str)[:] = ["x", "yz"]
    root.create_array("time", shape=(), dtype="f4")[...] = 2.5
    return path


@pytest.fixture(params=[2, 3])
def folder(tmp_path, request):
    store(tmp_path / "a.zarr", request.param)
    return tmp_path


def value(folder, selector, path="a.zarr"):
    with open_source(SourceSpec(path), folder) as source:
        array = source.array(selector)
        return array.read(0, 9).tolist()


def told(folder, selector="", path="a.zarr"):
    with pytest.raises(SourceError) as error:
        value(folder, selector, path)
    return str(error.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("path", "selector", "expected"),
    [
        ("a.zarr", "/entry/data", VALUES.tolist()),
        ("a.zarr", "entry/data[1:3, 0]", [4, 8]),
        ("a.zarr:/entry", "data", VALUES.tolist()),
        ("a.zarr:/entry/data", "", VALUES.tolist()),
        ("a.zarr", "/names", ["x", "yz"]),
        ("a.zarr", "/time", 2.5),
        ("a.zarr", "/entry/data@gain", 2.5),
    ],
)
def test_an_array_is_found_by_its_path(folder, path, selector, expected):
    assert value(folder, selector, path) == expected


def test_keys_and_units_are_told(folder):
    with open_source(SourceSpec("a.zarr"), folder) as source:
        assert list(source.keys()) == ["/entry/data", "/names", "/time"]
        info = source.array("/entry/data").info
        assert (info.units, info.rows, info.attributes["gain"]) == ("counts", 2, 2.5)


def test_keys_are_those_below_a_path(folder):
    with open_source(SourceSpec("a.zarr:/entry"), folder) as source:
        assert list(source.keys()) == ["/entry/data"]
    with (
        open_source(SourceSpec("a.zarr:/nope"), folder) as source,
        pytest.raises(SourceError, match="no group or array '/nope'"),
    ):
        list(source.keys())


def test_stores_make_a_stack(tmp_path):
    for number in range(3):
        store(tmp_path / f"s_{number}.zarr")
    with open_source(SourceSpec("s_*.zarr:/entry/data"), tmp_path) as source:
        assert source.array().info.shape == (3, 5, 4)
        np.testing.assert_array_equal(source.array().read(1, 2)[0], VALUES)


@settings(max_examples=25)
@given(
    st.sampled_from("<>").flatmap(
        lambda order: hnp.arrays(
            st.sampled_from([f"{order}{kind}" for kind in ("i2", "u4", "i8", "f4", "f8", "c16")]),
            hnp.array_shapes(max_dims=3, max_side=5),
        )
    )
)
def test_values_and_byte_order_come_back_as_written(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("round")
    array = zarr.create_array(
        folder / "r.zarr", shape=values.shape, dtype=values.dtype, zarr_format=2, overwrite=True
    )
    array[...] = values
    with open_source(SourceSpec("r.zarr"), folder) as source:
        found = source.array().read(0, len(values))
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("", "a.zarr: / is a group (name an array in it)"),
        ("/entry", "a.zarr: /entry is a group (name an array in it)"),
        ("/entry/dat", "a.zarr: no array '/entry/dat' (did you mean /entry/data?)"),
        ("/entry/data@unit", "a.zarr: /entry/data: no attribute 'unit' (did you mean units?)"),
    ],
)
def test_a_wrong_selector_is_told(folder, selector, message):
    assert told(folder, selector) == message


def test_a_truncated_chunk_is_told(folder):
    chunks = [file for file in (folder / "a.zarr" / "entry" / "data").rglob("*") if file.is_file()]
    for chunk in chunks:
        if chunk.name not in (".zarray", ".zattrs", "zarr.json"):
            chunk.write_bytes(chunk.read_bytes()[:-1])
    assert told(folder, "/entry/data").startswith("a.zarr: zarr cannot read it: ")


def test_damaged_metadata_is_told(tmp_path):
    store(tmp_path / "a.zarr")
    (tmp_path / "a.zarr" / "zarr.json").write_text('{"zarr_format": 3, "node_')
    assert told(tmp_path).startswith("a.zarr: zarr cannot read it: ")


def test_a_folder_that_is_no_store_is_told(tmp_path):
    (tmp_path / "a.zarr").mkdir()
    assert told(tmp_path).startswith("a.zarr: zarr cannot read it: ")


def test_pickled_values_are_refused(tmp_path):
    meta = {
        "zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "compressor": None,
        "fill_value": 0, "filters": [{"id": "pickle", "protocol": 5}], "order": "C",
    }  # fmt: skip
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr" / ".zarray").write_text(json.dumps(meta))
    (tmp_path / "a.zarr" / "0").write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    assert told(tmp_path).startswith("a.zarr: zarr cannot read it: No Zarr data type found")
    assert not (tmp_path / "pwned").exists()


def test_a_chunk_that_would_unpack_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zarrstore, "_CHUNK", 15)
    store(tmp_path / "a.zarr")
    assert told(tmp_path, "/entry/data") == (
        "a.zarr: /entry/data has chunks of 16 bytes, too many to unpack"
    )


def test_a_store_has_a_size_and_a_checksum(tmp_path):
    for name in ("b/2", "a"):
        (tmp_path / "s.zarr" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "s.zarr" / name).write_text(name)
    assert size_of(tmp_path / "s.zarr") == 4
    lines = [f"{sha256(tmp_path / 's.zarr' / name)}  {name}\n" for name in ("a", "b/2")]
    (tmp_path / "list").write_text("".join(lines))
    assert sha256(tmp_path / "s.zarr") == sha256(tmp_path / "list")


def test_without_zarr_it_is_said_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.zarr").mkdir()
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(MissingExtra) as error:
        value(tmp_path, "")
    assert str(error.value) == (
        "reading the store a.zarr needs an optional package (pip install 'nxtool[zarr]')"
    )
