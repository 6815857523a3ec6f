"""Variables are filled in once, typed where they stand alone, and never run anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.recipe.variables import escape, expand, resolve_variables
from nxtool.yamltree.nodes import MapNode, Scalar
from nxtool.yamltree.yamlfile import parse


def filled(text, variables="{}", environment=None):
    """What `text` becomes, with the messages of what is wrong."""
    problems = []
    values = resolve_variables(parse(variables, "v"), problems, environment or {})
    node = expand(parse(text, "r"), values, problems)
    return node.to_python(), [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${n}", 7),
        ('"${n}"', 7),
        ("${l}", [1, 2]),
        ("${f} mm", "0.10 mm"),
        ("x${n}", "x7"),
        ("${n}${n}", "77"),
        ("${n:04d}", "0007"),
        ("run_${n:04d}.h5", "run_0007.h5"),
        ("${f:.3f}", "0.100"),
        ("${t:>4s}", "   a"),
        ("${ n }", 7),
        ("$${n}", "${n}"),
        ("a$${n}${n}", "a${n}7"),
        ("$n", "$n"),
        ("$", "$"),
        ("{x_${n}: 1}", {"x_7": 1}),
    ],
)
def test_a_reference_becomes_the_value(text, value):
    text = '{"x_${n}": 1}' if text.startswith("{") else text
    assert filled(text, "{n: 7, l: [1, 2], f: 0.10, t: a}") == (value, [])


def test_a_value_from_a_variable_is_not_filled_in_again():
    assert filled("${a}", "{a: '$${b}', b: 1}") == ("${b}", [])


def test_a_variable_may_use_those_above_it():
    assert filled("${b}", "{a: 1, b: 'x${a}'}") == ("x1", [])


def test_the_environment_is_text_even_if_it_looks_like_a_number():
    assert filled("${a}", "{a: '${env.RUN}'}", {"RUN": "010"}) == ("010", [])


def test_a_value_from_a_variable_stands_where_it_is_used():
    node = expand(parse("a: ${x}", "r"), {"x": parse("5", "v")}, [])
    assert node.get("a").mark == Mark("r", 1, 4)


def test_every_unknown_variable_is_reported():
    problems = ["unknown variable 'a'", "unknown variable 'b'"]
    assert filled("['${a}', '${b}']")[1] == problems


def test_names_that_become_equal_are_reported():
    problem = "'1' comes out twice"
    assert filled("{'${a}': x, '${b}': y}", "{a: 1, b: 1}") == ({"1": "x"}, [problem])


def test_repeat_makes_one_group_for_each_row():
    text = "'p_${i}(NXdetector)': {$repeat: {i: 0..1, z: [3 mm, 4 mm]}, distance: '${z}'}"
    groups = {"p_0(NXdetector)": {"distance": "3 mm"}, "p_1(NXdetector)": {"distance": "4 mm"}}
    assert filled(text) == (groups, [])


def test_repeat_may_use_variables():
    text = "'p${i}': {$repeat: {i: '0..${n}', z: '${l}'}, x: '${z}'}"
    groups = {"p0": {"x": 3}, "p1": {"x": 4}}
    assert filled(text, "{n: 1, l: [3, 4]}") == (groups, [])


def test_repeat_may_stand_within_repeat():
    text = "'a${i}': {$repeat: {i: 1..2}, 'b${j}': {$repeat: {j: 3..4}, x: '${i}${j}'}}"
    assert filled(text)[0] == {
        "a1": {"b3": {"x": "13"}, "b4": {"x": "14"}},
        "a2": {"b3": {"x": "23"}, "b4": {"x": "24"}},
    }


@pytest.mark.slow
def test_repeats_that_multiply_are_refused():
    text = "x: 1"
    for name in "abc":
        text = f"'{name}${{{name}}}': {{$repeat: {{{name}: 0..999}}, {text}}}"
    with pytest.raises(RecipeError, match="variables fill in to more than 200000 values"):
        filled(text)


def test_lists_used_many_times_are_refused():
    many = "[" + ",".join(["'${l}'"] * 1000) + "]"
    with pytest.raises(RecipeError, match="variables fill in to more than 200000 values"):
        filled(many, "{l: [" + ",".join("1" * 1000) + "]}")


def test_text_that_doubles_is_refused():
    variables = "a0: xxxxxxxxxx\n"
    variables += "".join(f"a{i}: ${{a{i - 1}}}${{a{i - 1}}}\n" for i in range(1, 30))
    problems = []
    resolve_variables(parse(variables, "v"), problems, {})
    assert problems[0].message == "text of more than 100000 characters"


def test_lists_do_not_enter_other_variables():
    problem = "variable 'l' is not known here"
    assert filled("1", "{l: [1], m: ['${l}']}")[1] == [problem]


@given(st.text(max_size=30))
def test_escaped_text_comes_back(text):
    mark = Mark("r", 1, 1)
    problems = []
    node = expand(Scalar(escape(text), escape(text), mark, "quoted"), {}, problems)
    assert (node.value, problems) == (text, [])


@given(st.text(alphabet="${}ab:04d.[]_ ", max_size=20))
def test_any_text_is_filled_in_or_reported(text):
    problems = []
    mark = Mark("r", 1, 1)
    node = expand(Scalar(text, text, mark, "quoted", 0), {"a": Scalar(1, "1", mark)}, problems)
    assert isinstance(node, Scalar)
    assert len(problems) <= 1


def test_a_mapping_without_variables_stays_the_same():
    node = parse("{a: [1, {b: x}]}", "r")
    assert isinstance(node, MapNode)
    assert expand(node, {}, []) == node
