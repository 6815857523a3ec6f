"""What a person sees of a running application, as text."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot

SIZES: Final = ((80, 24), (100, 30), (160, 50))
"""Columns and rows that every screen must fit."""
QUICK: Final = (100, 30)
"""The size that the quick tests draw; the others are slow."""
GOLDEN: Final = Path(__file__).parent / "golden"

WRITE: Final = "NXTOOL_WRITE_GOLDEN"
"""Environment variable: if it is set, golden files are written instead of compared."""

Steps = Callable[["Pilot[Any]"], Awaitable[None]]

at_every_size: Final = pytest.mark.parametrize(
    "size",
    [
        pytest.param(
            size, id="x".join(map(str, size)), marks=() if size == QUICK else pytest.mark.slow
        )
        for size in SIZES
    ],
)
"""Mark of a test of a screen: its argument `size` is each of SIZES."""


def frame(app: App[Any]) -> str:
    """The screen as lines of text, without styles and trailing blanks."""
    # the compositor is private to Textual: nothing but this function may know it
    strips = app.screen._compositor.render_strips()
    rows = ("".join(segment.text for segment in strip).rstrip() for strip in strips)
    return "\n".join(rows) + "\n"


def drive(app: App[Any], steps: Steps, size: tuple[int, int] = (80, 24)) -> None:
    """Run `app` without a terminal, and `steps` in it."""

    async def driven() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(driven())


def golden(name: str, text: str) -> None:
    """Compare `text` with the golden file of that name."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get(WRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path} is missing: run the test with {WRITE}=1"
    assert text == path.read_text(encoding="utf-8"), f"if that is meant, run it with {WRITE}=1"
