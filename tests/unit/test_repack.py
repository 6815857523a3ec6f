"""`nxtool.repack`: other filters and chunks, and everything else as it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest.mock import Mock

import h5py
import hdf5plugin
import numpy as np
import pytest
from h5py import h5d, h5g, h5p, h5s, h5t, h5z
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nxtool.errors import FileUnreadable, NxtoolError, OutputError
from nxtool.repack.apply import repack_file
from nxtool.repack.choice import Request
from nxtool.repack.compare import _same_chunks
from nxtool.repack.times import Times, put_back
from nxtool.repack.values import block_shape
from nxtool.storage.profiles import PROFILES
from nxtool.storage.spec import parse_filter
from tests.examples import many
from tests.filetold import told

RNG = np.random.default_rng(5)
FRAMES = RNG.poisson(2, (6, 120, 100)).astype("<u2")
GZIP = Request(filter=parse_filter("gzip:4"))


@pytest.fixture
def make(tmp_path):
    """Makes a file by calling a function with it."""

    def run(fill, **options):
        path = tmp_path / "in.h5"
        with h5py.File(path, "w", **options) as file:
            fill(file)
        return path

    return run


@pytest.fixture
def packed(tmp_path):
    """Repacks a file; the path of the result, after checking that nothing else is left."""

    def run(path, request=GZIP, **options):
        out = tmp_path / "out.h5"
        run.outcome = repack_file(path, out, request, overwrite=True, verify=True, **options)
        assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
        return out

    return run


def create(file, name, data, dcpl=None, dtype=None, maxshape=None):
    """A dataset through the low-level interface, with any properties."""
    kind = dtype or h5t.py_create(data.dtype, logical=True)
    space = h5s.create_simple(data.shape, maxshape)
    dataset = h5d.create(file.id, name.encode(), kind, space, dcpl)
    dataset.write(h5s.ALL, h5s.ALL, data)
    return h5py.Dataset(dataset)


def filters(path, name):
    with h5py.File(path) as file:
        plist = file[name].id.get_create_plist()
        return [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]


# filters and chunks change


@pytest.mark.parametrize("profile", PROFILES)
def test_profile_changes_filters_and_no_value(make, packed, profile):
    def fill(file):
        file.create_dataset("counts", data=FRAMES, chunks=(1, 120, 100), compression="lzf")
        file["floats"] = RNG.normal(size=(100, 200))
        file["times"] = np.arange(20_000)
        file.create_dataset("text", data=np.array([b"ab"] * 40_000), chunks=True)
        file["small"] = np.arange(10)

    path = make(fill)
    out = packed(path, Request(profile=profile))
    assert told(out) == told(path)
    assert packed.outcome.renewed == 4
    assert packed.outcome.kept == 1
    assert filters(out, "small") == []
    assert filters(out, "counts") == {
        "auto": [32026], "archive": [32026], "portable": [2, 1]
    }.get(profile, [32008])  # fmt: skip


def test_smooth_images_are_told_from_counts_by_a_sample(make, packed):
    path = make(lambda file: file.create_dataset("x", data=FRAMES + 1000, chunks=(1, 120, 100)))
    assert filters(packed(path, Request(profile="archive")), "x") == [2, 32015]


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [("keep", (2, 60, 50)), ("frame", (1, 120, 100)), ("pixel", (6, 120, 100))],
)
def test_chunks_are_shaped_as_asked(make, packed, chunks, expected):
    path = make(
        lambda file: file.create_dataset("x", data=FRAMES, chunks=(2, 60, 50), compression=4)
    )
    out = packed(path, Request(chunks=chunks))
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file["x"].chunks == expected
        assert (file["x"].compression, file["x"].compression_opts) == ("gzip", 4)


@pytest.mark.parametrize("name", ["bitshuffle-lz4", "blosc2-zstd:3", "blosc-lz4", "szip", "lzf"])
def test_filters_that_stay_fit_the_new_chunks(make, packed, name):
    from nxtool.storage.spec import create_options

    options = create_options(parse_filter(name), FRAMES.dtype)
    path = make(lambda file: file.create_dataset("x", data=FRAMES, chunks=(3, 60, 56), **options))
    before = filters(path, "x")
    out = packed(path, Request(chunks="frame"))
    assert told(out) == told(path)
    assert filters(out, "x") == before


def test_byte_delta_makes_smooth_images_smaller_than_the_filter_that_holds_them(make, packed):
    smooth = (30_000 + 90 * np.cumsum(FRAMES.astype("i4") - 2, axis=2)).astype("u2")
    path = make(lambda file: file.create_dataset("x", data=smooth, chunks=(1, 120, 100)))
    sizes = {}
    for word in ("zstd:3", "blosc2-bytedelta"):
        out = packed(path, Request(filter=parse_filter(word)))
        assert told(out) == told(path)
        with h5py.File(out) as file:
            sizes[word] = file["x"].id.get_storage_size()
    assert sizes["blosc2-bytedelta"] < sizes["zstd:3"]


def test_filter_none_takes_filters_away(make, packed):
    path = make(lambda file: file.create_dataset("x", data=FRAMES, compression=4))
    out = packed(path, Request(filter=parse_filter("none")))
    assert filters(out, "x") == []
    assert told(out) == told(path)


def test_checksum_stays_behind_a_new_filter(make, packed):
    path = make(lambda file: file.create_dataset("x", data=FRAMES, chunks=True, fletcher32=True))
    assert filters(packed(path), "x") == [2, 1, 3]


def test_dataset_the_filter_does_not_take_is_left_alone_and_told(make, packed):
    def fill(file):
        file["counts"] = FRAMES
        file["floats"] = FRAMES.astype("f4")

    path = make(fill)
    out = packed(path, Request(filter=parse_filter("zfp-reversible")))
    assert told(out) == told(path)
    assert (filters(out, "counts"), filters(out, "floats")) == ([], [32013])
    assert packed.outcome.notes == [("/counts", "zfp-reversible cannot store uint16")]


def test_what_is_not_meant_counts_as_kept(make, packed):
    def fill(file):
        file["type"] = np.dtype("<u2")
        file.create_dataset("plain", data=FRAMES, dtype=file["type"])
        file.create_dataset("chunked", data=FRAMES, chunks=True, dtype=file["type"])

    out = packed(make(fill), Request())
    assert filters(out, "chunked") == []
    assert (packed.outcome.renewed, packed.outcome.kept) == (0, 2)


def test_only_datasets_that_fit_a_pattern_change(make, packed):
    def fill(file):
        file["a/data"] = FRAMES
        file["b/data"] = FRAMES
        file["c/alias"] = file["b/data"]
        file["a/other"] = FRAMES

    path = make(fill)
    out = packed(path, Request(filter=parse_filter("gzip"), only=("/a/d*", "/c/*")))
    changed = [name for name in ("a/data", "b/data", "a/other") if filters(out, name)]
    assert changed == ["a/data", "b/data"]
    assert told(out) == told(path)


def test_pattern_that_fits_nothing_is_told(make, tmp_path):
    path = make(lambda file: file.create_dataset("x", data=FRAMES))
    with pytest.raises(NxtoolError) as error:
        repack_file(path, tmp_path / "out.h5", Request(only=("/y*",)))
    assert str(error.value) == (
        f"{path}: no dataset fits '/y*' (* stands for any part of a path: '/entry/*/data')"
    )


def test_chunks_stored_as_asked_are_copied_as_they_are(make, packed):
    def fill(file):
        data = file.create_dataset(
            "x", data=FRAMES, chunks=(1, 120, 100), **hdf5plugin.Bitshuffle()
        )
        assert data.id.get_num_chunks() == 6

    path = make(fill)
    out = packed(path, Request(profile="fast"))
    assert packed.outcome.renewed == 0
    with h5py.File(path) as before, h5py.File(out) as after:
        for offset in ((0, 0, 0), (5, 0, 0)):
            mine, its = (one["x"].id.read_direct_chunk(offset) for one in (before, after))
            assert mine == its


def test_filter_left_out_at_a_chunk_is_left_out_again(make, packed):
    def fill(file):
        data = file.create_dataset("x", (4, 5000), "u2", chunks=(1, 5000), compression=4)
        data[:] = 7
        raw = np.arange(5000, dtype="u2").tobytes()
        data.id.write_direct_chunk((2, 0), raw, 0b1)
        single = file.create_dataset("y", (5000,), "u2", chunks=(5000,), compression=4)
        single[:] = 3

    path = make(fill)
    out = packed(path, Request())
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file["x"].id.get_chunk_info_by_coord((2, 0)).filter_mask == 1


def test_chunks_nobody_has_written_are_not_written(make, packed):
    def fill(file):
        data = file.create_dataset(
            "x", (1000, 100, 100), "f4", chunks=(1, 100, 100), fillvalue=-1, compression=1
        )
        data[500] = 5
        file.create_dataset("never", (1000, 100), "f4", chunks=(10, 100), fillvalue=2)
        file.create_dataset("late", (1000, 100), "f4", fillvalue=3)

    path = make(fill)
    out = packed(path, Request(filter=parse_filter("zstd"), chunks="balanced"))
    assert told(out) == told(path)
    with h5py.File(out) as file:
        depth = file["x"].chunks[0]
        assert depth > 1
        assert file["x"][500 // depth * depth - 1].tolist() == [[-1] * 100] * 100
        assert 0 < file["x"].id.get_num_chunks() < 30
        assert file["never"].id.get_num_chunks() == 0


# lossy data


def test_lossy_dataset_is_left_alone_by_a_profile(make, packed):
    path = make(
        lambda file: file.create_dataset(
            "x", data=RNG.normal(size=(64, 256)), **hdf5plugin.Zfp(accuracy=0.1)
        )
    )
    out = packed(path, Request(profile="portable"))
    assert told(out, storage=True) == told(path, storage=True)
    assert packed.outcome.notes == [
        ("/x", "zfp may have changed its values; --filter takes it too")
    ]


def test_filter_takes_lossy_data_too_and_keeps_the_record(make, packed):
    path = make(
        lambda file: file.create_dataset(
            "x", data=RNG.normal(size=(64, 256)), **hdf5plugin.Zfp(accuracy=0.1)
        )
    )
    out = packed(path, GZIP)
    with h5py.File(path) as before, h5py.File(out) as after:
        assert np.array_equal(before["x"][()], after["x"][()])
        (step,) = json.loads(after["x"].attrs["nxtool_lossy"])["before_repack"]
        assert (step["id"], step["name"]) == (32013, "zfp")


def test_record_of_a_loss_is_not_changed(make, packed):
    def fill(file):
        data = file.create_dataset(
            "x", data=RNG.normal(size=(64, 256)), **hdf5plugin.Zfp(accuracy=0.1)
        )
        data.attrs["nxtool_lossy"] = "told"

    path = make(fill)
    assert told(packed(path, GZIP)) == told(path)


# everything else stays


def test_aliases_stay_one_object_and_other_links_stay_links(make, packed):
    def fill(file):
        file["a/x"] = FRAMES
        file["b/alias"] = file["a/x"]
        file["b/group"] = file["a"]
        file["a/cycle"] = file["/"]
        file["soft"] = h5py.SoftLink("/a/x")
        file["dangling"] = h5py.SoftLink("no/where")
        file["external"] = h5py.ExternalLink("other.h5", "/x")
        file["grüße"] = 1

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file["a/x"] == file["b/alias"] == file["soft"]
        assert file["a/cycle"] == file["/"]


def test_attributes_of_every_type_stay(make, packed):
    enum = h5py.enum_dtype({"off": 0, "on": 5}, basetype="i1")
    compound = np.dtype([("a", ">i4"), ("s", "S3"), ("v", h5py.string_dtype())])

    def fill(file):
        file["x"] = FRAMES
        for holder in (file, file.create_group("g"), file["x"]):
            attrs = holder.attrs
            attrs["text"], attrs["empty text"], attrs["bytes"] = "grüße", "", np.bytes_(b"ab")
            attrs["texts"], attrs["fixed"] = ["a", "", "c"], np.array([b"a", b"bcd"])
            attrs["number"], attrs["array"] = np.float32(1.5), np.zeros((2, 3), ">u2")
            attrs["bool"], attrs["complex"], attrs["void"] = True, 1j, np.void(b"abc")
            attrs["null"], attrs["none"] = h5py.Empty("f8"), np.zeros((0, 2))
            attrs.create("enum", [0, 5], dtype=enum)
            record = np.zeros(2, compound)
            record["a"], record["s"], record["v"] = [1, 2], b"xy", ["p", "q"]
            attrs.create("compound", record, dtype=compound)
            ragged = np.empty(2, object)
            ragged[:] = [np.arange(3), np.arange(1)]
            attrs.create("ragged", ragged, dtype=h5py.vlen_dtype("i4"))
            attrs["large"] = np.zeros(100_000)

    path = make(fill, libver="latest")
    assert told(packed(path)) == told(path)


def test_text_that_is_not_utf8_stays(make, packed):
    def fill(file):
        kind = h5t.C_S1.copy()
        kind.set_size(h5t.VARIABLE)
        values = np.array([b"\xff\xfe", b""], dtype=h5py.string_dtype("ascii"))
        create(file, "x", values, dtype=kind)
        file.attrs.create("a", values, dtype=h5py.string_dtype("ascii"))

    path = make(fill)
    assert told(packed(path)) == told(path)


def test_references_lead_to_the_objects_of_the_new_file(make, packed):
    both = np.dtype([("to", h5py.ref_dtype), ("part", h5py.regionref_dtype), ("n", "i4")])

    def fill(file):
        # what is deleted gives way, so that addresses differ in the new file
        file["gone"] = np.zeros(5000)
        file["g/x"] = FRAMES
        del file["gone"]
        x = file["g/x"]
        objects = np.array([file["g"].ref, x.ref, h5py.Reference(), file.ref], h5py.ref_dtype)
        parts = np.array([x.regionref[1:3, :, 5], x.regionref[0, 1, 2]], h5py.regionref_dtype)
        file.create_dataset("objects", data=objects)
        file.create_dataset("parts", data=parts)
        file.attrs["object"], file["g"].attrs["parts"] = x.ref, parts
        record = np.empty(2, both)
        record["to"], record["part"], record["n"] = objects[:2], parts, [3, 4]
        file.create_dataset("compound", data=record, chunks=(1,), maxshape=(None,))
        ragged = np.empty(2, object)
        ragged[:] = [objects[:1], objects]
        file["g"].attrs.create("ragged", ragged, dtype=h5py.vlen_dtype(h5py.ref_dtype))

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file[file["compound"][1]["to"]] == file["g/x"]
        assert np.array_equal(file["g/x"][file["parts"][0]], FRAMES[1:3, :, 5:6])


def test_reference_to_what_has_no_name_becomes_null_and_is_told(make, packed):
    def fill(file):
        file["x"] = 1
        file.attrs["to"] = file["x"].ref
        file["keep"] = np.array([file["x"].ref], h5py.ref_dtype)
        del file["x"]

    out = packed(make(fill))
    with h5py.File(out) as file:
        assert not file.attrs["to"]
    assert packed.outcome.notes == [
        ("/", "2 references led to objects without a name: they are null")
    ]


def test_dimension_scales_stay_attached(make, packed):
    def fill(file):
        file["data"] = FRAMES
        for axis, length in enumerate(FRAMES.shape):
            file[f"scale{axis}"] = np.arange(length)
            file[f"scale{axis}"].make_scale(f"axis {axis}")
            file["data"].dims[axis].attach_scale(file[f"scale{axis}"])
            file["data"].dims[axis].label = f"label {axis}"

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file["data"].dims[1]["axis 1"] == file["scale1"]


def test_order_of_links_and_attributes_stays(make, packed):
    def fill(file):
        group = file.create_group("g", track_order=True)
        for name in "zmbya":
            group[name] = FRAMES if name == "m" else 1
            group.attrs[name] = name
            file.create_group(f"n{name}")
        data = file.create_dataset("g/d", data=FRAMES, track_order=True)
        for number in range(20):
            data.attrs[f"{97 * number % 20}"] = number

    path = make(fill, track_order=True)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert list(file["g"]) == ["z", "m", "b", "y", "a", "d"]
        assert list(file) == ["g", "nz", "nm", "nb", "ny", "na"]


def test_virtual_datasets_stay_virtual(make, packed, tmp_path):
    with h5py.File(tmp_path / "source.h5", "w") as source:
        source["x"] = np.arange(100)

    def fill(file):
        file["own"] = np.arange(50)
        layout = h5py.VirtualLayout((3, 50), "i8", maxshape=(None, 50))
        layout[0] = h5py.VirtualSource(file["own"])
        layout[1, :20] = h5py.VirtualSource("source.h5", "x", (100,))[::5]
        file.create_virtual_dataset("v", layout, fillvalue=-3)

    path = make(fill)
    out = packed(path)
    assert told(out, storage=True) == told(path, storage=True)


def test_values_in_other_files_stay_there_untouched(make, packed, tmp_path):
    raw = tmp_path / "raw.bin"
    values = np.arange(40_000, dtype="i4")
    values.tofile(raw)

    def fill(file):
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_external(os.fsencode(raw), 0, values.nbytes)
        plist.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        h5d.create(file.id, b"x", h5t.NATIVE_INT32, h5s.create_simple(values.shape), plist)

    path = make(fill)
    out = packed(path)
    assert told(out, storage=True) == told(path, storage=True)
    assert raw.read_bytes() == values.tobytes()
    assert packed.outcome.notes == [("/x", f"its values stay in {raw}")]


def test_named_datatypes_stay_shared(make, packed):
    def fill(file):
        file["z_type"] = np.dtype("<f4")
        file["z_type"].attrs["unit"] = "mm"
        file["alias"] = file["z_type"]
        file["equal"] = np.dtype("<f4")
        file["record"] = np.dtype([("r", h5py.ref_dtype), ("s", h5py.string_dtype())])
        file.create_dataset("a", data=np.ones((200, 200)), dtype=file["z_type"])
        file.create_dataset("b", (3,), dtype=file["equal"])
        file.create_dataset("c", (3,), dtype=file["record"])
        file["a"].attrs.create("typed", 2, dtype=file["z_type"])
        file.create_dataset("lost", (30_000,), dtype=file["equal"])[:] = 1
        file["text"] = h5py.string_dtype()
        file.create_dataset("t", data=["a", "b"], dtype=file["text"])

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        assert file["a"].id.get_type().committed()


def test_named_datatype_without_a_name_stays(make, packed):
    def fill(file):
        file["type"] = np.dtype("<f4")
        file.create_dataset("a", data=np.ones((200, 200)), dtype=file["type"])
        file.create_dataset("b", (3,), dtype=file["type"])
        del file["type"]

    path = make(fill)
    assert told(packed(path)) == told(path)


def test_creation_properties_stay(make, packed):
    def fill(file):
        def properties(**changes):
            plist = h5p.create(h5p.DATASET_CREATE)
            for name, value in changes.items():
                getattr(plist, f"set_{name}")(value)
            return plist

        big = np.zeros((100, 400), "f4")
        create(file, "fill", big, properties(fill_value=np.array(7, "f4")))
        create(file, "never", big, properties(fill_time=h5d.FILL_TIME_NEVER))
        create(file, "early", big, properties(alloc_time=h5d.ALLOC_TIME_EARLY))
        create(file, "times", big, properties(obj_track_times=True))
        create(file, "no times", big, properties(obj_track_times=False))
        create(file, "compact", np.arange(10), properties(layout=h5d.COMPACT))
        order = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED
        create(file, "order", big, properties(attr_creation_order=order))
        create(file, "grows", big, properties(chunk=(10, 400)), maxshape=(h5s.UNLIMITED, 1000))
        file.create_dataset(
            "empty", (0, 5), "f4", maxshape=(None, 5), chunks=(10, 5), compression=1
        )

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    with h5py.File(out) as file:
        plist = file["early"].id.get_create_plist()
        assert plist.get_alloc_time() == h5d.ALLOC_TIME_EARLY
        assert file["compact"].id.get_create_plist().get_layout() == h5d.COMPACT
    assert filters(out, "empty") == [2, 1]


@pytest.mark.parametrize("version", ["earliest", "v108", "latest"])
def test_times_stay_where_they_are_tracked(make, packed, version):
    def fill(file):
        for number in range(3):
            plist = h5p.create(h5p.GROUP_CREATE)
            plist.set_obj_track_times(True)
            plist.set_attr_phase_change(5, 3)
            h5g.create(file.id, b"g%d" % number, None, plist)
            plist = h5p.create(h5p.DATASET_CREATE)
            plist.set_obj_track_times(True)
            data = create(file, f"g{number}/small", np.arange(9), plist)
            create(file, f"g{number}/big", np.zeros((200, 200)), plist)
            data.attrs["a"] = file[f"g{number}"].attrs["a"] = "x" * 100 * number
        file["not tracked"] = np.zeros((200, 200))

    path = make(fill, libver=(version, "latest"), userblock_size=512)
    long_ago = Times(1_000_000_001, 1_000_000_002, 1_000_000_003, 1_000_000_004)
    with h5py.File(path) as file:
        names = [f"g{n}{below}" for n in range(3) for below in ("", "/small", "/big")]
        places = [h5py.h5o.get_info(file[name].id).addr for name in names]
    put_back(path, 512, dict.fromkeys(places, long_ago))
    times = times_in(path)
    assert times["g1/big"][2] == long_ago.change
    out = packed(path)
    assert told(out) == told(path)
    after = times_in(out)
    if version == "earliest":  # knows of datasets alone, and the time of change alone
        times = {name: (0, 0, one[2], 0) for name, one in times.items()}
        after = {name: (0, 0, one[2], 0) for name, one in after.items()}
    assert after == times


def times_in(path):
    with h5py.File(path) as file:
        infos = {name: h5py.h5o.get_info(file[name].id) for name in ("g0", "g2/small", "g1/big")}
    return {name: (one.atime, one.mtime, one.ctime, one.btime) for name, one in infos.items()}


def test_comments_stay(make, packed):
    def fill(file):
        file["g/x"] = FRAMES
        for name in ("/", "g", "g/x"):
            h5py.h5o.set_comment(file[name].id, f"about {name}".encode())

    out = packed(make(fill))
    content = out.read_bytes()
    assert [content.count(b"about " + name) for name in (b"/\0", b"g\0", b"g/x\0")] == [1, 1, 1]
    assert packed.outcome.notes == []


def test_values_of_odd_types_stay(make, packed):
    enum = h5py.enum_dtype({"a": 1, "b": 2}, basetype="u2")

    def fill(file):
        file["scalar"], file["text"], file["null"] = 3.5, "grüße", h5py.Empty("i4")
        file.create_dataset("enum", data=np.ones((200, 300), "u2"), dtype=enum)
        file["bool"] = np.ones((300, 300), bool)
        file["complex"] = np.ones((100, 100), "c16")
        file["half"] = np.ones((300, 300), "f2")
        file["big"] = np.arange(40_000, dtype=">f8")
        record = np.zeros(5000, [("a", "u1"), ("b", ">f8"), ("c", "S5"), ("d", "i4", (3,))])
        file["record"] = record
        array = file.create_dataset("array", (5000,), np.dtype(("i4", (2, 3))))
        array[:] = np.ones((5000, 2, 3), "i4")
        file.create_dataset("texts", data=["ab", "", "c"] * 5000, dtype=h5py.string_dtype())
        ragged = file.create_dataset("ragged", (100,), h5py.vlen_dtype("f4"), chunks=(10,))
        ragged[3] = [1, 2, 3]
        for name, kind in (("bits", h5t.STD_B16LE), ("opaque", h5t.create(h5t.OPAQUE, 5))):
            if name == "opaque":
                kind.set_tag(b"a tag")
            space = h5s.create_simple((40_000,))
            data = RNG.bytes(40_000 * kind.get_size())
            values = np.frombuffer(data, f"V{kind.get_size()}")
            h5d.create(file.id, name.encode(), kind, space).write(h5s.ALL, h5s.ALL, values, kind)

    path = make(fill)
    out = packed(path)
    assert told(out) == told(path)
    assert all(filters(out, name) for name in ("enum", "bool", "record", "array", "bits", "opaque"))
    assert not any(filters(out, name) for name in ("texts", "ragged", "scalar", "null"))


@pytest.mark.parametrize("request_", [Request(), GZIP], ids=["as it is", "gzip"])
def test_fill_values_of_variable_length_stay(make, packed, request_):
    def fill(file):
        texts = file.create_dataset(
            "texts", (5,), h5py.string_dtype(), fillvalue="none", chunks=(2,), compression="gzip"
        )
        texts[3] = "x"
        file.create_dataset("empty", (5,), h5py.string_dtype(), fillvalue="none")

    path = make(fill)
    with h5py.File(packed(path, request_), "r+") as file:  # HDF5 cannot read them otherwise
        assert list(file["texts"].asstr()) == ["none", "none", "none", "x", "none"]
        assert list(file["empty"].asstr()) == ["none"] * 5
        assert file["texts"].compression == "gzip"


@pytest.mark.parametrize("size", [512, 4096])
def test_user_block_stays(make, packed, size):
    path = make(lambda file: file.create_dataset("x", data=FRAMES), userblock_size=size)
    with path.open("r+b") as stream:
        stream.write(b"#!/bin/sh\n" * 20)
    assert told(packed(path)) == told(path)


@pytest.mark.parametrize("strategy", ["page", "fsm", "aggregate", "none"])
@pytest.mark.parametrize("persist", [False, True])
def test_file_space_strategy_stays(make, packed, strategy, persist):
    def fill(file):
        for number in range(30):
            file[f"g{number % 3}/{number}"] = np.arange(number * 100)
        for number in range(0, 30, 2):
            del file[f"g{number % 3}/{number}"]
        file["x"] = FRAMES

    path = make(fill, fs_strategy=strategy, fs_persist=persist)
    assert told(packed(path)) == told(path)


@pytest.mark.parametrize("version", ["earliest", "v108", "v110", "latest"])
def test_files_of_every_version_are_repacked(make, packed, version):
    def fill(file):
        file["a/b/c"] = FRAMES
        for number in range(40):
            file[f"many/n{number}"] = number
            file.attrs[f"n{number}"] = number

    path = make(fill, libver=(version, "latest"))
    assert told(packed(path)) == told(path)


@pytest.mark.slow
def test_real_files_stay_what_they_are(corpus, packed):
    paths = [one for folder in ("nexus", "filters", "raw", "openpmd")
             for one in sorted((corpus / folder).rglob("*"))]  # fmt: skip
    seen = 0
    for path in paths:
        if path.is_file() and h5py.is_hdf5(path):
            out = packed(path, Request(profile="archive"))
            assert told(out) == told(path), path
            seen += 1
    assert seen > 30


# trees of any kind

names = st.text("abcü_1 .", min_size=1, max_size=4).filter(lambda name: name.strip(".") != "")
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    st.just(h5py.Empty("f4")),
    arrays.arrays(
        st.sampled_from(["u1", ">i2", "<f4", ">f8", "c8", "S3", "?", "u1,>f8"]),
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6),
    ),
)
links = st.sampled_from(["soft", "external", "alias", "reference", "type"])
nodes = st.recursive(
    st.tuples(values, st.dictionaries(names, values, max_size=3)) | links,
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
requests = st.builds(
    Request,
    profile=st.sampled_from(["", *PROFILES]),
    chunks=st.sampled_from(["keep", "frame", "pixel", "balanced"]),
)


def plant(group, tree, chunked):
    """Make a tree of groups, values and links below `group`."""
    for name, node in tree.items():
        if isinstance(node, dict):
            plant(group.create_group(name, track_order=chunked), node, chunked)
        elif isinstance(node, str):
            plant_link(group, name, node)
        else:
            value, attributes = node
            extra = chunked and isinstance(value, np.ndarray) and value.size
            options = {"chunks": True, "compression": 1, "maxshape": (None,) * np.ndim(value)}
            dataset = group.create_dataset(name, data=value, **(options if extra else {}))
            dataset.attrs.update(attributes)


def plant_link(group, name, kind):
    if kind == "soft":
        group[name] = h5py.SoftLink("/a/b")
    elif kind == "external":
        group[name] = h5py.ExternalLink("other.h5", "/x")
    elif kind == "alias":
        group[name] = group
    elif kind == "reference":
        group.create_dataset(name, data=group.ref, dtype=h5py.ref_dtype)
    else:
        group[name] = np.dtype(">f4")


@settings(many(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=st.dictionaries(names, nodes, max_size=5), chunked=st.booleans(), request_=requests)
def test_any_tree_stays_what_it_is(make, packed, tree, chunked, request_):
    path = make(lambda file: plant(file, tree, chunked))
    assert told(packed(path, request_)) == told(path)


@settings(many(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), shape=arrays.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=40))
def test_any_chunks_become_any_others(make, packed, data, shape):
    before = data.draw(st.tuples(*(st.integers(1, length) for length in shape)))
    written = data.draw(st.tuples(*(st.integers(0, length) for length in shape)))
    name = data.draw(st.sampled_from(["none", "gzip", "bitshuffle-lz4", "lzf", "zstd"]))

    def fill(file):
        dataset = file.create_dataset("x", shape, "i4", chunks=before, compression=1, fillvalue=-1)
        part = tuple(slice(0, stop) for stop in written)
        dataset[part] = RNG.integers(0, 99, written)

    path = make(fill)
    chunks = data.draw(st.sampled_from(["keep", "frame", "pixel", "balanced"]))
    out = packed(path, Request(filter=parse_filter(name), chunks=chunks))
    assert told(out) == told(path)


@given(st.data())
def test_blocks_are_whole_chunks_and_bounded(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=3000))
    pieces = st.tuples(*(st.integers(1, min(200, length)) for length in shape))
    unit, other = data.draw(st.just(()) | pieces), data.draw(pieces)
    extent = block_shape(shape, unit, other, 8)
    steps = unit or (1,) * len(shape)
    assert all(part % step == 0 for part, step in zip(extent, steps, strict=True))
    inside = [min(pair) for pair in zip(extent, shape, strict=True)]
    most = max(128 * 1024 * 1024, int(np.prod(unit or 1)) * 8)
    assert np.prod(inside) * 8 <= most


# filters that are missing


@pytest.fixture
def missing(make):
    """A file with a filter that nobody has, and what was written to it."""

    def fill(file):
        plist = h5p.create(h5p.DATASET_CREATE)
        plist.set_chunk((10,))
        plist.set_filter(32008, h5z.FLAG_OPTIONAL, (0, 2))
        create(file, "g/x" if "g" in file else "x", np.arange(100, dtype="i4"), plist)
        file["x"].attrs["to"] = file["x"].ref
        file["y"] = np.arange(20_000)

    path = make(fill)
    content = path.read_bytes()
    number = (32008).to_bytes(2, "little")
    other = (32012).to_bytes(2, "little")
    assert content.count(number) == 1
    path.write_bytes(content.replace(number, other))
    return path


def test_missing_filter_is_told_and_nothing_is_written(missing, tmp_path):
    before = set(tmp_path.iterdir())
    with pytest.raises(NxtoolError) as error:
        repack_file(missing, tmp_path / "out.h5", GZIP)
    assert str(error.value) == (
        f"{missing}: /x: the values are behind HDF5 filter 32012 (JPEG-LS), missing here; no "
        "Python package brings it: ask who wrote the file; all metadata can be read "
        "(--keep-unreadable copies such chunks as they are)"
    )
    assert set(tmp_path.iterdir()) == before


def test_unreadable_chunks_are_kept_if_asked_for(missing, packed):
    out = packed(missing, Request(filter=parse_filter("gzip"), keep_unreadable=True))
    assert told(out) == told(missing)
    assert filters(out, "x") == [32012]
    assert filters(out, "y") == [2, 1]
    assert packed.outcome.notes == [("/x", "a filter is missing here; its chunks are as they were")]


# what goes wrong


def test_many_chunks_that_cannot_be_decoded_are_compared_in_linear_time(make):
    path = make(lambda file: file.create_dataset("x", data=np.arange(50.0), chunks=(1,)))
    with h5py.File(path) as file:
        dataset = file["x"].id
        # by number each takes as long as there are chunks before it
        counting = Mock(wraps=dataset, spec=["get_num_chunks", "chunk_iter", "read_direct_chunk"])
        counting.rank = dataset.rank
        assert _same_chunks(counting, counting)


def test_comparison_finds_what_differs(make, tmp_path, monkeypatch):
    from nxtool.repack import apply

    path = make(lambda file: file.create_dataset("x", data=FRAMES))

    class Spoiling(apply.Mover):
        def move(self, source, target, *rest):
            moved = super().move(source, target, *rest)
            h5py.Dataset(target)[0, 0, 0] = 77
            return moved

    monkeypatch.setattr(apply, "Mover", Spoiling)
    before = set(tmp_path.iterdir())
    with pytest.raises(OutputError) as error:
        repack_file(path, tmp_path / "out.h5", GZIP, verify=True)
    assert error.value.message == f"/x does not read back as it is in {path}"
    assert set(tmp_path.iterdir()) == before


def test_damaged_chunk_is_told_and_nothing_is_left(make, tmp_path):
    path = make(lambda file: file.create_dataset("x", data=FRAMES, chunks=True, compression=9))
    with h5py.File(path) as file:
        place = file["x"].id.get_chunk_info(3).byte_offset
    content = bytearray(path.read_bytes())
    content[place : place + 40] = bytes(40)
    path.write_bytes(content)
    before = set(tmp_path.iterdir())
    with pytest.raises(FileUnreadable) as error:
        repack_file(path, tmp_path / "out.h5", Request(filter=parse_filter("zstd")))
    assert error.value.message.startswith(f"{path}: /x cannot be read: ")
    assert set(tmp_path.iterdir()) == before


def test_interruption_leaves_nothing(make, tmp_path):
    path = make(lambda file: file.create_dataset("x", data=FRAMES))
    before = set(tmp_path.iterdir())

    def begin(work):
        def progress(name, count):
            raise KeyboardInterrupt

        return progress

    with pytest.raises(KeyboardInterrupt):
        repack_file(path, tmp_path / "out.h5", GZIP, begin=begin)
    assert set(tmp_path.iterdir()) == before


def test_progress_adds_up_to_all_bytes(make, tmp_path):
    def fill(file):
        file["x"] = FRAMES
        file["texts"] = ["a"] * 10
        file["ref"] = np.array([file["x"].ref] * 3, h5py.ref_dtype)
        file.create_dataset("y", data=FRAMES, chunks=(1, 120, 100), **hdf5plugin.Bitshuffle())

    path = make(fill)
    told_bytes = []

    def begin(work):
        told_bytes.append(-work.bulk_bytes)
        return lambda name, count: told_bytes.append(count)

    repack_file(path, tmp_path / "out.h5", Request(profile="fast"), verify=True, begin=begin)
    assert sum(told_bytes) == 0


def test_in_place_replaces_the_file_and_keeps_its_mode(make):
    path = make(lambda file: file.create_dataset("x", data=FRAMES))
    path.chmod(0o640)
    before = told(path)
    link = path.with_name("link.h5")
    link.symlink_to(path)
    outcome = repack_file(link, None, Request(profile="archive"))
    assert link.is_symlink()
    assert told(path) == before
    assert path.stat().st_mode & 0o777 == 0o640
    assert outcome.after == path.stat().st_size < outcome.before


def test_relative_names_that_no_longer_hold_are_told(make, tmp_path):
    (tmp_path / "other.h5").touch()
    (tmp_path / "new").mkdir()

    def fill(file):
        file["g/link"] = h5py.ExternalLink("other.h5", "/x")
        layout = h5py.VirtualLayout((50,), "i8")
        layout[:] = h5py.VirtualSource("other.h5", "x", (50,))
        file.create_virtual_dataset("v", layout)

    outcome = repack_file(make(fill), Path(tmp_path / "new" / "out.h5"), GZIP)
    message = "leads to other.h5, which lies beside the old file and not the new"
    assert outcome.notes == [("/v", message)]
