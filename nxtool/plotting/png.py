"""An image of at most 256 colours as PNG (ISO/IEC 15948), for pages that hold their pictures."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

from nxtool.plotting.extent import Array

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PALETTE: Final = 3
"""The colour type of images whose pixels are numbers of colours."""


def palette_png(pixels: Array, colours: bytes) -> bytes:
    """The file. `pixels` are numbers of colours by row and column, as uint8; `colours` have three
    bytes each, red, green and blue. The number after the last colour is transparent."""
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", colours + b"\0\0\0"),
            _chunk(b"tRNS", b"\xff" * (len(colours) // 3) + b"\0"),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        )
    )


def data_uri(png: bytes) -> str:
    """The file as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
