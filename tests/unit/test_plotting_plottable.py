"""What is read of data: all, or so much that memory is bounded; what is left out is told."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import NxtoolError
from nxtool.nodeview import Unreadable
from nxtool.plotting.fileplot import FilePlot, file_plot
from nxtool.plotting.plottable import (
    MAX_POINTS,
    MAX_SIDE,
    ArrayPlot,
    Label,
    Refusal,
    drawn_dimensions,
    indices,
    note,
    pick,
    read_picked,
)
from nxtool.plotting.reading import Reading, read


def never() -> bool:
    return False


def test_units_are_written_once():
    assert Label("energy", "eV").text == "energy (eV)"
    assert Label("energy").text == "energy"
    assert Label("energy [eV]", "eV").text == "energy [eV]"
    assert Label("evil", "e").text == "evil (e)"


class Counted:
    """An array that remembers the bytes taken from it."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.largest = 0
        self.blocks: list[tuple[slice, ...]] = []

    def __getitem__(self, block: tuple[slice, ...]) -> np.ndarray:
        self.blocks.append(block)
        sides = [len(range(*part.indices(n))) for part, n in zip(block, self.shape, strict=True)]
        values = np.zeros(sides)
        self.largest = max(self.largest, values.nbytes)
        return values


@given(st.integers(1, 10**12), st.integers(1, 10**7))
def test_of_a_line_no_more_than_the_bound_is_read(size, chunk):
    (pieces,) = pick((size,), 1, chunk)
    assert sum(piece.stop - piece.start for piece in pieces) <= MAX_POINTS
    assert pieces[0].start == 0
    assert all(0 <= piece.start < piece.stop <= size for piece in pieces)
    starts = [piece.start for piece in pieces]
    assert starts == sorted(starts)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_of_an_image_no_more_than_the_bound_is_read(height, width):
    for (piece,), size in zip(pick((height, width), 2), (height, width), strict=True):
        assert len(range(piece.start, piece.stop, piece.step)) <= MAX_SIDE
        assert piece.stop == size


@given(st.integers(1, 3000), st.integers(1, 40), st.integers(1, 700))
def test_bands_of_an_image_give_the_rows_in_order(height, width, chunk):
    values = np.arange(height * width, dtype=float).reshape(height, width)
    picked = pick(values.shape, 2)
    found = read_picked(values.__getitem__, (), picked, (chunk, width), never)
    assert found.tolist() == values[picked[0][0], picked[1][0]].tolist()


def test_a_band_is_made_of_whole_chunks():
    source = Counted((4, 4096, 4096))
    read_picked(source.__getitem__, (2,), pick(source.shape, 2), (1, 4096, 4096), never)
    assert len(source.blocks) == 1
    assert source.blocks[0][0] == slice(2, 3)


def test_a_huge_image_is_read_in_small_blocks():
    source = Counted((10**6, 10**6))
    plot = ArrayPlot("", Label("z"), (Label("y"), Label("x")), source)
    found = plot.read((), never)
    assert found.values.shape == (512, 512)
    assert found.note == "every 1954th row, every 1954th column"
    assert source.largest <= 1 << 20


def test_reading_stops_when_it_is_cancelled():
    source = Counted((10**9,))
    answers = iter([False, False, True])
    read_picked(source.__getitem__, (), pick(source.shape, 1), (), lambda: next(answers))
    assert len(source.blocks) == 2


def test_values_that_are_left_out_are_told():
    assert note(pick((10**7,), 1), (10**7,)) == "524,288 of 10,000,000 values, in pieces"
    assert note(pick((100,), 1), (100,)) == ""
    assert note(pick((1024, 100), 2), (1024, 100)) == "every 2nd row"
    assert note(pick((100, 512 * 11), 2), (100, 512 * 11)) == "every 11th column"


@pytest.mark.parametrize(
    ("shape", "interpretation", "drawn"),
    [
        ((5,), "", 1),
        ((5, 6), "", 2),
        ((1, 6), "", 1),
        ((3, 5, 6), "", 2),
        ((3, 5, 6), "spectrum", 1),
        ((3, 5, 6), "image", 2),
    ],
)
def test_the_last_dimensions_are_drawn(shape, interpretation, drawn):
    assert drawn_dimensions(shape, interpretation) == drawn


def test_given_coordinates_go_with_the_values():
    values = np.arange(24.0).reshape(2, 3, 4)
    axes = (Label("a"), Label("b"), Label("c"))
    plot = ArrayPlot("", Label("z"), axes, values, {0: np.array([7, 8]), 2: np.array([4, 3, 2, 1])})
    found = plot.read((1,), never)
    assert found.values.tolist() == values[1].tolist()
    assert found.positions == (8,)
    assert [along.tolist() for along in found.coordinates] == [[0, 1, 2], [4, 3, 2, 1]]


def test_complex_numbers_are_drawn_by_their_magnitude():
    plot = ArrayPlot("", Label("z"), (Label("x"),), np.array([3 + 4j, -1]))
    assert plot.read((), never).values.tolist() == [5, 1]


def nxdata(path: Path, *, axes: list[str], **fields) -> Path:
    """A file with one NXdata; a field is its values, or arguments of `create_dataset`."""
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("data")
        data.attrs.update({"NX_class": "NXdata", "signal": "z", "axes": axes})
        for name, value in fields.items():
            given = value if isinstance(value, dict) else {"data": value}
            data.create_dataset(name, **given)
    return path


def plot_of(path: Path) -> FilePlot:
    found = file_plot(path)
    assert isinstance(found, FilePlot)
    return found


def test_edges_become_the_middles_of_bins(tmp_path):
    plot = plot_of(nxdata(tmp_path / "f.nxs", axes=["t"], z=np.arange(3), t=[0, 2, 4, 8]))
    assert plot.read((), never).coordinates[0].tolist() == [1, 3, 6]


@pytest.mark.parametrize("axis", [np.arange(7), np.array([b"a", b"b", b"c"]), np.zeros((3, 1))])
def test_an_axis_that_does_not_fit_gives_way_to_the_index(tmp_path, axis):
    plot = plot_of(nxdata(tmp_path / "f.nxs", axes=["t"], z=np.arange(3), t=axis))
    assert plot.read((), never).coordinates[0].tolist() == [0, 1, 2]
    assert plot.axes == (Label("dimension 1"),)


def test_a_signal_of_complex_numbers_is_labelled_as_its_magnitude(tmp_path):
    plot = plot_of(nxdata(tmp_path / "f.nxs", axes=[], z=np.array([3 + 4j, -1])))
    assert (plot.signal, plot.read((), never).values.tolist()) == (Label("|z|"), [5, 1])


@pytest.mark.parametrize(("meant", "channels"), [("rgb-image", 3), ("rgba-image", 4)])
def test_a_stack_of_colour_images_is_drawn_by_brightness(tmp_path, meant, channels):
    values = np.arange(2 * 600 * 5 * channels, dtype="u2").reshape(2, 600, 5, channels)
    store = {"data": values, "chunks": (1, 7, 5, 1)}
    path = nxdata(tmp_path / "f.nxs", axes=["n", "y"], z=store, y=np.arange(600.0) / 2)
    with h5py.File(path, "a") as file:
        file["entry/data/z"].attrs["interpretation"] = meant
    plot = plot_of(path)
    found = plot.read((1,), never)
    assert (plot.shape, plot.signal.text) == ((2, 600, 5), "z, mean of red, green and blue")
    assert [axis.text for axis in plot.axes] == ["dimension 1", "y", "dimension 3"]
    assert found.values.tolist() == values[1, ::2, :, :3].mean(axis=-1).tolist()
    assert (found.note, found.blank) == ("every 2nd row", "")


@pytest.mark.parametrize(("shape", "drawn"), [((4, 6, 1, 1), 2), ((6, 1), 1), ((1, 1), 1)])
def test_dimensions_of_length_one_at_the_end_are_not_drawn(tmp_path, shape, drawn):
    values = np.arange(np.prod(shape), dtype="u2").reshape(shape)
    plot = plot_of(nxdata(tmp_path / "f.nxs", axes=["y"], z=values, y=np.arange(shape[0]) * 0.5))
    found = plot.read((), never)
    assert (plot.drawn, plot.axes[0].name) == (drawn, "y")
    assert found.values.tolist() == values.reshape(plot.shape).tolist()
    assert found.coordinates[0].tolist() == [0.5 * i for i in range(shape[0])]


def test_colours_of_another_number_of_channels_are_dimensions(tmp_path):
    path = nxdata(tmp_path / "f.nxs", axes=[], z=np.zeros((4, 5, 2)))
    with h5py.File(path, "a") as file:
        file["entry/data/z"].attrs["interpretation"] = "rgb-image"
    assert plot_of(path).shape == (4, 5, 2)


def test_a_long_compressed_line_is_read_in_pieces_with_its_axis(tmp_path):
    size = 3_000_000
    store = {"data": np.arange(size, dtype="i4"), "chunks": (5000,), "compression": "gzip"}
    plot = plot_of(nxdata(tmp_path / "f.nxs", axes=["t"], z=store, t=np.arange(size) * 2.0))
    found = plot.read((), never)
    assert (found.coordinates[0] == found.values * 2).all()
    assert found.values.size == MAX_POINTS
    assert found.values.max() > 0.99 * size
    (pieces,) = pick((size,), 1, 5000)
    assert {piece.start % 5000 for piece in pieces} == {0}
    assert indices(pieces).tolist() == found.values.tolist()


def test_a_large_image_is_read_by_steps(tmp_path):
    values = np.arange(2000 * 1500, dtype="i4").reshape(1, 2000, 1500)
    store = {"data": values, "chunks": (1, 2000, 1500), "compression": "gzip"}
    found = plot_of(nxdata(tmp_path / "f.nxs", axes=[], z=store)).read((0,), never)
    assert found.values.tolist() == values[0, ::4, ::3].tolist()
    assert found.note == "every 4th row, every 3rd column"


def test_values_of_missing_files_are_told(tmp_path):
    path = nxdata(tmp_path / "f.nxs", axes=[], z=np.arange(3))
    layout = h5py.VirtualLayout((2, 3), "i4")
    layout[0] = h5py.VirtualSource("gone.h5", "x", (3,))
    with h5py.File(path, "a") as file:
        del file["entry/data/z"]
        file["entry/data"].create_virtual_dataset("z", layout)
    found = plot_of(path).read((), never)
    assert found.note == "fill values for a file not found: gone.h5"


def test_values_behind_links_into_missing_files_are_told(tmp_path):
    path = nxdata(tmp_path / "f.nxs", axes=[], z=np.arange(3), here=np.arange(3))
    layout = h5py.VirtualLayout((2, 3), "i4")
    for row, name in enumerate(("here", "there")):
        layout[row] = h5py.VirtualSource(".", f"/entry/data/{name}", (3,))
    with h5py.File(path, "a") as file:
        del file["entry/data/z"]
        file["entry/data"].create_virtual_dataset("z", layout)
        file["entry/data/there"] = h5py.ExternalLink("gone.h5", "x")
    found = plot_of(path).read((), never)
    assert found.note == "fill values for a file not found: gone.h5"


def test_a_missing_filter_is_told(tmp_path):
    path = nxdata(tmp_path / "f.nxs", axes=[], z=np.arange(3))
    with h5py.File(path, "a") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4,))
        plist.set_filter(60_000, h5py.h5z.FLAG_OPTIONAL, (1,))
        del file["entry/data/z"]
        space = h5py.h5s.create_simple((4,))
        where = file["entry/data"].id
        h5py.h5d.create(where, b"z", h5py.h5t.NATIVE_INT32, space, plist)
    assert file_plot(path) == Refusal(
        "/entry/data/z was compressed by filter 60000, which is not available here.",
        "`nxtool filters` lists those that are here",
    )


def test_a_chunk_of_unbounded_size_is_not_decoded(tmp_path):
    store = {"shape": (1, 20_000, 20_000), "dtype": "f8", "chunks": (1, 20_000, 20_000)}
    assert file_plot(nxdata(tmp_path / "f.nxs", axes=[], z=store)) == Refusal(
        "/entry/data/z has chunks of more than 512 MiB.",
        "`nxtool repack` stores it in smaller ones",
    )


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        (NxtoolError("f: gone", hint="look"), Refusal("f: gone.", "look")),
        (
            Unreadable("filter failed"),
            Refusal(
                "The values cannot be read: filter failed.",
                "nxtool validate tells more about the file",
            ),
        ),
        (
            MemoryError(),
            Refusal("There is not enough memory to read the values.", "close other programs"),
        ),
    ],
)
def test_trouble_is_told_as_a_sentence(error, refusal):
    class Source(ArrayPlot):
        def read(self, index, cancelled):
            raise error

    plot = Source("", Label("z"), (Label("x"),), np.zeros(3))
    assert read(plot, None, never) == Reading(plot, (), refusal)
