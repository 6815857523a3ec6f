"""Units as UCUM writes them, for those that catalogues of experiments use: https://ucum.org."""

from __future__ import annotations

from functools import cache
from typing import Final

from nxtool.units import UnitError
from nxtool.unittext import Exact, exact

_CODES: Final = {
    "m": "m", "cm": "cm", "mm": "mm", "um": "um", "nm": "nm", "pm": "pm", "angstrom": "Ao",
    "1/angstrom": "/Ao", "1/nm": "/nm", "1/m": "/m", "m^2": "m2", "mm^2": "mm2", "um^2": "um2",
    "s": "s", "ms": "ms", "us": "us", "ns": "ns", "ps": "ps", "fs": "fs", "min": "min", "h": "h",
    "Hz": "Hz", "kHz": "kHz", "MHz": "MHz", "GHz": "GHz", "1/s": "/s",
    "eV": "eV", "meV": "meV", "keV": "keV", "MeV": "MeV", "GeV": "GeV", "J": "J", "W": "W",
    "K": "K", "mK": "mK", "degC": "Cel",
    "Pa": "Pa", "hPa": "hPa", "kPa": "kPa", "MPa": "MPa", "GPa": "GPa", "bar": "bar",
    "T": "T", "mT": "mT", "uT": "uT", "G": "G", "A": "A", "mA": "mA", "uA": "uA", "nA": "nA",
    "V": "V", "mV": "mV", "kV": "kV", "V/m": "V/m", "kV/m": "kV/m", "ohm": "Ohm",
    "kg": "kg", "g": "g", "mg": "mg", "ug": "ug", "mol": "mol", "g/cm^3": "g/cm3",
    "rad": "rad", "mrad": "mrad", "deg": "deg", "percent": "%", "N": "N", "m/s": "m/s",
}  # fmt: skip


def ucum_of(unit: str) -> str:
    """The code of `unit`, however it is spelled; empty where the table does not know it.

    >>> ucum_of("Å"), ucum_of("kilo-electronvolt furlong")
    ('Ao', '')
    """
    try:
        return (_CODES.get(unit) or _table().get(exact(unit), "")) if unit else ""
    except UnitError:
        return ""


@cache
def _table() -> dict[Exact, str]:
    table: dict[Exact, str] = {}
    for unit, code in _CODES.items():
        table.setdefault(exact(unit), code)
    return table
