"""JCAMP-DX files: spectra with axes, units and header, damage always told."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.jcampfile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

jcamp = pytest.importorskip("jcamp")

TEXT = """\
##TITLE=polystyrene
##JCAMP-DX=4.24
##DATA TYPE=INFRARED SPECTRUM
##ORIGIN=lab 3
##RESOLUTION=4.0
##XUNITS=1/CM
##YUNITS=ABSORBANCE
##XFACTOR=1.0
##YFACTOR=0.5
##FIRSTX=400
##LASTX=500
##NPOINTS=5
##XYDATA=(X++(Y..Y))
400 1 2 3
475 4 5
##END=
"""
LINKED = (
    "##TITLE=two\n##JCAMP-DX=5.01\n##DATA TYPE=LINK\n##BLOCKS=2\n"
    + TEXT
    + TEXT.replace("polystyrene", "air")
    + "##END=\n"
)


@pytest.fixture
def read(tmp_path):
    def opened(text=TEXT):
        (tmp_path / "a.jdx").write_text(text)
        return opener({})(tmp_path / "a.jdx")

    return opened


@pytest.mark.parametrize(
    ("selector", "units", "value"),
    [
        ("", "ABSORBANCE", [0.5, 1, 1.5, 2, 2.5]),
        ("x", "1/CM", [400, 425, 450, 475, 500]),
        ("#title", None, "polystyrene"),
        ("#resolution", None, 4),
        ("#npoints", None, 5),
    ],
)
def test_a_spectrum_has_values_axis_and_header(read, selector, units, value):
    array = read().array(selector)
    assert array.info.units == units
    assert array.read(0, 9).tolist() == value


def test_what_the_library_writes_is_read(read):
    written = {
        "title": "x", "jcamp-dx": 4.24, "data type": "INFRARED SPECTRUM", "xunits": "1/CM",
        "yunits": "A", "x": np.array([1.0, 2, 3]), "y": np.array([4.0, 5, 6]), "firstx": 1,
        "lastx": 3, "npoints": 3, "xfactor": 1, "yfactor": 1, "xydata": "(X++(Y..Y))", "end": "",
    }  # fmt: skip
    assert read(jcamp.write(written)).array().read(0, 9).tolist() == [4, 5, 6]


def test_spectra_of_a_linked_file_go_by_number(read):
    reader = read(LINKED)
    assert reader.array("2").read(0, 9).tolist() == [0.5, 1, 1.5, 2, 2.5]
    assert reader.array("2:#title").read(0, 1)[()] == "air"
    assert list(reader.keys())[:2] == ["1", "1:x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("475 4 5\n", ""), "the spectrum has 3 of 5 points"),
        (TEXT.replace("##END=\n", ""), "the spectrum has 5 of 5 points, and no end"),
        (
            TEXT.replace("475 4", "485 4"),
            "X-Check failed. Expected value is 485.0 but 475.0 has been calculated.",
        ),
        (TEXT.replace("NPOINTS=5", "NPOINTS=1e12"), "it claims more than 20000000 points"),
        (TEXT.replace("475 4 5", "475 4S99999999"), "it claims more than 20000000 points"),
        ("", "the spectrum has 0 of 0 points"),
    ],
)
def test_damage_is_told(read, tmp_path, text, message):
    with pytest.raises(SourceError) as error:
        read(text)
    assert str(error.value) == f"{tmp_path}/a.jdx: jcamp cannot read it: {message}"


@many(200)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT) - 1), st.integers(0, 255))
def test_damage_gives_spectra_or_a_source_error(tmp_path_factory, size, place, byte):
    content = bytearray(TEXT.encode())
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.jdx"
    read_damaged(opener({}), file, content[:size])


def test_without_jcamp_it_is_said_what_to_install(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "jcamp", None)
    with pytest.raises(MissingExtra) as error:
        read()
    assert str(error.value) == (
        "reading the spectrum a.jdx needs an optional package (pip install 'nxtool[spectra]')"
    )
