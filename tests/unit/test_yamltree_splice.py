"""Changing a YAML text and leaving the rest of it alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.yamltree.emit import inline, quoted
from nxtool.yamltree.layout import layout_of
from nxtool.yamltree.splice import remove, rename, set_value
from nxtool.yamltree.yamlfile import parse

TEXT = """\
# a recipe
nxtool: 1
entry:
  a: 1  # one
  b:
    c: "x y"   # two
    d:
    e: {f: 1, g: [1, 2]}
    # z: null  # not wanted

  list:
  - {name: x}
  - k: 1
    l: |
      text
      more

  # what h is
  h: {}
  s: null  # about s
# end
"""

SET = {
    "a value": ("entry/a", "2 mm", "  a: 1  # one", "  a: 2 mm  # one"),
    "nothing": ("entry/b/d", "7", "    d:\n", "    d: 7\n"),
    "an empty mapping": ("entry/h/x/y", "7", "  h: {}\n", "  h:\n    x:\n      y: 7\n"),
    "a null": ("entry/s/x", "7", "  s: null  # about s\n", "  s:  # about s\n    x: 7\n"),
    "within braces": ("entry/b/e/h/i", "7", "[1, 2]}", "[1, 2], h: {i: 7}}"),
    "a new name": ("entry/b/n", "7", "[1, 2]}\n", "[1, 2]}\n    n: 7\n"),
    "a new name at the top": ("top", "1", "about s\n", "about s\ntop: 1\n"),
    "a text of lines": ("entry/list/1/l", "3", "|\n      text\n      more\n", "3\n"),
    "an own name": ("entry/p(NXdata)/x", "1", "about s\n", "about s\n  p(NXdata):\n    x: 1\n"),
    "an item of a list": ("entry/b/e/g/1", "5", "[1, 2]", "[1, 5]"),
}


@pytest.mark.parametrize("case", SET)
def test_setting_a_value_changes_nothing_else(case):
    path, value, old, new = SET[case]
    splice = set_value(TEXT, path.split("/"), value)
    assert splice.apply(TEXT) == TEXT.replace(old, new)
    assert splice.inverse.apply(splice.apply(TEXT)) == TEXT


REMOVED = {
    "a value with its comment": ("entry/a", "  a: 1  # one\n", ""),
    "nothing": ("entry/b/d", "    d:\n", ""),
    "the first within braces": ("entry/b/e/f", "f: 1, ", ""),
    "the last of a list": ("entry/b/e/g/1", ", 2]", "]"),
    "an item in lines": ("entry/list/0", "  - {name: x}\n", ""),
    "lines of text": ("entry/list/1/l", "    l: |\n      text\n      more\n", ""),
}


@pytest.mark.parametrize("case", REMOVED)
def test_removing_takes_the_lines_of_a_value_alone(case):
    path, old, new = REMOVED[case]
    assert remove(TEXT, path.split("/")).apply(TEXT) == TEXT.replace(old, new)


def test_a_mapping_that_loses_its_last_name_stays():
    assert remove("a:\n  b: 1\nc: 2\n", ["a", "b"]).apply("a:\n  b: 1\nc: 2\n") == "a: {}\nc: 2\n"


def test_a_name_is_exchanged():
    changed = rename(TEXT, ["entry", "b"], "b(NXdetector)").apply(TEXT)
    assert changed == TEXT.replace("  b:\n", "  b(NXdetector):\n")


def test_what_an_alias_repeats_is_not_edited_through_it():
    text = "a: &x {q: 1}\nb: *x\n"
    with pytest.raises(RecipeError, match=r"^b repeats what is written elsewhere"):
        set_value(text, ["b", "q"], "2")
    with pytest.raises(RecipeError, match=r"^a/q cannot be changed without"):
        set_value(text, ["a", "q"], "2")


def test_a_name_that_is_there_already_is_refused():
    with pytest.raises(RecipeError, match="'b' stands here again"):
        rename("a: 1\nb: 2\n", ["a"], "b")


def test_nothing_cannot_be_removed():
    with pytest.raises(RecipeError, match=r"^a/b: nothing stands there"):
        remove("a: 1\n", ["a", "b"])


def test_a_text_with_letters_outside_ascii_keeps_its_offsets():
    text = 'ü: "µ"  # Å\nb: 1\n'
    assert set_value(text, ["b"], "2").apply(text) == 'ü: "µ"  # Å\nb: 2\n'


def test_the_layout_knows_where_values_end():
    layout = layout_of(TEXT)
    block = layout.find(["entry", "list", "1", "l"])
    assert TEXT[block.start : block.stop] == "|\n      text\n      more"
    assert layout.find(["entry", "b", "d"]).is_empty


names = st.sampled_from(["a", "b", "c", "d(NXdata)", "e f"])
scalars = st.sampled_from(["1", "2 mm", "null", '"a: b"', "", "[1, 2]", "{x: 1}", "!invalid 8 kev"])
trees = st.recursive(scalars, lambda inner: st.dictionaries(names, inner, min_size=1), max_leaves=9)
comments = st.sampled_from(["", "  # why", "\n# a line of its own", "\n"])


@st.composite
def texts(draw):
    """A recipe-like text, and the comments in it."""
    lines: list[str] = []

    def write(tree, indent):
        for name, value in tree.items():
            comment = draw(comments)
            if isinstance(value, dict):
                lines.append(f"{indent}{quoted(name)}:{comment}")
                write(value, indent + "  ")
            else:
                lines.append(f"{indent}{quoted(name)}: {value}{comment}")

    write(draw(st.dictionaries(names, trees, min_size=1)), "")
    return "\n".join(lines) + "\n"


@given(texts(), st.lists(names, min_size=1, max_size=4), st.sampled_from(["7", "[1]", "null"]))
def test_setting_any_value_of_any_text_gives_it_and_keeps_the_comments(text, path, value):
    splice = set_value(text, path, value)
    after = splice.apply(text)
    node = parse(after, "")
    for name in path:
        node = node.get(name)
    assert inline(node) == value
    assert splice.inverse.apply(after) == text
    found = parse(text, "")
    for name in path:
        found = getattr(found, "get", lambda _: None)(name)
    if found is None or not hasattr(found, "items"):  # else comments within what is replaced go
        assert after.count("#") == text.count("#")


@given(texts(), st.data())
def test_whatever_is_there_can_be_removed(text, data):
    path, node = [], parse(text, "")
    while getattr(node, "items", ()) and (not path or data.draw(st.booleans())):
        name = data.draw(st.sampled_from(list(node))) if hasattr(node, "get") else "0"
        path.append(name)
        node = node.get(name) if hasattr(node, "get") else node.items[0]
    splice = remove(text, path)
    assert splice.inverse.apply(splice.apply(text)) == text
