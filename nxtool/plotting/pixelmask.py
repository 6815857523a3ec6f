"""Pixels that a detector's mask takes out of its images.

Source: NeXus manual, NXdetector, `pixel_mask`: analysis leaves out a pixel where one of the lower
16 bits is set (gap, dead, too much or too little response, noisy, masked by a user ...); the upper
bits tell of pixels that may be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np

from nxtool.defaultplot import follow, nx_class
from nxtool.nodeview import FieldView, GroupView, Unreadable, is_field, is_group
from nxtool.plotting.extent import Array
from nxtool.plotting.plottable import Cancelled, Picked, read_picked

LEFT_OUT: Final = 0xFFFF
"""The bits that take a pixel out."""
_PLACES: Final = ("pixel_mask", "detectorSpecific/pixel_mask")
"""Within an NXdetector; the second is that of older files of DECTRIS."""
_MOST: Final = 1000
"""So many groups of an entry are looked at."""


def mask_of(root: GroupView, data: str, signal: FieldView) -> FieldView | None:
    """The mask of the images of `signal`, of their shape: in the NXdata at the path `data`, else
    of the only detector of the entry that has one, of several the one that holds the signal."""
    own = _fitting(follow(root, data), "pixel_mask", signal)
    if own is not None:
        return own
    entry = follow(root, data.strip("/").partition("/")[0])
    found = [
        (detector, mask)
        for detector in _detectors(entry)
        for place in _PLACES
        if (mask := _fitting(detector, place, signal)) is not None
    ]
    if len(found) > 1:
        found = [(detector, mask) for detector, mask in found if _holds(detector, signal)]
    return found[0][1] if found else None


def without_masked(
    values: Array, mask: FieldView, picked: Picked, cancelled: Cancelled
) -> tuple[Array, str]:
    """The `picked` pixels of an image, NaN where `mask` leaves them out, and how many these are,
    as a clause; empty where none is."""
    try:
        bits = read_picked(mask.read_block, (), picked, mask.storage.chunks or (), cancelled)
    except Unreadable:
        return values, "the pixel mask cannot be read"
    if bits.shape != values.shape:  # one of them was given up
        return values, ""
    out = (bits.astype(np.int64) & LEFT_OUT) != 0
    count = int(np.count_nonzero(out & ~np.isnan(values)))
    return np.where(out, np.nan, values), _told(count)


def _told(count: int) -> str:
    if not count:
        return ""
    return f"{count:,} {'pixel is' if count == 1 else 'pixels are'} masked"


def _fitting(group: object, place: str, signal: FieldView) -> FieldView | None:
    node = follow(group, place) if is_group(group) else None
    if not is_field(node) or node.type.kind != "integer":
        return None
    return node if node.shape == (signal.shape or ())[-2:] else None


def _detectors(entry: object) -> Iterator[GroupView]:
    """Those in the instruments of an entry."""
    for instrument in _groups(entry, "NXinstrument"):
        yield from _groups(instrument, "NXdetector")


def _groups(parent: object, wanted: str) -> Iterator[GroupView]:
    if not is_group(parent):
        return
    for name in islice(parent.links, _MOST):
        child = parent.child(name)
        if is_group(child) and nx_class(child) == wanted:
            yield child


def _holds(detector: GroupView, signal: FieldView) -> bool:
    children = (detector.child(name) for name in islice(detector.links, _MOST))
    return any(is_field(child) and child.identity == signal.identity for child in children)
