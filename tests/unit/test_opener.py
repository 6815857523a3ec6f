"""A source is opened by what the author asks for."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.formats import SOURCES, format_of, reader_of
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import load_opener, open_source


def error_of(folder, path, **options):
    with pytest.raises(SourceError) as error:
        open_source(SourceSpec(path, **options), folder)
    return str(error.value)


def test_importing_the_opener_loads_no_reader():
    code = (
        "import sys, nxtool.sources.opener;"
        "print(sorted({'h5py', 'fabio', 'pyarrow', 'tifffile', 'zarr', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.nxs", b"", "hdf5"),
        ("a.TIFF", b"", "tiff"),
        ("a.csv", b"", "csv"),
        ("a.master", b"\x89HDF\r\n\x1a\n", "hdf5"),
        ("a.image", b"MM\0*", "tiff"),
        ("a.dat", b"1 2\n", "csv"),
        ("a.dat", b"#F run\n", "spec"),
        ("a", b"#S 1 scan\n", "spec"),
        ("a.spc", b"#F run\n", "spec"),
        ("a.spc", b"#C begins so\n", "spec"),
        ("a.spc", b"\x04\x4b\0\x80", "spc"),
        ("a.edf", b"", "edf"),
        ("a", b"{\nHeaderID = EH:000001 ;", "edf"),
        ("a", b"###CBF: VERSION", "image"),
        ("a", b"\x93NUMPY", "npy"),
    ],
)
def test_the_format_is_known_by_suffix_or_first_bytes(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    assert format_of(tmp_path / name) == expected


def test_format_overrules_the_suffix(tmp_path):
    (tmp_path / "a.tif").write_text("x,y\n1,2\n")
    with open_source(SourceSpec("a.tif", format="csv"), tmp_path) as source:
        assert source.format == "csv"


def test_an_unknown_format_names_the_nearest(tmp_path):
    (tmp_path / "a").write_text("x")
    assert error_of(tmp_path, "a", format="tif") == "no format 'tif' (did you mean tiff, sif?)"


def test_a_file_of_no_known_format_is_told_with_those_there_are(tmp_path):
    (tmp_path / "a.xyz").write_text("x")
    assert error_of(tmp_path, "a.xyz") == (
        f"{tmp_path}/a.xyz: of no known format (set `format` to one of {', '.join(SOURCES)})"
    )


@pytest.mark.parametrize("name", SOURCES)
def test_every_format_refuses_an_unknown_option(name):
    with pytest.raises(SourceError) as error:
        load_opener(name, {"colour": 1})
    assert error.value.message == f"format {name} has no option 'colour'"


def test_an_image_without_fabio_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fabio", None)
    (tmp_path / "a.cbf").write_bytes(b"")
    with pytest.raises(MissingExtra) as error:
        open_source(SourceSpec("a.cbf"), tmp_path)
    assert str(error.value) == (
        "reading the image a.cbf needs an optional package (pip install 'nxtool[images]')"
    )


def test_a_packed_tiff_without_tifffile_says_what_to_install(tmp_path, monkeypatch):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8), compression="zlib")
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(MissingExtra) as error:
        open_source(SourceSpec("a.tif"), tmp_path)
    assert str(error.value) == (
        "reading the compressed TIFF a.tif needs an optional package (pip install 'nxtool[images]')"
    )


def test_a_dataset_may_stand_behind_the_file(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x/y"], file["z"] = [1, 2], 3
    with open_source(SourceSpec("a.h5:/x/y"), tmp_path) as source:
        assert source.array().read(0, 2).tolist() == [1, 2]


SELECT = (
    "(name the file alone, and what of it is meant where that is used, as `from: SOURCE:SELECTOR`;"
    " `nxtool sources FILE` lists the selectors)"
)


@pytest.mark.parametrize("format_name", ["csv", ""])
def test_other_files_have_no_datasets_inside_but_selectors(tmp_path, format_name):
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert error_of(tmp_path, "a.csv:/x", format=format_name) == (
        f"a.csv:/x: format csv has no datasets inside a file {SELECT}"
    )


def test_an_option_for_data_inside_a_file_is_answered_with_selectors(tmp_path):
    (tmp_path / "a.yaml").write_text("x: 1")
    assert error_of(tmp_path, "a.yaml", options={"dataset": "/x"}) == (
        f"format yaml has no option 'dataset' {SELECT}"
    )


def test_a_damaged_file_shows_when_the_source_is_opened(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"")
    assert error_of(tmp_path, "a.h5") == f"{tmp_path}/a.h5: is empty (was the writer stopped?)"


def test_the_reader_of_a_format_is_told_with_its_package():
    assert reader_of("csv") == "nxtool.sources.csvfile"
    assert reader_of("npy") == f"nxtool.sources.npy, numpy {np.__version__}"
    assert reader_of("hdf5") == f"nxtool.sources.hdf5file, h5py {h5py.__version__}"
