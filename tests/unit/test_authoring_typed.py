"""What is typed for a value, as YAML; what can be chosen; the rows of all definitions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.authoring.choices import MAX_CHOICES, Choice, choices
from nxtool.authoring.rows import Row, Unfolded, rows_of
from nxtool.authoring.typed import Typed, on_a_line, typed
from nxtool.errors import DefinitionError
from nxtool.schema.compile import Schema, default_schema
from nxtool.schema.concepts import AttributeConcept, FieldConcept, GroupConcept
from nxtool.schema.outline import entry_key
from nxtool.yamltree.nodes import MapNode, Scalar
from nxtool.yamltree.yamlfile import parse

Valued: TypeAlias = "FieldConcept | AttributeConcept"

NOW = datetime(2026, 11, 22, 9, 51, 7, tzinfo=timezone.utc)
TEXTS = (
    *("", " ", "x", "8.2 keV", "[1, 2", "[1, 2, 3]", "1e400", "nan", "linspace(1, 2, 3)", "µm"),
    *("2026-11-22", "2026-11-22 09:51", "{from: raw}", "{", "a: b", "yes", "-1"),
    *("'", '"', "#", "!invalid", "&a"),
)
MAX_DEPTH = 8


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def concepts_of(group: GroupConcept, depth: int = 0) -> Iterator[Valued]:
    """The fields and attributes that an application definition speaks of."""
    yield from group.attributes.values()
    for field in group.fields.values():
        yield field
        yield from field.attributes.values()
    for inner in group.groups:
        if inner.level == "application" and depth < MAX_DEPTH:
            yield from concepts_of(inner, depth + 1)


def own_concepts(schema: Schema) -> list[Valued]:
    """The fields and attributes of all application definitions, alike ones once."""
    seen: dict[object, Valued] = {}
    for name in schema.applications:
        for concept in concepts_of(schema.entry(name)):
            units = concept.units if isinstance(concept, FieldConcept) else None
            seen.setdefault((type(concept), concept.type, units, concept.enumeration), concept)
    return list(seen.values())


def field(schema: Schema, definition: str, *names: str) -> FieldConcept:
    """The concept of a field by the names that lead to it."""
    group = schema.entry(definition)
    for name in names[:-1]:
        group = next(
            one for one in group.groups if name in (one.name, one.nx_class.removeprefix("NX"))
        )
    return group.fields[names[-1]]


# typed


@pytest.mark.slow
def test_every_concept_has_a_meaning_for_whatever_is_typed(schema):
    found = own_concepts(schema)
    assert len(found) > 300
    for concept in found:
        for text in TEXTS:
            told = typed(concept, text, "Europe/Berlin")
            node = parse(f"value: {told.yaml}", "")
            assert isinstance(node, MapNode), (concept.name, text)
            value = node.get("value")
            is_invalid = isinstance(value, Scalar) and value.is_invalid
            assert is_invalid == (not told.is_valid), (concept.name, text, told)


def test_what_is_no_value_keeps_its_text(schema):
    for concept in own_concepts(schema):
        for text in TEXTS:
            told = typed(concept, text, "UTC")
            if not told.is_valid:
                node = parse(told.yaml, "")
                assert isinstance(node, Scalar)
                assert node.text == text.strip()


def test_every_choice_is_a_value(schema):
    for concept in own_concepts(schema):
        for choice in choices(concept, "", NOW):
            assert typed(concept, choice.text, "UTC").is_valid, (concept.name, choice)


@given(st.text(max_size=20))
def test_any_text_is_kept_where_nothing_is_known(text):
    told = typed(None, text)
    parse(f"value: {told.yaml}", "")


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=10))
def test_text_with_control_characters_is_typed_on_a_line(text):
    text = f"\x1b{text}\n"
    line = on_a_line(text)
    assert not any(character < " " or "\x7f" <= character <= "\x9f" for character in line)
    assert parse(typed(None, line).yaml, "").to_python() == text


CASES = {
    "a text": (("title",), "Ni foil", Typed("Ni foil")),
    "a text like a number": (("title",), "12", Typed('"12"')),
    "a text with a colon": (("title",), "a: b", Typed('"a: b"')),
    "a text like YAML": (("title",), "null", Typed('"null"')),
    "data": (("title",), '{from: "scan:/t"}', Typed('{from: "scan:/t"}')),
    "half a mapping": (
        ("title",),
        "{from: ",
        Typed('!invalid "{from:"', "a value is missing, or a bracket is never closed"),
    ),
    "a date": (
        ("start_time",),
        "2026-11-22T09:51:00+01:00",
        Typed('"2026-11-22T09:51:00+01:00"'),
    ),
    "a date without a zone": (
        ("start_time",),
        "2026-11-22 09:51",
        Typed('"2026-11-22T09:51:00+01:00"', note="the offset of Europe/Berlin was added"),
    ),
    "a quantity": (
        ("instrument", "monochromator", "energy"),
        "8.333 keV",
        Typed("8.333 keV", note="8.333 keV = 8333 eV = 8.333e+06 meV = 0.008333 MeV"),
    ),
    "an array": (
        ("instrument", "monochromator", "energy"),
        "linspace(8.2, 8.6, 801) keV",
        Typed("linspace(8.2, 8.6, 801) keV", note="keV fits NX_ENERGY"),
    ),
    "a number without its unit": (
        ("instrument", "monochromator", "energy"),
        "8.3",
        Typed('!invalid "8.3"', "a unit is missing (NX_ENERGY: eV, keV, meV, MeV)"),
    ),
    "a word of the list": (("monitor", "mode"), "timer", Typed("timer")),
    "a word beside the list": (
        ("monitor", "mode"),
        "timr",
        Typed('!invalid "timr"', "'timr' is not in the list: did you mean timer?"),
    ),
    "no number": (
        ("monitor", "preset"),
        "many",
        Typed('!invalid "many"', "'many' is not a number like 1.5 or 200 mm"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_typing_means(schema, case):
    names, text, due = CASES[case]
    assert typed(field(schema, "NXxas", *names), text, "Europe/Berlin") == due


# choices


def texts(found: list[Choice]) -> list[str]:
    return [one.text for one in found]


def test_words_of_a_list_that_begin_as_typed_come_first(schema):
    concept = field(schema, "NXxas", "instrument", "source", "type")
    items = concept.enumeration.items
    assert texts(choices(concept, "", NOW)) == list(items)
    assert texts(choices(concept, items[2], NOW)) == list(items)
    assert texts(choices(concept, "synch", NOW))[0] == "Synchrotron X-ray Source"
    assert "Rotating" in texts(choices(concept, "anode", NOW))[0]


def test_units_are_offered_behind_a_number(schema):
    concept = field(schema, "NXxas", "instrument", "monochromator", "energy")
    assert texts(choices(concept, "8.3", NOW))[:2] == ["8.3 eV", "8.3 keV"]
    assert texts(choices(concept, "8.3 k", NOW)) == ["8.3 keV"]
    assert choices(concept, "8.3 keV", NOW) == []
    assert choices(concept, "", NOW) == []


def test_now_is_offered_for_a_date(schema):
    assert choices(field(schema, "NXxas", "start_time"), "", NOW) == [
        Choice("2026-11-22T09:51:07+00:00", "now")
    ]


def test_nothing_is_offered_where_nothing_is_known(schema):
    assert choices(None, "x", NOW) == []
    assert choices(field(schema, "NXxas", "title"), "x", NOW) == []


def test_choices_are_bounded(schema):
    for concept in own_concepts(schema):
        for text in ("", "1", "a"):
            assert len(choices(concept, text, NOW)) <= MAX_CHOICES


# rows


def empty(schema: Schema, name: str) -> MapNode:
    node = parse(f"definition: {name}\n{entry_key(schema.entry(name))}: {{}}\n", "")
    assert isinstance(node, MapNode)
    return node


def test_every_definition_has_rows_whose_counts_agree(schema):
    for name in schema.applications:
        (top,) = rows_of(schema, empty(schema, name))
        rows = list(top.walk())
        assert len({row.names for row in rows}) == len(rows), name
        gaps = [row for row in rows if row.is_gap and row is not top]
        done, due = top.tally
        assert (done, len(gaps)) == (0, due), name
        for row in rows:
            check_row(row)


def check_row(row: Row) -> None:
    """A row counts what is below it, and stands below what is above it."""
    done, due = row.tally
    assert 0 <= done <= due
    below = row.below or []
    assert all(one.names[: len(row.names)] == row.names for one in below)
    assert all(one.depth == row.depth + 1 for one in below)
    if row.is_given or row.requirement == "required":
        assert due == row.own_tally[1] + sum(one.tally[1] for one in below)
    else:
        assert due == 0


def test_optional_concepts_are_shown_on_demand_and_count_nothing(schema):
    for name in schema.applications:
        tree = empty(schema, name)
        (few,) = rows_of(schema, tree, Unfolded("required"))
        (all_of,) = rows_of(schema, tree, Unfolded("all"))
        assert {row.names for row in few.walk()} <= {row.names for row in all_of.walk()}
        assert few.tally == all_of.tally, name


def test_what_is_folded_is_what_unfolding_adds(schema):
    for name in schema.applications:
        tree = empty(schema, name)
        (top,) = rows_of(schema, tree)
        (opened,) = rows_of(schema, tree, Unfolded(optional=frozenset([top.names])))
        assert len(opened.below or []) - len(top.below or []) == top.folded, name


def test_a_value_behind_invalid_is_a_gap(schema):
    tree = parse("definition: NXxas\nentry:\n  title: !invalid x\n  start_time: 2026\n", "")
    assert isinstance(tree, MapNode)
    (top,) = rows_of(schema, tree)
    title = next(row for row in top.walk() if row.label == "title")
    assert (title.is_invalid, title.is_gap, title.tally, title.value) == (True, True, (0, 1), "x")
    assert top.tally == (1, 12)


def test_a_recipe_without_an_entry_has_one_to_be_filled_in(schema):
    tree = parse("definition: NXxas\n", "")
    assert isinstance(tree, MapNode)
    (top,) = rows_of(schema, tree)
    assert (top.names, top.is_given, top.tally) == (("entry",), False, (0, 12))


@pytest.mark.parametrize("text", ["entry: {}", "definition: null", "definition: [NXxas]"])
def test_a_recipe_without_a_definition_has_no_rows(schema, text):
    tree = parse(text, "r.nx.yaml")
    assert isinstance(tree, MapNode)
    with pytest.raises(DefinitionError) as caught:
        rows_of(schema, tree)
    assert str(caught.value) == (
        "r.nx.yaml:1:1: the definition is missing (a recipe states one, like `definition: NXtomo`)"
    )


def test_a_name_that_the_definition_lacks_is_a_row(schema):
    tree = parse("definition: NXxas\nentry:\n  no name: 1\n", "")
    assert isinstance(tree, MapNode)
    (top,) = rows_of(schema, tree)
    row = next(row for row in top.walk() if row.label == "no name")
    assert (row.is_known, row.value, row.concept) == (False, "1", None)


@pytest.mark.parametrize("text", ["[1, 2]", "a word", "[]"])
def test_what_is_no_group_counts_as_wrong(schema, text):
    (entry,) = rows_of(schema, parse(f"definition: NXxas\nentry: {text}\n", "r"))
    assert entry.is_invalid
    assert entry.tally[0] == 0
    (entry,) = rows_of(schema, parse(f"definition: NXxas\nentry: {{sample: {text}}}\n", "r"))
    sample = next(row for row in entry.walk() if row.path == "/entry/sample")
    assert (sample.is_invalid, sample.tally[0], sample.is_gap) == (True, 0, True)


def test_a_list_of_steps_is_no_mistake(schema):
    steps = "[{name: a, rotate: [0, 1, 0], by: 0 deg}]"
    (entry,) = rows_of(
        schema, parse(f"definition: NXmx\nentry: {{sample: {{transformations: {steps}}}}}\n", "r")
    )
    row = next(row for row in entry.walk() if row.path == "/entry/sample/transformations")
    assert (row.is_invalid, row.is_given) == (False, True)
