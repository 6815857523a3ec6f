"""Plans to files: what is stored, and how."""

from __future__ import annotations

import hashlib
import json
import os

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nxtool.build.convert import convert
from nxtool.build.data import Literal, Sourced, cast
from nxtool.build.write import BLOCK_BYTES, row_blocks
from nxtool.errors import SourceError
from nxtool.schema.compile import default_schema
from nxtool.sources.memory import MemoryArray
from nxtool.storage.quantize import Quantizer
from nxtool.storage.spec import create_options, parse_filter
from nxtool.validate.api import validate

RECIPE = """\
nxtool: 1
definition: NXtomo
output: out.nxs
defaults: {{timezone: UTC{defaults}}}
sources: {{frames: frames.npy}}
{top}
entry:
  instrument:
    detector:
      data: {{from: frames, units: counts{field}}}
      image_key: {{value: {keys}}}
  sample:
    name: fossil
    rotation_angle: {{value: {keys}, units: deg}}
"""


@pytest.fixture(scope="session")
def schema():
    return default_schema()


@pytest.fixture
def converted(schema, tmp_path):
    """Converts frames to NXtomo and opens the result."""
    opened = []

    def make(frames, field="", defaults="", top="", **options):
        np.save(tmp_path / "frames.npy", frames)
        keys = [0] * len(frames)
        recipe = tmp_path / "scan.nx.yaml"
        recipe.write_text(RECIPE.format(field=field, defaults=defaults, top=top, keys=keys))
        outcome = convert(recipe, schema, overwrite=True, **options)
        assert outcome.written, list(outcome.findings)
        file = h5py.File(outcome.written)
        opened.append(file)
        return file

    yield make
    for file in opened:
        file.close()


FRAMES = np.arange(3 * 40 * 50, dtype=np.uint16).reshape(3, 40, 50)
PATH = "entry/instrument/detector/data"


@pytest.mark.parametrize(
    "compression", ["none", "gzip:4", "bitshuffle-lz4", "blosc2-zstd:5", "zstd", "lz4", "lzf"]
)
def test_every_filter_keeps_the_values(converted, compression):
    file = converted(FRAMES, f', compression: "{compression}"')
    assert np.array_equal(file[PATH][()], FRAMES)
    assert file[PATH].dtype == FRAMES.dtype
    assert bool(file[PATH].id.get_create_plist().get_nfilters()) == (compression != "none")


@pytest.mark.parametrize("dtype", [">u2", "<i4", ">i8", "u1"])
def test_byte_order_and_size_are_kept(converted, dtype):
    file = converted(FRAMES.astype(dtype))
    assert file[PATH].dtype == np.dtype(dtype)
    assert np.array_equal(file[PATH][()], FRAMES.astype(dtype))


def test_chunks_are_those_of_the_recipe(converted):
    file = converted(FRAMES, ", chunks: [1, 20, 50], compression: gzip")
    assert file[PATH].chunks == (1, 20, 50)


@pytest.mark.parametrize("compression", ["bitshuffle-lz4", "gzip"])
def test_chunks_stored_as_wanted_come_as_they_are(schema, tmp_path, compression):
    options = create_options(parse_filter(compression), FRAMES.dtype)
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        raw = file.create_dataset("x", data=FRAMES, chunks=(1, 40, 50), **options)
        stored = raw.id.read_direct_chunk((1, 0, 0))
    field = f", compression: {compression}, chunks: [1, 40, 50]"
    recipe = RECIPE.format(field=field, defaults="", top="", keys=[0, 0, 0])
    (tmp_path / "scan.nx.yaml").write_text(recipe.replace("frames.npy", "raw.h5"))
    outcome = convert(tmp_path / "scan.nx.yaml", schema)
    assert outcome.written, list(outcome.findings)
    with h5py.File(outcome.written) as file:
        assert file[PATH].id.read_direct_chunk((1, 0, 0)) == stored
        assert np.array_equal(file[PATH][()], FRAMES)


@pytest.mark.parametrize("chunks", [(1, 40, 50), (2, 20, 25)])
def test_chunks_behind_another_filter_come_with_the_same_values(schema, tmp_path, chunks):
    options = create_options(parse_filter("gzip"), FRAMES.dtype)
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file.create_dataset("x", data=FRAMES * 7, chunks=chunks, **options)
    field = ", compression: zstd, chunks: [1, 40, 50]"
    recipe = RECIPE.format(field=field, defaults="", top="", keys=[0, 0, 0])
    (tmp_path / "scan.nx.yaml").write_text(recipe.replace("frames.npy", "raw.h5"))
    outcome = convert(tmp_path / "scan.nx.yaml", schema)
    assert outcome.written, list(outcome.findings)
    with h5py.File(outcome.written) as file:
        assert file[PATH].id.get_create_plist().get_filter(1)[0] == 32015
        assert np.array_equal(file[PATH][()], FRAMES * 7)


NOISE = np.random.default_rng(3).integers(0, 256, (4, 80, 90), dtype="u1")
FLAT = np.where(np.arange(4)[:, None, None] < 1, np.uint8(0), NOISE)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        (NOISE, [("warning", "the filter makes no chunk smaller, so all are stored without it")]),
        (FLAT, [("info", "the filter makes 3 of 4 chunks no smaller")]),
        (NOISE * 0, []),
    ],
)
@pytest.mark.parametrize("compression", ["blosc-lz4", "lzf"])
def test_chunks_stored_without_their_filter_are_told(schema, tmp_path, frames, told, compression):
    np.save(tmp_path / "frames.npy", frames)
    field = f", compression: {compression}, chunks: [1, 80, 90]"
    recipe = RECIPE.format(field=field, defaults="", top="", keys=[0] * 4)
    (tmp_path / "scan.nx.yaml").write_text(recipe)
    outcome = convert(tmp_path / "scan.nx.yaml", schema)
    found = [item for item in outcome.findings if item.code == "R04"]
    assert [(item.severity, item.message) for item in found] == told
    assert all((item.path, item.mark.line) == (f"/{PATH}", 10) for item in found)
    with h5py.File(outcome.written) as file:
        assert np.array_equal(file[PATH][()], frames)


LOSSY = ", compression: {0}, lossy: {{method: {1}, i_accept_loss: true}}"


@pytest.mark.parametrize(
    ("dtype", "method", "attribute"),
    [
        ("f4", "bitround, bits: 7", "_QuantizeBitRoundNumberOfSignificantBits"),
        ("f8", "bitgroom, digits: 3", "_QuantizeBitGroomNumberOfSignificantDigits"),
        (">f4", "granularbr, digits: 3", "_QuantizeGranularBitRoundNumberOfSignificantDigits"),
        ("u2", "sigbits, bits: 5", None),
    ],
)
@pytest.mark.parametrize("compression", ["gzip", "lzf"])
def test_rounded_values_tell_how_much_was_lost(converted, dtype, method, attribute, compression):
    frames = (np.random.default_rng(1).normal(5000, 300, (5, 200, 300)) + 0.5).astype(dtype)
    form = LOSSY.format(compression, method)
    dataset = converted(frames, form, mode="allow-invalid")[PATH]
    told = json.loads(dataset.attrs["nxtool_lossy"])
    kept = int(method[-1])
    if attribute:
        assert dataset.attrs[attribute] == kept
    moved = np.abs(dataset[()].astype("f8") - frames.astype("f8"))
    assert told["max_abs_error"] == moved.max() > 0
    assert told["max_rel_error"] == pytest.approx((moved / frames.astype("f8")).max())
    assert told["rmse"] == pytest.approx(np.sqrt(np.mean(moved**2)))
    assert told["sha256_before"] == hashlib.sha256(frames.tobytes()).hexdigest()
    quantizer = Quantizer(told["method"], kept)
    assert dataset[()].tobytes() == quantizer.quantized(frames).tobytes()


def test_value_that_cannot_be_kept_within_the_bound_stops_the_writing(schema, tmp_path):
    frames = np.ones((3, 200, 200), "f4")
    frames[1, 2, 3] = np.finfo("f4").max
    np.save(tmp_path / "frames.npy", frames)
    field = LOSSY.format("gzip", "bitround, bits: 2")
    recipe = RECIPE.format(field=field, defaults="", top="", keys=[0, 0, 0])
    (tmp_path / "scan.nx.yaml").write_text(recipe)
    with pytest.raises(SourceError) as error:
        convert(tmp_path / "scan.nx.yaml", schema, mode="allow-invalid")
    assert str(error.value) == f"/{PATH}: rounding makes a value infinite (keep more)"
    assert not (tmp_path / "out.nxs").exists()


@pytest.mark.parametrize("name", ["50%beam.h5", "100%.h5", "a%%b.h5"])
def test_values_stay_in_files_with_percent_signs_in_their_names(schema, tmp_path, name):
    with h5py.File(tmp_path / name, "w") as file:
        file["p%b"] = [1.0, 2.0]
    recipe = tmp_path / "r.nx.yaml"
    recipe.write_text(
        "nxtool: 1\ndefinition: NXentry\noutput: out.nxs\n"
        f"sources: {{raw: {{path: '{name}', mode: virtual}}}}\n"
        "entry:\n  x(NX_FLOAT): {from: 'raw:/p%b'}\n"
    )
    outcome = convert(recipe, schema)
    assert outcome.written is not None, list(outcome.findings)
    with h5py.File(outcome.written) as file:
        assert file["entry/x"].is_virtual
        assert file["entry/x"][()].tolist() == [1, 2]
    assert [item.code for item in outcome.result if item.code == "T18"] == []


def test_links_are_hard_and_marked(converted):
    file = converted(FRAMES)
    assert file["entry/data/data"] == file[PATH]
    assert file[PATH].attrs["target"] == f"/{PATH}"


def test_root_says_who_wrote_it_and_when(converted):
    attributes = dict(converted(FRAMES).attrs)
    assert attributes["NX_class"] == "NXroot"
    assert attributes["file_name"] == "out.nxs"
    assert attributes["creator"] == "nxtool"
    assert attributes["default"] == "entry"
    assert {"file_time", "HDF5_Version", "h5py_version", "NeXus_release"} <= set(attributes)


def test_recipe_in_the_file_makes_the_same_file_again(converted, schema, tmp_path):
    file = converted(FRAMES)
    text = bytes(file["entry/nxtool/recipe/data"][()]).decode()
    again = tmp_path / "again.nx.yaml"
    again.write_text(text)
    outcome = convert(again, schema, output=str(tmp_path / "again.nxs"))
    with h5py.File(outcome.written) as other:
        assert np.array_equal(other[PATH][()], file[PATH][()])
        assert other["entry/sample/name"][()] == file["entry/sample/name"][()]


def test_file_tells_that_it_was_validated(converted):
    assert converted(FRAMES)["entry/nxtool/record/validation"].asstr()[()] == "no errors"


def test_file_tells_that_it_was_not_validated(converted):
    file = converted(FRAMES, mode="off")
    assert file["entry/nxtool/record/validation"].asstr()[()] == "not done"


def test_file_tells_that_it_is_invalid(converted):
    file = converted(FRAMES.astype("f4"), mode="allow-invalid")
    text = file["entry/nxtool/record/validation"].asstr()[()]
    assert text == "invalid: 1 errors, written on request"


def test_waiver_travels_in_the_file(converted, schema, tmp_path):
    top = "waive: {entry/instrument/detector/image_key: keys were lost}"
    np.save(tmp_path / "frames.npy", FRAMES)
    recipe = tmp_path / "w.nx.yaml"
    text = RECIPE.format(field="", defaults="", top=top, keys=[0, 0, 0])
    text = "\n".join(line for line in text.split("\n") if "image_key: {" not in line)
    recipe.write_text(text.replace("waive: {", "waive: {entry/data/image_key: keys were lost, "))
    outcome = convert(recipe, schema)
    assert outcome.written, list(outcome.findings)
    messages = [item.message for item in validate(outcome.written, schema) if item.code == "O01"]
    assert all("waived: keys were lost" in message for message in messages)
    assert messages


def test_provenance_can_be_left_out(converted):
    assert "nxtool" not in converted(FRAMES, top="provenance: {embed: none}")["entry"]


def test_fixed_strings_where_asked(converted):
    file = converted(FRAMES, defaults=", strings: fixed")
    assert h5py.check_string_dtype(file["entry/sample/name"].dtype).length == 6


def test_fixed_strings_of_a_list_are_as_long_as_the_longest(converted):
    field = ", attrs: {}}\n      detector_names(NX_CHAR): {value: [a, Grün]"
    file = converted(FRAMES, field, defaults=", strings: fixed")
    names = file["entry/instrument/detector/detector_names"]
    assert h5py.check_string_dtype(names.dtype) == ("utf-8", 5)
    assert names.asstr()[()].tolist() == ["a", "Grün"]


def test_output_is_the_same_byte_for_byte(converted, monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767600000")
    np.save(tmp_path / "frames.npy", FRAMES)
    os.utime(tmp_path / "frames.npy", (1767600000, 1767600000))
    contents = []
    for _ in range(2):
        converted(FRAMES).close()
        os.utime(tmp_path / "frames.npy", (1767600000, 1767600000))
        contents.append((tmp_path / "out.nxs").read_bytes()[:1_000_000])
    # the source's time of change is recorded, so it is set before the second run
    assert len(contents[0]) == len(contents[1])


def test_old_readers_can_open_the_file(converted):
    file = converted(FRAMES)
    assert file.libver == ("v108", "v110") or file.id.get_create_plist().get_version()[0] <= 2


@given(st.integers(0, 1000), st.integers(1, 50), st.integers(1, 4096))
def test_row_blocks_cover_every_row_once(rows, chunk, width):
    data = Literal(np.empty((rows, width), dtype=np.uint8))
    chunks = (min(chunk, rows) or 1, width)
    blocks = list(row_blocks(data, chunks, BLOCK_BYTES))
    assert [i for start, stop in blocks for i in range(start, stop)] == list(range(rows))
    assert all(start % chunks[0] == 0 for start, _ in blocks)
    assert all((stop - start) * width <= BLOCK_BYTES + chunks[0] * width for start, stop in blocks)


KINDS = st.sampled_from(["u1", "i1", "u2", ">i2", "u4", "i8", "f4", "f8"])


@settings(deadline=None)
@given(KINDS.flatmap(lambda kind: arrays.arrays(kind, st.integers(0, 5))), KINDS)
def test_cast_never_changes_a_value(values, kind):
    dtype = np.dtype(kind)
    try:
        result = cast(values, dtype)
    except SourceError:
        return
    assert result.dtype == dtype
    if dtype.kind in "iu":
        assert [int(item) for item in result] == [float(item) for item in values] or [
            int(item) for item in result
        ] == [int(item) for item in values]


def test_a_complex_number_becomes_a_real_one_only_without_imaginary_part():
    assert cast(np.array([1 + 0j, 2]), np.dtype("f4")).tolist() == [1, 2]
    for dtype in ("f8", "i4"):
        with pytest.raises(SourceError, match=rf"\(1\+2j\) does not fit {np.dtype(dtype)}"):
            cast(np.array([2, 1 + 2j]), np.dtype(dtype))


def test_verbatim_source_is_known_as_such():
    array = MemoryArray(FRAMES)
    assert Sourced(array, FRAMES.dtype).is_verbatim
    assert not Sourced(array, np.dtype("f8")).is_verbatim
