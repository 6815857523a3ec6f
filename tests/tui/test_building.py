"""The screen that makes the file of a recipe."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Input

from nxtool.authoring.building import Standing
from nxtool_tui.app import NxtoolApp
from nxtool_tui.building import BuildScreen, progress_text
from nxtool_tui.theme import ASCII
from tests.powder import RECIPE, write_rows
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until

LARGE = RECIPE.replace(
    "rotation_angle: 0 deg}", 'rotation_angle: 0 deg, "own(NX_FLOAT)": "linspace(0, 1, 9000000)"}'
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with raw data, which is the working directory."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    write_rows(work, 50)
    return work


@pytest.fixture
def app_of(folder):
    """What makes the application with a recipe in that folder."""

    def make(text: str) -> NxtoolApp:
        file = folder / "powder.nx.yaml"
        file.write_text(text)
        return NxtoolApp(file.relative_to(folder))

    return make


async def plan_of(pilot) -> BuildScreen:
    """The screen, when it shows the plan."""
    await pilot.press("f5")
    await until(pilot, lambda: isinstance(pilot.app.screen, BuildScreen))
    await until(pilot, lambda: pilot.app.screen.stage in ("plan", "done"))
    return pilot.app.screen


async def built(pilot, screen: BuildScreen, *keys: str) -> BuildScreen:
    """The screen after these keys, when nothing is written any more."""
    await pilot.press(*keys)
    await until(pilot, lambda: screen.stage == "done")
    return screen


@at_every_size
def test_plan_is_shown_before_anything_is_written(app_of, folder, size):
    async def steps(pilot):
        await plan_of(pilot)
        shown = re.sub(r"[\d.]+ KiB of values", "N KiB of values", frame(pilot.app))
        golden(f"build-plan-{'x'.join(map(str, size))}", shown)

    drive(app_of(RECIPE), steps, size)
    assert not (folder / "powder.nxs").exists()


def test_file_is_written_and_told_of(app_of, folder):
    async def steps(pilot):
        screen = await built(pilot, await plan_of(pilot), "enter")
        shown = frame(pilot.app)
        assert "wrote powder.nxs" in shown
        assert screen.built.checksum in shown
        assert "  nxtool convert powder.nx.yaml\n" in shown

    drive(app_of(RECIPE), steps)
    assert (folder / "powder.nxs").exists()


def test_stopping_leaves_no_file(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        screen.action_start()
        assert screen.stage == "writing"
        screen.action_leave()
        await until(pilot, lambda: screen.stage == "done")
        assert "stopped: nothing was written" in frame(pilot.app)

    drive(app_of(LARGE), steps)
    assert {file.name for file in folder.iterdir()} == {"powder.csv", "powder.nx.yaml"}


def test_leaving_the_application_leaves_no_file(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        screen.action_start()
        pilot.app.exit()

    drive(app_of(LARGE), steps)
    assert {file.name for file in folder.iterdir()} == {"powder.csv", "powder.nx.yaml"}


def test_an_output_outside_the_folder_is_told_and_another_asked_for(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        assert screen.focused is not screen.query_one("#target")
        assert "output '../powder.nxs' leaves the folder of the recipe" in " ".join(
            frame(pilot.app).split()
        )
        await pilot.press("enter")
        assert screen.stage == "naming"
        await built(pilot, screen, "enter", "enter")
        assert screen.built.file is not None

    drive(app_of(RECIPE.replace("output: powder.nxs", "output: ../powder.nxs")), steps, (160, 50))
    assert not (folder.parent / "powder.nxs").exists()


def test_a_file_that_could_not_be_written_can_be_named_anew(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        screen.target = folder / "gone" / "x.nxs"
        await built(pilot, screen, "enter")
        assert "create it, or choose another" in frame(pilot.app)
        await pilot.press("o")
        assert screen.stage == "naming"
        screen.query_one("#target").value = "y.nxs"
        await built(pilot, screen, "enter", "enter")
        assert screen.built.file.resolve() == folder / "y.nxs"

    drive(app_of(RECIPE), steps)
    assert (folder / "y.nxs").exists()


def test_existing_file_is_kept_until_the_key_to_replace_it(app_of, folder):
    target = folder / "powder.nxs"
    target.write_text("precious")

    async def steps(pilot):
        screen = await plan_of(pilot)
        await pilot.press("enter", "enter")
        assert screen.stage == "asking"
        assert target.read_text() == "precious"
        await built(pilot, screen, "r")
        assert screen.built.file is not None

    drive(app_of(RECIPE), steps)
    assert target.read_bytes().startswith(b"\x89HDF")


@pytest.mark.slow
def test_another_file_is_written_where_that_is_asked_for(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        await pilot.press("o")
        screen.query_one("#target").value = "other.nxs"
        await pilot.press("enter")
        await built(pilot, screen, "enter")
        assert "nxtool convert powder.nx.yaml -o other.nxs" in frame(pilot.app)

    drive(app_of(RECIPE), steps)
    assert (folder / "other.nxs").exists()
    assert not (folder / "powder.nxs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["powder.nxs", "in/powder.nxs", "../out/powder.nxs", "/out/p.nxs"])
def test_the_file_to_be_named_anew_is_told_with_its_folder(app_of, name):
    async def steps(pilot):
        screen = await plan_of(pilot)
        await pilot.press("o")
        screen.query_one("#target").value = name
        await pilot.press("enter", "o")
        assert screen.query_one("#target").value == name

    drive(app_of(RECIPE), steps)


@pytest.mark.parametrize("name", ["~nobody_of_this_name/x.nxs", "y" * 300])
def test_what_cannot_name_a_file_is_told_and_another_asked_for(app_of, name):
    async def steps(pilot):
        screen = await plan_of(pilot)
        before = screen.target
        await pilot.press("o")
        screen.query_one(Input).value = name
        await pilot.press("enter")
        assert (screen.stage, screen.target) == ("naming", before)
        await pilot.press("escape")
        assert screen.stage == "plan"

    drive(app_of(RECIPE), steps)


def test_recipe_that_names_no_file_is_asked_for_one(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        await pilot.press("enter")
        assert screen.query_one("#target").value == "powder.nxs"
        await pilot.press("enter")
        await built(pilot, screen, "enter")

    drive(app_of(RECIPE.replace("output: powder.nxs\n", "")), steps)
    assert (folder / "powder.nxs").exists()


def test_invalid_file_is_not_written_unless_one_insists(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        await pilot.press("enter")
        assert screen.stage == "plan"
        await built(pilot, screen, "i")
        assert "nxtool convert powder.nx.yaml --allow-invalid" in frame(pilot.app)

    drive(app_of(RECIPE.replace("  title: LaB6\n", "")), steps)
    assert (folder / "powder.nxs").exists()


def test_broken_source_is_told(app_of, folder):
    (folder / "powder.csv").unlink()

    async def steps(pilot):
        await plan_of(pilot)
        assert "R05 line 5:" in frame(pilot.app)
        await pilot.press("i", "enter")
        assert pilot.app.screen.stage == "plan"

    drive(app_of(RECIPE), steps)
    assert not (folder / "powder.nxs").exists()


def test_source_that_breaks_after_planning_is_told(app_of, folder):
    async def steps(pilot):
        screen = await plan_of(pilot)
        (folder / "powder.csv").unlink()
        await built(pilot, screen, "enter")
        assert "nothing was written: sources cannot be read" in frame(pilot.app)

    drive(app_of(RECIPE), steps)
    assert not (folder / "powder.nxs").exists()


def test_finding_of_the_file_leads_to_the_value(app_of):
    async def steps(pilot):
        screen = await built(pilot, await plan_of(pilot), "i")
        await pilot.press("f6", "enter")
        await until(pilot, lambda: screen not in pilot.app.screen_stack)
        author = pilot.app.screen
        assert author.outline.current.path == "/entry/title"
        assert author.editor.is_open

    drive(app_of(RECIPE.replace("  title: LaB6\n", "")), steps)


def test_recipe_that_is_no_yaml_is_told(app_of):
    async def steps(pilot):
        pilot.app.session.document.text = "entry: ["
        await plan_of(pilot)
        assert "nothing was written" in frame(pilot.app)

    drive(app_of(RECIPE), steps)


def test_progress_tells_bytes_share_rate_and_time():
    standing = Standing("/entry/data/data", 1024, 4096, 0.5, 2048.0, 75.0)
    assert progress_text(standing, ASCII) == (
        "/entry/data/data\n"
        "[#######                     ] 1.0 KiB of 4.0 KiB\n"
        "\n"
        "all\n"
        "[##############              ] 50%, 2.0 KiB/s, 1 min 15 s left"
    )
