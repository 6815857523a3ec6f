"""Names and values of recipes whose meaning is easily mistaken."""

from __future__ import annotations

import numpy as np
import pytest

from nxtool.build.plan import PlannedField, PlannedGroup
from nxtool.build.planner import make_plan
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import default_schema


@pytest.fixture(scope="module")
def schema():
    return default_schema()


@pytest.fixture
def plan(schema, tmp_path):
    def make(definition: str, entry: str):
        path = tmp_path / "r.nx.yaml"
        path.write_text(f"nxtool: 1\ndefinition: {definition}\nentry: {entry}\n", encoding="utf-8")
        desk = make_plan(load_recipe(path), schema, tmp_path / "out.nxs")
        assert desk.problems == []
        return desk.plan.root

    return make


def test_the_long_form_of_data_in_an_nxdata_is_a_field_not_a_group(plan):
    root = plan("NXspm", "{data: {data: {value: [1, 2], units: V}}}")
    assert isinstance(root.find("/entry/data/data"), PlannedField)


def test_a_group_beside_fields_of_any_name_stays_a_group(plan):
    root = plan("NXspm", "{data: {note: {type: text/plain}}}")
    assert isinstance(root.find("/entry/data/note"), PlannedGroup)


def test_a_long_form_with_the_value_null_is_not_filled(plan):
    root = plan("NXtomo", "{sample: {name: {value: null, attrs: {x: 1}}}}")
    assert root.find("/entry/sample/name") is None


def test_a_vector_without_choice_is_filled_in(plan):
    transformations = "transformations: {analyzer_rotation: 1 deg}"
    root = plan("NXmpes_arpes", f"{{instrument: {{electronanalyzer: {{{transformations}}}}}}}")
    place = "/entry/instrument/electronanalyzer/transformations/analyzer_rotation"
    assert np.array_equal(root.find(place).attributes["vector"], [0.0, 0.0, 1.0])


def test_provenance_never_counts_as_a_process_the_application_describes(plan):
    assert plan("NXspm", "{title: x}").find("/entry/nxtool").nx_class == "NXcollection"
    assert plan("NXtomo", "{title: x}").find("/entry/nxtool").nx_class == "NXprocess"
