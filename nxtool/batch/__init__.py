"""Many files at once: `nxtool.batch.plan` makes tasks, `run` does them. Importing this loads
nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool.batch.gathering import results_below, results_of
    from nxtool.batch.model import Manner, Result, Task
    from nxtool.batch.planning import Wish, plan
    from nxtool.batch.running import run
    from nxtool.batch.work import perform

_HOMES = {
    "gathering": ("results_below", "results_of"),
    "model": ("Manner", "Result", "Task"),
    "planning": ("Wish", "plan"),
    "running": ("run",),
    "work": ("perform",),
}
__all__ = (
    "Manner",
    "Result",
    "Task",
    "Wish",
    "perform",
    "plan",
    "results_below",
    "results_of",
    "run",
)


def __getattr__(name: str) -> Any:
    """A public name, loaded now (PEP 562)."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"nxtool.batch.{home}"), name)
    raise AttributeError(f"module 'nxtool.batch' has no attribute {name!r}")
