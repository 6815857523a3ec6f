"""Units as openPMD stores them, a factor and seven exponents, and their names.

openPMD says what a number means by `unitSI` (value in SI = stored value * unitSI) and by
`unitDimension`, the exponents of length, mass, time, current, temperature, amount and luminosity.
NeXus says it by a text. A name found here is a spelling that `nxtool.unittext` reads back as the
same factor and the same exponents; a prefix is preferred to a factor that stands beside the unit.
Source: openPMD standard, "Unit Systems and Dimensionality".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isclose, isfinite
from typing import Final, TypeAlias

from nxtool.unittable import Dimension
from nxtool.unittext import Exact, UnitError, exact, spelling

Powers: TypeAlias = tuple[float, float, float, float, float, float, float]
"""Exponents of m, kg, s, A, K, mol and cd, in this order."""

NO_POWERS: Final[Powers] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_BASES: Final = ("m", "kg", "s", "A", "K", "mol", "cd")


@dataclass(frozen=True, slots=True)
class SiUnit:
    """A unit as openPMD stores it. `lost` is what seven exponents cannot say of it: `angle`,
    `count`, `pixel`, `ratio`, `arbitrary` or `data`; else empty.
    """

    factor: float
    powers: Powers
    lost: str = ""


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as NeXus writes it: value in `text` = stored value * `scale`."""

    text: str
    scale: float = 1.0


@lru_cache(maxsize=4096)
def si_unit(text: str, *, difference: bool = False) -> SiUnit:
    """The factor and the exponents of the unit `text`, or of what a known misspelling means.

    Units whose zero lies elsewhere, as that of degC, have no factor but for a `difference`.

    >>> si_unit("GV/m").factor, si_unit("cts/s").powers, si_unit("deg").lost
    (1000000000.0, (0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0), 'angle')

    Raises:
        UnitError: the text is no unit, or no factor alone leads from it to SI.
    """
    unit = exact(spelling(text) or text)
    if unit.offset and not difference:
        raise UnitError(f"the zero of {text!r} is not that of its SI unit")
    if unit.family == "level":
        raise UnitError(f"{text!r} is a logarithm")
    if _is_per_ampere(unit.dimension):
        raise UnitError(f"{text!r} is 1/ampere, and hardly meant", "1/angstrom")
    return SiUnit(float(unit.scale), _powers(unit.dimension), _lost(unit))


def _is_per_ampere(dimension: Dimension) -> bool:
    """A negative power of the ampere alone: NeXus files mean the angstrom by it."""
    return dimension.current < 0 and not any(dimension._replace(current=0))


def _powers(dimension: Dimension) -> Powers:
    it = dimension
    order = (it.length, it.mass, it.time, it.current, it.temperature, it.amount, it.luminosity)
    length, mass, time, current, temperature, amount, luminosity = map(float, order)
    return length, mass, time, current, temperature, amount, luminosity


def _lost(unit: Exact) -> str:
    return "angle" if unit.dimension.angle else unit.family


def unit_name(factor: float, powers: Sequence[float]) -> UnitName:
    """The name of a unit with the seven exponents `powers`.

    >>> unit_name(1e9, (1, 1, -3, -1, 0, 0, 0)), unit_name(1e-6, (1, 0, 0, 0, 0, 0, 0))
    (UnitName(text='GV/m', scale=1.0), UnitName(text='um', scale=1.0))
    >>> unit_name(3e12, (1, 1, -3, -1, 0, 0, 0))
    UnitName(text='V/m', scale=3000000000000.0)

    Numbers without a dimension have no name: the text is empty.

    Raises:
        UnitError: not seven finite exponents below 100, or a factor that is no positive number.
    """
    if len(powers) != len(_BASES) or not all(isfinite(power) for power in powers):
        raise UnitError("a unit has seven finite exponents")
    if not isfinite(factor) or factor <= 0:
        raise UnitError(f"{factor!r} is no factor of a unit")
    key = tuple(float(power) for power in powers)
    for text, scale in _named().get(key, ()):
        if isclose(scale, factor, rel_tol=_tolerance(text)):
            return UnitName(text)
    first = next((text for text, scale in _named().get(key, ()) if scale == 1), None)
    return UnitName(_product(key) if first is None else first, float(factor))


def _tolerance(text: str) -> float:
    """How far a factor may be from that of a unit; charge and energy of the electron were less
    well known once."""
    return 1e-6 if text.endswith(("e", "eV")) else 1e-12


_DECIMAL: Final = ("", "k", "M", "G", "T", "P", "m", "u", "n", "p", "f", "a")
_OF_LENGTH: Final = ("", "k", "c", "m", "u", "n", "p", "f")
_OF_TIME: Final = ("", "m", "u", "n", "p", "f", "a")
_TEMPLATES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("{}m", _OF_LENGTH),
    ("angstrom", ("",)),
    ("{}g", ("k", "", "m", "u", "n")),
    ("{}Da", ("", "k")),
    ("{}s", _OF_TIME),
    ("min", ("",)),
    ("hour", ("",)),
    ("day", ("",)),
    ("{}A", _DECIMAL),
    ("{}K", ("", "m", "u", "k", "M")),
    ("{}mol", ("", "k", "m", "u", "n")),
    ("{}cd", ("", "m")),
    ("deg", ("",)),
    ("{}Hz", ("", "k", "M", "G", "T", "P", "E", "m")),
    ("{}m/s", ("", "k", "c", "m", "u")),
    ("{}m/s^2", ("", "c", "m")),
    ("{}N", _DECIMAL),
    ("{}V", _DECIMAL),
    ("{}V/m", _DECIMAL),
    ("{}T", _DECIMAL),
    ("{}C", _DECIMAL),
    ("e", ("",)),
    ("{}C/m^3", _DECIMAL),
    ("C/{}m^3", ("c", "m", "u", "n")),
    ("{}A/m^2", _DECIMAL),
    ("A/{}m^2", ("c", "m", "u")),
    ("1/{}m", _OF_LENGTH),
    ("1/angstrom", ("",)),
    ("1/{}m^2", _OF_LENGTH),
    ("1/{}m^3", _OF_LENGTH),
    ("{}m^2", _OF_LENGTH),
    ("barn", ("",)),
    ("{}m^3", _OF_LENGTH),
    ("kg*m/s", ("",)),
    ("{}J", _DECIMAL),
    ("{}eV", ("", "k", "M", "G", "T", "m", "u")),
    ("{}W", _DECIMAL),
    ("{}W/m^2", _DECIMAL),
    ("W/{}m^2", ("c", "m", "u")),
    ("{}Pa", _DECIMAL),
    ("{}bar", ("", "m", "k", "M")),
    ("{}ohm", _DECIMAL),
    ("{}F", _DECIMAL),
    ("{}H", _DECIMAL),
    ("{}Wb", _DECIMAL),
    ("kg/m^3", ("",)),
    ("g/cm^3", ("",)),
    ("V*m", ("",)),
    ("V*s/m", ("",)),
)
"""Units and the prefixes that stand at their braces; what comes first is preferred."""


@lru_cache(maxsize=1)
def _named() -> Mapping[tuple[float, ...], list[tuple[str, float]]]:
    """Names with their factors, by exponents."""
    found: dict[tuple[float, ...], list[tuple[str, float]]] = {}
    for template, prefixes in _TEMPLATES:
        for prefix in prefixes:
            text = template.format(prefix)
            unit = exact(text)
            found.setdefault(_powers(unit.dimension), []).append((text, float(unit.scale)))
    return found


def _product(powers: Sequence[float]) -> str:
    """The unit as a product of base units: `kg*m^2/s^3`, `m^0.5`; empty without exponents."""
    above = list(_factors(powers, 1))
    below = list(_factors(powers, -1))
    if not below:
        return "*".join(above)
    return "/".join(["*".join(above) or "1", *below])


def _factors(powers: Sequence[float], sign: int) -> Iterator[str]:
    ranked = [(_BASES[place], powers[place]) for place in (1, 0, 2, 3, 4, 5, 6)]
    for base, power in ranked:
        if power * sign > 0:
            text = _power_text(abs(power))
            yield base if text == "1" else f"{base}^{text}"


def _power_text(power: float) -> str:
    """An exponent as the grammar of units writes it. Raises `UnitError` where it cannot."""
    nearest = Fraction(power).limit_denominator(99)
    if nearest.numerator > 99 or not isclose(nearest, power, rel_tol=1e-6):
        raise UnitError(f"{power:g} is no exponent of a unit")
    if nearest.denominator == 1:
        return str(nearest.numerator)
    decimal = f"{float(nearest):g}"
    is_exact = Fraction(decimal) == nearest and len(decimal.partition(".")[2]) <= 3
    return decimal if is_exact else f"({nearest.numerator}/{nearest.denominator})"
