"""The plot screen: what is seen of files of all kinds, its keys, and what it refuses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from textual.app import App

from nxtool.plotting.plottable import ArrayPlot, Label, Slice
from nxtool_tui.plotscreen import PlotScreen
from nxtool_tui.theme import install
from tests.tui.frames import at_every_size, drive, frame, golden

ENERGY = np.linspace(8200, 8600, 801)


class Shell(App[None]):
    """An application that shows one plot above an empty screen."""

    def __init__(self, source, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.source = source
        self.ascii_only = ascii_only
        self.copied = ""
        install(self)

    def on_mount(self) -> None:
        self.push_screen(PlotScreen(self.source))

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


async def settled(pilot) -> None:
    """Wait for threads, and for what they told."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def seen(
    source, *keys: str, size: tuple[int, int] = (80, 24), ascii_only: bool = False
) -> tuple[str, Shell]:
    """The screen after the keys, and the application."""
    app = Shell(source, ascii_only=ascii_only)
    frames = []

    async def steps(pilot):
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        frames.append(frame(app))

    drive(app, steps, size)
    return frames[0], app


def absorption() -> np.ndarray:
    edge = 1 / (1 + np.exp(-(ENERGY - 8333) / 3))
    return edge + 0.1 * np.sin((ENERGY - 8333) / 12) * edge * np.exp(-(ENERGY - 8333) / 150)


def rings(shape: tuple[int, int], turn: float = 0) -> np.ndarray:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    radius = np.hypot(y - shape[0] / 2, x - shape[1] / 2) / shape[0]
    return 1000 * np.exp(-(((radius - 0.3) / 0.05) ** 2)) * (1 + np.cos(turn)) + 1


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a NeXus file with one NXdata of these fields."""

    def write(axes: list[str], title: str = "Ni foil [5 µm]", **fields) -> Path:
        path = tmp_path / "scan.nxs"
        with h5py.File(path, "w") as file:
            file.attrs["default"] = "entry"
            entry = file.create_group("entry")
            entry.attrs.update({"NX_class": "NXentry", "default": "data"})
            entry["title"] = title
            data = entry.create_group("data")
            data.attrs.update({"NX_class": "NXdata", "signal": "data", "axes": axes})
            for name, (values, units) in fields.items():
                data[name] = values
                data[name].attrs["units"] = units
        return path

    return write


@pytest.fixture
def line(written) -> Path:
    return written(["energy"], energy=(ENERGY, "eV"), data=(absorption(), "a.u."))


@pytest.fixture
def stack(written) -> Path:
    images = np.stack([rings((60, 80), turn) for turn in (0, 1, 2)])
    return written(
        ["angle", "y", "x"],
        data=(images, "counts"),
        angle=(np.array([0, 57.3, 114.6]), "deg"),
        y=(np.arange(61) * 0.172, "mm"),
        x=(np.arange(80) * 0.172, "mm"),
    )


@at_every_size
def test_a_line_is_drawn(line, size):
    golden(f"plot-line-{size[0]}x{size[1]}", seen(line, size=size)[0])


@at_every_size
def test_an_image_is_drawn_in_ascii(stack, size):
    golden(f"plot-stack-{size[0]}x{size[1]}", seen(stack, size=size, ascii_only=True)[0])


def test_a_line_is_drawn_in_ascii_by_its_logarithm(line):
    golden("plot-line-log-ascii", seen(line, "l", ascii_only=True)[0])


def test_an_image_is_drawn_with_half_blocks(stack):
    golden("plot-stack-colour", seen(stack)[0])


def test_colours_are_not_needed(stack, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    golden("plot-stack-no-colour", seen(stack)[0])


def test_labels_keep_their_brackets(line):
    assert "Ni foil [5 µm]" in seen(line)[0].splitlines()[0]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("", "slice 1 of 3: angle = 0 deg"),
        ("]", "slice 2 of 3: angle = 57.3 deg"),
        ("]]]]", "slice 3 of 3: angle = 114.6 deg"),
        ("]][", "slice 2 of 3: angle = 57.3 deg"),
        ("[", "slice 1 of 3: angle = 0 deg"),
        ("}", "slice 2 of 3: angle = 57.3 deg"),
        ("→→←", "slice 2 of 3: angle = 57.3 deg"),
    ],
)
def test_keys_move_through_slices(stack, keys, told):
    text, _ = seen(stack, *(NAMES[key] for key in keys))
    assert told in text.splitlines()[-2]


NAMES = {
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "}": "right_curly_bracket",
    "←": "left",
    "→": "right",
}


def test_keys_that_would_do_nothing_are_not_offered(line):
    assert "next" not in seen(line)[0].splitlines()[-1]


def test_keys_are_offered_when_the_focus_comes_back(stack):
    app = Shell(stack)
    rows = []

    async def steps(pilot):
        app.app_focus = False
        app.push_screen(PlotScreen(stack))
        for focus in (False, True):
            app.app_focus = focus
            await settled(pilot)
            rows.append(frame(app).splitlines()[-1])

    drive(app, steps)
    assert ["next" in row for row in rows] == [False, True]


def test_the_path_of_the_signal_is_copied(line):
    assert seen(line, "y")[1].copied == "/entry/data/data"


@pytest.mark.parametrize("key", ["escape", "q"])
def test_a_key_leads_back(line, key):
    assert seen(line, key)[0].strip() == ""


def test_a_file_without_plot_is_told_with_the_next_step(tmp_path):
    path = tmp_path / "empty.nxs"
    with h5py.File(path, "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
    golden("plot-none", seen(path)[0])
    assert seen(path, "y")[1].copied == str(path)


def test_a_damaged_file_is_told_with_the_next_step(line):
    line.write_bytes(line.read_bytes()[:2000])
    lines = [text.strip() for text in seen(line)[0].splitlines()]
    assert "is truncated" in " ".join(lines)
    assert "the writer was stopped or the copy is not complete" in lines


def test_a_missing_file_is_told(tmp_path):
    assert "No such file or directory" in " ".join(seen(tmp_path / "gone.nxs")[0].split())


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (np.array([b"a", b"b"]), "/entry/data/data holds string, not numbers."),
        (np.array(3.0), "/entry/data/data is a single value."),
        (np.zeros((0, 4)), "/entry/data/data is empty."),
        (np.full(4, np.nan), "Here are no finite values."),
    ],
)
def test_what_cannot_be_drawn_is_told(written, values, told):
    assert told in seen(written(["."], data=(values, "")))[0]


def test_a_logarithm_of_nothing_positive_is_told(written):
    path = written(["."], data=(np.array([-1.0, 0.0]), ""))
    told = "Here are no values above zero, which a logarithm needs: press l."
    assert told in seen(path, "l")[0]
    assert told not in seen(path, "l", "l")[0]


def test_control_characters_of_a_file_are_not_obeyed(written):
    path = written(["."], title="a\x1b[31mb", data=(np.arange(3), "x\x07y"))
    text = seen(path)[0]
    assert r"a\x1b[31mb" in text
    assert r"x\x07y" in text


def test_arrays_can_be_given():
    plot = ArrayPlot("raw", Label("ramp", "V"), (Label("time", "s"),), np.arange(100.0))
    golden("plot-array", seen(plot)[0])


def test_a_window_that_is_too_small_is_told(line):
    words = " ".join(seen(line, size=(20, 8))[0].split())
    assert "The window is too small to draw in." in words


def test_a_mistake_of_ours_is_told_and_the_application_goes_on():
    class Faulty(ArrayPlot):
        def read(self, index, cancelled) -> Slice:
            raise ValueError("oh [dear]")

    plot = Faulty("raw", Label("x"), (Label("t"),), np.arange(3))
    assert "nxtool has a bug: ValueError: oh [dear]." in seen(plot)[0]


def test_a_file_that_changed_under_the_plot_is_told(stack):
    app = Shell(stack)
    frames = []

    async def steps(pilot):
        await settled(pilot)
        with h5py.File(stack, "a") as file:
            del file["entry/data/data"]
            file["entry/data/data"] = np.zeros(3)
        await pilot.press(NAMES["]"])
        await settled(pilot)
        frames.append(frame(app))

    drive(app, steps)
    assert "/entry/data/data is no longer what it was." in frames[0]
    assert "go back, and open the plot again" in frames[0]


def test_leaving_gives_up_what_is_being_read():
    begun, ended = threading.Event(), threading.Event()

    class Slow(ArrayPlot):
        def read(self, index, cancelled) -> Slice:
            begun.set()
            while not cancelled():
                pass
            ended.set()
            return super().read(index, cancelled)

    plot = Slow("raw", Label("x"), (Label("t"),), np.arange(3))
    app = Shell(plot)

    async def steps(pilot):
        await asyncio.to_thread(begun.wait)
        assert "reading" in frame(app)
        await pilot.press("escape")
        await asyncio.to_thread(ended.wait)
        await settled(pilot)
        assert frame(app).strip() == ""

    drive(app, steps)
