"""How quickly the terminal interface answers.

    python tests/benchmarks/tui.py [--concepts 14000] [--gib 1.0]

Prints medians: from the start of the process to the first paint and to a quiet screen, and from a
key to the screen, in a pseudo terminal; opening the largest definition, folding a group and a key
of the search among many concepts, without a terminal; and how late the event loop is while a file
is built. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from fcntl import ioctl
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from nxtool.authoring.rows import Unfolded
from nxtool.schema.compile import default_schema
from nxtool.schema.template import template
from nxtool_tui.app import NxtoolApp
from nxtool_tui.author import AuthorScreen

LARGEST = "NXem"
QUIET = 0.4
"""Seconds without output after which a screen is complete."""


class Terminal:
    """A process in a pseudo terminal of 100 columns and 30 rows."""

    def __init__(self, *command: str) -> None:
        self.start = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", LANG="C.UTF-8")
            os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - as it is meant
        ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def until_quiet(self) -> tuple[float, float]:
        """Seconds from now to the first and to the last output before it is quiet."""
        begin = time.perf_counter()
        first = last = 0.0
        while select.select([self.fd], [], [], QUIET if first else 10)[0]:
            try:
                os.read(self.fd, 1 << 16)
            except OSError:  # the process has ended
                break
            last = time.perf_counter() - begin
            first = first or last
        return first, last

    def press(self, key: bytes) -> tuple[float, float]:
        os.write(self.fd, key)
        return self.until_quiet()

    def end(self) -> None:
        os.write(self.fd, b"\x11")
        self.until_quiet()
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def told(what: str, seconds: list[float]) -> None:
    numbers = sorted(1000 * one for one in seconds)
    print(f"{what:<52}{statistics.median(numbers):8.0f} ms   (most {numbers[-1]:.0f})")


def in_terminal(recipe: Path, repeat: int) -> None:
    starts, first_paints, keys = [], [], []
    for _ in range(repeat):
        terminal = Terminal("-m", "nxtool", "tui", str(recipe))
        first, _ = terminal.until_quiet()
        first_paints.append(first)
        keys += [terminal.press(key)[1] for key in (b"j", b"j", b"k", b"j")]
        terminal.end()
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import textual.app, h5py"], check=True)
        starts.append(time.perf_counter() - begin)
    told("python that imports textual and h5py alone", starts)
    told("start of the process to the first paint", first_paints)
    told("key to the last byte on the screen", keys)


async def timed(action: Callable[[], Any], pilot: Any) -> float:
    """Seconds of an action with the painting after it."""
    begin = time.perf_counter()
    action()
    await pilot.pause()
    return time.perf_counter() - begin


def unfolded(screen: AuthorScreen, concepts: int) -> int:
    """Open groups until there are so many rows; how many there are."""
    opened: frozenset[Any] = frozenset()
    for depth in range(8):
        rows = [row for top in screen.tops for row in top.walk()]
        if len(rows) >= concepts:
            break
        groups = [row.names for row in rows if row.kind == "group"]
        room = max(1, (concepts - len(rows)) // 40)
        opened |= frozenset(groups if depth < 3 else groups[: len(opened) + room])
        inherited = opened if depth > 1 else frozenset()
        screen.unfolded = Unfolded(level="all", opened=opened, inherited=inherited)
        screen.list_rows()
    return sum(1 for top in screen.tops for _ in top.walk())


async def without_terminal(recipe: Path, concepts: int, repeat: int) -> None:
    app = NxtoolApp(recipe)
    begin = time.perf_counter()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        print(f"{'start and stop of the app with ' + LARGEST:<52}"
              f"{1000 * (time.perf_counter() - begin):8.0f} ms")  # fmt: skip
        screen = app.screen
        assert isinstance(screen, AuthorScreen)
        told(f"listing {LARGEST}", [await timed(screen.list_rows, pilot) for _ in range(repeat)])
        count = unfolded(screen, concepts)
        outline = screen.outline
        outline.move_to(0)
        folds = []
        for _ in range(repeat):
            folds.append(await timed(outline.action_fold, pilot))
            folds.append(await timed(outline.action_unfold, pilot))
        told(f"folding the entry, {count} concepts", folds)
        found = [await timed(lambda: outline.search("detector na"), pilot) for _ in range(repeat)]
        told(f"a key of the search, {count} concepts", found)
        outline.search("")
        moves = [await timed(lambda: outline.action_move(1), pilot) for _ in range(repeat)]
        told(f"moving down, {count} concepts", moves)


async def lag_while_building(folder: Path, gib: float) -> None:
    frames = max(1, int(gib * 2**30 / (2 * 2**20)))
    with h5py.File(folder / "frames.h5", "w") as file:
        data = file.create_dataset("data", (frames, 1024, 1024), "u2", chunks=(1, 1024, 1024))
        frame = np.random.default_rng(1).poisson(2, (1024, 1024)).astype("u2")
        for index in range(frames):
            data[index] = frame
        file["angle"] = np.linspace(0, 180, frames)
        file["key"] = np.zeros(frames, dtype="i4")
    recipe = folder / "tomo.nx.yaml"
    recipe.write_text(BUILD)
    app = NxtoolApp(recipe)
    late: list[float] = []
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(1.0)
        await pilot.press("f5")
        await pilot.pause(1.0)
        await pilot.press("enter")
        target = folder / "out.nxs"
        begin = time.perf_counter()
        while not target.exists() and time.perf_counter() - begin < 300:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            late.append(time.perf_counter() - before - 0.01)
        seconds = time.perf_counter() - begin
    late.sort()
    if not target.exists():
        print("the file was not built")
        return
    what = f"event loop, late while {gib} GiB are built ({seconds:.0f} s)"
    middle, high = late[len(late) // 2], late[int(len(late) * 0.95)]
    print(f"{what:<52}{1000 * middle:8.1f} ms   (95 %: {1000 * high:.1f},"
          f" most {1000 * late[-1]:.0f})")  # fmt: skip


BUILD = """\
nxtool: 1
definition: NXtomo
output: out.nxs
sources: {raw: frames.h5}
entry:
  instrument:
    detector:
      data: {from: "raw:/data", units: counts, compression: bitshuffle-lz4}
      image_key: {from: "raw:/key"}
  sample:
    name: noise
    rotation_angle: {from: "raw:/angle", units: deg}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--concepts", type=int, default=14_000)
    parser.add_argument("--gib", type=float, default=1.0)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = str(folder / "state")
        small, large = folder / "small.nx.yaml", folder / "large.nx.yaml"
        schema = default_schema()
        small.write_text(template(schema, "NXxas"))
        large.write_text(template(schema, LARGEST))
        in_terminal(small, options.repeat)
        asyncio.run(without_terminal(large, options.concepts, options.repeat))
        asyncio.run(lag_while_building(folder, options.gib))


if __name__ == "__main__":
    main()
