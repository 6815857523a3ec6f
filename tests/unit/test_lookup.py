"""From paths to concepts."""

from __future__ import annotations

import pytest

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.schema.compile import Schema
from nxtool.schema.lookup import find_concept, members


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema(Catalogue([official_folder()]))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("NXmx/ENTRY/INSTRUMENT/DETECTOR/distance", "NXmx/ENTRY/INSTRUMENT/DETECTOR/distance"),
        ("NXmx/entry/instrument", "NXmx/ENTRY/INSTRUMENT"),
        ("/NXdetector/distance/", "NXdetector/distance"),
        ("NXdata@signal", "NXdata@signal"),
        ("NXdetector", "NXdetector"),
        ("NXtomo/ENTRY/data/rotation_angle", "NXtomo/ENTRY/data/rotation_angle"),
    ],
)
def test_a_path_leads_to_its_concept(schema: Schema, path: str, found: str) -> None:
    assert find_concept(schema, path).top.path == found


def test_a_group_of_a_choice_is_found_by_its_class(schema: Schema) -> None:
    found = find_concept(schema, "NXdetector/pixel_shape/NXoff_geometry/vertices")
    assert found.top.path == "NXoff_geometry/vertices"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("NXnope/x", "unknown definition 'NXnope' (did you mean NXnote, NXspe, NXmonopd?)"),
        (
            "NXmx/ENTRY/INSTRUMENT/DETECTOR/distanc",
            "NXmx/ENTRY/INSTRUMENT/DETECTOR has no 'distanc'"
            " (did you mean distance, distance_derived?)",
        ),
        ("NXdata@sgnal", "NXdata has no 'sgnal' (did you mean signal?)"),
        ("NXmx@version", "NXmx@version: name a concept of NXmx (NXmx/ENTRY)"),
    ],
)
def test_a_wrong_step_is_named_with_near_ones(schema: Schema, path: str, error: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        find_concept(schema, path)
    assert str(caught.value) == error


def test_a_field_has_no_members(schema: Schema) -> None:
    assert members(find_concept(schema, "NXdetector/distance")) == ()
