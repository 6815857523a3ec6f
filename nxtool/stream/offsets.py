"""Messages by their offsets: which came before, and which are left out between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Gap = tuple[str, int, int, int]
"""Topic, partition, the first offset that did not come, and the next that did."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages of one topic, those of each partition in order."""

    topic: str
    partitions: Sequence[int]
    offsets: Sequence[int]
    values: Sequence[bytes]

    def some(self, members: Iterable[int]) -> Arrived:
        """Those at these positions."""
        chosen = list(members)
        return Arrived(
            self.topic,
            [self.partitions[n] for n in chosen],
            [self.offsets[n] for n in chosen],
            [self.values[n] for n in chosen],
        )


def fresh(
    arrived: Arrived, known_positions: Mapping[str, int]
) -> tuple[Arrived, list[Gap], dict[str, int]]:
    """What did not come before, what is left out between, and the offsets that follow it."""
    partitions = np.asarray(arrived.partitions, np.int64)
    offsets = np.asarray(arrived.offsets, np.int64)
    positions: dict[str, int] = {}
    gaps: list[Gap] = []
    good = np.ones(len(offsets), np.bool_)
    for partition in np.unique(partitions).tolist():
        members = np.flatnonzero(partitions == partition)
        name = f"{arrived.topic}/{partition}"
        known = known_positions.get(name, -1)
        found = offsets[members]
        new = found > np.maximum.accumulate(np.concatenate([[known - 1], found[:-1]]))
        good[members[~new]] = False
        found = found[new]
        if len(found):
            gaps += _gaps(arrived.topic, partition, known, found)
            positions[name] = int(found[-1]) + 1
    if good.all():
        return arrived, gaps, positions
    return arrived.some(np.flatnonzero(good).tolist()), gaps, positions


def _gaps(topic: str, partition: int, known: int, found: Any) -> list[Gap]:
    """Which offsets are left out before and between those found."""
    before = np.concatenate([[found[0] if known < 0 else known], found[:-1] + 1])
    return [
        (topic, partition, int(before[n]), int(found[n]))
        for n in np.flatnonzero(found > before).tolist()
    ]
