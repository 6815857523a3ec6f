"""The screen that exports a file to a catalogue."""

from __future__ import annotations

import shlex
from pathlib import Path

import h5py
import pytest

from nxtool_tui.app import NxtoolApp
from nxtool_tui.building import BuildScreen
from nxtool_tui.exporting import ExportScreen
from nxtool_tui.exportlist import ExportList
from nxtool_tui.help import keys_of
from nxtool_tui.view import ViewScreen
from tests.exportfile import complete_file
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until

WRONG = {
    "entry/start_time": "2026-01-05T10:00:00",
    "entry/sample/chemical_formula": None,
    "entry/sample/temperature@units": "mm",
}
"""A file whose date lacks a zone, whose formula is missing, whose temperature has no unit of its
kind."""
SCAN = Path("scan.nxs")


@pytest.fixture(autouse=True)
def _place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def app_of(changes=None, **options) -> NxtoolApp:
    """The application with a file that says all, but for the changes."""
    return NxtoolApp(complete_file(SCAN, changes), **options)


def app_of_entries() -> NxtoolApp:
    """The application with a file of two entries."""
    with h5py.File(SCAN, "w") as file:
        for name in ("first", "second"):
            file.create_group(name).attrs["NX_class"] = "NXentry"
            file[f"{name}/title"] = name
    return NxtoolApp(SCAN)


async def opened(pilot) -> ExportScreen:
    """The screen, when it shows what would be written, or why nothing can."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ViewScreen))
    view = pilot.app.screen
    await until(pilot, lambda: view.findings is not None or view.problem)
    await pilot.press("x")
    return await shown(pilot)


async def shown(pilot) -> ExportScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
    screen = pilot.app.screen
    await until(pilot, lambda: screen.known is not None or screen.problem)
    return screen


async def after(pilot, *keys: str) -> ExportScreen:
    """The screen after these keys, when all is read and written."""
    await pilot.press(*keys)
    screen = await shown(pilot)
    await until(pilot, lambda: not screen.is_writing)
    return screen


def rows(screen: ExportScreen, state: str) -> list[str]:
    return [row.name for row in screen.list.rows if row.state == state]


def told(pilot) -> list[str]:
    return [one.message for one in pilot.app._notifications]


def undated(document: str) -> list[str]:
    """The lines of a document but for the time at which it was made."""
    return [line for line in document.splitlines() if "<date>" not in line]


def size_of(size: tuple[int, int]) -> str:
    return "x".join(map(str, size))


# what is seen


@at_every_size
def test_gaps_are_shown_above_what_is_taken(size):
    async def steps(pilot):
        await opened(pilot)
        await after(pilot, "m", "down", "enter")
        golden(f"export-{size_of(size)}", frame(pilot.app))

    drive(app_of(WRONG), steps, size)


@at_every_size
def test_formats_are_listed_with_those_who_read_them(size):
    async def steps(pilot):
        await opened(pilot)
        await pilot.press("f", "down")
        golden(f"export-formats-{size_of(size)}", frame(pilot.app))

    drive(app_of(), steps, size)


@pytest.mark.slow
def test_screen_is_drawn_in_ascii():
    async def steps(pilot):
        await opened(pilot)
        await after(pilot, "m", "down", "enter")
        assert frame(pilot.app).isascii()
        assert "* sampleType.molecularFormula" in frame(pilot.app)
        await pilot.press("f")
        assert frame(pilot.app).isascii()

    drive(app_of(WRONG, ascii_only=True), steps)


@pytest.mark.slow
def test_states_are_told_without_colours(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def steps(pilot):
        screen = await opened(pilot)
        place = rows(screen, "error").index("dataset.startDate") + 1
        text = screen.list.row_text(place, 80)
        assert text.plain.startswith("✗ dataset.startDate")
        assert [span.style for span in text.spans] == []

    drive(app_of(WRONG), steps)


def test_every_line_of_keys_fits_a_narrow_terminal():
    from nxtool_tui.building import KEYS as BUILDING
    from nxtool_tui.exportpage import KEYS
    from nxtool_tui.view import KEYS as VIEWING

    assert max(map(len, (*KEYS.values(), *BUILDING.values(), VIEWING))) <= 80


def test_document_is_shown_as_it_would_be_written():
    async def steps(pilot):
        await opened(pilot)
        await pilot.press("t")
        assert '<icatingest version="1.1">' in frame(pilot.app)
        await pilot.press("right")
        assert '<icatingest version="1.1">' not in frame(pilot.app)
        assert 'st version="1.1">' in frame(pilot.app)
        await pilot.press("escape")
        assert "beam/energy" in frame(pilot.app)

    drive(app_of({"entry/title": "long " * 30}), steps)


@pytest.mark.slow
def test_hostile_text_reaches_no_terminal():
    async def steps(pilot):
        screen = await opened(pilot)
        assert "\u202e" not in frame(pilot.app)
        await pilot.press("t")
        assert "\u202e" not in frame(pilot.app)
        assert "[bold]" in screen._text
        assert "[bold]" in frame(pilot.app)

    drive(
        app_of({"entry/title": "[bold]\u202eevil\x1b[2J", "entry/sample/name": "a\u202eb"}), steps
    )


# choosing


@pytest.mark.slow
def test_other_mapping_asks_for_more():
    async def steps(pilot):
        screen = await opened(pilot)
        assert rows(screen, "gap") == []
        await after(pilot, "m", "down", "enter")
        assert rows(screen, "gap") == ["sampleType.molecularFormula"]
        assert screen.list.current.state == "gap"
        assert "--mapping desy" in frame(pilot.app)

    drive(app_of(WRONG), steps)


def test_gap_is_filled_in_and_the_error_vanishes_with_a_time_zone():
    async def steps(pilot):
        screen = await opened(pilot)
        await after(pilot, "m", "down", "enter")
        await after(pilot, "enter", *"C60", "enter")
        assert rows(screen, "gap") == []
        assert rows(screen, "error") == ["dataset.startDate"]
        screen.action_choose("timezone")
        await after(pilot, *"UTC", "enter")
        assert rows(screen, "error") == []
        assert shlex.split(screen.command) == [
            "nxtool", "export", "icat", "scan.nxs", "--mapping", "desy",
            "--set", "sampleType.molecularFormula=C60", "--timezone", "UTC", "-o", "scan.icat.xml",
        ]  # fmt: skip

    drive(app_of(WRONG), steps)


@pytest.mark.slow
def test_choices_are_reached_by_tab_and_changed_by_enter():
    async def steps(pilot):
        screen = await opened(pilot)
        await pilot.press("tab")
        assert screen.focused is screen.grid
        await pilot.press("right", "right", "enter", "up", "enter")
        await shown(pilot)
        assert screen.choices.ingest_version == "1.0"
        assert screen.focused is screen.grid
        await pilot.press("down", "down", "down")
        assert screen.focused is screen.list

    drive(app_of(), steps)


@pytest.mark.slow
def test_value_of_the_file_is_replaced_and_comes_back():
    async def steps(pilot):
        screen = await opened(pilot)
        screen.list.move_to([row.name for row in screen.list.rows].index("dataset.name"))
        await after(pilot, "e", "ctrl+u", *"best", "enter")
        assert "--set dataset.name=best" in frame(pilot.app)
        assert screen.list.current.text == "best"
        await after(pilot, "delete")
        assert screen.list.current.text == "scan_0001"
        assert "--set" not in screen.command

    drive(app_of(), steps)


@pytest.mark.slow
def test_value_that_the_file_does_not_say_is_added():
    async def steps(pilot):
        screen = await opened(pilot)
        await pilot.press("a")
        options = screen.query_one("OptionRows")
        options.move_to([one.value for one in options.choice.options].index("keyword.name"))
        await after(pilot, "enter", *"foam", "enter")
        assert screen.choices.given == {"keyword.name": "foam"}

    drive(app_of(), steps)


@pytest.mark.slow
def test_parameters_cannot_be_given():
    async def steps(pilot):
        screen = await opened(pilot)
        screen.list.move_to([row.name for row in screen.list.rows].index("source/probe"))
        await pilot.press("e")
        assert told(pilot) == ["only values can be given: the file says the rest"]

    drive(app_of(), steps)


@pytest.mark.slow
def test_escape_leaves_a_choice_as_it_was():
    async def steps(pilot):
        screen = await opened(pilot)
        before = screen.choices
        await pilot.press("f", "down", "escape")
        assert screen.pane == "rows"
        screen.action_choose("timezone")
        await pilot.press(*"UTC", "escape")
        assert screen.choices == before
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, ViewScreen)

    drive(app_of(), steps)


@pytest.mark.slow
def test_own_mapping_is_asked_for_and_its_mistakes_are_told():
    Path("own.yaml").write_text("nxtool_mapping: 1\nvalues: {dataset.nam: title}\n")

    async def steps(pilot):
        screen = await opened(pilot)
        await pilot.press("m", "end", "enter")
        await after(pilot, *"own.y", "tab", "enter")
        assert "own.yaml" in screen.problem
        await until(pilot, lambda: "there is no target 'dataset.nam'" in frame(pilot.app))
        await after(pilot, "m", "home", "enter")
        assert screen.problem == ""
        assert screen.choices.mapping == ""

    drive(app_of(), steps)


@pytest.mark.slow
def test_entry_is_chosen_where_there_are_several():
    async def steps(pilot):
        screen = await opened(pilot)
        assert screen.choices.entry == "first"
        screen.action_choose("entry")
        await after(pilot, "down", "enter")
        assert "--entry second" in screen.command
        screen.action_choose("entry")
        await after(pilot, "down", "enter")
        assert "--dataset-per entry" in screen.command
        assert "dataset scan_first" in frame(pilot.app)

    drive(app_of_entries(), steps)


@pytest.mark.slow
def test_choices_are_kept_while_one_looks_at_the_file():
    async def steps(pilot):
        screen = await opened(pilot)
        await after(pilot, "m", "down", "enter")
        await pilot.press("escape", "x")
        again = await shown(pilot)
        assert again is not screen
        assert again.choices.mapping == "desy"

    drive(app_of(), steps)


# leading to the file


def test_row_leads_to_its_place_in_the_file():
    async def steps(pilot):
        screen = await opened(pilot)
        screen.list.move_to([row.name for row in screen.list.rows].index("beam/energy"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ViewScreen))
        view = pilot.app.screen
        await until(pilot, lambda: view.current and view.current.label == "incident_energy")

    drive(app_of(), steps)


# writing


def test_file_is_written_and_told_with_the_command():
    async def steps(pilot):
        screen = await opened(pilot)
        await after(pilot, "w", "enter")
        await until(pilot, lambda: Path("scan.icat.xml").exists())
        await until(pilot, lambda: "wrote scan.icat.xml" in frame(pilot.app))
        assert undated(Path("scan.icat.xml").read_text()) == undated(screen.found.text)
        await pilot.press("y")
        assert pilot.app.clipboard == "nxtool export icat scan.nxs -o scan.icat.xml"

    drive(app_of(), steps)


def test_nothing_is_written_while_the_catalogue_would_refuse_it():
    async def steps(pilot):
        screen = await opened(pilot)
        screen.list.move_to(7)
        await pilot.press("w")
        assert told(pilot) == ["nothing is written while the catalogue would refuse it"]
        assert screen.list.current.state == "error"
        await after(pilot, "m", "down", "enter", "w")
        assert told(pilot)[-1] == "1 missing: enter fills it in"

    drive(app_of(WRONG), steps)
    assert not list(Path.cwd().glob("scan.icat*"))


def test_existing_file_is_kept_until_the_key_to_replace_it():
    target = Path("scan.icat.xml")
    target.write_text("precious")

    async def steps(pilot):
        screen = await opened(pilot)
        await pilot.press("w", "enter")
        assert screen.pane == "asking"
        assert "exists already. Replace it?" in frame(pilot.app)
        await pilot.press("escape")
        assert target.read_text() == "precious"
        await pilot.press("w", "enter")
        await after(pilot, "r")
        await until(pilot, lambda: "wrote scan.icat.xml" in frame(pilot.app))
        assert screen.command.endswith("-o scan.icat.xml --overwrite")

    drive(app_of(), steps)
    assert target.read_text().startswith("<?xml")


@pytest.mark.slow
def test_another_name_is_asked_for():
    Path("scan.icat.xml").write_text("precious")

    async def steps(pilot):
        await opened(pilot)
        await pilot.press("w", "enter", "o", "ctrl+u", *"new.xml")
        await after(pilot, "enter")
        await until(pilot, lambda: "wrote new.xml" in frame(pilot.app))

    drive(app_of(), steps)
    assert Path("scan.icat.xml").read_text() == "precious"


@pytest.mark.slow
def test_the_file_itself_is_never_overwritten():
    async def steps(pilot):
        await opened(pilot)
        await after(pilot, "w", "ctrl+u", *"scan.nxs", "enter")
        assert "nothing was written: that is the file that is exported" in frame(pilot.app)

    drive(app_of(), steps)
    assert SCAN.read_bytes().startswith(b"\x89HDF")


@pytest.mark.slow
def test_folder_that_is_missing_is_told():
    async def steps(pilot):
        await opened(pilot)
        await after(pilot, "w", "ctrl+u", *"gone/x.xml", "enter")
        await until(pilot, lambda: "no such folder" in frame(pilot.app))

    drive(app_of(), steps)


# files that cannot be exported


@pytest.mark.slow
def test_file_without_an_entry_is_told():
    with h5py.File(SCAN, "w") as file:
        file["a"] = 1

    async def steps(pilot):
        await opened(pilot)
        assert "holds no NXentry" in frame(pilot.app)
        await pilot.press("w", "t", "e", "a", "delete", "tab", "tab", "enter", "escape", "escape")

    drive(NxtoolApp(SCAN), steps)


@pytest.mark.slow
def test_file_that_vanishes_is_told():
    async def steps(pilot):
        screen = await opened(pilot)
        SCAN.unlink()
        await after(pilot, "m", "down", "enter")
        assert "No such file" in screen.problem
        assert screen.command.startswith("nxtool export icat scan.nxs --mapping desy")

    drive(app_of(), steps)


@pytest.mark.slow
def test_file_that_was_truncated_is_told():
    async def steps(pilot):
        screen = await opened(pilot)
        SCAN.write_bytes(SCAN.read_bytes()[:3000])
        await after(pilot, "m", "down", "enter")
        assert "truncated" in screen.problem

    drive(app_of(), steps)


@pytest.mark.slow
def test_damaged_file_is_not_exported():
    SCAN.write_text("no HDF5")

    async def steps(pilot):
        await until(pilot, lambda: isinstance(pilot.app.screen, ViewScreen))
        await until(pilot, lambda: pilot.app.screen.problem)
        await pilot.press("x")
        assert isinstance(pilot.app.screen, ViewScreen)
        assert told(pilot) == [f"{SCAN.resolve()}: is not an HDF5 file (check the format)"]

    drive(NxtoolApp(SCAN), steps)


# ways to it


def test_palette_and_help_know_the_keys():
    async def steps(pilot):
        await until(pilot, lambda: isinstance(pilot.app.screen, ViewScreen))
        titles = {one.title for one in pilot.app.get_system_commands(pilot.app.screen)}
        assert "Export" in titles
        screen = await opened(pilot)
        found = dict(keys_of(screen))
        assert found["write the file"] == ["w"]
        assert found["mapping"] == ["m"]
        titles = {one.title for one in pilot.app.get_system_commands(screen)}
        assert {"Write the file", "Copy the command", "Table or text"} <= titles

    drive(app_of(), steps)


def test_file_that_was_built_is_exported_and_leads_to_the_recipe():
    recipe = Path("r.nx.yaml")
    recipe.write_text(
        "nxtool: 1\ndefinition: NXentry\noutput: built.nxs\nentry:\n"
        "  title: LaB6\n  start_time: 2026-01-05T10:00:00+01:00\n"
    )

    async def steps(pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(pilot.app.screen, BuildScreen))
        build = pilot.app.screen
        await until(pilot, lambda: build.stage == "plan")
        await pilot.press("enter")
        await until(pilot, lambda: build.stage == "done")
        await pilot.press("x")
        screen = await shown(pilot)
        listing = screen.query_one(ExportList)
        listing.move_to([row.path for row in listing.rows].index("/entry/title"))
        await pilot.press("enter")
        await until(pilot, lambda: build not in pilot.app.screen_stack)
        author = pilot.app.screen
        assert author.outline.current.path == "/entry/title"
        assert author.editor.is_open

    drive(NxtoolApp(recipe), steps)
