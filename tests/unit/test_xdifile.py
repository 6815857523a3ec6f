"""XDI files: columns with units, header fields, the user's comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.formats import format_of
from nxtool.sources.xdifile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

TEXT = """\
# XDI/1.0 GSE/1.0
# Column.1: energy eV
# Column.2: i0
# Element.symbol: Cu
# Mono.d_spacing: 3.13553
# Scan.start_time: 2026-01-05T10:00:00
# ///
# Cu foil
# at 77 K
#------
# energy i0
8979 1.5
8980 2
"""


@pytest.fixture
def read(tmp_path):
    def opened(text=TEXT):
        (tmp_path / "a.xdi").write_text(text)
        return opener({})(tmp_path / "a.xdi")

    return opened


@pytest.mark.parametrize(
    ("selector", "units", "value"),
    [
        ("energy", "eV", [8979, 8980]),
        ("i0", None, [1.5, 2]),
        ("2", None, [1.5, 2]),
        ("#Element.symbol", None, "Cu"),
        ("#element.Symbol", None, "Cu"),
        ("#Mono.d_spacing", None, 3.13553),
        ("#Scan.start_time", None, "2026-01-05T10:00:00"),
        ("#comments", None, "Cu foil\nat 77 K"),
    ],
)
def test_columns_and_fields_are_found(read, selector, units, value):
    array = read().array(selector)
    assert array.info.units == units
    assert array.read(0, 9).tolist() == value


def test_keys_name_columns_and_fields(read):
    assert list(read().keys()) == [
        *("energy", "i0", "#Column.1", "#Column.2", "#Element.symbol", "#Mono.d_spacing"),
        *("#Scan.start_time", "#comments"),
    ]


def test_the_format_is_known_by_its_first_line(read, tmp_path):
    read()
    (tmp_path / "a.dat").write_text(TEXT)
    assert [format_of(tmp_path / name) for name in ("a.xdi", "a.dat")] == ["xdi", "xdi"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# x\n1 2\n", ": is no XDI file (it begins with # XDI/1.0)"),
        ("# XDI/1.0\n", ": there are no columns in it"),
        (TEXT + "1\n", ":14:1: 1 values, but 2 columns (the line is damaged or cut off)"),
        (TEXT + "1 x\n", ":14:1: '1 x' are not numbers (the line is damaged or cut off)"),
    ],
)
def test_damage_is_told(read, tmp_path, text, message):
    with pytest.raises(SourceError) as error:
        read(text)
    assert str(error.value) == f"{tmp_path}/a.xdi{message}"


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("energi", "no column 'energi' (did you mean energy?)"),
        ("#Element.symbl", "no header key '#Element.symbl' (did you mean #Element.symbol?)"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(read, tmp_path, selector, message):
    with pytest.raises(SourceError) as error:
        read().array(selector)
    assert str(error.value) == f"{tmp_path}/a.xdi: {message}"


@many(200)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT) - 1), st.integers(0, 255))
def test_damage_gives_columns_or_a_source_error(tmp_path_factory, size, place, byte):
    content = bytearray(TEXT.encode())
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.xdi"
    read_damaged(opener({}), file, content[:size])
