"""Building the file of a recipe that is being written."""

from __future__ import annotations

import hashlib

import pytest

from nxtool.authoring.building import (
    Ledger,
    Order,
    Stopped,
    build,
    command_line,
    preview,
)
from nxtool.config import schema_for
from nxtool.errors import OutputError
from nxtool.recipe.model import Draft
from nxtool.report.units import bytes_text
from tests.powder import RECIPE, write_rows


@pytest.fixture(scope="module")
def schema():
    return schema_for(())


@pytest.fixture
def draft(tmp_path):
    """A recipe with its data."""
    write_rows(tmp_path, 500)
    return Draft(tmp_path / "powder.nx.yaml", RECIPE)


def silent(standing):
    """Hears how far it is."""


def test_preview_counts_what_will_be_written(draft, schema):
    found = preview(draft, schema)
    assert found.findings.ok
    assert found.target == draft.path.parent / "powder.nxs"
    assert found.contents is not None
    assert (found.contents.left, found.contents.links) == (0, 2)
    assert bytes_text(found.contents.value_bytes) == "8.6 KiB"
    assert [row.name for row in found.rows if row.depth == 0] == ["entry"]


def test_preview_of_a_recipe_without_output_has_no_target(draft, schema):
    text = RECIPE.replace("output: powder.nxs\n", "")
    assert preview(Draft(draft.path, text), schema).target is None


def test_preview_of_a_recipe_with_mistakes_cannot_be_forced(draft, schema):
    text = RECIPE.replace("title:", "titel:")
    assert not preview(Draft(draft.path, text), schema).can_be_forced


def test_preview_of_an_incomplete_recipe_can_be_forced(draft, schema):
    text = RECIPE.replace("  title: LaB6\n", "")
    assert preview(Draft(draft.path, text), schema).can_be_forced


def test_built_file_is_valid_and_known_by_its_checksum(draft, schema):
    target = draft.path.parent / "new.nxs"
    built = build(Order(draft, target), schema, silent, bool)
    assert built.file == target
    assert built.findings.ok
    assert built.checksum == hashlib.sha256(target.read_bytes()).hexdigest()
    assert built.size == target.stat().st_size


def test_progress_tells_of_every_dataset(draft, schema):
    told = []
    build(Order(draft, draft.path.parent / "new.nxs"), schema, told.append, bool)
    paths = [one.path for one in told]
    assert "/entry/instrument/detector/data" in paths
    shares = [one.share for one in told]
    assert shares == sorted(shares)
    assert told[-1].is_written


def test_stopped_build_leaves_no_file(draft, schema):
    target = draft.path.parent / "new.nxs"
    told = []
    before = sorted(draft.path.parent.iterdir())
    with pytest.raises(Stopped):
        build(Order(draft, target), schema, told.append, lambda: bool(told))
    assert told
    assert sorted(draft.path.parent.iterdir()) == before


def test_existing_file_is_only_replaced_when_that_is_said(draft, schema):
    target = draft.path.parent / "new.nxs"
    target.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        build(Order(draft, target), schema, silent, bool)
    assert target.read_text() == "precious"
    assert build(Order(draft, target, overwrite=True), schema, silent, bool).file == target


def test_broken_source_is_told_and_nothing_written(draft, schema):
    (draft.path.parent / "powder.csv").unlink()
    built = build(Order(draft, draft.path.parent / "new.nxs"), schema, silent, bool)
    assert built.file is None
    assert built.outcome.could_not
    assert {item.code for item in built.findings if item.severity == "error"} >= {"R05"}


def test_time_left_is_told_by_the_rate_so_far():
    clock = iter([0.0, 0.5, 2.0])
    ledger = Ledger({"/a": 60, "/b": 40}, now=lambda: next(clock))
    ledger.add("/a", 20)
    assert ledger.standing("/a").left is None
    standing = ledger.standing("/a")
    assert (standing.done, standing.due, standing.share) == (20, 60, 0.2)
    assert (standing.rate, standing.left) == (10.0, 8.0)


def test_command_line_does_the_same(draft, monkeypatch):
    monkeypatch.chdir(draft.path.parent)
    named = draft.path.parent / "powder.nxs"
    order = Order(draft, named, overwrite=True, mode="allow-invalid")
    assert command_line(order, named) == (
        "nxtool convert powder.nx.yaml --overwrite --allow-invalid"
    )
