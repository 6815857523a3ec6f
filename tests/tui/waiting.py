"""Waiting for what an application does in threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from textual.pilot import Pilot

TURNS: Final = 1000
"""Turns of the event loop after which there is nothing to wait for any more."""


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the application go on until something holds."""
    for _ in range(TURNS):
        if condition():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("nothing came of it")
