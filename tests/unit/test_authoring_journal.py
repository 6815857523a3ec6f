"""The journal: played again it gives the text, and nothing that it holds is ever lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool.authoring.document import Document, SetValue
from nxtool.authoring.journal import Journal, Taken, Writer, journal_folder, unsaved
from tests.unit.test_authoring_document import EDITS, TEXT, applied

ROOT = Path(__file__).parents[2]
TITLE = ("entry", "title")

OTHER = """
import sys
from pathlib import Path
from nxtool.authoring.document import Document, SetValue
from nxtool.authoring.journal import Journal
document = Document.open(Path(sys.argv[1]))
journal = Journal(document)
journal.record(document.apply(SetValue(("entry", "title"), "Cu")))
journal.typing(("entry", "start_time"), "2026-1")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def path(tmp_path) -> Path:
    file = tmp_path / "r.nx.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def edited(document: Document, journal: Journal, title: str) -> None:
    change = document.apply(SetValue(TITLE, title))
    assert change is not None
    journal.record(change)


def other_process(path: Path) -> subprocess.Popen[str]:
    """A process that has edited a recipe, and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


STEPS = st.lists(
    st.one_of(EDITS, st.sampled_from(["undo", "redo", "save", "left"]), st.text(max_size=5)),
    max_size=10,
)


@given(STEPS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_journal_played_again_gives_the_text_and_what_was_being_typed(path, steps):
    path.write_text(TEXT, encoding="utf-8")
    document = Document.open(path)
    journal = Journal(document)
    typed = None
    for step in steps:
        change, before = None, len(document.done)
        if step == "undo":
            change = document.undo()
        elif step == "redo":
            change = document.redo()
        elif step == "save":
            document.save()
            journal.saved()
        elif step == "left":
            journal.left()
            typed = None
        elif isinstance(step, str):
            journal.typing(TITLE, step)
            typed = TITLE, step
        elif applied(document, step) and len(document.done) > before:
            change = document.done[-1]
        if change is not None:
            journal.record(change)
            typed = None
    found = [(one.text, one.typed) for one in unsaved(path)]
    is_held = typed is not None or not document.is_saved
    assert found == ([(document.text, typed)] if is_held else [])
    journal.close()
    assert [(one.text, one.typed) for one in unsaved(path)] == found
    assert journal.path.exists() == is_held
    journal.path.unlink(missing_ok=True)


def test_a_journal_of_a_saved_recipe_goes(path):
    document = Document.open(path)
    journal = Journal(document)
    edited(document, journal, "Cu")
    document.save()
    journal.close()
    assert list(journal_folder().iterdir()) == []


def test_what_a_killed_process_typed_is_there(path):
    process = other_process(path)
    (one,) = unsaved()
    assert (one.path, one.is_open, one.is_outdated) == (path, True, False)
    killed(process)
    (one,) = unsaved(path)
    assert one.text == TEXT.replace("Ni foil", "Cu")
    assert one.typed == (("entry", "start_time"), "2026-1")
    assert (one.before, one.is_open) == (TEXT, False)


def test_a_recipe_that_is_being_edited_is_taken(path):
    process = other_process(path)
    with pytest.raises(Taken) as caught:
        Journal(Document.open(path))
    assert str(caught.value.writer) == f"process {process.pid}"
    killed(process)
    Journal(Document.open(path)).close()


def test_a_recipe_is_taken_within_one_process_too(path):
    journal = Journal(Document.open(path))
    with pytest.raises(Taken):
        Journal(Document.open(path))
    journal.close()
    Journal(Document.open(path)).close()


def test_opening_again_puts_aside_what_was_not_recovered(path):
    for title in ("Cu", "Fe", "Fe"):
        document = Document.open(path)
        journal = Journal(document)
        edited(document, journal, title)
        journal.close()
    Journal(Document.open(path)).close()
    texts = [one.text for one in unsaved(path)]
    assert [text.count("Cu") for text in texts] in ([0, 0, 1], [0, 1])
    assert set(texts) == {TEXT.replace("Ni foil", title) for title in ("Cu", "Fe")}
    for one in unsaved():
        one.discard()
    assert unsaved() == []


def test_a_line_that_was_not_written_to_its_end_is_left_out(path):
    document = Document.open(path)
    journal = Journal(document)
    edited(document, journal, "Cu")
    edited(document, journal, "Fe")
    journal.close()
    data = journal.path.read_bytes()
    last = data.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(last, len(data)):
        journal.path.write_bytes(data[:cut])
        assert [one.text for one in unsaved()] == [TEXT.replace("Ni foil", "Cu")]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"splices": 3}', '{"splices": [[0, "not there", ""]]}', '{"typing": "x"}']
)
def test_what_stands_before_a_damaged_line_is_kept(path, line):
    document = Document.open(path)
    journal = Journal(document)
    edited(document, journal, "Cu")
    journal.close()
    with journal.path.open("a") as stream:
        stream.write(line + "\n")
        stream.write(json.dumps({"typing": "more", "path": ["entry"]}) + "\n")
    assert [(one.text, one.typed) for one in unsaved()] == [(TEXT.replace("Ni foil", "Cu"), None)]


@pytest.mark.parametrize("text", ["", "{}\n", "nothing", "[]\n", '{"text": 1, "path": null}\n'])
def test_a_file_that_is_no_journal_is_passed_over(path, text):
    journal = Journal(Document.open(path))
    journal.path.write_text(text)
    assert unsaved() == []
    journal.close()


def test_it_is_told_that_the_file_was_changed_meanwhile(path):
    document = Document.open(path)
    journal = Journal(document)
    edited(document, journal, "Cu")
    journal.close()
    path.write_text(TEXT + "# more\n", encoding="utf-8")
    assert [one.is_outdated for one in unsaved(path)] == [True]


def test_a_byte_order_mark_is_no_edit(path):
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    journal = Journal(Document.open(path))
    assert unsaved() == []
    journal.close()


def test_a_closed_journal_can_be_synchronised(path):
    journal = Journal(Document.open(path))
    journal.sync()
    journal.close()
    journal.sync()


def test_a_writer_is_said_by_its_process_and_machine():
    assert [str(one) for one in (Writer(), Writer(7, "there"))] == [
        "another process",
        "process 7 on there",
    ]
    assert (Writer(7, "there").is_gone, Writer(os.getpid(), os.uname().nodename).is_gone) == (
        False,
        False,
    )
