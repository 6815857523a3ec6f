"""`nxtool export` as people call it: files, reports, exit codes, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

from tests.exportfile import complete_file


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return complete_file(tmp_path / "scan.nxs")


@pytest.fixture
def folder(tmp_path: Path):
    """What is in the folder, to see that nothing was left."""
    return lambda: sorted(one.name for one in tmp_path.iterdir())


def test_file_is_written_and_told(nxtool, scan, tmp_path):
    out = tmp_path / "x.xml"
    done = nxtool("export", "icat", scan, "-o", out)
    assert (done.code, done.out) == (0, "")
    assert out.read_text().startswith('<?xml version="1.0" encoding="utf-8"?>\n<icatingest')
    assert f"{scan}:/entry/sample/temperature: note: sample/temperature: degC becomes K" in done.err
    assert done.err.endswith(f"{out}: 1 dataset, 9 parameters; 5 notes\n")


def test_without_a_name_it_goes_to_stdout(nxtool, scan, folder):
    done = nxtool("export", "icat", scan, "-q")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("</icatingest>\n")
    assert folder() == ["scan.nxs"]


@pytest.mark.parametrize("name", ["x.yaml", "x.yml"])
def test_suffix_chooses_yaml(nxtool, scan, tmp_path, name):
    out = tmp_path / name
    assert nxtool("export", "icat", scan, "--format", "icatdata", "-o", out).code == 0
    assert out.read_text().startswith("%YAML 1.1\n")


def test_file_that_exists_is_kept_unless_asked(nxtool, scan, tmp_path):
    out = tmp_path / "x.xml"
    out.write_text("mine")
    done = nxtool("export", "icat", scan, "-o", out)
    assert done.code == 2
    assert "exists" in done.err
    assert out.read_text() == "mine"
    assert nxtool("export", "icat", scan, "-o", out, "--overwrite").code == 0


def test_what_the_catalogue_refuses_is_not_written(nxtool, tmp_path, folder):
    scan = complete_file(tmp_path / "scan.nxs", {"entry/entry_identifier": "x" * 300})
    done = nxtool("export", "icat", scan, "-o", tmp_path / "x.xml")
    assert done.code == 1
    assert f"{scan}:/entry/entry_identifier: error: dataset.name may have 255" in done.err
    assert done.err.endswith("nothing is written; 1 error, 5 notes\n")
    assert folder() == ["scan.nxs"]
    assert nxtool("export", "icat", scan, "-o", tmp_path / "x.xml", "--truncate").code == 0


def broken(path: Path, kind: str) -> Path:
    """A file that cannot be exported, in one of several ways."""
    if kind == "no HDF5":
        path.write_text("a,b\n")
    elif kind == "no NXentry":
        with h5py.File(path, "w") as file:
            file["x"] = 1
    elif kind == "several NXentry":
        complete_file(path)
        with h5py.File(path, "a") as file:
            file.copy("entry", "second")
    elif kind == "truncated":
        complete_file(path)
        path.write_bytes(path.read_bytes()[:3000])
    elif kind == "no date":
        complete_file(path, {"entry/start_time": None})
    return path


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("missing", "No such file"),
        ("no HDF5", "not an HDF5 file"),
        ("no NXentry", "/ holds no NXentry"),
        ("several NXentry", "several NXentry: entry, second"),
        ("truncated", "truncated"),
        ("no date", "dataset.startDate (looked for at start_time) is missing"),
    ],
)
def test_bad_input_is_one_clear_error(nxtool, tmp_path, folder, kind, told):
    path = broken(tmp_path / "a.nxs", kind)
    before = folder()
    done = nxtool("export", "icat", path, "--mapping", "desy", "-o", tmp_path / "x.xml")
    assert done.code == 2
    assert done.err.count("error: ") == 1
    assert told in done.err
    assert str(path) in done.err
    assert folder() == before


def test_mistake_in_a_mapping_is_told_with_its_line(nxtool, scan, tmp_path):
    mapping = tmp_path / "own.yaml"
    mapping.write_text("nxtool_mapping: 1\nvalues:\n  dataset.nam: title\n")
    done = nxtool("export", "icat", scan, "--mapping", mapping)
    assert done.code == 2
    assert f"error: {mapping}:3:3: there is no target 'dataset.nam'" in done.err
    assert "did you mean dataset.name," in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "sample.nam=x"], "did you mean sample.name,"),
        (["--set", "sample.name"], "is not TARGET=VALUE"),
        (["--mapping", "desi"], "did you mean desy?"),
        (["--format", "xml"], "is not one of"),
        (["--timezone", "Europe/Berlinn"], "Europe/Berlin"),
        (["-o", "/nowhere/x.xml"], "no such folder"),
        (["-o", "."], "is a folder"),
        (["--entry", "other"], "there is no NXentry /other"),
    ],
)
def test_wrong_arguments_are_told(nxtool, tmp_path, arguments, told):
    scan = complete_file(tmp_path / "scan.nxs", {"entry/end_time": "2026-01-05T10:00:00"})
    done = nxtool("export", "icat", scan, *arguments)
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err


def test_no_file_at_all_is_told(nxtool):
    done = nxtool("export", "icat", "-q")
    assert done.code == 2
    assert "Missing argument 'FILE...'" in done.err


def test_read_only_folder_is_told(nxtool, scan, tmp_path, monkeypatch):
    closed = tmp_path / "closed"
    closed.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed)
    done = nxtool("export", "icat", scan, "-o", closed / "x.xml")
    assert done.code == 2
    assert "no permission to write" in done.err


def test_report_is_json_with_paths(nxtool, scan, tmp_path):
    report = tmp_path / "report.json"
    nxtool("export", "icat", scan, "-o", tmp_path / "x.xml", "--report", report)
    content = json.loads(report.read_text())
    assert (content["schema"], content["schema_version"]) == ("nxtool.export.report", 1)
    (dataset,) = content["datasets"]
    assert (dataset["name"], dataset["parameters"]) == ("scan_0001", 9)
    converted = [item["path"] for item in dataset["notes"] if item["code"] == "X20"]
    assert "/entry/sample/temperature" in converted


def test_mapping_is_shown_without_a_file(nxtool):
    done = nxtool("export", "icat", "--list-mapping", "--mapping", "desy")
    assert done.code == 0
    assert "sampleType.molecularFormula  NXsample/chemical_formula  (required)" in done.out
    assert "in GeV" in done.out


def test_infos_of_many_files_are_only_counted(nxtool, tmp_path):
    for name in ("a", "b"):
        complete_file(tmp_path / f"{name}.nxs", {"entry/entry_identifier": name})
    done = nxtool("export", "icat", tmp_path, "-o", tmp_path / "x.xml")
    assert (
        done.err == f"{tmp_path / 'x.xml'}: 2 datasets, 18 parameters; 10 notes (-v shows them)\n"
    )
    done = nxtool("export", "icat", tmp_path, "-v")
    assert done.err.count("becomes K") == 2


def test_given_values_reach_the_file(nxtool, scan):
    done = nxtool(
        "export", "icat", scan, "--format", "icatdata", "--with-static", "--investigation", "mx1",
        "--visit", "2", "--facility", "HZB", "--set", "sample.name=other",
    )  # fmt: skip
    assert done.code == 0
    for text in ("<name>mx1</name>", "<visitId>2</visitId>", "<name>HZB</name>", "other</name>"):
        assert text in done.out


def test_interrupt_leaves_nothing(tmp_path):
    for number in range(60):
        complete_file(tmp_path / f"{number}.nxs", {"entry/entry_identifier": f"{number}"})
    command = [sys.executable, "-m", "nxtool", "export", "icat", str(tmp_path), "-v"]
    out = tmp_path / "x.xml"
    process = subprocess.Popen([*command, "-o", str(out)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".nxs"] == []


def test_bar_shows_on_a_terminal_for_many_files(nxtool, tmp_path, monkeypatch):
    for number in range(5):
        complete_file(tmp_path / f"{number}.nxs", {"entry/entry_identifier": f"{number}"})
    monkeypatch.setattr(sys.stderr.__class__, "isatty", lambda self: True, raising=False)
    monkeypatch.setattr("nxtool.cli.filebar.PATIENCE", -1.0)
    monkeypatch.setenv("TERM", "dumb")
    done = nxtool("export", "icat", tmp_path, "-o", tmp_path / "x.xml")
    assert "4/5 files" in done.err


def test_esrf_without_its_package_names_the_extra(nxtool, scan, monkeypatch):
    monkeypatch.setattr("nxtool.export.esrf.find_spec", lambda name: None)
    done = nxtool("export", "icat", scan, "--format", "esrf")
    assert done.code == 2
    assert "pip install 'nxtool[esrf]'" in done.err


def test_push_without_its_package_names_the_extra(nxtool, scan, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "icat", None)
    config = tmp_path / "icat.cfg"
    config.write_text("[root]\nurl = http://127.0.0.1:1\n")
    done = nxtool("icat", "push", scan, "--config", config, "--section", "root")
    assert done.code == 2
    assert "pip install 'nxtool[icat]'" in done.err


OTHERS = {
    "scicat": (["--set", "scicat.ownerGroup=p1"], ["dataset", "origDatablock"]),
    "datacite": ([], ["creators", "titles"]),
    "rocrate": (["--set", "license.name=CC-BY-4.0"], ["@context", "@graph"]),
    "jsonld": ([], ["@context", "variableMeasured"]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_catalogues_get_json(nxtool, scan, tmp_path, name):
    arguments, keys = OTHERS[name]
    out = tmp_path / "x.json"
    done = nxtool("export", name, scan, "-o", out, *arguments)
    assert done.code == 0, done.err
    assert set(keys) <= set(json.loads(out.read_text()))
    assert f"{out}: 1 dataset" in done.err


@pytest.mark.parametrize("name", OTHERS)
def test_other_catalogues_leave_nothing_of_a_broken_file(nxtool, tmp_path, folder, name):
    path = broken(tmp_path / "a.nxs", "truncated")
    done = nxtool("export", name, path, "-o", tmp_path / "x.json", *OTHERS[name][0])
    assert (done.code, folder()) == (2, ["a.nxs"])


def test_api_of_scicat_is_chosen(nxtool, scan):
    group = ["--set", "scicat.ownerGroup=p1", "-q"]
    names = {}
    for api in ("v3", "v4"):
        done = nxtool("export", "scicat", scan, "--api", api, *group)
        names[api] = set(json.loads(done.out)["dataset"])
    assert "proposalId" in names["v3"] - names["v4"]
    assert "proposalIds" in names["v4"] - names["v3"]


@pytest.mark.parametrize("name", ["scan.nxs", "other.h5"])
def test_no_measured_data_are_replaced(nxtool, scan, tmp_path, name):
    complete_file(tmp_path / "other.h5")
    before = (tmp_path / name).read_bytes()
    done = nxtool("export", "icat", scan, "-o", tmp_path / name, "--overwrite")
    assert done.code == 2
    assert (
        done.err
        == f"error: {tmp_path / name}: is an HDF5 file, and is kept\n  → name another with -o\n"
    )
    assert (tmp_path / name).read_bytes() == before


def test_report_is_not_written_over_the_output(nxtool, scan, tmp_path):
    out = tmp_path / "x.xml"
    done = nxtool("export", "icat", scan, "-o", out, "--report", tmp_path / "." / "x.xml")
    assert (done.code, done.err) == (
        2, f"error: {out}: is the output too\n  → name another with --report\n",
    )  # fmt: skip
    assert not out.exists()


def test_output_that_is_a_link_to_itself_is_no_fault_of_the_program(nxtool, scan, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert nxtool("export", "icat", scan, "-o", loop).code == 0
    loop.unlink()
    loop.symlink_to(loop)
    done = nxtool("export", "rocrate", loop, "--set", "license.name=MIT")
    assert (done.code, "Too many levels of symbolic links" in done.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [("icat", "scan.nxs", "-o", "x" * 300), ("icat", "x" * 300), ("rocrate", "x" * 300),
     ("icat", "scan.nxs", "--mapping", "x" * 300), ("icat", "scan.nxs", "--report", "x" * 300)],
)  # fmt: skip
def test_names_that_are_too_long_are_told(nxtool, scan, monkeypatch, words):
    monkeypatch.chdir(scan.parent)
    done = nxtool("export", *words)
    assert (done.code, done.err.count("\n")) == (2, 2)
    assert "ile name too long" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("export", "icat", "-q"), ("fair",)])
def test_full_disk_behind_stdout_is_told(scan, words):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "nxtool", *words, str(scan)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    told = "error: standard output: no space left on device\n  → write to another place\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.parametrize("closed", [1, 2])
def test_streams_may_be_closed(scan, closed):
    command = f'exec "{sys.executable}" -m nxtool export icat "{scan}" {closed}>&-'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.returncode == 0


def test_catalogues_without_names_that_must_differ_take_two_of_one_name(nxtool, tmp_path):
    for name in ("a", "b"):
        complete_file(tmp_path / f"{name}.nxs")
    files = [tmp_path / "a.nxs", tmp_path / "b.nxs", "-q"]
    assert nxtool("export", "icat", *files).code == 1
    done = nxtool("export", "jsonld", *files)
    assert (done.code, done.err) == (0, "")
