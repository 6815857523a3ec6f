"""The units nxtool knows, as one written table.

Every row gives names (spelled out, with plural and SI prefix names), symbols (case-sensitive,
with SI prefix symbols), and a definition in terms of other rows, read by `nxtool.unittext`.
Values: SI brochure (9th edition), CODATA 2022 for the electronvolt, the dalton and the rydberg,
and the UDUNITS-2 data base for the choice of spellings. Here stands what a laboratory writes; the
customary and historical rest is asked of pint (`nxtool.unitlibrary`). Left out on purpose, for
they mean two things: `a` (are, annum), `oz` (mass, volume) and `AU` (length, arbitrary).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction


class Dimension(NamedTuple):
    """Exponents of the base dimensions; angle is one of them, so that `rad` is not `1`."""

    length: Fraction | int = 0
    time: Fraction | int = 0
    mass: Fraction | int = 0
    current: Fraction | int = 0
    temperature: Fraction | int = 0
    amount: Fraction | int = 0
    luminosity: Fraction | int = 0
    angle: Fraction | int = 0

    def times(self, other: Dimension, power: Fraction | int = 1) -> Dimension:
        """The dimension of this times `other` to a power."""
        return Dimension(*(a + b * power for a, b in zip(self, other, strict=True)))

    def __str__(self) -> str:
        """As people write it: `L^-1 T`, or `1`.

        >>> str(Dimension(length=-1, time=1))
        'L^-1 T'
        """
        parts = [
            symbol if power == 1 else f"{symbol}^{power}"
            for symbol, power in zip("LTMIΘNJA", self, strict=True)
            if power
        ]
        return " ".join(parts) or "1"


class Row(NamedTuple):
    """One unit. `names` and `symbols` are separated by spaces.

    `definition` is the text of a unit, or the dimension of a base unit. `prefixes` says whether
    SI prefixes may stand before it. `offset` is added after scaling, as in degree Celsius.
    """

    names: str
    symbols: str
    definition: str | Dimension
    family: str = ""
    prefixes: bool = True
    offset: str = "0"


PREFIX_SYMBOLS: Final[Mapping[str, int]] = {
    "da": 1, "h": 2, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18, "Z": 21, "Y": 24,
    "d": -1, "c": -2, "m": -3, "u": -6, "μ": -6, "n": -9, "p": -12, "f": -15, "a": -18,
    "z": -21, "y": -24,
}  # fmt: skip
"""Powers of ten by prefix symbol; the micro sign arrives here as Greek mu."""

PREFIX_NAMES: Final[Mapping[str, int]] = {
    "deca": 1, "deka": 1, "hecto": 2, "kilo": 3, "mega": 6, "giga": 9, "tera": 12, "peta": 15,
    "exa": 18, "zetta": 21, "yotta": 24, "deci": -1, "centi": -2, "milli": -3, "micro": -6,
    "nano": -9, "pico": -12, "femto": -15, "atto": -18, "zepto": -21, "yocto": -24,
}  # fmt: skip
"""Powers of ten by prefix name."""

_NONE: Final = Dimension()


def _points(compass: str) -> str:
    """Names of a degree towards each point: `degree_north`, `degrees_north`."""
    return " ".join(
        f"{start}{'_' if name.islower() else separator}{name}"
        for name in compass.split()
        for start in ("degree", "degrees")
        for separator in (("_",) if name.islower() else ("_", ""))
    )


ROWS: Final[tuple[Row, ...]] = (
    Row("meter metre", "m", Dimension(length=1)),
    Row("gram gramme", "g", "1e-3 kg"),
    Row("second", "s", Dimension(time=1)),
    Row("ampere amp", "A", Dimension(current=1)),
    Row("kelvin", "K", Dimension(temperature=1)),
    Row("mole", "mol", Dimension(amount=1)),
    Row("einstein", "", "mol", prefixes=False),
    Row("candela candle", "cd", Dimension(luminosity=1)),
    Row("radian", "rad", Dimension(angle=1)),
    Row("", "kg", Dimension(mass=1), prefixes=False),
    Row("steradian", "sr", "rad2"),
    # numbers
    Row("percent", "%", "1e-2", "ratio", prefixes=False),
    Row("permille", "‰", "1e-3", "ratio", prefixes=False),
    Row("", "ppv", _NONE, "ratio", prefixes=False),
    Row("", "ppm ppmv", "1e-6", "ratio", prefixes=False),
    Row("", "ppb ppbv", "1e-9", "ratio", prefixes=False),
    Row("", "ppt pptv", "1e-12", "ratio", prefixes=False),
    Row("", "ppq ppqv", "1e-15", "ratio", prefixes=False),
    Row("", "wt% at% vol% mol%", "1e-2", "ratio", prefixes=False),
    Row("absorbance_unit optical_density", "OD", _NONE, "ratio"),
    Row("refractive_index_unit", "RIU", _NONE, "ratio"),
    Row("dimensionless unitless none", "", _NONE, "ratio", prefixes=False),
    Row("pi", "π", "3.14159265358979323846264338327950288", prefixes=False),
    # things counted
    Row("count photon neutron electron muon ion particle event pulse frame", "", _NONE, "count"),
    Row(
        "hit shot image trigger atom molecule molec nucleon", "nuc", _NONE, "count", prefixes=False
    ),
    Row("", "cts ct ph adu ADU", _NONE, "count", prefixes=False),
    Row("", "cps", "count/s"),
    Row("pixel voxel", "", _NONE, "pixel"),
    Row("step channel bin", "px pix", _NONE, "pixel", prefixes=False),
    Row("arbitrary_unit", "", _NONE, "arbitrary", prefixes=False),
    Row("decibel neper", "dB db dBm dBW dBu Np", _NONE, "level", prefixes=False),
    Row("bit", "bit", _NONE, "data"),
    Row("byte octet", "B", "8 bit", "data"),
    Row("baud", "Bd bps", "bit/s", "data"),
    Row("", "KiB", "1024 B", "data", prefixes=False),
    Row("", "MiB", "1024 KiB", "data", prefixes=False),
    Row("", "GiB", "1024 MiB", "data", prefixes=False),
    # angle
    Row("degree arc_degree angular_degree arcdeg", "deg", "pi/180 rad"),
    Row("", "°", "deg", prefixes=False),
    Row(_points("north N east E true T"), "", "deg", prefixes=False),
    Row("arcminute arcmin arc_minute angular_minute", "′ '", "1/60 deg", prefixes=False),
    Row("arcsecond arcsec arc_second angular_second", '″ ′′ "', "1/60 arcmin", prefixes=False),
    Row("", "mas", "1e-3 arcsec", prefixes=False),
    Row("revolution turn circle cycle rotation", "rev", "2 pi rad", prefixes=False),
    Row("gon grade gradian", "", "0.9 deg", prefixes=False),
    # time
    Row("sec", "", "s", prefixes=False),
    Row("minute min", "", "60 s", prefixes=False),
    Row("hour hr", "h", "60 min", prefixes=False),
    Row("day", "d", "24 hour", prefixes=False),
    Row("week", "", "7 day", prefixes=False),
    Row("year Julian_year", "yr", "365.25 day"),
    Row("month", "", "1/12 year", prefixes=False),
    Row("hertz", "Hz", "s-1"),
    Row("", "rpm", "1/60 s-1", prefixes=False),
    Row("rotation_per_second rotations_per_second", "rps", "s-1", prefixes=False),
    Row("becquerel", "Bq", "s-1"),
    # length, area, volume
    Row("angstrom ångström ångstrom", "Å", "1e-10 m"),
    Row("micron", "", "1e-6 m", prefixes=False),
    Row("", "dpi DPI ppi PPI", "px/inch", prefixes=False),
    Row("fermi", "", "1e-15 m", prefixes=False),
    Row("inch inche international_inch international_inche", "in", "25.4 mm", prefixes=False),
    Row("foot feet international_foot international_feet", "ft", "12 inch", prefixes=False),
    Row("yard", "yd", "3 ft", prefixes=False),
    Row("mile", "mi", "5280 ft", prefixes=False),
    Row("parsec", "pc", "648000/pi 149597870700 m"),
    Row("barn", "b", "1e-28 m2"),
    Row("are", "", "100 m2", prefixes=False),
    Row("hectare", "", "100 are", prefixes=False),
    Row("liter litre", "L l", "1e-3 m3"),
    Row("", "cc", "cm3", prefixes=False),
    # mass
    Row("tonne metric_ton", "t", "1000 kg"),
    Row("dalton", "Da", "1.66053906892e-27 kg"),
    Row(
        "amu atomic_mass_unit atomicmassunit unified_atomic_mass_unit",
        "u",
        "Da",
        prefixes=False,
    ),
    Row("pound avoirdupois_pound", "lb", "0.45359237 kg", prefixes=False),
    # mechanics
    Row("gal galileo", "Gal", "cm/s2"),
    Row("newton", "N", "kg m s-2"),
    Row("dyne", "dyn", "1e-5 N"),
    Row("kilogram_force kilograms_force force_kilogram", "kgf", "9.80665 N", prefixes=False),
    Row("pascal", "Pa", "N/m2"),
    Row("bar", "bar", "1e5 Pa"),
    Row("torr", "Torr torr", "101325/760 Pa"),
    Row("atmosphere standard_atmosphere", "atm", "101325 Pa", prefixes=False),
    Row("technical_atmosphere", "at", "98066.5 Pa", prefixes=False),
    Row(
        "millimeter_Hg millimeters_Hg", "mmHg mm_Hg mm_hg mmhg", "133.322387415 Pa", prefixes=False
    ),
    Row("water", "", "9806.65 Pa/m", prefixes=False),
    Row("", "psi", "6894.757293168361 Pa", prefixes=False),
    Row("joule", "J", "N m"),
    Row("erg", "", "1e-7 J"),
    Row("calorie thermochemical_calorie", "cal", "4.184 J"),
    Row("electronvolt electron_volt", "eV", "1.602176634e-19 J"),
    Row("rydberg", "Ry", "2.1798723611030e-18 J"),
    Row("watt", "W", "J/s"),
    Row("horsepower", "hp", "745.69987158227022 W", prefixes=False),
    Row("watthour watt_hour", "Wh", "W hour"),
    Row("voltampere", "VA", "W"),
    Row("poise", "P", "0.1 Pa s"),
    Row("stokes", "St", "1e-4 m2/s"),
    # electricity and magnetism
    Row("coulomb", "C", "A s"),
    Row("ampere_hour", "Ah", "A hour"),
    Row("volt", "V", "W/A"),
    Row("ohm", "Ω ohm Ohm", "V/A"),
    Row("siemens", "S", "A/V"),
    Row("farad", "F", "C/V"),
    Row("weber", "Wb", "V s"),
    Row("tesla", "T", "Wb/m2"),
    Row("gauss", "G", "1e-4 T"),
    Row("oersted", "Oe", "1000/(4 pi) A/m"),
    Row("henry henries", "H", "Wb/A"),
    Row("maxwell", "Mx", "1e-8 Wb"),
    Row("debye", "D", "3.33564095198152e-30 C m", prefixes=False),
    Row("elementary_charge", "e", "1.602176634e-19 C", prefixes=False),
    # temperature
    Row(
        "celsius centigrade degree_celsius degree_Celsius degree_C deg_C degC degreeC",
        "°C degrees_celsius degrees_Celsius degrees_C degs_C degsC degreesC",
        "K",
        prefixes=False,
        offset="273.15",
    ),
    Row(
        "fahrenheit degree_fahrenheit degree_Fahrenheit degree_F deg_F degF degreeF",
        "°F degrees_fahrenheit degrees_Fahrenheit degrees_F degs_F degsF degreesF",
        "5/9 K",
        prefixes=False,
        offset="45967/180",
    ),
    Row(
        "reaumur degree_reaumur degree_Reaumur degree_Re degreeRe degRe",
        "degrees_reaumur degrees_Reaumur",
        "5/4 K",
        prefixes=False,
        offset="273.15",
    ),
    Row(
        "degree_kelvin degK degree_K deg_K degreeK degrees_kelvin degrees_K degs_K",
        "°K degsK degreesK",
        "K",
        prefixes=False,
    ),
    Row(
        "rankine degree_rankine degree_Rankine degree_R deg_R degreeR degR",
        "°R degrees_rankine degrees_R degs_R degsR degreesR",
        "5/9 K",
        prefixes=False,
    ),
    # light and radiation
    Row("lumen", "lm", "cd sr"),
    Row("lux luxe", "lx", "lm/m2"),
    Row("kayser", "", "cm-1"),
    Row("gray", "Gy", "J/kg"),
    Row("sievert", "Sv", "J/kg"),
    Row("rem", "", "0.01 Sv"),
    Row("roentgen", "R", "2.58e-4 C/kg"),
    Row("curie", "Ci", "3.7e10 Bq"),
    Row("katal", "kat", "mol/s"),
    Row("molar", "", "mol/L"),
    Row("", "M", "mol/L", prefixes=False),
    Row("", "mM", "1e-3 mol/L", prefixes=False),
    Row("", "uM μM", "1e-6 mol/L", prefixes=False),
    Row("", "nM", "1e-9 mol/L", prefixes=False),
)

MISSPELT: Final[Mapping[str, str]] = {
    "msec": "ms", "usec": "us", "nsec": "ns", "psec": "ps", "fsec": "fs", "millisec": "ms",
    "microsec": "us", "nanosec": "ns", "mAmp": "mA", "Celcius": "celsius", "celcius": "celsius",
    "Farenheit": "degF", "farenheit": "degF", "angstroem": "angstrom", "Angstroem": "angstrom",
    "angs": "angstrom", "Ang": "angstrom", "ang": "angstrom", "au": "a.u.", "AU": "a.u.",
    "KHz": "kHz", "Mev": "MeV", "mhz": "MHz", "Kg": "kg", "gr": "g", "mu": "um",
    "radian_per_second": "rad/s", "meters_per_second": "m/s", "milimeter": "mm",
    "milimeters": "mm", "Nm": "N m", "MM": "mm",
}  # fmt: skip
"""What people write, and what they mean. Other capitals are found by ignoring case."""
