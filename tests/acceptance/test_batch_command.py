"""`nxtool batch` as its users call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from tests.batchfiles import PYTHONPATH, hidden, make_raw

Run = Callable[..., tuple[int, str, str]]
TEMPLATE = "out/{stem}.nxs"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with nine raw files, of which one is damaged."""
    make_raw(tmp_path, 9)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def convert(nxtool: Run, *more: str) -> tuple[int, str, str]:
    return nxtool(
        "batch", "convert", "--recipe", "scan.nx.yaml", "raw/*.h5", "--source", "raw",
        "-o", TEMPLATE, "-x", "local:1", *more,
    )  # fmt: skip


def test_a_night_is_converted_once_and_told(folder: Path, nxtool: Run) -> None:
    code, out, err = convert(nxtool)
    lines = out.replace(f"{folder}/", "").splitlines()
    assert (code, err) == (2, "")
    assert lines[:2] == [
        "unreadable  out/scan00007.nxs  1 error, 2 notes",
        "            R05  raw/scan00007.h5: is truncated: has 700 of 2848 bytes",
    ]
    assert lines[2].startswith("9 tasks: 8 good, 1 unreadable; ")
    code, out, err = convert(nxtool, "--format", "json")
    report = json.loads(out)
    assert (code, report["summary"]["tasks"], report["summary"]["done_before"]) == (2, 9, 9)
    assert [task["verdict"] for task in report["tasks"]] == ["good"] * 7 + ["unreadable", "good"]
    assert convert(nxtool, "-q")[:2] == (2, "")


def test_the_records_tell_what_was_done(folder: Path, nxtool: Run) -> None:
    rows = "".join(f"out/{n}.nxs,scan.nx.yaml,raw/scan0000{n}.h5\n" for n in (1, 2))
    (folder / "night.csv").write_text(f"output,recipe,sources.raw.path\n{rows}")
    before = nxtool("batch", "report", "night.csv")
    assert (before.code, before.out.splitlines()[-1]) == (2, "2 tasks: 2 failed")
    done = nxtool("batch", "convert", "-m", "night.csv", "-x", "local:1", "-v")
    assert (done.code, done.out.splitlines()[-1].partition(";")[0]) == (0, "2 tasks: 2 good")
    for what in ("out", "night.csv"):
        assert nxtool("batch", "report", what) == (0, "2 tasks: 2 good\n", "")


def test_many_results_alike_are_told_in_a_line(folder: Path, nxtool: Run) -> None:
    for path in (folder / "raw").iterdir():
        path.write_bytes(b"")
    state = nxtool("batch", "validate", "raw/*.h5", "--state", "state", "-x", "local:1")
    assert state.code == 2
    lines = state.out.splitlines()
    assert [line for line in lines if line.startswith("and ")] == [
        "and 4 more like  unreadable  scan_.h_: is empty"
    ]
    assert lines[-1].startswith("9 tasks: 9 unreadable; ")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("convert", "-m", "none.csv"), "error: none.csv: no such file or directory\n"
         "  → check the name\n"),
        (("convert", "raw/*.h6", "--recipe", "scan.nx.yaml"), None),
        (("convert", "raw/*.h5", "--recipe", "scan.nx.yaml", "--source", "raw", "-o", "a.nxs"),
         None),
        (("validate", "raw/*.h5"), "error: raw/*.h5: no folder for the results is given\n"
         "  → --state DIR\n"),
        (("report", "nowhere"), "error: nowhere: no such folder\n"
         "  → name that of the outputs, or --state\n"),
        (("report", "raw"), "error: raw: no batch has left a record here\n  → check the path\n"),
        (("repack", "raw/*.h5", "-o", "o/{stem}", "--filter", "zipp"), None),
        (("export", "raw/*.h5", "--to", "datacite", "-o", "o/{stem}.json", "--mapping", "none"),
         None),
        (("export", "raw/*.h5", "--to", "scicat", "-o", "o/{stem}", "--set", "scicat.x=1"), None),
        (("validate", "raw/*.h5", "--state", "state", "-x", "nowhere", "--format", "json"),
         "error: there is no executor 'nowhere'\n  → one of local, local:N,"
         " dask:tcp://HOST:PORT, slurm, array\n"),
    ],
)  # fmt: skip
def test_wrong_use_is_refused_before_anything_is_done(
    folder: Path, nxtool: Run, arguments: tuple[str, ...], error: str | None
) -> None:
    code, out, err = nxtool("batch", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ") if error is None else err == error
    assert sorted(path.name for path in folder.iterdir()) == ["model.h5", "raw", "scan.nx.yaml"]


def test_ctrl_c_leaves_whole_files_and_the_next_call_goes_on(tmp_path: Path) -> None:
    make_raw(tmp_path, 20)
    command = [
        sys.executable, "-m", "nxtool", "batch", "convert", "raw/*.h5", "--recipe", "scan.nx.yaml",
        "--source", "raw", "-o", TEMPLATE, "-x", "local:1", "-v",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    assert (process.returncode, err.strip()) == (130, "interrupted")
    assert hidden(tmp_path) == []
    for path in (tmp_path / "out").glob("*.nxs"):
        with h5py.File(path) as file:
            assert file["entry/data/counts"].shape == (50,)
    done = subprocess.run(
        command[:-1], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1].startswith("20 tasks: 19 good, 1 unreadable; ")
