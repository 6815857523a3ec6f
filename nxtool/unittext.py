"""Reads the text of a unit, in the syntax of UDUNITS-2 and the spellings NeXus files use.

    unit    = product [("@" | "from" | "since") origin] | log "(re " product ")"
    product = power {["*" | "." | "·" | "×" | "/" | "per"] power}     from left to right
    power   = (number | name | "(" product ")") [exponent]

Exponents are `m2`, `m-2`, `m^2`, `m**2`, `m²` and `m^(1/2)`. Scales are exact fractions, turned
into floats once. Text of any origin is safe: length, depth and size of numbers are bounded.
Reference: NeXus manual, "Data units"; UDUNITS-2 manual, "Grammar".
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from nxtool.unittable import MISSPELT, PREFIX_NAMES, PREFIX_SYMBOLS, ROWS, Dimension, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_LENGTH: Final = 120
_MAX_DEPTH: Final = 10
_MAX_BITS: Final = 4096
_SMALLEST: Final = Fraction(1, 10**300)
_LARGEST: Final = Fraction(10**300)
_OUT_OF_RANGE: Final = "the factor of the unit is out of range"


class UnitError(ValueError):
    """A text is no unit, or two units cannot be converted; `hint` is the nearest spelling."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} (did you mean {self.hint}?)" if self.hint else self.message


@dataclass(frozen=True, slots=True)
class Exact:
    """A unit with exact numbers: value in SI = value * scale + offset.

    `family` tells dimensionless units apart: `count`, `pixel`, `ratio`, `arbitrary`, `level`
    (logarithmic), `data` (bits), or empty.
    """

    dimension: Dimension
    scale: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    family: str = ""

    @property
    def is_number(self) -> bool:
        """True for a bare factor such as `1e-3`."""
        return not any(self.dimension) and not self.family

    def times(self, other: Exact, power: Fraction | int = 1) -> Exact:
        """This times `other` to a power; an offset survives only beside a bare number."""
        scale = self.scale * _raise(other.scale, power)
        if max(scale.numerator.bit_length(), scale.denominator.bit_length()) > _MAX_BITS:
            raise UnitError(_OUT_OF_RANGE)
        offset = Fraction(0)
        if other.is_number:
            offset = self.offset
        elif self.is_number and power == 1:
            offset = other.offset
        dimension = self.dimension.times(other.dimension, power)
        return Exact(dimension, scale, offset, _join_families(self.family, other.family))


def _raise(scale: Fraction, power: Fraction | int) -> Fraction:
    if Fraction(power).denominator == 1:
        if power < 0 and not scale:
            raise UnitError("a unit cannot be divided by zero")
        return scale ** int(power)
    try:
        return Fraction(float(scale) ** float(power))
    except (OverflowError, ZeroDivisionError):
        raise UnitError(_OUT_OF_RANGE) from None


def _join_families(first: str, second: str) -> str:
    families = {first, second} - {""}
    for strong in ("arbitrary", "level"):
        if strong in families:
            return strong
    if len(families) > 1:
        families.discard("ratio")
    return families.pop() if len(families) == 1 else "ratio" if families else ""


ONE: Final = Exact(Dimension())


@lru_cache(maxsize=4096)
def exact(text: str) -> Exact:
    """The unit `text` names, with exact numbers. Empty text is the dimensionless one.

    Raises:
        UnitError: the text is no unit.
    """
    plain = normal(text)
    if not plain:
        return ONE
    level = _LEVEL.fullmatch(plain)
    if level:
        exact(level["reference"])  # must be a unit, though a level has no dimension
        return Exact(Dimension(), family="level")
    match = _ORIGIN.fullmatch(plain)
    unit = _Parser(match["unit"] if match else plain).parse()
    if not _SMALLEST <= unit.scale <= _LARGEST:
        raise UnitError(_OUT_OF_RANGE)
    if match:
        return _with_origin(unit, match["origin"])
    if not unit.family and not any(unit.dimension):
        return Exact(unit.dimension, unit.scale, unit.offset, "ratio")
    return unit


def normal(text: str) -> str:
    """`text` with one spelling of every character: superscripts, micro, minus, arbitrary units.

    >>> normal(" m·s⁻¹ "), normal("arb. units")
    ('m·s^-1', 'arbitrary_unit')
    """
    if len(text) > MAX_LENGTH:
        raise UnitError(f"a unit of {len(text)} characters is too long")
    text = _SUPERSCRIPT.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)
    text = unicodedata.normalize("NFKC", text.replace("º", "°")).replace("−", "-").strip()
    if len(text) > MAX_LENGTH:
        raise UnitError("a unit with such characters is too long")
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    return text


_SUPERSCRIPT: Final = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SUPERSCRIPTS: Final = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_ARBITRARY: Final = (
    r"\b(?:(?:arb\.?|arbitrary|a\.)[ _]?(?:units?(?![^\W_])|u\b\.?)|arb\b\.?)(?![^\W_])"
)
_PHRASES: Final = (
    (re.compile(_ARBITRARY, re.IGNORECASE), "arbitrary_unit"),
    (re.compile(r"\b[Dd]eg(?:rees?)? ?(?=(?:[CF]|[Cc]elsius|[Ff]ahrenheit)\b)"), "°"),
    (re.compile(r"° ?(?=[CFK]\b)"), "°"),
    (re.compile(r"° ?[Cc]elsius\b"), "°C"),
    (re.compile(r"° ?[Ff]ahrenheit\b"), "°F"),
    (re.compile(r"_?[Hh]2[Oo](?![^\W_])"), " water"),
    (re.compile(r"\be\^?-(?![^\s/*·.)])"), "electron"),
)
_LEVEL: Final = re.compile(r"(?:[\d.]+\s*)?(?:lg|ln|lb)\s*\(\s*re:?\s+(?P<reference>[^:]+)\)")
_ORIGIN: Final = re.compile(r"(?P<unit>.+?)(?:\s*@\s*|\s+(?:from|since)\s+)(?P<origin>\S.*)")
_NUMBER: Final = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d?-\d\d?(?:[T ][\d:.]+ ?(?:Z|UTC|[+-]\d\d:?\d\d)?)?")


def _with_origin(unit: Exact, origin: str) -> Exact:
    """`unit` counted from `origin`; a point in time fixes the zero but not the scale."""
    if re.fullmatch(_NUMBER, origin):
        return Exact(unit.dimension, unit.scale, unit.scale * Fraction(origin), unit.family)
    if unit.dimension == Dimension(time=1) and _TIMESTAMP.fullmatch(origin):
        return unit
    raise UnitError(f"{origin!r} is no origin of a scale")


_EXPONENT: Final = r"\(\s*[+-]?\d{1,2}(?:\s*/\s*\d{1,2}|\.\d{1,3})?\s*\)|[+-]?\d{1,2}(?:\.\d{1,3})?"
_NAME: Final = r"(?:wt|at|vol|mol)\.? ?%|[^\W\d_]+(?:_[^\W\d_]+)*|°[CFKR]?(?![^\W\d_])|′′|[%‰°′'\"]"
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})|(?P<name>{_NAME})(?P<digits>[+-]?\d{{1,2}}(?!\d))?"
    rf"|(?P<power>(?:\*\*|\^)\s*(?:{_EXPONENT}))|(?P<sign>[*/().·⋅∙×]))"
)


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.place = 0

    def parse(self) -> Exact:
        unit = self._product(0)
        if self.place < len(self.tokens):
            raise self._error()
        return unit

    def _error(self) -> UnitError:
        return UnitError(f"{self.text!r} is not a unit")

    def _peek(self) -> re.Match[str] | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _product(self, depth: int) -> Exact:
        unit = self._power(depth)
        while (token := self._peek()) is not None and token["sign"] != ")":
            sign = token["name"] if token["name"] == "per" else token["sign"]
            if sign and sign != "(":
                self.place += 1
            unit = unit.times(self._power(depth), -1 if sign in ("/", "per") else 1)
        return unit

    def _power(self, depth: int) -> Exact:
        token = self._peek()
        if token is None:
            raise self._error()
        self.place += 1
        if token["sign"] == "(" and depth < _MAX_DEPTH:
            unit = self._product(depth + 1)
            if self._peek() is None:
                raise self._error()
            self.place += 1
        elif token["name"]:
            unit = named(token["name"])
        elif token["number"]:
            unit = Exact(Dimension(), Fraction(token["number"]))
        else:
            raise self._error()
        return self._raised(unit, token["digits"])

    def _raised(self, unit: Exact, digits: str | None) -> Exact:
        token = self._peek()
        if digits:
            return ONE.times(unit, int(digits))
        if token is None or not token["power"]:
            return unit
        self.place += 1
        top, _, bottom = token["power"].lstrip("*^").strip(" ()").partition("/")
        if bottom and not int(bottom):
            raise self._error()
        return ONE.times(unit, Fraction(top.strip()) / int(bottom or 1))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise UnitError(f"{text!r} is not a unit", spelling(text))
        yield match
        place = match.end()


@lru_cache(maxsize=4096)
def named(name: str) -> Exact:
    """The unit a single name or symbol stands for.

    Raises:
        UnitError: nobody is called so; the hint is the nearest spelling.
    """
    power, row = _find(name)
    if row is None and name not in MISSPELT:
        row = _elsewhere(name)
    if row is None:
        raise UnitError(f"{name!r} is not a unit", _nearest(name))
    if isinstance(row.definition, str):
        unit = _Parser(row.definition).parse()
    else:
        unit = Exact(row.definition)
    factor = Fraction(10) ** power
    return Exact(
        unit.dimension, unit.scale * factor, Fraction(row.offset), row.family or unit.family
    )


def _elsewhere(name: str) -> Row | None:
    """What pint knows by this name; it is loaded for the first name that our table lacks."""
    from nxtool import unitlibrary

    return unitlibrary.row(name)


def _find(name: str) -> tuple[int, Row | None]:
    """The power of ten and the row of `name`; exact spellings win over prefixed ones."""
    symbols, names = _index()
    word = name[0].lower() + name[1:] if name[1:].islower() or "_" in name else name
    row = symbols.get(name) or names.get(name) or names.get(word)
    if row is not None:
        return 0, row
    for prefixes, table, text in (
        (PREFIX_SYMBOLS, symbols, name),
        (PREFIX_NAMES, names, word),
    ):
        for prefix, power in prefixes.items():
            if text.startswith(prefix):
                row = table.get(text[len(prefix) :])
                if row is not None and row.prefixes:
                    return power, row
    return 0, None


@lru_cache(maxsize=1)
def _index() -> tuple[Mapping[str, Row], Mapping[str, Row]]:
    """Rows by symbol, and by name and plural name."""
    symbols = {symbol: row for row in ROWS for symbol in row.symbols.split()}
    names = {name: row for row in ROWS for name in row.names.split()}
    plurals = {f"{name}s": row for name, row in names.items()}
    return symbols, plurals | names


@lru_cache(maxsize=1)
def _by_lower_case() -> Mapping[str, str]:
    """Spellings by their lower case, the usual prefixes first."""
    symbols, names = _index()
    found: dict[str, str] = {}
    for prefix in ("", "k", "m", "u", "n", "M", "G", "c", "p", "f", "T"):
        for symbol, row in symbols.items():
            if not prefix or row.prefixes:
                found.setdefault((prefix + symbol).lower(), prefix + symbol)
    return {name.lower(): name for name in names} | found


@lru_cache(maxsize=1024)
def spelling(text: str) -> str:
    """The right spelling of a known misspelling, else empty.

    >>> spelling("KeV"), spelling("1/msec"), spelling("mm")
    ('keV', '1/ms', '')
    """
    text = text[:MAX_LENGTH].strip()
    right = _WORD.sub(_right, text.strip("[]<>'\"").strip())
    return right if right != text and _is_unit(right) else ""


def other_spelling(text: str) -> str:
    """What else a misspelling may stand for, as its capitals do not tell milli from mega or pico
    from peta; empty where they do.

    >>> other_spelling("mpa"), other_spelling("Mpa"), other_spelling("mBar")
    ('MPa', 'mPa', '')
    """
    text = text[:MAX_LENGTH].strip()
    other = _WORD.sub(_other, text.strip("[]<>'\"").strip())
    return other if other not in (text, spelling(text)) and _is_unit(other) else ""


def _is_unit(text: str) -> bool:
    try:
        exact(text)
    except UnitError:
        return False
    return True


_WORD: Final = re.compile(r"[^\W\d_]+(?:_[^\W\d_]+)*")


def _right(match: re.Match[str]) -> str:
    name = match[0]
    if _find(name)[1] is not None:
        return name
    return MISSPELT.get(name) or _with_its_prefix(name, _by_lower_case().get(name.lower(), name))


def _with_its_prefix(name: str, right: str) -> str:
    """`right` with a capital at its beginning where `name` has one, and that is a unit too: the M
    of Mpa is more likely right than its p."""
    swapped = _swapped(right)
    return swapped if swapped and name[0] == swapped[0] and name[0].isupper() else right


def _swapped(name: str) -> str:
    """A unit with mega for milli, peta for pico, or the other way; empty where there is none."""
    other = name[0].swapcase() + name[1:]
    return other if name[0] in "mMpP" and _find(other)[1] is not None else ""


def _other(match: re.Match[str]) -> str:
    """The other reading of one misspelt word."""
    name, right = match[0], _right(match)
    is_deliberate = name[0].islower() and not name.islower()  # mBar: the small m is no accident
    if right == name or name in MISSPELT or is_deliberate:
        return right
    return _swapped(right) or right


def _nearest(name: str) -> str:
    """The known spelling closest to `name`, empty if none is close."""
    known = spelling(name)
    if known:
        return known
    symbols, names = _index()
    close = difflib.get_close_matches(name[:30], [*names, *symbols], 1, 0.75)
    return close[0] if close else ""
