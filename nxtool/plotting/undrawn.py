"""The last dimensions of a signal that are not drawn.

Images in colours (`@interpretation` `rgb-image` or `rgba-image`, NXdata) have red, green, blue and
perhaps opacity in the last one, and are drawn by the mean of the three. Dimensions of length one at
the end, as scans write them for detectors of a single pixel, are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nxtool.plotting.plottable import Block

_CHANNELS: Final = {"rgb-image": 3, "rgba-image": 4}
_COLOURS: Final = 3


def undrawn(shape: tuple[int, ...], interpretation: str) -> tuple[int, ...]:
    """The lengths of the last dimensions that are not drawn; the first always is."""
    channels = _CHANNELS.get(interpretation, 0)
    if channels and len(shape) > 2 and shape[-1] == channels:
        return shape[-1:]
    ones = 0
    while ones < len(shape) - 1 and shape[-1 - ones] == 1:
        ones += 1
    return (1,) * ones


def are_colours(rest: tuple[int, ...]) -> bool:
    """Whether what is not drawn are colours."""
    return max(rest, default=0) >= _COLOURS


@dataclass(frozen=True, slots=True)
class Drawn:
    """A `Block` without the last dimensions of another, whose lengths are `rest`."""

    block: Block
    rest: tuple[int, ...]

    def __call__(self, block: tuple[slice, ...], /) -> Any:
        """The selection; of colours the means of red, green and blue."""
        last = tuple(slice(0, min(size, _COLOURS)) for size in self.rest)
        values = np.asarray(self.block((*block, *last)))
        if are_colours(self.rest):
            return values.mean(axis=-1)
        return values.reshape(values.shape[: values.ndim - len(self.rest)])
