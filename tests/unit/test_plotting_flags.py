"""Pixels at the largest integer of their type have no value, in images; all others have theirs."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.plotting.fileplot import FilePlot, file_plot
from nxtool.plotting.plottable import ArrayPlot, Label, Slice
from nxtool.webpage.gather import look
from nxtool.webpage.page import page
from tests.parsedpage import ParsedPage

LABELS = (Label("y"), Label("x"))


def never() -> bool:
    return False


def array_slice(values: np.ndarray) -> Slice:
    return ArrayPlot("", Label("z"), LABELS, values).read((), never)


def frame(path: Path, values: np.ndarray) -> Path:
    """A file whose default plot is an image."""
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "z"})
        data["z"] = values
    return path


@pytest.mark.parametrize("name", ["uint16", "uint32", "uint64", "int16", "int32", ">u2", "int64"])
def test_the_largest_integer_of_a_pixel_is_no_value(name, tmp_path):
    kind = np.dtype(name)
    largest = np.iinfo(kind).max
    values = np.array([[0, 1], [largest - 1, largest]], dtype=kind)
    plot = file_plot(frame(tmp_path / "f.nxs", values))
    assert isinstance(plot, FilePlot)
    told = f"1 pixel at {largest}, the largest {kind.newbyteorder('=').name}, has no value"
    for found in (array_slice(values), plot.read((), never)):
        assert np.isnan(found.values).tolist() == [[False, False], [False, True]]
        assert found.blank == told


@pytest.mark.parametrize(
    ("kind", "pixels"),
    [("u1", [0, 255]), ("i1", [0, 127]), ("i4", [-1, -2]), ("u2", [7, 65534]), ("f4", [1, 65535])],
)
def test_all_other_values_are_drawn(kind, pixels):
    shown = np.array([pixels] * 2, dtype=kind)
    found = array_slice(shown)
    assert (found.values.tolist(), found.blank) == (shown.tolist(), "")


def test_in_a_line_all_integers_are_values():
    values = np.array([1, 65535], dtype="u2")
    found = ArrayPlot("", Label("z"), LABELS[:1], values).read((), never)
    assert (found.values.tolist(), found.blank) == ([1, 65535], "")


def test_the_page_tells_of_pixels_without_a_value(tmp_path):
    values = np.arange(2000, dtype="u4").reshape(40, 50)
    values[10:12] = 2**32 - 1
    text = ParsedPage(page(look(frame(tmp_path / "f.nxs", values)))).text
    assert "; 100 pixels at 4294967295, the largest uint32, have no value" in text


def test_an_image_of_flags_alone_is_refused(tmp_path):
    values = np.full((2, 2), 65535, dtype="u2")
    text = " ".join(ParsedPage(page(look(frame(tmp_path / "f.nxs", values)))).text.split())
    assert (
        "No picture Here are no finite values: 4 pixels at 65535, the largest uint16, have no "
        "value. →" in text
    )
