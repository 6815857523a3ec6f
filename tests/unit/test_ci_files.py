"""What others run from our repository: the hook and the action, and the page that shows them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import pytest
import yaml

from nxtool.cli.validate import validate

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ci.md"


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    pieces = PAGE.read_text(encoding="utf-8").split(f"```{language}\n")[1:]
    return [piece.partition("```")[0] for piece in pieces]


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment in which `nxtool` is this checkout and `python -m pip` does nothing."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, line in (
        ("nxtool", f'exec {shlex.quote(sys.executable)} -m nxtool "$@"'),
        ("pip", "true"),
        ("python", "true"),
    ):
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder `data` with one invalid file."""
    folder = tmp_path / "data"
    folder.mkdir()
    with h5py.File(folder / "scan.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        group = file.create_group("entry/data")
        group.attrs.update({"NX_class": "NXdata", "signal": "nothing"})
    return folder


def test_the_hook_calls_a_command_for_files_of_ours() -> None:
    (hook,) = load(".pre-commit-hooks.yaml")
    assert (hook["id"], hook["entry"], hook["language"]) == (
        "nxtool-validate", "nxtool validate", "python",
    )  # fmt: skip
    assert re.search(hook["files"], "data/scan.NXS")
    assert not re.search(hook["files"], "data/scan.nxs.txt")


def run_step(number: int, environment: dict[str, str], folder: Path) -> tuple[int, str]:
    step = load("action.yml")["runs"]["steps"][number]
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", step["run"]], check=False, capture_output=True,
        text=True, env=environment, cwd=folder,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.slow
def test_the_action_prints_annotations_and_fails(program: dict[str, str], data: Path) -> None:
    inputs = {"NXTOOL_FILES": "data", "NXTOOL_ARGUMENTS": "--select P02", "NXTOOL_SARIF": "a.sarif"}
    code, out = run_step(2, {**program, **inputs}, data.parent)
    assert (code, out) == (
        1,
        "::error file=data/scan.nxs,title=P02 the signal does not exist::"
        "/entry/data@signal: there is no field 'nothing'\n"
        "1 file: 1 invalid; 1 error\n",
    )
    assert (data.parent / "a.sarif").stat().st_size > 0


@pytest.mark.slow
def test_the_action_runs_nothing_that_stands_in_its_inputs(
    program: dict[str, str], data: Path
) -> None:
    inputs = {"NXTOOL_FILES": "$(touch harm)", "NXTOOL_ARGUMENTS": "; touch harm",
              "NXTOOL_SARIF": "`touch harm`"}  # fmt: skip
    assert run_step(2, {**program, **inputs}, data.parent)[0] == 2
    assert not (data.parent / "harm").exists()


def test_the_inputs_of_the_action_reach_it_as_environment_only() -> None:
    action = load("action.yml")
    runs = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert [run for run in runs if "${{" in run] == []
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert used == set(action["inputs"])


def test_yaml_of_the_page_is_yaml() -> None:
    assert [type(yaml.safe_load(block)) for block in blocks("yaml")] == [dict, dict, dict]


@pytest.mark.slow
def test_the_script_for_gitlab_runs(program: dict[str, str], data: Path) -> None:
    job = yaml.safe_load(blocks("yaml")[2])["validate"]
    lines = [line for line in job["script"] if line.startswith("nxtool ")]
    codes = [
        subprocess.run(shlex.split(line), env=program, cwd=data.parent, check=False).returncode
        for line in lines
    ]
    assert codes == [0, 1]
    reports = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert [(data.parent / name).is_file() for name in reports] == [True, True]


def test_the_options_on_the_pages_exist() -> None:
    known = {name for parameter in validate.params for name in parameter.opts}
    known |= {name for parameter in validate.params for name in parameter.secondary_opts}
    pages = [PAGE, ROOT / "docs" / "validation.md"]
    lines = [line for page in pages for line in page.read_text(encoding="utf-8").splitlines()]
    used = {
        word
        for line in lines
        if re.match(r"\s*-?\s*(\$ )?nxtool validate", line)
        for word in re.findall(r"(?<=\s)--?[a-z][a-z-]*", line.partition("#")[0])
    }
    assert len(used) > 5
    assert used - known == set()
