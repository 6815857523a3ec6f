"""The recipes that were written last: a list in `$XDG_STATE_HOME/nxtool/recent.json`.

It is a convenience: what cannot be read is an empty list, what cannot be written is not.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.journal import state_folder
from nxtool.errors import NxtoolError

if TYPE_CHECKING:
    from nxtool.authoring.session import Session

MAX_RECENT: Final = 20
_MAX_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Recent:
    """A recipe, its definition, how many of its required values it has, and when it was left."""

    path: Path
    definition: str
    done: int
    due: int
    when: datetime


def recent_file() -> Path:
    """Where the list is; it may not exist yet."""
    return state_folder() / "recent.json"


def recent() -> list[Recent]:
    """The recipes that were written last and are still there, latest first."""
    return [one for one in _all() if one.path.is_file()]


def remember(one: Recent) -> None:
    """Put a recipe at the head of the list, which keeps no more than `MAX_RECENT`."""
    others = [other for other in _all() if other.path != one.path]
    listed = [_written(item) for item in [one, *others][:MAX_RECENT]]
    file = recent_file()
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(listed, indent=1), encoding="utf-8")
        part.replace(file)


def _written(one: Recent) -> dict[str, Any]:
    return {**asdict(one), "path": str(one.path), "when": one.when.isoformat()}


def _all() -> list[Recent]:
    try:
        with recent_file().open(encoding="utf-8") as stream:
            listed = json.loads(stream.read(_MAX_BYTES))
        return [_read(item) for item in listed][:MAX_RECENT]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []


def _read(item: dict[str, Any]) -> Recent:
    when = datetime.fromisoformat(item["when"]).astimezone()
    definition = str(item["definition"])
    return Recent(Path(item["path"]), definition, int(item["done"]), int(item["due"]), when)


def remember_session(session: Session) -> None:
    """Put the recipe of a session at the head of the list, as far as it is now."""
    try:
        tallies = [row.tally for row in session.rows()]
    except NxtoolError:
        tallies = []
    done, due = (sum(tally[place] for tally in tallies) for place in (0, 1))
    path, now = session.document.path.resolve(), datetime.now().astimezone()
    remember(Recent(path, session.definition, done, due, now))
