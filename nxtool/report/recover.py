"""What was done to a file that a killed writer left, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import counted

if TYPE_CHECKING:
    from nxtool.stream.recover import Recovered


def recovered_lines(found: Recovered) -> list[Line]:
    """A line for the file, and one for every dataset that was cut."""
    lines = [line(styled("recovered ", "good"), styled(str(found.path), "title"), _how(found))]
    lines += [line(f"  {name}: {counted(rows, 'row')} after the last checkpoint cut off")
              for name, rows in found.rows.items()]  # fmt: skip
    lines += [line(f"  read up to {position} of {name}")
              for name, position in found.positions.items()]  # fmt: skip
    return lines


def _how(found: Recovered) -> str:
    if found.run is not None:
        kept = f"; they stay in {found.run.documents}" if found.run.documents else ""
        trouble = f"; {found.run.trouble}" if found.run.trouble else ""
        return f"  made anew of its documents{kept}{trouble}"
    if found.has_checkpoint:
        return "  as at its last checkpoint"
    if found.was_open:
        return "  opens again; it has no checkpoint, so its last rows may be missing"
    return "  was whole: nothing to mend"
