"""What a batch is made of: tasks, each done by one function that may be called again at any time,
and their results. All of it is plain values that go from process to process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from nxtool.findings import Finding

if TYPE_CHECKING:
    from nxtool.build.convert import Check

Action = Literal["convert", "validate", "repack", "export"]
Verdict = Literal["good", "invalid", "unreadable", "failed"]
"""`invalid`: errors in the recipe or the file. `unreadable`: what it is made from is damaged or
missing. `failed`: anything else, as a full disk or a process that died; it is tried again."""
VERDICTS: Final[tuple[Verdict, ...]] = ("good", "invalid", "unreadable", "failed")
Target = Literal["", "icat", "scicat", "datacite", "rocrate", "jsonld"]
SUFFIX: Final = ".nxtool.json"
"""What is added to the name of a file for the name of its record."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How all tasks of a batch are done; what an action does not know it does not look at.

    `definitions` are folders to prefer. `mode` is for convert; `definition`, what may be missing,
    `packs` of rules and the policy (`select`, `ignore`, `severities`) for validate; `filter`,
    `profile`, `chunks` and `verify` for repack; `target` and `mapping` for export. `overwrite` lets
    files be replaced that no batch has written. `timeout` is in seconds for each task, 0 for no
    limit.
    """

    definitions: tuple[Path, ...] = ()
    mode: Check = "strict"
    definition: str = ""
    allow_missing_external: bool = False
    packs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    filter: str = ""
    profile: str = ""
    chunks: str = "keep"
    verify: bool = False
    target: Target = ""
    mapping: str = ""
    overwrite: bool = False
    timeout: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """One file to make or to judge; paths are absolute.

    `input` is the recipe for convert, or a stored run; else the file that is read. `output` is
    None for validate. `record` is where the result is noted. `settings` are `NAME=VALUE`.
    """

    action: Action
    input: Path
    output: Path | None
    record: Path
    settings: tuple[str, ...] = ()
    manner: Manner = Manner()

    @property
    def name(self) -> str:
        """What people know it by: the file that is made, or judged."""
        return str(self.output or self.input)


@dataclass(frozen=True, slots=True)
class Print:
    """By what a file is known again; `sha256` is empty where it could not be read."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task; `was_done` where that was known from its record.

    `message` and `hint` say why there is no verdict on the content. `counts` are findings by
    severity, `findings` the first of them.
    """

    name: str
    verdict: Verdict
    message: str = ""
    hint: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    was_done: bool = False


def exit_code(results: Mapping[str, int]) -> int:
    """0 all good, 1 some invalid, 2 some could not be done; `results` are numbers by verdict."""
    if any(number for verdict, number in results.items() if verdict not in ("good", "invalid")):
        return 2
    return 1 if results.get("invalid") else 0
