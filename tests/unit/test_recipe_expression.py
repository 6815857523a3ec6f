"""Arithmetic is computed; anything else is refused at its place."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.recipe.expression import Expression, parse_expression
from nxtool.yamltree.nodes import Scalar


def expression(text):
    return parse_expression(Scalar(text, text, Mark("r", 2, 5), "quoted", 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.4 / x", [6.2, 3.1]),
        ("-x ** 2 + 1", [-3.0, -15.0]),
        (" 2 * (x - y)", [2.0, 6.0]),
        ("sqrt(x) + abs(-y)", [1 + np.sqrt(2), 3.0]),
        ("degrees(radians(x))", [2.0, 4.0]),
        ("log10(100) + 0 * x", [2.0, 2.0]),
        ("asin(sin(0.5)) + acos(cos(0.5)) + atan(tan(0.5)) + 0 * x", [1.5, 1.5]),
        ("log(exp(x))", [2.0, 4.0]),
        ("x / 0", [np.inf, np.inf]),
        ("255 + y", [256.0, 256.0]),
    ],
)
def test_arithmetic_is_computed_in_float64(text, value):
    x, y = np.array([2, 4], "uint8"), np.uint8(1)
    result = expression(text).evaluate({"x": x, "y": y})
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, value)


def test_complex_data_stays_complex():
    assert expression("2 * x").evaluate({"x": np.array([1j], "complex64")}).tolist() == [2j]


def test_names_are_those_of_variables_only():
    assert expression("sqrt(a) + b * a").names == {"a", "b"}


ALLOWED = (
    "use + - * / **, numbers, names and"
    " sqrt log log10 exp sin cos tan asin acos atan radians degrees abs"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x.real", f"r:2:6: 'x.real' is not allowed in an expression ({ALLOWED})"),
        ("1 + x[0]", f"r:2:10: 'x[0]' is not allowed in an expression ({ALLOWED})"),
        ("open(x)", f"r:2:6: 'open(x)' is not allowed in an expression ({ALLOWED})"),
        ("sqrt(x, y)", f"r:2:6: 'sqrt(x, y)' is not allowed in an expression ({ALLOWED})"),
        ("sqrt(x=1)", f"r:2:6: 'sqrt(x=1)' is not allowed in an expression ({ALLOWED})"),
        ("(lambda: 1)()", f"r:2:6: '(lambda: 1)()' is not allowed in an expression ({ALLOWED})"),
        ("2 * 'a'", f"r:2:10: \"'a'\" is not allowed in an expression ({ALLOWED})"),
        ("True", f"r:2:6: 'True' is not allowed in an expression ({ALLOWED})"),
        ("1j", f"r:2:6: '1j' is not allowed in an expression ({ALLOWED})"),
        ("x // 2", f"r:2:6: 'x // 2' is not allowed in an expression ({ALLOWED})"),
        ("x << 99", f"r:2:6: 'x << 99' is not allowed in an expression ({ALLOWED})"),
        ("[x for x in y]", f"r:2:6: '[x for x in y]' is not allowed in an expression ({ALLOWED})"),
        ("x ** 9999", "r:2:11: an exponent is at most 100 (use exp or a smaller one)"),
        ("x ** -9999", "r:2:11: an exponent is at most 100 (use exp or a smaller one)"),
        ("1 +", "r:2:5: '1 +' is not arithmetic (like 12.4 / x)"),
        ("x = 1", "r:2:5: 'x = 1' is not arithmetic (like 12.4 / x)"),
        ("x" * 501, "r:2:5: an expression is at most 500 ASCII characters"),
        ("é", "r:2:5: an expression is at most 500 ASCII characters"),
    ],
)
def test_what_is_not_arithmetic_is_refused_at_its_place(text, message):
    with pytest.raises(RecipeError) as caught:
        expression(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["(" * 400, "-" * 400 + "1", "1" + "+1" * 200])
def test_deep_nesting_is_refused(text):
    with pytest.raises(RecipeError):
        expression(text)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": 1}, "r:2:5: 'x' has no value in 'x + a' (known: a)"),
        ({"a": 1, "x1": 1}, "r:2:5: 'x' has no value in 'x + a' (did you mean x1?)"),
        ({"a": 1, "x": "t"}, "r:2:5: 'x + a': <U1 is not numeric"),
    ],
)
def test_values_that_do_not_fit_are_refused(values, message):
    with pytest.raises(RecipeError) as caught:
        expression("x + a").evaluate(values)
    assert str(caught.value) == message


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(RecipeError) as caught:
        expression("x + a").evaluate({"x": np.zeros(2), "a": np.zeros(3)})
    assert caught.value.mark == Mark("r", 2, 5)


@given(st.text(alphabet="x1.e+-*/()[] ,'\"\\\n\0#:=&", max_size=40))
def test_any_text_is_an_expression_or_a_recipe_error(text):
    with contextlib.suppress(RecipeError):
        assert isinstance(expression(text), Expression)
