"""What readers of spectra (extra `spectra`) share: opening by a library, header entries."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from nxtool.sources.extras import check_size, load, reading
from nxtool.sources.lookup import check_options
from nxtool.sources.memory import MemoryArray, per_frame
from nxtool.sources.model import SourceArray
from nxtool.sources.namedarrays import NamedArrays

if TYPE_CHECKING:
    from nxtool.sources.model import OpenFile

Arrays: TypeAlias = Iterator[tuple[str, SourceArray]]
"""Arrays with their selectors; that of the data itself is empty."""

_LIMIT: Final = 1 << 30
"""The largest file that is read at once, in bytes."""


def spectrum_opener(
    name: str,
    options: Mapping[str, Any],
    module: str,
    arrays: Callable[[Path, Any], Arrays],
) -> OpenFile:
    """How to open files of the format `name`, which has no options.

    `arrays` gives what a file holds, read by the library imported as `module`. What the library
    prints is an error: these print what is wrong, and go on.
    """
    check_options(name, options, ())
    return partial(_open, module=module, arrays=arrays)


def _open(path: Path, module: str, arrays: Callable[[Path, Any], Arrays]) -> NamedArrays:
    library = load(module, f"reading the spectrum {path.name}", "spectra")
    check_size(path, _LIMIT)
    said = io.StringIO()
    with reading(path, module):
        with redirect_stdout(said):
            found = dict(arrays(path, library))
        if said.getvalue():
            raise ValueError(said.getvalue())
    return NamedArrays(path, found, "spectrum or header key")


def header_arrays(entries: Mapping[str, Any]) -> Arrays:
    """Header entries that are numbers, texts or times, under `#key`."""
    for key, value in entries.items():
        array = _entry(value)
        if array is not None:
            yield f"#{key}", MemoryArray(array)


def _entry(value: object) -> np.ndarray[Any, Any] | None:
    """A number, a text, a time as ISO text, or numbers; None for anything else."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str):
        return per_frame([value.strip("\0 \r\n")])
    numbers = value if isinstance(value, list | tuple) else [value]
    if not numbers or not all(isinstance(one, int | float | np.number) for one in numbers):
        return None
    return np.array(value)
