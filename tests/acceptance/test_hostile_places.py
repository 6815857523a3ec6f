"""Results in places where others can write, or where the disk refuses: links, names, renaming."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import pytest

import nxtool as library
from tests.batchfiles import PYTHONPATH, RECIPE, make_raw

NOBODY = 65534


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A recipe, with its raw file beside it."""
    make_raw(tmp_path, 1)
    (tmp_path / "model.h5").rename(tmp_path / "raw.h5")
    shutil.rmtree(tmp_path / "raw")
    return tmp_path / "scan.nx.yaml"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file that nobody asked to change."""
    path = tmp_path / "elsewhere" / "victim.txt"
    path.parent.mkdir()
    path.write_text("precious")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# links


def test_an_output_that_is_a_link_is_replaced_and_what_it_leads_to_kept(nxtool, scan, victim):
    out = scan.with_name("out.nxs")
    out.symlink_to(victim)
    assert nxtool("convert", scan, "-q", "-o", out).err == (
        f"error: {out}: exists already\n  → --overwrite replaces it\n"
    )
    assert nxtool("convert", scan, "-q", "-o", out, "--overwrite").code == 0
    assert victim.read_text() == "precious"
    assert not out.is_symlink()
    assert library.validate(out).ok


@pytest.mark.parametrize("folder", [".", "there"])
@pytest.mark.parametrize("command", ["convert", "repack", "edit"])
def test_an_output_that_is_a_folder_is_refused_at_once(nxtool, scan, monkeypatch, command, folder):
    monkeypatch.chdir(scan.parent)
    Path("there").mkdir()
    assert nxtool("convert", scan, "-q", "-o", "a.nxs").code == 0
    source = scan if command == "convert" else "a.nxs"
    change = ["--set", "/entry/title=x"] if command == "edit" else []
    for options in ([], ["--overwrite"]):
        done = nxtool(command, source, *change, "-o", folder, *options)
        hint = f"name a file in it, like {Path(folder) / 'NAME.nxs'}"
        assert (done.code, done.err) == (2, f"error: {folder}: is a folder\n  → {hint}\n")
    assert names(scan.parent) == ["a.nxs", "raw.h5", "scan.nx.yaml", "there"]


def test_an_output_that_is_a_link_to_nothing_makes_nothing_there(nxtool, scan, victim):
    out = scan.with_name("out.nxs")
    out.symlink_to(victim.with_name("new.nxs"))
    assert nxtool("convert", scan, "-q", "-o", out).code == 0
    assert not out.is_symlink()
    assert names(victim.parent) == ["victim.txt"]


@pytest.mark.parametrize("command", ["convert", "repack"])
def test_a_link_in_the_place_of_an_unfinished_file_is_not_followed(nxtool, scan, victim, command):
    out = scan.with_name("out.nxs")
    out.with_name(f".out.nxs.{os.getpid()}.part").symlink_to(victim)
    source = scan if command == "convert" else scan.with_name("raw.h5")
    assert nxtool(command, source, "-q", "-o", out).code == 0
    assert victim.read_text() == "precious"
    assert names(scan.parent) == ["elsewhere", "out.nxs", "raw.h5", "scan.nx.yaml"]


def test_a_link_that_comes_at_the_last_moment_is_not_followed(nxtool, scan, victim, monkeypatch):
    """Between taking away what is in the way and making the file, as others may in /tmp."""
    removed = Path.unlink

    def plant(path: Path, missing_ok: bool = False) -> None:
        removed(path, missing_ok=missing_ok)
        if path.suffix == ".part":
            monkeypatch.undo()
            path.symlink_to(victim)

    out = scan.with_name("out.nxs")
    monkeypatch.setattr(Path, "unlink", plant)
    done = nxtool("convert", scan, "-q", "-o", out)
    assert done.code == 2
    part = out.with_name(f".out.nxs.{os.getpid()}.part")
    assert done.err.startswith(f"error: {part}: cannot be written: ")
    assert "File exists" in done.err
    assert victim.read_text() == "precious"
    assert not out.exists()
    assert not part.is_symlink()


def test_a_recipe_cannot_leave_its_folder_by_a_link(nxtool, scan, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    scan.with_name("way").symlink_to(elsewhere)
    scan.write_text(RECIPE + "output: way/out.nxs\n")
    assert nxtool("convert", scan, "-q").err == (
        f"error: {scan}: output 'way/out.nxs' leaves the folder of the recipe\n"
        "  → if you mean it, give -o way/out.nxs\n"
    )
    assert names(elsewhere) == []


# renaming, as file servers refuse it

FAILURES = {
    errno.EIO: "Input/output error",
    errno.ESTALE: "Stale file handle",
    errno.EXDEV: "Invalid cross-device link",
}
COMMANDS = {
    "convert": ("convert", "scan.nx.yaml", "-q", "-o", "out.nxs", "--overwrite"),
    "repack": ("repack", "raw.h5", "-q", "-o", "out.nxs", "--overwrite", "--filter", "gzip:1"),
    "repack in place": ("repack", "out.nxs", "-q", "--in-place", "--filter", "gzip:1"),
    "edit": ("edit", "out.nxs", "-q", "--set", "/entry/title=another"),
}


@pytest.mark.parametrize(
    "number",
    [n if n == errno.ESTALE else pytest.param(n, marks=pytest.mark.slow) for n in FAILURES],
    ids=errno.errorcode.get,
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_result_that_cannot_get_its_name_leaves_what_was_there(
    nxtool, scan, monkeypatch, number, command
):
    monkeypatch.chdir(scan.parent)
    assert nxtool("convert", "scan.nx.yaml", "-q", "-o", "out.nxs").code == 0
    before, there = Path("out.nxs").read_bytes(), names(scan.parent)

    def refuse(_old: object, new: object) -> None:
        raise OSError(number, os.strerror(number), str(new))

    with monkeypatch.context() as patch:
        for place in (os, Path):
            patch.setattr(place, "replace", refuse)
            patch.setattr(place, "rename", refuse)
        done = nxtool(*COMMANDS[command])
    assert done.code == 2
    assert f"[Errno {number}] {FAILURES[number]}: " in done.err
    assert done.err.splitlines()[0].startswith("error: ")
    assert done.err.splitlines()[1:] == ["  → check folder and disk"]
    assert Path("out.nxs").read_bytes() == before
    assert names(scan.parent) == there
    assert nxtool(*COMMANDS[command]).code == 0


def test_a_batch_tells_that_a_result_could_not_get_its_name(nxtool, tmp_path, monkeypatch):
    from nxtool.batch.planning import plan
    from nxtool.batch.work import perform_all
    from tests.batchfiles import counted, wish

    make_raw(tmp_path, 2)
    tasks = plan(wish(tmp_path))

    def refuse(path: Path, target: Path) -> Path:
        if path.suffixes[-3:-2] == [".nxs"]:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(target))
        os.replace(path, target)  # noqa: PTH105 - it is what stands in the place of Path.replace
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        results = perform_all(tasks)
    assert counted(results) == {"failed": 2}
    out = tmp_path / "out" / "scan00000.nxs"
    assert results[0].message == (
        f"{out}: cannot be written: [Errno {errno.ESTALE}] Stale file handle: '{out}'"
    )
    assert not list(tmp_path.rglob("*.part")) + list(tmp_path.rglob("out/*.nxs"))
    assert counted(perform_all(tasks)) == {"good": 2}


# permissions


@pytest.mark.slow
def test_a_folder_of_someone_else_is_not_written_to(scan):
    if os.getuid():
        pytest.skip("needs the right to be someone else")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for file in (scan, scan.with_name("raw.h5")):
            shutil.copy(file, folder)
        command = [sys.executable, "-m", "nxtool", "convert", "scan.nx.yaml", "-o", "out.nxs"]
        try:
            done = subprocess.run(
                command, cwd=folder, user=NOBODY, group=NOBODY, capture_output=True, text=True,
                env={**os.environ, "PYTHONPATH": PYTHONPATH, "HOME": made, "XDG_CACHE_HOME": made},
                check=False,
            )  # fmt: skip
        except PermissionError:
            pytest.skip("this Python is for its owner alone")
        assert done.stderr == (
            f"error: {folder}: no permission to write\n  → choose another with -o\n"
        )
        assert done.returncode == 2
        assert names(folder) == ["raw.h5", "scan.nx.yaml"]


def test_a_source_without_permission_is_told(nxtool, scan, monkeypatch):
    raw = scan.with_name("raw.h5")
    raw.chmod(0)
    if os.access(raw, os.R_OK):
        pytest.skip("this user may read everything")
    assert "raw.h5" in nxtool("convert", scan, "-q", "-o", scan.with_name("out.nxs")).out


def test_the_raw_file_is_not_changed_by_reading_it(nxtool, scan):
    raw = scan.with_name("raw.h5")
    before = raw.read_bytes(), raw.stat().st_mtime_ns
    assert nxtool("convert", scan, "-q", "-o", scan.with_name("out.nxs")).code == 0
    assert (raw.read_bytes(), raw.stat().st_mtime_ns) == before
    with h5py.File(scan.with_name("out.nxs")) as file:
        assert file["entry/data/counts"].shape == (50,)
