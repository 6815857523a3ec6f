"""Findings about a recipe: the row they lead to, and what mends them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.authoring.document import Document
from nxtool.authoring.places import row_of
from nxtool.authoring.remedies import remedy
from nxtool.authoring.session import Session
from nxtool.config import schema_for
from nxtool.findings import Finding, Mark
from nxtool.yamltree.layout import names_at

RECIPE = """\
nxtool: 1
definition: NXxas
output: xas.nxs
entry:
  title: Ni foil
  start_time: 2026-11-22T09:51:00+01:00
  instrument:
    source: {type: Synchrotron X-ray Source, name: here, probe: x-ray}
    monochromator: {energy: "[8.2, 8.3] keV"}
  sample: {name: Ni foil}
  monitor: {mode: timer, preset: 1, data: [1, 2]}
"""


@pytest.fixture(scope="module")
def schema():
    return schema_for(())


@pytest.fixture
def session_of(schema, tmp_path):
    """What makes a session of the recipe above with some text changed."""

    def make(old: str, new: str) -> Session:
        assert old in RECIPE
        return Session(Document(tmp_path / "xas.nx.yaml", RECIPE.replace(old, new)), schema)

    return make


def remedies(session: Session) -> list[str]:
    """The labels of all remedies, worst finding first."""
    rows = session.rows()
    found = [remedy(one, session, rows) for one in session.check().findings]
    return list(dict.fromkeys(one.label for one in found if one is not None))


def mended(session: Session) -> str:
    """The recipe after its first remedy."""
    rows = session.rows()
    found = [remedy(one, session, rows) for one in session.check().findings]
    first = next(one for one in found if one is not None)
    session.apply(first.edit, first.label)
    return session.document.text


@pytest.mark.parametrize(
    ("old", "new", "after"),
    [
        ("probe: x-ray", "probe: X-Ray", "probe: x-ray"),
        ("mode: timer", "mode: TIMER", "mode: timer"),
        (
            "type: Synchrotron X-ray Source",
            "type: synchrotron x-ray source",
            "type: Synchrotron X-ray Source",
        ),
        ("probe: x-ray", "probe: neutron", "probe: x-ray"),
        ("probe: x-ray", 'probe: !invalid "x-ray"', "probe: x-ray"),
        (
            "sample: {name: Ni foil}",
            "sample: {name: Ni foil, thickness: 5 micorn}",
            "sample: {name: Ni foil, thickness: 5 micron}",
        ),
        (
            '{energy: "[8.2, 8.3] keV"}',
            "{energy: {value: [8.2, 8.3], units: kev}}",
            "{energy: {value: [8.2, 8.3], units: keV}}",
        ),
        ('"[8.2, 8.3] keV"', '"[8.2, 8.3] kev"', '"[8.2, 8.3] keV"'),
        ("sample: {name:", "sample: {nam:", "sample: {name:"),
        ("  title: Ni foil", "  titel: Ni foil", "  title: Ni foil"),
    ],
)
def test_what_can_only_be_meant_so_is_mended(session_of, old, new, after):
    assert mended(session_of(old, new)) == RECIPE.replace(old, after)


def test_date_gets_the_zone_of_the_recipe(session_of):
    session = session_of("2026-11-22T09:51:00+01:00", "!invalid 2026-07-22 09:51")
    session.document.text += "defaults: {timezone: Europe/Berlin}\n"
    assert '  start_time: "2026-07-22T09:51:00+02:00"\n' in mended(session)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mode: timer", "mode: clock"),
        ("preset: 1", "preset: soon"),
        ("2026-11-22T09:51:00+01:00", "yesterday"),
        ('"[8.2, 8.3] keV"', "[8.2, 8.3]"),
        ('"[8.2, 8.3] keV"', '"[8.2, 8.3] mm"'),
        ("  title: Ni foil", "  xyzzy: Ni foil"),
        ("probe: x-ray", 'probe: {from: "scan:probe"}'),
    ],
)
def test_what_an_author_must_decide_is_left_to_the_author(session_of, old, new):
    assert remedies(session_of(old, new)) == []


def test_unknown_name_is_not_given_the_name_of_another_value(session_of):
    assert remedies(session_of("sample: {name: Ni foil}", "sample: {nam: a, name: b}")) == []


def test_remedy_is_taken_back_in_one_step(session_of):
    session = session_of("probe: x-ray", "probe: X-Ray")
    before = session.document.text
    mended(session)
    session.undo()
    assert session.document.text == before


def test_remedy_says_what_it_does(session_of):
    assert remedies(session_of("probe: x-ray", "probe: X-Ray")) == ["probe = x-ray"]


@pytest.mark.parametrize(
    ("code", "path", "mark", "place"),
    [
        ("O01", "/entry/monitor/mode", None, "/entry/monitor/mode"),
        ("U03", "/entry/monitor/data@units", None, "/entry/monitor/data"),
        ("R01", "", (8, 46), "/entry/instrument/source/name"),
        ("R01", "", (11, 15), "/entry/monitor/mode"),
        ("O01", "/entry/monitor/nothing/there", None, "/entry/monitor"),
        ("O01", "/entry/monitor/nothing", (10, 12), "/entry/sample/name"),
    ],
)
def test_finding_leads_to_its_row(session_of, code, path, mark, place):
    session = session_of("nxtool", "nxtool")
    file = str(session.document.path)
    at = Mark(file, *mark) if mark is not None else None
    row = row_of(Finding(code, "error", path, "text", mark=at), session.document, session.rows())
    assert row is not None
    assert row.path == place


def test_finding_about_another_file_leads_nowhere(session_of):
    session = session_of("nxtool", "nxtool")
    one = Finding("R01", "error", "", "text", mark=Mark("other.yaml", 8, 40))
    assert row_of(one, session.document, session.rows()) is None


@pytest.mark.parametrize(
    ("line", "column", "names"),
    [
        (1, 1, ("a",)),
        (2, 3, ("a", "b")),
        (2, 7, ("a", "b", "c")),
        (3, 8, ("a", "d")),
        (3, 10, ("a", "d", "1")),
        (4, 1, ("e",)),
        (9, 1, ()),
    ],
)
def test_names_at_a_place_of_a_text(line, column, names):
    assert names_at("a:\n  b: {c: 1}\n  d: [2, 3]\ne: x\n\n\n", line, column) == names


def test_lines_end_as_yaml_says():
    assert names_at("a: 1\r\nb: 2\r\n", 2, 4) == ("b",)


def test_place_in_a_recipe_that_is_no_yaml_any_more_leads_nowhere(schema):
    document = Document(Path("x.yaml"), "a: [1\n")
    one = Finding("R01", "error", "", "text", mark=Mark("x.yaml", 1, 1))
    assert row_of(one, document, []) is None
