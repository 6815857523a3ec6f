"""From a raw HDF5 file to a valid NeXus file, key by key: the keys are counted."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.schema.compile import default_schema
from nxtool.validate.api import validate
from nxtool_tui.app import NxtoolApp
from nxtool_tui.author import AuthorScreen
from nxtool_tui.building import BuildScreen
from nxtool_tui.pick import PickScreen
from nxtool_tui.sources import SourcesPane
from tests.tui.frames import drive
from tests.tui.waiting import until

MOST_KEYS = 40


@pytest.fixture
def scan(tmp_path, monkeypatch) -> Path:
    """A file as a control system leaves it: names of its own, units as attributes."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    with h5py.File("scan.h5", "w") as file:
        scan = file.create_group("1.1")
        scan["title"] = "EXAFS of a nickel foil"
        scan["start_time"] = "2026-11-22T09:51:00+01:00"
        scan["sample/name"] = "nickel foil"
        scan["source/name"] = "Diamond Light Source"
        measured = scan.create_group("measurement")
        measured["energy"] = np.linspace(8200.0, 8600.0, 401)
        measured["energy"].attrs["units"] = "eV"
        measured["incoming_beam"] = np.full(401, 1e5)
        measured["absorbed_beam"] = np.linspace(9e4, 3e4, 401)
        measured["monitor/preset"] = 1.0
        measured["monitor/data"] = np.full(401, 1e5)
    return Path("scan.h5")


class Hand:
    """Presses keys one by one, and counts them."""

    def __init__(self, pilot) -> None:
        self.pilot = pilot
        self.count = 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            self.count += 1

    @property
    def row(self):
        return self.pilot.app.screen.outline.current


async def _on(pilot, screen: type) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, screen))


def test_a_scan_becomes_a_valid_file_in_forty_keys(scan):
    async def steps(pilot):
        hand = Hand(pilot)
        await _on(pilot, PickScreen)
        await until(pilot, lambda: pilot.app.screen.query_one("CandidateList").row_count > 0)
        await hand.press("down", "enter", "enter")
        await _on(pilot, AuthorScreen)
        screen = pilot.app.screen
        await hand.press("n")
        assert screen.outline.current.path == "/entry/instrument/source/type"
        await hand.press("enter", "s", "y", "down", "enter")
        for beam in ("incoming_beam", "absorbed_beam"):
            await hand.press("n")
            assert screen.outline.current.path == f"/entry/instrument/{beam}/data"
            await hand.press("s")
            await until(pilot, lambda: screen.query_one(SourcesPane).offers.row_count > 2)
            await hand.press("enter")
        await hand.press("n")
        assert screen.outline.current.path == "/entry/monitor/mode"
        await hand.press("enter", "t", "down", "enter", "n")
        assert screen.outline.current.path == "/entry/data/mode"
        await hand.press("enter", "t", "r", "down", "enter")
        await hand.press("f5")
        await _on(pilot, BuildScreen)
        build = pilot.app.screen
        await until(pilot, lambda: build.stage == "plan")
        await hand.press("enter")
        await until(pilot, lambda: build.stage == "done")
        counted.append(hand.count)

    counted: list[int] = []
    drive(NxtoolApp(scan), steps)
    assert counted[0] <= MOST_KEYS
    assert counted == [28]  # it may only go down
    found = validate(Path("xas.nxs"), default_schema())
    assert found.definitions == ("/entry: NXxas",)
    assert found.at_least("warning") == []
    with h5py.File("xas.nxs") as file, h5py.File(scan) as raw:
        signal = file["entry/data/absorbed_beam"][()]
        assert np.array_equal(signal, raw["1.1/measurement/absorbed_beam"][()])
