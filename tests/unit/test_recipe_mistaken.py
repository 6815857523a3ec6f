"""Whoever names something else than a recipe is told what it is, and how to go on."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from nxtool.errors import RecipeError
from nxtool.recipe.include import load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(name: str) -> str:
    with pytest.raises(RecipeError) as caught:
        load(Path(name))
    return str(caught.value)


def test_raw_data_in_hdf5_is_told_as_such() -> None:
    h5py.File("scan.h5", "w").close()
    assert told("scan.h5") == (
        "scan.h5: is an HDF5 file, not a recipe (if it is raw data, `nxtool new --source "
        "data=scan.h5` begins a recipe with it; `nxtool validate` judges a NeXus file)"
    )


def test_other_binary_data_are_no_recipe(folder: Path) -> None:
    folder.joinpath("frame.tif").write_bytes(b"II*\0\x08\0\0\0")
    assert told("frame.tif") == (
        "frame.tif: is not text, so it is no recipe (if it is raw data, `nxtool new --source "
        "data=frame.tif` begins a recipe with it)"
    )


def test_text_in_another_encoding_is_still_told_by_that(folder: Path) -> None:
    folder.joinpath("a.yaml").write_text("nxtool: 1\n", encoding="utf-16")
    assert told("a.yaml") == "a.yaml:1:1: this is not UTF-8 text (save the file as UTF-8)"


def test_a_table_is_told_how_to_become_a_source(folder: Path) -> None:
    folder.joinpath("log.csv").write_text("angle,counts\n1,2\n")
    assert told("log.csv") == (
        "log.csv:1:1: a recipe is a mapping of names to values, not text (if it is raw data, "
        "`nxtool new --source data=log.csv` begins a recipe with it)"
    )


def test_of_a_folder_its_recipes_are_named(folder: Path) -> None:
    assert told(".") == ".: is a folder (name a recipe)"
    folder.joinpath("demo").mkdir()
    folder.joinpath("demo/scan.nx.yaml").touch()
    assert told("demo") == "demo: is a folder (name the recipe in it: demo/scan.nx.yaml)"


def test_of_a_missing_file_what_may_be_meant_is_named(folder: Path) -> None:
    missing = "no such file or directory"
    assert told("scan.nx.yaml") == f"scan.nx.yaml: {missing} (check the name)"
    folder.joinpath("skan.nx.yaml").touch()
    assert told("scan.nx.yaml") == f"scan.nx.yaml: {missing} (did you mean skan.nx.yaml?)"
    folder.joinpath("demo").mkdir()
    folder.joinpath("demo/scan.nx.yaml").touch()
    assert told("scan.nx.yaml") == f"scan.nx.yaml: {missing} (did you mean demo/scan.nx.yaml?)"
    assert told("none/scan.nx.yaml") == f"none/scan.nx.yaml: {missing} (there is no folder none)"
