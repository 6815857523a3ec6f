"""What a bridge did, for people and for programs.

`openpmd to-nexus --format json`, one document for each file:
{"schema": "nxtool.bridge", "schema_version": 1, "source", "target", "direction", "form",
 "bytes_before", "bytes_after", "mapped": {kind: count}, "notes": [{"path", "message"}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text

if TYPE_CHECKING:
    from nxtool.bridge.additions import Note
    from nxtool.bridge.outcome import Outcome

_SAID = {"strip": "taken back", "restore": "taken back"}
_PLURALS = {"NXentry": "NXentry", "NXdata": "NXdata", "mesh": "meshes", "species": "species"}


def bridge_lines(outcome: Outcome) -> Iterator[Line]:
    """The sizes before and after, what was mapped, and what was not, alike notes once."""
    sizes = f"{bytes_text(outcome.before)} before, {bytes_text(outcome.after)} after"
    yield line(styled("wrote ", "good"), styled(str(outcome.target), "title"), f"  {sizes}")
    told = _SAID.get(outcome.form, f"{outcome.form}: {_counts(outcome)}")
    yield line("  ", told)
    for notes in _alike(outcome.notes):
        place = notes[0].path
        more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
        yield line(
            styled("  note  ", "info"), styled(place, "title"), more, f": {notes[0].message}"
        )


def _counts(outcome: Outcome) -> str:
    return ", ".join(
        f"{count} {kind if count == 1 else _PLURALS.get(kind, kind + 's')}"
        for kind, count in outcome.mapped.items()
    )


def _alike(notes: Sequence[Note]) -> list[list[Note]]:
    """The notes by what they say, in the order of the first of each kind."""
    found: dict[str, list[Note]] = {}
    for note in notes:
        found.setdefault(note.message, []).append(note)
    return list(found.values())


def bridge_json(outcome: Outcome) -> str:
    """The same for programs, every note of its own."""
    document = {
        "schema": "nxtool.bridge",
        "schema_version": 1,
        "source": printable(str(outcome.source)),
        "target": printable(str(outcome.target)),
        "direction": outcome.direction,
        "form": outcome.form,
        "bytes_before": outcome.before,
        "bytes_after": outcome.after,
        "mapped": outcome.mapped,
        "notes": [
            {"path": printable(note.path), "message": printable(note.message)}
            for note in outcome.notes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
