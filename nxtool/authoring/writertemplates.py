"""Templates of apstools' NXWriter as values of a recipe.

A template is a list of pairs: `["/entry/x=", 5]` a constant, `["/entry/data/@signal", "det"]` an
attribute, `["/entry/from", "/entry/to"]` a link from what the writer has at the first path. Those
paths are told from the layout that NXWriter gives all runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.placing import Step, Wish
from nxtool.authoring.projections import MOST, NotCarried, carried, static_wish, steps_of
from nxtool.build.runtree import SOURCE
from nxtool.recipe.variables import escape

if TYPE_CHECKING:
    from nxtool.build.runtree import OpenRun

KEY: Final = "nxwriter_template"
"""Where a start document keeps a template, as JSON."""
_STREAMS: Final = r"instrument/bluesky/streams/(?P<stream>[^/]+)/(?P<key>[^/]+)"
_LAYOUT: Final = (
    (re.compile(rf"{_STREAMS}/value_start\Z"), "{stream}/{key}@first"),
    (re.compile(rf"{_STREAMS}/value_end\Z"), "{stream}/{key}@last"),
    (re.compile(rf"{_STREAMS}/time\Z"), "{stream}/{key}@elapsed"),
    (re.compile(rf"{_STREAMS}/EPOCH\Z"), "{stream}/{key}@time"),
    (re.compile(rf"{_STREAMS}(?:/value)?\Z"), "{stream}/{key}"),
    (re.compile(r"instrument/bluesky/metadata/(?P<key>[^/]+)\Z"), "start/{key}"),
    (re.compile(r"instrument/bluesky/(?P<key>uid|plan_name)\Z"), "start/{key}"),
    (re.compile(r"instrument/positioners/(?P<key>[^/]+)/value\Z"), "primary/{key}"),
    (re.compile(r"instrument/detectors/(?P<key>[^/]+)/data(?:/value)?\Z"), "primary/{key}"),
    (re.compile(r"data/(?P<key>(?!data\Z)[^/]+)\Z"), "primary/{key}"),
)
"""Where NXWriter keeps what, and what that is of a run."""


def is_template(tree: object) -> bool:
    """True for what looks like a template."""
    pairs = tree if isinstance(tree, list) else []
    return bool(pairs) and all(
        isinstance(one, list) and len(one) == 2 and str(one[0]).startswith("/") for one in pairs
    )


def template_wishes(pairs: list[list[Any]]) -> tuple[list[Wish], list[str]]:
    """What a template wishes for, and what cannot be carried over, with the reason."""
    wishes: list[Wish] = []
    left: list[str] = []
    for source, target in pairs:
        place = json.dumps([source, target], ensure_ascii=True)[:200]
        if len(wishes) < MOST:
            known = {wish.path for wish in wishes}
            wishes += carried(partial(_wish, str(source), target, known), place, left)
        else:
            left.append(f"{place}: one of more than {MOST}")
    return wishes, left


def template_in(opened: OpenRun) -> tuple[list[Wish], list[str]]:
    """What the template in a start document wishes for."""
    told = opened.run.start.get(KEY)
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except (ValueError, RecursionError):
            return [], [f"{KEY} is no JSON"]
    if isinstance(told, Mapping):
        told = [[key, value] for key, value in told.items()]
    if not told:
        return [], []
    return template_wishes(told) if is_template(told) else ([], [f"{KEY} is no list of pairs"])


def _wish(source: str, target: Any, known: set[str]) -> Wish:
    """Raises `NotCarried`."""
    why = "nxwriter_template"
    if source.endswith("="):
        steps = steps_of(source.removesuffix("="))
        return static_wish(steps[:-1], steps[-1].name, target, why)
    steps = steps_of(source)
    if steps[-1].name.startswith("@"):
        return static_wish(steps[:-1], steps[-1].name, target, "")
    if not isinstance(target, str) or not target.startswith("/"):
        raise NotCarried("its target is no path")
    to = steps_of(target)
    return Wish(to[:-1], to[-1].name, _linked(steps, known), "NX_CHAR_OR_NUMBER", why)


def _linked(steps: tuple[Step, ...], known: set[str]) -> dict[str, Any]:
    """What a path of NXWriter is in a recipe; raises `NotCarried`."""
    path = "/".join(step.name for step in steps)
    if f"/entry/{path}" in known:
        return {"link": escape(f"/entry/{path}")}
    for pattern, form in _LAYOUT:
        if match := pattern.match(path):
            return {"from": escape(f"{SOURCE}:{form.format(**match.groupdict())}")}
    raise NotCarried("its source is of NXWriter's own layout")
