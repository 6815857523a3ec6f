"""What a judge is given besides an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nxtool.defaultplot import DefaultPlot, NoPlot
from nxtool.fair.checksums import Comparison
from nxtool.fair.facts import Facts
from nxtool.findings import Finding
from nxtool.schema.compile import Schema


@dataclass(frozen=True, slots=True)
class Context:
    """One file: its facts, what the validator found, its default plot, and its checksums.

    `folder` is the file's own. `sums` are comparisons, None where nobody asked for them;
    `sidecar` is the file with checksums beside this one, if any.
    """

    facts: Facts
    findings: Sequence[Finding]
    plot: DefaultPlot | NoPlot
    schema: Schema
    folder: Path
    sums: Sequence[Comparison] | None = None
    sidecar: Path | None = None
