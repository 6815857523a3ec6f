"""Files are merged by one law, and places follow the values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.recipe.include import load, merge
from nxtool.yamltree.nodes import MapNode
from nxtool.yamltree.yamlfile import parse


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Writes files by name to the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(**texts):
        for name, text in texts.items():
            Path(f"{name}.yaml").write_text(text, "utf-8")

    return write


def test_later_files_and_the_including_file_win(files):
    files(a="include: [b.yaml, c.yaml]\nz: a\n", b="x: b\ny: b\nz: b\n", c="y: c\n")
    merged, read = load(Path("a.yaml"))
    assert merged.to_python() == {"x": "b", "y": "c", "z": "a"}
    assert read == (Path("a.yaml"), Path("b.yaml"), Path("c.yaml"))


def test_names_are_relative_to_the_file_they_stand_in(files, tmp_path):
    (tmp_path / "sub").mkdir()
    files(a="include: sub/b.yaml")
    (tmp_path / "sub/b.yaml").write_text("include: c.yaml", "utf-8")
    (tmp_path / "sub/c.yaml").write_text("x: 1", "utf-8")
    assert load(Path("a.yaml"))[0].to_python() == {"x": 1}


def test_lists_are_replaced(files):
    files(a="include: b.yaml\nx: [3]", b="x: [1, 2]")
    assert load(Path("a.yaml"))[0].to_python() == {"x": [3]}


def test_null_removes_what_it_replaces(files):
    files(a="include: b.yaml\nx: {y: ~}", b="x: {y: 1, z: 2}")
    assert load(Path("a.yaml"))[0].to_python() == {"x": {"z": 2}}


def test_null_that_replaces_nothing_stays(files):
    files(a="include: b.yaml\nx: {y: }", b="x: {z: 2}")
    assert load(Path("a.yaml"))[0].to_python() == {"x": {"z": 2, "y": None}}


def test_a_value_keeps_the_place_of_its_file(files):
    files(a="include: b.yaml\nx: {y: 1}", b="x:\n  z: 2")
    x = load(Path("a.yaml"))[0].get("x")
    assert [x.get("y").mark, x.get("z").mark] == [Mark("a.yaml", 2, 8), Mark("b.yaml", 2, 6)]


def test_one_file_may_be_included_twice(files):
    files(a="include: [b.yaml, c.yaml]", b="include: c.yaml", c="x: 1")
    merged, read = load(Path("a.yaml"))
    assert (merged.to_python(), len(read)) == ({"x": 1}, 3)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("include: a.yaml", "", "a.yaml:1:10: a.yaml includes itself (remove this include)"),
        (
            "include: [b.yaml]",
            "include: a.yaml",
            "b.yaml:1:10: a.yaml includes itself (remove this include)",
        ),
        (
            "include: x.yaml",
            "",
            "a.yaml:1:10: x.yaml: no such file or directory (check the name)",
        ),
        (
            "include: {a: b}",
            "",
            "a.yaml:1:10: include must be a file or a list of files, not a mapping"
            " (include: beamline.nx.yaml)",
        ),
        (
            "include: ${x}.yaml",
            "",
            "a.yaml:1:10: include cannot use variables"
            " (write the name out; files are included before variables are known)",
        ),
        (
            "include: b.yaml",
            "x: [",
            "b.yaml:2:1: a value is missing, or a bracket is never closed"
            " (close the bracket; quote text that begins with any of , ] })",
        ),
        (
            "include: b.yaml",
            "- 1",
            "b.yaml:1:1: a recipe is a mapping of names to values, not a list (write name: value)",
        ),
    ],
)
def test_a_wrong_include_is_refused_at_its_place(files, a, b, message):
    files(a=a, b=b)
    with pytest.raises(RecipeError) as caught:
        load(Path("a.yaml"))
    assert str(caught.value) == message


def test_includes_that_multiply_are_refused(files):
    files(**{f"f{i}": f"include: [f{i + 1}.yaml, f{i + 1}.yaml]" for i in range(40)}, f40="x: 1")
    with pytest.raises(RecipeError) as caught:
        load(Path("f0.yaml"))
    message = "more than 100 files or 16 MiB are included"
    assert (caught.value.message, caught.value.hint) == (message, "include less")


@pytest.mark.parametrize(
    ("setting", "result"),
    [
        ("a.b=2", {"a": {"b": 2}, "c": 1}),
        ("a.x.y=4 K", {"a": {"b": 1, "x": {"y": "4 K"}}, "c": 1}),
        ("a={b: 3}", {"a": {"b": 3}, "c": 1}),
        ("c=", {"a": {"b": 1}}),
        ("c=null", {"a": {"b": 1}}),
        ("c=''", {"a": {"b": 1}, "c": ""}),
        ("c=x=y", {"a": {"b": 1}, "c": "x=y"}),
    ],
)
def test_a_setting_changes_one_value(files, setting, result):
    files(a="a: {b: 1}\nc: 1")
    assert load(Path("a.yaml"), [setting])[0].to_python() == result


@pytest.mark.parametrize("setting", ["a", "=1", "a..b=1", ".=1", ".".join("a" * 200) + "=1"])
def test_a_setting_without_name_or_value_is_refused(files, setting):
    files(a="a: 1")
    with pytest.raises(RecipeError) as caught:
        load(Path("a.yaml"), [setting])
    message = f"{setting!r} is not a setting (write --set entry.sample.name=x)"
    assert str(caught.value) == f"--set {setting}:1:1: {message}"


def test_a_setting_that_is_not_yaml_is_refused_as_such(files):
    files(a="a: 1")
    with pytest.raises(RecipeError) as caught:
        load(Path("a.yaml"), ["a=!x 1"])
    assert caught.value.mark == Mark("--set a=!x 1", 1, 1)


USING = """\
vars: {sample: Fe}
sources: {frames: a.h5}
entry:
  title: ${sample} at ${place}
  data: {from: "frames:/x", expr: x * factor}
  more: {from: "later:/y"}
"""


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("vars.sampel=Cu", "there is no variable 'sampel' (did you mean sample?)"),
        ("vars.q=Cu", "there is no variable 'q' (known: sample)"),
        ("sources.frame.path=b.h5", "there is no source 'frame' (did you mean frames?)"),
        ("vars.sample=Cu", None),
        ("vars.place=here", None),
        ("vars.factor=2", None),
        ("sources.frames=b.h5", None),
        ("sources.later=b.h5", None),
        ("entry.sources.q=1", None),
    ],
)
def test_a_variable_or_source_that_nothing_asks_for_is_told(files, setting, told):
    files(a=USING)
    problems = []
    load(Path("a.yaml"), [setting], problems=problems)
    assert [f"{one.message} ({one.hint})" for one in problems] == ([told] if told else [])
    assert all(one.mark == Mark(f"--set {setting}", 1, 1) for one in problems)


def test_a_source_named_by_a_variable_may_be_any(files):
    files(a='sources: {}\nentry: {data: {from: "${which}:/x"}}\n')
    problems = []
    load(Path("a.yaml"), ["sources.dark=b.h5", "vars.which=dark"], problems=problems)
    assert problems == []


def test_what_a_setting_uses_may_come_from_another(files):
    files(a="entry: {title: x}\n")
    problems = []
    load(Path("a.yaml"), ["vars.q=1", "entry.title=scan ${q}"], problems=problems)
    assert problems == []


TREES = st.recursive(
    st.none() | st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
MAPS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)
EMPTY = MapNode((), Mark("e", 1, 1))


def node(tree):
    return parse(repr(tree).replace("None", "null"), "r")


@given(MAPS)
def test_merging_with_nothing_changes_nothing(tree):
    one = node(tree)
    assert merge(EMPTY, one).to_python() == tree
    assert merge(one, EMPTY).to_python() == tree


@given(MAPS, MAPS)
def test_merging_twice_is_merging_once_without_nulls(base, over):
    once = merge(node(base), node(over))
    if "None" not in repr(over):
        assert merge(once, node(over)).to_python() == once.to_python()


@given(MAPS, MAPS)
def test_the_later_value_wins_wherever_both_have_one(base, over):
    merged = merge(node(base), node(over)).to_python()
    for name, value in over.items():
        if value is None:
            assert merged.get(name) is None
        elif not isinstance(value, dict):
            assert merged[name] == value
    for name in set(base) - set(over):
        assert merged[name] == base[name]
