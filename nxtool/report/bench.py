"""A bench of filters: a table for people, JSON, and a page with a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from math import isfinite, log10
from typing import Any, Final

from nxtool.bench.ranking import Ranked
from nxtool.bench.run import Bench
from nxtool.bench.trial import Trial
from nxtool.report.benchloss import loss_lines, loss_table, named_errors
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, line, styled
from nxtool.report.units import bytes_text
from nxtool.storage.filterfacts import FACTS, facts

_HEADS: Final = ("filter", "ratio", "write", "read", "one", "CPU s/TB", "size", "grade")
_WIDTHS: Final = (19, 8, 8, 8, 8, 10, 11, 6)
_PICTURE: Final = (640, 400, 60)
"""Width, height and margin of the picture."""


def bench_lines(bench: Bench) -> Iterator[Line]:
    """The table, best first, and what to take."""
    sample = bench.sample
    shape = " × ".join(map(str, sample.shape))
    yield line(styled(sample.name, "title"), f"  {sample.dtype} [{shape}], {_tried(bench)}")
    yield line(styled(_row(_HEADS), "faint"))
    for one in bench.order:
        mark = "◆" if one.on_front else " "
        style: Style = (
            "good" if bench.advice and one.trial.filter == bench.advice.filter else "plain"
        )
        yield line(styled(f"{_row(_cells(bench, one))} {mark}", style))
    for word in bench.inexact:
        yield line(styled(f"{word}: changes these values", "error"))
    for word, reason in bench.refused.items():
        yield line(styled(f"{word}: {reason}", "faint"))
    note = "◆ no other is better in ratio, writing and reading; speeds are GB/s"
    yield line(styled(note, "faint"))
    yield from loss_lines(bench)
    yield from _advice(bench)


def _tried(bench: Bench) -> str:
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


def _cells(bench: Bench, one: Ranked) -> tuple[str, ...]:
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


def bench_page(bench: Bench) -> str:
    """A page of its own: the picture, writing speed against ratio, and the table."""
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(bench, one))}</tr>"
        for one in bench.order
    )
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    advice = bench.advice
    words = f"take {advice.filter}: {advice.reason}" if advice else "nothing could be tried"
    name = escape(printable(bench.sample.name))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>filters on {name}</title>\n"
        "<style>body{font-family:sans-serif;margin:2em;max-width:60em}td{text-align:right;"
        "padding:0 .6em}td:first-child{text-align:left}</style></head>\n"
        f"<body><h1>{name}</h1>\n<p>{escape(str(bench.sample.dtype))}, {escape(_tried(bench))}.</p>"
        f"\n{_picture(bench)}\n<p><b>{escape(words)}</b></p>\n"
        f"<table><tr>{heads}</tr>\n{rows}\n</table>\n{loss_table(bench)}</body></html>\n"
    )


def _picture(bench: Bench) -> str:
    """Ratio to the right, writing speed upwards on a logarithmic scale; the front as a line."""
    width, height, margin = _PICTURE
    trials = [one.trial for one in bench.order]
    if not trials:
        return ""
    widest = max(trial.ratio for trial in trials) * 1.05
    low = log10(min(trial.write.median for trial in trials)) - 0.1
    high = log10(max(trial.write.median for trial in trials)) + 0.1

    def place(one: Ranked) -> tuple[float, float]:
        right = margin + one.trial.ratio / widest * (width - 2 * margin)
        up = (log10(one.trial.write.median) - low) / (high - low)
        return right, height - margin - up * (height - 2 * margin)

    front = sorted(place(one) for one in bench.order if one.on_front)
    dots = "\n".join(_dot(one, *place(one)) for one in bench.order)
    way = " ".join(f"{x:.0f},{y:.0f}" for x, y in front)
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" width="{width}" '
        'xmlns="http://www.w3.org/2000/svg">\n'
        f'<path d="M{margin} {margin}V{height - margin}H{width - margin}" fill="none" '
        'stroke="#888"/>\n'
        f'<polyline points="{way}" fill="none" stroke="#4a90d9" stroke-dasharray="4 3"/>\n{dots}\n'
        f'<text x="{width / 2:.0f}" y="{height - 20}" text-anchor="middle">ratio (to '
        f"{widest:.1f}:1)</text>\n"
        f'<text x="20" y="{height / 2:.0f}" transform="rotate(-90 20 {height / 2:.0f})" '
        f'text-anchor="middle">write, {10**low:.2g} to {10**high:.2g} GB/s</text>\n</svg>'
    )


def _dot(one: Ranked, x: float, y: float) -> str:
    fill = "#4a90d9" if one.on_front else "#bbb"
    name = escape(one.trial.filter)
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{fill}"/>'
        f'<text x="{x + 6:.0f}" y="{y - 6:.0f}" font-size="11">{name}</text>'
    )
