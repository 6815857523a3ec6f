"""Writing a recipe: the outline, the editor, sources and filters beside it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList, Static

from nxtool.yamltree.emit import quoted
from nxtool_tui.app import NxtoolApp
from nxtool_tui.author import AuthorScreen
from nxtool_tui.sources import SourcesPane
from nxtool_tui.storage import StoragePane
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until

RECIPE = """\
# a recipe of a test
nxtool: 1
definition: NXxas
sources:
  scan: scan.h5
entry:
  title: nickel foil  # what it is
  start_time: "2026-11-22T09:51:00+01:00"
  instrument:
    source:
      type: Synchrotron X-ray Source
      name: null
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        measured = file.create_group("1.1/measurement")
        measured["energy"] = np.linspace(8.2, 8.6, 801)
        measured["energy"].attrs["units"] = "keV"
        measured["mu"] = np.random.default_rng(1).poisson(1000, 801)
    path = tmp_path / "ni.nx.yaml"
    path.write_text(RECIPE)
    return path


def _screen(pilot) -> AuthorScreen:
    screen = pilot.app.screen
    assert isinstance(screen, AuthorScreen)
    return screen


def _labels(pilot) -> list[str]:
    return [row.path for row in _screen(pilot).outline.shown]


async def _settled(pilot) -> None:
    """Until the recipe is checked, and what was begun in threads has ended."""
    screen = _screen(pilot)
    await until(pilot, lambda: screen.outcome is not None)
    await until(pilot, lambda: all(worker.is_finished for worker in pilot.app.workers))


@at_every_size
def test_sources_are_shown_beside_the_recipe(recipe, size):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument", "monochromator", "energy"))
        await _settled(pilot)
        await pilot.press("s")
        await until(pilot, lambda: screen.query_one(SourcesPane).offers.row_count > 2)
        await pilot.pause()
        golden(f"sources-{size[0]}x{size[1]}", frame(pilot.app))

    drive(NxtoolApp(recipe), steps, size)


@at_every_size
def test_the_recipe_is_shown_with_what_is_missing(recipe, size):
    async def steps(pilot):
        await _settled(pilot)
        await pilot.press("n")
        await pilot.pause()
        golden(f"author-{size[0]}x{size[1]}", frame(pilot.app))

    drive(NxtoolApp(recipe), steps, size)


def test_ascii_is_enough(recipe):
    async def steps(pilot):
        await _settled(pilot)
        assert frame(pilot.app).isascii()

    drive(NxtoolApp(recipe, ascii_only=True), steps)


def test_a_value_is_typed_and_taken_back(recipe):
    async def steps(pilot):
        await pilot.press("n")
        row = _screen(pilot).outline.current
        assert row.path == "/entry/instrument/source/name"
        await pilot.press("enter", *"ESRF", "enter")
        document = _screen(pilot).session.document
        assert document.text == RECIPE.replace("name: null", "name: ESRF")
        await pilot.press("u")
        assert document.text == RECIPE
        await pilot.press("ctrl+y")
        assert document.text == RECIPE.replace("name: null", "name: ESRF")

    drive(NxtoolApp(recipe), steps)


def test_what_is_wrong_is_kept_and_marked(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument", "monochromator", "energy"))
        await pilot.press("enter", *"8.2 kilograms", "enter")
        text = screen.session.document.text
        assert 'energy: !invalid "8.2 kilograms"' in text
        row = screen.outline.current
        assert (row.is_invalid, row.value, screen.outline.state(row)[0]) == (
            True, "8.2 kilograms", "✗",
        )  # fmt: skip
        await pilot.press("enter")
        assert screen.editor.input.value == "8.2 kilograms"

    drive(NxtoolApp(recipe), steps)


def test_escape_leaves_a_value_as_it_was(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "title"))
        await pilot.press("enter", *" in air", "escape")
        assert screen.session.document.text == RECIPE
        assert screen.editor.input.value == "nickel foil"
        assert screen.focused is screen.outline

    drive(NxtoolApp(recipe), steps)


def test_an_enumeration_is_chosen_from(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "data", "mode"))
        await pilot.press("enter")
        listing = screen.query_one(OptionList)
        assert [str(option.prompt) for option in listing.options] == [
            "Total Electron Yield", "Partial Electron Yield", "Auger Electron Yield",
            "Fluorescence Yield", "Transmission",
        ]  # fmt: skip
        await pilot.press("t", "r", "down", "enter")
        assert "mode: Transmission" in screen.session.document.text

    drive(NxtoolApp(recipe), steps)


def test_a_mistake_of_the_recipe_marks_its_row(recipe):
    recipe.write_text(RECIPE.replace("title: nickel foil  # what it is", "title: {valeu: 1}"))

    async def steps(pilot):
        await _settled(pilot)
        outline = _screen(pilot).outline
        row = next(row for row in outline.shown if row.path == "/entry/title")
        assert outline.state(row)[0] == "✗"

    drive(NxtoolApp(recipe), steps)


def test_words_find_rows(recipe):
    async def steps(pilot):
        await pilot.press("slash", *"mono ener")
        assert _labels(pilot) == ["/entry/instrument/monochromator/energy"]
        await pilot.press("enter")
        assert _screen(pilot).outline.current.path == "/entry/instrument/monochromator/energy"
        assert len(_labels(pilot)) > 10

    drive(NxtoolApp(recipe), steps)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "words"), [("slash", "mono ener"), ("a", "p(NXdetector)")])
def test_what_is_typed_into_a_line_of_the_screen_is_seen(recipe, key, words):
    async def steps(pilot):
        await pilot.press(key, *words)
        await pilot.pause()
        assert words in frame(pilot.app)

    drive(NxtoolApp(recipe), steps)


def test_the_cursor_stays_beside_a_row_that_goes(recipe):
    recipe.write_text(RECIPE + "  one: 1\n  two: 2\n  three: 3\n")

    async def steps(pilot):
        outline = _screen(pilot).outline
        for gone, left in (("two", "three"), ("three", "one"), ("one", "data")):
            outline.jump(("entry", gone))
            await pilot.press("delete")
            assert outline.current.names == ("entry", left)

    drive(NxtoolApp(recipe), steps)


def test_only_gaps_are_shown_on_demand(recipe):
    async def steps(pilot):
        await pilot.press("3")
        assert "/entry/title" not in _labels(pilot)
        assert "/entry/instrument/source/name" in _labels(pilot)
        await pilot.press("1")
        assert "/entry/title" in _labels(pilot)

    drive(NxtoolApp(recipe), steps)


def test_a_group_is_folded_and_its_optional_names_unfolded(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument", "source"))
        before = _labels(pilot)
        await pilot.press("left")
        assert len(_labels(pilot)) == len(before) - 3
        await pilot.press("right")
        assert _labels(pilot) == before
        await pilot.press("plus")
        assert "/entry/instrument/source/current" in _labels(pilot)
        await pilot.press("plus")
        assert _labels(pilot) == before

    drive(NxtoolApp(recipe), steps)


@pytest.mark.slow
def test_a_group_is_added_beside_one_of_its_kind_or_inside_a_group(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument"))
        await pilot.press("a", *"panel(NXdetector)", "enter")
        assert "    panel(NXdetector): {}\n" in screen.session.document.text
        assert screen.outline.current.path == "/entry/instrument/panel"
        await pilot.press("a", *"x", "escape")
        assert "x" not in _labels(pilot)

    drive(NxtoolApp(recipe), steps)


def test_an_array_of_a_source_is_attached_by_keys(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument", "monochromator", "energy"))
        await pilot.press("s")
        await until(pilot, lambda: screen.query_one(SourcesPane).offers.row_count > 2)
        await pilot.press("enter")
        assert 'energy: {from: "scan:/1.1/measurement/energy"}' in screen.session.document.text
        assert screen.focused is screen.outline

    drive(NxtoolApp(recipe), steps)


def test_an_array_is_dragged_onto_a_row(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        await pilot.press("s")
        await _settled(pilot)
        offers = screen.query_one(SourcesPane).offers
        shown = [offers.row_text(index, 60).plain for index in range(offers.row_count)]
        line = next(index for index, text in enumerate(shown) if "/mu" in text)
        paths = [one.path for one in screen.outline.shown]
        row = paths.index("/entry/instrument/absorbed_beam/data")
        await pilot.mouse_down(offers, offset=(5, line))
        await pilot.hover(screen.outline, offset=(5, row))
        await pilot.mouse_up(screen.outline, offset=(5, row))
        await pilot.pause()
        assert 'data: {from: "scan:/1.1/measurement/mu"}' in screen.session.document.text

    drive(NxtoolApp(recipe), steps, (100, 40))


def test_a_file_is_added_to_the_sources(recipe):
    async def steps(pilot):
        await pilot.press("s", "a", *"scan.h5", "enter")
        await _settled(pilot)
        pane = _screen(pilot).query_one(SourcesPane)
        assert pane.has_class("open")
        assert pane.offers.row_count > 2
        assert "sources:\n  scan: scan.h5\n" in _screen(pilot).session.document.text

    recipe.write_text(recipe.read_text().replace("sources:\n  scan: scan.h5\n", ""))
    drive(NxtoolApp(recipe), steps)


def test_what_cannot_be_a_source_is_told(recipe):
    async def steps(pilot):
        await _settled(pilot)
        await pilot.press("s", "a")
        await pilot.app.screen.workers.wait_for_complete()
        _screen(pilot).query_one("#adding", Input).value = "~nobody_of_this_name/x.h5"
        await pilot.press("enter")
        await pilot.pause()
        assert _screen(pilot).session.document.text == RECIPE

    drive(NxtoolApp(recipe), steps)


def test_filters_are_tried_on_the_data_and_one_is_taken(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "instrument", "absorbed_beam", "data"))
        screen.session.put_yaml(screen.outline.current, '{from: "scan:/1.1/measurement/mu"}')
        screen.list_rows()
        await pilot.press("e")
        await _settled(pilot)
        filters = screen.query_one(StoragePane).filters
        assert {"gzip:4", "zstd:3", "none"} <= {one.trial.filter for one in filters.found}
        chosen = filters.word
        await pilot.press("enter")
        assert chosen == filters.found[0].trial.filter
        assert f"compression: {quoted(chosen)}" in screen.session.document.text

    drive(NxtoolApp(recipe), steps)


@pytest.mark.slow
def test_no_colour_leaves_all_that_is_told(recipe, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(pilot):
        await _settled(pilot)
        await pilot.press("n")
        await pilot.pause()
        golden("author-80x24", frame(pilot.app))

    drive(NxtoolApp(recipe), steps)


@pytest.mark.slow
def test_the_recipe_is_saved_by_ctrl_s(recipe):
    async def steps(pilot):
        await pilot.press("n", "enter", *"ESRF", "enter", "ctrl+s")
        assert recipe.read_text() == RECIPE.replace("name: null", "name: ESRF")
        assert not pilot.app.screen.query_one("#find", Input).has_class("open")

    drive(NxtoolApp(recipe), steps)


def test_what_was_typed_is_kept_when_the_cursor_goes_elsewhere(recipe):
    async def steps(pilot):
        screen = _screen(pilot)
        await pilot.press("n", "enter", *"ESRF", "shift+tab", "up")
        await pilot.pause()
        document = screen.session.document
        assert document.text == RECIPE.replace("name: null", "name: ESRF")
        row = screen.outline.current
        assert not screen.editor.is_open
        assert screen.editor.row.names == row.names == ("entry", "instrument", "source", "type")

    drive(NxtoolApp(recipe), steps)


@pytest.mark.parametrize(
    ("before", "pasted", "title"),
    [
        ("", "two\nlines\n", r'"two\nlines"'),
        ("a ", "two\r\nlines", "a two lines"),
        ("", "one line\n", "one line"),
    ],
)
def test_no_line_of_what_is_pasted_is_lost(recipe, before, pasted, title):
    async def steps(pilot):
        screen = _screen(pilot)
        screen.outline.jump(("entry", "title"))
        await pilot.press("enter")
        line = screen.editor.input
        line.value = before
        line.cursor_position = len(before)
        line.post_message(Paste(pasted))
        await pilot.pause()
        assert line.value == title
        await pilot.press("enter")
        assert f"title: {title} " in screen.session.document.text

    drive(NxtoolApp(recipe), steps)


def test_what_is_missing_in_a_folded_group_is_not_denied(recipe):
    async def steps(pilot):
        await pilot.press("home", "left", "n")
        await pilot.pause()
        told = [one.message for one in pilot.app._notifications]
        assert told == ["nothing is missing in what is shown; f6 lists all"]

    drive(NxtoolApp(recipe), steps)


def test_documentation_fills_the_width_there_is(recipe):
    async def steps(pilot):
        await _settled(pilot)
        before = _screen(pilot).editor.size.width
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert _screen(pilot).editor.size.width > before
        assert "─" * (_screen(pilot).editor.size.width - 2) in frame(pilot.app)

    drive(NxtoolApp(recipe), steps)


def test_no_row_is_described_where_none_is_found(recipe):
    async def steps(pilot):
        await pilot.press("n", "slash", *"zzz")
        await pilot.pause()
        assert "nothing is like that" in frame(pilot.app)
        assert "/name" not in frame(pilot.app)

    drive(NxtoolApp(recipe), steps)


def test_wide_text_that_is_cut_ends_with_an_ellipsis(recipe):
    recipe.write_text(RECIPE.replace("nickel foil", "漢字" * 30))

    async def steps(pilot):
        lines = [line for line in frame(pilot.app).splitlines() if "  title " in line]
        assert "…" in lines[0].partition("│")[0]

    drive(NxtoolApp(recipe), steps)


def test_keys_are_those_of_what_is_used(recipe):
    async def steps(pilot):
        await _settled(pilot)
        await pilot.press("s")
        await until(pilot, lambda: _screen(pilot).query_one(SourcesPane).offers.row_count > 2)
        assert frame(pilot.app).endswith(
            "enter attach  m map equal names  a add file  escape back\n"
        )
        await pilot.press("a")
        await pilot.pause()
        assert frame(pilot.app).endswith("enter take it  escape leave\n")

    drive(NxtoolApp(recipe), steps)


def test_why_a_source_cannot_be_read_is_told_in_full(recipe):
    recipe.write_text(RECIPE.replace("scan: scan.h5", f"scan: {'long' * 15}.h5"))

    async def steps(pilot):
        await _settled(pilot)
        await pilot.press("s")
        pane = _screen(pilot).query_one(SourcesPane)
        await until(pilot, lambda: pane.offers.heading)
        await pilot.pause()
        assert "…" in frame(pilot.app)
        assert "no such file" in "".join(
            str(pane.query_one("#details", Static).content).split("\n")
        )

    drive(NxtoolApp(recipe), steps)
