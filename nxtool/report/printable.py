"""Text from files, made safe to print."""

from __future__ import annotations

import re
from typing import Final

_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""`text` with control characters, bidirectional overrides and lone surrogates escaped.

    Names in a file may hold anything; a terminal must not obey them, and a pipe not choke on
    them. Bytes that are not UTF-8 (surrogates, PEP 383) come out as the byte they are.

    >>> printable("caf\udce9 \x1b[31m")
    'caf\\xe9 \\x1b[31m'
    """
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
