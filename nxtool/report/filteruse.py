"""Filters, and what a file makes of them, for people and for programs.

`filters list --format json`:
{"schema": "nxtool.filters.list", "schema_version": 1, "filters": [{"id", "name", "words",
 "options", "lossless", "readers", "grade", "reason", "thread_safe", "installed", "install"}]}

`filters check --format json`, one object for all files:
{"schema": "nxtool.filters.check", "schema_version": 1, "files": [{"file", "error": null | text,
 "datasets": [{"path", "dtype", "shape", "filters": [{"id", "name", "options", "steps", "available",
 "loss"}], "readable", "chunks", "raw_chunks", "grade", "reason", "problems": [{"severity",
 "kind", "message"}]}]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from nxtool.hdf5.filteruse import DatasetFilters, Problem
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, line, styled
from nxtool.report.units import counted
from nxtool.storage.blosc2frame import step_name
from nxtool.storage.filterfacts import facts
from nxtool.storage.filters import REGISTERED, available, filter_name, how_to_get
from nxtool.storage.pluginlib import THREAD_SAFE

_BUILT_IN: Final = frozenset((1, 2))
"""Encoded in threads by ourselves."""


def list_lines() -> Iterator[Line]:
    """Every registered filter; those nobody supplies at the end, by name."""
    supplied = [number for number, known in REGISTERED.items() if known.package]
    for number in supplied:
        yield from _filter_lines(number)
    others = ", ".join(f"{n} {filter_name(n)}" for n in REGISTERED if n not in supplied)
    yield line(styled("no Python package known: ", "faint"), others)


def _filter_lines(number: int) -> Iterator[Line]:
    known = facts(number)
    here = styled("installed", "good") if available(number) else styled("missing", "error")
    yield line(styled(f"{number:>5}  {filter_name(number):<12}", "title"), "  ", here)
    told = {
        "in recipes": ", ".join(known.words),
        "options": known.options,
        "lossless": known.lossless,
        "read by": known.readers,
        "in threads": "encoded on all processors" if _thread_safe(number) else "",
        "in 10 years": f"{known.grade}, {known.reason}",
        "install": "" if available(number) else how_to_get(number),
        "Debian": known.debian,
    }
    for name, text in told.items():
        if text:
            yield line(styled(f"       {name:<12}", "faint"), text)


def list_json() -> str:
    """The same for programs."""
    return _document("nxtool.filters.list", filters=[_filter(number) for number in REGISTERED])


def _thread_safe(number: int) -> bool:
    return number in THREAD_SAFE or number in _BUILT_IN


def _filter(number: int) -> dict[str, Any]:
    known = facts(number)
    here = available(number)
    return {
        "id": number,
        "name": filter_name(number),
        "words": list(known.words),
        "options": known.options,
        "lossless": known.lossless,
        "readers": known.readers,
        "grade": known.grade,
        "reason": known.reason,
        "thread_safe": _thread_safe(number),
        "installed": here,
        "install": "" if here else how_to_get(number),
        "debian": known.debian,
    }


def check_lines(file: str, datasets: Sequence[DatasetFilters]) -> Iterator[Line]:
    """The filters of one file: its datasets, then what is amiss."""
    yield line(styled(file, "title"))
    for one in datasets:
        if one.filters:
            letter, reason = one.grade
            used = " + ".join(step.text for step in one.filters)
            here = "" if one.readable else "  not readable here"
            yield line(
                styled(f"  {letter}  ", "good" if letter in "AB" else "warning"),
                styled(one.path, "title"),
                f"  {used}  ({reason}){here}",
            )
    plain = sum(1 for one in datasets if not one.filters)
    if plain:
        yield line(styled("  A  ", "good"), f"{counted(plain, 'dataset')} without a filter")
    for one in datasets:
        for problem in one.problems():
            yield _problem_line(problem)


def _problem_line(problem: Problem) -> Line:
    style: Style = "info" if problem.severity == "note" else problem.severity
    return line(styled(f"  {problem.severity:<8}", style), problem.message)


def check_json(files: Sequence[tuple[str, Sequence[DatasetFilters], str]]) -> str:
    """The same for programs; of each file name, datasets, and why it could not be read."""
    entries = [
        {
            "file": printable(file),
            "error": printable(error) if error else None,
            "datasets": [_dataset(one) for one in datasets],
        }
        for file, datasets, error in files
    ]
    return _document("nxtool.filters.check", files=entries)


def _dataset(one: DatasetFilters) -> dict[str, Any]:
    letter, reason = one.grade
    return {
        "path": printable(one.path),
        "dtype": printable(one.dtype),
        "shape": list(one.shape),
        "filters": [
            {
                "id": step.number,
                "name": filter_name(step.number),
                "options": list(step.options),
                "steps": [step_name(number) for number in step.steps],
                "available": step.available,
                "loss": step.loss,
            }
            for step in one.filters
        ],
        "readable": one.readable,
        "chunks": one.chunks,
        "raw_chunks": one.raw,
        "grade": letter,
        "reason": reason,
        "problems": [
            {"severity": item.severity, "kind": item.kind, "message": printable(item.message)}
            for item in one.problems()
        ],
    }


def _document(schema: str, **content: Any) -> str:
    document = {"schema": schema, "schema_version": 1, **content}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
