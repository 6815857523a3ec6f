"""Dialects of openPMD: how severe a breach is to those who write and read files in them.

A key is the code of a rule, or the code and an aspect of it (`ME010.length`); rules name their
aspects where they tell. What a profile does not name is as severe as the standard has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nxtool.findings import Severity

_STRICT: Final[Mapping[str, Severity]] = {
    "OP006": "error",
    "OP007": "error",
    "OP010": "error",
    "OP015": "error",
    "OP021": "error",
    "ME001": "error",
    "ME003": "error",
    "ME010": "error",
    **{f"{code}.one": "error" for code in ("RC003", "RC004", "RC005", "ME005", "ME006", "ME007")},
}
"""Nothing that writers of the world have made usual is let pass."""
_OPENPMD_API: Final[Mapping[str, Severity]] = {
    # it reads these as if they were right
    **dict.fromkeys(("OP009", "OP010", "OP012", "OP019", "OP020", "NM001"), "warning"),
    **dict.fromkeys(("ME001", "ME002", "ME003", "ME010"), "warning"),
    **dict.fromkeys(("PA001", "PA002", "PA004", "PA005", "PP001", "PP003"), "warning"),
    **dict.fromkeys([f"ED10{number}" for number in range(1, 10)], "warning"),
    **dict.fromkeys([f"OP014.{aspect}" for aspect in ("slash", "value")], "warning"),
    **dict.fromkeys([f"ME005.{aspect}" for aspect in ("length", "unique")], "warning"),
    **dict.fromkeys([f"ME006.{aspect}" for aspect in ("length", "value", "number")], "warning"),
    **dict.fromkeys([f"ME007.{aspect}" for aspect in ("length", "value", "number")], "warning"),
    **dict.fromkeys([f"ME008.{aspect}" for aspect in ("value", "width")], "warning"),
    **dict.fromkeys([f"RC003.{aspect}" for aspect in ("value", "width", "number")], "warning"),
    **dict.fromkeys([f"RC004.{aspect}" for aspect in ("value", "width", "number")], "warning"),
    **dict.fromkeys([f"RC005.{aspect}" for aspect in ("value", "number")], "warning"),
    "OP003.width": "warning",
    "IT002.number": "warning",
    "IT003.width": "warning",
    "IT003.number": "warning",
    "RC001.species": "warning",
    "RC007.width": "warning",
    "PP002.length": "warning",
    # it does without these, or does not
    "ME001.missing": "error",
    "ME010.missing": "error",
    "OP002.unknown": "error",
    "OP005.names": "error",
    # it writes these itself
    "OP007.variable": "info",
    "OP010.suffix": "info",
    "ME010.default": "info",
}
"""What openPMD-api 0.17 reads without a word is no error, what it refuses or leaves out is one."""
_BEAMPHYSICS: Final[Mapping[str, Severity]] = {
    "OP002": "info",
    "OP005": "info",
    "OP006.root": "info",
    "OP007.missing": "info",
    "OP008.missing": "info",
    "OP014.slash": "info",
    "OP018": "info",
    "OP021": "info",
    "IT002.missing": "info",
    "IT003.missing": "info",
    "RC004.components": "info",
    "RC005.missing": "info",
    "RC007.width": "info",
    "PA001.offset": "info",
    "PA006": "info",
}
"""Beams as openpmd-beamphysics writes them: one iteration, at the root of the file."""
_PICONGPU: Final[Mapping[str, Severity]] = {
    "OP007.variable": "info",
    "OP010.suffix": "info",
    "ME010.default": "info",
    **dict.fromkeys([f"ED10{number}.value" for number in range(1, 7)], "warning"),
}
"""Simulations of PIConGPU, which writes by openPMD-api and has methods ED-PIC does not name."""
PROFILES: Final[Mapping[str, Mapping[str, Severity]]] = {
    "": {},
    "strict": _STRICT,
    "openpmd-api": _OPENPMD_API,
    "beamphysics": _BEAMPHYSICS,
    "picongpu": _PICONGPU,
}
PROFILE_NAMES: Final = tuple(name for name in PROFILES if name)
