"""Draw the pictures of the terminal interface from real runs: `python docs/screens.py`.

Each is what Textual draws after some keys, in a folder with a raw scan and one with the files of
`nxtool demo`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from nxtool_tui.app import NxtoolApp

IMAGES = Path(__file__).with_name("images")
FONT_FACES = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""They would be fetched from the network; any monospaced font will do."""
QUIET = 0.6
"""Seconds in which something done in a thread arrives."""

RECIPE = """\
# a scan at the nickel edge
nxtool: 1
definition: NXxas
output: nickel.nxs
sources:
  scan: scan.h5
entry:
  title: {from: "scan:/1.1/title"}
  start_time: "2026-11-22T09:51:00+01:00"
  instrument:
    source: {type: Synchrotron X-ray Source, name: Demo Ring}
    incoming_beam:
      data: {from: "scan:/1.1/measurement/i0", units: counts}
  sample:
    name: nickel foil
  monitor:
    mode: timer
    preset: 1.0
  data:
    mode: !invalid "Fluorescence"
"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A picture: the file that is opened, and the keys that are pressed."""

    name: str
    file: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (110, 32)


SCREENS = (
    Screen("tui-author", "nickel.nx.yaml", ("slash", *"energy", "enter", "enter", *"8333")),
    Screen("tui-sources", "nickel.nx.yaml", ("n", "n", "s")),
    Screen("tui-plot", "demo/tomo.nxs", ("p", *"}}}}"), (80, 24)),
    Screen("tui-export", "demo/mx.nxs", ("x", "m", "down", "enter"), (100, 30)),
)


def main() -> None:
    """Draw all of them."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        _scan(Path("scan.h5"))
        Path("nickel.nx.yaml").write_text(RECIPE, encoding="utf-8")
        subprocess.run([sys.executable, "-m", "nxtool", "demo", "demo"], check=True)
        for screen in SCREENS:
            # none shall find the unsaved work of the one before
            os.environ["XDG_STATE_HOME"] = str(Path(place, "state", screen.name))
            svg = FONT_FACES.sub("", asyncio.run(_drawn(screen)))
            (IMAGES / f"{screen.name}.svg").write_text(svg, encoding="utf-8")


def _scan(path: Path) -> None:
    """What a beamline leaves behind."""
    energy = np.linspace(8200.0, 8600.0, 801)
    noise = np.random.default_rng(1)
    edge = 1.2 / (1 + np.exp(-(energy - 8333) / 2)) + 0.05 * np.sin((energy - 8333) / 12)
    with h5py.File(path, "w") as file:
        measured = file.create_group("1.1/measurement")
        measured["energy"] = energy
        measured["energy"].attrs["units"] = "eV"
        measured["i0"] = noise.poisson(100_000, energy.size)
        measured["i1"] = noise.poisson(100_000 * np.exp(-edge))
        file["1.1/title"] = "EXAFS of a nickel foil"


async def _drawn(screen: Screen) -> str:
    app = NxtoolApp(Path(screen.file))
    async with app.run_test(size=screen.size) as pilot:
        await pilot.pause(2 * QUIET)
        for key in screen.keys:
            await pilot.press(key)
            await pilot.pause(QUIET if len(key) == 1 else 0.1)
        await pilot.pause(QUIET)
        return app.export_screenshot(title="nxtool tui")


if __name__ == "__main__":
    main()
