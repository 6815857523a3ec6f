from __future__ import annotations

import importlib.util
import math
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool import unitlibrary
from nxtool.units import (
    CATEGORIES,
    Dimension,
    Fit,
    UnitError,
    common,
    convert_factor,
    example,
    fit,
    parse,
    spelling,
)
from nxtool.unittable import PREFIX_SYMBOLS, ROWS
from tests.examples import many

ORACLE = {
    # our text: the same in pint's words
    "m2": "m^2",
    "m^2": "m^2",
    "m**2": "m^2",
    "m s-1": "m/s",
    "m.s-1": "m/s",
    "m·s⁻¹": "m/s",
    "m*s": "m*s",
    "m/s": "m/s",
    "cm per s": "cm/s",
    "1/angstrom": "1/angstrom",
    "1/Å": "1/angstrom",
    "Å": "angstrom",
    "angstrom^-1": "1/angstrom",
    "Angstroms": "angstrom",
    "µm": "um",
    "μm": "um",
    "um": "um",
    "micrometers": "um",
    "microns": "um",
    "(m s)^2": "m^2*s^2",
    "V/Hz^(1/2)": "V/Hz^0.5",
    "1e-3 m": "mm",
    "10^-6 Angstrom^-2": "1e-6/angstrom^2",
    "1e-6/angstrom^2": "1e-6/angstrom^2",
    "1/(angstrom^2*s)": "1/(angstrom^2*s)",
    "barn": "barn",
    "mb": "1e-3*barn",
    "eV": "eV",
    "keV": "keV",
    "kiloelectronvolts": "keV",
    "mT": "mT",
    "Gauss": "1e-4*tesla",
    "Hz": "Hz",
    "rpm": "1/minute",
    "torr": "torr",
    "mbar": "mbar",
    "hPa": "hPa",
    "mmHg": "mmHg",
    "psi": "psi",
    "atm": "atm",
    "mol": "mol",
    "L": "liter",
    "ml": "milliliter",
    "min": "minute",
    "hour": "hour",
    "h": "hour",
    "d": "day",
    "days": "day",
    "week": "week",
    "year": "year",
    "inch": "inch",
    "feet": "foot",
    "lb": "pound",
    "tonne": "metric_ton",
    "K": "kelvin",
    "Kelvin": "kelvin",
    "F": "farad",
    "pF": "picofarad",
    "N": "newton",
    "dyn": "dyne",
    "erg": "erg",
    "kcal": "kilocalorie",
    "MW": "megawatt",
    "cP": "centipoise",
    "Volts": "volt",
    "Ohm": "ohm",
    "kΩ": "kiloohm",
    "mS": "millisiemens",
    "Wb": "weber",
    "uH": "microhenry",
    "cd": "candela",
    "Gy": "gray",
    "mSv": "millisievert",
    "MBq": "megabecquerel",
    "mCi": "millicurie",
    "A h": "ampere*hour",
    "J/(kg K)": "J/kg/K",
    "mJ/cm^2": "mJ/cm^2",
    "g/cm^3": "g/cm^3",
    "kg m-3": "kg/m^3",
}
PINT_BASES = (
    "[length]", "[time]", "[mass]", "[current]", "[temperature]", "[substance]", "[luminosity]",
)  # fmt: skip


@pytest.fixture(scope="module")
def pint_registry():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pint

        return pint.UnitRegistry()


@pytest.mark.parametrize("text", ORACLE)
def test_dimension_and_scale_agree_with_pint(text, pint_registry):
    unit = parse(text)
    known = pint_registry.Quantity(ORACLE[text]).to_base_units()
    powers = known.dimensionality
    assert tuple(unit.dimension[:7]) == tuple(powers.get(base, 0) for base in PINT_BASES)
    # pint's SI base of mass is the kilogram, as is ours
    assert math.isclose(unit.scale, known.m_as(known.units), rel_tol=1e-8)


@pytest.mark.parametrize(
    ("text", "dimension", "scale", "family"),
    [
        ("deg", "A", math.pi / 180, ""),
        ("°", "A", math.pi / 180, ""),
        ("mrad", "A", 1e-3, ""),
        ("sr", "A^2", 1.0, ""),
        ("arcsec", "A", math.pi / 648000, ""),
        ("mm mrad", "L A", 1e-6, ""),
        ("cts", "1", 1.0, "count"),
        ("counts/s", "T^-1", 1.0, "count"),
        ("kcps", "T^-1", 1000.0, "count"),
        ("photons/s/cm^2", "L^-2 T^-1", 1e4, "count"),
        ("ph/s", "T^-1", 1.0, "count"),
        ("1e12 ph/s", "T^-1", 1e12, "count"),
        ("px", "1", 1.0, "pixel"),
        ("Pixels", "1", 1.0, "pixel"),
        ("channel", "1", 1.0, "pixel"),
        ("%", "1", 0.01, "ratio"),
        ("wt%", "1", 0.01, "ratio"),
        ("1", "1", 1.0, "ratio"),
        ("m/m", "1", 1.0, "ratio"),
        ("Angstroms/Angstroms", "1", 1.0, "ratio"),
        ("", "1", 1.0, ""),
        ("a.u.", "1", 1.0, "arbitrary"),
        ("a.u", "1", 1.0, "arbitrary"),
        ("arb. units", "1", 1.0, "arbitrary"),
        ("arb.u.", "1", 1.0, "arbitrary"),
        ("Arbitrary Units", "1", 1.0, "arbitrary"),
        ("arb_units", "1", 1.0, "arbitrary"),
        ("a.u./s", "T^-1", 1.0, "arbitrary"),
        ("db", "1", 1.0, "level"),
        ("dB/km", "L^-1", 1e-3, "level"),
        ("bit", "1", 1.0, "data"),
        ("GB/s", "T^-1", 8e9, "data"),
        ("Da", "M", 1.66053906892e-27, ""),
        ("u", "M", 1.66053906892e-27, ""),
        ("seconds since 2020-01-01T00:00:00Z", "T", 1.0, ""),
    ],
)
def test_units_that_general_libraries_misread_have_our_meaning(text, dimension, scale, family):
    unit = parse(text)
    assert (str(unit.dimension), unit.scale, unit.family) == (dimension, scale, family)


@pytest.mark.parametrize(
    ("text", "scale", "offset"),
    [
        ("degC", 1.0, 273.15),
        ("°C", 1.0, 273.15),
        ("℃", 1.0, 273.15),
        ("Celsius", 1.0, 273.15),
        ("degrees C", 1.0, 273.15),
        ("degree_Celsius", 1.0, 273.15),
        ("K @ 273.15", 1.0, 273.15),
        ("0.1 degC", 0.1, 273.15),
        ("degF", 5 / 9, 45967 / 180),
    ],
)
def test_temperature_scales_carry_their_offset(text, scale, offset):
    unit = parse(text)
    assert (unit.scale, unit.offset) == (scale, offset)


def test_in_a_product_a_degree_is_a_difference():
    assert parse("W/degC") == parse("W/degC").__class__(
        "W/degC", Dimension(length=2, time=-3, mass=1, temperature=-1), 1.0, 0.0, ""
    )


@pytest.mark.parametrize(
    "text",
    ["clock", "(", ")", "m^", "m//s", "secORcounts", "m^1/0^", "0 m", "0^-1", "1e999 m",
     "K @ noon", "m" * 200, "(" * 50 + "m" + ")" * 50, "m^(1/0)"],
)  # fmt: skip
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(UnitError):
        parse(text)


def test_refusal_names_the_nearest_spelling():
    with pytest.raises(UnitError) as caught:
        parse("kilometre2 angstrm")
    assert str(caught.value) == "'angstrm' is not a unit (did you mean angstrom?)"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("KeV", "keV"), ("RAD", "rad"), ("msec", "ms"), ("1/msec", "1/ms"), ("MM", "mm"),
        ("KHz", "kHz"), ("[mm]", "mm"), ("RPM", "rpm"), ("Celcius", "celsius"), ("mm", ""),
        ("Mhz", "MHz"), ("MPA", "MPa"), ("mpa", "mPa"), ("MEV", "MeV"), ("pa", "Pa"),
        ("Nm", "N m"), ("clock", ""), ("Hertz", ""), ("Angstroms", ""),
    ],
)  # fmt: skip
def test_known_misspellings_have_a_right_spelling(text, right):
    assert spelling(text) == right


L = "NX_LENGTH"


@pytest.mark.parametrize(
    ("text", "category", "verdict", "suggestion"),
    [
        ("mm", L, "fits", ""),
        ("A", L, "ambiguous", "angstrom"),
        ("A", "NX_WAVELENGTH", "ambiguous", "angstrom"),
        ("A", "NX_CURRENT", "fits", ""),
        ("1/A", "NX_WAVENUMBER", "ambiguous", "1/angstrom"),
        ("A^-1", "NX_PER_LENGTH", "ambiguous", "angstrom^-1"),
        ("C", "NX_TEMPERATURE", "ambiguous", "degC"),
        ("C", "NX_CHARGE", "fits", ""),
        ("degC", "NX_TEMPERATURE", "fits", ""),
        ("F", "NX_TEMPERATURE", "wrong", ""),
        ("pixel", L, "loose", "m"),
        ("px", "NX_ANGLE", "wrong", ""),
        ("cts", "NX_MASS", "wrong", ""),
        ("cts", "NX_COUNT", "fits", ""),
        ("photons", "NX_COUNT", "fits", ""),
        ("1", "NX_COUNT", "fits", ""),
        ("", "NX_PULSES", "fits", ""),
        ("%", "NX_COUNT", "loose", "counts"),
        ("eV", "NX_COUNT", "wrong", ""),
        ("ph/s", "NX_FREQUENCY", "fits", ""),
        ("ph/s", "NX_TIME", "wrong", ""),
        ("rpm", "NX_FREQUENCY", "fits", ""),
        ("rad/s", "NX_FREQUENCY", "loose", "Hz"),
        ("photons/s/cm^2", "NX_FLUX", "fits", ""),
        ("a.u.", "NX_FLUX", "wrong", ""),
        ("a.u.", "NX_ANY", "fits", ""),
        ("a.u./m^2", "NX_PER_AREA", "wrong", ""),
        ("deg", "NX_DIMENSIONLESS", "wrong", ""),
        ("%", "NX_DIMENSIONLESS", "fits", ""),
        ("counts", "NX_DIMENSIONLESS", "loose", "1"),
        ("1", "NX_ANGLE", "wrong", ""),
        ("sr", "NX_ANGLE", "wrong", ""),
        ("nm rad", "NX_EMITTANCE", "fits", ""),
        ("nm", "NX_EMITTANCE", "loose", "nm rad"),
        ("Da", "NX_MOLECULAR_WEIGHT", "loose", "g/mol"),
        ("K", "NX_UNITLESS", "loose", ""),
        ("", "NX_UNITLESS", "fits", ""),
        ("", "NX_ANY", "fits", ""),
        ("mm", "NX_TRANSFORMATION", "fits", ""),
        ("deg", "NX_TRANSFORMATION", "fits", ""),
        ("", "NX_TRANSFORMATION", "fits", ""),
        ("s", "NX_TRANSFORMATION", "wrong", ""),
        ("keV/um", "eV/mm", "fits", ""),
        ("eV/A", "eV/mm", "ambiguous", "eV/angstrom"),
        ("keV", "eV/mm", "wrong", ""),
        ("V/deg", "V/rad", "fits", ""),
        ("dB", "db", "fits", ""),
        ("1", "db", "wrong", ""),
        ("Hz", "GB/s", "wrong", ""),
        ("KeV", "NX_ENERGY", "unknown", "keV"),
        ("clock", "NX_TIME", "unknown", ""),
        ("1e-300 A", "NX_LENGTH", "wrong", ""),
        ("mm", "NX_NONSENSE", "unknown", ""),
        ("mm", "no such thing", "unknown", ""),
    ],
)
def test_verdict(text, category, verdict, suggestion):
    found = fit(text, category)
    assert (found.verdict, found.suggestion) == (verdict, suggestion)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eV", Fit("wrong", "'eV' is not NX_LENGTH (like m)")),
        (" ", Fit("wrong", "is empty, but NX_LENGTH (like m) is due", "m")),
        ("NX_ANGLE", Fit("wrong", "'NX_ANGLE' is the name of a category, not a unit", "deg")),
        ("[b'mm']", Fit("wrong", "\"[b'mm']\" is Python text, not a unit", "mm")),
        ("pixels", Fit("loose", "'pixels' is a number of pixels, not a physical length", "m")),
        (
            "A",
            Fit(
                "ambiguous",
                "'A' is read as 'angstrom', though officially it means something else",
                "angstrom",
            ),
        ),
    ],
)
def test_reason_says_what_is_wrong(text, expected):
    assert fit(text, L) == expected


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_usual_unit_fits_its_category(category):
    assert {unit: fit(unit, category).verdict for unit in common(category)} == dict.fromkeys(
        common(category), "fits"
    )


def test_example_is_the_most_typical_unit():
    assert [example(name) for name in ("NX_LENGTH", "NX_UNITLESS", "eV/mm")] == ["m", "", "eV/mm"]


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("mm", "m", (0.001, 0.0)),
        ("um", "m", (1e-6, 0.0)),
        ("m", "mm", (1000.0, 0.0)),
        ("keV", "eV", (1000.0, 0.0)),
        ("deg", "arcmin", (60.0, 0.0)),
        ("deg", "rad", (math.radians(1), 0.0)),
        ("degC", "K", (1.0, 273.15)),
        ("degF", "K", (5 / 9, 45967 / 180)),
        ("K", "degC", (1.0, -273.15)),
        ("counts/s", "kHz", (0.001, 0.0)),
    ],
)
def test_conversion_is_exact(source, target, factor):
    assert convert_factor(source, target) == factor


@pytest.mark.parametrize(
    ("source", "target"),
    [("m", "s"), ("rad", "1"), ("a.u.", "1"), ("counts", "pixel"), ("bit", "1"), ("dB", "%")],
)
def test_unlike_units_are_not_converted(source, target):
    with pytest.raises(UnitError) as caught:
        convert_factor(source, target)
    assert str(caught.value) == f"{source!r} cannot be converted to {target!r}"


def _definitions() -> Path:
    spec = importlib.util.find_spec("nexusformat")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "definitions"


def test_every_unit_of_the_official_definitions_is_known():
    files = list(_definitions().rglob("*.nxdl.xml"))
    texts = (file.read_text(encoding="utf-8") for file in files)
    found = {unit for text in texts for unit in re.findall(r'(?<!\w)units="([^"]*)"', text)}
    literal = {unit for unit in found if unit not in CATEGORIES}
    assert len(files) == 280
    assert {unit for unit in literal if fit(unit, unit).verdict != "fits"} == set()


SPELLINGS = [name for row in ROWS for name in {*row.names.split(), *row.symbols.split()}]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names or row.symbols)
def test_every_row_of_the_table_can_be_read(row):
    names = (row.names + " " + row.symbols).split()
    assert {(parse(name).dimension, parse(name).scale) for name in names} == {
        (parse(names[0]).dimension, parse(names[0]).scale)
    }


def test_no_spelling_stands_for_two_units():
    assert sorted(SPELLINGS) == sorted(set(SPELLINGS))


ALPHABET = "mskgAKCrad0123456789^*/()+-.@ ·²⁻µ°%_e\x00é¼"


@many(200)
@given(st.text(max_size=300) | st.text(ALPHABET, max_size=130))
def test_any_text_is_read_or_refused(text):
    try:
        unit = parse(text)
    except UnitError:
        return
    assert 0 < unit.scale < math.inf


@many(60)
@given(st.text(ALPHABET, max_size=60), st.sampled_from([*CATEGORIES, "eV/mm"]))
def test_any_text_gets_a_verdict(text, category):
    assert fit(text, category).verdict in ("fits", "loose", "ambiguous", "wrong", "unknown")


PREFIXED = st.tuples(
    st.sampled_from(["", *PREFIX_SYMBOLS]), st.sampled_from(["m", "eV", "Pa", "T", "g", "rad"])
)


@many(60)
@given(PREFIXED, st.sampled_from(["", *PREFIX_SYMBOLS]), st.floats(-1e6, 1e6))
def test_conversion_there_and_back_changes_nothing(source, prefix, value):
    first, second = "".join(source), prefix + source[1]
    a, b = convert_factor(first, second)
    c, d = convert_factor(second, first)
    assert math.isclose((value * a + b) * c + d, value, rel_tol=1e-12, abs_tol=1e-12)


UDUNITS = {
    # names of the UDUNITS-2 data base that a general library reads otherwise or not at all
    "arc_degree": ("A", math.pi / 180),
    "angular_minute": ("A", math.pi / 10800),
    "5'": ("A", 5 * math.pi / 10800),
    '2 "': ("A", 2 * math.pi / 648000),
    "degrees_north": ("A", math.pi / 180),
    "degreeE": ("A", math.pi / 180),
    "degrees_C": ("Θ", 1.0),
    "degR": ("Θ", 5 / 9),
    "°R": ("Θ", 5 / 9),
    "atomic_mass_unit": ("M", 1.66053906892e-27),
    "metric_ton": ("M", 1000.0),
    "e": ("T I", 1.602176634e-19),
    "cm_H2O": ("L^-1 T^-2 M", 98.0665),
    "inch_H2O": ("L^-1 T^-2 M", 249.08891),
    "kgf/cm2": ("L^-1 T^-2 M", 98066.5),
    "technical_atmosphere": ("L^-1 T^-2 M", 98066.5),
    "ppbv": ("1", 1e-9),
    "lg(re 1 mW)": ("1", 1.0),
    "0.1 lg(re: 20e-6 Pa)": ("1", 1.0),
}


@pytest.mark.parametrize("text", UDUNITS)
def test_udunits_spellings_are_read(text):
    unit = parse(text)
    assert (str(unit.dimension), unit.scale) == (
        UDUNITS[text][0], pytest.approx(UDUNITS[text][1], rel=1e-9)
    )  # fmt: skip


@pytest.mark.parametrize("text", ["lg(re 1 foo)", "lg(re )", "lg(1 mW)"])
def test_a_level_needs_a_reference_that_is_a_unit(text):
    with pytest.raises(UnitError):
        parse(text)


@pytest.mark.parametrize("text", ["e-", "e⁻", "e-/ADU", "e- / s"])
def test_electrons_of_a_detector_are_counted(text):
    assert parse(text).family == "count"


LIBRARY = {
    # names that only pint knows: dimension, scale
    "slug": ("M", 14.593902937206366),
    "Slugs": ("M", 14.593902937206366),
    "slug/ft3": ("L^-3 M", 515.3788183931961),
    "millislug": ("M", 0.014593902937206366),
    "hartree": ("L^2 T^-2 M", 4.359744722206e-18),
    "bohr": ("L", 5.291772105439e-11),
    "nautical_mile": ("L", 1852.0),
    "statvolt": ("L^1/2 T^-1 M^1/2", 0.0031622776601683794),
    "fortnight": ("T", 1209600.0),
}


@pytest.mark.parametrize("text", LIBRARY)
def test_a_unit_our_table_lacks_is_asked_of_pint(text):
    unit = parse(text)
    assert (str(unit.dimension), unit.scale) == (
        LIBRARY[text][0], pytest.approx(LIBRARY[text][1], rel=1e-9)
    )  # fmt: skip


def test_degrees_of_reaumur_are_ours_as_pint_had_them_wrong():
    assert convert_factor("degree_Reaumur", "degC") == pytest.approx((1.25, 0.0), abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "unit",
        "point",
        "dot",
        "c",
        "k",
        "th",
        "octave",
        "foo",
        "kfoo",
        "R_∞",
        "msec",
        "conventional",
    ],
)
def test_what_pint_would_read_by_chance_stays_unknown(text):
    with pytest.raises(UnitError):
        parse(text)


def test_every_name_of_pint_is_read_as_pint_does_or_refused(pint_registry):
    """Those of our own table may differ: `ph` is a photon, `px` a pixel."""
    compared = 0
    for name in set(pint_registry) - set(SPELLINGS):
        row = unitlibrary.row(name)
        if row is None or row.offset != "0" or row.family:
            continue
        unit = parse(row.definition)
        known = pint_registry.Quantity(1.0, name).to_base_units()
        powers = known.dimensionality
        assert tuple(unit.dimension[:7]) == tuple(powers.get(b, 0) for b in PINT_BASES), name
        assert unit.scale == pytest.approx(known.m_as(known.units), rel=1e-6), name
        compared += 1
    assert compared > 300


def test_pint_is_loaded_for_an_unknown_name_only():
    code = (
        "import sys, nxtool.units as u;"
        "u.fit('NX_LENGTH', 'NX_LENGTH'); before = 'pint' in sys.modules;"
        "u.fit('slug', 'NX_MASS'); print(before, 'pint' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False True\n"


def test_reading_units_loads_no_heavy_module():
    code = (
        "import sys, nxtool.units as u; u.fit('keV', 'NX_ENERGY');"
        "print(sorted({'numpy', 'pint', 'h5py', 'lxml'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"
