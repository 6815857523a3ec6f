"""Every cell of the matrix of filters: `python tests/filtercells.py WORD quick|full`.

A cell is a word for storing values, a type and a condition. Each is written the way a plan is, the
file is opened again and compared. A line tells the cell before it is tried and its outcome after,
so that the cell at which a plug-in brings the interpreter down is known.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from nxtool.build.data import Literal
from nxtool.build.lossy import Coded, Quantized
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan
from nxtool.errors import NxtoolError
from nxtool.storage.bounded import Bounded
from nxtool.storage.measure import distance
from nxtool.storage.quantize import COUNTED, Quantizer
from nxtool.storage.spec import create_options, parse_filter

RECORD = np.dtype([("a", "i4"), ("b", "f8")])
DTYPES: dict[str, Any] = {
    **{name: np.dtype(name) for name in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")},
    **{name: np.dtype(name) for name in ("f2", "f4", "f8", "?", "c8", "c16", "S8")},
    "record": RECORD,
    "text": np.dtype(object),
}
CONDITIONS = ("clean", "nan", "inf", "huge", "edge", "empty", "big-endian")
ALWAYS = ("u2", "f4", "f8")
"""Types that are tried in every condition by the quick run too."""
SHAPE, CHUNK = (3, 48, 64), (1, 48, 64)
EDGE_SHAPE, EDGE_CHUNK = (5, 45, 70), (2, 32, 48)


def cells(extent: str) -> Iterator[tuple[str, str]]:
    """The types and conditions to try."""
    for name, dtype in DTYPES.items():
        for condition in CONDITIONS:
            floats = dtype.kind in "fc" or dtype.names
            if condition in ("nan", "inf") and not floats:
                continue
            if extent == "full" or condition == "clean" or name in ALWAYS:
                yield name, condition


def values(name: str, condition: str) -> np.ndarray:
    """Smooth numbers with some noise, and what the condition asks for in the middle frame."""
    dtype = DTYPES[name]
    shape = {"edge": EDGE_SHAPE, "empty": (0, *SHAPE[1:])}.get(condition, SHAPE)
    count = int(np.prod(shape))
    noise = np.random.default_rng(4).integers(0, 3, count)
    array = _typed((np.arange(count) // 50 % 100 + noise).reshape(shape), dtype)
    if condition in ("nan", "inf", "huge") and dtype.kind not in "OS":
        numbers = array["b"] if dtype.names else array
        numbers[1, 5, 7:9] = _odd(numbers.dtype, condition)
    return array.astype(array.dtype.newbyteorder(">")) if condition == "big-endian" else array


def _typed(plain: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.names:
        array = np.zeros(plain.shape, dtype)
        array["a"], array["b"] = plain, plain * 0.3
        return array
    if dtype.hasobject:
        return plain.astype(str).astype(object)
    return (plain * 0.3 if dtype.kind in "fc" else plain).astype(dtype)


def _odd(dtype: np.dtype, condition: str) -> list[Any]:
    if condition == "nan":
        return [np.nan, np.nan]
    if condition == "inf":
        return [np.inf, -np.inf]
    if dtype.kind == "b":
        return [True, True]
    limits = np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)
    return [limits.max, limits.min]


def outcome(word: str, name: str, condition: str) -> str:
    """`exact`, `within`, `refused`, or what became of the values."""
    array = values(name, condition)
    try:
        field = planned(word, array, EDGE_CHUNK if condition == "edge" else CHUNK)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.h5"
            group = PlannedGroup("/", "NXroot", children={"x": field})
            write_plan(Plan(group), file)
            with h5py.File(file) as opened:
                return compared(word, array, opened["x"])
    except NxtoolError:
        return "refused"


def planned(word: str, array: np.ndarray, chunk: tuple[int, ...]) -> PlannedField:
    """The values as a field to be written with what `word` means."""
    chunks = None if array.dtype.hasobject or 0 in array.shape else chunk
    method, _, bound = word.partition("=")
    if method in COUNTED:
        quantizer = Quantizer(method, int(bound))  # type: ignore[arg-type]
        quantizer.check(array.dtype)
        behind = parse_filter("zstd:3") if chunks else None
        data = Quantized(Literal(array), quantizer, "/x")
        return PlannedField("/x", data, compression=behind, chunks=chunks)
    if bound:
        bounded = Bounded(method, float(bound))  # type: ignore[arg-type]
        bounded.check(array.dtype)
        bounded.check_chunks(chunk)
        data = Coded(Literal(array), bounded, "/x") if chunks else Literal(array)
        return PlannedField("/x", data, chunks=chunks)
    spec = parse_filter(word)
    create_options(spec, array.dtype)
    compression = spec if word != "none" and chunks else None
    return PlannedField("/x", Literal(array), compression=compression, chunks=chunks)


def compared(word: str, array: np.ndarray, dataset: h5py.Dataset) -> str:
    """What came back from the file, beside what was written."""
    if array.dtype.hasobject:
        back = dataset.asstr()[()]
        return "exact" if (back == array).all() else "text differs"
    if dataset.dtype != array.dtype:
        return f"type became {dataset.dtype}"
    back = dataset[()]
    if back.tobytes() == array.tobytes():
        return "exact"
    method, _, measure = word.partition("=")
    finite = np.isfinite(array)
    if not measure or not np.array_equal(back[~finite], array[~finite], equal_nan=True):
        return "values differ"
    old = array[finite]
    moved = distance(old, back[finite])
    is_rounded = method in COUNTED
    bound = Quantizer(method, int(measure)).bound(old) if is_rounded else float(measure)  # type: ignore[arg-type]
    if not (moved <= bound).all():
        return f"values differ by up to {moved.max()}"
    told = json.loads(dataset.attrs["nxtool_lossy"])
    return "within" if told["max_abs_error"] == moved.max() else "the record is wrong"


def main() -> None:
    """Try the cells of one word, and say of each what came of it."""
    word, extent = sys.argv[1:3]
    for name, condition in cells(extent):
        _tell(json.dumps([name, condition]) + " ")
        _tell(json.dumps(outcome(word, name, condition)) + "\n")


def _tell(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
