"""Files as trees, and what they plot first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.defaultplot import DefaultPlot, NoPlot, default_plot
from nxtool.hdf5.opening import Hdf5File
from nxtool.report.filetree import file_lines
from nxtool.report.terminal import Terminal, render
from nxtool.show import Item, file_tree

Fill = Callable[[h5py.File], None]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[Fill], Hdf5File]]:
    """Writes a file with a function, and opens it."""
    files: list[Hdf5File] = []

    def write(fill: Fill) -> Hdf5File:
        path = tmp_path / "file.nxs"
        with h5py.File(path, "w") as file:
            fill(file)
        files.append(Hdf5File(path))
        return files[-1]

    yield write
    for file in files:
        file.__exit__(None, None, None)


def group(parent: h5py.Group, name: str, nx_class: str, **attributes: object) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs.update({"NX_class": nx_class, **attributes})
    return made


def shown(file: Hdf5File, **options: bool) -> list[str]:
    top, plot = file_tree(file.root)
    lines = file_lines("f", top, plot, **options)
    return render(lines, Terminal()).splitlines()[1:-1]


Opened = Callable[[Fill], Hdf5File]


def test_small_values_are_shown_with_units(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["energy"] = 8.333
        file["energy"].attrs["units"] = "keV"
        file["name"] = "Ni"
        file["pixel"] = np.array([1, 2], "u2")
        file["source"] = ["ESRF"]

    assert shown(opened(fill)) == [
        "├─ energy = 8.333 keV  float64",
        "├─ name = Ni  string",
        "├─ pixel = [1, 2]  uint16 [2]",
        "└─ source = ESRF  string [1]",
    ]


def test_large_values_are_shown_by_their_storage(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.create_dataset(
            "image", data=np.zeros((64, 64), "i4"), chunks=(64, 64), compression="gzip"
        )
        file["empty"] = h5py.Empty("f8")

    lines = shown(opened(fill))
    assert lines[0] == "├─ empty  float64 [null]"
    assert lines[1].startswith("└─ image  int32 [64 × 64]  chunks 64 × 64, deflate, ")


def test_links_name_their_target_and_broken_ones_their_fault(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        group(file, "a", "NXentry")["x"] = 1
        file["b"] = h5py.SoftLink("/a")
        file["c"] = h5py.SoftLink("/none")
        file["d"] = h5py.ExternalLink("none.h5", "/x")

    assert shown(opened(fill)) == [
        "├─ a  NXentry",
        "│  └─ x = 1  int64",
        "├─ b  NXentry  → /a",
        "├─ c  ✗  → /none  '/none' does not exist",
        "└─ d  ✗  → none.h5:/x  file 'none.h5' is missing",
    ]


def test_a_circle_is_shown_once(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.create_group("a")["up"] = file["/"]

    assert shown(opened(fill)) == ["└─ a", "   └─ up  ↺ see /"]


def test_attributes_are_shown_when_asked_for(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        group(file, "e", "NXentry", default="x", numbers=np.arange(9))

    assert shown(opened(fill), attributes=True) == [
        "└─ e  NXentry",
        "   ├─ @default = x",
        "   └─ @numbers = [0, 1, 2, 3, 4, 5, …]",
    ]


def test_depth_hides_what_is_below_and_counts_it(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file["a/b/c"] = 1

    top, _ = file_tree(opened(fill).root, depth=1)
    below: Item = top.children[0]
    assert (below.name, below.hidden, below.children) == ("a", 1, [])


def plot_of(file: Hdf5File) -> DefaultPlot | NoPlot:
    return default_plot(file.root)


def test_the_chain_of_default_is_followed(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        file.attrs["default"] = "two"
        group(file, "one", "NXentry")
        entry = group(file, "two", "NXentry", default="deep")
        deep = group(entry, "deep", "NXprocess", default="plot")
        plot = group(deep, "plot", "NXdata", signal="y", axes=["x", "."])
        plot["y"], plot["x"] = np.zeros((2, 3)), [1, 2]

    assert plot_of(opened(fill)) == DefaultPlot(
        "/two/deep/plot", "/two/deep/plot/y", ("/two/deep/plot/x", None)
    )


def test_without_default_the_first_entry_and_data_are_taken(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        data = group(group(file, "e", "NXentry"), "d", "NXdata", signal="y")
        data["y"] = [1]

    assert plot_of(opened(fill)) == DefaultPlot("/e/d", "/e/d/y")


def test_signal_and_axes_marked_in_the_older_way_are_found(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        data = group(group(file, "e", "NXentry"), "d", "NXdata")
        data["y"], data["x"] = [1, 2], [3, 4]
        data["y"].attrs["signal"] = 1
        data["x"].attrs["axis"] = "1"

    assert plot_of(opened(fill)) == DefaultPlot("/e/d", "/e/d/y", ("/e/d/x",))


def test_axes_are_found_as_nxcansas_names_them(opened: Opened) -> None:
    def fill(file: h5py.File) -> None:
        data = group(group(file, "e", "NXentry"), "d", "NXdata", signal="I", I_axes="Q")
        data["I"], data["Q"] = [1, 2], [3, 4]

    assert plot_of(opened(fill)) == DefaultPlot("/e/d", "/e/d/I", ("/e/d/Q",))


def circle(file: h5py.File) -> None:
    file.attrs["default"] = "e"
    group(file, "e", "NXentry", default="e")["e"] = h5py.SoftLink("/e")


def signal_that_is_a_group(file: h5py.File) -> None:
    group(group(group(file, "e", "NXentry"), "d", "NXdata", signal="g"), "g", "NXnote")


def signal_in_a_missing_file(file: h5py.File) -> None:
    data = group(group(file, "e", "NXentry"), "d", "NXdata", signal="y")
    data["y"] = h5py.ExternalLink("gone.h5", "/y")


def mark_in_a_missing_file(file: h5py.File) -> None:
    data = group(group(file, "e", "NXentry"), "d", "NXdata")
    data["x"], data["y"] = [1], h5py.ExternalLink("gone.h5", "/y")


@pytest.mark.parametrize(
    ("fill", "reason"),
    [
        (lambda file: None, NoPlot("/", "names no default and holds no NXentry")),
        (
            lambda file: file.attrs.update({"default": "x"}),
            NoPlot("/@default", "names 'x', which leads nowhere"),
        ),
        (
            lambda file: group(file, "e", "NXentry"),
            NoPlot("/e", "names no default and holds no NXdata"),
        ),
        (
            lambda file: group(group(file, "e", "NXentry"), "d", "NXdata"),
            NoPlot("/e/d", "names no signal"),
        ),
        (signal_that_is_a_group, NoPlot("/e/d@signal", "names 'g', which is no field")),
        (
            signal_in_a_missing_file,
            NoPlot("/e/d@signal", "names 'y', which leads nowhere: file 'gone.h5' is missing"),
        ),
        (
            mark_in_a_missing_file,
            NoPlot("/e/d", "names no signal, and 'y' leads nowhere: file 'gone.h5' is missing"),
        ),
        (circle, NoPlot("/", "the chain of default has more than 20 steps")),
    ],
)
def test_why_there_is_no_plot(opened: Opened, fill: Fill, reason: NoPlot) -> None:
    assert plot_of(opened(fill)) == reason
