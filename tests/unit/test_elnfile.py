"""What a notebook says comes into the recipe, as a value or as a comment."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nxtool.build.elnfile import recipe_from_eln
from nxtool.build.planner import judge, make_plan
from nxtool.cli import importeln
from nxtool.errors import DefinitionError, RecipeError
from nxtool.findings import Mark
from nxtool.recipe.model import load_recipe
from nxtool.schema.compile import default_schema
from nxtool.yamltree.emit import to_yaml
from nxtool.yamltree.nodes import ListNode, MapNode, Scalar
from nxtool.yamltree.yamlfile import parse
from tests.examples import many

HEAD = "nxtool: 1\ndefinition: NXarpes\n\n"
PLACE = Mark("eln", 1, 1)


def imported(text: str):
    return recipe_from_eln(default_schema(), "NXarpes", parse(text, "eln.yaml"))


def body(text: str) -> str:
    """The recipe without its head."""
    return imported(text).text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("notebook", "recipe"),
    [
        ("title: a map", "entry:\n  title: a map\n"),
        ("{Sample: {Name: x}}", "entry:\n  sample:\n    name: x\n"),
        ("{sample: {name: null}}", "entry:\n  sample:\n    name: null\n"),
        (
            "sample: {temperature: {value: 4.20, unit: K}}",
            "entry:\n  sample:\n    temperature: 4.20 K\n",
        ),
        (
            "sample: {temperature: {value: 4, unit: null}}",
            "entry:\n  sample:\n    temperature: 4\n",
        ),
        (
            "sample: {temperature: {value: [4, 5], unit: K}}",
            "entry:\n  sample:\n    temperature:\n      value: [4, 5]\n      units: K\n",
        ),
        (
            "sample: {temperature: {value: warm, unit: K}}",
            "entry:\n  sample:\n    temperature:\n      value: warm\n      units: K\n",
        ),
        ("title: 'a ${b}'", 'entry:\n  title: "a $${b}"\n'),
        ("entry: {title: x}", "entry:\n  title: x\n"),
        (
            "{data: {m_def: s, title: x}, metadata: {a: 1}}",
            "entry:\n  title: x\n  # not in NXentry as written:\n  # m_def: s\n"
            "# beside the entry:\n# metadata:\n#   a: 1\n",
        ),
        (
            "sample: {age: {value: 3, unit: d}}",
            "entry:\n  sample: {}\n    # not in NXsample as written:\n    # age:\n"
            "    #   value: 3\n    #   unit: d\n",
        ),
        ("sample: x", "entry: {}\n  # not in NXentry as written:\n  # sample: x\n"),
        (
            "{title: a, Title: b}",
            "entry:\n  title: a\n  # not in NXentry as written:\n  # Title: b\n",
        ),
    ],
)
def test_a_notebook_becomes_a_recipe(notebook, recipe):
    assert body(notebook) == recipe


def test_values_are_counted_and_comments_are_named():
    made = imported("{title: x, sample: {name: y, age: 3}, lab: 5}")
    assert (made.taken, made.kept) == (2, ("sample/age", "lab"))


def test_an_unknown_definition_is_refused():
    with pytest.raises(DefinitionError):
        recipe_from_eln(default_schema(), "NXarpez", MapNode((), PLACE))


_known = st.sampled_from(
    ["title", "Sample", "name", "Instrument", "analyser", "Probe", "value", "unit", "data",
     "transformations", "definition", "$plot", "x(NX_INT)", "a b", "user", "collection", "${x}"]
)  # fmt: skip
_names = _known | st.text(min_size=1, max_size=4)
_scalars = st.one_of(st.none(), st.booleans(), st.integers(-99, 99), st.text(max_size=6)).map(
    lambda value: Scalar(value, "null" if value is None else str(value), PLACE)
)
_nodes = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: ListNode(tuple(items), PLACE)),
        st.dictionaries(_names, inner, max_size=4).map(
            lambda items: MapNode(
                tuple((Scalar(k, k, PLACE, "quoted"), v) for k, v in items.items()), PLACE
            )
        ),
    ),
    max_leaves=12,
)


_LIST_NAMED_AS_STEPS = MapNode(
    (
        (
            Scalar("transformations", "transformations", PLACE, "quoted"),
            ListNode((Scalar(None, "null", PLACE),), PLACE),
        ),
    ),
    PLACE,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@example({"data": _LIST_NAMED_AS_STEPS})
@given(st.dictionaries(_names, _nodes, max_size=5))
def test_any_notebook_gives_a_recipe_whose_names_are_known(tmp_path_factory, items):
    pairs = tuple((Scalar(k, k, PLACE, "quoted"), v) for k, v in items.items())
    root = parse(to_yaml(MapNode(pairs, PLACE)), "eln.yaml") if pairs else MapNode((), PLACE)
    made = recipe_from_eln(default_schema(), "NXarpes", root)
    path = tmp_path_factory.mktemp("eln") / "r.nx.yaml"
    path.write_text(made.text, encoding="utf-8")
    problems = []
    desk = make_plan(load_recipe(path, problems=problems), default_schema(), path.parent / "x.nxs")
    wrong = [f for f in [*problems, *judge(desk)] if f.code in ("R01", "R02", "R03")]
    desk.close()
    assert wrong == []


_words = st.text(alphabet="abcdefgh", min_size=5, max_size=9)


@many(60)
@given(
    st.recursive(
        st.dictionaries(_known, _words, max_size=4),
        lambda inner: st.dictionaries(_known, st.one_of(inner, _words, st.lists(_words))),
        max_leaves=8,
    )
)
@pytest.mark.slow
def test_every_word_of_a_notebook_is_in_the_recipe(items):
    root = parse(json.dumps(items), "eln.yaml")
    assert isinstance(root, MapNode)
    made = recipe_from_eln(default_schema(), "NXarpes", root).text
    words = re.findall(r"[a-h]{5,9}", json.dumps(items))
    assert [word for word in words if word not in made] == []


def run(*arguments: object):
    return CliRunner().invoke(importeln.command, [str(one) for one in arguments])


def test_the_command_writes_the_recipe_and_tells_what_is_a_comment(tmp_path):
    notebook = tmp_path / "eln.yaml"
    notebook.write_text("{title: x, lab: 5}", encoding="utf-8")
    result = run(notebook, "--definition", "NXarpes", "-o", tmp_path / "r.nx.yaml")
    assert result.output == "1 values taken over, 1 kept as comments\n  comment: lab\n"
    written = (tmp_path / "r.nx.yaml").read_text(encoding="utf-8")
    assert written == imported("{title: x, lab: 5}").text


def test_a_list_is_no_notebook(tmp_path):
    (tmp_path / "eln.yaml").write_text("[1]", encoding="utf-8")
    arguments = [str(tmp_path / "eln.yaml"), "--definition", "NXarpes"]
    with pytest.raises(RecipeError, match="a mapping of names to values, not a list"):
        importeln.command.main(arguments, standalone_mode=False)
