"""Filters tried on the data of a field."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.authoring.document import Document
from nxtool.authoring.rows import Row
from nxtool.authoring.session import Session
from nxtool.authoring.storing import estimate, sample_for, use_filter, use_profile
from nxtool.errors import RecipeError
from nxtool.schema.compile import default_schema

RECIPE = """\
nxtool: 1
definition: NXtomo
sources: {frames: frames.h5}
entry:
  title: "a title"
  instrument:
    detector:
      data: {from: "frames:/data"}  # the frames
"""


@pytest.fixture
def session(tmp_path):
    with h5py.File(tmp_path / "frames.h5", "w") as file:
        file["data"] = np.random.default_rng(1).poisson(1, (20, 64, 64)).astype("u2")
    return Session(Document(tmp_path / "x.nx.yaml", RECIPE), default_schema())


def _row(session: Session, path: str) -> Row:
    return next(row for top in session.rows() for row in top.walk() if row.path == path)


def test_a_filter_is_tried_on_the_data_of_the_source(session):
    row = _row(session, "/entry/instrument/detector/data")
    sample = sample_for(session.document.draft, row)
    assert (sample.shape, sample.size) == ((20, 64, 64), 20 * 64 * 64 * 2)
    found = estimate(sample, "bitshuffle-lz4", 1)
    assert found.trial.is_exact
    assert found.size == int(sample.size / found.trial.ratio) < sample.size
    assert "h5wasm" in found.facts.readers


def test_a_filter_that_refuses_says_why(session):
    sample = sample_for(session.document.draft, _row(session, "/entry/instrument/detector/data"))
    assert isinstance(estimate(sample, "zfp-reversible", 1), str)


def test_a_value_of_the_recipe_itself_is_no_data(session):
    with pytest.raises(RecipeError, match=r"^/entry/title: takes no data from a source"):
        sample_for(session.document.draft, _row(session, "/entry/title"))


def test_a_filter_and_a_profile_are_written_into_the_recipe(session):
    row = _row(session, "/entry/instrument/detector/data")
    session.apply(use_filter(row, "zstd:3"), "")
    session.apply(use_profile("archive"), "")
    assert (
        session.document.text
        == RECIPE.replace('{from: "frames:/data"}', '{from: "frames:/data", compression: "zstd:3"}')
        + "defaults:\n  compression: archive\n"
    )
    assert session.check().plan.root.find("/entry/instrument/detector/data").compression.text == (
        "zstd:3"
    )
