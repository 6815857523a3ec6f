"""What to plot of a stream: the signal and its axes, by the hints of the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nxtool.bluesky.runs import Run, Stream

TIME: Final = "@time"
"""Stands for the times of events, which are no key."""


@dataclass(frozen=True, slots=True)
class RunPlot:
    """The keys to plot. `signal` is empty where there is none; `axes` has one for each dimension
    of it, `.` where none fits; `placed` are all axes with the dimension each belongs to."""

    signal: str
    axes: tuple[str, ...] = ()
    placed: tuple[tuple[int, str], ...] = ()
    auxiliary: tuple[str, ...] = ()


def plot_of(run: Run, stream: Stream, shapes: Mapping[str, tuple[int, ...]]) -> RunPlot:
    """What to plot, of the keys that have numbers; `shapes` are theirs."""
    axes = [key for key in dimensions(run, stream.name) if key in shapes and key != TIME]
    hinted = [key for key in _hinted(run, stream) if key in shapes and key not in axes]
    others = [key for key in shapes if key not in axes and key != TIME]
    signals = hinted or others
    if not signals:
        return RunPlot("")
    signal = signals[0]
    axes = axes or [key for key in (TIME,) if key in shapes]
    fitting = tuple(axis for axis in axes if shapes[axis] == shapes[signal][:1])
    first = fitting[0] if fitting else "."
    auxiliary = tuple(key for key in hinted[1:] if shapes[key] == shapes[signal])
    rest = (".",) * (len(shapes[signal]) - 1)
    return RunPlot(signal, (first, *rest), tuple((0, axis) for axis in fitting), auxiliary)


def dimensions(run: Run, stream: str) -> list[str]:
    """The first key of each dimension that was scanned, slow before fast."""
    hints = run.start.get("hints")
    found = hints.get("dimensions") if isinstance(hints, Mapping) else None
    keys = []
    for one in found if isinstance(found, list | tuple) else ():
        if not isinstance(one, list | tuple) or len(one) != 2 or one[1] != stream:
            continue
        fields = one[0] if isinstance(one[0], list | tuple) else [one[0]]
        keys += [str(name) for name in fields[:1]]
    return keys


def _hinted(run: Run, stream: Stream) -> Iterator[str]:
    """The keys that objects hint at, detectors first in the order of the plan."""
    detectors = run.start.get("detectors")
    order: list[Any] = list(detectors) if isinstance(detectors, list | tuple) else []
    owners = [name for name in order if isinstance(name, str) and name in stream.hints]
    owners += [name for name in stream.hints if name not in owners]
    for owner in owners:
        hint: Any = stream.hints[owner]
        fields = hint.get("fields") if isinstance(hint, Mapping) else None
        yield from (str(name) for name in fields or ())
