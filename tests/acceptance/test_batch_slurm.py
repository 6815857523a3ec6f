"""Batches by a real Slurm of one node: as a job array, and by submitit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from nxtool.batch.gathering import results_below
from nxtool.batch.model import Manner
from nxtool.batch.planning import plan
from nxtool.batch.running import run
from tests.batchfiles import PYTHONPATH, counted, make_raw, verdicts, wish
from tests.slurmnode import slurm_node

pytestmark = [pytest.mark.slow, pytest.mark.slurm]
SCRIPT = """\
#!/bin/sh
#SBATCH --job-name=night
#SBATCH --array=0-3
exec {python} -m nxtool batch convert '{folder}/raw/*.h5' --recipe {folder}/scan.nx.yaml \
  --source raw -o '{folder}/out/{{stem}}.nxs' --executor array
"""


@pytest.fixture(scope="module")
def slurm() -> Iterator[Mapping[str, str]]:
    # a socket has a short name
    with tempfile.TemporaryDirectory(prefix="slurm") as name, slurm_node(Path(name)) as variables:
        yield {**os.environ, **variables, "PYTHONPATH": PYTHONPATH}


def test_a_job_array_converts_all_files_once(slurm: Mapping[str, str], tmp_path: Path) -> None:
    make_raw(tmp_path, 40)
    script = tmp_path / "night.sh"
    script.write_text(SCRIPT.format(python=sys.executable, folder=tmp_path))
    done = subprocess.run(
        ["sbatch", "--wait", f"--output={tmp_path}/%A_%a.log", str(script)],
        env=slurm, cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert len(logs) == 4, done.stderr
    assert counted(results_below(tmp_path / "out")) == {"good": 38, "unreadable": 2}, logs
    last = sorted(text.splitlines()[-1].partition(";")[0] for text in logs.values())
    assert [line.partition(":")[0] for line in last] == ["10 tasks"] * 4
    assert counted(run(plan(wish(tmp_path)), "local:1"))["was_done"] == 40


@pytest.fixture
def submitting(slurm: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to work in from which submitit reaches Slurm."""
    pytest.importorskip("submitit", reason="needs the extra slurm")
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def test_submitit_converts_all_files_in_an_array_of_jobs(submitting: None, tmp_path: Path) -> None:
    make_raw(tmp_path, 40)
    tasks = plan(wish(tmp_path))
    results = list(run(tasks, "slurm:timeout_min=5,cpus_per_task=1", chunk=10))
    assert counted(results) == {"good": 38, "unreadable": 2}
    again = list(run(tasks, "slurm"))
    assert verdicts(again) == verdicts(results)
    assert counted(again)["was_done"] == 40
    assert len(list((tmp_path / ".nxtool-slurm").glob("*_result.pkl"))) == 4


def test_a_job_that_dies_is_tried_again_and_then_reported(submitting: None, tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    (task,) = plan(wish(tmp_path, Manner(timeout=1e-6)))  # over at once, which ends the job
    (result,) = run([task], "slurm:timeout_min=5")
    assert result.verdict == "failed"
    assert result.message.startswith(f"{task.name}: two workers were lost over it: ")
