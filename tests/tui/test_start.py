"""The first screen, and where it leads to."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone
from pathlib import Path

import h5py
import pytest

import nxtool
from nxtool.authoring.document import Document, SetValue
from nxtool.authoring.journal import Journal, unsaved
from nxtool.authoring.recent import Recent, recent, remember
from nxtool_tui.app import NxtoolApp
from nxtool_tui.author import AuthorScreen
from nxtool_tui.pick import PickScreen
from nxtool_tui.start import StartScreen
from nxtool_tui.view import ViewScreen
from tests.tui.frames import at_every_size, drive, frame, golden

WHEN = datetime(2026, 11, 21, 9, 51, tzinfo=timezone.utc)
TEXT = 'nxtool: 1\ndefinition: NXxas\nentry:\n  title: null\n  start_time: "2026-11-22"\n'


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    """A working folder, a state folder and a time zone of our own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setattr(nxtool, "__version__", "1.2.3")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def recipe(name: str) -> Path:
    path = Path(name).resolve()
    path.write_text(TEXT, encoding="utf-8")
    return path


def crashed(path: Path) -> None:
    """Leave a journal behind, as a process that was killed does."""
    document = Document.open(path)
    journal = Journal(document)
    journal.record(document.apply(SetValue(("entry", "title"), "Cu")))
    journal.close()
    os.utime(journal.path, (WHEN.timestamp(), WHEN.timestamp()))


def screens(*keys: str, file: Path | None = None) -> list[object]:
    """The screen, and all that was notified, after these keys."""
    found: list[object] = []

    async def steps(pilot):
        await pilot.app.workers.wait_for_complete()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        found.append(type(pilot.app.screen))
        found.extend(one.message for one in pilot.app._notifications)

    drive(NxtoolApp(file), steps)
    return found


@at_every_size
def test_it_shows_unsaved_work_recent_recipes_and_what_can_be_begun(size):
    crashed(recipe("lost.nx.yaml"))
    remember(Recent(recipe("foil.nx.yaml"), "NXxas", 11, 12, WHEN))
    deep = Path("a_beamtime_with_a_long_name/of_a_sample_with_a_long_name")
    deep.mkdir(parents=True)
    remember(Recent(recipe(f"{deep}/r.nx.yaml"), "NXtomo", 0, 4, WHEN))

    async def steps(pilot):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        golden(f"start_{size[0]}", frame(pilot.app))

    drive(NxtoolApp(), steps, size)


def test_it_can_be_drawn_in_ascii():
    remember(Recent(recipe("foil.nx.yaml"), "NXxas", 11, 12, WHEN))

    async def steps(pilot):
        await pilot.app.workers.wait_for_complete()
        await pilot.press("o")
        assert frame(pilot.app).isascii()

    drive(NxtoolApp(ascii_only=True), steps)


def test_the_first_recipe_goes_on_where_it_was_left():
    remember(Recent(recipe("foil.nx.yaml"), "NXxas", 11, 12, WHEN))
    assert screens("enter") == [AuthorScreen]
    assert [(one.path.name, one.done, one.due) for one in recent()] == [("foil.nx.yaml", 1, 12)]


def test_unsaved_work_is_recovered_by_enter():
    path = recipe("lost.nx.yaml")
    crashed(path)

    async def steps(pilot):
        await pilot.app.workers.wait_for_complete()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, AuthorScreen)
        assert "title: Cu" in pilot.app.session.document.text
        await pilot.press("ctrl+q")

    drive(NxtoolApp(), steps)
    assert "title: Cu" in path.read_text(encoding="utf-8")
    assert unsaved() == []


@pytest.mark.slow
def test_unsaved_work_of_a_recipe_that_is_gone_is_recovered():
    path = recipe("lost.nx.yaml")
    crashed(path)
    path.unlink()
    assert screens("enter", "ctrl+s") == [AuthorScreen]
    assert "title: Cu" in path.read_text(encoding="utf-8")


def test_unsaved_work_is_discarded_by_d():
    crashed(recipe("lost.nx.yaml"))
    assert screens("d") == [StartScreen]
    assert unsaved() == []


def test_a_new_recipe_begins_with_its_definition():
    assert screens("n") == [PickScreen]
    assert screens("n", "escape") == [StartScreen]


def test_a_path_that_is_typed_is_opened():
    recipe("foil.nx.yaml")
    assert screens("o", "f", "tab", "enter") == [AuthorScreen]
    assert screens("o", "escape") == [StartScreen]


@pytest.mark.parametrize(
    ("name", "screen", "told"),
    [
        ("new.nx.yaml", PickScreen, []),
        ("log.csv", PickScreen, []),
        (".", PickScreen, []),
        ("none.csv", StartScreen, ["none.csv: no such file"]),
        ("a.nxs", ViewScreen, []),
        ("foil.nx.yaml", AuthorScreen, []),
        ("bad.nx.yaml", StartScreen, ["bad.nx.yaml:2:1: a value is missing"]),
        ("other.nx.yaml", StartScreen, ["unknown definition 'NXnone'"]),
    ],
)
def test_a_file_leads_to_the_screen_it_is_for(name, screen, told):
    recipe("foil.nx.yaml")
    Path("bad.nx.yaml").write_text("a: [")
    Path("other.nx.yaml").write_text("definition: NXnone\nentry: {}\n")
    Path("log.csv").write_text("phi,x\n1,2\n")
    with h5py.File("a.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
    found = screens(file=Path(name))
    assert found[0] == screen
    assert len(found) - 1 == len(told)
    assert all(str(message).startswith(one) for one, message in zip(told, found[1:], strict=True))


@pytest.mark.parametrize("end", ["", ".nx.yaml"])
def test_a_file_that_cannot_be_there_is_told(end):
    found = screens(file=Path("y" * 300 + end))
    assert found[0] is StartScreen
    assert "file name too long" in str(found[1:])
