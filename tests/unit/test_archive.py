"""Archives nobody should trust: each is refused in a sentence, and writes nothing elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace

import h5py
import numpy as np
import pytest

from nxtool.archive.layout import wrong_name
from nxtool.archive.reading import Archive
from nxtool.archive.unpack import unpack, unpack_recipe
from nxtool.errors import FileUnreadable, OutputError
from tests.rawscan import Scan, checksums

EMBEDDED = "/entry/nxtool/embedded"
DATA = "/entry/instrument/detector/data"
DAMAGED = "was it damaged, or changed by another program?"


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Two frames in one NumPy file and a table, kept without what the file holds."""
    folder = tmp_path_factory.mktemp("converted")
    np.save(folder / "frames.npy", np.arange(40, dtype=np.uint16).reshape(2, 4, 5))
    (folder / "log.csv").write_text("angle\n1\n2\n")
    more = '      angles(NX_FLOAT): {from: "log:angle", units: deg}'
    scan = Scan(folder, {"frames": "frames.npy", "log": "log.csv"}, 2, more)
    scan.convert("residual")
    return scan


@pytest.fixture
def archive(converted, tmp_path):
    """A copy of it that a test may change."""
    copy = replace(converted, folder=tmp_path / "scan")
    shutil.copytree(converted.folder, copy.folder)
    return copy


@pytest.fixture
def tampered(archive):
    """Changes the file by a function, and gives its path."""

    def change(how):
        with h5py.File(archive.result, "r+") as file:
            how(file)
        return archive.result

    return change


def put(file, path, values, **options):
    del file[path]
    file.create_dataset(path, data=values, **options)


def refusal(path, tmp_path):
    """What is said when `path` is restored; nothing may be written."""
    with pytest.raises(FileUnreadable) as caught, Archive(path) as archive:
        unpack(archive, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    return str(caught.value)


NAMES = [
    ("../x", "it leads out of the folder"),
    ("a/../../x", "it leads out of the folder"),
    ("/etc/x", "it leads out of the folder"),
    ("", "it is no file name"),
    ("a\0b", "it is no file name"),
    ("a//b", "it is no plain path"),
    ("./a", "it is no plain path"),
    ("a/", "it is no plain path"),
    ("a/.", "it is no plain path"),
    ("..", "it leads out of the folder"),
]


@pytest.mark.parametrize(("name", "reason"), NAMES)
def test_names_that_are_refused(name, reason):
    assert wrong_name(name) == reason


@pytest.mark.parametrize("name", ["a", "a/b.tif", "..a", "a..", "ü ß.csv", "a\nb", "-rf"])
def test_names_that_are_taken(name):
    assert wrong_name(name) == ""


@pytest.mark.parametrize(("name", "reason"), [item for item in NAMES if "\0" not in item[0]])
def test_a_name_that_leads_elsewhere_is_refused(tampered, tmp_path, name, reason):
    names = np.array([name, "b"], dtype="S20")
    path = tampered(lambda file: put(file, f"{EMBEDDED}/name", names))
    assert refusal(path, tmp_path) == (
        f"{path}: {EMBEDDED}: refuses the name {name!r}: {reason} ({DAMAGED})"
    )


def test_a_recipe_whose_name_leads_elsewhere_is_refused(tampered, tmp_path):
    path = tampered(lambda file: put(file, "/entry/nxtool/recipe/file_name", "../../x"))
    assert refusal(path, tmp_path) == (
        f"{path}: /entry/nxtool/recipe: refuses the name '../../x': it leads out of the folder"
        f" ({DAMAGED})"
    )


def pieces(*rows):
    return np.array(rows, dtype=np.int64)


TABLES = [
    ("name", np.array(["a", "a"], dtype="S1"), "{e}: the name 'a' stands there twice"),
    ("name", np.array(["a"], dtype="S1"), "{e}: its columns differ in length"),
    ("name", ["a", "b"], "{e}/name: is no column of texts of one length"),
    ("size", np.array([1, 2], dtype="i4"), "{e}/size: is not of type int64"),
    ("size", pieces([1, 2]), "{e}/size: has no 1 axes"),
    ("size", pieces(2**62, 2**62), "{e}: the pieces of 'frames.npy' do not make its size"),
    ("size", pieces(-1, -1), "{e}: the pieces of 'frames.npy' do not make its size"),
    ("pieces", pieces([0, 0, 0]), "{e}/pieces: has 3 columns, not 4"),
    ("pieces", pieces([0, 9, 0, 1]), "{e}/pieces: names bytes that do not exist"),
    ("pieces", pieces([0, -1, 0, 1]), "{e}/pieces: names bytes that do not exist"),
    ("pieces", pieces([2, 0, 0, 1]), "{e}/pieces: names files that do not exist"),
    ("pieces", pieces([1, 0, 0, 1], [0, 0, 0, 1]), "{e}/pieces: names bytes that do not exist"),
    ("pieces", pieces([0, 0, 0, 2**62]), "{e}/pieces: names bytes that do not exist"),
    ("pieces", pieces([0, 0, 2**62, 2**62]), "{e}/pieces: names bytes that do not exist"),
    ("pieces", pieces([0, 0, 5, -5]), "{e}/pieces: names bytes that do not exist"),
    ("dataset", np.array(["/entry/title"], dtype="S20"), "/entry/title: is not in the file"),
    ("dataset", np.array(["/entry/definition"], dtype="S20"),
     "/entry/definition: holds no plain numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "message"), TABLES)
def test_a_table_that_cannot_be_true_is_refused(tampered, tmp_path, name, values, message):
    path = tampered(lambda file: put(file, f"{EMBEDDED}/{name}", values))
    assert refusal(path, tmp_path) == f"{path}: {message.format(e=EMBEDDED)} ({DAMAGED})"


@pytest.mark.parametrize("name", ["name", "size", "pieces", "bytes/data"])
def test_a_size_without_end_takes_no_memory(tampered, tmp_path, name):
    def claim(file):
        place = f"{EMBEDDED}/{name}"
        dtype, rank = file[place].dtype, file[place].ndim
        del file[place]
        shape = (10**12, *(4,) * (rank - 1))
        file.create_dataset(place, shape=shape, dtype=dtype, chunks=(1024, *(4,) * (rank - 1)))

    path = tampered(claim)
    told = "claims values, but holds none" if "bytes" in name else "is too large for a table"
    assert refusal(path, tmp_path) == f"{path}: {EMBEDDED}/{name}: {told} ({DAMAGED})"


def test_a_chunk_without_end_takes_no_memory(tampered, tmp_path):
    def claim(file):
        place = f"{EMBEDDED}/size"
        del file[place]
        options = {"chunks": (2**28,), "maxshape": (None,), "compression": 1}
        file.create_dataset(place, shape=(2,), dtype="i8", **options)

    path = tampered(claim)
    assert refusal(path, tmp_path) == (
        f"{path}: {EMBEDDED}/size: is too large for a table ({DAMAGED})"
    )


def test_sizes_beyond_all_numbers_are_refused(tampered, tmp_path):
    def claim(file):
        place = f"{EMBEDDED}/bytes/data"
        del file[place]
        data = file.create_dataset(place, shape=(2**61,), dtype="i8", chunks=(2**17,))
        data[:4] = 1
        put(file, f"{EMBEDDED}/pieces", pieces([0, 0, 0, 2**62 + 1]))

    path = tampered(claim)
    assert refusal(path, tmp_path) == (
        f"{path}: {EMBEDDED}/pieces: names bytes that do not exist ({DAMAGED})"
    )


def test_more_bytes_than_the_disk_has_are_not_begun(tampered, tmp_path):
    size = 2**61

    def claim(file):
        place = f"{EMBEDDED}/bytes/data"
        del file[place]
        data = file.create_dataset(place, shape=(size,), dtype="u1", chunks=(2**20,))
        data[:4] = 1
        put(file, f"{EMBEDDED}/pieces", pieces([0, 0, 0, size], [1, 0, 0, 0]))
        put(file, f"{EMBEDDED}/size", pieces(size, 0))

    back = tmp_path / "back"
    with pytest.raises(OutputError) as caught, Archive(tampered(claim)) as archive:
        unpack(archive, back)
    assert caught.value.message.startswith(f"{back}: {size} bytes are to be written, ")
    assert not back.exists()


def test_links_to_other_files_are_not_followed(tampered, tmp_path, archive):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(40, dtype=np.uint16)

    def link(file):
        file["entry/far"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/x")
        put(file, f"{EMBEDDED}/dataset", np.array(["/entry/far"], dtype="S20"))

    path = tampered(link)
    assert refusal(path, tmp_path) == f"{path}: /entry/far: is not in the file ({DAMAGED})"


def test_values_in_other_files_are_not_read(tampered, tmp_path, archive):
    (tmp_path / "secret").write_bytes(bytes(80))

    def refer(file):
        place = [(str(tmp_path / "secret"), 0, 80)]
        file.create_dataset("entry/far", shape=(40,), dtype="u2", external=place)
        put(file, f"{EMBEDDED}/dataset", np.array(["/entry/far"], dtype="S20"))

    path = tampered(refer)
    assert refusal(path, tmp_path) == (
        f"{path}: /entry/far: its values lie in other files ({DAMAGED})"
    )


def test_a_changed_value_is_found_by_the_checksum_and_the_rest_is_restored(tampered, tmp_path):
    def change(file):
        file[DATA][1, 2, 3] += 1

    path, back = tampered(change), tmp_path / "back"
    with pytest.raises(FileUnreadable) as caught, Archive(path) as archive:
        unpack(archive, back)
    assert str(caught.value) == (
        f"{path}: 1 of 3 files cannot be restored: frames.npy: the checksum is wrong"
        f" (the other 2 are in {back}, bit for bit)"
    )
    assert sorted(item.name for item in back.iterdir()) == ["log.csv", "scan.nx.yaml"]


def test_a_changed_recipe_is_found_by_its_checksum(tampered, tmp_path):
    path = tampered(lambda file: file["/entry/nxtool/recipe/data"].write_direct(
        np.zeros(1, np.uint8), dest_sel=np.s_[0:1]))  # fmt: skip
    with pytest.raises(FileUnreadable) as caught, Archive(path) as archive:
        unpack_recipe(archive, tmp_path / "back")
    assert str(caught.value) == (
        f"{path}: 1 of 1 files cannot be restored: scan.nx.yaml: the checksum is wrong"
        " (nothing was written)"
    )


def test_a_symbolic_link_on_the_way_is_not_followed(archive, tmp_path):
    (archive.folder / "sub").mkdir()
    (archive.folder / "log.csv").rename(archive.folder / "sub" / "log.csv")
    archive.sources = {**archive.sources, "log": "sub/log.csv"}
    archive.convert("raw")
    back, elsewhere = tmp_path / "back", tmp_path / "elsewhere"
    back.mkdir()
    elsewhere.mkdir()
    (back / "sub").symlink_to(elsewhere)
    with pytest.raises(OutputError) as caught, Archive(archive.result) as opened:
        unpack(opened, back, force=True)
    assert caught.value.message == f"{back / 'sub'}: is a symbolic link"
    assert list(elsewhere.iterdir()) == []


def test_a_symbolic_link_with_the_name_of_a_file_is_replaced_not_followed(archive, tmp_path):
    back, victim = tmp_path / "back", tmp_path / "victim"
    back.mkdir()
    victim.write_text("mine")
    (back / "log.csv").symlink_to(victim)
    with Archive(archive.result) as opened:
        unpack(opened, back, force=True)
    assert victim.read_text() == "mine"
    assert checksums(back) == checksums(archive.folder)
    assert not (back / "log.csv").is_symlink()


def test_a_dangling_symbolic_link_counts_as_an_existing_file(archive, tmp_path):
    back = tmp_path / "back"
    back.mkdir()
    (back / "log.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError) as caught, Archive(archive.result) as opened:
        unpack(opened, back)
    assert caught.value.message == f"{back / 'log.csv'}: exists already"
    assert not (tmp_path / "nowhere").exists()


def test_times_out_of_any_calendar_are_restored_or_told(tampered, tmp_path):
    times = np.array([2**62, -(2**62)], dtype=np.int64)
    path = tampered(lambda file: put(file, f"{EMBEDDED}/modified_ns", times))
    with Archive(path) as archive:
        unpack(archive, tmp_path / "back")
    assert os.stat(tmp_path / "back" / "log.csv").st_size > 0  # noqa: PTH116


WITHOUT_PLUGINS = textwrap.dedent("""
    import sys, h5py, hdf5plugin
    from nxtool.cli import main
    for number in set(hdf5plugin.FILTERS.values()):
        h5py.h5z.unregister_filter(number)
    sys.exit(main(["restore", *sys.argv[1:]]))
""")


def test_a_missing_filter_is_named_with_the_way_to_get_it(archive, tmp_path):
    np.save(archive.folder / "frames.npy", np.zeros((2, 64, 64), dtype=np.uint16))
    archive.field = ", compression: bitshuffle-lz4"
    archive.convert("residual")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PLUGINS, archive.result, "-o", tmp_path / "back"],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "HDF5_PLUGIN_PATH": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"error: {archive.result}: {DATA}: the values are behind HDF5 filter 32008 (bitshuffle), "
        "missing here; pip install hdf5plugin"
    )
    assert not (tmp_path / "back").exists()
