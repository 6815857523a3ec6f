"""The recipe being edited: every edit has an inverse, and nothing else is touched."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.authoring.document import (
    Document,
    Edit,
    Remove,
    Rename,
    Replace,
    SetValue,
    Together,
)
from nxtool.errors import OutputError, RecipeError

TEXT = """\
# ours
nxtool: 1
definition: NXxas
entry:  # the only one
  title: Ni foil   # as on the box
  start_time: null
  sample: {name: Ni}
  instrument:
    source: {name: ESRF, probe: x-ray}
"""
PATH = Path("r.nx.yaml")

NAMES = st.lists(
    st.sampled_from(["entry", "title", "sample", "name", "instrument", "a b", "ü"]),
    min_size=1,
    max_size=4,
).map(tuple)
VALUES = st.sampled_from(["1 mm", "x", '"a: b"', "[1, 2]", "{from: raw}", '!invalid "?"', "null"])
ONE = st.one_of(
    st.builds(SetValue, NAMES, VALUES),
    st.builds(Remove, NAMES),
    st.builds(Rename, NAMES, st.sampled_from(["title", "other"])),
    st.builds(Replace, st.sampled_from([TEXT, "a: 1\n", "{}"])),
)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    ONE, st.builds(Together, st.lists(ONE, max_size=3).map(tuple))
)


def applied(document: Document, edit: Edit) -> bool:
    """True if the edit could be made."""
    before = document.text
    try:
        document.apply(edit)
    except RecipeError:
        assert document.text == before
        return False
    return True


@given(st.lists(EDITS, max_size=8))
def test_undoing_all_gives_the_text_of_the_beginning_and_redoing_the_one_of_the_end(edits):
    document = Document(PATH, TEXT)
    for edit in edits:
        applied(document, edit)
    end, steps = document.text, len(document.done)
    for _ in range(steps):
        assert document.undo() is not None
    assert (document.text, document.undo()) == (TEXT, None)
    for _ in range(steps):
        assert document.redo() is not None
    assert (document.text, document.redo()) == (end, None)


@given(EDITS)
def test_an_edit_and_its_inverse_change_nothing(edit):
    document = Document(PATH, TEXT)
    change = None
    if applied(document, edit) and document.done:
        change = document.done[-1]
        assert change.inverse.apply(document.text) == TEXT
        assert change.inverse.inverse == change
    assert (change is None) == (document.text == TEXT)


def test_an_edit_after_undoing_forgets_what_was_undone():
    document = Document(PATH, TEXT)
    document.apply(SetValue(("entry", "title"), "Cu"))
    document.undo()
    document.apply(SetValue(("entry", "title"), "Fe"))
    assert document.redo() is None
    assert document.text == TEXT.replace("Ni foil", "Fe")


def test_an_edit_that_changes_nothing_is_no_step():
    document = Document(PATH, TEXT)
    assert document.apply(SetValue(("entry", "title"), "Ni foil")) is None
    assert (document.undo(), document.revision) == (None, 0)


def test_several_edits_are_one_step():
    document = Document(PATH, TEXT)
    document.apply(Together((Remove(("entry", "sample")), SetValue(("entry", "title"), "x"))))
    document.undo()
    assert document.text == TEXT


def test_a_document_is_saved_as_it_is(tmp_path):
    path = tmp_path / "r.nx.yaml"
    path.write_text(TEXT, encoding="utf-8")
    document = Document.open(path)
    assert document.is_saved
    document.apply(SetValue(("entry", "title"), "Cu"))
    assert not document.is_saved
    document.save()
    assert document.is_saved
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Cu")
    assert [one.name for one in tmp_path.iterdir()] == ["r.nx.yaml"]


def test_a_link_to_a_recipe_stays_one_and_the_recipe_keeps_its_mode(tmp_path):
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "r.nx.yaml", tmp_path / "link.nx.yaml"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0o660)
    link.symlink_to(path)
    document = Document.open(link)
    document.apply(SetValue(("entry", "title"), "Cu"))
    document.save()
    assert link.readlink() == path
    assert not path.is_symlink()
    assert path.read_text(encoding="utf-8") == TEXT.replace("Ni foil", "Cu")
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


@pytest.mark.parametrize("was_there", [True, False])
def test_a_file_that_another_program_wrote_is_not_replaced(tmp_path, was_there):
    path = tmp_path / "r.nx.yaml"
    if was_there:
        path.write_text(TEXT, encoding="utf-8")
    document = Document.open(path) if was_there else Document(path, TEXT)
    path.write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        document.save()
    assert str(caught.value) == (
        f"{path}: was changed by another program since it was opened "
        "(save under another name, or open it again)"
    )
    assert path.read_text(encoding="utf-8") == "a: 1\n"


def test_a_file_that_is_gone_is_written_anew(tmp_path):
    path = tmp_path / "r.nx.yaml"
    path.write_text(TEXT, encoding="utf-8")
    document = Document.open(path)
    path.unlink()
    document.apply(SetValue(("entry", "title"), "Cu"))
    document.save()
    assert path.exists()


def test_a_file_that_is_no_yaml_is_not_opened(tmp_path):
    path = tmp_path / "r.nx.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(RecipeError):
        Document.open(path)
