"""How FAIR files are, for people and for programs.

`fair --format json`, one object for all files:
{"schema": "nxtool.fair", "schema_version": 1, "min": null | 70, "files": [{"file",
 "error": null | text, "points", "of", "percent", "note", "entries": [path], "checks": [{"code",
 "serves", "hint", "question", "answer": "yes" | "no" | "not applicable", "points", "of", "found",
 "paths", "what_to_do", "judged": [{"entry": null | path, "answer", "found", "paths"}]}]}]}
`points`, `of` and `percent` are null, and `checks` is empty, where `error` tells why.

`fair --list --format json`:
{"schema": "nxtool.fair.checks", "schema_version": 1, "points", "checks": [{"code", "serves",
 "hint", "points", "question", "why", "what_to_do", "source"}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from nxtool.fair.answers import Answer, Fairness, Judgement, Verdict, most_points, points
from nxtool.fair.checks import CHECKS, LETTERS, Check
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, Styled, line, styled

_MARKS: Final[Mapping[Verdict, tuple[str, Style]]] = {
    "yes": ("✓", "good"),
    "no": ("✗", "error"),
    "not applicable": ("–", "faint"),
}
_INDENT: Final = " " * 15
MOST_PATHS: Final = 1000
"""How many paths of one answer a document lists."""


def fair_lines(result: Fairness) -> Iterator[Line]:
    """The answers about one file by letter, then its score."""
    yield line(styled(result.file, "title"))
    for letter, name in LETTERS.items():
        answers = result.of(letter)
        got, asked = points(answers)
        yield line(styled(name, "title"), styled(f"  {got} of {asked} points", "faint"))
        for answer in answers:
            yield from _answer_lines(answer)
    if result.note:
        yield line(styled("note: ", "info"), result.note)
    got, asked = points(result.answers)
    yield line(styled(f"{result.file}: ", "title"), f"{got} of {asked} points, {result.percent} %")


def _answer_lines(answer: Answer) -> Iterator[Line]:
    """The question with its mark and points; what was found and what to do where it is no."""
    mark, style = _MARKS[answer.verdict]
    worth = f"{answer.got} of {answer.asked}" if answer.asked else "–"
    head: Styled = styled(f"  {mark} ", style) + styled(f"{answer.check.code}  {worth:<6} ")
    why = styled(f" ({answer.found})", "faint") if answer.verdict == "not applicable" else ""
    yield line(head, answer.check.title, why)
    if answer.verdict == "no":
        yield line(_INDENT, answer.found)
        yield line(_INDENT, styled(f"→ {answer.check.fix}", "faint"))


def fair_json(results: Sequence[Fairness | tuple[str, str]], least: int | None) -> str:
    """The answers about all files; a file that cannot be judged is a pair of name and reason."""
    files = [_file(one) if isinstance(one, Fairness) else _failed(*one) for one in results]
    return _document("nxtool.fair", min=least, files=files)


def _file(result: Fairness) -> dict[str, Any]:
    got, asked = points(result.answers)
    return {
        "file": printable(result.file),
        "error": None,
        "points": got,
        "of": asked,
        "percent": result.percent,
        "note": result.note,
        "entries": [printable(entry) for entry in result.entries],
        "checks": [_answer(answer) for answer in result.answers],
    }


def _failed(file: str, reason: str) -> dict[str, Any]:
    unknown = dict.fromkeys(("points", "of", "percent"))
    head = {"file": printable(file), "error": printable(reason), **unknown}
    return {**head, "note": "", "entries": [], "checks": []}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "code": answer.check.code,
        "serves": answer.check.letter,
        "hint": answer.check.hint,
        "question": answer.check.title,
        "answer": answer.verdict,
        "points": answer.got,
        "of": answer.asked,
        "found": printable(answer.found),
        "paths": _paths(answer.paths),
        "what_to_do": answer.check.fix if answer.verdict == "no" else "",
        "judged": [_judgement(one) for one in answer.judgements],
    }


def _judgement(one: Judgement) -> dict[str, Any]:
    return {
        "entry": printable(one.entry) or None,
        "answer": one.verdict,
        "found": printable(one.found),
        "paths": _paths(one.paths),
    }


def _paths(paths: Sequence[str]) -> list[str]:
    return [printable(path) for path in paths[:MOST_PATHS]]


def table_lines() -> Iterator[Line]:
    """Every check: its question, what a yes is worth, why, and what to do."""
    for letter, name in LETTERS.items():
        yield line(styled(name, "title"))
        for check in CHECKS.values():
            if check.letter == letter:
                yield from _check_lines(check)
    yield line(f"{len(CHECKS)} checks, {most_points()} points")


def _check_lines(check: Check) -> Iterator[Line]:
    worth = "1 point" if check.points == 1 else f"{check.points} points"
    yield line(styled(f"  {check.code}  {worth:<8} "), check.title)
    yield line(_INDENT, styled(check.why, "faint"))
    yield line(_INDENT, styled(f"→ {check.fix}", "faint"))
    yield line(_INDENT, styled(check.source, "faint"))


def table_json() -> str:
    """The checks for programs."""
    checks = [
        {
            "code": check.code,
            "serves": check.letter,
            "hint": check.hint,
            "points": check.points,
            "question": check.title,
            "why": check.why,
            "what_to_do": check.fix,
            "source": check.source,
        }
        for check in CHECKS.values()
    ]
    return _document("nxtool.fair.checks", points=most_points(), checks=checks)


def _document(schema: str, **content: Any) -> str:
    document = {"schema": schema, "schema_version": 1, **content}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
