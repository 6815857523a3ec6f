"""Recordings from brokers: a status line, and what came of them in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text, counted
from nxtool.stream.kafka.job import Recorded
from nxtool.stream.kafka.listening import Snapshot

_TOLD: Final = (
    ("#late", "row", "came late, kept"),
    ("#repeated", "row", "came again with the same time, kept once"),
    ("#again", "message", "came again with the same offset, kept once"),
    ("#unknown", "message", "for nobody"),
    ("#converted", "value", "changed to fit the type configured"),
)


def status_line(now: Snapshot) -> str:
    """How listening goes, in one line."""
    parts = [
        f"{now.counts['#rows']:,} rows",
        f"{now.rate:,.0f}/s",
        f"lag {now.lag:,}",
        bytes_text(now.received),
    ]
    if now.counts["#rejected"]:
        parts.append(f"{now.counts['#rejected']:,} rejected")
    if now.last:
        name, time = max(now.last.items(), key=lambda item: item[1])
        parts.append(f"{name[-40:]} at {_clock(time)}")
    if now.trouble:
        parts.append(now.trouble)
    return printable("  ".join(parts))


def _clock(time_ns: int) -> str:
    try:
        return datetime.fromtimestamp(time_ns / 1e9, timezone.utc).strftime("%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{time_ns} ns"


def status_json(now: Snapshot, path: Path) -> str:
    """The same for programs."""
    counts = {name.removeprefix("#"): count for name, count in now.counts.items()}
    return json.dumps(
        {
            "file": str(path),
            "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            "counts": counts,
            "rows_per_second": round(now.rate, 1),
            "lag": now.lag,
            "received_bytes": now.received,
            "last": dict(sorted(now.last.items())),
            "positions": dict(now.positions),
            "trouble": now.trouble,
        }
    )


def recorded_lines(recorded: Recorded, path: Path) -> Iterator[Line]:
    """What came of a recording."""
    counts = recorded.counts
    how = "" if recorded.complete else ", stopped"
    size = bytes_text(path.stat().st_size)
    rows, messages = _count(counts, "#rows"), _count(counts, "#messages")
    told = f"  {rows:,} rows of {messages:,} messages, {size}{how}"
    yield line(styled("recorded ", "good"), styled(str(path), "title"), told)
    for name, word, text in _TOLD:
        if _count(counts, name):
            yield line(styled(f"  {counted(counts[name], word)} {text}", "faint"))
    if _count(counts, "#gaps"):
        text = f"  {counted(counts['#gaps'], 'gap')} in offsets: see nxtool_stream/gaps in the file"
        yield line(styled(text, "warning"))
    for link in recorded.missing_links:
        yield line(styled(f"  the link {printable(link)} leads nowhere", "warning"))
    if _count(counts, "#rejected"):
        count = counted(counts["#rejected"], "message")
        text = f"  {count} could not be kept: see nxtool_stream/rejected"
        yield line(styled(text, "error"))


def _count(counts: Mapping[str, int], name: str) -> int:
    return counts.get(name, 0)
