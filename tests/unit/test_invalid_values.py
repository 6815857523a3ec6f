"""Values that their author has not got right yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.build.convert import check
from nxtool.errors import RecipeError
from nxtool.recipe.model import Draft, load_recipe
from nxtool.schema.compile import default_schema
from nxtool.yamltree.yamlfile import parse

RECIPE = """\
nxtool: 1
definition: NXxas
entry:
  title: !invalid "8.2 kev"
"""


def test_a_value_marked_invalid_is_null_with_its_text():
    node = parse("a: !invalid 8.2 kev\n", "r").get("a")
    assert (node.value, node.text, node.is_null, node.is_invalid) == (None, "8.2 kev", True, True)


def test_it_counts_as_not_given_and_is_told():
    findings = check(Draft(Path("x.nx.yaml"), RECIPE), default_schema()).findings
    told = [f"{one.mark} {one.message}" for one in findings if "!invalid" in one.message]
    assert told == ["x.nx.yaml:4:10 '8.2 kev' is marked !invalid and counts as not given"]
    assert any(one.path == "/entry/title" and one.code == "O01" for one in findings)


def test_it_is_null_in_the_recipe_that_is_kept():
    assert "title: null" in load_recipe(Draft(Path("x.nx.yaml"), RECIPE), problems=[]).text


@pytest.mark.parametrize("tag", ["!!str", "!other", "!!python/object:os.system"])
def test_other_tags_are_refused(tag):
    with pytest.raises(RecipeError, match=r"is not allowed"):
        parse(f"a: {tag} x\n", "r")
