"""What lossy filters lost in a bench: a table for people, and the same for programs and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import isfinite
from typing import Final

from nxtool.bench.run import Bench
from nxtool.bench.trial import Errors, Trial
from nxtool.report.terminal import Line, line, styled

_HEADS: Final = ("lossy", "max abs", "max rel", "RMSE", "PSNR dB", "SSIM", "mean shift", "sum")
_WIDTH: Final = 19


def loss_lines(bench: Bench) -> Iterator[Line]:
    """A table of the trials that were asked to lose something."""
    lossy = _lossy(bench)
    if lossy:
        yield line(styled(_row(_HEADS), "faint"))
    for trial, errors in lossy:
        yield line(_row(_cells(trial, errors)))
    for trial, errors in lossy:
        if not errors.keeps_others:
            yield line(styled(f"{trial.filter}: changes values that are not finite", "error"))


def loss_table(bench: Bench) -> str:
    """The same for a page; nothing where nothing was to be lost."""
    lossy = _lossy(bench)
    if not lossy:
        return ""
    heads = "".join(f"<th>{head}</th>" for head in _HEADS)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _cells(trial, errors))}</tr>"
        for trial, errors in lossy
    )
    return f"<table><tr>{heads}</tr>\n{rows}\n</table>\n"


def named_errors(errors: Errors) -> dict[str, float | bool | None]:
    """The errors by name; none for what is infinite, as signal to noise where there is no noise,
    and for what the data do not have."""
    named = {
        "max_abs_error": errors.max_abs_error,
        "max_rel_error": errors.max_rel_error,
        "rmse": errors.rmse,
        "psnr_db": errors.psnr,
        "ssim": errors.ssim,
        "mean_shift": errors.mean_shift,
        "sum_change": errors.sum_change,
    }
    told = {name: _finite(value) for name, value in named.items()}
    return {**told, "sum_kept": errors.sum_change == 0, "non_finite_kept": errors.keeps_others}


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _lossy(bench: Bench) -> Sequence[tuple[Trial, Errors]]:
    trials = (one.trial for one in bench.order)
    return [(trial, trial.errors) for trial in trials if trial.errors is not None]


def _cells(trial: Trial, errors: Errors) -> tuple[str, ...]:
    ssim = errors.ssim
    return (
        trial.filter,
        _text(errors.max_abs_error),
        _text(errors.max_rel_error),
        _text(errors.rmse),
        _text(errors.psnr),
        "none" if ssim is None else _likeness(ssim),
        f"{errors.mean_shift:.2g}",
        "kept" if errors.sum_change == 0 else f"{errors.sum_change:+.2g}",
    )


def _text(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "none"


def _likeness(value: float) -> str:
    """Near 1 with the digits that differ from it: 0.99998."""
    return f"{value:.7f}".rstrip("0").rstrip(".") if value > 0.999 else f"{value:.4f}"


def _row(cells: Sequence[str]) -> str:
    return f"{cells[0]:<{_WIDTH}}" + "".join(f"{cell:>11}" for cell in cells[1:])
