"""Quantizers: numbers rounded so that they compress better, within a bound that is known before.

BitRound, BitGroom and Granular BitRound give bit for bit what netCDF-C gives, and are recorded in
the same attributes; readers need nothing. `sigbits` does for integers what BitRound does for
floats. Not-a-number and infinities are never touched.

Sources: netCDF-C 4.10, `nc4_convert_type` (described, not copied), and its attributes
`_Quantize…`; Delaunay et al. 2019, "Evaluation of lossless and lossy algorithms for the compression
of scientific datasets in netCDF-4 or HDF5 files".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

import numpy as np

from nxtool.errors import FilterError
from nxtool.storage.lossrecord import QUANTIZED

Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[Any]]"
Method: TypeAlias = Literal["bitround", "bitgroom", "granularbr", "sigbits"]

BITS_PER_DIGIT: Final = math.log(10) / math.log(2)
DIGITS_PER_BIT: Final = math.log(2) / math.log(10)
"""Divided as netCDF-C does it: the last bit decides at powers of ten."""
MANTISSA: Final = {4: 23, 8: 52}
"""Explicit bits of the mantissa by size of the float."""
DIGITS: Final = {4: 6, 8: 15}
"""The most significant digits by size of the float."""
COUNTED: Final[Mapping[Method, Literal["bits", "digits"]]] = {
    "bitround": "bits", "bitgroom": "digits", "granularbr": "digits", "sigbits": "bits",
}  # fmt: skip
"""What each method counts."""


@dataclass(frozen=True, slots=True)
class Quantizer:
    """A method, and how many significant bits or digits it keeps."""

    method: Method
    keep: int

    @property
    def attributes(self) -> dict[str, int]:
        """What netCDF writes beside the data; nothing for integers, which it knows not."""
        name = QUANTIZED.get(self.method)
        return {name: self.keep} if name is not None else {}

    @property
    def parameters(self) -> dict[str, int]:
        """What was asked for, by the name it has in records."""
        return {COUNTED[self.method]: self.keep}

    @property
    def text(self) -> str:
        """What is kept: `10 bits`."""
        return f"{self.keep} {COUNTED[self.method]}"

    @property
    def bound_text(self) -> str:
        """The bound in words."""
        if self.method == "granularbr":
            return f"half a unit of significant digit {self.keep}"
        if self.method == "bitgroom":
            return f"2^-{_groomed_bits(self.keep)} of the value"
        return f"2^-{self.keep + (self.method == 'bitround')} of the value"

    def check(self, dtype: np.dtype[Any]) -> None:
        """Make sure that this can be done to values of this type.

        Raises:
            FilterError: the type is of another kind, or has not so many bits or digits.
        """
        if self.method == "sigbits":
            good, most = dtype.kind in "iu", dtype.itemsize * 8 - 1
        else:
            good = dtype.kind == "f" and dtype.itemsize in MANTISSA
            table = MANTISSA if self.method == "bitround" else DIGITS
            most = table.get(dtype.itemsize, 0)
        if not good:
            wanted = "integers" if self.method == "sigbits" else "float32 and float64"
            raise FilterError(f"{self.method} is for {wanted}, not {dtype}")
        if not 1 <= self.keep <= most:
            counted = COUNTED[self.method]
            raise FilterError(f"{self.method} keeps from 1 to {most} {counted} of {dtype}")

    def quantized(self, values: Array, start: int = 0) -> Array:
        """A rounded copy of `values`, of a type that was checked; `start` is the index of the
        first among all values of the dataset, which BitGroom goes by.
        """
        native = values.astype(values.dtype.newbyteorder("="))
        if self.method == "sigbits":
            result = _significant(native, self.keep)
        else:
            result = self._floats(native, start)
        return result.astype(values.dtype)

    def _floats(self, values: Array, start: int) -> Array:
        bits = values.reshape(-1).view(f"u{values.dtype.itemsize}")
        mantissa = MANTISSA[values.dtype.itemsize]
        if self.method == "bitround":
            found = _rounded(bits, mantissa - self.keep)
        elif self.method == "bitgroom":
            found = _groomed(bits, max(0, mantissa - _groomed_bits(self.keep)), start)
        else:
            found = _rounded(bits, mantissa - _granular_bits(values.reshape(-1), self.keep))
        result = found.view(values.dtype).reshape(values.shape)
        return cast("Array", np.where(np.isfinite(values), result, values))

    def bound(self, values: Array) -> Array:
        """How far each of `values` may move, as float64."""
        size = np.abs(values.astype(np.float64))
        if values.dtype.kind == "f":  # below, numbers have fewer bits than they claim
            size = np.where(size > 0, np.maximum(size, np.finfo(values.dtype).tiny), 0.0)
        if self.method == "granularbr":
            with np.errstate(divide="ignore"):
                digits = np.floor(np.log10(size)) + 1
            half = 0.5 * 10.0 ** (digits - self.keep) * (1 + 1e-9)
            return np.maximum(half, _step_of_smallest(values, self.keep))
        bits = _groomed_bits(self.keep) if self.method == "bitgroom" else self.keep
        slack = 1 + 1e-12 if self.method == "sigbits" else 1.0  # float64 holds not all integers
        return cast("Array", slack * size * 2.0 ** -(bits + (self.method == "bitround")))


def _groomed_bits(digits: int) -> int:
    """Bits of the mantissa that hold so many digits: one more, for corner cases."""
    return math.ceil(digits * BITS_PER_DIGIT) + 1


def _rounded(bits: Array, dropped: int | Array) -> Array:
    """`bits` with the last `dropped` rounded away, half up in magnitude."""
    one = bits.dtype.type(1)
    count = np.maximum(dropped, 0).astype(bits.dtype)
    low = (one << count) - one
    half = low ^ (low >> one)
    return cast("Array", (bits + half) & ~low)


def _groomed(bits: Array, dropped: int, start: int) -> Array:
    """`bits` with the last `dropped` alternately cleared and set; zero stays."""
    low = bits.dtype.type((1 << dropped) - 1)
    is_zero = bits << bits.dtype.type(1) == 0  # of either sign
    cleared, filled = bits & ~low, np.where(is_zero, bits, bits | low)
    odd = (np.arange(len(bits)) + start) % 2 == 1
    return cast("Array", np.where(odd, filled, cleared))


def _granular_bits(values: Array, digits: int) -> Array:
    """How many bits of each mantissa hold so many decimal digits of that very value."""
    mantissa, exponent = np.frexp(values.astype(np.float64))
    good = np.isfinite(values) & (values != 0)
    mantissa, exponent = np.where(good, np.abs(mantissa), 0.5), np.where(good, exponent, 0)
    logarithm = np.log10(mantissa)
    place = np.floor(exponent * DIGITS_PER_BIT + logarithm) + 1
    power = np.floor(BITS_PER_DIGIT * (place - digits))
    kept = np.abs(np.floor(exponent - BITS_PER_DIGIT * logarithm) - power) - 1
    whole = MANTISSA[values.dtype.itemsize]
    return cast("Array", np.where(good, kept, whole).astype(np.int64))


def _step_of_smallest(values: Array, digits: int) -> Array:
    """How far rounding moves numbers too small to have all bits of a mantissa; 0 for others."""
    tiny = np.finfo(values.dtype).tiny
    native = values.astype(values.dtype.newbyteorder("="))
    bits = _granular_bits(native.reshape(-1), digits).reshape(values.shape)
    smallest = (values != 0) & (np.abs(native) < tiny)
    return cast("Array", np.where(smallest, float(tiny) * 2.0 ** -(bits + 1.0), 0.0))


def _significant(values: Array, keep: int) -> Array:
    """Integers with `keep` significant bits, half up in magnitude.

    Those of fewer bits are exact. The two largest and the smallest value of the type stand for
    what was not measured and stay; nothing is rounded into them.
    """
    limits = np.iinfo(values.dtype)
    negative = values < 0
    plain = values.astype(np.uint64)  # a negative number as its complement
    size = np.where(negative, ~plain + np.uint64(1), plain)
    one = np.uint64(1)
    dropped = np.maximum(_length(size), keep).astype(np.uint64) - np.uint64(keep)
    low = (one << dropped) - one
    rounded = (size + (low ^ (low >> one))) & ~low
    lowered = np.where(rounded > np.uint64(limits.max - 2), size & ~low, rounded)
    result = np.where(negative, ~lowered + one, lowered).astype(values.dtype)
    marked = (values >= limits.max - 1) | (negative & (values == limits.min))
    return cast("Array", np.where(marked, values, result))


def _length(size: Array) -> Array:
    """The number of bits of each whole number."""
    rest = size.copy()
    length: Array = np.zeros(size.shape, np.int64)
    for step in (32, 16, 8, 4, 2, 1):
        large = rest >> np.uint64(step) > 0
        length[large] += step
        rest[large] >>= np.uint64(step)
    length += rest > 0
    return length
