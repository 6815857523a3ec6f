"""Whatever the format: type, byte order, order and number of frames stay what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source
from tests.examples import many

tifffile = pytest.importorskip("tifffile")

EDF_TYPES = {
    "i1": "SignedByte", "u1": "UnsignedByte", "i2": "SignedShort", "u2": "UnsignedShort",
    "i4": "SignedInteger", "u4": "UnsignedInteger", "f4": "FloatValue", "f8": "DoubleValue",
}  # fmt: skip


def write_edf(file, frames):
    order = "HighByteFirst" if frames.dtype.str[0] == ">" else "LowByteFirst"
    kind = EDF_TYPES[frames.dtype.str[1:]]
    _, height, width = frames.shape
    text = (
        f"{{\nByteOrder = {order} ;\nDataType = {kind} ;\nDim_1 = {width} ;\nDim_2 = {height} ;\n"
    )
    header = (text.ljust(510) + "}\n").encode()
    file.write_bytes(b"".join(header + frame.tobytes() for frame in frames))


def write_tiff(file, frames):
    with tifffile.TiffWriter(file, byteorder=frames.dtype.str[0].replace("|", "<")) as writer:
        for frame in frames:
            writer.write(frame, photometric="minisblack", metadata=None)


def write_npy(file, frames):
    np.save(file, frames if len(frames) > 1 else frames[0])


def write_raw(file, frames):
    file.write_bytes(frames.tobytes())


WRITERS = {"edf": write_edf, "tif": write_tiff, "npy": write_npy, "raw": write_raw}

STACKS = st.sampled_from("<>").flatmap(
    lambda order: st.sampled_from([f"{order}{kind}" for kind in EDF_TYPES]).flatmap(
        lambda dtype: st.tuples(
            st.integers(1, 12), st.integers(1, 3), st.integers(1, 4), st.integers(1, 4)
        ).flatmap(lambda shape: hnp.arrays(dtype, shape))
    )
)


@pytest.mark.parametrize("suffix", WRITERS)
@many(60)
@given(stack=STACKS, data=st.data())
def test_a_stack_is_its_files_in_the_order_of_their_numbers(tmp_path_factory, suffix, stack, data):
    """`stack` is files x pages x rows x columns; names have their numbers unpadded."""
    folder = tmp_path_factory.mktemp("stack")
    for number, frames in enumerate(stack):
        WRITERS[suffix](folder / f"f_{number}.{suffix}", frames)
    files, pages, *sides = stack.shape
    shape = [pages, *sides] if pages > 1 else sides
    options = {"dtype": stack.dtype.str, "shape": shape} if suffix == "raw" else {}
    expected = stack.reshape(files * pages, *sides)
    start = data.draw(st.integers(0, len(expected)))
    stop = data.draw(st.integers(start, len(expected)))
    spec = SourceSpec(f"f_*.{suffix}", expect=files * pages, options=options)
    with open_source(spec, folder) as source:
        array = source.array()
        assert (array.info.shape, array.info.dtype) == (expected.shape, stack.dtype)
        found = array.read(start, stop)
        extents = array.info.extents
    assert found.dtype == stack.dtype
    np.testing.assert_array_equal(found, expected[start:stop])
    in_place = b"".join(e.file.read_bytes()[e.offset : e.offset + e.size] for e in extents)
    assert in_place == stack.tobytes()
