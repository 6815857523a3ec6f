"""One message decoded: the format by the four letters at byte 4, plain JSON by how it begins."""

from __future__ import annotations

from nxtool.messages.forms import message_of
from nxtool.messages.jsontext import read_json
from nxtool.messages.model import Message
from nxtool.messages.schemas import SCHEMAS
from nxtool.messages.wire import Reader, Undecodable


def schema_of(buffer: bytes) -> str | None:
    """The four letters of the message's format; None when they are none of ours."""
    letters = buffer[4:8].decode("latin-1")
    return letters if letters in SCHEMAS else None


def decode(buffer: bytes) -> Message:
    """The message that `buffer` is; its arrays view `buffer`.

    Raises Undecodable with the reason: an unknown format, or bytes that do not hold together.
    """
    schema = schema_of(buffer)
    if schema is None:
        if buffer.lstrip()[:1] in (b"{", b"["):
            return read_json(buffer)
        raise Undecodable(_unknown(buffer))
    try:
        return message_of(schema, Reader(buffer).root(SCHEMAS[schema]))
    except Undecodable as trouble:
        raise Undecodable(trouble.reason, schema=schema) from None


def _unknown(buffer: bytes) -> str:
    letters = buffer[4:8]
    if len(letters) < 4:
        return f"{len(buffer)} bytes are no message"
    if letters.isalnum() and letters.isascii():
        return f"format {letters.decode()} is not known"
    return "neither JSON nor a message with the letters of a format"
