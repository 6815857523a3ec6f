"""The order in which a scan over a grid came to its points."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nxtool.bluesky.blocks import Values


def grid_shape(start: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of the grid that the start of a run tells of, slow axis first; else empty."""
    shape = start.get("shape")
    hints = start.get("hints")
    gridding = hints.get("gridding", "rectilinear") if isinstance(hints, Mapping) else ""
    if not isinstance(shape, list | tuple) or len(shape) < 2 or gridding != "rectilinear":
        return ()
    whole = all(isinstance(length, int) and 0 < length < 1 << 31 for length in shape)
    return tuple(shape) if whole else ()


def grid_order(shape: tuple[int, ...], snaking: object) -> Values:
    """The row that holds each point of the grid.

    An axis that snakes goes back on every other pass, as bluesky's `snake_cyclers` has it.
    """
    rows = np.arange(prod(shape))
    snakes = list(snaking) if isinstance(snaking, list | tuple) else []
    snakes += [False] * (len(shape) - len(snakes))
    places = []
    for axis, length in enumerate(shape):
        inner = prod(shape[axis + 1 :])
        place = rows // inner % length
        if snakes[axis]:
            back = rows // (inner * length) % 2 == 1
            place = np.where(back, length - 1 - place, place)
        places.append(place)
    order = np.empty(prod(shape), dtype=np.int64)
    order[np.ravel_multi_index(places, shape)] = rows
    return order
