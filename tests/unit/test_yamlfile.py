# ruff: noqa: E501  a table of mistakes reads best with one message a line
"""Any text becomes nodes or one clear refusal."""

from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.yamltree.nodes import ListNode, MapNode, Scalar
from nxtool.yamltree.yamlfile import MAX_BYTES, parse, read_text

LAUGHS = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 40)
)
LADDER = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 200))


@pytest.fixture(params=["C", "Python"])
def loader(request, monkeypatch):
    """Each test runs with libyaml and, as on machines without it, with PyYAML alone."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r:1:1: the file is empty (a recipe begins with `nxtool: 1`; see nxtool template)"),
        ("# x\n", "r:1:1: the file is empty (a recipe begins with `nxtool: 1`; see nxtool template)"),
        ("a: 1\nb: 2\na: 3\n", "r:3:1: 'a' stands here again; the first is at r:1:1 (keep one of the two)"),
        ("{1: a, '1': b}", "r:1:8: '1' stands here again; the first is at r:1:2 (keep one of the two)"),
        ("? [a]\n: 1\n", "r:1:3: a name cannot be a list or a mapping (quote it; a variable in {} is written \"${x}\")"),
        ("{'': 1}", "r:1:2: a name is missing before the colon"),
        ("a: &b {x: 1}\nc:\n  <<: *b\n", "r:3:3: merge keys (<<) are not part of the language (put the common part into a file and name it under include)"),
        ("a: !!python/object/apply:os.system [ls]\n", "r:1:4: tag tag:yaml.org,2002:python/object/apply:os.system is not allowed (remove it; quote text that begins with '!')"),
        ("a: !x 1\n", "r:1:4: tag !x is not allowed (remove it; quote text that begins with '!')"),
        ("a: !x {b: 1}\n", "r:1:4: tag !x is not allowed (remove it; quote text that begins with '!')"),
        ("a: 1\n---\nb: 2\n", "r:2:1: a second document begins here (remove what follows the '---')"),
        ("a: *b\n", "r:1:4: no anchor &b is complete before this (quote text that begins with '*': \"*b\")"),
        ("a: &a [*a]\n", "r:1:8: no anchor &a is complete before this (quote text that begins with '*': \"*a\")"),
        ("a:\n\tb: 1\n", "r:2:1: a tab cannot indent (use spaces)"),
        ("a: @x\n", "r:1:4: text cannot begin with '@' (quote it; attributes are written attrs: {name: value})"),
        ("a: b: c\n", "r:1:5: a second ': ' on one line, or wrong indentation (quote text that holds ': ')"),
        ("a: 1\n  b: 2\n", "r:2:4: a second ': ' on one line, or wrong indentation (quote text that holds ': ')"),
        ("a: {b: ${x}}\n", "r:1:8: a variable within { } or [ ] needs quotes (write \"${x}\")"),
        ("a: [1, ${x}]\n", "r:1:8: a variable within { } or [ ] needs quotes (write \"${x}\")"),
        ("a: [1, 2] mm\n", "r:1:11: text after a list (quote a list with a unit: \"[1, 2] mm\")"),
        ("a: 1\nb: 'x\n\n", "r:2:4: the quote that begins here is never closed (close the quote)"),
        ("a: [1, 2\nb: 3\n", "r:2:2: expected ',' or a closing bracket (close the bracket; quote text that holds any of [ ] { } ,)"),
        ("a: \"\\q\"\n", "r:1:4: the quoted text that begins here has an unknown escape (use single quotes)"),
        ("a: 'x' y\n", "r:1:8: this does not fit what stands above (check the indentation; quote the whole text if it begins with a quote or a bracket)"),
        ("a: 1\n b\n", None),
        ("a: \x07\n", "r:1:4: character U+0007 cannot stand in a text file (is this a recipe? recipes are UTF-8 text)"),
        ("[" * 10_000, "r:1:101: nested deeper than 100 levels"),
        ("\n".join(" " * i + "a:" for i in range(300)), "r:101:101: nested deeper than 100 levels"),
        (LAUGHS, "r:6:20: more than 100000 values (put bulk data into a file of its own and name it under sources)"),
        (LADDER, "r:99:12: nested deeper than 100 levels"),
        ("[" + "1," * 100_001 + "]", "r:1:200002: more than 100000 values (put bulk data into a file of its own and name it under sources)"),
        ("x" * (MAX_BYTES + 1), "r is larger than 16 MiB (put bulk data into a file of its own and name it under sources)"),
    ],
)  # fmt: skip
def test_what_is_not_our_yaml_is_refused_at_its_place(text, message):
    if message is None:
        assert parse(text, "r").to_python() == {"a": "1 b"}
        return
    with pytest.raises(RecipeError) as caught:
        parse(text, "r")
    assert str(caught.value) == message


@pytest.mark.usefixtures("loader")
def test_marks_of_names_and_values_count_from_one():
    node = parse("# c\na:\n  é: [1, 'x']\n", "r").get("a")
    assert node.key_mark("é") == Mark("r", 3, 3)
    assert [item.mark for item in node.get("é")] == [Mark("r", 3, 7), Mark("r", 3, 10)]


@pytest.mark.usefixtures("loader")
def test_an_alias_repeats_the_node_with_its_first_place():
    node = parse("a: &x [1]\nb: *x\n", "r")
    assert node.get("b") is node.get("a")


@pytest.mark.usefixtures("loader")
def test_blocks_and_quotes_are_told_apart():
    node = parse("a: x\nb: 'x'\nc: |\n  x\n", "r")
    assert [value.style for _, value in node.items] == ["plain", "quoted", "block"]


def test_names_are_text_whatever_they_would_mean_as_values():
    assert list(parse("{on: 1, 1: 2, true: 3, 1e3: 4}", "r")) == ["on", "1", "true", "1e3"]


def test_a_byte_order_mark_is_not_content():
    assert list(parse("\ufeffa: 1", "r")) == ["a"]


def test_many_aliases_of_a_small_node_are_fine():
    text = "a: &a [1]\nb: [" + ", ".join(["*a"] * 1000) + "]\n"
    assert len(parse(text, "r").get("b")) == 1000


PIECES = st.text(alphabet="ab:-{}[]\"'\\&*!|>%@,#?\n\t ~0.1e${}<=é\ufeff", max_size=40)


@given(st.one_of(st.text(max_size=60), PIECES))
@example("%YAML 1.1\n---\na")
@example("%YAML 9.9\n---\na")
@example("%TAG ! !\n--- !<%FF> a")
@example('"\\ud800"')
@example('"\\UFFFFFFFF"')
def test_any_text_is_nodes_or_a_recipe_error(text):
    with contextlib.suppress(RecipeError):
        assert isinstance(parse(text, "r"), Scalar | ListNode | MapNode)


@given(st.one_of(st.text(max_size=60), PIECES))
@example('"\\UFFFFFFFF"')
@example('"\\ud800"')
def test_any_text_is_nodes_or_a_recipe_error_without_libyaml(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(yaml, "CSafeLoader", raising=False)
        test_any_text_is_nodes_or_a_recipe_error.hypothesis.inner_test(text)


def refusal(path, mark=None):
    with pytest.raises(RecipeError) as caught:
        read_text(path, mark)
    return str(caught.value)


def test_a_missing_file_is_named_at_the_place_that_asked_for_it(tmp_path):
    path = tmp_path / "x.nx.yaml"
    message = f"r:3:10: {path}: no such file or directory (check the name)"
    assert refusal(path, Mark("r", 3, 10)) == message


def test_a_folder_is_not_a_recipe(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path} is not a file"


def test_a_name_no_file_can_have_is_refused(tmp_path):
    path = tmp_path / "a\0b"
    assert refusal(path) == f"{str(path)!r} is not a file name"


def test_a_binary_file_is_refused_at_its_first_wrong_byte(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"a: 1\nb: \xc3\xa9\xff")
    assert refusal(path) == f"{path}:2:5: this is not UTF-8 text (save the file as UTF-8)"


def test_a_large_file_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b" " * (MAX_BYTES + 1))
    hint = "put bulk data into a file of its own and name it under sources"
    assert refusal(path) == f"{path} is larger than 16 MiB ({hint})"
