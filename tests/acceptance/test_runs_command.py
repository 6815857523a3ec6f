"""Stored Bluesky runs on the command line: listed, converted without a recipe, given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

import nxtool as library
from tests.acceptance.conftest import Outcome
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write

Run = Callable[..., Outcome]
KEYS = {"x": {**NUMBER, "units": "mm"}, "state": {"dtype": "string", "shape": [], "source": "sim"}}
DOCUMENTS = [
    START,
    descriptor(KEYS),
    event(1, x=1.5, state="open"),
    event(3, x=2.5, state="shut"),
    STOP,
]
GAP = "primary: 1 of 3 events are missing: 2"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    return write(tmp_path / "run.jsonl", *DOCUMENTS)


def test_sources_lists_a_run_and_what_is_wrong_with_it(nxtool: Run, stored: Path) -> None:
    code, out, err = nxtool("sources", stored)
    assert (code, err) == (0, "")
    assert out == (
        f"{stored}  bluesky, 1 file\n"
        "  start/uid          text\n"
        "  start/time         float64\n"
        "  start/plan_name    text\n"
        "  start/sample/name  text\n"
        "  primary/x          float64 [3]  mm\n"
        "  primary/state      text [3]\n"
        "  primary@time       float64 [3]  s\n"
        "  stop/uid           text\n"
        "  stop/run_start     text\n"
        "  stop/time          float64\n"
        "  stop/exit_status   text\n"
        f"  documents          uint8 [{stored.stat().st_size}]\n"
        f"note: {GAP}\n"
    )


def test_a_run_is_converted_without_a_recipe(nxtool: Run, stored: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.nxs"
    code, out, err = nxtool("convert", stored, "-o", target)
    assert (code, err) == (0, "")
    assert GAP in out
    assert f"wrote {target}" in out
    with h5py.File(target) as file:
        entry = file["entry"]
        assert entry["primary"].attrs["signal"] == "x"
        assert entry["primary/x"].attrs["units"] == "mm"
        assert entry["bluesky/primary/state"][()].tolist() == [b"open", b"", b"shut"]
        assert entry["bluesky/primary/nxtool_missing_seq"][()].tolist() == [2]
        assert entry["sample/name"][()] == b"LaB6"
        assert entry["start_time"][()] == b"2023-11-14T22:13:20+00:00"
    assert library.validate(target).ok


def test_the_documents_come_back_as_they_were(nxtool: Run, stored: Path, tmp_path: Path) -> None:
    target, back = tmp_path / "out.nxs", tmp_path / "back.jsonl"
    nxtool("convert", stored, "-o", target)
    assert nxtool("convert", target, "--to", "jsonl", "-o", back) == (0, "", "")
    assert back.read_bytes() == stored.read_bytes()
    code, _, err = nxtool("convert", target, "--to", "jsonl", "-o", back)
    assert (code, err) == (2, f"error: {back}: exists already\n  → --overwrite replaces it\n")


def test_a_file_without_documents_says_so(nxtool: Run, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
    code, out, err = nxtool("convert", tmp_path / "a.nxs", "--to", "jsonl")
    assert (code, out) == (2, "")
    assert err == (
        f"error: {tmp_path}/a.nxs: keeps no documents of Bluesky\n"
        "  → files that nxtool made of a run do\n"
    )


def test_an_incomplete_run_is_labelled(nxtool: Run, tmp_path: Path) -> None:
    stored = write(tmp_path / "run.jsonl", *DOCUMENTS[:3])
    stored.write_text(stored.read_text() + '{"name": "event", "doc": {"uid"')
    code, out, _ = nxtool("convert", stored, "-o", tmp_path / "out.nxs")
    assert code == 0
    assert f"{stored}:4: the last record is cut off, and left out" in " ".join(out.split())
    assert "the run has no stop" in out
    with h5py.File(tmp_path / "out.nxs") as file:
        assert file["entry/run_status"][()] == b"incomplete"
        assert file["entry/end_time"][()] == b"2023-11-14T22:13:21+00:00"


def test_one_of_several_runs_is_chosen(nxtool: Run, tmp_path: Path) -> None:
    second = ("start", {"uid": "run-2", "time": 1.7e9, "scan_id": 7})
    stored = write(tmp_path / "runs.jsonl", *DOCUMENTS, second)
    code, _, err = nxtool("convert", stored, "-o", tmp_path / "out.nxs")
    assert code == 2
    assert err == (
        f"error: {stored}: holds 2 runs\n"
        "  → say which by --run, in a recipe by options: {run: …}: 1 run-1 (scan, success);"
        " 2 run-2 (scan 7, incomplete); or convert each, with a field in the name of the output: "
        "-o '{run}.nxs'\n"
    )
    code, _, _ = nxtool("convert", stored, "-o", tmp_path / "out.nxs", "--run", "run-2")
    assert code == 0
    with h5py.File(tmp_path / "out.nxs") as file:
        assert file["entry/scan_id"][()] == 7
        lines = file["entry/bluesky/documents/data"][()].tobytes().splitlines()
    assert [json.loads(line)["doc"] for line in lines] == [second[1]]


def test_options_for_runs_are_refused_elsewhere(nxtool: Run, tmp_path: Path) -> None:
    (tmp_path / "a.nx.yaml").write_text("nxtool: 1\n")
    code, _, err = nxtool("convert", tmp_path / "a.nx.yaml", "--run", "1")
    assert code == 2
    assert "is no Bluesky run" in err
    code, _, err = nxtool("convert", write(tmp_path / "run.jsonl", *DOCUMENTS))
    assert code == 2
    assert "say what to write with -o FILE.nxs" in err


def test_a_recipe_uses_a_run_and_is_told_of_gaps(nxtool: Run, stored: Path, tmp_path: Path) -> None:
    (tmp_path / "a.nx.yaml").write_text(
        "nxtool: 1\ndefinition: NXentry\noutput: a.nxs\nsources: {run: run.jsonl}\nentry:\n"
        '  start_time: {from: "run:start/time@iso"}\n'
        '  sample: {name: {from: "run:start/sample/name"}}\n'
        '  data: {"x(NX_NUMBER)": {from: "run:primary/x"}}\n'
    )
    code, out, _ = nxtool("convert", tmp_path / "a.nx.yaml")
    assert code == 0
    assert GAP in out
    with h5py.File(tmp_path / "a.nxs") as file:
        assert file["entry/data/x"].attrs["units"] == "mm"


@pytest.fixture
def two_runs(tmp_path: Path) -> Path:
    """Two runs in one file, of the scans 7 and 8."""
    second = [
        json.loads(json.dumps(one).replace("run-1", "run-2").replace("d1", "d2"))
        for one in DOCUMENTS
    ]
    documents = [*_numbered(DOCUMENTS, 7), *_numbered(second, 8)]
    return write(tmp_path / "runs.jsonl", *documents)


def _numbered(documents: list, scan: int) -> list:
    (name, start), *rest = documents
    return [(name, {**start, "scan_id": scan}), *map(tuple, rest)]


def titles(*files: Path) -> list[bytes]:
    """The identifiers of the runs in files."""
    found = []
    for path in files:
        with h5py.File(path) as file:
            found.append(file["entry/entry_identifier"][()])
    return found


def test_every_run_of_a_file_becomes_a_file_of_its_own(
    nxtool: Run, two_runs: Path, tmp_path: Path
) -> None:
    code, out, err = nxtool("convert", two_runs, "-q", "-o", tmp_path / "{scan_id:03d}_{run}.nxs")
    assert (code, err) == (0, "")
    assert titles(tmp_path / "007_1.nxs", tmp_path / "008_2.nxs") == [b"run-1", b"run-2"]
    assert out.count(GAP) == 2


def test_one_of_several_runs_is_named_after_itself(
    nxtool: Run, two_runs: Path, tmp_path: Path
) -> None:
    code, _, _ = nxtool("convert", two_runs, "--run", "2", "-o", tmp_path / "{scan_id}_{run}.nxs")
    assert (code, [one.name for one in tmp_path.glob("*.nxs")]) == (0, ["8_2.nxs"])


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "out.nxs",
            "{runs}: holds 2 runs",
            "say which by --run, in a recipe by options: {{run: …}}: "
            "1 run-1 (scan 7, scan, success); 2 run-2 (scan 8, scan, success); "
            "or convert each, with a field in the name of the output: -o '{{run}}.nxs'",
        ),
        (
            "{plan_name}.nxs",
            "'{{plan_name}}.nxs' names 2 of the runs scan.nxs",
            "add a field that tells them apart, {{uid:.8}} or {{run}}",
        ),
        (
            "{nope}.nxs",
            "run 1: the start of the run has no 'nope' to name the file by",
            "it has plan_name, run, sample, scan_id, time, uid",
        ),
    ],
)
def test_a_name_that_does_not_suit_the_runs_is_refused(
    nxtool: Run, two_runs: Path, tmp_path: Path, name: str, message: str, hint: str
) -> None:
    code, out, err = nxtool("convert", two_runs, "-o", name)
    told = f"error: {message.format(runs=two_runs)}\n  → {hint.format()}\n"
    assert (code, out, err) == (2, "", told)
    assert list(tmp_path.glob("*.nxs")) == []


RUN_RECIPE = """\
nxtool: 1
definition: NXentry
output: "scan_{scan_id}.nxs"
sources: {run: runs.jsonl}
entry:
  entry_identifier: {from: "run:start/uid"}
"""


def test_a_recipe_makes_a_file_of_every_run(nxtool: Run, two_runs: Path, tmp_path: Path) -> None:
    (tmp_path / "a.nx.yaml").write_text(RUN_RECIPE)
    assert nxtool("check", tmp_path / "a.nx.yaml")[0] == 0
    code, _, err = nxtool("convert", tmp_path / "a.nx.yaml", "-q")
    assert (code, err) == (0, "")
    assert titles(tmp_path / "scan_7.nxs", tmp_path / "scan_8.nxs") == [b"run-1", b"run-2"]
    with h5py.File(tmp_path / "scan_8.nxs") as file:
        kept = file["entry/nxtool/recipe/data"][()].tobytes().decode()
    assert "run: run-2" in kept


def test_what_is_wrong_with_one_run_does_not_stop_the_others(
    nxtool: Run, two_runs: Path, tmp_path: Path
) -> None:
    (tmp_path / "7.nxs").write_text("mine")
    code, out, err = nxtool("convert", two_runs, "-o", tmp_path / "{scan_id}.nxs")
    assert (code, err) == (
        2, f"error: {tmp_path / '7.nxs'}: exists already\n  → --overwrite replaces it\n",
    )  # fmt: skip
    assert f"wrote {tmp_path / '8.nxs'}" in out
    assert titles(tmp_path / "8.nxs") == [b"run-2"]


def test_the_report_of_several_runs_is_one(nxtool: Run, two_runs: Path, tmp_path: Path) -> None:
    code, out, _ = nxtool("convert", two_runs, "-o", tmp_path / "{run}.nxs", "--format", "json")
    told = json.loads(out)
    assert (code, [one["verdict"] for one in told["files"]]) == (0, ["valid", "valid"])
