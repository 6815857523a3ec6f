"""Lossy datasets of a file, for people and for programs.

`show --lossy --format json`:
{"schema": "nxtool.show.lossy", "schema_version": 1, "file", "lossy": [{"path", "dtype", "shape",
 "filters", "recorded", "method", "bound", "max_abs_error", "max_rel_error", "rmse", "record"}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from nxtool.hdf5.lossuse import Loss
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Style, line, styled


def loss_lines(file: str, losses: Sequence[Loss]) -> Iterator[Line]:
    """A line for each lossy dataset; one that says so where there is none."""
    yield line(styled(file, "title"))
    if not losses:
        yield line("  no dataset tells of a loss, and no filter loses anything")
    for one in losses:
        words = ", ".join(filter(None, (_method(one), *_errors(one))))
        if not one.recorded:
            words = f"{one.filters}, no record of what was lost"
        style: Style = "good" if one.recorded else "warning"
        yield line("  ", styled(one.path, style), f"  {printable(words)}")


def _method(one: Loss) -> str:
    """The method and its bound, else what is known besides."""
    done = one.record.get("done")
    if one.method and isinstance(done, str):
        return f"{one.method}, {done}"
    if one.method:
        return f"{one.method} within {one.bound}" if one.bound else one.method
    if "before_repack" in one.record:
        return "was behind a lossy filter before it was repacked"
    return f"{one.filters or 'a loss'}, not understood"


def _errors(one: Loss) -> Iterator[str]:
    named = (
        ("largest error", one.max_abs_error),
        ("largest relative error", one.max_rel_error),
        ("root mean square", one.rmse),
    )
    for name, value in named:
        if value is not None:
            yield f"{name} {value:.3g}"


def losses_json(file: str, losses: Sequence[Loss]) -> str:
    """The same for programs."""
    document = {
        "schema": "nxtool.show.lossy",
        "schema_version": 1,
        "file": printable(file),
        "lossy": [_entry(one) for one in losses],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _entry(one: Loss) -> dict[str, Any]:
    return {
        "path": printable(one.path),
        "dtype": printable(one.dataset.dtype),
        "shape": list(one.dataset.shape),
        "filters": [step.text for step in one.dataset.filters],
        "recorded": one.recorded,
        "method": printable(one.method) or None,
        "bound": printable(one.bound) or None,
        "max_abs_error": _finite(one.max_abs_error),
        "max_rel_error": _finite(one.max_rel_error),
        "rmse": _finite(one.rmse),
        "record": json.loads(json.dumps(one.record), parse_constant=str),
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
