"""Pixels that a mask takes out are not drawn: which mask, which bits, and what is told."""

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

IMAGES = np.arange(24.0).reshape(2, 3, 4)
GAP, USER, CORNER = 1, 1 << 8, 1 << 31
BITS = np.array([[0, GAP, 0, 0], [USER, 0, 0, CORNER], [0, 0, 16, 0]], dtype="u4")
OUT = [1, 4, 10]
"""The pixels of BITS that are not drawn."""


def group(parent: h5py.Group, name: str, nx_class: str) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    return made


@pytest.fixture
def file(tmp_path):
    """A file with images as its default plot, in a detector too; open."""
    with h5py.File(tmp_path / "f.nxs", "w") as file:
        entry = group(file, "entry", "NXentry")
        detector = group(group(entry, "instrument", "NXinstrument"), "detector", "NXdetector")
        detector["data"] = IMAGES
        data = group(entry, "data", "NXdata")
        data.attrs["signal"] = "data"
        data["data"] = detector["data"]
        yield file


def drawn(file: h5py.File) -> Slice:
    file.flush()
    plot = file_plot(Path(file.filename))
    assert isinstance(plot, FilePlot)
    return plot.read((1,), lambda: False)


def blank(shown: Slice) -> list[int]:
    return np.flatnonzero(np.isnan(shown.values)).tolist()


@pytest.mark.parametrize(
    "place",
    ["instrument/detector/pixel_mask", "instrument/detector/detectorSpecific/pixel_mask",
     "data/pixel_mask"],
)  # fmt: skip
def test_pixels_that_the_mask_takes_out_are_blank(file, place):
    file[f"entry/{place}"] = BITS
    shown = drawn(file)
    assert (blank(shown), shown.blank) == (OUT, "3 pixels are masked")


def test_bits_that_only_tell_something_take_no_pixel_out(file):
    file["entry/instrument/detector/pixel_mask"] = np.full((3, 4), CORNER, dtype="u4")
    shown = drawn(file)
    assert (blank(shown), shown.blank) == ([], "")


@pytest.mark.parametrize("mask", [np.ones((4, 3), "u4"), np.ones((3, 4)), np.array(b"none")])
def test_what_is_no_mask_of_the_images_takes_no_pixel_out(file, mask):
    file["entry/instrument/detector/pixel_mask"] = mask
    assert blank(drawn(file)) == []


def test_of_several_detectors_the_one_that_holds_the_images_counts(file):
    file["entry/instrument/detector/pixel_mask"] = BITS
    other = group(file["entry/instrument"], "a_monitor", "NXdetector")
    other["pixel_mask"] = np.ones((3, 4), "u4")
    assert blank(drawn(file)) == OUT


def test_where_it_is_unknown_which_of_several_detectors_it_was_none_is_masked(file):
    del file["entry/data/data"]
    file["entry/data/data"] = IMAGES
    for name in ("a", "b"):
        group(file["entry/instrument"], name, "NXdetector")["pixel_mask"] = BITS
    assert blank(drawn(file)) == []


def test_an_image_whose_mask_cannot_be_decoded_is_drawn(file):
    mask = file["entry/instrument/detector"].create_dataset(
        "pixel_mask", data=BITS, chunks=(3, 4), compression="gzip"
    )
    mask.id.write_direct_chunk((0, 0), b"no zlib stream")
    shown = drawn(file)
    assert (blank(shown), shown.blank) == ([], "the pixel mask cannot be read")


def test_the_page_counts_them(file):
    file["entry/instrument/detector/pixel_mask"] = BITS
    file.flush()
    told = ParsedPage(page(look(Path(file.filename)))).text
    assert "3 pixels are masked" in told


def test_a_mask_does_not_belong_to_a_line(file):
    file["entry/data"].attrs["interpretation"] = "spectrum"
    file["entry/data/pixel_mask"] = np.ones((3, 4), "u4")
    file.flush()
    plot = file_plot(Path(file.filename))
    assert isinstance(plot, FilePlot)
    assert not plot.mask
