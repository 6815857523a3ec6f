"""Files are found, ordered by their numbers, and a gap is an error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.naturalsort import check_series, find_files, is_pattern, natural_key


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"")


@given(st.lists(st.integers(0, 10**6), min_size=2, unique=True))
def test_names_sort_as_their_numbers_do(numbers):
    names = [f"scan_{number}.tif" for number in numbers]
    assert sorted(names, key=natural_key) == [f"scan_{number}.tif" for number in sorted(numbers)]


def test_a_glob_gives_the_files_in_natural_order(tmp_path):
    touch(tmp_path, "a10.tif", "a9.tif", "b1.tif")
    assert [file.name for file in find_files("a*.tif", tmp_path)] == ["a9.tif", "a10.tif"]


def test_a_glob_may_cross_folders(tmp_path):
    (tmp_path / "run_1").mkdir()
    touch(tmp_path / "run_1", "a.tif")
    assert find_files("run_*/a.tif", tmp_path) == (tmp_path / "run_1" / "a.tif",)


def test_a_pattern_crosses_any_folders_but_once(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    touch(tmp_path / "a" / "b", "c.tif")
    assert find_files("**/c.tif", tmp_path) == (tmp_path / "a" / "b" / "c.tif",)
    with pytest.raises(SourceError) as caught:
        find_files("**/b/**/c.tif", tmp_path)
    assert caught.value.message == f"{tmp_path}/**/b/**/c.tif: ** stands there twice"


def test_a_file_whose_name_has_brackets_is_itself(tmp_path):
    touch(tmp_path, "scan[1].tif", "scan1.tif")
    assert find_files("scan[1].tif", tmp_path) == (tmp_path / "scan[1].tif",)
    assert not is_pattern("scan[1].tif", tmp_path)


def test_a_missing_file_is_named_with_its_neighbour(tmp_path):
    touch(tmp_path, "scan_1.csv")
    with pytest.raises(SourceError) as error:
        find_files("scan_7.csv", tmp_path)
    assert str(error.value) == f"{tmp_path}/scan_7.csv: no such file (did you mean scan_1.csv?)"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SourceError) as error:
        find_files("raw/a.csv", tmp_path)
    assert str(error.value) == (
        f"{tmp_path}/raw/a.csv: no such file (there is no folder {tmp_path}/raw)"
    )


def test_a_folder_is_not_a_file(tmp_path):
    (tmp_path / "raw").mkdir()
    with pytest.raises(SourceError) as error:
        find_files("raw", tmp_path)
    assert str(error.value) == f"{tmp_path}/raw: is a folder (name its files: raw/*.tif)"
    for name in ("a.h5", "b.h5", "log.txt"):
        (tmp_path / "raw" / name).touch()
    with pytest.raises(SourceError) as error:
        find_files("raw", tmp_path)
    assert str(error.value) == f"{tmp_path}/raw: is a folder (name its files: raw/*.h5)"


def test_a_glob_without_a_match_names_what_is_there(tmp_path):
    touch(tmp_path, "frame_1.cbf")
    with pytest.raises(SourceError) as error:
        find_files("*.tif", tmp_path)
    assert str(error.value) == f"{tmp_path}/*.tif: no file matches (there is frame_1.cbf)"


def test_a_gap_is_named():
    with pytest.raises(SourceError) as error:
        check_series([Path(f"/raw/a_{number:03d}.tif") for number in (1, 2, 4)])
    assert str(error.value) == (
        "/raw: the series a_001.tif to a_004.tif lacks number 3"
        " (write `missing: skip` if that is meant)"
    )


def test_a_large_gap_is_named_in_part():
    with pytest.raises(SourceError) as error:
        check_series([Path(f"/raw/a_{number}.tif") for number in (1, 3, 10**12)])
    assert error.value.message == (
        "/raw: the series a_1.tif to a_1000000000000.tif lacks"
        " numbers 2, 4, 5, 6, 7 and 999999999992 more"
    )


def test_two_files_with_one_number_are_refused():
    with pytest.raises(SourceError) as error:
        check_series([Path("/raw/a_01.tif"), Path("/raw/a_1.tif")])
    assert str(error.value) == "/raw/a_1.tif: has the same number as a_01.tif"


@pytest.mark.parametrize(
    "names",
    [("a_1.tif",), ("a.tif", "b.tif"), ("a_1.tif", "b_3.tif"), ("a_1_1.tif", "a_3_3.tif"), ()],
)
def test_names_that_are_no_series_pass(names):
    check_series([Path(name) for name in names])


@pytest.mark.parametrize(
    ("name", "reason"), [("x" * 300, "file name too long"), ("a/" * 3000, "file name too long")]
)
def test_what_no_file_can_be_called_is_told(name, reason, tmp_path):
    with pytest.raises(SourceError) as caught:
        find_files(name, tmp_path)
    assert (caught.value.message, caught.value.hint) == (
        f"{tmp_path / name}: {reason}", "check the name",
    )  # fmt: skip
