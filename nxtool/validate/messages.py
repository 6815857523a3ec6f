"""What a process that judges files and the one that asks it say to each other: lines of JSON.

A worker begins with the definitions it uses, or with the error that keeps it from working. It
then answers each file name with findings, or with the reason why there are none. JSON, because
the worker has read a file nobody trusts, and its words must not be more than words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.findings import Finding, Findings


def question(file: str) -> bytes:
    """What of this file?"""
    return _line(file)


def greeting(definitions: Sequence[str]) -> bytes:
    """A worker is ready."""
    return _line({"definitions": list(definitions)})


def problem(error: NxtoolError) -> bytes:
    """A worker, or one file, cannot do."""
    return _line({"message": error.message, "hint": error.hint})


def verdict(findings: Findings) -> bytes:
    """What is found in a file that could be read."""
    items = [_values(item) for item in findings.items]
    return _line({"file": findings.file, "definitions": findings.definitions, "items": items})


def _values(item: Finding) -> tuple[str | None, ...]:
    """The fields of a finding in order; one about a file has no mark."""
    return (
        item.code, item.severity, item.path, item.message, item.expected, item.found, item.hint,
        item.anchor, None, item.waived,
    )  # fmt: skip


def file_of(text: bytes) -> str:
    """The reverse of `question`."""
    return str(json.loads(text))


def definitions_of(text: bytes) -> list[str]:
    """The reverse of `greeting`. Raises `NxtoolError` for a `problem`."""
    content = json.loads(text)
    if "message" in content:
        raise NxtoolError(content["message"], hint=content["hint"])
    return list(content["definitions"])


def verdict_of(text: bytes) -> Findings | FileUnreadable:
    """The reverse of `verdict`, and of `problem` about a file."""
    content: dict[str, Any] = json.loads(text)
    if "message" in content:
        return FileUnreadable(content["message"], hint=content["hint"])
    items = [Finding(*item) for item in content["items"]]
    return Findings(content["file"], items, tuple(content["definitions"]))


def _line(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode("ascii") + b"\n"
