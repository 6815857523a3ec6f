"""SPEC files: scans, columns, motors and header text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.specfile import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

TEXT = """\
#F run.spec
#D Mon Jan 05 10:00:00 2026
#O0 Two Theta  chi
#O1 phi
#o0 tth chi
#o1 phi

#S 1  ascan tth 0 1 2 1
#D Mon Jan 05 10:01:00 2026
#P0 1.5 2
#P1 -3
#N 2
#L Two Theta  I0
0 10
@A 1 2 3\\
 4 5 6
0.5 11
#C a comment

#S 2  ascan tth 0 1 2 1
#D Mon Jan 05 10:02:00 2026
#N 2
#L Two Theta  I0
#C aborted

#S 1  loopscan 1
#L x
7
"""


@pytest.fixture
def spec(tmp_path):
    def write(text=TEXT):
        (tmp_path / "a.spec").write_text(text)
        return opener({})(tmp_path / "a.spec")

    return write


def value(reader, selector):
    return reader.array(selector).read(0, 1)[()]


def test_a_column_is_found_by_scan_and_name(spec):
    array = spec().array("1:Two Theta")
    assert array.info.dtype == np.float64
    assert array.read(0, 9).tolist() == [0, 0.5]


def test_an_aborted_scan_has_empty_columns(spec):
    assert spec().array("2:I0").info.shape == (0,)


def test_a_number_that_comes_again_is_counted(spec):
    assert spec().array("1.2:x").read(0, 1).tolist() == [7]


@pytest.mark.parametrize(("motor", "position"), [("Two Theta", 1.5), ("tth", 1.5), ("phi", -3)])
def test_a_motor_is_found_by_name_and_mnemonic(spec, motor, position):
    assert value(spec(), f"1:@{motor}") == position


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("date", "Mon Jan 05 10:01:00 2026"),
        ("title", "ascan tth 0 1 2 1"),
        ("N", "2"),
        ("C", "a comment"),
    ],
)
def test_header_text_is_kept(spec, key, text):
    assert value(spec(), f"1:#{key}") == text


def test_the_header_is_kept_whole(spec):
    assert value(spec(), "1.2:#header") == "#S 1  loopscan 1\n#L x"


def test_keys_name_columns_motors_and_header(spec):
    keys = list(spec().keys())
    assert keys[:8] == [
        *("1:Two Theta", "1:I0", "1:@Two Theta", "1:@chi", "1:@phi"),
        *("1:#title", "1:#date", "1:#header"),
    ]


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("4:I0", "no scan '4' (there is 1, 2, 1.2)"),
        ("1:Two Teta", "scan 1: no column 'Two Teta' (did you mean Two Theta?)"),
        ("1:@ph", "scan 1: no motor 'ph' (did you mean phi?)"),
        ("1:#dat", "scan 1: no header key '#dat' (did you mean date?)"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(spec, tmp_path, selector, message):
    with pytest.raises(SourceError) as error:
        spec().array(selector)
    assert str(error.value) == f"{tmp_path}/a.spec: {message}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1", "1 values, but scan 1 has 2 columns"),
        ("1 x", "'x' is not a number"),
        ("#S x", "a scan without a number"),
        ("1 \0", "is not text"),
    ],
)
def test_a_damaged_line_is_told_with_its_place(spec, tmp_path, line, message):
    with pytest.raises(SourceError) as error:
        spec(f"#S 1  scan\n#L a  b\n1 2\n{line}\n")
    assert str(error.value) == (
        f"{tmp_path}/a.spec:4:1: {message} (the line is damaged or cut off)"
    )


def test_a_file_without_a_scan_is_refused(spec, tmp_path):
    with pytest.raises(SourceError) as error:
        spec("#F a\n")
    assert str(error.value) == (
        f"{tmp_path}/a.spec: there is no scan in it (no line starts with #S)"
    )


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("demo_specdata", {"233": 20}),
        ("spec1", {"1": 41}),
        ("spec2", {"1": 15, "3": 10}),
        ("spec_tunes", {"5": 30, "4": 30}),
        ("spec_databroker", {"1152": 10}),
    ],
)
def test_real_files_give_their_points(corpus, name, points):
    reader = opener({})(corpus / "raw" / f"{name}.dat")
    found = {}
    for scan in reader.scans.values():
        (found[scan.name],) = {scan.column(column).shape[0] for column in scan.columns}
    assert found == points


@many(200)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT) - 1), st.integers(0, 255))
def test_damage_gives_scans_or_a_source_error(tmp_path_factory, size, place, byte):
    content = bytearray(TEXT.encode())
    content[place] = byte
    file = tmp_path_factory.getbasetemp() / "damaged.spec"
    read_damaged(opener({}), file, content[:size])
