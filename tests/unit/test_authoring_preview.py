"""Data of a source before the build, by index."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.authoring.document import Document
from nxtool.authoring.preview import SourceValues
from nxtool.authoring.session import Session
from nxtool.errors import RecipeError, SourceError
from nxtool.schema.compile import default_schema

RECIPE = """\
nxtool: 1
definition: NXtomo
sources: {frames: frames.h5}
entry:
  title: a title
  instrument:
    detector:
      data: {from: "frames:/data"}
      x_pixel_size: {from: "frames:/size"}
"""
FRAMES = np.arange(5 * 6 * 7).reshape(5, 6, 7).astype("u2")


@pytest.fixture
def session(tmp_path):
    with h5py.File(tmp_path / "frames.h5", "w") as file:
        file["data"], file["size"] = FRAMES, 75.0
    return Session(Document(tmp_path / "x.nx.yaml", RECIPE), default_schema())


def _row(session, path):
    return next(row for top in session.rows() for row in top.walk() if row.path == path)


def _values(session, name):
    row = _row(session, f"/entry/instrument/detector/{name}")
    return SourceValues(session.document.draft, row)


def test_a_selection_is_read_with_its_steps(session):
    values = _values(session, "data")
    assert values.shape == (5, 6, 7)
    block = (slice(1, 4, 2), slice(0, 6, 3), slice(2, 5))
    assert np.array_equal(values[block], FRAMES[block])


def test_a_single_value_is_an_array_of_one(session):
    values = _values(session, "x_pixel_size")
    assert (values.shape, values[(slice(0, 1),)].tolist()) == ((1,), [75.0])


def test_text_of_the_recipe_is_no_data(session):
    with pytest.raises(RecipeError, match=r"^/entry/title: takes no data from a source"):
        SourceValues(session.document.draft, _row(session, "/entry/title"))


def test_a_file_that_is_gone_is_told(session, tmp_path):
    values = _values(session, "data")
    (tmp_path / "frames.h5").unlink()
    with pytest.raises(SourceError, match="no such file"):
        values[(slice(0, 1), slice(0, 1), slice(0, 1))]


def test_a_unit_typed_for_data_of_a_source_is_its_unit(session):
    row = _row(session, "/entry/instrument/detector/x_pixel_size")
    assert session.judged(row, "um").note == "the source is in um"
    session.put(row, "um")
    assert 'x_pixel_size: {from: "frames:/size", units: um}' in session.document.text
    session.put(_row(session, row.path), "75 um")
    assert "x_pixel_size: 75 um" in session.document.text
