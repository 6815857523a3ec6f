"""Help: every key says what it does, and help lists those of the screen."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import nxtool
import nxtool_tui
from nxtool_tui.app import NxtoolApp
from nxtool_tui.help import HelpScreen, keys_of
from tests.tui.frames import drive, frame, golden

MODULES = [one.name for one in pkgutil.iter_modules(nxtool_tui.__path__)]


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(nxtool, "__version__", "1.2.3")
    monkeypatch.chdir(tmp_path)
    Path("r.nx.yaml").write_text("definition: NXxas\nentry: {}\n")


def silent(module: str) -> list[str]:
    """The keys that classes of a module bind without a word."""
    found = vars(importlib.import_module(f"nxtool_tui.{module}")).values()
    classes = [one for one in found if isinstance(one, type) and issubclass(one, DOMNode)]
    ours = [one for one in classes if one.__module__ == f"nxtool_tui.{module}"]
    bound = [binding for one in ours for binding in vars(one).get("BINDINGS", [])]
    return [str(one) for one in bound if not isinstance(one, Binding) or not one.description]


@pytest.mark.parametrize("module", MODULES)
def test_every_key_says_what_it_does(module):
    assert silent(module) == []


def test_help_lists_the_keys_of_what_has_the_focus():
    async def steps(pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        golden("help_start", frame(pilot.app))
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)

    drive(NxtoolApp(), steps)


def test_help_of_the_author_has_the_keys_of_outline_and_screen():
    async def steps(pilot):
        found = dict(keys_of(pilot.app.screen))
        assert found["next gap"] == ["n"]
        assert found["fold"] == ["left", "h"]
        assert found["find"] == ["/"]
        assert "recover unsaved work" not in found

    drive(NxtoolApp(Path("r.nx.yaml")), steps)


def test_f1_helps_while_a_value_is_typed():
    async def steps(pilot):
        await pilot.press("n", "enter", "x", "f1")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)

    drive(NxtoolApp(Path("r.nx.yaml")), steps)


def test_all_that_keys_do_is_in_the_palette():
    async def steps(pilot):
        titles = {one.title for one in pilot.app.get_system_commands(pilot.app.screen)}
        assert {"Next gap", "Save", "Undo", "Help", "Quit"} <= titles

    drive(NxtoolApp(Path("r.nx.yaml")), steps)
