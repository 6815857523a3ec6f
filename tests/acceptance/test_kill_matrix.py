"""`kill -9` at random moments: no half file, no lost input, and the next run goes on.

`NXTOOL_KILLS` says how often in all: a third each for `convert`, `repack` and `batch`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import nxtool
from tests.batchfiles import make_raw
from tests.killing import Killer
from tests.samecontent import content

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc who started whom")
KILLS = int(os.environ.get("NXTOOL_KILLS", "200"))
PART = re.compile(r"\..+\.\d+\.part")
"""What may be left: a hidden name that says whose it is, and that it is unfinished."""
RECIPE = """\
nxtool: 1
definition: NXentry
defaults: {timezone: UTC, compression: "gzip:4"}
vars: {sample: none}
sources:
  raw: raw.h5
entry:
  title: "scan of ${sample}"
  $plot: {signal: data/counts}
  data(NXdata):
    counts: {from: "raw:/counts", units: counts, chunks: [4, 64, 64]}
"""
Content = Mapping[str, Any]


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    with Killer() as found:
        yield found


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw file of some 2 MB, that takes a while to compress."""
    noise = np.random.default_rng(1).poisson(3.0, (64, 128, 128)).astype(np.uint16)
    path = tmp_path / "raw.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("counts", data=noise, chunks=(1, 128, 128))
    return path


def killed_at_random(
    killer: Killer,
    commands: Callable[[int], list[object]],
    check: Callable[[], None],
    kills: int,
) -> None:
    """Run a command until it was killed so often; `check` what is there each time."""
    chance = random.Random(kills)  # noqa: S311 - when to kill is no secret
    lasts = max(killer.run(commands(turn))[1] for turn in range(2))
    check()
    turn = done = 0
    while turn < kills:
        after = chance.uniform(0.0, lasts)
        code, _ = killer.run(commands(turn), after, alone=bool(chance.randrange(2)))
        assert code in (0, -9)
        check()
        turn += code == -9
        done += code == 0
        assert done < 4 * kills + 20
    print(f"{turn} killed, {done} ended before, {lasts:.2f} s without")  # noqa: T201 - shown by -s


def left_over(folder: Path, known: set[str]) -> list[str]:
    """The names in a folder that are not `known`; all are those of unfinished files."""
    names = sorted({path.name for path in folder.iterdir()} - known)
    assert all(PART.fullmatch(name) for name in names), names
    return names


@pytest.mark.slow
@pytest.mark.parametrize("is_there", [False, True], ids=["new", "overwrite"])
def test_convert_leaves_a_whole_file_or_what_was_there(killer, raw, is_there):
    recipe, out = raw.with_name("scan.nx.yaml"), raw.with_name("out.nxs")
    recipe.write_text(RECIPE)
    inputs = {path: path.read_bytes() for path in (raw, recipe)}
    allowed: list[Content] = []
    for sample in "ab":
        assert killer.run(command_of(recipe, out, sample))[0] == 0
        allowed.append(content(out))
    assert allowed[0] != allowed[1]

    def commands(turn: int) -> list[object]:
        if not is_there:
            out.unlink(missing_ok=True)
        return command_of(recipe, out, "ab"[turn % 2])

    def check() -> None:
        assert {path: path.read_bytes() for path in inputs} == inputs
        assert out.exists() or not is_there
        if out.exists():
            assert content(out) in allowed
            assert nxtool.validate(out).ok
        left_over(raw.parent, {raw.name, recipe.name, out.name})

    killed_at_random(killer, commands, check, KILLS // 6)
    assert killer.run(command_of(recipe, out, "a"))[0] == 0
    assert content(out) == allowed[0]


def command_of(recipe: Path, out: Path, sample: str) -> list[object]:
    return ["convert", recipe, "-q", "--overwrite", "-o", out, "--set", f"vars.sample={sample}"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["new", "overwrite", "in-place"])
def test_repack_leaves_a_whole_file_or_what_was_there(killer, raw, how):
    out = raw if how == "in-place" else raw.with_name("out.h5")
    whole, before = content(raw), raw.read_bytes()
    target = ["--in-place"] if out == raw else ["-o", out, "--overwrite"]
    is_there = how != "new"

    def commands(turn: int) -> list[object]:
        if not is_there:
            out.unlink(missing_ok=True)
        return ["repack", raw, "-q", "--filter", f"gzip:{1 + turn % 2}", *target]

    def check() -> None:
        assert out == raw or raw.read_bytes() == before
        assert out.exists() or not is_there
        if out.exists():
            assert content(out) == whole
        left_over(raw.parent, {raw.name, out.name})

    killed_at_random(killer, commands, check, KILLS // 9)
    assert killer.run(commands(0))[0] == 0
    assert content(out) == whole


@pytest.mark.slow
def test_batch_leaves_whole_files_and_goes_on(killer, tmp_path):
    make_raw(tmp_path, 6)
    raw, out = tmp_path / "raw", tmp_path / "out"
    inputs = {path: path.read_bytes() for path in raw.iterdir()}
    command = [
        "batch", "convert", *sorted(inputs), "--recipe", tmp_path / "scan.nx.yaml", "--source",
        "raw", "-o", out / "{stem}.nxs", "-q", "-x", "local:2",
    ]  # fmt: skip
    assert killer.run(command)[0] == 0
    names = {path.name for path in out.iterdir()}
    whole = {path.name: content(path) for path in out.glob("*.nxs")}
    assert len(whole) == 6

    def commands(turn: int) -> list[object]:
        if turn % 4 == 0:
            shutil.rmtree(out, ignore_errors=True)
        return [*command, "--redo", "all"]

    def check() -> None:
        assert {path: path.read_bytes() for path in raw.iterdir()} == inputs
        for path in out.glob("*.nxs"):
            assert content(path) == whole[path.name]
        if out.exists():
            left_over(out, names)

    killed_at_random(killer, commands, check, KILLS // 3)
    assert killer.run(command)[0] == 0
    assert {path.name: content(path) for path in out.glob("*.nxs")} == whole
    assert all(".json." in name for name in left_over(out, names))  # of records, which are small
