"""Scalars mean what the YAML 1.2 core schema says, and nodes know their places."""

from __future__ import annotations

import math

import pytest

from nxtool.findings import Mark
from nxtool.yamltree.nodes import MapNode, Scalar, kind_of, resolve
from nxtool.yamltree.yamlfile import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("1.", 1.0),
        (".5", 0.5),
        ("+12", 12),
        ("-0", 0),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("10:30", "10:30"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("0o9", "0o9"),
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05T10:00:00", "2026-01-05T10:00:00"),
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("nan", "nan"),
        ("١", "١"),
        ("1e", "1e"),
        ("1.2.3", "1.2.3"),
    ],
)
def test_a_plain_scalar_has_the_value_of_the_core_schema(text, value):
    found = resolve(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan_is_a_number(text):
    assert math.isnan(resolve(text))


def test_digits_without_end_stay_text():
    assert resolve("9" * 5000) == "9" * 5000


def test_a_quoted_scalar_is_text():
    assert parse("'010'", "r").value == "010"


def test_the_place_inside_plain_text_is_exact():
    node = parse("a: é${x}", "r").get("a")
    assert node.mark_at(1) == Mark("r", 1, 5)


def test_the_place_inside_quoted_text_counts_the_quote():
    node = parse('a: "é${x}"', "r").get("a")
    assert node.mark_at(1) == Mark("r", 1, 6)


def test_the_place_inside_escaped_text_is_that_of_the_scalar():
    node = parse('a: "\\t${x}"', "r").get("a")
    assert node.mark_at(1) == Mark("r", 1, 4)


def test_a_part_keeps_its_own_place():
    part = parse("a: log:theta", "r").get("a").part(4)
    assert (part.text, part.mark, part.mark_at(2)) == ("theta", Mark("r", 1, 8), Mark("r", 1, 10))


def test_a_mapping_gives_none_for_a_name_it_has_not():
    assert parse("a: 1", "r").get("b") is None


def test_a_mapping_knows_where_its_names_stand():
    node = parse("a: 1\nb: 2", "r")
    assert (node.key_mark("b"), node.key_mark("c")) == (Mark("r", 2, 1), Mark("r", 1, 1))


def test_a_mapping_without_a_name_keeps_the_rest_in_order():
    assert parse("{a: 1, b: 2, c: 3}", "r").without("b").to_python() == {"a": 1, "c": 3}


def test_nodes_compare_by_content_and_place():
    mark = Mark("r", 1, 1)
    key = Scalar("a", "a", mark, "plain", 0)
    assert parse("a: 1", "r") == MapNode(
        ((key, Scalar(1, "1", Mark("r", 1, 4), "plain", 0)),), mark
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{}", "a mapping"),
        ("[]", "a list"),
        ("~", "nothing"),
        ("x", "text"),
        ("1.5", "a number"),
        ("true", "true or false"),
    ],
)
def test_every_node_has_a_kind_in_words(text, kind):
    assert kind_of(parse(text, "r")) == kind
