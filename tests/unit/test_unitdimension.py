"""Units as a factor and seven exponents, and their names; pint judges where it can."""

from __future__ import annotations

from fractions import Fraction
from math import isclose, pi

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.unitdimension import NO_POWERS, SiUnit, UnitName, si_unit, unit_name
from nxtool.units import UnitError

V_PER_M = (1.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0)
CHARGE = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
LENGTH = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
RATE = (0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("factor", "powers", "name"),
    [
        (1.0, V_PER_M, "V/m"),
        (1e9, V_PER_M, "GV/m"),
        (1e-6, LENGTH, "um"),
        (1e-10, LENGTH, "angstrom"),
        (1.60217662e-19, CHARGE, "e"),
        (1.602176634e-19, CHARGE, "e"),
        (1e-9, CHARGE, "nC"),
        (1.0, (0, 1, -2, -1, 0, 0, 0), "T"),
        (1.0, (-3, 0, 1, 1, 0, 0, 0), "C/m^3"),
        (1e6, (-3, 0, 0, 0, 0, 0, 0), "1/cm^3"),
        (1.0, (1, 1, -1, 0, 0, 0, 0), "kg*m/s"),
        (1e-15, (0, 0, 1, 0, 0, 0, 0), "fs"),
        (1.0, RATE, "Hz"),
        (1.0, (-1, 1, -2, 0, 0, 0, 0), "Pa"),
        (1.0, (2, 1, -2, 0, 0, 0, 0), "J"),
        (1.602176634e-13, (2, 1, -2, 0, 0, 0, 0), "MeV"),
        (1.0, (0.5, 0, 0, 0, 0, 0, 0), "m^0.5"),
        (1.0, (1 / 3, -1.5, 0, 0, 0, 0, 0), "m^(1/3)/kg^1.5"),
        (1.0, (0, 0, 0, 0, -1, 0, 0), "1/K"),
        (pi / 180, NO_POWERS, "deg"),
        (1.0, NO_POWERS, ""),
    ],
)
def test_a_unit_with_a_name_needs_no_factor_beside_it(
    factor: float, powers: tuple[float, ...], name: str
) -> None:
    assert unit_name(factor, powers) == UnitName(name)


def test_a_factor_no_prefix_says_stands_beside_the_si_unit() -> None:
    assert unit_name(3.2e12, V_PER_M) == UnitName("V/m", 3.2e12)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("cts/s", SiUnit(1.0, RATE, "count")),
        ("a.u.", SiUnit(1.0, NO_POWERS, "arbitrary")),
        ("photons", SiUnit(1.0, NO_POWERS, "count")),
        ("electrons", SiUnit(1.0, NO_POWERS, "count")),
        ("gauss", SiUnit(1e-4, (0, 1, -2, -1, 0, 0, 0))),
        ("Kelvin", SiUnit(1.0, (0, 0, 0, 0, 1, 0, 0))),
        ("m s-1", SiUnit(1.0, (1, 0, -1, 0, 0, 0, 0))),
        ("1e9 V/m", SiUnit(1e9, V_PER_M)),
        ("deg", SiUnit(pi / 180, NO_POWERS, "angle")),
        ("", SiUnit(1.0, NO_POWERS)),
        ("m^0.5", SiUnit(1.0, (0.5, 0, 0, 0, 0, 0, 0))),
    ],
)
def test_units_that_other_libraries_misread(text: str, unit: SiUnit) -> None:
    assert si_unit(text) == unit


@pytest.mark.parametrize("text", ["angstrom", "Angstrom", "Å", "Ang", "ang", "ångström"])
def test_all_spellings_of_the_angstrom_are_one_length(text: str) -> None:
    assert si_unit(text) == SiUnit(1e-10, LENGTH)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("degC", "the zero of 'degC' is not that of its SI unit"),
        ("degF", "the zero of 'degF' is not that of its SI unit"),
        ("dBm", "'dBm' is a logarithm"),
        ("A^-1", "'A^-1' is 1/ampere, and hardly meant (did you mean 1/angstrom?)"),
        ("1/A", "'1/A' is 1/ampere, and hardly meant (did you mean 1/angstrom?)"),
        ("NX_LENGTH", "'NX_LENGTH' is not a unit"),
        ("sccm", "'sccm' is not a unit"),
    ],
)
def test_units_without_a_factor_to_si_are_refused(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        si_unit(text)
    assert str(caught.value) == message


def test_a_difference_of_temperatures_in_celsius_is_one_in_kelvin() -> None:
    assert si_unit("degC", difference=True) == SiUnit(1.0, (0, 0, 0, 0, 1, 0, 0))


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_factor_that_is_no_positive_number_has_no_name(factor: float) -> None:
    with pytest.raises(UnitError) as caught:
        unit_name(factor, LENGTH)
    assert str(caught.value) == f"{factor!r} is no factor of a unit"


@pytest.mark.parametrize(
    ("powers", "message"),
    [
        ((1.0, 0.0), "a unit has seven finite exponents"),
        ((float("nan"), *NO_POWERS[1:]), "a unit has seven finite exponents"),
        ((1e30, *NO_POWERS[1:]), "1e+30 is no exponent of a unit"),
        ((pi, *NO_POWERS[1:]), "3.14159 is no exponent of a unit"),
    ],
)
def test_exponents_that_no_unit_has_are_refused(powers: tuple[float, ...], message: str) -> None:
    with pytest.raises(UnitError) as caught:
        unit_name(1.0, powers)
    assert str(caught.value) == message


EXPONENTS = st.one_of(
    st.integers(-4, 4).map(float),
    st.fractions(-3, 3, max_denominator=8).map(float),
)
FACTORS = st.one_of(
    st.integers(-30, 30).map(lambda power: float(f"1e{power}")), st.floats(1e-40, 1e40)
)


@given(FACTORS, st.tuples(*[EXPONENTS] * 7))
def test_every_name_reads_back_as_the_unit_it_was_made_from(
    factor: float, powers: tuple[float, ...]
) -> None:
    name = unit_name(factor, powers)
    read = si_unit(name.text)
    assert isclose(read.factor * name.scale, factor, rel_tol=1e-6)
    assert [_rational(power) for power in read.powers] == [_rational(power) for power in powers]


def _rational(power: float) -> Fraction:
    return Fraction(power).limit_denominator(99)


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry()


DIMENSIONS = ("length", "mass", "time", "current", "temperature", "substance", "luminosity")


@pytest.mark.parametrize(
    "text",
    ["mm", "fs", "GV/m", "nC", "keV", "mbar", "1/cm^3", "A/mm^2", "ohm", "T", "u", "barn"],
)
def test_pint_agrees_where_it_reads_a_unit_as_we_do(
    text: str, registry: pint.UnitRegistry[float]
) -> None:
    quantity = registry.Quantity(1.0, text).to_base_units()
    unit = si_unit(text)
    powers = [float(quantity.dimensionality.get(f"[{name}]", 0)) for name in DIMENSIONS]
    assert isclose(quantity.magnitude, unit.factor, rel_tol=1e-8)
    assert list(unit.powers) == powers
