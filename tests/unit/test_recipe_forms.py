# ruff: noqa: E501  a table of mistakes reads best with one message a line
"""Forms are read with their places, and every mistake in them is reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.findings import Mark
from nxtool.recipe.forms import (
    FieldForm,
    LinkTarget,
    OwnName,
    SourceRef,
    parse_field,
    parse_group,
    parse_own_name,
    parse_plot,
    wrong_name,
)
from nxtool.recipe.transformations import parse_transformations
from nxtool.yamltree.nodes import Scalar
from nxtool.yamltree.yamlfile import parse


def written(problems):
    """Problems as `line:column code message (hint)`."""
    return [f"{p.mark.line}:{p.mark.column} {p.code} {p.message} ({p.hint})" for p in problems]


def read(parser, text):
    problems = []
    return parser(parse(text, "r"), problems), written(problems)


@pytest.mark.parametrize("text", ["5", "200 mm", "[1, 2]", "text", "~"])
def test_a_short_field_is_its_value(text):
    node = parse(text, "r")
    problems = []
    assert parse_field(node, problems) == FieldForm(node.mark, value=node)
    assert problems == []


def test_a_long_field_has_all_its_parts():
    text = '{from: "log:temp[0:5]", units: degC, to: K, dtype: float32, chunks: [1, 5], compression: "gzip:4", attrs: {a: 1}, date_format: "%Y", expr: 2 * x}'
    form, problems = read(parse_field, text)
    assert problems == []
    assert form.source == SourceRef("log", "temp[0:5]", Mark("r", 1, 8), Mark("r", 1, 13))
    assert (form.units, form.to, form.dtype, form.chunks) == ("degC", "K", "float32", (1, 5))
    assert (form.compression, form.date_format, form.expr.names) == ("gzip:4", "%Y", {"x"})
    assert (form.attrs.to_python(), form.marks["to"]) == ({"a": 1}, Mark("r", 1, 42))


def test_a_null_value_is_kept_as_not_filled():
    form, problems = read(parse_field, "{value: ~, units: mm}")
    assert (form.value.is_null, problems) == (True, [])


def test_a_value_from_a_source_is_a_source():
    form, problems = read(parse_field, '{value: {from: "log:temp"}, units: degC, to: K}')
    assert (form.value, form.source.selector, problems) == (None, "temp", [])
    _, problems = read(parse_field, "{value: {from: a}, from: b}")
    assert problems == ["1:20 R02 from cannot stand beside from (keep one of the two)"]


@pytest.mark.parametrize(
    ("text", "source", "selector"),
    [
        ("frames", "frames", ""),
        ("meta:/a/b@units", "meta", "/a/b@units"),
        ("spec:3:Theta", "spec", "3:Theta"),
        ("edf:#exposure", "edf", "#exposure"),
    ],
)
def test_from_is_split_at_its_first_colon(text, source, selector):
    form, _ = read(parse_field, f'{{from: "{text}"}}')
    assert (form.source.source, form.source.selector) == (source, selector)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("/entry/data", LinkTarget("", "/entry/data", Mark("r", 1, 8))),
        ("sub/file.h5:/data", LinkTarget("sub/file.h5", "/data", Mark("r", 1, 8))),
    ],
)
def test_a_link_leads_within_or_to_another_file(text, target):
    form, problems = read(parse_field, f'{{link: "{text}"}}')
    assert (form.link, problems) == (target, [])


def test_a_group_has_words_and_children():
    text = "{$attrs: {a: 1}, sample: {}, $plot: {signal: x}, data: 5, $link: /entry}"
    group, problems = read(parse_group, text)
    assert problems == []
    assert [key.text for key, _ in group.children] == ["sample", "data"]
    assert (group.plot.signal.text, group.link.path, group.attrs.to_python()) == (
        "x",
        "/entry",
        {"a": 1},
    )


def test_a_plot_has_a_name_even_if_none_is_given():
    plot, problems = read(parse_plot, "{signal: a/b, axes: x, errors: e, title: T}")
    assert problems == []
    assert (plot.name, plot.title, plot.errors.text, [axis.text for axis in plot.axes]) == (
        "data",
        "T",
        "e",
        ["x"],
    )


def own(text):
    problems = []
    key = Scalar(text, text, Mark("r", 3, 5), "plain", 0)
    return parse_own_name(key, problems), written(problems)


def test_an_own_name_says_what_it_is():
    name = OwnName("panel_2", "NXdetector", Mark("r", 3, 5), Mark("r", 3, 13))
    assert own("panel_2(NXdetector)") == (name, [])
    assert not name.is_field
    assert own("phi(NX_FLOAT)")[0].is_field


def test_a_bare_name_is_no_own_name():
    assert own("sample") == (None, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a(NXdata",
            "3:5 R02 'a(NXdata' is not name(type) (like panel_2(NXdetector) or phi(NX_FLOAT))",
        ),
        ("(NXdata)", "3:5 R02 '' is not a NeXus name (use letters, digits, _ and . within)"),
        ("a b(NXdata)", "3:5 R02 'a b' is not a NeXus name (use letters, digits, _ and . within)"),
        ("a.(NXdata)", "3:5 R02 'a.' is not a NeXus name (use letters, digits, _ and . within)"),
        ("é(NXdata)", "3:5 R02 'é' is not a NeXus name (use letters, digits, _ and . within)"),
        (
            "a(detector)",
            "3:7 R02 'detector' is not a class or a type (like NXdetector or NX_FLOAT)",
        ),
        (
            "a" * 64 + "(NXdata)",
            f"3:5 R02 '{'a' * 64}' is longer than 63 characters (use letters, digits, _ and . within)",
        ),
    ],
)
def test_a_wrong_own_name_is_reported(text, message):
    assert own(text)[1] == [message]


@pytest.mark.parametrize("name", ["a", "0", "_", "a.b", "a_1", "a" * 63])
def test_a_nexus_name_is_fine(name):
    assert wrong_name(name) == ""


@pytest.mark.parametrize(
    ("parser", "text", "messages"),
    [
        (parse_field, "{valu: 1}", ["1:2 R01 unknown name 'valu' (did you mean value?)"]),
        (parse_field, "{value: {a: 1}}", ["1:9 R02 value must be a value or a list, not a mapping ()"]),
        (parse_field, "{value: 1, from: a}", ["1:12 R02 from cannot stand beside value (keep one of the two)"]),
        (parse_field, "{link: /a, from: a, virtual: b}", ["1:12 R02 from cannot stand beside link (keep one of the two)", "1:21 R02 virtual cannot stand beside link (keep one of the two)"]),
        (parse_field, "{expr: x, value: 1}", ["1:2 R02 expr cannot stand beside value (use from)"]),
        (parse_field, "{value: 1, to: K}", ["1:12 R02 to needs units (say what unit the data is in)"]),
        (parse_field, "{from: [a]}", ["1:8 R02 from must be text, not a list (write one text)"]),
        (parse_field, "{from: ':x'}", ["1:8 R02 from names no source (like from: \"meta:/mask\")"]),
        (parse_field, "{link: data}", ["1:8 R02 'data' is not an absolute path (like /entry/data or file.h5:/data)"]),
        (parse_field, "{value: 1, dtype: flaot32}", ["1:19 R04 dtype cannot be 'flaot32' (did you mean float32?)"]),
        (parse_field, "{value: 1, attrs: [a]}", ["1:19 R02 attrs must be a mapping, not a list (like attrs: {name: value})"]),
        (parse_field, "{value: 1, chunks: [1, a]}", ["1:20 R02 chunks must be whole numbers from 1, not a list (like [1, 512, 512])"]),
        (parse_field, "{value: 1, units: true}", ["1:19 R02 units must be text, not 'true' (put it into quotes)"]),
        (parse_field, "{from: a, expr: x.y}", ["1:17 R04 'x.y' is not allowed in an expression (use + - * / **, numbers, names and sqrt log log10 exp sin cos tan asin acos atan radians degrees abs)"]),
        (parse_group, "{$plto: {}}", ["1:2 R01 unknown name '$plto' (did you mean $plot?)"]),
        (parse_group, "{$repeat: {i: 0..1}}", ["1:2 R02 $repeat can only stand below a name (give the group a name)"]),
        (parse_group, "{$link: x}", ["1:9 R02 'x' is not an absolute path (like /entry/data or file.h5:/data)"]),
        (parse_group, "{$attrs: 5}", ["1:10 R02 $attrs must be a mapping, not '5' (like $attrs: {name: value})"]),
        (parse_plot, "x", ["1:1 R02 $plot must be a mapping, not 'x' ({signal: ..., axes: [...]})"]),
        (parse_plot, "{axes: [x]}", ["1:1 R02 $plot needs a signal (signal: instrument/detector/data)"]),
        (parse_plot, "{signal: [x]}", ["1:10 R02 signal must be text, not a list (write one text)"]),
        (parse_plot, "{signal: x, axes: [1, y]}", ["1:20 R02 axes must be a list of paths, not '1' (like [sample/phi, ., .])"]),
        (parse_plot, "{signal: x, axis: y}", ["1:13 R01 unknown name 'axis' (did you mean axes?)"]),
        (parse_plot, "{signal: x, name: a b}", ["1:19 R02 'a b' is not a NeXus name (use letters, digits, _ and . within)"]),
        (parse_transformations, "{a: 1}", ["1:1 R02 transformations must be a list of steps, not a mapping (- {name: phi, rotate: [0, 1, 0], by: 0 deg})"]),
        (parse_transformations, "[phi]", ["1:2 R02 a step must be a mapping, not 'phi' ({name: phi, rotate: [0, 1, 0], by: 0 deg})"]),
        (parse_transformations, "[{name: a}]", ["1:2 R02 a step either rotates or translates (give one direction: rotate: [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: [1, 0, 0], translate: [1, 0, 0]}]", ["1:31 R02 a step either rotates or translates (give one direction: rotate: [0, 1, 0])"]),
        (parse_transformations, "[{rotate: [1, 0, 0]}]", ["1:2 R02 a step needs a name (name: phi)"]),
        (parse_transformations, "[{name: a b, rotate: [1, 0, 0]}]", ["1:9 R02 'a b' is not a NeXus name (use letters, digits, _ and . within)"]),
        (parse_transformations, "[{name: a, rotate: [0, 0, 0]}]", ["1:20 R02 rotate must be three numbers, not all zero (like [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: [1, 0]}]", ["1:20 R02 rotate must be three numbers, not all zero (like [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: [1, 0, x]}]", ["1:20 R02 rotate must be three numbers, not all zero (like [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: y}]", ["1:20 R02 rotate must be three numbers, not all zero (like [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: }]", ["1:20 R02 rotate must be three numbers, not all zero (like [0, 1, 0])"]),
        (parse_transformations, "[{name: a, rotate: [1, 0, 0], by: 1 deg, from: x}]", ["1:42 R02 from cannot stand beside by (keep one of the two)"]),
        (parse_transformations, "[{name: a, rotate: [1, 0, 0], incremnt: 1}]", ["1:31 R01 unknown name 'incremnt' (did you mean increment?)"]),
        (parse_transformations, "[{name: a, rotate: [1, 0, 0]}, {name: a, rotate: [1, 0, 0]}]", ["1:39 R02 'a' is the name of two steps (give each its own name)"]),
    ],
)  # fmt: skip
def test_mistakes_in_a_form_are_reported_at_their_place(parser, text, messages):
    assert read(parser, text)[1] == messages


def test_a_step_has_all_its_parts():
    text = "[{name: z, translate: [0, 0, 1.5], from: 'log:z', units: mm, increment: 1 mm, offset: [1, 0, 0]}]"
    (step,), problems = read(parse_transformations, text)
    assert problems == []
    assert (step.name.text, step.kind, step.vector) == ("z", "translation", (0.0, 0.0, 1.5))
    assert (step.source.selector, step.units.text, step.increment.text) == ("z", "mm", "1 mm")
    assert (step.by, step.offset.to_python()) == (None, [1, 0, 0])


KEYS = st.sampled_from(
    [
        "value",
        "from",
        "link",
        "virtual",
        "units",
        "to",
        "dtype",
        "expr",
        "chunks",
        "attrs",
        "$plot",
        "$link",
        "signal",
        "axes",
        "name",
        "rotate",
        "by",
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(alphabet="ab/:. ", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_any_node_is_read_or_reported(tree):
    text = repr(tree).replace("None", "null").replace("True", "true").replace("False", "false")
    node = parse(text, "r")
    problems = []
    parse_field(node, problems)
    parse_plot(node, problems)
    parse_transformations(node, problems)
    if isinstance(tree, dict):
        parse_group(node, problems)
    assert all(problem.mark is not None for problem in problems)
