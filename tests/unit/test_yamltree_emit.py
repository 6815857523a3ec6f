"""What is emitted is read as the same values."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nxtool.findings import Mark
from nxtool.yamltree.emit import to_yaml
from nxtool.yamltree.nodes import ListNode, MapNode, Scalar
from nxtool.yamltree.yamlfile import parse

MARK = Mark("r", 1, 1)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("#:- '\"[]{}\n\x85\u2028~01.e"),
    max_size=12,
)
PLAIN = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False) | TEXTS
TREES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(bool), inner, max_size=3)
    ),
    max_leaves=15,
)


def node(tree):
    """Nodes as the parser would have made them."""
    if isinstance(tree, dict):
        items = ((Scalar(key, key, MARK), node(value)) for key, value in tree.items())
        return MapNode(tuple(items), MARK)
    if isinstance(tree, list):
        return ListNode(tuple(map(node, tree)), MARK)
    text = {True: "true", False: "false"}.get(tree) if isinstance(tree, bool) else str(tree)
    return Scalar(tree, text.replace("inf", ".inf") if isinstance(tree, float) else text, MARK)


@given(TREES)
@example("1e-3")
@example("null")
@example({"<<": {"a": 1}})
@example(["---", "...", "- a", "a: b", "a #b", " a", "a ", "\ufeff", "\0", "*a", "&a", "!a", "%a"])
@example([[], {}, [[]], [{}], {"a": []}])
def test_what_is_emitted_is_read_as_the_same_values(tree):
    assert parse(to_yaml(node(tree)), "r").to_python() == tree


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{a: 200 mm, b: [1, 2.50], c: {d: ~}}", "a: 200 mm\nb: [1, 2.50]\nc:\n  d: null\n"),
        ("- {a: 1}\n- 'NO'\n- '1'", '-\n  a: 1\n- NO\n- "1"\n'),
        ("x(NX_FLOAT): é", "x(NX_FLOAT): é\n"),
    ],
)
def test_the_form_is_canonical(source, text):
    assert to_yaml(parse(source, "r")) == text
