"""Images in colours (`@interpretation` `rgb-image` or `rgba-image`, NXdata): their last dimension
holds red, green, blue and perhaps opacity. They are drawn by the mean of the three."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from nxtool.plotting.plottable import Block

_CHANNELS: Final = {"rgb-image": 3, "rgba-image": 4}


def channels_of(shape: tuple[int, ...], interpretation: str) -> int:
    """The length of the last dimension where it holds colours, else 0."""
    count = _CHANNELS.get(interpretation, 0)
    return count if len(shape) > 2 and shape[-1] == count else 0


@dataclass(frozen=True, slots=True)
class Brightness:
    """A `Block` that leaves out the last dimension of another."""

    block: Block

    def __call__(self, block: tuple[slice, ...], /) -> Any:
        """The means of red, green and blue in a selection."""
        return np.asarray(self.block((*block, slice(0, 3)))).mean(axis=-1)
