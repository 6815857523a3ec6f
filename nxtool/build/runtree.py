"""Parts of the tree of a recipe that refer to a run: names that the planner will find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from nxtool.bluesky.runs import Run
from nxtool.errors import SourceError
from nxtool.recipe.variables import escape
from nxtool.sources.blueskyrun import iso
from nxtool.sources.model import ArrayInfo
from nxtool.sources.stack import FileSource

SOURCE: Final = "run"
LINKED: Final = "linked"
"""The same source where its data are linked to."""
_TYPES: Final = {"O": "NX_CHAR", "b": "NX_BOOLEAN", "c": "NX_COMPLEX"}

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run with its source, as a recipe sees it."""

    run: Run
    source: FileSource

    def info(self, selector: str) -> ArrayInfo:
        """What is known of an array; raises `SourceError` where a recipe could not name it."""
        if selector != selector.strip() or not selector.isprintable():
            raise SourceError(f"{selector!r} cannot be named in a recipe")
        return self.source.array(_whole(selector)).info

    def epoch(self) -> Tree:
        """The attributes of times that count from the start of the run."""
        start = iso(self.run.start["time"])
        return {"start": start, "long_name": "time since the start of the run"}


def refer(selector: str, *, is_cut: bool = False, **more: Any) -> Tree:
    """A field that takes what a selector of the run names; `is_cut` where it ends in a slice."""
    return {"from": escape(f"{SOURCE}:{selector if is_cut else _whole(selector)}"), **more}


def _whole(selector: str) -> str:
    """A selector whose brackets at the end are no slice."""
    return f"{selector}[:]" if selector.endswith("]") else selector


def typed(name: str, info: ArrayInfo) -> str:
    """A name with its type: bare ones may mean something else."""
    return f"{name}({nx_type(info)})"


def nx_type(info: ArrayInfo) -> str:
    """The NX type of an array."""
    return _TYPES.get(info.dtype.kind, "NX_NUMBER")
