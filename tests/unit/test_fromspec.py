"""SPEC files to recipes: every scan an entry with its plot, aborted ones too."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from nxtool.build.convert import convert
from nxtool.build.fromspec import recipe_from_spec
from nxtool.cli import main
from nxtool.defaultplot import DefaultPlot, default_plot
from nxtool.hdf5.opening import Hdf5File
from nxtool.schema.compile import default_schema

SPEC = """\
#F run.spec
#E 1267000000
#D Wed Feb 24 10:00:00 2010
#O0 Two Theta  Chi

#S 1  ascan  tth 0 1 4 1
#D Wed Feb 24 10:00:00 2010
#C a remark
#P0 0.5 90
#N 3
#L Two Theta  I0  Detector
0 100 1
0.5 101 7
1 99 3

#S 2  ascan  tth 0 1 4 1
#D Wed Feb 24 10:05:00 2010
#N 2
#L Two Theta  Detector
0 5

#S 3  ascan  tth 0 1 4 1
#D Wed Feb 24 10:10:00 2010
#N 2
#L Two Theta  Detector
#C aborted after 0 points
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "run.spec"
    path.write_text(SPEC)
    return path


def converted(path: Path, folder: Path) -> Path:
    recipe = folder / "r.nx.yaml"
    recipe.write_text(recipe_from_spec(path, named=str(path), output="out.nxs"))
    settings = ["defaults.timezone=America/Chicago"]
    outcome = convert(recipe, default_schema(), settings=settings)
    assert [item.message for item in outcome.findings if item.severity == "error"] == []
    assert outcome.written is not None, list(outcome.result or ())
    return outcome.written


def test_the_recipe_has_every_scan(spec: Path) -> None:
    text = recipe_from_spec(spec, named="run.spec")
    assert text.partition("scan_2(NXentry):")[0] == (
        "# Every scan of run.spec. The times have no zone: set one before converting.\n"
        "nxtool: 1\n"
        "definition: NXentry\n"
        "output: run.nxs\n"
        "# defaults: {timezone: Europe/Berlin}\n"
        "sources: {scans: {path: run.spec, format: spec}}\n"
        "\n"
        "scan_1(NXentry):\n"
        '  title: {from: "scans:1:#title"}\n'
        '  start_time: {from: "scans:1:#date", date_format: "%a %b %d %H:%M:%S %Y"}\n'
        "  data:\n"
        "    $attrs: {signal: Detector, axes: [Two_Theta]}\n"
        '    Two_Theta(NX_FLOAT): {from: "scans:1:Two Theta", attrs: {long_name: Two Theta}}\n'
        '    I0(NX_FLOAT): {from: "scans:1:I0"}\n'
        '    Detector(NX_FLOAT): {from: "scans:1:Detector"}\n'
        "  positioners(NXcollection):\n"
        '    Two_Theta(NX_FLOAT): {from: "scans:1:@Two Theta", attrs: {long_name: Two Theta}}\n'
        '    Chi(NX_FLOAT): {from: "scans:1:@Chi"}\n'
        "  header(NXcollection):\n"
        '    text: {from: "scans:1:#header"}\n'
        "\n"
    )
    assert text.count("(NXentry):") == 3


def test_every_scan_becomes_an_entry_with_its_plot(spec: Path, tmp_path: Path) -> None:
    with h5py.File(converted(spec, tmp_path)) as file:
        assert list(file) == ["scan_1", "scan_2", "scan_3"]
        assert file["scan_1/data/Detector"][()].tolist() == [1.0, 7.0, 3.0]
        assert file["scan_1/positioners/Chi"][()] == 90
        assert file["scan_1/start_time"][()] == b"2010-02-24T10:00:00-06:00"
        assert "#C a remark" in file["scan_1/header/text"].asstr()[()]
        for entry in file.values():
            assert entry.attrs["default"] == "data"


def test_an_aborted_scan_is_kept_with_its_header(spec: Path, tmp_path: Path) -> None:
    with h5py.File(converted(spec, tmp_path)) as file:
        assert file["scan_3/data/Detector"].shape == (0,)
        assert "aborted after 0 points" in file["scan_3/header/text"].asstr()[()]


def test_the_first_scan_is_the_default_plot(spec: Path, tmp_path: Path) -> None:
    with Hdf5File(converted(spec, tmp_path)) as file:
        plot = default_plot(file.root)
    assert isinstance(plot, DefaultPlot)
    assert (plot.signal, plot.axes) == ("/scan_1/data/Detector", ("/scan_1/data/Two_Theta",))


def test_labels_that_become_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.spec"
    path.write_text("#S 1 x\n#N 3\n#L a b  a-b  a.b\n1 2 3\n")
    text = recipe_from_spec(path)
    names = [line.strip().partition("(")[0] for line in text.splitlines() if "NX_FLOAT" in line]
    assert names == ["a_b", "a_b_2", "a_b_3"]


def test_a_date_of_another_form_is_kept_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.spec"
    path.write_text("#S 1 x\n#D yesterday\n#N 1\n#L a\n1\n")
    assert "  date_text(NX_CHAR): yesterday\n" in recipe_from_spec(path)


@pytest.mark.parametrize(
    "name",
    ["spec1.dat", "spec2.dat", "spec_tunes.dat", "demo_specdata.dat", "spec_databroker.dat"],
)
def test_real_files_are_converted(corpus: Path, tmp_path: Path, name: str) -> None:
    assert converted(corpus / "raw" / name, tmp_path).is_file()


def test_the_command_writes_the_recipe(spec: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.nx.yaml"
    assert main(["template", "NXentry", "--from", str(spec), "-o", str(out)]) == 0
    assert f'path: "{spec}"' in out.read_text()


def test_the_command_wants_entries_of_their_own(spec: Path, capsys) -> None:
    assert main(["template", "NXxas", "--from", str(spec)]) == 2
    assert "a SPEC file becomes entries of their own: say NXentry" in capsys.readouterr().err
