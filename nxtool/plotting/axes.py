"""Round numbers along an axis, and how they are written."""

from __future__ import annotations

import itertools
import math
from typing import Final

_STEPS: Final = (1, 2, 5, 10)
_DIGITS: Final = 5
_WHOLE: Final = 7
_LARGE: Final = 1e7


def ticks(low: float, high: float, count: int) -> list[float]:
    """At most `count` + 1 multiples of a round step from `low` to `high`; `low` alone where they
    are equal, or too near for floats to tell.

    >>> ticks(8.2, 8.6, 4)
    [8.2, 8.3, 8.4, 8.5, 8.6]
    """
    step = _step(low, high, count)
    if not step:
        return [low]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > count + 1:
        return [low]
    digits = max(0, -math.floor(math.log10(step)))
    return [round(number * step, digits) + 0.0 for number in range(first, last + 1)]


def _step(low: float, high: float, count: int) -> float:
    """A round number that fits `count` times at most into the range; 0 where there is none."""
    raw = (high / 2 - low / 2) / max(1, count) * 2
    if not (raw > 0 and math.isfinite(raw)) or raw < 1e-300:
        return 0.0
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude >= raw * (1 - 1e-9))
    # neighbours must differ in the digits a float has
    return step if math.isfinite(step) and step > 1e-12 * max(abs(low), abs(high)) else 0.0


def labels(values: list[float]) -> list[str]:
    """Numbers with as many digits as tell each from the next.

    >>> labels([0.0, 0.5, 1.0]), labels([0.0, 1e7, 2e7])
    (['0.0', '0.5', '1.0'], ['0', '1e+07', '2e+07'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    step = min((b - a for a, b in itertools.pairwise(values)), default=0.0)
    if step <= 0 or not math.isfinite(step):
        return [number(value) for value in values]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if largest < _LARGE and decimals <= 4:
        return [f"{value:.{decimals}f}" for value in values]
    digits = math.floor(math.log10(largest)) - math.floor(math.log10(step)) + 1
    return [f"{value:.{max(1, digits)}g}" for value in values]


def labelled(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """`ticks`, and how they are written."""
    found = ticks(low, high, count)
    return found, labels(found)


def decades(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Ticks between two logarithms to base ten, as such, and how their powers are written: the
    decades if there are some, else what lies between them.

    >>> decades(0, 5, 5)
    ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], ['1', '10', '100', '1000', '1e4', '1e5'])
    """
    found = ticks(low, high, count)
    whole = [value for value in found if value == round(value)]
    found = whole if len(whole) > 1 else found
    return found, [_power(value) for value in found]


def _power(exponent: float) -> str:
    if exponent == round(exponent):
        return f"1e{exponent:.0f}" if abs(exponent) > 3 else f"{10.0**exponent:g}"
    return f"{10.0**exponent:.2g}"


def number(value: float) -> str:
    """One number, to read off.

    >>> number(8.333000001), number(123456.0), number(float("nan"))
    ('8.333', '123456', 'nan')
    """
    return f"{value:.{_WHOLE if value.is_integer() else _DIGITS}g}"


def readings(values: list[float]) -> list[str]:
    """Numbers that are not round, in order, to a hundredth of what they differ by.

    >>> readings([0.0, 13.76, 27.692]), readings([0.0, 100.0])
    (['0.0', '13.8', '27.7'], ['0', '100'])
    >>> readings([0.5, 1.5, 2.5])
    ['0.5', '1.5', '2.5']
    """
    gap = min((abs(b - a) for a, b in itertools.pairwise(values)), default=0.0)
    largest = max(map(abs, values), default=0.0)
    if not gap > 0 or largest >= _LARGE or not math.isfinite(largest):
        return [number(value) for value in values]
    whole = all(value.is_integer() for value in values)
    decimals = 0 if whole else max(0, 2 - math.floor(math.log10(gap)))
    if decimals > _DIGITS:
        return [number(value) for value in values]
    found = [f"{value:.{decimals}f}" for value in values]
    while decimals and all(word.endswith("0") for word in found):
        decimals -= 1
        found = [f"{value:.{decimals}f}" for value in values]
    return found
