"""Which rows of a source are wanted: by their times, each once.

Rows before the start are not, but for the last of them. Rows that come with the time of one of the
last rows are repeats, as a producer makes them that did not hear that it was heard. Rows that are
earlier than one before them are late; they are wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nxtool.stream.modules.model import Window

Times = NDArray[np.int64]

REMEMBERED: Final = 4096
"""Among so many last rows repeats are looked for."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """`kept` are positions of the wanted rows, None for all; `early` is that of the last row before
    the start, -1 where there is none."""

    kept: NDArray[np.int64] | None
    early: int = -1
    late: int = 0
    repeated: int = 0


class Sieve:
    """Sifts the rows of one source, which come in pieces. `recent` are the times of the last rows
    of before; `window` may change."""

    def __init__(self, window: Window, recent: Times | None = None) -> None:
        self.window = window
        self._recent = np.empty(0, np.int64) if recent is None else recent[-REMEMBERED:]
        self._highest = int(self._recent.max()) if len(self._recent) else None

    def sift(self, times: Times) -> Sifted:
        """Which rows of the next piece are wanted."""
        if self._is_plain(times):
            self._remember(times)
            return Sifted(None)
        early = np.flatnonzero(times < self.window.start)
        inside = np.flatnonzero((times >= self.window.start) & (times <= self.window.stop))
        latest = -1
        if len(early):
            latest = int(early[len(early) - 1 - np.argmax(times[early][::-1])])
        seen = np.concatenate([self._recent, times[inside]])
        _, first = np.unique(seen, return_index=True)
        known = len(self._recent)
        new = np.sort(first[first >= known]) - known
        kept = inside[new]
        found = times[kept]
        late = self._late(found)
        self._remember(found)
        return Sifted(kept, latest, late, len(inside) - len(kept))

    def _is_plain(self, times: Times) -> bool:
        """True where all rows are wanted and rise, as they nearly always do."""
        if not len(times) or times[0] < self.window.start or times[-1] > self.window.stop:
            return False
        if self._highest is not None and times[0] <= self._highest:
            return False
        return bool((times[1:] > times[:-1]).all())

    def _late(self, times: Times) -> int:
        if not len(times):
            return 0
        before = self._highest if self._highest is not None else times[0]
        highest = np.maximum.accumulate(np.concatenate([[before], times]))
        return int((times < highest[:-1]).sum())

    def _remember(self, times: Times) -> None:
        if not len(times):
            return
        highest = int(times.max())
        self._highest = highest if self._highest is None else max(self._highest, highest)
        if len(times) >= REMEMBERED:
            self._recent = times[-REMEMBERED:].copy()
        else:
            self._recent = np.concatenate([self._recent, times])[-REMEMBERED:]
