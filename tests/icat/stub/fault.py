"""What the service answers instead of a result: the faults of the protocol."""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "BAD_PARAMETER",
    "INTERNAL",
    "INSUFFICIENT_PRIVILEGES",
    "NO_SUCH_OBJECT_FOUND",
    "OBJECT_ALREADY_EXISTS",
    "SESSION",
    "VALIDATION",
    "NOT_IMPLEMENTED",
]


class Fault(Exception):
    """A call failed; `offset` says which of several objects is to blame, -1 if that is not told."""

    def __init__(self, kind: Kind, message: str, offset: int = -1) -> None:
        super().__init__(message)
        self.kind, self.message, self.offset = kind, message, offset
