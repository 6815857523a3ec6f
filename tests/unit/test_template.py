"""Templates of all application definitions: valid, stable, and with names that bind."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.build.planner import judge, make_plan
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import Schema, default_schema
from nxtool.schema.template import template

MISSING = ("O01", "P01", "P02", "P10", "Z01")
"""Something required is missing, an NXdata lacks its signal, something required is deprecated."""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def findings_of(text: str, schema: Schema, folder: Path) -> list[str]:
    path = folder / "template.nx.yaml"
    path.write_text(text, encoding="utf-8")
    desk = make_plan(load_recipe(path), schema, folder / "out.nxs")
    return [f"{item.code} {item.path} {item.message}" for item in judge(desk)]


def test_every_application_has_a_template_that_only_lacks_values(schema, tmp_path):
    wrong = {}
    for name in schema.applications:
        found = findings_of(template(schema, name), schema, tmp_path)
        others = [text for text in found if not text.startswith(MISSING)]
        if others:
            wrong[name] = others
    assert wrong == {}
