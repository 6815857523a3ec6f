"""Small files for the command line to work on, and a way to run it in this process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pytest

from nxtool.cli import main


class Outcome(NamedTuple):
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
    monkeypatch.delenv("NEXUS_DEF_PATH", raising=False)


@pytest.fixture
def nxtool(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs the command line with some arguments."""

    def run(*arguments: object) -> Outcome:
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    """A file without an error, judged by the base classes, with a default plot."""
    path = tmp_path / "valid.nxs"
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = _group(file, "entry", "NXentry", default="data")
        entry["title"] = "a scan"
        data = _group(entry, "data", "NXdata", signal="counts", axes=["x"])
        data["counts"] = np.arange(50)
        data["x"] = np.linspace(0.0, 1.0, 50)
        data["x"].attrs["units"] = "mm"
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB; needs to be root on Linux."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def invalid(tmp_path: Path) -> Path:
    """A file with an error: the signal of its NXdata does not exist."""
    path = tmp_path / "invalid.nxs"
    with h5py.File(path, "w") as file:
        entry = _group(file, "entry", "NXentry")
        _group(entry, "data", "NXdata", signal="nothing")
    return path


@pytest.fixture
def truncated(valid: Path) -> Path:
    """A file that was cut in the middle."""
    path = valid.with_name("truncated.nxs")
    content = valid.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def _group(parent: h5py.Group, name: str, nx_class: str, **attributes: object) -> h5py.Group:
    group = parent.create_group(name)
    group.attrs["NX_class"] = nx_class
    for key, value in attributes.items():
        group.attrs[key] = value
    return group
