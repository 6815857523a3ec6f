"""Trees as lines, made while they are printed: a tree of definitions may be very large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nxtool.report.terminal import Line, Styled, line, styled


@dataclass(slots=True)
class Branch:
    """One line of a tree, and the branches below it (gone through once)."""

    text: Styled
    children: Iterable[Branch] = ()


def tree_lines(top: Branch) -> Iterator[Line]:
    """The top, and below it every branch behind its guides."""
    yield line("", top.text, cut=True)
    yield from _below(top.children, "")


def _below(branches: Iterable[Branch], guides: str) -> Iterator[Line]:
    for branch, last in _with_last(branches):
        yield line(styled(guides + ("└─ " if last else "├─ "), "faint"), branch.text, cut=True)
        yield from _below(branch.children, guides + ("   " if last else "│  "))


def _with_last(branches: Iterable[Branch]) -> Iterator[tuple[Branch, bool]]:
    """Each branch, and whether it is the last."""
    before: Branch | None = None
    for branch in branches:
        if before is not None:
            yield before, False
        before = branch
    if before is not None:
        yield before, True
