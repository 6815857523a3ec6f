"""Attributes `data_offset` and `stride` of a field stored as a part of a larger array (D08)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.validate.visit import FieldVisit, finding

_PAIR: Final = ("data_offset", "stride")


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """Both or none; integers, one for each dimension."""
    there = [visit.view.attributes[name] for name in _PAIR if name in visit.view.attributes]
    if len(there) == 1:
        other = next(name for name in _PAIR if name != there[0].name)
        yield finding("D08", visit.path, f"has {there[0].name}, but no {other}")
    rank = len(visit.view.shape or ())
    for attribute in there:
        place = nxpath.attribute(visit.path, attribute.name)
        if attribute.type.kind != "integer" or attribute.value is None:
            yield finding("D08", place, f"is {attribute.type.text}, not integers")
        elif np.size(attribute.value) != rank:
            message = f"has {np.size(attribute.value)} values for rank {rank}"
            yield finding("D08", place, message, expected=rank, found=np.size(attribute.value))
