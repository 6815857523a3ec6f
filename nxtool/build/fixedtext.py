"""Attributes with text of fixed length, which openPMD asks for and NeXus allows."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from nxtool.build.inplace import TEXT

Value: TypeAlias = "str | tuple[str, ...] | np.generic | np.ndarray[Any, Any]"
"""Of an attribute; a tuple is an array of texts."""


def set_value(node: Any, name: str, value: Value) -> None:
    """Give an object an attribute: text of fixed length where it is ASCII, else UTF-8."""
    if isinstance(value, str):
        node.attrs[name] = np.bytes_(value) if is_fixed(value) else value
    elif isinstance(value, tuple):
        if value and all(map(is_fixed, value)):
            node.attrs[name] = np.array([text.encode() for text in value])
        else:
            node.attrs.create(name, np.array(value, dtype=object), dtype=TEXT)
    else:
        node.attrs[name] = value


def is_fixed(text: str) -> bool:
    """Whether text can have a fixed length: HDF5 has none of length 0, and NUL would end it."""
    return text.isascii() and text != "" and "\0" not in text
