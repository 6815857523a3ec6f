"""Recipes made in Python: the same nodes as from a file, with arrays beside them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Finding
from nxtool.recipe.model import load_recipe
from nxtool.recipe.pythontree import read_tree
from nxtool.yamltree.yamlfile import parse

HEAD: dict[str, Any] = {"nxtool": 1, "definition": "NXsas"}


def read(tree: dict[Any, Any]) -> tuple[Any, list[str], list[str]]:
    """The plain values, the arrays as `source:selector`, and what was said."""
    problems: list[Finding] = []
    found = read_tree(tree, problems)
    names = [f"{source}:{name}" for source, arrays in found.arrays.items() for name in arrays]
    told = [f"{item.mark}: {item.message} ({item.hint})" for item in problems]
    return found.node.to_python(), names, told


def test_plain_values_stay_what_they_are() -> None:
    tree = {"vars": {"a": 1, "b": 1e-7, "c": True, "d": None, "e": "5", "f": [1, "x"], "g": (2,)}}
    assert read(tree) == ({"vars": {**tree["vars"], "g": [2]}}, [], [])


def test_text_is_never_a_number() -> None:
    recipe = load_recipe({**HEAD, "entry": {"title": "007"}})
    assert load_recipe_text(recipe.text)["entry"] == {"title": "007"}


def load_recipe_text(text: str) -> Any:
    return parse(text, "text").to_python()


def test_values_of_numpy_dates_and_paths_become_plain() -> None:
    tree = {
        "vars": {
            "a": np.int16(3),
            "b": np.float64(0.5),
            "c": np.bool_(True),
            "d": np.str_("x"),
            "e": datetime(2026, 1, 5, 10, tzinfo=timezone.utc),
            "f": np.datetime64("2026-01-05T10:00:00"),
            "g": Path("a/b.h5"),
            "h": np.array(4),
            "i": b"text",
            "j": 1 + 2j,
        }
    }
    values, _, told = read(tree)
    assert told == []
    assert values["vars"] == {
        "a": 3, "b": 0.5, "c": True, "d": "x", "e": "2026-01-05T10:00:00+00:00",
        "f": "2026-01-05T10:00:00", "g": "a/b.h5", "h": 4, "i": "text", "j": "(1+2j)",
    }  # fmt: skip


def test_an_array_in_an_entry_is_data_of_a_source_in_memory() -> None:
    tree = {"entry": {"detector": {"data": np.zeros(3), "x": {"value": np.ones(2), "units": "m"}}}}
    values, names, told = read(tree)
    assert told == []
    assert names == ["memory:entry/detector/data", "memory:entry/detector/x/value"]
    assert values["entry"]["detector"] == {
        "data": {"from": "memory:entry/detector/data"},
        "x": {"value": {"from": "memory:entry/detector/x/value"}, "units": "m"},
    }
    assert values["sources"] == {"memory": {"format": "memory"}}


def test_a_source_of_the_author_called_memory_is_left_alone() -> None:
    tree = {"sources": {"memory": "a.h5"}, "entry": {"x": {"from": np.zeros(3)}}}
    values, names, _ = read(tree)
    assert names == ["memory_2:entry/x/from"]
    assert values["sources"] == {"memory": "a.h5", "memory_2": {"format": "memory"}}
    assert values["entry"] == {"x": {"from": "memory_2:entry/x/from"}}


def test_arrays_under_sources_are_sources_and_tables() -> None:
    tree = {"sources": {"frames": np.zeros((2, 3)), "log": {"a": np.zeros(2), "b": [1, 2]}}}
    values, names, told = read(tree)
    assert (names, told) == (["frames:", "log:a", "log:b"], [])
    assert values["sources"] == {"frames": {"format": "memory"}, "log": {"format": "memory"}}


def test_small_arrays_are_lists_where_a_list_is_due() -> None:
    steps = [{"name": "x", "translate": np.array([0, 0, 1]), "by": np.arange(4.0)}]
    tree = {
        "vars": {"v": np.arange(2)},
        "entry": {"s": {"transformations": steps, "d": {"attrs": {"vector": np.array([1.5])}}}},
    }
    values, names, told = read(tree)
    assert (names, told) == (["memory:entry/s/transformations[0]/by"], [])
    assert values["vars"] == {"v": [0, 1]}
    step = {"name": "x", "translate": [0, 0, 1], "from": f"{names[0]}"}
    assert values["entry"]["s"] == {"transformations": [step], "d": {"attrs": {"vector": [1.5]}}}


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"entry": {"a": {1, 2}}},
         "entry/a: a set cannot stand in a recipe (give text, numbers or arrays)"),
        ({"entry": {5: "x"}}, "entry: 5 is no name (a name is text)"),
        ({7: "x"}, "the recipe: 7 is no name (a name is text)"),
        ({"entry": {"a": "x\0"}},
         r"entry/a: 'x\x00' cannot be stored as text (give UTF-8 without zeros)"),
        ({"entry": {"a": b"\xff"}},
         r"entry/a: '\udcff' cannot be stored as text (give UTF-8 without zeros)"),
        ({"entry": {"a": np.array([None])}},
         "entry/a: an array of objects holds a NoneType (give numbers or text)"),
        ({"entry": {"attrs": {"a": np.zeros(10_001)}}},
         "entry/attrs/a: an array of 10001 values cannot stand here "
         "(an array can be the value of a field)"),
    ],
)  # fmt: skip
def test_what_cannot_stand_in_a_recipe_is_told_with_its_place(
    tree: dict[Any, Any], message: str
) -> None:
    assert read(tree)[2] == [message]


def test_a_tree_in_a_circle_is_refused() -> None:
    tree: dict[str, Any] = {"entry": {}}
    tree["entry"]["entry"] = tree["entry"]
    with pytest.raises(RecipeError) as caught:
        read(tree)
    assert caught.value.message == "nested deeper than 100 levels"


def test_bulk_data_is_an_array_not_a_list() -> None:
    with pytest.raises(RecipeError) as caught:
        read({"entry": {"a": [0.0] * 100_001}})
    assert str(caught.value).partition(": ")[2] == (
        "more than 100000 values (give many values as an array)"
    )


NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab 1.:#[]-"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(NAMES, VALUES))
def test_the_kept_text_means_the_same_as_the_tree(tree: dict[str, Any]) -> None:
    filled = {**HEAD, "vars": {"v": tree}, "entry": {}}
    text = load_recipe(filled, environment={}).text
    assert load_recipe_text(text)["vars"]["v"] == tree
