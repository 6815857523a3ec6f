"""Units that our table lacks, as pint knows them.

Only whole names are asked for, never expressions: the grammar stays ours, and so does every name
of `nxtool.unittable`. Importing pint takes longer than judging a file, hence it is loaded when
the first unknown name turns up.
Reference: pint's default registry, with values of CODATA and NIST.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isclose
from typing import TYPE_CHECKING, Final

from nxtool.unittable import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pint import UnitRegistry

_BASES: Final[Mapping[str, tuple[str, str]]] = {
    "meter": ("m", ""), "gram": ("g", ""), "second": ("s", ""), "ampere": ("A", ""),
    "kelvin": ("K", ""), "mole": ("mol", ""), "candela": ("cd", ""), "radian": ("rad", ""),
    "bit": ("", "data"), "count": ("", "count"),
}  # fmt: skip
"""Our symbol and family for each root unit of pint; a unit that needs another is left alone."""

_SHORTEST: Final = 3
"""Shorter names mean too many things: pint reads `c` as the speed of light, `th` as a thou."""


def row(name: str) -> Row | None:
    """The unit called `name` as a row of the table, None where pint has no such unit.

    A prefix must be spelled out: with symbols, `unit` would be a millionth of a nit. Units of
    printing are left out, for `point` and `dot` are not meant as lengths in a laboratory.
    """
    if len(name) < _SHORTEST or not name.isascii():
        return None
    word = name[0].lower() + name[1:]
    for spelled in dict.fromkeys((name, word)):
        for prefix, unit, _plural in _registry().parse_unit_name(spelled):
            if spelled.startswith(prefix) and unit not in _printing():
                return _as_row(name, prefix + unit)
    return None


def _as_row(name: str, unit: str) -> Row | None:
    """`unit` written in base units; None for foreign bases, and for one with a zero of its own: of
    these our table has all that are linear, and pint 0.24 is wrong on one."""
    from pint import PintError

    registry = _registry()
    try:
        zero, one, two = (registry.Quantity(value, unit).to_root_units() for value in range(3))
    except PintError:
        return None
    powers = [(base, Fraction(str(power))) for base, power in one.unit_items()]
    scale = float(one.magnitude)
    is_linear = not zero.magnitude and scale > 0 and isclose(two.magnitude - scale, scale)
    if not is_linear or any(base not in _BASES for base, _ in powers):
        return None
    families = {_BASES[base][1] for base, _ in powers} - {""}
    definition = f"{scale!r} {_product(powers)}"
    return Row(name, "", definition, "".join(families))


def _product(powers: Iterable[tuple[str, Fraction]]) -> str:
    return " ".join(f"{_BASES[base][0]}^({power})" for base, power in powers if _BASES[base][0])


@lru_cache(maxsize=1)
def _registry() -> UnitRegistry[float]:
    from pint import UnitRegistry

    return UnitRegistry()


@lru_cache(maxsize=1)
def _printing() -> frozenset[str]:
    return frozenset(_registry().get_group("Printer").members)
