"""Units of NeXus fields: what a unit means, whether it fits a category, how to convert it.

Units are read by our own parser (`nxtool.unittext`), not by a general library, because those
read `cts` as carat, `px` as a length and `ph/s` as picohours. Dimensionless units are told
apart by `family`, so that counts, pixels, ratios and arbitrary units are never mixed up.
Source: nxdlTypes.xsd (unit categories) and the NeXus manual, "Data units".
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from nxtool.unittable import Dimension
from nxtool.unittext import Exact, UnitError, exact, normal, other_spelling, spelling

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CATEGORIES", "Category", "Dimension", "Fit", "Unit", "UnitError", "Verdict",
    "common", "convert_factor", "example", "fit", "other_spelling", "parse", "spelling",
]  # fmt: skip

Verdict = Literal["fits", "loose", "ambiguous", "wrong", "unknown"]
"""How a unit stands to a category; `loose` is acceptable but worth a warning."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: value in SI = value * scale + offset. `text` is what the author wrote.

    `family` tells dimensionless units apart: `count`, `pixel`, `ratio`, `arbitrary`, `level`
    (decibel), `data` (bits), or empty.
    """

    text: str
    dimension: Dimension
    scale: float
    offset: float
    family: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A verdict; `reason` says why it is not `fits`, `suggestion` what to write instead."""

    verdict: Verdict
    reason: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of units. The first of `common` is the example shown to authors.

    `dimensions` fit, as do dimensionless units of `families`; `loose` names the families and
    dimensions that are tolerated, with the reason. `blank` says whether no unit is fine too.
    """

    common: tuple[str, ...]
    dimensions: tuple[Dimension, ...] = ()
    families: tuple[str, ...] = ()
    loose: tuple[tuple[Dimension | str, str], ...] = ()
    blank: bool = False


_L: Final = Dimension(length=1)
_T: Final = Dimension(time=1)
_M: Final = Dimension(mass=1)
_A: Final = Dimension(angle=1)
_NONE: Final = Dimension()
_L2: Final = Dimension(length=2)
_L3: Final = Dimension(length=3)
_PER_L: Final = Dimension(length=-1)
_PER_L2: Final = Dimension(length=-2)
_PIXELS: Final = (("pixel", "is a number of pixels, not a physical length"),)
_ANGULAR: Final = "holds an angle"
_LENGTHS: Final = ("m", "mm", "um", "nm", "angstrom", "cm", "km")
_TIMES: Final = ("s", "ms", "us", "ns", "ps", "fs", "min", "hour", "day")
_AREAS: Final = ("m^2", "mm^2", "cm^2", "um^2", "nm^2", "barn")
_PER_LENGTHS: Final = ("1/angstrom", "1/nm", "1/m", "1/cm")
_COUNT: Final = Category(
    common=("counts", "photons", "neutrons", "events", "pulses", "frames", "1"),
    families=("count", ""),
    loose=(
        ("pixel", "counts pixels or steps"),
        ("ratio", "is a ratio, not a count"),
        ("arbitrary", "is arbitrary, not a count"),
        ("data", "is an amount of data, not a count"),
    ),
    blank=True,
)

CATEGORIES: Final[Mapping[str, Category]] = {
    "NX_ANGLE": Category(("deg", "rad", "mrad", "urad", "arcsec", "arcmin"), (_A,)),
    "NX_ANY": Category(("m", "s", "deg", "K", "eV", "counts", "1"), blank=True),
    "NX_AREA": Category(_AREAS, (_L2,), loose=_PIXELS),
    "NX_CHARGE": Category(("C", "mC", "uC", "nC", "pC"), (Dimension(current=1, time=1),)),
    "NX_COUNT": _COUNT,
    "NX_CROSS_SECTION": Category(("barn", "m^2", "cm^2", "angstrom^2"), (_L2,)),
    "NX_CURRENT": Category(("A", "mA", "uA", "nA", "pA"), (Dimension(current=1),)),
    "NX_DIMENSIONLESS": Category(
        ("1", "%", "ppm", "m/m"),
        families=("ratio", "", "level"),
        loose=(
            ("count", "is a count, not a ratio"),
            ("pixel", "is a number of pixels, not a ratio"),
            ("arbitrary", "is arbitrary, not a ratio"),
            ("data", "is an amount of data, not a ratio"),
        ),
        blank=True,
    ),
    "NX_EMITTANCE": Category(
        ("nm rad", "mm mrad", "pm rad"),
        (_L.times(_A),),
        loose=((_L, "is a length; an emittance is length times angle"),),
    ),
    "NX_ENERGY": Category(
        ("eV", "keV", "meV", "MeV", "GeV", "J", "mJ", "uJ"),
        (Dimension(mass=1, length=2, time=-2),),
    ),
    "NX_FLUX": Category(
        ("1/s/cm^2", "photons/s/mm^2", "1/s/m^2"), (Dimension(length=-2, time=-1),)
    ),
    "NX_FREQUENCY": Category(
        ("Hz", "kHz", "MHz", "GHz", "rpm", "counts/s"),
        (Dimension(time=-1),),
        loose=((Dimension(angle=1, time=-1), _ANGULAR),),
    ),
    "NX_LENGTH": Category(_LENGTHS, (_L,), loose=_PIXELS),
    "NX_MASS": Category(("g", "kg", "mg", "ug", "Da"), (_M,)),
    "NX_MASS_DENSITY": Category(("g/cm^3", "kg/m^3"), (_M.times(_L3, -1),)),
    "NX_MOLECULAR_WEIGHT": Category(
        ("g/mol", "kg/mol"),
        (Dimension(mass=1, amount=-1),),
        loose=((_M, "is a mass; a molecular weight is mass per amount"),),
    ),
    "NX_PERIOD": Category(_TIMES, (_T,)),
    "NX_PER_AREA": Category(("1/m^2", "1/cm^2", "1/angstrom^2"), (_PER_L2,)),
    "NX_PER_LENGTH": Category(_PER_LENGTHS, (_PER_L,), loose=((_PER_L.times(_A), _ANGULAR),)),
    "NX_POWER": Category(("W", "kW", "mW", "uW", "MW"), (Dimension(mass=1, length=2, time=-3),)),
    "NX_PRESSURE": Category(
        ("Pa", "mbar", "bar", "hPa", "kPa", "GPa", "torr"),
        (Dimension(mass=1, length=-1, time=-2),),
    ),
    "NX_PULSES": _COUNT,
    "NX_SCATTERING_LENGTH_DENSITY": Category(("1/angstrom^2", "1/m^2"), (_PER_L2,)),
    "NX_SOLID_ANGLE": Category(("sr", "msr", "deg^2"), (_A.times(_A),)),
    "NX_TEMPERATURE": Category(("K", "mK", "degC", "degF"), (Dimension(temperature=1),)),
    "NX_TIME": Category(_TIMES, (_T,)),
    "NX_TIME_OF_FLIGHT": Category(("us", "ns", "ms", "s"), (_T,)),
    "NX_TRANSFORMATION": Category(
        ("mm", "deg", "m", "rad"),
        (_L, _A),
        families=("",),
        loose=(*_PIXELS, ("ratio", "is neither a length nor an angle")),
        blank=True,
    ),
    "NX_UNITLESS": Category(("",), blank=True),
    "NX_VOLTAGE": Category(
        ("V", "mV", "kV", "uV"), (Dimension(mass=1, length=2, time=-3, current=-1),)
    ),
    "NX_VOLUME": Category(("m^3", "mm^3", "cm^3", "L", "mL"), (_L3,), loose=_PIXELS),
    "NX_WAVELENGTH": Category(("angstrom", "nm", "m", "um"), (_L,)),
    "NX_WAVENUMBER": Category(_PER_LENGTHS, (_PER_L,), loose=((_PER_L.times(_A), _ANGULAR),)),
}
"""The unit categories of NXDL."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Unit:
    """The unit that `text` names; empty text is the dimensionless unit of no family.

    >>> parse("mm").scale, parse("cts").family, str(parse("keV").dimension)
    (0.001, 'count', 'L^2 T^-2 M')

    Raises:
        UnitError: the text is no unit; `hint` is the nearest spelling.
    """
    unit = exact(text)
    return Unit(text, unit.dimension, float(unit.scale), float(unit.offset), unit.family)


def example(category: str) -> str:
    """A typical unit of a category; a literal unit is its own example.

    >>> example("NX_LENGTH"), example("NX_UNITLESS"), example("eV/mm")
    ('m', '', 'eV/mm')
    """
    return common(category)[0]


def common(category: str) -> tuple[str, ...]:
    """Units people use for a category, the most typical first."""
    known = CATEGORIES.get(category)
    return known.common if known else (category,)


@lru_cache(maxsize=4096)
def convert_factor(source: str, target: str) -> tuple[float, float]:
    """(a, b) such that value in `target` = a * value in `source` + b, each rounded once.

    >>> convert_factor("mm", "m"), convert_factor("degC", "K")
    ((0.001, 0.0), (1.0, 273.15))

    Raises:
        UnitError: a text is no unit, or the two measure different things.
    """
    first, second = exact(source), exact(target)
    if not _convertible(first, second):
        raise UnitError(f"{source!r} cannot be converted to {target!r}")
    try:
        return (
            float(first.scale / second.scale),
            float((first.offset - second.offset) / second.scale),
        )
    except OverflowError:
        raise UnitError(f"{source!r} is too large to be converted to {target!r}") from None


def _convertible(first: Exact, second: Exact) -> bool:
    """Same dimension, and no mixing of counts with pixels, nor of special families at all."""
    if first.dimension != second.dimension:
        return False
    families = {first.family, second.family}
    return len(families) == 1 or families <= {"", "ratio", "count"} or families <= {
        "", "ratio", "pixel"
    }  # fmt: skip


@lru_cache(maxsize=8192)
def fit(text: str, category: str) -> Fit:
    """Whether the unit `text` is right for a field of `category`, an NX_ name or a literal unit.

    NX_TRANSFORMATION accepts a length, an angle or nothing: only the caller knows which.
    """
    placeholder = _placeholder(text, category)
    if placeholder:
        return placeholder
    known = CATEGORIES.get(category)
    if known is None and category.startswith("NX_"):
        return Fit("unknown", f"{category} is not a unit category")
    if not text.strip():
        return _blank(category, known)
    try:
        unit = exact(text)
    except UnitError as error:
        return Fit("unknown", error.message, spelling(text) or error.hint)
    return _fit_literal(text, unit, category) if known is None else _fit(text, unit, category)


def _placeholder(text: str, category: str) -> Fit | None:
    """The verdict on a text that was never meant as a unit."""
    if text.strip() in CATEGORIES:
        reason = f"{text.strip()!r} is the name of a category, not a unit"
        return Fit("wrong", reason, example(text.strip()))
    shown = _REPR.fullmatch(text.strip())
    if shown:
        return Fit("wrong", f"{text.strip()!r} is Python text, not a unit", shown["inner"])
    return None


_REPR: Final = re.compile(r"(?:\[|\()?b?(?P<quote>['\"])(?P<inner>[^'\"]*)(?P=quote),?(?:\]|\))?")


def _blank(category: str, known: Category | None) -> Fit:
    if known is not None and known.blank:
        return Fit("fits")
    return Fit("wrong", f"is empty, but {_like(category)} is due", example(category))


def _like(category: str) -> str:
    shown = example(category)
    return f"{category} (like {shown})" if shown != category else shown


def _fit_literal(text: str, unit: Exact, category: str) -> Fit:
    """The verdict for a field whose definition gives an example instead of a category."""
    try:
        wanted = exact(category)
    except UnitError:
        return Fit("unknown", f"{category!r}, the unit of the definition, cannot be read")
    if _convertible(unit, wanted):
        return Fit("fits")
    for suggestion, meant in _meant(text):
        if _convertible(meant, wanted):
            return _ambiguous(text, suggestion)
    return Fit("wrong", f"{text!r} is not like {category!r}")


def _fit(text: str, unit: Exact, category: str) -> Fit:
    if category == "NX_UNITLESS":
        return Fit("loose", f"{text!r} is given, but NX_UNITLESS has no unit")
    known = CATEGORIES[category]
    if category == "NX_ANY" or _belongs(unit, known):
        return Fit("fits")
    for suggestion, meant in _meant(text):
        if _belongs(meant, known):
            return _ambiguous(text, suggestion)
    for tolerated, reason in known.loose:
        if tolerated == (unit.family if unit.dimension == _NONE else unit.dimension):
            return Fit("loose", f"{text!r} {reason}", example(category))
    return Fit("wrong", f"{text!r} is not {_like(category)}")


def _belongs(unit: Exact, category: Category) -> bool:
    if unit.dimension != _NONE:
        special = unit.family in ("arbitrary", "level", "data")
        return unit.dimension in category.dimensions and not special
    # the plain unit 1 is a ratio and a count alike
    plain = unit.family == "ratio" and unit.scale == 1 and "count" in category.families
    return plain or unit.family in category.families


def _ambiguous(text: str, suggestion: str) -> Fit:
    reason = f"{text!r} is read as {suggestion!r}, though officially it means something else"
    return Fit("ambiguous", reason, suggestion)


def _meant(text: str) -> list[tuple[str, Exact]]:
    """What a legacy `A` (angstrom) or `C` (degree Celsius) is likely to mean, with its spelling."""
    plain = normal(text)
    found = []
    for pattern, word in _LEGACY:
        right = pattern.sub(word, plain)
        if right == plain:
            continue
        # the longer, rescaled text may leave the limits that the first one kept
        with suppress(UnitError):
            found.append((right, exact(right)))
    return found


_LEGACY: Final = (
    (re.compile(r"(?<![^\W\d_])A(?![^\W\d_])"), "angstrom"),
    (re.compile(r"(?<![^\W\d_]|°)C(?![^\W\d_])"), "degC"),
)
"""Single letters in their legacy meaning; UDUNITS reads ampere and coulomb."""
