"""Which field has the errors of a line, and when there is none."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.plotting.fileplot import FilePlot, file_plot
from nxtool.plotting.plottable import Slice
from nxtool.webpage.gather import look
from nxtool.webpage.page import page
from tests.parsedpage import ParsedPage

VALUES = np.array([1.0, 4.0, 9.0])
ERRORS = np.array([1.0, 2.0, 3.0])


@pytest.fixture
def data(tmp_path):
    """The NXdata of a file with a line, open."""
    with h5py.File(tmp_path / "f.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        group = file["entry"].create_group("data")
        group.attrs.update({"NX_class": "NXdata", "signal": "I"})
        group["I"] = VALUES
        yield group


def drawn(data: h5py.Group, index: tuple[int, ...] = ()) -> Slice:
    data.file.flush()
    plot = file_plot(Path(data.file.filename))
    assert isinstance(plot, FilePlot)
    return plot.read(index, lambda: False)


@pytest.mark.parametrize(
    ("name", "mark"),
    [("I_errors", {}), ("errors", {}), ("Idev", {"uncertainties": "Idev"}),
     ("Idev", {"uncertainty": "Idev"})],
)  # fmt: skip
def test_errors_are_found_by_name_and_by_attribute(data, name, mark):
    data[name] = ERRORS
    data["I"].attrs.update(mark)
    found = drawn(data).errors
    assert found is not None
    assert found.tolist() == ERRORS.tolist()


@pytest.mark.parametrize("values", [ERRORS[:2], ERRORS[None], np.array(["a", "b", "c"], "S1")])
def test_what_does_not_fit_the_signal_is_no_error_of_it(data, values):
    data["I_errors"] = values
    assert drawn(data).errors is None


def test_without_errors_there_are_no_bars(data):
    data.file.flush()
    assert drawn(data).errors is None
    assert (
        "errors" not in ParsedPage(page(look(Path(data.file.filename)))).text.partition("Tree")[0]
    )


def test_of_a_stack_of_lines_those_of_the_slice_are_read(data):
    del data["I"]
    data["I"] = np.stack([VALUES, VALUES])
    data["I_errors"] = np.stack([ERRORS, 2 * ERRORS])
    data["I"].attrs["interpretation"] = "spectrum"
    found = drawn(data, (1,)).errors
    assert found is not None
    assert found.tolist() == (2 * ERRORS).tolist()


def test_a_line_whose_errors_cannot_be_decoded_is_drawn(data):
    errors = data.create_dataset("I_errors", data=ERRORS, chunks=(3,), compression="gzip")
    errors.id.write_direct_chunk((0,), b"no zlib stream")
    shown = drawn(data)
    assert (shown.values.tolist(), shown.errors) == (VALUES.tolist(), None)


def test_the_page_says_what_the_bars_are(data):
    data["I_errors"] = ERRORS
    data.file.flush()
    text = page(look(Path(data.file.filename)))
    assert text.count('class="errors"') == 2  # linear, and by its logarithm
    assert "bars are errors" in ParsedPage(text).text
