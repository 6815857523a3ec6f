"""Names of number types as configurations of file writers give them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import numpy as np

from nxtool.errors import RecipeError

DTYPES: Final = MappingProxyType(
    {
        "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
        "int64": "i8", "uint64": "u8", "float": "f4", "float32": "f4", "double": "f8",
        "float64": "f8", "byte": "i1", "ubyte": "u1", "short": "i2", "ushort": "u2", "int": "i4",
        "uint": "u4", "long": "i8", "ulong": "u8", "hsize_t": "u8", "bool": "i1",
    }
)  # fmt: skip


def dtype_of(name: object, where: str) -> np.dtype[Any]:
    """The type that a configuration names.

    Raises:
        RecipeError: it is none.
    """
    found = DTYPES.get(str(name).lower())
    if found is None:
        hint = f"known are {', '.join(DTYPES)}"
        raise RecipeError(f"{where}: {name!r} is no type of numbers", hint=hint)
    return np.dtype(found)
