"""Validating in a process of its own, so that a damaged file can stop nobody else.

libhdf5 may crash or loop for ever on damaged structures, and Python cannot interrupt it. Here a
forked child validates and writes its findings to a pipe, with a sign of life now and then; the
parent waits for either. Where a system has no fork, the file is validated in this process.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options

STALL_SECONDS: Final = 20.0
"""So long nothing may be heard: one step of a validation takes milliseconds."""
_BEAT_SECONDS: Final = 0.5
_BEAT: Final = b" "
"""White space means nothing to JSON."""
_CHUNK: Final = 65536


def validate_apart(
    path: str | Path,
    schema: Schema,
    options: Options | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> Findings:
    """What `validate` gives, even for a file on which libhdf5 crashes or hangs.

    Call it where no other thread runs, for a fork copies only the calling one.

    Raises:
        FileUnreadable: the file cannot be opened, or libhdf5 did not survive it.
        NxtoolError: as `validate` does.
    """
    if not hasattr(os, "fork"):
        return validate(path, schema, options)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work(writer, path, schema, options or Options())
    os.close(writer)
    text: bytes | None = None
    try:
        text = _listen(reader, stall_seconds)
    finally:
        os.close(reader)
        if text is None:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if text is None:
        raise FileUnreadable(f"{path}: the HDF5 library hangs on it", hint="the file is damaged")
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        raise FileUnreadable(
            f"{path}: the HDF5 library crashes on it ({name})", hint="the file is damaged"
        )
    return _unpack(str(path), json.loads(text or b"{}"))


def _work(writer: int, path: str | Path, schema: Schema, options: Options) -> NoReturn:
    """The child: findings or an error of ours as JSON, then the end of the process."""
    code = 70
    try:
        answer = _answer(path, schema, replace(options, tick=_beat(writer)))
        _send(writer, json.dumps(answer).encode())
        code = 0
    except BaseException:
        traceback.print_exc()  # a bug of ours: told here, for the parent cannot know it
        raise
    finally:
        os._exit(code)


def _answer(path: str | Path, schema: Schema, options: Options) -> dict[str, Any]:
    try:
        found = validate(path, schema, options)
    except NxtoolError as error:
        unreadable = isinstance(error, FileUnreadable)
        return {"error": error.message, "hint": error.hint, "unreadable": unreadable}
    items = [asdict(item) for item in found.items]
    return {"items": items, "definitions": found.definitions}


def _beat(writer: int) -> Callable[[], None]:
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _BEAT_SECONDS:
            last = now
            os.write(writer, _BEAT)

    return tick


def _send(writer: int, data: bytes) -> None:
    while data:
        data = data[os.write(writer, data) :]


def _listen(reader: int, stall_seconds: float) -> bytes | None:
    """All the child writes; None if it falls silent."""
    parts: list[bytes] = []
    while select.select([reader], [], [], stall_seconds)[0]:
        part = os.read(reader, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def _unpack(path: str, answer: dict[str, Any]) -> Findings:
    if "error" in answer:
        kind = FileUnreadable if answer["unreadable"] else NxtoolError
        raise kind(answer["error"], hint=answer["hint"])
    if "items" not in answer:
        raise RuntimeError(f"{path}: the validation ended without an answer")
    items = [Finding(**{**item, "mark": None}) for item in answer["items"]]
    return Findings(path, items, tuple(answer["definitions"]))
