"""A bench of filters: a table for people, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from nxtool.bench.ranking import Ranked
from nxtool.bench.run import Bench
from nxtool.bench.trial import Trial
from nxtool.report.benchloss import loss_lines, named_errors
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, line, styled
from nxtool.report.units import bytes_text
from nxtool.storage.filterfacts import FACTS, facts

HEADS: Final = ("filter", "ratio", "write", "read", "one", "CPU s/TB", "size", "grade")
_WIDTHS: Final = (19, 8, 8, 8, 8, 10, 11, 6)


def bench_lines(bench: Bench) -> Iterator[Line]:
    """The table, best first, and what to take."""
    sample = bench.sample
    shape = " × ".join(map(str, sample.shape))
    yield line(styled(sample.name, "title"), f"  {sample.dtype} [{shape}], {tried(bench)}")
    yield line(styled(_row(HEADS), "faint"))
    for one in bench.order:
        mark = "◆" if one.on_front else " "
        style: Style = (
            "good" if bench.advice and one.trial.filter == bench.advice.filter else "plain"
        )
        yield line(styled(f"{_row(cells_of(bench, one))} {mark}", style))
    for word in bench.inexact:
        yield line(styled(f"{word}: changes these values", "error"))
    for word, reason in bench.refused.items():
        yield line(styled(f"{word}: {reason}", "faint"))
    note = "◆ no other is better in ratio, writing and reading; speeds are GB/s"
    yield line(styled(note, "faint"))
    yield from loss_lines(bench)
    yield from _advice(bench)


def tried(bench: Bench) -> str:
    """How much was tried, and with how many threads."""
    taken = bytes_text(bench.sample.taken)
    return f"tried on {taken} of {bytes_text(bench.sample.size)} with {bench.threads} threads"


def _advice(bench: Bench) -> Iterator[Line]:
    advice = bench.advice
    if advice is None:
        return
    yield line("take ", styled(advice.filter, "good"), f": {advice.reason}")
    if advice.equals:
        yield line("as good, as far as this tells: ", ", ".join(advice.equals))
    errors = next(one.trial.errors for one in bench.order if one.trial.filter == advice.filter)
    words = errors.recipe if errors is not None else f"compression: {json.dumps(advice.filter)}"
    yield line(styled(f"in a recipe: {words}", "faint"))


def _row(cells: tuple[str, ...]) -> str:
    padded = (f"{cell:>{width}}" for cell, width in zip(cells[1:], _WIDTHS[1:], strict=True))
    return f"{cells[0]:<{_WIDTHS[0]}}" + "".join(padded)


def cells_of(bench: Bench, one: Ranked) -> tuple[str, ...]:
    """What the table says of a filter, below `HEADS`."""
    trial = one.trial
    return (
        trial.filter,
        f"{trial.ratio:.2f}",
        f"{trial.write.median:.2f}",
        f"{trial.read.median:.2f}",
        f"{trial.write_one.median:.2f}",
        f"{trial.cpu_per_tb:.0f}",
        bytes_text(bench.sample.size / trial.ratio),
        _grade(trial),
    )


def _grade(trial: Trial) -> str:
    """How sure one is to read it in ten years; A without a filter."""
    if trial.errors is not None:
        return facts(trial.errors.filter_id).grade
    name = trial.filter.partition(":")[0]
    return next((fact.grade for fact in FACTS.values() if name in fact.words), "A")


def bench_json(bench: Bench) -> str:
    """The same for programs."""
    sample, advice = bench.sample, bench.advice
    document: dict[str, Any] = {
        "schema": "nxtool.filters.bench",
        "version": 1,
        "data": printable(sample.name),
        "dtype": sample.dtype.str,
        "shape": list(sample.shape),
        "chunk": list(sample.chunk),
        "sample_bytes": sample.taken,
        "bytes": sample.size,
        "threads": bench.threads,
        "copy_gb_s": bench.copy,
        "filters": [_entry(bench, one) for one in bench.order],
        "refused": bench.refused,
        "inexact": list(bench.inexact),
        "take": advice.filter if advice else None,
        "reason": advice.reason if advice else None,
        "equals": list(advice.equals) if advice else [],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _entry(bench: Bench, one: Ranked) -> dict[str, Any]:
    trial = one.trial
    return {
        "filter": trial.filter,
        "score": one.score if isfinite(one.score) else None,
        "pareto": one.on_front,
        "ratio": trial.ratio,
        "bytes": round(bench.sample.size / trial.ratio),
        "write_gb_s": trial.write.median,
        "write_quartiles": [trial.write.low, trial.write.high],
        "read_gb_s": trial.read.median,
        "read_quartiles": [trial.read.low, trial.read.high],
        "write_one_gb_s": trial.write_one.median,
        "read_one_gb_s": trial.read_one.median,
        "cpu_s_per_tb": trial.cpu_per_tb,
        "parallel": trial.in_parallel,
        "lossless": trial.is_exact,
        "grade": _grade(trial),
        "errors": named_errors(trial.errors) if trial.errors is not None else None,
    }
