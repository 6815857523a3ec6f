"""How files begin that hold Bluesky documents, and which form each of them has."""

from __future__ import annotations

import re
from typing import Final, Literal

Form = Literal["lines", "array", "sequence", "msgpack"]
"""A JSON record a line; one JSON array; JSON text sequences (RFC 7464); values of msgpack."""

NAMES: Final = (
    "start", "descriptor", "event", "event_page", "bulk_events", "resource", "datum", "datum_page",
    "bulk_datum", "stream_resource", "stream_datum", "stop",
)  # fmt: skip
"""The names of documents in event-model."""

_NAME: Final = f'"(?:{"|".join(NAMES)})"'.encode()
_RECORD: Final = (
    rb'(?:\{\s*"name"\s*:\s*' + _NAME + rb'\s*,\s*"doc"\s*:\s*\{'
    rb'|\{\s*"doc"\s*:\s*\{\s*"|\[\s*' + _NAME + rb"\s*,\s*\{)"
)
"""How a JSON record begins: `{"name": "start", "doc": {`, its keys sorted, or `["start", {`."""
_PACKED: Final = b"|".join(re.escape(bytes([0xA0 + len(name)]) + name.encode()) for name in NAMES)
"""The names as msgpack writes them: their length, then their letters."""

RUN: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[\s\x1e]*|\s*\[\s*)" + _RECORD
    + rb"|\x92(?:" + _PACKED + rb")|\x82\xa4name(?:" + _PACKED + rb")"
)  # fmt: skip
"""The first bytes of a file of documents."""

_ARRAY: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*(?:[{\[]|$)")
_SEQUENCE: Final = re.compile(rb"\s*\x1e")
_MSGPACK: Final = re.compile(rb"[\x80-\x9f\xdc-\xdf]")


def form_of(head: bytes) -> Form:
    """The form of a file of documents, by its first bytes."""
    if _MSGPACK.match(head):
        return "msgpack"
    if _SEQUENCE.match(head):
        return "sequence"
    return "array" if _ARRAY.match(head) else "lines"
