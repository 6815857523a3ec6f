"""Completion of paths."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool_tui.pathinput import completed, completions


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
