"""Raw files into a NeXus file and back: every byte, for every format, or not at all."""

from __future__ import annotations

import os
import shutil
import struct
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nxtool
from nxtool.archive.reading import Archive
from nxtool.build.convert import convert
from nxtool.build.rawfiles import raw_files
from nxtool.demo import write_tiff
from nxtool.errors import OutputError, SourceError
from nxtool.schema.compile import default_schema
from nxtool.validate.api import validate
from tests.examples import many
from tests.rawscan import Scan, checksums

FORMS = st.sampled_from(["residual", "raw"])
SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))
SEEDS = st.integers(0, 2**32 - 1)
FEW = many(20)
"""Each example is a conversion and the way back."""


@pytest.fixture
def scan(tmp_path):
    """Three frames as TIFF, and a table of angles."""
    folder = tmp_path / "scan"
    (folder / "frames").mkdir(parents=True)
    for number in range(3):
        image = np.arange(20, dtype=np.uint16).reshape(4, 5) * (number + 1)
        write_tiff(folder / "frames" / f"f_{number}.tif", image)
    (folder / "log.csv").write_bytes(b"angle\r\n0\r\n1.50\r\n3\r\n")
    more = '      angles(NX_FLOAT): {from: "log:angle", units: deg}'
    return Scan(folder, {"frames": "frames/f_*.tif", "log": "log.csv"}, 3, more)


def there_and_back(write, sources, form, **options):
    """The outcome of converting what `write` makes in a new folder, after all came back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "scan"
        folder.mkdir()
        frames = write(folder)
        before = checksums(folder)
        scan = Scan(folder, sources, frames, **options)
        outcome = scan.convert(form, verify_restore=True, mode="allow-invalid")
        nxtool.restore(scan.result, Path(name) / "back")
        assert checksums(Path(name) / "back") == before
        return outcome.kept


def numbers(seed, shape, dtype):
    """Any bit pattern, so NaN of all kinds among floats."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(np.random.default_rng(seed).bytes(size), dtype=dtype).reshape(shape)


@FEW
@given(FORMS, SHAPES, SEEDS, st.integers(1, 4), st.binary(max_size=40))
def test_tiff_comes_back(form, shape, seed, frames, tail):
    def write(folder):
        for index in range(frames):
            path = folder / f"f_{index}.tif"
            write_tiff(path, numbers(seed + index, shape, "<u2"))
            path.write_bytes(path.read_bytes() + tail)
        return frames

    kept = there_and_back(write, {"frames": "f_*.tif"}, form)
    assert len(kept.whole) == (0 if form == "residual" else frames)


@pytest.mark.slow
@FEW
@given(FORMS, SHAPES, SEEDS, st.integers(1, 3), st.sampled_from(["u2", "i4", "f4", "f8", "u1"]))
def test_edf_comes_back(form, shape, seed, frames, dtype):
    edfimage = pytest.importorskip("fabio.edfimage")

    def write(folder):
        values = np.nan_to_num(numbers(seed, (frames, *shape), dtype), posinf=1, neginf=-1)
        image = edfimage.EdfImage(data=values[0], header={"exposure": str(seed)})
        for frame in values[1:]:
            image.append_frame(data=frame)
        image.write(str(folder / "f_1.edf"))
        image.close()
        return frames

    kept = there_and_back(write, {"frames": "f_*.edf"}, form)
    assert len(kept.whole) == (0 if form == "residual" else 1)


@pytest.mark.slow
@FEW
@given(FORMS, SHAPES, SEEDS, st.sampled_from(["<i2", ">i2", "<f4"]))
def test_mrc_comes_back(form, shape, seed, dtype):
    """MRC 2014: a header of 1024 bytes, here with an extended one, then the voxels."""

    def write(folder):
        head = struct.pack("<4i", shape[1], shape[0], 2, 1) + numbers(seed, 1264, "u1").tobytes()
        (folder / "a.mrc").write_bytes(head + numbers(seed, (2, *shape), dtype).tobytes())
        return 2

    source = f"{{path: a.mrc, format: raw, dtype: '{dtype}', shape: {[2, *shape]}, offset: 1280}}"
    kept = there_and_back(write, {"frames": source}, form)
    assert len(kept.whole) == (0 if form == "residual" else 1)


@FEW
@given(FORMS, SHAPES, SEEDS, st.sampled_from(["<u2", ">u4", "<f8", ">f4", "<i8"]))
def test_npy_comes_back(form, shape, seed, dtype):
    def write(folder):
        np.save(folder / "a.npy", numbers(seed, (2, *shape), dtype))
        return 2

    kept = there_and_back(write, {"frames": "a.npy"}, form)
    assert len(kept.whole) == (0 if form == "residual" else 1)


CELLS = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: f"{x:.6g}"),
)


@FEW
@given(FORMS, st.lists(CELLS, min_size=2, max_size=9), st.sampled_from(["\n", "\r\n"]), st.text(
    st.characters(codec="utf-8", categories=["L", "N"]), max_size=9))  # fmt: skip
def test_csv_comes_back(form, cells, end, comment):
    def write(folder):
        np.save(folder / "a.npy", np.zeros((1, 2, 2)))
        lines = [f"# {comment}", "angle", *cells]
        (folder / "log.csv").write_bytes((end.join(lines) + end).encode())
        return 1

    more = '      angles(NX_FLOAT): {from: "log:angle", units: deg}'
    kept = there_and_back(write, {"frames": "a.npy", "log": "log.csv"}, form, more=more)
    assert "log.csv" in kept.whole


@pytest.mark.slow
@FEW
@given(FORMS, st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.booleans())
def test_spec_comes_back(form, rows, ended):
    def write(folder):
        np.save(folder / "a.npy", np.zeros((1, 2, 2)))
        head = (
            "#F a.spec\n#D Mon Jan 05 10:00:00 2026\n\n#S 1 ascan th 0 1 5 1\n#N 2\n#L Theta  I0\n"
        )
        body = "\n".join(f"{one} {other}" for one, other in rows)
        (folder / "a.spec").write_bytes((head + body + "\n" * ended).encode())
        return 1

    more = '      angles(NX_FLOAT): {from: "log:1:Theta", units: deg}'
    kept = there_and_back(write, {"frames": "a.npy", "log": "a.spec"}, form, more=more)
    assert "a.spec" in kept.whole


@pytest.mark.parametrize("form", ["residual", "raw"])
def test_restored_files_keep_place_and_time_and_stand_with_the_recipe(scan, tmp_path, form):
    os.utime(scan.folder / "log.csv", ns=(1, 1_234_567_890_123_456_789))
    scan.convert(form)
    back = tmp_path / "back"
    names = [*(f"frames/f_{number}.tif" for number in range(3)), "log.csv", "scan.nx.yaml"]
    assert nxtool.restore(scan.result, back) == [back / name for name in names]
    assert (back / "log.csv").stat().st_mtime_ns == 1_234_567_890_123_456_789
    assert checksums(back) == checksums(scan.folder)


def test_restored_recipe_and_files_make_the_same_data_again(scan, tmp_path):
    scan.convert("residual")
    nxtool.restore(scan.result, tmp_path / "back")
    outcome = convert(tmp_path / "back" / "scan.nx.yaml", default_schema())
    with h5py.File(outcome.written) as again, h5py.File(scan.result) as first:
        for path in ("instrument/detector/data", "instrument/detector/angles"):
            assert np.array_equal(again[f"entry/{path}"][()], first[f"entry/{path}"][()])


def test_a_residual_is_what_the_file_lacks_and_the_same_header_is_kept_once(scan):
    kept = scan.convert("residual").kept
    header = (scan.folder / "frames" / "f_0.tif").stat().st_size - 40
    table = (scan.folder / "log.csv").stat().st_size
    assert (kept.files, kept.whole, kept.size) == (4, ("log.csv",), header + table)


@pytest.mark.parametrize(
    ("field", "selector"),
    [(", dtype: int32", ""), (", expr: 2 * x, dtype: uint16", ""), ("", ":[0:3, 0:4, :]")],
    ids=["another type", "other values", "a part"],
)
def test_values_that_were_changed_make_no_residual(scan, field, selector):
    scan.field, scan.selector = field, selector
    kept = scan.convert("residual", verify_restore=True).kept
    assert len(kept.whole) == 4


@pytest.mark.slow
def test_values_left_in_place_make_no_residual(scan):
    scan.sources = {**scan.sources, "frames": "{path: frames/f_*.tif, mode: external}"}
    assert len(scan.convert("residual", verify_restore=True).kept.whole) == 4


def test_a_file_of_two_sources_is_kept_once(scan):
    scan.sources = {**scan.sources, "again": "log.csv"}
    scan.more += '\n      more(NX_FLOAT): {from: "again:angle", units: deg}'
    assert scan.convert("raw").kept.files == 4


def test_files_kept_are_those_of_hdf5_sources_too(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.zeros((1, 4, 5), dtype="u2")
    scan = Scan(tmp_path, {"frames": "a.h5:/x"})
    assert scan.convert("residual", verify_restore=True).kept.whole == ("a.h5",)


def test_every_entry_has_the_record_and_one_the_files(scan, tmp_path):
    scan.write_recipe("raw")
    text = scan.recipe.read_text()
    head, entry = text.split("entry:\n")
    scan.recipe.write_text(f"{head}entry:\n{entry}b(NXentry):\n{entry}")
    outcome = convert(scan.recipe, default_schema(), verify_restore=True)
    with h5py.File(outcome.written) as file:
        assert ["embedded" in file[f"{name}/nxtool"] for name in ("entry", "b")] == [True, False]
        assert "source_log" in file["b/nxtool/record"]


def test_files_elsewhere_get_a_folder_named_after_their_source(tmp_path):
    home = tmp_path / "recipe"
    other = [tmp_path / part / "x.csv" for part in ("a", "b")]
    for path in (home / "log" / "x.csv", *other):
        path.parent.mkdir(parents=True)
        path.write_text(str(path))
    found = raw_files({"in": [home / "log" / "x.csv"], "log": other, "one": other[:1]}, home)
    assert [file.name for file in found] == ["log/x.csv", "log_1/a/x.csv", "log_1/b/x.csv"]


def test_recipe_without_sources_keeps_nothing(tmp_path):
    scan = Scan(tmp_path, {"frames": "a.npy"})
    np.save(tmp_path / "a.npy", np.zeros((1, 2, 2)))
    text = (
        scan.write_recipe("raw")
        .read_text()
        .replace('{from: "frames", units', "{value: [[[1]]], units")
    )
    scan.recipe.write_text(text)
    assert convert(scan.recipe, default_schema(), verify_restore=True).kept is None


@pytest.mark.parametrize("form", ["residual", "raw"])
def test_the_result_is_valid(scan, form):
    scan.convert(form)
    assert [item for item in validate(scan.result) if item.severity == "error"] == []


def test_the_record_tells_reader_size_time_and_checksum_of_each_file(scan):
    scan.convert("recipe")
    with h5py.File(scan.result) as file:
        group = file["entry/nxtool/record/source_log"]
        found = {
            name: np.ravel(group[name].asstr()[()])[0] for name in ("format", "path", "reader")
        }
        sums = group["sha256"].asstr()[()].tolist()
        assert group["size"][()].tolist() == [(scan.folder / "log.csv").stat().st_size]
        assert found == {"format": "csv", "path": "log.csv", "reader": "nxtool.sources.csvfile"}
    assert sums == [checksums(scan.folder)["log.csv"]]


def change_when_compared(path, content):
    """A progress that changes `path` when the file before it is compared, but not its time."""

    def begin(_plan):
        def tell(name, _count):
            if name == "frames/f_0.tif":
                before = path.stat()
                path.write_bytes(content)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

        return tell

    return begin


def test_a_source_that_changed_is_told_by_the_comparison_and_nothing_is_left(scan):
    path = scan.folder / "frames" / "f_1.tif"
    content = path.read_bytes()[:-1] + b"\xff"
    scan.write_recipe("residual")
    with pytest.raises(OutputError) as caught:
        convert(
            scan.recipe,
            default_schema(),
            verify_restore=True,
            progress=change_when_compared(path, content),
        )
    assert caught.value.message.startswith(f"{scan.result}: {path} cannot be restored from it: ")
    assert sorted(item.name for item in scan.folder.iterdir()) == [
        "frames",
        "log.csv",
        "scan.nx.yaml",
    ]


@pytest.mark.parametrize(
    "change",
    [lambda path: os.utime(path, ns=(0, 0)), lambda path: path.write_text("other")],
    ids=["time", "size"],
)
def test_a_source_that_changes_its_look_is_told_without_comparison(scan, change):
    path = scan.folder / "log.csv"
    scan.write_recipe("raw")

    def begin(_plan):
        return lambda name, _count: change(path) if name.endswith("bytes/data") else None

    with pytest.raises(SourceError) as caught:
        convert(scan.recipe, default_schema(), progress=begin)
    assert caught.value.message == f"{path}: changed while it was read"
    assert not scan.result.exists()


def test_the_page_says_how_to_do_without_nxtool(scan, tmp_path, monkeypatch):
    scan.convert("residual")
    shutil.copy(scan.result, tmp_path / "scan.nxs")
    page = Path(nxtool.__file__).parents[1] / "docs" / "restore.md"
    code = page.read_text(encoding="utf-8").split("```python\n")[1].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {})  # noqa: S102 - our own page
    found = [(tmp_path / f"raw_{number}").read_bytes() for number in range(4)]
    names = [*(f"frames/f_{number}.tif" for number in range(3)), "log.csv"]
    assert found == [(scan.folder / name).read_bytes() for name in names]


def test_pixels_of_edf_files_can_stay_in_place(tmp_path):
    edfimage = pytest.importorskip("fabio.edfimage")
    frames = np.arange(40, dtype=np.uint16).reshape(2, 4, 5)
    for number, frame in enumerate(frames):
        image = edfimage.EdfImage(data=frame)
        image.write(str(tmp_path / f"f_{number}.edf"))
        image.close()
    scan = Scan(tmp_path, {"frames": "{path: f_*.edf, mode: external}"}, 2)
    scan.convert("recipe")
    with h5py.File(scan.result) as file:
        assert file["entry/instrument/detector/data"].external is not None
        assert np.array_equal(file["entry/instrument/detector/data"][()], frames)


def test_an_archive_moves_with_its_file(scan, tmp_path):
    scan.convert("residual")
    shutil.move(scan.result, tmp_path / "moved.nxs")
    with Archive(tmp_path / "moved.nxs") as archive:
        assert [file.is_whole for file in archive.files] == [False, False, False, True]
