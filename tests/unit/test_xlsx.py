"""Excel workbooks: columns of sheets."""

import datetime
import sys
import zipfile

import numpy as np
import pytest

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources import xlsx
from nxtool.sources.xlsx import _place, opener

openpyxl = pytest.importorskip("openpyxl")

ROWS = [
    ["theta [deg]", "count", "name", "when", "on"],
    [0.5, 1, "a", datetime.datetime(2026, 1, 5, 10), True],  # noqa: DTZ001
    [],
    [1.5, 2, "b", datetime.datetime(2026, 1, 5, 11), False],  # noqa: DTZ001
]


@pytest.fixture
def write(tmp_path):
    def written(sheets=None):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in (sheets or {"Log": ROWS}).items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return tmp_path / "a.xlsx"

    return written


@pytest.mark.parametrize(
    ("column", "dtype", "units", "values"),
    [
        ("theta", np.float64, "deg", [0.5, 1.5]),
        ("theta [deg]", np.float64, "deg", [0.5, 1.5]),
        ("count", np.int64, None, [1, 2]),
        ("2", np.int64, None, [1, 2]),
        ("name", object, None, ["a", "b"]),
        ("when", object, None, ["2026-01-05T10:00:00", "2026-01-05T11:00:00"]),
        ("on", np.bool_, None, [True, False]),
        ("Log!count", np.int64, None, [1, 2]),
    ],
)
def test_a_column_is_found_by_name_or_number(write, column, dtype, units, values):
    reader = opener({})(write())
    array = reader.array(column)
    reader.close()
    assert (array.info.dtype, array.info.units) == (dtype, units)
    assert array.read(0, 9).tolist() == values


def test_keys_name_the_sheet_where_there_are_several(write):
    reader = opener({})(write({"A": [["x"], [1]], "B": [[1, 2.5]]}))
    assert list(reader.keys()) == ["A!x", "B!1", "B!2"]
    assert reader.array("B!2").read(0, 9).tolist() == [2.5]
    reader.close()


@pytest.mark.parametrize(
    ("sheets", "selector", "message"),
    [
        ({"A": ROWS}, "coun", "sheet A: no column 'coun' (did you mean count, on?)"),
        ({"A": ROWS, "B": []}, "C!x", "no sheet 'C' (there is A, B)"),
        ({"A": ROWS, "B": []}, "count", "no sheet '' (there is A, B)"),
        (
            {"A": [["x", "x"], [1, 2]]},
            "x",
            "sheet A: there are 2 columns 'x' (take column 1 by its number)",
        ),
        (
            {"A": [["x", "y"], [1, 2], [None, 3]]},
            "x",
            "sheet A: cell A3 is empty (a formula has a value once a program has computed it)",
        ),
        ({"A": [["x"], [1], ["b"]]}, "x", "sheet A: cell A3 is 'b', above it are numbers"),
    ],
)
def test_what_is_no_column_is_told(write, sheets, selector, message):
    file = write(sheets)
    reader = opener({})(file)
    with pytest.raises(SourceError) as error:
        reader.array(selector)
    reader.close()
    assert str(error.value) == f"{file}: {message}"


def test_cells_have_the_names_of_excel():
    assert [_place(index, 3) for index in (0, 25, 26, 27, 701, 702)] == [
        *("A3", "Z3", "AA3", "AB3", "ZZ3", "AAA3"),
    ]


def test_too_many_cells_are_refused(write, monkeypatch):
    monkeypatch.setattr(xlsx, "_CELLS", 10)
    file = write()
    reader = opener({})(file)
    with pytest.raises(SourceError) as error:
        reader.array("count")
    reader.close()
    assert str(error.value) == f"{file}: sheet Log has more than 10 cells"


def test_a_file_that_unpacks_to_too_much_is_refused(write, monkeypatch):
    monkeypatch.setattr(xlsx, "_UNPACKED", 1 << 20)
    file = write()
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b" " * (2 << 20))
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == f"{file}: unpacks to more than 1 MiB"


def test_entities_that_explode_are_refused(write):
    file = write()
    lol = '<!DOCTYPE a [<!ENTITY a0 "' + "x" * 100 + '">'
    for number in range(1, 10):
        lol += f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">'
    cells = "<sheetData><row><c t='str'><v>&a9;</v></c></row></sheetData>"
    bomb = f"{lol}]><worksheet>{cells}</worksheet>"
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, bomb if name.endswith("sheet1.xml") else text)
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert error.value.message.startswith(f"{file}: openpyxl cannot read it: ")


@pytest.mark.parametrize("size", [0, 100, -30])
def test_a_truncated_file_is_refused(write, size):
    file = write()
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(SourceError) as error:
        opener({})(file)
    assert str(error.value) == f"{file}: is no sound zip archive: File is not a zip file"


def test_another_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x", "y")
    with pytest.raises(SourceError) as error:
        opener({})(tmp_path / "a.xlsx")
    assert str(error.value) == (
        f"{tmp_path}/a.xlsx: openpyxl cannot read it:"
        " \"There is no item named '[Content_Types].xml' in the archive\""
    )


def test_without_openpyxl_it_is_said_what_to_install(write, monkeypatch):
    file = write()
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra) as error:
        opener({})(file)
    assert str(error.value) == (
        "reading the table a.xlsx needs an optional package (pip install 'nxtool[tables]')"
    )
