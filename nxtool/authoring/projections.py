"""Projections of a start document (event-model) as values of a recipe.

A projection says for paths of a file where their values come from: an event, a setting, a value
that stands there, or a function that is called. Functions are not carried over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.placing import Step, Wish
from nxtool.build.runtree import SOURCE, OpenRun, nx_type
from nxtool.errors import SourceError
from nxtool.recipe.variables import escape

if TYPE_CHECKING:
    from nxtool.bluesky.runs import Run

MOST: Final = 500
"""How many paths of a run are carried over."""


class NotCarried(Exception):
    """Why something cannot be carried over."""


def projected(opened: OpenRun) -> tuple[list[Wish], list[str]]:
    """What the projections of a run wish for, and what cannot be carried over, with the reason."""
    wishes: list[Wish] = []
    left: list[str] = []
    for name, path, told in _paths(opened.run):
        place = f"projection {name}: {path}"
        if len(wishes) < MOST:
            wishes += carried(partial(_wish, opened, name, path, told), place, left)
        else:
            left.append(f"{place}: one of more than {MOST}")
    return wishes, left


def carried(make: Callable[[], Wish], place: str, left: list[str]) -> list[Wish]:
    """The wish, or nothing where it cannot be carried over, which is then told in `left`."""
    try:
        return [make()]
    except NotCarried as error:
        left.append(f"{place}: {error}")
        return []


def _paths(run: Run) -> Iterator[tuple[str, str, Any]]:
    """Name of the projection, path and what is said of it."""
    listed = run.start.get("projections")
    for number, one in enumerate(listed if isinstance(listed, list) else (), start=1):
        paths = one.get("projection") if isinstance(one, Mapping) else None
        for path, told in paths.items() if isinstance(paths, Mapping) else ():
            yield str(one.get("name") or number), str(path), told


def _wish(opened: OpenRun, name: str, path: str, told: Any) -> Wish:
    """Raises `NotCarried`."""
    if not isinstance(told, Mapping):
        raise NotCarried("is no mapping")
    steps = steps_of(path)
    if not steps:
        raise NotCarried("is no path")
    groups, last = steps[:-1], steps[-1].name
    why = f"projection {name}"
    if told.get("type") == "static":
        return static_wish(groups, last, told.get("value"), why)
    selector = _selector(told)
    try:
        info = opened.info(selector)
    except SourceError as error:
        raise NotCarried(error.message) from error
    value = {"virtual" if info.locations else "from": escape(f"{SOURCE}:{selector}")}
    return Wish(groups, last, value, nx_type(info), why)


def static_wish(groups: tuple[Step, ...], name: str, value: Any, why: str) -> Wish:
    """A value that stands there; raises `NotCarried` where a recipe cannot hold it."""
    kinds = {type(one) for one in (value if isinstance(value, list) else [value])}
    if not kinds or not kinds <= {str, int, float, bool} or value is None:
        kind = type(value).__name__
        raise NotCarried(f"its value is {kind}, no text, number or list of one kind")
    if isinstance(value, str):
        value = escape(value)
    elif kinds == {str}:
        value = [escape(one) for one in value]
    types = {str: "NX_CHAR", bool: "NX_BOOLEAN", int: "NX_INT", float: "NX_FLOAT"}
    own = types[kinds.pop()] if len(kinds) == 1 else "NX_NUMBER"
    return Wish(groups, name, {"value": value}, own, why)


def _selector(told: Mapping[str, Any]) -> str:
    """What of the run is linked to; raises `NotCarried`."""
    where, field, stream = told.get("location"), told.get("field"), told.get("stream")
    if told.get("type") != "linked":
        called = told.get("calculation")
        name = called.get("callable") if isinstance(called, Mapping) else "a function"
        raise NotCarried(f"is calculated by {name}: write expr")
    if not isinstance(field, str):
        raise NotCarried("names no field")
    if where == "configuration":
        index = told.get("config_index")
        end = "@first" if index == 0 else ""
        return f"config/{told.get('config_device')}/{field}{end}"
    if where == "event":
        return f"{stream}/{field}"
    if where in ("start", "stop"):
        return f"{where}/{field}"
    raise NotCarried(f"comes from {where!r}")


def steps_of(path: str) -> tuple[Step, ...]:
    """A path below the entry: `/entry/data:NXdata/x` is a group of a class, and a name.

    >>> steps_of("/entry/instrument:NXinstrument/name")
    (Step(name='instrument', nx_class='NXinstrument'), Step(name='name', nx_class=''))
    """
    steps = []
    for part in path.strip("/").split("/"):
        name, _, nx_class = part.partition(":")
        steps.append(Step(name, nx_class))
    is_entry = steps[0].nx_class in ("NXentry", "") and steps[0].name.startswith("entry")
    return tuple(steps[1:] if is_entry and len(steps) > 1 else steps)
