"""The line above a recipe: what of it was not saved, who else edits it, why edits are not kept."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Static

if TYPE_CHECKING:
    from datetime import datetime

    from nxtool.authoring.session import Session


class Notice(Static):
    """Nothing, or one line of what there is to know."""

    DEFAULT_CSS = """
    Notice { height: auto; display: none; background: $panel; color: $warning; padding: 0 1; }
    Notice.open { display: block; }
    """

    def show(self, session: Session) -> None:
        """Say what there is to know of a session."""
        told = notice(session)
        self.update(Text(told))
        self.set_class(bool(told), "open")


def notice(session: Session) -> str:
    """What there is to know of a session, in a line; empty where there is nothing."""
    if session.writer is not None:
        return f"only shown: {session.writer} edits this recipe"
    if session.waiting:
        lost = session.waiting[0]
        since = " (file changed since)" if lost.is_outdated else ""
        more = f"  ({len(session.waiting) - 1} more)" if len(session.waiting) > 1 else ""
        return f"unsaved work from {clock(lost.when)}{since}   r recover  d discard{more}"
    return session.trouble


def clock(when: datetime) -> str:
    """The time of today, or the day."""
    same = when.date() == date.today()  # noqa: DTZ011 - both are of this machine
    return f"{when:%H:%M}" if same else f"{when:%Y-%m-%d %H:%M}"
