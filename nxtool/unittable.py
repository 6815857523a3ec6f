"""The units nxtool knows, as one written table.

Every row gives names (spelled out, with plural and SI prefix names), symbols (case-sensitive,
with SI prefix symbols), and a definition in terms of other rows, read by `nxtool.unittext`.
Values: SI brochure (9th edition), CODATA 2022 for the electronvolt and the dalton, and the
UDUNITS-2 data base for the choice of spellings. Elementary charge `e` is left out on purpose:
too many other things are called so.
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

ROWS: Final[tuple[Row, ...]] = (
    Row("meter metre", "m", Dimension(length=1)),
    Row("gram gramme", "g", "1e-3 kg"),
    Row("second", "s", Dimension(time=1)),
    Row("ampere amp", "A", Dimension(current=1)),
    Row("kelvin", "K", Dimension(temperature=1)),
    Row("mole", "mol", Dimension(amount=1)),
    Row("candela", "cd", Dimension(luminosity=1)),
    Row("radian", "rad", Dimension(angle=1)),
    Row("", "kg", Dimension(mass=1), prefixes=False),
    Row("steradian", "sr", "rad2"),
    # numbers
    Row("percent", "%", "1e-2", "ratio", prefixes=False),
    Row("permille", "‰", "1e-3", "ratio", prefixes=False),
    Row("", "ppm", "1e-6", "ratio", prefixes=False),
    Row("", "ppb", "1e-9", "ratio", prefixes=False),
    Row("", "wt% at% vol% mol%", "1e-2", "ratio", prefixes=False),
    Row("dimensionless unitless none", "", _NONE, "ratio", prefixes=False),
    Row("pi", "π", "3.14159265358979323846264338327950288", prefixes=False),
    # things counted
    Row("count photon neutron electron muon ion particle event pulse frame", "", _NONE, "count"),
    Row("hit shot image trigger atom molecule", "", _NONE, "count", prefixes=False),
    Row("", "cts ct ph adu ADU", _NONE, "count", prefixes=False),
    Row("", "cps", "count/s"),
    Row("pixel voxel", "", _NONE, "pixel"),
    Row("step channel bin", "px pix", _NONE, "pixel", prefixes=False),
    Row("arbitrary_unit", "", _NONE, "arbitrary", prefixes=False),
    Row("decibel neper", "dB db dBm Np", _NONE, "level", prefixes=False),
    Row("bit", "bit", _NONE, "data"),
    Row("byte", "B", "8 bit", "data"),
    Row("", "KiB", "1024 B", "data", prefixes=False),
    Row("", "MiB", "1024 KiB", "data", prefixes=False),
    Row("", "GiB", "1024 MiB", "data", prefixes=False),
    # angle
    Row("degree", "deg", "pi/180 rad"),
    Row("", "°", "deg", prefixes=False),
    Row("arcminute arcmin arc_minute", "′", "1/60 deg", prefixes=False),
    Row("arcsecond arcsec arc_second", "″ ′′", "1/60 arcmin", prefixes=False),
    Row("", "mas", "1e-3 arcsec", prefixes=False),
    Row("revolution turn", "rev", "2 pi rad", prefixes=False),
    # time
    Row("sec", "", "s", prefixes=False),
    Row("minute min", "", "60 s", prefixes=False),
    Row("hour hr", "h", "60 min", prefixes=False),
    Row("day", "d", "24 hour", prefixes=False),
    Row("week", "", "7 day", prefixes=False),
    Row("year", "yr", "365.25 day", prefixes=False),
    Row("hertz", "Hz", "s-1"),
    Row("", "rpm", "1/60 s-1", prefixes=False),
    Row("becquerel", "Bq", "s-1"),
    # length, area, volume
    Row("angstrom ångström ångstrom", "Å", "1e-10 m"),
    Row("micron", "", "1e-6 m", prefixes=False),
    Row("inch inche", "in", "25.4 mm", prefixes=False),
    Row("foot feet", "ft", "12 inch", prefixes=False),
    Row("barn", "b", "1e-28 m2"),
    Row("liter litre", "L l", "1e-3 m3"),
    # mass
    Row("tonne", "t", "1000 kg"),
    Row("dalton", "Da", "1.66053906892e-27 kg"),
    Row("amu", "u", "Da", prefixes=False),
    Row("pound", "lb", "0.45359237 kg", prefixes=False),
    # mechanics
    Row("newton", "N", "kg m s-2"),
    Row("dyne", "dyn", "1e-5 N"),
    Row("pascal", "Pa", "N/m2"),
    Row("bar", "bar", "1e5 Pa"),
    Row("torr", "Torr torr", "101325/760 Pa"),
    Row("atmosphere", "atm", "101325 Pa", prefixes=False),
    Row("", "mmHg", "133.322387415 Pa", prefixes=False),
    Row("", "psi", "6894.757293168361 Pa", prefixes=False),
    Row("joule", "J", "N m"),
    Row("erg", "", "1e-7 J"),
    Row("calorie", "cal", "4.184 J"),
    Row("electronvolt electron_volt", "eV", "1.602176634e-19 J"),
    Row("watt", "W", "J/s"),
    Row("poise", "P", "0.1 Pa s"),
    # electricity and magnetism
    Row("coulomb", "C", "A s"),
    Row("volt", "V", "W/A"),
    Row("ohm", "Ω ohm Ohm", "V/A"),
    Row("siemens", "S", "A/V"),
    Row("farad", "F", "C/V"),
    Row("weber", "Wb", "V s"),
    Row("tesla", "T", "Wb/m2"),
    Row("gauss", "G", "1e-4 T"),
    Row("oersted", "Oe", "1000/(4 pi) A/m"),
    Row("henry", "H", "Wb/A"),
    # temperature
    Row(
        "celsius centigrade degree_celsius degree_Celsius degree_C deg_C degC",
        "°C",
        "K",
        prefixes=False,
        offset="273.15",
    ),
    Row(
        "fahrenheit degree_fahrenheit degree_Fahrenheit degree_F deg_F degF",
        "°F",
        "5/9 K",
        prefixes=False,
        offset="45967/180",
    ),
    Row("degree_kelvin degK", "°K", "K", prefixes=False),
    # light and radiation
    Row("lumen", "lm", "cd sr"),
    Row("lux", "lx", "lm/m2"),
    Row("gray", "Gy", "J/kg"),
    Row("sievert", "Sv", "J/kg"),
    Row("curie", "Ci", "3.7e10 Bq"),
    Row("molar", "", "mol/L"),
)

MISSPELT: Final[Mapping[str, str]] = {
    "msec": "ms", "usec": "us", "nsec": "ns", "psec": "ps", "fsec": "fs", "millisec": "ms",
    "microsec": "us", "nanosec": "ns", "mAmp": "mA", "Celcius": "celsius", "celcius": "celsius",
    "Farenheit": "degF", "farenheit": "degF", "angstroem": "angstrom", "Angstroem": "angstrom",
    "angs": "angstrom", "Ang": "angstrom", "ang": "angstrom", "au": "a.u.", "AU": "a.u.",
    "KHz": "kHz", "Mev": "MeV", "mhz": "MHz", "Kg": "kg", "gr": "g", "mu": "um",
    "radian_per_second": "rad/s", "meters_per_second": "m/s", "milimeter": "mm",
    "milimeters": "mm", "Nm": "N m", "Ah": "A h", "mAh": "mA h", "Wh": "W h", "kWh": "kW h",
}  # fmt: skip
"""What people write, and what they mean. Other capitals are found by ignoring case."""
