"""What a push to an ICAT server tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from nxtool.export.icatpush import Pushed
from nxtool.report.terminal import Line, line, styled


def pushed_lines(pushed: Pushed, *, quiet: bool) -> Iterator[Line]:
    """What differs of one dataset, and that it cannot be made."""
    for text in pushed.differing:
        yield line(f"{pushed.name}: ", styled("warning", "warning"), f": on the server, {text}")
    if pushed.missing and not quiet:
        number = len(pushed.missing)
        told = f": {number} object{'s' if number != 1 else ''} it refers to missing on the server"
        yield line(f"{pushed.name}: ", styled("error", "error"), told)


def missing_lines(missing: Sequence[str], samples: Sequence[str]) -> Iterator[Line]:
    """What the server lacks, over all datasets; samples are made with them."""
    if missing or samples:
        yield line("", styled("missing on the server:", "title"))
    yield from (line("  ", text) for text in sorted(missing))
    yield from (line("  ", f"{text}  (would be made)") for text in sorted(samples))
    if missing:
        hint = "  → let the catalogue's staff make them, or give --with-static"
        yield line("", styled(hint, "faint"))


def tally_line(total: Counter[str], *, dry_run: bool) -> Line:
    """How many objects were made, or would be."""
    verb = "would be made" if dry_run else "made"
    number = total["datasets"]
    head = f"{number} dataset{'s' if number != 1 else ''}: "
    return line(head, f"{total['made']} objects {verb}, {total['there']} there already")
