"""Tests of nxtool.schema.namefit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.schema.namefit import ANY, EXACT, NO_FIT, is_valid_name, placeholder, score

LETTERS = "abcXYZ019_."


@pytest.mark.parametrize("name", ["a", "A1", "1.1", "_x", "x_", "2theta", "a.b.c", "9"])
def test_names_the_schema_allows(name):
    assert is_valid_name(name)


@pytest.mark.parametrize("name", ["", " a", "a b", ".a", "a.", "a-b", "é", "a/b", "a\n", "x:y"])
def test_names_the_schema_forbids(name):
    assert not is_valid_name(name)


@given(st.text(alphabet=LETTERS + " -é", max_size=8))
def test_valid_names_are_those_of_the_pattern_in_the_schema(name):
    pattern = r"[a-zA-Z0-9_]([a-zA-Z0-9_.]*[a-zA-Z0-9_])?"
    assert is_valid_name(name) == bool(re.fullmatch(pattern, name))


@given(st.text(alphabet=LETTERS, min_size=1, max_size=8))
def test_every_name_fits_itself_exactly(name):
    for kind in ("specified", "any", "partial"):
        assert score(name, kind, name) == EXACT


@pytest.mark.parametrize(
    ("concept", "name"), [("I", "i"), ("Abbe_number", "abbe_number"), ("data", "Data")]
)
def test_a_specified_name_fits_with_its_own_case_only(concept, name):
    assert score(concept, "specified", name) == NO_FIT


def test_upper_case_without_name_type_is_literal():
    assert score("ORCID", "specified", "x") == NO_FIT


@pytest.mark.parametrize(
    ("concept", "name"),
    [
        ("FIELDNAME_errors", "x_errors"),
        ("FIELDNAME_errors", "_errors"),
        ("DATA_AXISNAME", "a_b"),
        ("my_AXIS_name", "my_phi_name"),
        ("GROUPNAME_log", "detector1_log"),
        ("AXISNAME_indices", "two.theta_indices"),
        ("TERM", "whatever"),
    ],
)
def test_upper_case_runs_of_a_partial_name_stand_for_anything(concept, name):
    assert score(concept, "partial", name) > ANY


@pytest.mark.parametrize(
    ("concept", "name"),
    [("FIELDNAME_errors", "x_error"), ("FIELDNAME_set", "x-y_set"), ("my_AXIS", "your_phi")],
)
def test_the_rest_of_a_partial_name_is_literal(concept, name):
    assert score(concept, "partial", name) == NO_FIT


def test_the_partial_name_with_more_literal_letters_fits_better():
    assert score("AXISNAME_increment_set", "partial", "phi_increment_set") > score(
        "AXISNAME_set", "partial", "phi_increment_set"
    )


def test_any_name_fits_any_valid_name_and_no_other():
    assert score("DATA", "any", "counts") == ANY
    assert score("DATA", "any", "bad name") == NO_FIT


def test_exact_is_better_than_partial_and_that_than_any():
    assert score("x_set", "specified", "x_set") > score("A_set", "partial", "x_set") > ANY


def test_the_placeholder_is_what_the_upper_case_stands_for():
    assert placeholder("GROUPNAME_log", "detector_log") == "detector"
    assert placeholder("GROUPNAME_log", "detector") is None
    assert placeholder("plain", "plain") is None


@given(st.text(alphabet=LETTERS + " (*+[", max_size=30), st.text(max_size=12))
def test_any_concept_and_any_name_give_a_score(concept, name):
    for kind in ("specified", "any", "partial"):
        assert NO_FIT <= score(concept, kind, name) <= EXACT
