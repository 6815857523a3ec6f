"""A plan for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.build.plan import Plan
from nxtool.build.plantext import PlanRow, plan_rows
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text


def plan_lines(plan: Plan, target: str) -> Iterator[Line]:
    """What would be written, as an indented tree."""
    yield line(
        styled(target, "title"), styled(f"  {bytes_text(plan.bulk_bytes)} of values", "faint")
    )
    rows = list(plan_rows(plan))
    width = min(44, max((_width(row) for row in rows), default=0))
    for row in rows:
        yield _line(row, width)


def _width(row: PlanRow) -> int:
    return 2 + 2 * row.depth + len(row.name)


def _line(row: PlanRow, width: int) -> Line:
    name = ("  " * (row.depth + 1) + row.name).ljust(width)
    note = styled(f"  (by the {row.origin})" if row.origin == "definition" else "", "faint")
    return line(styled(f"{name}  "), styled(row.what, "plain"), note)
