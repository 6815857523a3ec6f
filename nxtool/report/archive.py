"""What a file keeps of the raw data, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Final

from nxtool.archive.layout import KeptFile
from nxtool.archive.reading import Archive
from nxtool.build.embed import Kept
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text

NAMED: Final = 3
"""How many files kept whole are named after a conversion."""


def archive_lines(archive: Archive) -> Iterator[Line]:
    """What can be restored, a line a file; where nothing can, what is known of the sources."""
    for file in archive.files:
        form = "" if file.is_whole else ", from the data"
        size = bytes_text(file.size)
        when = styled(f"  {_when(file)}", "faint")
        yield line(styled(file.name, "title"), f"  {size}{form}", when)
    if archive.recipe is not None:
        yield line(styled(archive.recipe.name, "title"), "  the recipe")
    if not archive.files:
        yield line(styled("no raw files are kept", "warning"))
        for source in archive.sources:
            yield line("  source ", source.text)


def as_dictionary(archive: Archive) -> dict[str, Any]:
    """The same for programs; all text is printable."""
    return {
        "files": [
            {
                "name": printable(file.name),
                "size": file.size,
                "modified": _when(file),
                "sha256": printable(file.sha256),
                "whole": file.is_whole,
            }
            for file in archive.files
        ],
        "recipe": printable(archive.recipe.name) if archive.recipe is not None else None,
        "sources": [
            {
                "name": printable(source.name),
                "path": printable(source.path),
                "format": printable(source.format),
                "files": source.files,
            }
            for source in archive.sources
        ],
    }


def kept_lines(kept: Kept | None, *, verified: bool) -> Iterator[Line]:
    """After a conversion: what the result keeps, and which files it keeps whole."""
    if kept is None:
        return
    count = "1 raw file" if kept.files == 1 else f"{kept.files} raw files"
    parts = f"{count}, {bytes_text(kept.size)} before compression"
    checked = ", restored and compared" if verified else ""
    yield line(styled("keeps ", "good"), f"{parts}{checked}")
    if kept.whole and kept.form == "residual":
        names = ", ".join(kept.whole[:NAMED])
        more = f" and {len(kept.whole) - NAMED} more" if len(kept.whole) > NAMED else ""
        yield line("  whole, as the data does not make them: ", f"{names}{more}")


def _when(file: KeptFile) -> str:
    """The time of change, ISO 8601 in UTC; empty where no calendar has it."""
    try:
        moment = datetime.fromtimestamp(file.modified_ns // 10**9, timezone.utc)
    except (ValueError, OverflowError, OSError):
        return ""
    return moment.isoformat()
