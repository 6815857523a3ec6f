"""What was revised in an openPMD file, for people and for programs.

{"schema": "nxtool.revise", "schema_version": 1, "source", "target",
 "revisions": [{"code", "path", "message"}], "remarks": [{"path", "message"}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import counted

if TYPE_CHECKING:
    from nxtool.revise.model import Revised, Revision


def revised_lines(result: Revised) -> Iterator[Line]:
    """Each kind of revision in one line, with the first place, then what could not be done."""
    groups: dict[tuple[str, str], list[Revision]] = {}
    for revision in result.revisions:
        groups.setdefault((revision.code, revision.message), []).append(revision)
    for (code, message), alike in groups.items():
        head = line("", styled("  changed  ", "good"), styled(f"{code}  ", "faint")).body
        more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
        yield line(head, styled(alike[0].place, "title"), f"{more}: {message}")
    for remark in result.remarks:
        yield line(styled("  note  ", "info"), styled(remark.path, "title"), f": {remark.message}")
    count = len(result.revisions)
    told = f"  {counted(count, 'change')}"
    yield line(styled("wrote ", "good"), styled(str(result.target), "title"), told)


def revised_json(result: Revised) -> str:
    """The same for programs, every revision of its own."""
    document = {
        "schema": "nxtool.revise",
        "schema_version": 1,
        "source": printable(str(result.source)),
        "target": printable(str(result.target)),
        "revisions": [
            {"code": one.code, "path": printable(one.place), "message": printable(one.message)}
            for one in result.revisions
        ],
        "remarks": [
            {"path": printable(one.path), "message": printable(one.message)}
            for one in result.remarks
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
