"""What repacking did, for people and for programs.

`repack --format json`:
{"schema": "nxtool.repack", "schema_version": 1, "source", "target", "bytes_before",
 "bytes_after", "ratio", "datasets_renewed", "datasets_kept", "verified",
 "notes": [{"path", "message"}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from nxtool.repack.apply import Outcome
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text, counted


def repack_lines(outcome: Outcome) -> Iterator[Line]:
    """The sizes before and after, what was done, and what should be known."""
    sizes = f"{bytes_text(outcome.before)} before, {bytes_text(outcome.after)} after"
    yield line(
        styled("wrote ", "good"),
        styled(str(outcome.target), "title"),
        f"  {sizes}, ratio {_ratio(outcome):.2f}",
    )
    told = f"{counted(outcome.renewed, 'dataset')} stored anew, {outcome.kept} as before"
    if outcome.verified:
        told += "; all read back and compared"
    yield line("  ", told)
    for path, message in outcome.notes:
        yield line(styled("  note  ", "info"), styled(path, "title"), f": {message}")


def _ratio(outcome: Outcome) -> float:
    return outcome.before / outcome.after


def repack_json(outcome: Outcome) -> str:
    """The same for programs."""
    document = {
        "schema": "nxtool.repack",
        "schema_version": 1,
        "source": printable(str(outcome.source)),
        "target": printable(str(outcome.target)),
        "bytes_before": outcome.before,
        "bytes_after": outcome.after,
        "ratio": round(_ratio(outcome), 4),
        "datasets_renewed": outcome.renewed,
        "datasets_kept": outcome.kept,
        "verified": outcome.verified,
        "notes": [
            {"path": printable(path), "message": printable(message)}
            for path, message in outcome.notes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
