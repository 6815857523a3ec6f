"""Numbers and unit text are told apart, and nothing else is taken for a quantity."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.recipe.quantity import Linspace, Quantity, parse_quantity, quantity_of
from nxtool.yamltree.yamlfile import parse


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("200 mm", 200, "mm"),
        ("[1, 2] mm", (1, 2), "mm"),
        ("[[1, 2.5], [-3, 4e2]]  m s-1", ((1, 2.5), (-3, 400.0)), "m s-1"),
        ("[]", (), ""),
        ("1.2e12 Hz", 1.2e12, "Hz"),
        ("10 °C", 10, "°C"),
        ("5%", 5, "%"),
        ("-5", -5, ""),
        ("+.5 µm", 0.5, "µm"),
        ("3 1/cm", 3, "1/cm"),
        (".inf eV", math.inf, "eV"),
        ("200mm", 200, "mm"),
        (" 7 ", 7, ""),
        ("linspace(8.2, 8.6, 801) keV", Linspace(8.2, 8.6, 801), "keV"),
        ("linspace(0, 1, 2)", Linspace(0.0, 1.0, 2), ""),
    ],
)
def test_a_quantity_is_numbers_and_a_unit(text, values, unit):
    assert parse_quantity(text) == Quantity(values, unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mm",
        "2026-01-05T10:00:00",
        "10:30",
        "1_000",
        "5 6",
        "[1, 2",
        "[1 2]",
        "[1,, 2]",
        "[, 1]",
        "[1, ]",
        "[1]]",
        "] 1",
        "linspace(1, 2)",
        "linspace(1, 2, 0)",
        "linspace(1, 2, 10000001)",
        "linspace(1, 2, 3.5)",
        "linspace(a, 2, 3)",
        "[" * 5000,
        "1 , 2",
        "one 1",
    ],
)
def test_other_text_is_no_quantity(text):
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("5", Quantity(5, "")),
        ("5 mm", Quantity(5, "mm")),
        ("[1, [2, 3]]", Quantity((1, (2, 3)), "")),
        ("[1, 2 mm]", None),
        ("{a: 1}", None),
        ("true", None),
        ("[true]", None),
        ("~", None),
        ("text", None),
    ],
)
def test_a_node_is_a_quantity_if_it_is_numbers(text, quantity):
    assert quantity_of(parse(text, "r")) == quantity


def test_a_linspace_includes_both_ends():
    assert Linspace(1.0, 2.0, 3).array().tolist() == [1.0, 1.5, 2.0]


NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.recursive(NUMBERS, lambda inner: st.lists(inner, min_size=1, max_size=3)))
def test_numbers_come_back_from_their_text(numbers):
    def as_tuple(value):
        return tuple(map(as_tuple, value)) if isinstance(value, list) else value

    assert parse_quantity(f"{numbers} mm") == Quantity(as_tuple(numbers), "mm")


@given(st.text(alphabet="0123456789.,[]+-eE mlinspace()/%", max_size=30))
def test_any_text_is_a_quantity_or_none(text):
    quantity = parse_quantity(text)
    assert quantity is None or isinstance(quantity, Quantity)
