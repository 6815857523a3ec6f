"""The record of a task, a small JSON file beside its output: what the file was made from, by what,
and what came of it. It is replaced whole; there is no other memory of a batch.

{"schema": "nxtool.batch.record", "schema_version": 1, "state": "begun" or "done", "action",
 "input", "output", "asked": SHA-256 of recipe, settings and options, "recipe": SHA-256 of the
 merged recipe, "inputs": [{"path", "size", "mtime_ns", "sha256"}], "written": the same of the
 output or null, "versions": {"nxtool", "h5py", "python"}, "host", "pid", "finished",
 "result": {"verdict", "message", "hint", "counts", "findings", "seconds"} or null}
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from nxtool.batch.model import VERDICTS, Action, Print, Result
from nxtool.build.partfile import told_as_output_error
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.findings import SEVERITIES, Finding, Mark

T = TypeVar("T", int, float)
SCHEMA: Final = "nxtool.batch.record"
SCHEMA_VERSION: Final = 1
MAX_BYTES: Final = 64 << 20
"""A record has some 300 bytes for each input; larger files are none."""
_WRONG: Final = (
    ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
"""What values of other forms than ours make of the functions below."""
_MOST_PID: Final = 2**31 - 1
_MOST_SECONDS: Final = 1e9
_TEXTS: Final = ("code", "path", "message", "expected", "found", "hint", "anchor", "waived")


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a task. `result` is None while it is being done, or where that was cut
    off; `written` is None where no file came of it."""

    action: Action
    input: str
    output: str
    asked: str = ""
    recipe: str = ""
    inputs: tuple[Print, ...] = ()
    written: Print | None = None
    versions: Mapping[str, str] | None = None
    host: str = ""
    pid: int = 0
    finished: str = ""
    result: Result | None = None


def write_record(path: Path, record: Record) -> None:
    """Put `record` in the place of what is at `path`, whole; where it has more inputs than can be
    read again without them, so that it will not hold.

    Raises:
        OutputError: it cannot be written.
    """
    document = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "state": "begun" if record.result is None else "done",
        **asdict(record),
    }
    if record.result is not None:
        del document["result"]["was_done"], document["result"]["name"]
    text = json.dumps(document, indent=1) + "\n"
    if len(text) > MAX_BYTES:
        text = json.dumps({**document, "inputs": []}, indent=1) + "\n"
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with told_as_output_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="ascii")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def read_record(path: Path) -> Record | None:
    """The record at `path`, None where there is none.

    Raises:
        FileUnreadable: there is something else.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadable(f"{path}: {(error.strerror or 'cannot be read').lower()}") from error
    try:
        document = json.loads(data) if len(data) <= MAX_BYTES else None
        if not isinstance(document, dict) or document["schema"] != SCHEMA:
            raise _no_record(path)
        return _record(document)
    except _WRONG as error:
        raise _no_record(path) from error


def _no_record(path: Path) -> NxtoolError:
    return FileUnreadable(f"{path}: is no record of a batch", hint="take it away")


def _record(found: Mapping[str, Any]) -> Record:
    result = found["result"]
    if found["action"] not in get_args(Action):
        raise ValueError(found["action"])
    return Record(
        action=found["action"],
        input=str(found["input"]),
        output=str(found["output"]),
        asked=str(found["asked"]),
        recipe=str(found["recipe"]),
        inputs=tuple(_print(item) for item in found["inputs"]),
        written=None if found["written"] is None else _print(found["written"]),
        versions={str(key): str(value) for key, value in (found["versions"] or {}).items()},
        host=str(found["host"]),
        pid=_within(int(found["pid"]), _MOST_PID),
        finished=str(found["finished"]),
        result=None if result is None else _result(result, found),
    )


def _within(number: T, most: float) -> T:
    """`number`, if it is one from 0 to `most`. Raises `ValueError`."""
    if not 0 <= number <= most:
        raise ValueError(number)
    return number


def _print(found: Mapping[str, Any]) -> Print:
    return Print(
        str(found["path"]), int(found["size"]), int(found["mtime_ns"]), str(found["sha256"])
    )


def _result(found: Mapping[str, Any], record: Mapping[str, Any]) -> Result:
    if found["verdict"] not in VERDICTS:
        raise ValueError(found["verdict"])
    return Result(
        name=str(record["output"] or record["input"]),
        verdict=found["verdict"],
        message=str(found["message"]),
        hint=str(found["hint"]),
        counts={word: int(found["counts"].get(word, 0)) for word in SEVERITIES},
        findings=_findings(found["findings"]),
        seconds=_within(float(found["seconds"]), _MOST_SECONDS),
    )


def _findings(found: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(_finding(item) for item in found)


def _finding(item: Mapping[str, Any]) -> Finding:
    if item["severity"] not in SEVERITIES:
        raise ValueError(item["severity"])
    place = item["mark"]
    mark = place and Mark(str(place["file"]), int(place["line"]), int(place["column"]))
    texts = {name: str(item[name]) for name in _TEXTS}
    return Finding(severity=item["severity"], mark=mark, **texts)
