"""One recipe being written: values by their form, names, what is saved and what is recovered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nxtool.authoring.document import Document
from nxtool.authoring.journal import Journal, unsaved
from nxtool.authoring.rows import Row, Unfolded
from nxtool.authoring.session import Session, open_session
from nxtool.errors import OutputError, RecipeError
from nxtool.schema.compile import Schema, default_schema

TEXT = """\
nxtool: 1
definition: NXxas
entry:
  title: Ni foil   # as on the box
  start_time: null
  instrument:
    monochromator:
      energy: {from: "scan:/energy", units: keV, attrs: {axis: 1}}
    incoming_beam:
      data:
        value: [1, 2]
        long_name: counts
"""


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "r.nx.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def session(schema) -> Session:
    """A recipe that is only in memory."""
    return Session(Document(Path("r.nx.yaml"), TEXT), schema)


@pytest.fixture
def opened(schema) -> Iterator[Callable[..., Session]]:
    """Opens sessions, which are closed at the end."""
    with ExitStack() as stack:

        def open_one(path: Path, text: str | None = None) -> Session:
            session = open_session(path, schema, text)
            stack.callback(session.close)
            return session

        yield open_one


def row_at(session: Session, *names: str) -> Row:
    above = frozenset(names[:length] for length in range(1, len(names)))
    shown = Unfolded(opened=above, optional=above, inherited=above)
    return next(row for top in session.rows(shown) for row in top.walk() if row.names == names)


def line_of(session: Session, word: str) -> str:
    return next(line.strip() for line in session.document.text.splitlines() if word in line)


def test_definition_and_zone_are_those_the_recipe_states(schema):
    text = "definition: NXxas\ndefaults: {timezone: Europe/Berlin}\nentry: {}\n"
    stated = Session(Document(Path("r"), text), schema)
    silent = Session(Document(Path("r"), "[]"), schema)
    assert (stated.definition, stated.zone) == ("NXxas", "Europe/Berlin")
    assert (silent.definition, silent.zone) == ("", "")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("entry", "title"), "Ni foil"),
        (("entry", "start_time"), ""),
        (("entry", "instrument", "incoming_beam", "data"), "[1, 2]"),
        (
            ("entry", "instrument", "monochromator", "energy"),
            '{from: "scan:/energy", units: keV, attrs: {axis: 1}}',
        ),
    ],
)
def test_an_editor_begins_with_the_value_as_it_is_written(session, names, text):
    row = row_at(session, *names)
    assert session.text_of(row) in (text, row.value)


def test_a_text_of_several_lines_is_edited_on_one(schema):
    text = "definition: NXxas\nentry:\n  title: |\n    two\n    lines\n"
    session = Session(Document(Path("r.nx.yaml"), text), schema)
    row = row_at(session, "entry", "title")
    assert session.text_of(row) == r'"two\nlines\n"'
    session.put(row, r'"two\nlines more\n"')
    assert line_of(session, "title") == r'title: "two\nlines more\n"'


def test_a_value_stands_where_it_stood_with_its_comment(session):
    session.put(row_at(session, "entry", "title"), "a: b")
    assert line_of(session, "title") == 'title: "a: b"   # as on the box'


def test_a_value_in_long_form_keeps_its_attributes(session):
    row = row_at(session, "entry", "instrument", "monochromator", "energy")
    session.put(row, "8.3 keV")
    assert line_of(session, "energy") == "energy: {attrs: {axis: 1}, value: 8.3 keV}"
    session.undo()
    assert session.document.text == TEXT


def test_data_of_a_source_replace_a_value_in_long_form(session):
    row = row_at(session, "entry", "instrument", "monochromator", "energy")
    session.put_yaml(row, '{from: "other:/e"}')
    assert line_of(session, "energy") == 'energy: {attrs: {axis: 1}, from: "other:/e"}'


def test_an_attribute_gives_a_field_its_long_form(session):
    field = row_at(session, "entry", "title")
    names = (*field.names, "attrs", "note")
    session.put(Row(names, "", "@note", "attribute", None), "x")
    assert line_of(session, "title") == (
        "title: {value: Ni foil, attrs: {note: x}}   # as on the box"
    )


def test_nothing_typed_takes_a_value_away(session):
    session.put(row_at(session, "entry", "title"), "  ")
    assert "title" not in session.document.text


def test_what_is_no_value_is_kept_and_marked(session):
    row = row_at(session, "entry", "start_time")
    assert session.judged(row, "soon").is_valid is False
    session.put(row, "soon")
    assert line_of(session, "start_time") == 'start_time: !invalid "soon"'
    assert row_at(session, "entry", "start_time").is_invalid
    assert session.text_of(row_at(session, "entry", "start_time")) == "soon"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("title(NXuser)", "title stands there already (choose another name)"),
        ("a b(NXuser)", "'a b' is not a NeXus name (write it like panel_2(NXdetector))"),
        ("boss", "'boss' has no class (write it like panel_2(NXdetector))"),
        ("boss(NXuzer)", "there is no class NXuzer (did you mean NXuser, NXxeuler, NXsubentry?)"),
    ],
)
def test_a_group_needs_a_free_name_of_nexus(session, name, told):
    with pytest.raises(RecipeError) as caught:
        session.add(("entry",), name)
    assert str(caught.value).endswith(told)


def test_groups_are_added(session):
    session.add(("entry",), "boss(NXuser)")
    assert line_of(session, "boss") == "boss(NXuser): {}"


# what is on disk


def killed(session: Session) -> None:
    """The session is gone as if its process were."""
    journal = session.journal
    assert isinstance(journal, Journal)
    journal.close()


def test_what_was_edited_and_not_saved_is_recovered_as_one_change(path, opened):
    first = opened(path)
    first.put(row_at(first, "entry", "title"), "Cu")
    first.typing(row_at(first, "entry", "start_time"), "2026-1")
    killed(first)
    second = opened(path)
    assert second.document.text == TEXT
    (lost,) = second.waiting
    assert second.recover(lost) is not None
    assert second.document.text == TEXT.replace("Ni foil", "Cu").replace(
        "start_time: null", 'start_time: !invalid "2026-1"'
    )
    assert second.waiting == []
    second.undo()
    assert second.document.text == TEXT
    second.leave()
    assert unsaved() == []


def test_what_was_typed_for_a_row_that_is_not_shown_is_recovered(path, opened):
    first = opened(path)
    first.typing(row_at(first, "entry", "collection_description"), "all of it")
    killed(first)
    second = opened(path)
    second.recover(second.waiting[0])
    assert line_of(second, "collection_description") == "collection_description: all of it"


def test_what_was_typed_for_a_row_that_the_definition_lacks_is_recovered(path, opened):
    first = opened(path)
    first.typing(Row(("entry", "no such"), "", "", "field", None), "kept")
    killed(first)
    second = opened(path)
    second.recover(second.waiting[0])
    assert line_of(second, "no such") == "no such: kept"


def test_a_second_crash_loses_neither_work(path, opened):
    for title in ("Cu", "Fe"):
        session = opened(path)
        session.put(row_at(session, "entry", "title"), title)
        killed(session)
    session = opened(path)
    assert {one.text for one in session.waiting} == {
        TEXT.replace("Ni foil", title) for title in ("Cu", "Fe")
    }


def test_discarded_work_is_gone(path, opened):
    first = opened(path)
    first.put(row_at(first, "entry", "title"), "Cu")
    killed(first)
    second = opened(path)
    second.discard(second.waiting[0])
    second.leave()
    assert (second.waiting, unsaved(), path.read_text(encoding="utf-8")) == ([], [], TEXT)


def test_a_new_recipe_that_was_never_saved_is_opened_from_its_journal(tmp_path, opened):
    path = tmp_path / "new.nx.yaml"
    first = opened(path, TEXT)
    first.put(row_at(first, "entry", "title"), "Cu")
    killed(first)
    second = opened(path)
    assert second.document.text == TEXT
    second.recover(second.waiting[0])
    second.leave()
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Cu")


def test_a_recipe_that_is_edited_elsewhere_is_only_shown(path, opened):
    first = opened(path)
    second = opened(path)
    told = (
        f"r.nx.yaml is edited by process {os.getpid()}: it is only shown here "
        "(close it there, then open it here again)"
    )
    title = row_at(second, "entry", "title")
    edits = [lambda: second.put(title, "Cu"), lambda: second.clear(title), second.save]
    for edit in edits:
        with pytest.raises(RecipeError) as caught:
            edit()
        assert str(caught.value) == told
    second.typing(title, "Cu")
    second.leave()
    first.put(row_at(first, "entry", "title"), "Fe")
    first.leave()
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Fe")


def test_leaving_saves_and_takes_the_journal_away(path, opened):
    session = opened(path)
    session.put(row_at(session, "entry", "title"), "Cu")
    session.leave()
    session.leave()
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Cu")
    assert (unsaved(), session.journal) == ([], None)


def test_what_cannot_be_saved_when_leaving_stays_in_the_journal(path, opened):
    session = opened(path)
    session.put(row_at(session, "entry", "title"), "Cu")
    path.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(OutputError):
        session.leave()
    assert [(one.text, one.is_outdated, one.is_open) for one in unsaved()] == [
        (TEXT.replace("Ni foil", "Cu"), True, False)
    ]


def test_an_editor_that_is_left_without_a_change_leaves_nothing(path, opened):
    session = opened(path)
    title = row_at(session, "entry", "title")
    session.typing(title, "Cux")
    session.left()
    session.typing(title, "Ni foil")
    assert session.put(title, "Ni foil") is None
    session.leave()
    assert unsaved() == []


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_it_is_told_that_no_journal_can_be_written(path, opened, tmp_path):
    (tmp_path / "state").mkdir(mode=0o500)
    session = opened(path)
    assert session.trouble == "edits are not kept until they are saved: Permission denied"


def test_a_state_folder_that_is_a_file_is_told_too(path, opened, tmp_path):
    (tmp_path / "state").write_text("")
    session = opened(path)
    assert session.trouble == "edits are not kept until they are saved: Not a directory"
    session.put(row_at(session, "entry", "title"), "Cu")
    session.leave()
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Cu")
