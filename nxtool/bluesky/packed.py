"""Records of msgpack, with arrays as msgpack-numpy writes them; nothing is ever unpickled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np

from nxtool.bluesky.jsonrecords import CUT, LONGEST, Record
from nxtool.errors import SourceError
from nxtool.sources.extras import load

_BLOCK: Final = 1 << 20
_PLAIN: Final = "biufcSUMm"


def records(path: Path, notes: list[str]) -> Iterator[Record]:
    """The values of a file of msgpack; what is to be told of it is added to `notes`.

    Raises:
        SourceError: with its place, a value that is damaged or too large.
        MissingExtra: msgpack is not installed.
        OSError: the file cannot be read.
    """
    msgpack = load("msgpack", "reading msgpack", "bluesky")
    unpacker = msgpack.Unpacker(
        raw=False, strict_map_key=False, object_hook=_decoded, max_buffer_size=LONGEST,
        unicode_errors="surrogateescape",
    )  # fmt: skip
    places = [0]  # where the next value begins
    fed = 0
    with path.open("rb") as stream:
        while raw := stream.read(_BLOCK):
            fed += len(raw)
            for value in _fed(msgpack, unpacker, raw, lambda: f"{path}: byte {places[0]}"):
                yield Record(value, places[0], 0, 0)
                places[0] = unpacker.tell()
    if places[0] < fed:
        notes.append(f"{path}: byte {places[0]}: {CUT}")


def document_of(data: bytes) -> tuple[str, dict[str, Any]]:
    """The document in a message: msgpack, or JSON, of `[name, document]`.

    Raises:
        SourceError: it is neither, or something else.
        MissingExtra: msgpack is not installed.
    """
    if data[:1] in (b"[", b"{"):
        found = _parsed(data)
    else:
        msgpack = load("msgpack", "reading msgpack", "bluesky")
        unpacker = msgpack.Unpacker(
            raw=False, strict_map_key=False, object_hook=_decoded, max_buffer_size=LONGEST,
            unicode_errors="surrogateescape",
        )  # fmt: skip
        found = next(_fed(msgpack, unpacker, data, lambda: "message"), None)
    if isinstance(found, dict):
        found = [found.get("name"), found.get("doc")]
    if not isinstance(found, list) or len(found) != 2:
        raise SourceError("is no document of Bluesky")
    name, doc = found
    if not isinstance(name, str) or not isinstance(doc, dict):
        raise SourceError("is no document of Bluesky")
    return name, doc


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"is no JSON: {error}") from error


def _fed(msgpack: Any, unpacker: Any, raw: bytes, where: Callable[[], str]) -> Iterator[Any]:
    """The values that are complete with these bytes."""
    try:
        unpacker.feed(raw)
        yield from unpacker
    except msgpack.BufferFull as error:
        raise SourceError(f"{where()}: a record of more than {LONGEST >> 20} MiB") from error
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"{where()}: is no msgpack: {reason}") from error


def _decoded(found: dict[Any, Any]) -> Any:
    """An array of msgpack-numpy, or the mapping with names that are text, as JSON has them.

    Raises:
        ValueError: it is an array of objects, or its parts do not fit together.
    """
    key = next((key for key in (b"nd", "nd") if key in found), None)
    if key is None:
        return _complex(found)
    parts = {str(name, "ascii") if isinstance(name, bytes) else name: found[name] for name in found}
    if "type" not in parts or "data" not in parts:
        return _named(found)
    kind = parts["type"]
    dtype = np.dtype(kind if isinstance(kind, str) else bytes(kind).decode("ascii"))
    if dtype.kind not in _PLAIN or dtype.hasobject:
        raise ValueError(f"an array of {dtype}")
    data = parts["data"]
    raw = data.encode("latin-1") if isinstance(data, str) else bytes(data)
    shape = tuple(int(length) for length in parts.get("shape", ()))
    if any(length < 0 for length in shape) or prod(shape) * dtype.itemsize != len(raw):
        raise ValueError("an array whose bytes do not fit its shape")
    values = np.frombuffer(raw, dtype=dtype).reshape(shape)
    return values if found[key] else values[()]


def _complex(found: dict[Any, Any]) -> Any:
    if not found.get(b"complex"):
        return _named(found)
    data = found.get(b"data", "")
    return complex(data if isinstance(data, str) else bytes(data).decode("ascii"))


def _named(found: dict[Any, Any]) -> dict[str, Any]:
    if all(type(name) is str for name in found):
        return found
    return {
        name.decode(errors="surrogateescape") if isinstance(name, bytes) else str(name): value
        for name, value in found.items()
    }
