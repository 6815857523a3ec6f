"""The line above a recipe: unsaved work, another process, a journal that cannot be written."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest

from nxtool.authoring.document import Document, SetValue
from nxtool.authoring.journal import Journal, unsaved
from nxtool_tui.app import NxtoolApp
from tests.tui.frames import at_every_size, drive, frame, golden

WHEN = datetime(2026, 11, 21, 9, 51, tzinfo=timezone.utc).timestamp()
TEXT = 'nxtool: 1\ndefinition: NXxas\nentry:\n  title: Ni\n  start_time: "2026-11-22"\n'
RECIPE = Path("r.nx.yaml")


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    RECIPE.write_text(TEXT, encoding="utf-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def crashed(title: str) -> None:
    """Leave a journal behind, as a process that was killed does."""
    document = Document.open(RECIPE)
    journal = Journal(document)
    journal.record(document.apply(SetValue(("entry", "title"), title)))
    journal.close()
    os.utime(journal.path, (WHEN, WHEN))


def second_line(*keys: str) -> str:
    """What stands below the first line after these keys."""
    found: list[str] = []

    async def steps(pilot):
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        found.append(frame(pilot.app).splitlines()[1].strip())

    drive(NxtoolApp(RECIPE), steps)
    return found[0]


@at_every_size
def test_unsaved_work_is_offered_above_the_recipe(size):
    crashed("Cu")

    async def steps(pilot):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause(0.3)  # the recipe is checked when nothing is edited for a moment
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        golden(f"unsaved_{size[0]}", frame(pilot.app))

    drive(NxtoolApp(RECIPE), steps, size)


def test_r_goes_on_with_it_and_u_takes_that_back():
    crashed("Cu")

    async def steps(pilot):
        await pilot.press("r")
        assert "title: Cu" in pilot.app.session.document.text
        await pilot.press("u")
        assert pilot.app.session.document.text == TEXT
        await pilot.press("ctrl+r", "ctrl+q")

    drive(NxtoolApp(RECIPE), steps)
    assert RECIPE.read_text(encoding="utf-8") == TEXT.replace("Ni", "Cu")


def test_d_forgets_it():
    crashed("Cu")
    assert second_line("d").endswith("entry  required")
    assert unsaved() == []


def test_it_is_counted_and_told_that_the_file_was_changed():
    crashed("Cu")
    crashed("Fe")
    assert second_line() == "unsaved work from 2026-11-21 09:51   r recover  d discard  (1 more)"
    RECIPE.write_text(TEXT.replace("Ni", "Zn"), encoding="utf-8")
    assert second_line("d") == (
        "unsaved work from 2026-11-21 09:51 (file changed since)   r recover  d discard"
    )


def test_a_recipe_that_is_edited_elsewhere_is_only_shown():
    journal = Journal(Document.open(RECIPE))
    told = f"only shown: process {os.getpid()} edits this recipe"
    assert second_line("n", "enter", "x", "enter") == told
    assert second_line("ctrl+q", "r", "d") == told
    journal.close()
    assert RECIPE.read_text(encoding="utf-8") == TEXT


def test_it_is_told_that_edits_are_not_kept():
    Path("state").write_text("")
    assert second_line() == "edits are not kept until they are saved: Not a directory"
