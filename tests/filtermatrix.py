"""A file with every filter word and type, as the builder writes it, and what must be read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from nxtool.build.data import Literal
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan
from nxtool.errors import FilterError
from nxtool.storage.profiles import choose_filter
from nxtool.storage.spec import create_options

DTYPES = (
    "?", "i1", "u1", "<i2", "<u2", ">u2", "<i4", ">i4", "<u4", "<i8", ">u8", "<f2", "<f4", ">f4",
    "<f8", ">f8", "<c8", ">c16",
)  # fmt: skip
SHAPE, CHUNKS = (11, 37, 41), (8, 16, 41)
"""Edge chunks along two axes; no chunk is so small that it is left to HDF5."""


def filled(dtype: str, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """Values of every kind: small ones, extremes, and for floats NaN, infinities and zeros."""
    kind = np.dtype(dtype)
    values = np.random.default_rng(7).poisson(3, shape).astype(kind)
    flat = values.reshape(-1)
    if kind.kind in "fc":
        flat[:6] = np.nan, np.inf, -np.inf, -0.0, np.finfo(kind).max, np.finfo(kind).tiny
    elif kind.kind in "iu":
        flat[:2] = np.iinfo(kind).max, np.iinfo(kind).min
    return values


def write_matrix(
    path: Path, words: Iterable[str], dtypes: Iterable[str] = DTYPES, ranks: Iterable[int] = (3,)
) -> Mapping[str, np.ndarray]:
    """Write every type behind every filter that takes it; the values by name of dataset."""
    root = PlannedGroup("/", "NXroot")
    wanted: dict[str, np.ndarray] = {}
    for word in words:
        for dtype in dtypes:
            for rank in ranks:
                values = filled(dtype, SHAPE if rank == 3 else (np.prod(SHAPE),))
                name = f"{word} {dtype.replace('<', 'l').replace('>', 'b')} {rank}"
                field = _planned(name, word, values)
                if field is not None:
                    root.children[name] = field
                    wanted[name] = values
    write_plan(Plan(root), path)
    return wanted


def _planned(name: str, word: str, values: np.ndarray) -> PlannedField | None:
    """The field; None where the filter does not take such values."""
    spec = choose_filter(word, values.dtype, values.ndim)
    try:
        create_options(spec, values.dtype)
    except FilterError:
        return None
    chunks = CHUNKS if values.ndim == 3 else (np.prod(CHUNKS),)
    return PlannedField(f"/{name}", Literal(values), compression=spec, chunks=chunks)
