"""Choosing a definition: by words, by data; and the name of the recipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nxtool_tui.app import NxtoolApp
from nxtool_tui.author import AuthorScreen
from nxtool_tui.pick import CandidateList, PickScreen
from tests.rundocuments import START, STOP, descriptor, event, write
from tests.templatedata import tomography_data
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


async def settled(pilot) -> None:
    """Return when nothing is being looked for."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def type_words(pilot, words: str) -> None:
    pilot.app.screen.words.value = words
    await settled(pilot)


def names(pilot) -> list[str]:
    return [one.name for one in pilot.app.screen.query_one(CandidateList).found]


@at_every_size
def test_definitions_are_ranked_by_words_and_described(size):
    async def steps(pilot):
        await pilot.press("n")
        pilot.app.screen.words.cursor_blink = False
        await type_words(pilot, "tomo")
        golden(f"pick_{size[0]}", frame(pilot.app))

    drive(NxtoolApp(), steps, size)


@at_every_size
def test_definitions_are_ranked_by_the_data_of_a_folder(size):
    tomography_data(Path())
    Path("log.csv").write_text("rotation_angle [deg],frame\n1,2\n")

    async def steps(pilot):
        await settled(pilot)
        pilot.app.screen.words.cursor_blink = False
        await pilot.press("down")
        golden(f"pick_data_{size[0]}", frame(pilot.app))

    drive(NxtoolApp(Path()), steps, size)


def test_how_much_is_there_is_never_cut():
    tomography_data(Path())

    async def steps(pilot):
        await settled(pilot)
        await type_words(pilot, "clusterer")
        (row,) = (one for one in frame(pilot.app).splitlines() if "clusterer_config" in one)
        assert re.search(r" NXapm_paraprobe_\w+…  fills \d+ of 13 +│", row)

    drive(NxtoolApp(Path()), steps)


def test_a_chosen_definition_becomes_a_recipe_that_is_written_on_leaving():
    async def steps(pilot):
        await pilot.press("n")
        await type_words(pilot, "xas")
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, AuthorScreen)
        assert not Path("xas.nx.yaml").exists()
        await pilot.press("ctrl+q")

    drive(NxtoolApp(), steps)
    assert "definition: NXxas\n" in Path("xas.nx.yaml").read_text(encoding="utf-8")


def test_keys_of_the_line_move_in_the_list():
    async def steps(pilot):
        await pilot.press("n")
        await type_words(pilot, "tomo")
        await pilot.press("down", "down", "up", "enter")
        assert pilot.app.screen.query_one("#path Input").value == "tomophase.nx.yaml"

    drive(NxtoolApp(), steps)


def test_data_of_a_folder_are_written_into_the_recipe():
    tomography_data(Path())

    async def steps(pilot):
        await settled(pilot)
        await type_words(pilot, "nxtomo")
        assert names(pilot)[0] == "NXtomo"
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert 'data: {from: "projections:/entry/data/data"}' in pilot.app.session.document.text

    drive(NxtoolApp(Path()), steps)


def test_a_recipe_that_is_there_is_not_replaced():
    Path("xas.nx.yaml").write_text("mine")

    async def steps(pilot):
        await pilot.press("n")
        await type_words(pilot, "xas")
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PickScreen)
        (told,) = pilot.app._notifications
        assert told.message == "xas.nx.yaml: exists already (choose another name)"

    drive(NxtoolApp(), steps)
    assert Path("xas.nx.yaml").read_text() == "mine"


def test_the_name_given_on_the_command_line_is_kept():
    async def steps(pilot):
        await type_words(pilot, "xas")
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert pilot.app.session.document.path == Path("foil.nx.yaml")

    drive(NxtoolApp(Path("foil.nx.yaml")), steps)


def test_words_that_find_nothing_are_told():
    async def steps(pilot):
        await pilot.press("n")
        await type_words(pilot, "zebra")
        assert "Nothing has all of these words" in frame(pilot.app)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, PickScreen)

    drive(NxtoolApp(), steps)


def test_escape_leaves_the_name_first_and_the_definitions_then():
    async def steps(pilot):
        await pilot.press("n")
        await type_words(pilot, "xas")
        await pilot.press("enter", "escape")
        assert isinstance(pilot.app.screen, PickScreen)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, PickScreen)

    drive(NxtoolApp(), steps)


@pytest.mark.slow
def test_a_run_of_bluesky_becomes_a_recipe_with_what_fits_of_it():
    whole = {"dtype": "integer", "dtype_numpy": "<i8", "shape": [], "source": ""}
    keys = {"det": {**whole, "dtype": "array", "shape": [2, 3]}, "mon": whole,
            "phi": {"dtype": "number", "shape": [], "source": "", "units": "deg"}}  # fmt: skip
    hints = {"det": {"fields": ["det"], "NX_class": "NXdetector"}, "mon": {"NX_class": "NXmonitor"}}
    own = {"det": ["det"], "phi": ["phi"], "mon": ["mon"]}
    events = [event(n, det=[[n] * 3] * 2, phi=n / 2, mon=n) for n in (1, 2)]
    told = descriptor(keys, hints=hints, object_keys=own)
    start = (START[0], {**START[1], "hints": {"dimensions": [[["phi"], "primary"]]}})
    write(Path("run.jsonl"), start, told, *events, STOP)

    async def steps(pilot):
        await settled(pilot)
        assert names(pilot)[0] == "NXscan"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, AuthorScreen))
        text = pilot.app.session.document.text
        assert 'data: {from: "run:primary/det"}' in text
        assert 'rotation_angle: {from: "run:primary/phi"}' in text

    drive(NxtoolApp(Path("run.jsonl")), steps)
