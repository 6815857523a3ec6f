"""Completion of paths."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool_tui.app import NxtoolApp
from nxtool_tui.pathinput import PathInput, completed, completions, typed_path
from tests.tui.frames import drive


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("scan_1.h5", "scan_10.h5", "scan_2.h5", ".hidden", "ä.csv"):
        Path(name).write_text("")
    Path("folder/inner").mkdir(parents=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["folder/", "scan_1.h5", "scan_2.h5", "scan_10.h5", "ä.csv"]),
        ("scan_1", ["scan_1.h5", "scan_10.h5"]),
        ("f", ["folder/"]),
        ("folder/", ["folder/inner/"]),
        ("./folder/i", ["./folder/inner/"]),
        ("~/.h", ["~/.hidden"]),
        ("~/fo", ["~/folder/"]),
        ("none/x", []),
        ("~nobody_of_this_name/x", []),
        ("a\0b/c", []),
    ],
)
def test_names_that_begin_so_are_found(text, found):
    assert completions(text) == found


@pytest.mark.parametrize(
    ("text", "done"), [("s", "scan_"), ("fo", "folder/"), ("scan_2", "scan_2.h5"), ("x", "x")]
)
def test_what_all_have_in_common_is_added(text, done):
    assert completed(text) == done


@given(st.text(max_size=20))
def test_nothing_typed_is_taken_away(text):
    assert completed(text).startswith(text)
    assert all(one.startswith(text) for one in completions(text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("~nobody_of_this_name/x", "~nobody_of_this_name/x: there is no such home folder"),
        ("y" * 300, "y" * 60 + "…: file name too long"),
        ("a\0b", "null"),
    ],
)
def test_what_cannot_be_a_path_is_told(text, why):
    with pytest.raises(FileUnreadable) as caught:
        typed_path(text)
    assert why in str(caught.value)


def test_what_can_be_a_path_is_one():
    assert typed_path("~/none") == Path.home() / "none"
    assert typed_path("scan_1.h5/none") == Path("scan_1.h5/none")


@pytest.mark.parametrize("text", ["~nobody_of_this_name/x", "y" * 300])
@pytest.mark.parametrize("key", ["o", "v"])
def test_the_line_stays_where_no_path_was_typed(tmp_path, monkeypatch, key, text):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    async def steps(pilot):
        await pilot.press(key)
        line = pilot.app.screen.query_one(PathInput)
        line.input.value = text
        await pilot.press("enter")
        assert line.has_class("open")
        assert line.input.value == text

    drive(NxtoolApp(), steps)
