"""Documents of Bluesky in all their forms: read, and made the recipe of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgpack

from nxtool.build.convert import check
from nxtool.build.fromrun import RunRequest, recipe_of_run
from nxtool.config import lasting_schema
from nxtool.sources.blueskyrun import opener
from tests.fuzz.target import Take
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, page
from tests.sourcedamage import read_damaged

LONGEST = 4096
WORDS = (
    b'"start"', b'"stop"', b'"descriptor"', b'"event"', b'"event_page"', b'"bulk_events"',
    b'"resource"', b'"datum"', b'"datum_page"', b'"bulk_datum"', b'"stream_resource"',
    b'"stream_datum"', b'"uid"', b'"run_start"', b'"time"', b'"data_keys"', b'"shape"', b'"dtype"',
    b'"array"', b'"string"', b'"external"', b'"hints"', b'"object_keys"', b'"configuration"',
    b'"seq_num"', b'"data"', b'"timestamps"', b'"filled"', b'"num_events"', b'"motors"',
    b'"snaking"', b'"units"', b'"precision"', b'"dtype_numpy"', b'"<f8"', b"NaN", b"Infinity",
    b"null", b"1e999", b"\x1e", b"\xff",
)  # fmt: skip

_IMAGE = {"dtype": "array", "shape": [2, 3], "source": "sim", "external": "FILESTORE:"}
_START = {
    **START[1], "scan_id": 12, "motors": ["x"], "shape": [2], "snaking": [False],
    "hints": {"dimensions": [[["x"], "primary"]]}, "detectors": ["det"],
}  # fmt: skip
_SETTINGS = {
    "det": {"data": {"gain": 2}, "timestamps": {"gain": 1.7e9}, "data_keys": {"gain": NUMBER}}
}
_RUNS = (
    (START, descriptor(), event(1, x=1.5), event(2, x=2.5), STOP),
    (("start", _START), descriptor(configuration=_SETTINGS, object_keys={"det": ["x"]},
        hints={"det": {"fields": ["x"]}}), page([1, 2], x=[1, 2]), STOP),
    (START, descriptor({"t": {**NUMBER, "dtype": "string"},
                        "a": {**NUMBER, "dtype": "array", "shape": [2]}}),
     event(1, t="é", a=[1, 2]), event(3, t="b", a=[3, 4])),
    (START, descriptor({"im": _IMAGE}), ("resource", {"uid": "r", "spec": "AD_HDF5", "root": "/",
        "resource_path": "no.h5", "resource_kwargs": {}, "run_start": "run-1"}),
     ("datum", {"datum_id": "r/0", "resource": "r", "datum_kwargs": {"point_number": 0}}),
     event(1, im="r/0"), STOP),
    (START, descriptor({"im": {**_IMAGE, "external": "STREAM:", "dtype_numpy": "<u2"}}),
     ("stream_resource", {"uid": "s", "data_key": "im", "mimetype": "application/x-hdf5",
        "uri": "file://localhost/no.h5", "parameters": {"dataset": "/d", "chunk_shape": [1, 2, 3]},
        "run_start": "run-1"}),
     ("stream_datum", {"uid": "s/0", "stream_resource": "s", "descriptor": "d1",
        "indices": {"start": 0, "stop": 2}, "seq_nums": {"start": 1, "stop": 3}}), STOP),
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """A few runs in every form."""
    for run in _RUNS:
        records = [{"name": name, "doc": doc} for name, doc in run]
        yield b"".join(json.dumps(one).encode() + b"\n" for one in records)
        yield json.dumps(run).encode()
        yield b"".join(b"\x1e" + json.dumps(list(one)).encode() + b"\n" for one in run)
        yield b"".join(msgpack.packb(one) for one in records)
        yield b"".join(msgpack.packb(list(one)) for one in run)


def prepared(folder: Path) -> Take:
    """Reads all arrays of a run, and checks the recipe that is made of it."""
    schema, path = lasting_schema([]), folder / "run.jsonl"

    def take(data: bytes) -> None:
        read_damaged(opener({}), path, data)
        check(recipe_of_run(path, RunRequest()), schema, output=str(folder / "out.nxs"))

    return take
