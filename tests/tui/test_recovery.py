"""Nothing that was typed is lost, whatever happens to the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.authoring.journal import unsaved
from tests.tui.terminal import Terminal, started

TEXT = """\
# the foil
nxtool: 1
definition: NXxas
entry:
  title: null   # as on the box
  start_time: "2026-11-22T09:51:00+01:00"
"""


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def recipe(tmp_path) -> Path:
    path = tmp_path / "x.nx.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def typed_in_journals() -> list[str]:
    return [one.typed[1] for one in unsaved() if one.typed is not None]


def open_title(terminal: Terminal) -> None:
    """Open the editor of the first gap, the title."""
    terminal.type("n")
    terminal.wait_for("Extended title")
    terminal.type("\r")
    terminal.wait_for("enter take")


@pytest.mark.slow
def test_half_a_value_survives_the_kill_of_its_process(recipe):
    with started("tui", "x.nx.yaml", folder=recipe.parent) as terminal:
        terminal.wait_for("? help")
        open_title(terminal)
        terminal.type("Ni fo")
        terminal.wait_until(typed_in_journals, ["Ni fo"])
        terminal.kill()
    assert recipe.read_text(encoding="utf-8") == TEXT
    assert [(one.text, one.typed) for one in unsaved()] == [(TEXT, (("entry", "title"), "Ni fo"))]
    with started("tui", "x.nx.yaml", folder=recipe.parent) as terminal:
        terminal.wait_for("r recover  d discard", "? help")
        terminal.type("r")
        terminal.wait_for("Ni fo")
        terminal.type("\x13")  # ctrl+s
        terminal.wait_until(lambda: recipe.read_text(encoding="utf-8") == TEXT, due=False)
        terminal.type("\x11")  # ctrl+q
        assert terminal.wait() == 0
    assert recipe.read_bytes() == TEXT.replace("title: null", "title: Ni fo").encode()
    assert unsaved() == []


def test_leaving_saves_what_was_committed_and_keeps_what_was_not(recipe):
    with started("tui", "x.nx.yaml", folder=recipe.parent) as terminal:
        terminal.wait_for("? help")
        open_title(terminal)
        terminal.type("Ni foil\r")
        terminal.wait_for("n next gap")
        terminal.type("n\r")
        terminal.wait_for("Spallation Neutron Source", "enter take")
        terminal.type("Syn")
        terminal.wait_until(typed_in_journals, ["Syn"])
        terminal.type("\x11")
        assert terminal.wait() == 0
    assert recipe.read_bytes() == TEXT.replace("title: null", "title: Ni foil").encode()
    assert [one.typed for one in unsaved()] == [(("entry", "instrument", "source", "type"), "Syn")]


@pytest.mark.slow
def test_a_second_process_only_shows_the_recipe(recipe):
    with started("tui", "x.nx.yaml", folder=recipe.parent) as first:
        first.wait_for("? help")
        with started("tui", "x.nx.yaml", folder=recipe.parent) as second:
            second.wait_for("edits this recipe", "? help")
            open_title(second)
            second.type("mine\r")
            second.wait_for("it is only shown here")
            second.type("\x11")
            assert second.wait() == 0
        open_title(first)
        first.type("ours\r")
        first.wait_for("ours", "n next gap")
        first.type("\x11")
        assert first.wait() == 0
    assert recipe.read_bytes() == TEXT.replace("title: null", "title: ours").encode()
