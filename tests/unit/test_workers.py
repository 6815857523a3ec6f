"""Judging in other processes, with judges that misbehave as libraries do."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.validate import messages
from nxtool.validate.workers import AHEAD, Verdict, Workers, serve

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


class Judge:
    """Does what the name of the file says."""

    definitions = ("ours", "official")

    def __call__(self, file: str) -> Findings:
        getattr(self, file.partition("-")[0])(file)
        return Findings(file, [Finding("T01", "error", "/x", f"found by {os.getpid()}")])

    def good(self, _file: str) -> None:
        pass

    def slow(self, _file: str) -> None:
        time.sleep(0.02)

    def stuck(self, _file: str) -> None:
        time.sleep(600)

    def missing(self, file: str) -> None:
        raise FileUnreadable(f"{file}: no such file", hint="check the path")

    def bug(self, _file: str) -> None:
        raise ZeroDivisionError("a slip")

    def crash(self, _file: str) -> None:
        os.kill(os.getpid(), signal.SIGTRAP)

    def killed(self, _file: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self, _file: str) -> None:
        os._exit(3)

    def hang(self, _file: str) -> None:
        sum(range(10**15))  # one call that never comes back to the interpreter

    def busy(self, _file: str) -> None:
        end = time.process_time() + 0.6
        while time.process_time() < end:
            pass


def judged(*files: str, **options: float) -> list[Verdict]:
    with Workers(Judge, **options) as workers:  # type: ignore[arg-type]
        return list(workers.judged(files))


def told(verdict: Verdict) -> str:
    return str(verdict) if isinstance(verdict, FileUnreadable) else verdict.file


@pytest.mark.parametrize("jobs", [1, 3])
def test_verdicts_come_in_the_order_of_the_files(jobs: int) -> None:
    files = [f"{'slow' if n % 3 == 0 else 'good'}-{n}" for n in range(2 * AHEAD)]
    assert [told(verdict) for verdict in judged(*files, jobs=jobs)] == files


def test_without_files_there_is_nothing() -> None:
    assert judged() == []


def test_one_process_judges_many_files() -> None:
    found = {item.message for verdict in judged("good-1", "good-2") for item in verdict}
    assert len(found) == 1


def test_this_process_judges_none() -> None:
    (verdict,) = judged("good")
    assert [item.message for item in verdict] != [f"found by {os.getpid()}"]


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("missing", "missing: no such file (check the path)"),
        ("crash", "crash: the HDF5 library crashes on it (SIGTRAP) (is it damaged?)"),
        ("killed", "killed: judging it was killed (is there enough memory?)"),
        ("leave", "leave: judging it ended early (exit code 3) (is it damaged?)"),
        (
            "bug",
            "bug: nxtool has a bug: ZeroDivisionError: a slip"
            " (please report it with the lines above)",
        ),
    ],
)
def test_a_file_that_cannot_be_judged_does_not_keep_the_others_from_it(
    file: str, problem: str
) -> None:
    assert [told(verdict) for verdict in judged("good-1", file, "good-2")] == [
        "good-1", problem, "good-2",
    ]  # fmt: skip


def test_a_file_that_takes_too_long_is_given_up() -> None:
    assert [told(verdict) for verdict in judged("stuck", "good", timeout=0.3)] == [
        "stuck: not done after 0.3 s (--timeout gives more time)",
        "good",
    ]


def test_a_file_with_which_nothing_happens_is_given_up() -> None:
    assert [told(verdict) for verdict in judged("stuck", "good", idle=0.4)] == [
        "stuck: nothing happened for 0.4 s (is it damaged, or the disk away?)",
        "good",
    ]


def test_a_library_that_does_not_come_back_is_ended_without_a_timeout() -> None:
    assert [told(verdict) for verdict in judged("hang", "good", hang=0.3)] == [
        "hang: the HDF5 library does not come to an end with it (0.3 s) (is it damaged?)",
        "good",
    ]


def test_work_that_comes_back_now_and_then_is_no_hang() -> None:
    assert [told(verdict) for verdict in judged("busy", hang=0.3)] == ["busy"]


def test_no_process_is_left_when_the_reader_stops_early() -> None:
    with Workers(Judge, jobs=3) as workers:
        verdicts = workers.judged(["good", "stuck", "stuck"])
        assert told(next(verdicts)) == "good"
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_definitions_are_known_with_the_first_verdict() -> None:
    with Workers(Judge) as workers:
        next(workers.judged(["good"]))
        assert workers.definitions == ["ours", "official"]


def no_judge() -> Judge:
    raise NxtoolError("no definitions", hint="install them")


def test_a_worker_that_cannot_begin_says_why() -> None:
    with Workers(no_judge) as workers, pytest.raises(NxtoolError) as caught:
        list(workers.judged(["good"]))
    assert str(caught.value) == "no definitions (install them)"


def served(*files: str) -> Iterator[bytes]:
    replies = BytesIO()
    serve(Judge, [messages.question(file) for file in files], replies)
    return iter(replies.getvalue().splitlines())


def test_a_worker_greets_and_answers_each_question() -> None:
    greeting, first, second = served("good", "missing")
    assert messages.definitions_of(greeting) == ["ours", "official"]
    assert told(messages.verdict_of(first)) == "good"
    assert told(messages.verdict_of(second)) == "missing: no such file (check the path)"


@given(st.lists(st.tuples(*[ANY_TEXT] * 7), max_size=3), ANY_TEXT)
def test_findings_are_the_same_behind_the_pipe(texts: list[tuple[str, ...]], file: str) -> None:
    items = [Finding(code, "info", *rest) for code, *rest in texts]
    findings = Findings(file, items, ("/e: NXtomo",))
    line = messages.verdict(findings)
    assert line.count(b"\n") == 1
    assert messages.verdict_of(line) == findings


@given(ANY_TEXT)
def test_any_name_can_be_asked_for(file: str) -> None:
    assert messages.file_of(messages.question(file)) == file
