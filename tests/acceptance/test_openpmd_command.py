"""`nxtool openpmd` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.hdf5equal import differences
from tests.openpmdseries import Made, write_series


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path, Made())


def kib(path: Path) -> str:
    return f"{path.stat().st_size / 1024:.1f} KiB"


def test_an_overlay_is_told_with_what_it_cannot_map(nxtool, series, tmp_path):
    out = tmp_path / "both.h5"
    done = nxtool("openpmd", "to-nexus", series, "-o", out)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"wrote {out}  {kib(series)} before, {kib(out)} after\n"
        "  overlay: 2 NXentry, 12 NXdata\n"
        "  note  /data/0/particles/electrons/particlePatches (and 1 more): "
        "patches have no place in NXdata\n"
    )


def test_both_ways_end_where_they_began(nxtool, series, tmp_path):
    there, back = tmp_path / "there.nxs", tmp_path / "back.h5"
    assert nxtool("openpmd", "to-nexus", series, "--copy", "-o", there, "-q").out == ""
    done = nxtool("openpmd", "from-nexus", there, "-o", back)
    assert done.out == (f"wrote {back}  {kib(there)} before, {kib(back)} after\n  taken back\n")
    assert differences(series, back) == []


def test_an_overlay_is_stripped_in_its_place(nxtool, series, tmp_path):
    kept = tmp_path / "kept.h5"
    kept.write_bytes(series.read_bytes())
    assert nxtool("openpmd", "to-nexus", series, "--in-place", "-q").code == 0
    assert differences(series, kept) != []
    assert nxtool("openpmd", "to-nexus", series, "--strip", "--in-place", "-q").code == 0
    assert differences(series, kept) == []


def test_what_was_done_comes_as_json_too(nxtool, series, tmp_path):
    out = tmp_path / "links.nxs"
    done = nxtool("openpmd", "to-nexus", series, "--sidecar", "-o", out, "--format", "json")
    document = json.loads(done.out)
    notes = document.pop("notes")
    assert document == {
        "schema": "nxtool.bridge",
        "schema_version": 1,
        "source": str(series),
        "target": str(out),
        "direction": "to-nexus",
        "form": "sidecar",
        "bytes_before": series.stat().st_size,
        "bytes_after": out.stat().st_size,
        "mapped": {"NXentry": 2, "NXdata": 12},
    }
    assert [note["path"] for note in notes] == [
        f"/data/{number}/particles/electrons/particlePatches" for number in (0, 100)
    ]


def test_nexus_becomes_openpmd(nxtool, valid, tmp_path):
    out = tmp_path / "both.h5"
    done = nxtool("openpmd", "from-nexus", valid, "-o", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1] == "  overlay: 1 iteration, 1 mesh"


def test_a_file_goes_to_the_draft_and_back(nxtool, series, tmp_path):
    new, old = tmp_path / "new.h5", tmp_path / "old.h5"
    done = nxtool("openpmd", "upgrade", series, "-o", new)
    assert done.code == 0
    assert done.out.splitlines()[0] == "  changed  OP002  /@openPMD: 1.1.0 → 2.0.0"
    assert done.out.splitlines()[-1] == f"wrote {new}  14 changes"
    assert nxtool("openpmd", "downgrade", new, "-o", old, "-q").code == 0
    with h5py.File(old) as file:
        assert file.attrs["openPMD"] == b"1.1.0"


def test_faults_are_mended_and_told_in_one_line_a_kind(nxtool, series, tmp_path):
    with h5py.File(series, "r+") as file:
        for number in (0, 100):
            file[f"data/{number}"].attrs["dt"] = np.int32(1)
    out = tmp_path / "mended.h5"
    done = nxtool("openpmd", "fix", series, "-o", out)
    assert done.out == (
        f"  changed  IT002  /data/0@dt (and 1 more): int32 → float64\nwrote {out}  2 changes\n"
    )


def test_validate_mends_openpmd_too(nxtool, series, tmp_path):
    with h5py.File(series, "r+") as file:
        file["data/0"].attrs["dt"] = np.int32(1)
    out = tmp_path / "mended.h5"
    done = nxtool("validate", "--fix", series, "-o", out)
    assert (done.code, done.err) == (0, "")
    assert done.out == (f"  changed  IT002  /data/0@dt: int32 → float64\nwrote {out}  1 change\n")


def test_revisions_come_as_json_too(nxtool, series, tmp_path):
    out = tmp_path / "mended.h5"
    done = nxtool("openpmd", "fix", series, "-o", out, "--format", "json")
    assert json.loads(done.out) == {
        "schema": "nxtool.revise",
        "schema_version": 1,
        "source": str(series),
        "target": str(out),
        "revisions": [],
        "remarks": [],
    }


@pytest.mark.parametrize("command", ["to-nexus", "from-nexus", "upgrade", "downgrade", "fix"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        (b"", "is empty"),
        (b"hello", "is not an HDF5 file"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_traceback(
    command, content, message, nxtool, tmp_path
):
    path = tmp_path / "file.h5"
    if content is not None:
        path.write_bytes(content)
    done = nxtool("openpmd", command, path, "-o", tmp_path / "out.h5")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"error: {path}: {message}"
    assert not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize("command", ["to-nexus", "from-nexus", "upgrade", "downgrade", "fix"])
def test_a_truncated_file_is_told_and_nothing_is_written(command, nxtool, series, tmp_path):
    size = series.stat().st_size
    series.write_bytes(series.read_bytes()[:3000])
    done = nxtool("openpmd", command, series, "-o", tmp_path / "out.h5")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"error: {series}: is truncated: has 3000 of {size} bytes"
    assert {path.name for path in tmp_path.iterdir()} == {"series.h5"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["to-nexus", "x.h5"], "give either -o OUT or --in-place"),
        (["to-nexus", "x.h5", "-o", "y.h5", "--in-place"], "give either -o OUT or --in-place"),
        (
            ["to-nexus", "x.h5", "--in-place", "--sidecar"],
            "--sidecar writes another file: name it with -o OUT",
        ),
        (["from-nexus", "x.h5"], "give either -o OUT or --in-place"),
        (["fix", "x.h5"], "give either -o OUT or --in-place"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, message, nxtool):
    done = nxtool("openpmd", *arguments)
    assert done.code == 2
    assert done.err.splitlines()[-1] == f"Error: {message}"


def test_the_output_is_not_the_input(nxtool, series):
    done = nxtool("openpmd", "to-nexus", series, "-o", series)
    assert done.err == (f"error: {series}: is the input\n  → --in-place changes the file itself\n")
