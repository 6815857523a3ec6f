"""Which filter to take: trials compared by weight, or by the time data need to a disk.

With a weight w between 0 and 1 the score is `w log2(ratio / best ratio) + (1 - w) log2(speed / best
speed)`, where the speed is the harmonic mean of writing and reading; it has no unit and no filter
scores 0 by having no ratio. With a bandwidth in MB/s it is the time for a gigabyte to be encoded
and stored, the slower of the two since they go on together. Filters whose speeds cannot be told
apart by what was measured are named as equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log2
from typing import Final

from nxtool.bench.trial import Speed, Trial

NONE: Final = "none"
"""What is stored as it is. It is as quick as can be, so with a weight it is only the limit, unless
the data cannot be made smaller."""
WORTH_WHILE: Final = 1.05
"""A ratio below this is no gain."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A trial with its score (higher is better), and whether no other is better in everything."""

    trial: Trial
    score: float
    on_front: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """The filter to take, why, and those that are as good as far as can be told."""

    filter: str
    reason: str
    """What it is best for, and what was measured."""
    equals: tuple[str, ...]


def ranked(
    trials: Sequence[Trial], *, weight: float = 0.5, bandwidth: float | None = None
) -> list[Ranked]:
    """The trials that kept every bit, or lost as they were asked to, best first; `bandwidth` is in
    MB/s."""
    exact = [trial for trial in trials if trial.is_as_asked]
    rivals = [trial for trial in exact if trial.filter != NONE] or exact
    if not exact:
        return []
    ratio = max(trial.ratio for trial in rivals)
    speed = max(_speed(trial) for trial in rivals)

    def score(trial: Trial) -> float:
        if bandwidth:
            return -seconds_per_gb(trial, bandwidth)
        if trial.filter == NONE:
            return inf if ratio < WORTH_WHILE else -inf
        return weight * log2(trial.ratio / ratio) + (1 - weight) * log2(_speed(trial) / speed)

    scores = {trial.filter: score(trial) for trial in exact}
    front = {trial.filter for trial in exact if not any(_beats(o, trial) for o in exact)}
    found = [Ranked(one, scores[one.filter], one.filter in front) for one in exact]
    return sorted(found, key=lambda one: -one.score)


def seconds_per_gb(trial: Trial, bandwidth: float) -> float:
    """How long 10^9 bytes of values need to be encoded and stored at `bandwidth` MB/s."""
    return max(1 / trial.write.median, 1000 / trial.ratio / bandwidth)


def _speed(trial: Trial) -> float:
    return 2 / (1 / trial.write.median + 1 / trial.read.median)


def _beats(one: Trial, other: Trial) -> bool:
    """At least as good in everything, and better in something."""
    pairs = (
        (one.ratio, other.ratio),
        (one.write.median, other.write.median),
        (one.read.median, other.read.median),
    )
    return all(a >= b for a, b in pairs) and any(a > b for a, b in pairs)


def advise(
    order: Sequence[Ranked], *, weight: float = 0.5, bandwidth: float | None = None
) -> Advice | None:
    """The first of `order` in words; None where there is none."""
    if not order:
        return None
    best = order[0].trial
    equals = tuple(one.trial.filter for one in order[1:] if _cannot_be_told_apart(best, one.trial))
    if bandwidth:
        seconds = seconds_per_gb(best, bandwidth)
        reason = f"a gigabyte is stored in {seconds:.2f} s at {bandwidth:g} MB/s"
    else:
        reason = f"best for size {weight:.0%}, speed {1 - weight:.0%}"
    return Advice(best.filter, f"{reason}: {_facts(best)}", equals)


def _facts(trial: Trial) -> str:
    return (
        f"{trial.ratio:.2f}:1, written at {trial.write.median:.2f} GB/s, "
        f"read at {trial.read.median:.2f} GB/s"
    )


def _cannot_be_told_apart(one: Trial, other: Trial) -> bool:
    """Ratios within 2 %, and speeds whose quartiles overlap."""
    same_ratio = abs(one.ratio / other.ratio - 1) < 0.02
    return same_ratio and _overlap(one.write, other.write) and _overlap(one.read, other.read)


def _overlap(one: Speed, other: Speed) -> bool:
    return one.low <= other.high and other.low <= one.high
