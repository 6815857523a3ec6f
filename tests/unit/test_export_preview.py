"""Previews of exports: what is missing is told all at once, and what a format asks for."""

from __future__ import annotations

import pytest

from nxtool.errors import NxtoolError
from nxtool.export.datasets import Manner
from nxtool.export.esrf import EsrfWriter
from nxtool.export.icatdata import DumpWriter
from nxtool.export.icatingest import IngestWriter
from nxtool.export.mapping import load_mapping
from nxtool.export.preview import preview
from nxtool.export.scicatdata import ScicatWriter
from tests.exportfile import complete_file


@pytest.fixture
def previewed(tmp_path):
    """What makes a preview of a file with changes, closed at the end."""
    made = []

    def make(make_writer, changes=None, mapping="default"):
        path = complete_file(tmp_path / "scan.nxs", changes)
        made.append(preview(path, Manner(load_mapping(mapping)), make_writer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_what_the_catalogue_takes_has_a_document(previewed):
    found = previewed(IngestWriter)
    assert found.is_taken
    assert found.export.text.startswith("<?xml")


def test_all_that_the_mapping_requires_is_told_at_once(previewed):
    changes = {"entry/sample/chemical_formula": None, "entry/end_time": None}
    found = previewed(IngestWriter, changes, "desy")
    assert found.export is None
    assert found.missing == {
        "sampleType.molecularFormula": "looked for at NXsample/chemical_formula",
        "dataset.endDate": "looked for at end_time or end_time_estimated",
    }


def test_all_that_the_format_asks_for_is_told_at_once(previewed):
    changes = {"entry/start_time": None, "entry/sample/name": None, "entry/title": None}
    found = previewed(EsrfWriter, changes)
    assert list(found.missing) == ["dataset.location", "dataset.startDate", "sample.name"]


def test_gaps_of_mapping_and_format_are_told_together(previewed):
    changes = {"entry/sample/chemical_formula": None, "entry/user/name": None}
    found = previewed(ScicatWriter, changes, "desy")
    assert "sampleType.molecularFormula" in found.missing
    assert "scicat.ownerGroup" in found.missing


def test_notes_are_told_beside_gaps(previewed):
    changes = {"entry/sample/chemical_formula": None, "entry/sample/temperature@units": "mm"}
    found = previewed(IngestWriter, changes, "desy")
    assert "X06" in [note.code for note in found.looks[0].notes]


def test_it_is_known_which_values_a_format_asks_for(previewed):
    assert "investigation.name" not in previewed(IngestWriter).looks[0].asked
    assert "investigation.name" in previewed(DumpWriter).looks[0].asked


def test_refused_value_is_not_taken_though_nothing_is_missing(previewed):
    found = previewed(IngestWriter, {"entry/start_time": "2026-01-05T10:00:00"})
    assert not found.missing
    assert not found.is_taken


def test_damaged_file_is_an_error(tmp_path):
    path = complete_file(tmp_path / "scan.nxs")
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(NxtoolError):
        preview(path, Manner(load_mapping("default")), IngestWriter)
