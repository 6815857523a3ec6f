"""Files below folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.validate.collecting import files_below

SIGNATURE = b"\x89HDF\r\n\x1a\n"


def below(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in files_below(folder)]


@pytest.mark.parametrize("name", ["a.nxs", "a.H5", "a.hdf5", "a.hdf", "a.nx5", "scan.nxs.h5"])
def test_a_suffix_is_enough(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"damaged")
    assert below(tmp_path) == [name]


def test_so_is_the_signature(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_bytes(SIGNATURE + b"more")
    (tmp_path / "b.dat").write_bytes(b"other")
    (tmp_path / "c").write_bytes(b"")
    assert below(tmp_path) == ["a.dat"]


def test_files_are_sorted_folder_by_folder(tmp_path: Path) -> None:
    for name in ("b/2.h5", "b/1.h5", "a/3.h5", "z.h5"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert below(tmp_path) == ["z.h5", "a/3.h5", "b/1.h5", "b/2.h5"]


def test_hidden_folders_and_circles_of_links_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.h5").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert below(tmp_path) == []
