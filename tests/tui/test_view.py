"""The screen that shows a file."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from textual.widgets import Static

from nxtool_tui.app import NxtoolApp
from nxtool_tui.findings import FindingsScreen
from nxtool_tui.plotscreen import PlotScreen
from nxtool_tui.view import ViewScreen
from tests import monopdfile
from tests.openpmdfile import write
from tests.tui.frames import at_every_size, drive, frame, golden
from tests.tui.waiting import until


@pytest.fixture
def path(tmp_path):
    """A file with a part of what NXmonopd asks for, and a link."""
    file = monopdfile.write(tmp_path / "scan.nxs", np.int32, "mm")
    with h5py.File(file, "r+") as new:
        new["entry/other"] = h5py.SoftLink("/entry/instrument")
    return file


async def judged(pilot) -> ViewScreen:
    """The screen, when the file is read and judged."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ViewScreen))
    screen = pilot.app.screen
    await until(pilot, lambda: (screen.findings is not None and screen.current) or screen.problem)
    return screen


def paths(screen: ViewScreen) -> list[str]:
    return [row.path for row in screen.outline.shown]


@at_every_size
def test_file_is_shown_with_concepts_and_findings(path, size):
    async def steps(pilot):
        screen = await judged(pilot)
        await pilot.press("tab")
        screen.outline.jump(("/", "entry", "instrument"))
        await pilot.press("right")
        await until(pilot, lambda: "/entry/instrument/detector" in paths(screen))
        screen.outline.jump(("/", "entry", "instrument", "detector"))
        await pilot.press("right")
        await until(pilot, lambda: "/entry/instrument/detector/data" in paths(screen))
        screen.outline.jump(("/", "entry", "instrument", "detector", "data"))
        await pilot.pause()
        golden(f"view-{'x'.join(map(str, size))}", frame(pilot.app))

    drive(NxtoolApp(path), steps, size)


def test_tab_shows_what_is_missing_where_the_definition_has_it(path):
    async def steps(pilot):
        screen = await judged(pilot)
        assert "/entry/sample" not in paths(screen)
        await pilot.press("tab")
        assert paths(screen).index("/entry/start_time") < paths(screen).index("/entry/definition")
        sample = paths(screen).index("/entry/sample")
        assert screen.outline.row_text(sample, 60).plain.startswith("●")
        await pilot.press("tab")
        assert "/entry/sample" not in paths(screen)

    drive(NxtoolApp(path), steps)


def test_finding_leads_to_a_value_in_a_group_that_was_not_open(path):
    async def steps(pilot):
        screen = await judged(pilot)
        await pilot.press("f6")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindingsScreen))
        listing = pilot.app.screen.list
        listing.move_to([item.code for item in listing.items].index("U03"))
        await pilot.press("enter")
        await until(pilot, lambda: screen.current and screen.current.label == "polar_angle")
        assert screen.current.path == "/entry/instrument/detector/polar_angle"
        assert "U03 'mm' is not NX_ANGLE" in frame(pilot.app)

    drive(NxtoolApp(path), steps)


def test_missing_value_is_reached_from_its_finding(path):
    async def steps(pilot):
        screen = await judged(pilot)
        screen._go_to(next(one for one in screen.findings if one.path == "/entry/sample"))
        await until(pilot, lambda: screen.current.path == "/entry/sample")
        assert "is missing" in frame(pilot.app)

    drive(NxtoolApp(path), steps)


def test_enter_opens_a_group_and_folds_it(path):
    async def steps(pilot):
        screen = await judged(pilot)
        screen.outline.jump(("/", "entry", "other"))
        await pilot.press("enter")
        await until(pilot, lambda: "/entry/other/detector" in paths(screen))
        await pilot.press("enter")
        assert "/entry/other/detector" not in paths(screen)

    drive(NxtoolApp(path), steps)


def test_names_of_a_large_group_come_when_they_are_asked_for(tmp_path):
    file = tmp_path / "many.nxs"
    with h5py.File(file, "w") as new:
        for number in range(300):
            new[f"x{number:04}"] = number

    async def steps(pilot):
        screen = await judged(pilot)
        await pilot.press("end")
        await pilot.pause()
        assert screen.current.label == "… 50 more"
        assert "not read yet" in frame(pilot.app)
        assert "not in the" not in frame(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: "/x0299" in paths(screen))

    drive(NxtoolApp(file), steps)


def test_watched_file_is_read_again_when_it_changes(path):
    async def steps(pilot):
        screen = await judged(pilot)
        await pilot.press("w")
        assert "watching" in frame(pilot.app)
        with h5py.File(path, "a") as new:
            new["entry/start_time"] = "2026-01-05T10:00:00Z"
        await until(pilot, lambda: "/entry/start_time" in paths(screen))
        await pilot.press("w")
        assert "watching" not in frame(pilot.app)

    drive(NxtoolApp(path), steps)


@pytest.mark.slow
def test_watched_file_that_is_being_written_is_told_and_stays_shown(path):
    whole = path.read_bytes()

    async def steps(pilot):
        screen = await judged(pilot)
        await pilot.press("w")
        path.write_bytes(whole[:3000])
        await until(pilot, lambda: screen.problem)
        assert "is truncated" in screen.problem
        assert "/entry/title" in paths(screen)
        path.write_bytes(whole)
        await until(pilot, lambda: not screen.problem)

    drive(NxtoolApp(path), steps)


def test_file_that_is_no_hdf5_is_told(tmp_path):
    file = tmp_path / "x.nxs"
    file.write_text("no HDF5")

    async def steps(pilot):
        screen = await judged(pilot)
        assert screen.problem == f"{file}: is not an HDF5 file (check the format)"
        await pilot.press("f6", "tab", "n", "y", "enter", "down")

    drive(NxtoolApp(file), steps)


def test_hostile_names_reach_no_terminal(tmp_path):
    file = tmp_path / "x.nxs"
    with h5py.File(file, "w") as new:
        new["a\x1b[2Jb"] = "c\x1b]0;d"

    async def steps(pilot):
        await judged(pilot)
        await pilot.press("down")
        assert "\x1b" not in frame(pilot.app)
        assert "a\\x1b[2Jb" in frame(pilot.app)

    drive(NxtoolApp(file), steps)


def test_plot_of_the_file_is_one_key_away(path):
    async def steps(pilot):
        await judged(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, PlotScreen))

    drive(NxtoolApp(path), steps)


def test_file_is_shown_in_ascii(path):
    async def steps(pilot):
        await judged(pilot)
        assert "v scan.nxs" in frame(pilot.app)

    drive(NxtoolApp(path, ascii_only=True), steps)


@pytest.fixture
def openpmd(tmp_path):
    """An openPMD file with a mesh that lacks a unit."""
    file = write(tmp_path / "data.h5")
    with h5py.File(file, "r+") as new:
        del new["data/0/fields/E/x"].attrs["unitSI"]
    return file


@at_every_size
def test_openpmd_file_is_shown_with_its_parts_and_findings(openpmd, size):
    async def steps(pilot):
        screen = await judged(pilot)
        screen.outline.jump(("/", "data", "0", "fields", "E"))
        await pilot.press("right")
        await until(pilot, lambda: "/data/0/fields/E/x" in paths(screen))
        screen.outline.jump(("/", "data", "0", "fields", "E", "x"))
        await pilot.pause()
        golden(f"view-openpmd-{'x'.join(map(str, size))}", frame(pilot.app))

    drive(NxtoolApp(openpmd), steps, size)


def test_openpmd_file_in_text_is_shown_too(tmp_path):
    file = tmp_path / "data.json"
    file.write_text(
        '{"attributes": {"openPMD": "1.1.0", "meshesPath": "meshes/"},'
        ' "data": {"0": {"meshes": {"rho": {"datatype": "DOUBLE", "data": [1.0, 2.0]}}}}}'
    )

    async def steps(pilot):
        screen = await judged(pilot)
        assert "/data/0/meshes/rho" in paths(screen)
        await until(pilot, lambda: screen.findings is not None)
        assert "OP006" in {one.code for one in screen.findings}

    drive(NxtoolApp(file), steps)


def test_documentation_fills_the_width_there_is(path):
    async def steps(pilot):
        screen = await judged(pilot)
        screen.outline.jump(("entry",))
        await pilot.pause()
        before = str(screen.query_one("#text", Static).content)
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        await pilot.pause()
        after = str(screen.query_one("#text", Static).content)
        assert before.split() == after.split()
        assert after.count("\n") < before.count("\n")

    drive(NxtoolApp(path), steps)
