"""Trees as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nxtool.report.terminal import Line, line, styled

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(slots=True)
class Branch:
    """One line of a tree, and the branches below it."""

    text: Text
    children: list[Branch] = field(default_factory=list)


def tree_lines(top: Branch) -> Iterator[Line]:
    """The top, and below it every branch behind its guides."""
    yield line("", top.text, cut=True)
    yield from _below(top.children, "")


def _below(branches: Sequence[Branch], guides: str) -> Iterator[Line]:
    for branch in branches:
        last = branch is branches[-1]
        yield line(styled(guides + ("└─ " if last else "├─ "), "faint"), branch.text, cut=True)
        yield from _below(branch.children, guides + ("   " if last else "│  "))
