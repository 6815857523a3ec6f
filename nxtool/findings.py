"""What nxtool finds wrong in a file or a recipe, as values.

A `Finding` is made by a rule, collected in `Findings`, and printed elsewhere
(`nxtool.report`). The rules themselves - code, severity, help and source -
stand in one table, `nxtool.validate.rulebook.RULES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
"""From worst to mildest."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a text file; line and column count from 1.

    Both are 0 where `file` says it all: the path of a value in a recipe made in Python, or the
    option of a command.

    >>> str(Mark("scan.nx.yaml", 3, 7)), str(Mark("entry/sample/name"))
    ('scan.nx.yaml:3:7', 'entry/sample/name')
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Anchor:
    """A concept of a definition, and where it stands in the NXDL file.

    >>> Anchor.of("NXsas/ENTRY/SAMPLE/name (NXsas.nxdl.xml:212)")
    Anchor(definition='NXsas', concept='/ENTRY/SAMPLE/name', file='NXsas.nxdl.xml', line=212)
    """

    definition: str
    concept: str
    file: str
    line: int

    @classmethod
    def of(cls, text: str) -> Anchor | None:
        """The parts of `Finding.anchor`; None where it names no concept."""
        match = _ANCHOR.fullmatch(text)
        return cls(match[1], match[2], match[3], int(match[4])) if match else None


_ANCHOR: Final = re.compile(r"([^/@ ]+)(\S*) \((.+):(\d+)\)")
_VARYING: Final = re.compile(r"'[^']*'|\d+")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong at one place, in a form that people and programs can use.

    `path` is an HDF5 path, attributes behind an `@`: `/entry/sample/temperature@units`.
    `message` is one line without path, code or final stop. `anchor` names the concept of
    the definition and its line: `NXsas/ENTRY/SAMPLE/name (NXsas.nxdl.xml:212)`. `mark` is
    the place in the recipe, where there is one. `waived` is why the author could not give
    what is missing, empty where nothing was waived.
    """

    code: str
    severity: Severity
    path: str
    message: str
    expected: str = ""
    found: str = ""
    hint: str = ""
    anchor: str = ""
    mark: Mark | None = None
    waived: str = ""

    @property
    def sort_key(self) -> tuple[int, str, str, str]:
        """Orders findings worst first, then by place and code."""
        return SEVERITIES.index(self.severity), self.path, self.code, self.message

    @property
    def shape(self) -> str:
        """The message without the names and numbers in it: what stays the same from one version
        of a file to the next.

        >>> Finding("D03", "error", "/x", "length of 'x' is 3, not 20").shape
        'length of _ is _, not _'
        """
        return _VARYING.sub("_", self.message)


@dataclass(slots=True)
class Findings:
    """The findings about one file, in a stable order: worst first, then by path."""

    file: str
    items: list[Finding] = field(default_factory=list)
    definitions: tuple[str, ...] = ()
    """Application definitions the file was judged by, as `path: name`."""
    known: int = 0
    """How many findings were left out because a baseline knows them."""

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self.items, key=lambda item: item.sort_key))

    def __len__(self) -> int:
        return len(self.items)

    def extend(self, more: Iterable[Finding]) -> None:
        """Add `more` findings."""
        self.items.extend(more)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(item.severity == severity for item in self.items)

    def at_least(self, severity: Severity) -> list[Finding]:
        """The findings of this severity or worse."""
        limit = SEVERITIES.index(severity)
        return [item for item in self if SEVERITIES.index(item.severity) <= limit]

    @property
    def waived(self) -> int:
        """How many findings are notes because the author gave a reason."""
        return sum(bool(item.waived) for item in self.items)

    @property
    def ok(self) -> bool:
        """True when there is no error."""
        return self.count("error") == 0
