"""Slices in selectors mean what they mean in numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.memory import MemoryArray
from nxtool.sources.slicing import SlicedArray, split_slices

CUBE = np.arange(60).reshape(3, 4, 5)


def bound(length):
    return st.one_of(st.none(), st.integers(-length, length))


def cut(length):
    pieces = st.tuples(bound(length), bound(length)).map(lambda pair: slice(*pair))
    some = pieces.filter(lambda piece: len(range(*piece.indices(length))))
    return st.one_of(st.integers(-length, length - 1), some)


@st.composite
def cuts(draw):
    count = draw(st.integers(1, 3))
    return tuple(draw(cut(length)) for length in CUBE.shape[:count])


def spelled(cuts):
    def one(part):
        if isinstance(part, int):
            return str(part)
        return ":".join("" if end is None else str(end) for end in (part.start, part.stop))

    return f"/data[{', '.join(one(part) for part in cuts)}]"


@given(cuts(), st.integers(0, 5), st.integers(0, 5))
def test_a_slice_is_that_of_numpy(cuts, start, stop):
    name, found = split_slices(spelled(cuts))
    part = SlicedArray(MemoryArray(CUBE), found, "cube")
    expected = np.asarray(CUBE[cuts])
    assert name == "/data"
    assert part.info.shape == expected.shape
    read = part.read(start, stop)
    np.testing.assert_array_equal(read, expected[start:stop] if expected.ndim else expected)


def test_only_the_rows_asked_for_are_read():
    asked = []

    class Recorder(MemoryArray):
        def read(self, start, stop):
            asked.append((start, stop))
            return super().read(start, stop)

    SlicedArray(Recorder(CUBE), (slice(1, 3),), "cube").read(1, 2)
    assert asked == [(2, 3)]


def test_one_text_of_a_list_is_text():
    words = MemoryArray(np.array(["a", "b"]))
    assert SlicedArray(words, (1,), "words").read(0, 1)[()] == "b"


@pytest.mark.parametrize("selector", ["energy [eV]", "plain", "", "a[]", "x[1.5]"])
def test_other_brackets_belong_to_the_name(selector):
    assert split_slices(selector) == (selector, ())


def test_a_step_is_refused():
    with pytest.raises(SourceError) as error:
        split_slices("data[0:4:2]")
    assert str(error.value) == (
        "'data[0:4:2]': '0:4:2' is not a slice (write a:b, : or an integer)"
    )


LAST = "the indices there go from 0 to 2"


@pytest.mark.parametrize(
    ("wrong", "fault", "hint"),
    [
        ("3", "index 3 lies outside", LAST),
        ("-4", "index -4 lies outside", LAST),
        ("3:", "slice 3: lies outside", LAST),
        ("4:9", "slice 4:9 lies outside", LAST),
        (":-4", "slice :-4 lies outside", LAST),
        ("0:4", "slice 0:4 goes past the end of", "write 0: to take all the rest"),
        (":800", "slice :800 goes past the end of", "write : to take all the rest"),
        ("-4:2", "slice -4:2 begins before", "write :2 to begin with the first"),
        ("2:1", "slice 2:1 takes nothing of", "in a:b, a comes first, and b is left out"),
        ("1:1", "slice 1:1 takes nothing of", "in a:b, a comes first, and b is left out"),
    ],
)
def test_what_lies_outside_the_data_is_refused(wrong, fault, hint):
    with pytest.raises(SourceError) as error:
        SlicedArray(MemoryArray(CUBE), split_slices(f"[{wrong}]")[1], "cube")
    assert error.value.message == f"cube: {fault} axis 0 of length 3: the shape is (3, 4, 5)"
    assert error.value.hint == hint


def test_the_axis_that_a_slice_misses_is_named():
    with pytest.raises(SourceError) as error:
        SlicedArray(MemoryArray(CUBE), (slice(None), slice(1, 6)), "cube")
    assert str(error.value) == (
        "cube: slice 1:6 goes past the end of axis 1 of length 4: the shape is (3, 4, 5)"
        " (write 1: to take all the rest)"
    )


@pytest.mark.parametrize("cut", [slice(None), slice(0, None), slice(0, 0)])
def test_all_of_empty_data_is_empty(cut):
    assert SlicedArray(MemoryArray(CUBE[:0]), (cut,), "cube").info.shape == (0, 4, 5)


def test_a_part_of_empty_data_is_refused():
    with pytest.raises(SourceError) as error:
        SlicedArray(MemoryArray(CUBE[:0]), (slice(0, 10),), "cube")
    assert str(error.value) == (
        "cube: slice 0:10 lies outside axis 0 of length 0: the shape is (0, 4, 5)"
        " (there is nothing along this axis)"
    )


def test_too_many_slices_are_refused():
    with pytest.raises(SourceError) as error:
        SlicedArray(MemoryArray(CUBE), (0, 0, 0, 0), "cube")
    assert str(error.value) == (
        "cube: 4 slices, but the shape is (3, 4, 5) (give one slice for each axis at most)"
    )
