"""Text in the cells there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from nxtool_tui.fitting import at_the_end, end_of, shortened, start_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [("abc", "abc"), ("abcdef", "abc…"), ("漢字", "漢字"), ("漢字漢字", "漢 …"), ("", "")],
)
def test_text_loses_its_end(text, shown):
    assert shortened(text, 4, "…") == shown


@pytest.mark.parametrize(("text", "shown"), [("/a/bcd", "…bcd"), ("漢字漢字", "…字"), ("/a", "/a")])
def test_text_loses_its_beginning(text, shown):
    assert end_of(text, 4, "…") == shown


@given(st.text(st.sampled_from("a漢😀…"), max_size=12), st.integers(2, 14))
def test_nothing_is_wider_than_its_cells(text, width):
    assert cell_len(start_of(text, width, "…")) == width
    assert cell_len(end_of(text, width, "…")) <= width
    assert cell_len(shortened(text, width, "…")) <= width
    assert cell_len(at_the_end(shortened(text, width, "…"), width)) == width
