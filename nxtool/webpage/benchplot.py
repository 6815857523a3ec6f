"""The picture of a bench of filters: how fast they write, over how small they make the data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import log10
from typing import Final

from nxtool.bench.ranking import Ranked
from nxtool.plotting.frame import (
    LINE,
    Box,
    across_ticks,
    drawing,
    edges,
    grid,
    gutter,
    inset,
    share,
    text,
    upright,
    value_ticks,
)
from nxtool.report.printable import printable

WIDTH: Final = 720
HEIGHT: Final = 440
_ROOM: Final = 24
_DOT: Final = 5
_LETTER: Final = 6.6
"""The width of a letter of a name, in units of the picture."""


def bench_picture(order: Sequence[Ranked]) -> str:
    """A dot for each filter, coloured where no other beats it; nothing where none was tried. Names
    stand where they have room, those of the coloured first; a dot tells more under the mouse."""
    if not order:
        return ""
    ratios = _range([one.trial.ratio for one in order])
    speeds = _range([log10(one.trial.write.median) for one in order])
    raw = value_ticks(*speeds, 7, log=True)
    box = Box(gutter(raw) + LINE + 8, 10, 0, HEIGHT - 2 * LINE - 20)
    box = Box(box.left, box.top, WIDTH - box.left - 20, box.height)
    across = inset(across_ticks(*ratios, box.width), box.width, _ROOM)
    dots = [(one, *_place(one, ratios, speeds, box)) for one in order]
    front_first = sorted(dots, key=lambda dot: not dot[0].on_front)
    parts = [
        grid(box, across, inset(raw, box.height, _ROOM)),
        edges(box, across, inset(raw, box.height, _ROOM)),
        *(_dot(*dot) for dot in reversed(front_first)),
        *_names(front_first, box),
        text(box.left + box.width / 2, HEIGHT - 8, "ratio", "label", "middle"),
        upright(LINE - 2, box.top + box.height / 2, "written, GB/s (log)"),
    ]
    return drawing(WIDTH, HEIGHT, "speed of writing over ratio", parts)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From the least to the greatest; around the only one."""
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _place(
    one: Ranked, ratios: tuple[float, float], speeds: tuple[float, float], box: Box
) -> tuple[float, float]:
    right = share(one.trial.ratio, *ratios) * (box.width - 2 * _ROOM)
    up = share(log10(one.trial.write.median), *speeds) * (box.height - 2 * _ROOM)
    return box.left + _ROOM + right, box.bottom - _ROOM - up


def _dot(one: Ranked, x: float, y: float) -> str:
    kind = "front" if one.on_front else "dot"
    trial = one.trial
    told = f"{trial.filter}: {trial.ratio:.2f}:1, written at {trial.write.median:.2f} GB/s"
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}">'
        f"<title>{escape(printable(told))}</title></circle>\n"
    )


def _names(dots: Sequence[tuple[Ranked, float, float]], box: Box) -> Iterator[str]:
    """The names that have room beside, above or below their dots."""
    taken = [Box(x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT) for _, x, y in dots]
    for one, x, y in dots:
        width = len(one.trial.filter) * _LETTER
        for left, top in (
            (x + 9, y - 7), (x - 9 - width, y - 7), (x - width / 2, y - 22), (x - width / 2, y + 8)
        ):  # fmt: skip
            place = Box(left, top, width, 13)
            if _is_inside(place, box) and not any(_overlap(place, other) for other in taken):
                taken.append(place)
                yield text(left, top + 11, one.trial.filter, "name", "start")
                break


def _is_inside(inner: Box, outer: Box) -> bool:
    return (
        outer.left < inner.left
        and inner.right < outer.right
        and outer.top < inner.top
        and inner.bottom < outer.bottom
    )


def _overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )
