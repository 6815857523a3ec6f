"""`nxtool new`: sources are written in, equal names are mapped, nothing else is guessed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nxtool.build.newrecipe import Offer, begin_recipe, matches
from nxtool.build.planner import judge, make_plan
from nxtool.cli import new
from nxtool.errors import OutputError, SourceError
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import default_schema
from tests.templatedata import scan_data, tomography_data

ROOT = Path(__file__).parents[2]


def offer(reference: str) -> Offer:
    return Offer(reference, tuple(reference.partition(":")[2].strip("/").split("/")))


def lines_of(text: str, *starts: str) -> list[str]:
    """The lines that begin with one of these words, without comments."""
    lines = (line.strip().partition("  #")[0] for line in text.splitlines())
    return [line.strip() for line in lines if line.startswith(starts)]


@pytest.mark.parametrize(
    ("paths", "offers", "mapped"),
    [
        (["sample/phi"], ["log:phi"], {"sample/phi": "log:phi"}),
        (["sample/phi"], ["log:Phi"], {}),
        (["sample/phi"], ["log:phi", "other:phi"], {}),
        (["sample/phi", "detector/phi"], ["log:phi"], {}),
        (
            ["detector/data", "monitor/data"],
            ["raw:/entry/detector/data", "raw:/entry/monitor/data"],
            {
                "detector/data": "raw:/entry/detector/data",
                "monitor/data": "raw:/entry/monitor/data",
            },
        ),
        (
            ["detector/data", "monitor/data"],
            ["raw:/entry/detector/data"],
            {"detector/data": "raw:/entry/detector/data"},
        ),
        (["sample/name"], ["log:sample"], {}),
        ([], ["log:a"], {}),
        (["a/b"], [], {}),
    ],
)
def test_only_the_one_best_fit_is_mapped(paths, offers, mapped):
    assert matches(paths, [offer(one) for one in offers]) == mapped


def test_a_recipe_has_its_sources_title_and_equal_names(tmp_path):
    tomography_data(tmp_path)
    (tmp_path / "log.csv").write_text("rotation_angle [deg],frame\n1,2\n")
    sources = {"raw": "projections.h5", "log": "log.csv"}
    begun = begin_recipe(default_schema(), "NXtomo", sources, tmp_path, title="rock: 1 ${x}")
    assert begun.mapped == {
        "instrument/detector/data": "raw:/entry/data/data",
        "instrument/detector/image_key": "raw:/entry/instrument/NDAttributes/image_key",
        "sample/rotation_angle": "log:rotation_angle",
    }
    assert lines_of(begun.text, "raw:", "log:", "title:", "data:", "rotation_angle:") == [
        "raw: projections.h5",
        "log: log.csv",
        'title: "rock: 1 $${x}"',
        'data: {from: "raw:/entry/data/data"}',
        'rotation_angle: {from: "log:rotation_angle"}',
    ]


def test_data_without_selectors_go_by_the_name_of_their_source(tmp_path):
    scan_data(tmp_path)
    begun = begin_recipe(default_schema(), "NXtomo", {"data": "frame_*.tif"}, tmp_path)
    assert begun.mapped == {"instrument/detector/data": "data"}


@pytest.mark.parametrize("definition", ["NXtomo", "NXscan", "NXmx", "NXcanSAS", "NXcxi_ptycho"])
def test_a_begun_recipe_only_lacks_values(tmp_path, definition):
    tomography_data(tmp_path)
    begun = begin_recipe(
        default_schema(), definition, {"raw": "projections.h5"}, tmp_path, title="a"
    )
    path = tmp_path / "r.nx.yaml"
    path.write_text(begun.text, encoding="utf-8")
    desk = make_plan(load_recipe(path), default_schema(), tmp_path / "out.nxs")
    try:
        assert [item for item in judge(desk) if item.code.startswith("R")] == []
    finally:
        desk.close()


def test_a_source_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceError):
        begin_recipe(default_schema(), "NXtomo", {"raw": "none.h5"}, tmp_path)


def run(*arguments: object):
    return CliRunner().invoke(new.command, [str(one) for one in arguments])


def test_the_command_needs_a_definition_where_nobody_can_be_asked():
    result = run("--title", "x")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: Missing option '--definition'."


def test_a_source_without_a_name_is_refused():
    result = run("--definition", "NXtomo", "--source", "frames.tif")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: 'frames.tif' does not name a source: write NAME=PATH, like frames=scan_*.tif"
    )


def test_two_sources_of_one_name_are_refused():
    result = run("--definition", "NXtomo", "--source", "raw=a.h5", "--source", "raw=b.h5")
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: two sources are called 'raw': a.h5 and b.h5; give each a name of its own"
    )


def test_paths_count_from_the_folder_of_the_recipe(tmp_path, monkeypatch):
    tomography_data(tmp_path)
    (tmp_path / "recipes").mkdir()
    monkeypatch.chdir(tmp_path)
    target = Path("recipes/t.nx.yaml")
    run("--definition", "NXtomo", "--source", "raw=projections.h5", "-o", target)
    assert lines_of(target.read_text(encoding="utf-8"), "raw:") == ['raw: "../projections.h5"']


def test_a_recipe_that_is_there_is_not_replaced(tmp_path):
    (tmp_path / "t.nx.yaml").write_text("mine", encoding="utf-8")
    arguments = ["--definition", "NXtomo", "-o", str(tmp_path / "t.nx.yaml")]
    with pytest.raises(OutputError, match="exists already"):
        new.command.main(arguments, standalone_mode=False)


def test_at_a_terminal_it_asks(tmp_path):
    pty = pytest.importorskip("pty", reason="only Unix has pseudo-terminals")
    tomography_data(tmp_path)
    answers = "tomography proc\nNXtomo\nraw=none.h5\nraw=projections.h5\n\nsandstone\n\n"
    terminal, other = pty.openpty()
    with open(terminal, "wb", buffering=0) as keyboard:  # noqa: PTH123 - a descriptor, no path
        keyboard.write(answers.encode())
        done = subprocess.run(
            [sys.executable, "-m", "nxtool", "new"],
            cwd=tmp_path,
            stdin=other,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        os.close(other)
    assert "NXtomoproc  This is an application definition for the final result" in done.stderr
    written = (tmp_path / "tomo.nx.yaml").read_text(encoding="utf-8")
    assert lines_of(written, "raw:", "title:", "data:") == [
        "raw: projections.h5",
        "title: sandstone",
        'data: {from: "raw:/entry/data/data"}',
    ]
