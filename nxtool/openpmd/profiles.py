"""Dialects of openPMD: how severe a breach is to those who write and read files in them.

A key is the code of a rule, or the code and an aspect of it (`ME010.length`); rules name their
aspects where they tell. What a profile does not name is as severe as the standard has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nxtool.findings import Severity

PROFILES: Final[Mapping[str, Mapping[str, Severity]]] = {
    "": {},
    "strict": {
        "OP006": "error",
        "OP007": "error",
        "OP010": "error",
        "OP015": "error",
        "OP021": "error",
        "ME001": "error",
        "ME003": "error",
        "ME010": "error",
    },
    "openpmd-api": {},
    "beamphysics": {},
    "picongpu": {},
}
PROFILE_NAMES: Final = tuple(name for name in PROFILES if name)
