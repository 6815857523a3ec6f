"""Cells of CSV texts and their places."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.batch.cells import rows_of
from nxtool.errors import NxtoolError


def texts(text: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in rows_of(text, "list.csv")]


def places(text: str) -> list[list[str]]:
    return [[str(cell.mark) for cell in row] for row in rows_of(text, "list.csv")]


def test_each_cell_has_its_line_and_column() -> None:
    assert places('a,b\n1,"x\ny",3\n4,5\n') == [
        ["list.csv:1:1", "list.csv:1:3"],
        ["list.csv:2:1", "list.csv:2:3", "list.csv:3:4"],
        ["list.csv:4:1", "list.csv:4:3"],
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_line_tells_what_separates(separator: str) -> None:
    assert texts(f'a{separator}b\n1{separator}"2, 3"\n') == [["a", "b"], ["1", "2, 3"]]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\n\n", []),
        ("a", [["a"]]),
        ("a,", [["a", ""]]),
        ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\n1,2", [["a", "b"], ["1", "2"]]),
        ('a\n" say ""hi"" "\n', [["a"], ['say "hi"']]),
    ],
)
def test_texts_are_read_as_spreadsheets_write_them(text: str, rows: list[list[str]]) -> None:
    assert texts(text) == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a\n"b', 'list.csv:2:1: this quote is not closed (end it with ")'),
        (
            'a\n"b"c',
            "list.csv:2:4: text follows the closing quote (quote the whole cell, and double quotes"
            " in it)",
        ),
    ],
)
def test_wrong_quotes_are_told_with_their_place(text: str, message: str) -> None:
    with pytest.raises(NxtoolError) as caught:
        texts(text)
    assert str(caught.value) == message


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.lists(words, min_size=2, max_size=4), min_size=1, max_size=5))
def test_what_the_standard_library_writes_is_read_back(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
    writer.writerow(["a", "b", "c", "d"])
    writer.writerows(rows)
    assert texts(stream.getvalue())[1:] == [[cell.strip() for cell in row] for row in rows]


@given(st.text(alphabet='a,;\t"\n\r ', max_size=40))
def test_any_text_gives_rows_or_an_error(text: str) -> None:
    with suppress(NxtoolError):
        for row in rows_of(text, "x"):
            assert all(cell.mark.line >= 1 and cell.mark.column >= 1 for cell in row)
