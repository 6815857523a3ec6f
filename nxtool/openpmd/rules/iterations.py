"""Iterations: their names, their times, and the groups in them (STANDARD.md, "basePath")."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding, Severity
from nxtool.nodeview import Broken, GroupView, is_group, node_at
from nxtool.openpmd import stated
from nxtool.openpmd.model import LARGEST_NUMBER, Iteration, nodes_in
from nxtool.openpmd.rules import reach
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import FLOAT, FLOAT64, wanted

_MESH_SIGNS: Final = ("gridSpacing", "geometry", "gridGlobalOffset")


@dataclass(slots=True)
class Seen:
    """What was seen in the iterations of a series so far, for questions about all of them.

    `prefix` goes before the paths of the file that is looked at. `without` lists, by the name of
    the path's attribute, the iterations that lack the group; `meshes` and `species` are the names
    in any of them.
    """

    prefix: str = ""
    count: int = 0
    time: float | None = None
    without: dict[str, list[str]] = field(default_factory=dict)
    meshes: set[str] = field(default_factory=set)
    species: set[str] = field(default_factory=set)
    lists: list[tuple[str, str, str]] = field(default_factory=list)
    """Names that `particleList` and `meshList` mention: path, attribute and name."""


def place(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """The group that holds the iterations, and what else is in it."""
    header = asking.header
    group = node_at(root, header.iterations_path)
    if not is_group(group):
        reason = group.reason if isinstance(group, Broken) else "is no group"
        yield asking.tell("IT001", header.iterations_path, f"holds no iterations: {reason}", "none")
        return
    if not header.holds_many:
        return
    yield from reach.broken(asking, group)
    numbers = [name for name in group.links if _is_number(name)]
    if not numbers:
        yield asking.tell("IT001", group.path, "holds no iteration", "none", severity="warning")
    for name in group.links:
        if name not in numbers:
            yield from _stranger(asking, group, name)


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and int(name[:21]) < LARGEST_NUMBER


def _stranger(asking: Asking, group: GroupView, name: str) -> Iterator[Finding]:
    """A name among the iterations that is no number."""
    node = group.child(name)
    path = nxpath.join(group.path, name)
    if name.isascii() and name.isdigit():
        yield asking.tell("IT001", path, "is a number beyond those of uint64", "large")
    elif is_group(node) and ("time" in node.attributes or "dt" in node.attributes):
        yield asking.tell("IT001", path, f"looks like an iteration, but {name!r} is no number")
    elif not isinstance(node, Broken):
        message = "is no iteration; what is not openPMD belongs elsewhere"
        mild: Severity = "error" if is_group(node) else "warning"
        yield asking.tell("IT001", path, message, "other", severity=mild)


def times(asking: Asking, iteration: Iteration, seen: Seen) -> Iterator[Finding]:
    """The time of an iteration, its step and their unit."""
    view = iteration.view
    for name in ("time", "dt"):
        found = yield from wanted(asking, view, name, "IT002", FLOAT)
        value = stated.number(view, name) if found is not None else None
        if value is not None and not math.isfinite(value):
            yield asking.of_attribute("IT004", view, name, f"is {value}")
        elif name == "dt" and value is not None and value < 0:
            yield asking.of_attribute("IT004", view, name, f"is {value:g}, below zero")
    unit = yield from wanted(
        asking, view, "timeUnitSI", "IT003", FLOAT64, severity=asking.milder_in_draft()
    )
    factor = stated.number(view, "timeUnitSI") if unit is not None else None
    if factor is not None and not (math.isfinite(factor) and factor > 0):
        yield asking.of_attribute("IT004", view, "timeUnitSI", f"is {factor:g}, not above zero")
    yield from _order(asking, iteration, seen)
    yield from reach.comment(asking, view)


def _order(asking: Asking, iteration: Iteration, seen: Seen) -> Iterator[Finding]:
    """Times grow with the numbers; a file where all are 0 says nothing about them."""
    time, factor = iteration.time, iteration.time_unit_si
    if time is None or factor is None:
        return
    now = time * factor
    if seen.time is not None and (now < seen.time or now == seen.time != 0):
        path = nxpath.attribute(iteration.path, "time")
        yield asking.tell("IT005", path, f"is {now:g} s, not after {seen.time:g} s")
    seen.time = now


def groups(asking: Asking, iteration: Iteration, seen: Seen) -> Iterator[Finding]:
    """The groups of meshes and particles; those that are missing are noted in `seen`."""
    seen.count += 1
    yield from reach.broken(asking, iteration.view)
    found = {
        "meshesPath": (asking.header.meshes_path, iteration.meshes_group, iteration.meshes),
        "particlesPath": (
            asking.header.particles_path, iteration.particles_group, iteration.species,
        ),
    }  # fmt: skip
    for name, (path, group, opened) in found.items():
        if path.strip("/") and group is None:
            seen.without.setdefault(name, []).append(seen.prefix + iteration.path)
        if group is not None:
            yield from reach.broken(asking, group, opened)
    if not asking.header.meshes_path and seen.count == 1:
        yield from _overlooked(asking, iteration)


def _overlooked(asking: Asking, iteration: Iteration) -> Iterator[Finding]:
    for _name, group in nodes_in(iteration.view):
        if not is_group(group):
            continue
        for _record, node in nodes_in(group):
            if any(sign in node.attributes for sign in _MESH_SIGNS):
                yield asking.tell("OP017", group.path, "holds meshes, but there is no meshesPath")
                break


def missing_groups(asking: Asking, seen: Seen) -> Iterator[Finding]:
    """The groups that no iteration has, or only some (openPMD-standard, issue 253)."""
    declared = {
        "meshesPath": asking.header.meshes_path,
        "particlesPath": asking.header.particles_path,
    }
    for name, paths in seen.without.items():
        everywhere = len(paths) == seen.count
        for path in paths:
            message = f"has no group {declared[name]!r}, which {name} names"
            yield asking.tell(
                "OP015", path, message, "all" if everywhere else "some",
                severity="error" if everywhere else "warning",
            )  # fmt: skip


def lists(asking: Asking, seen: Seen) -> Iterator[Finding]:
    """Meshes and species that lists in the draft 2.0 name exist in some iteration."""
    for path, name, mentioned in seen.lists:
        known = seen.species if name == "particleList" else seen.meshes
        if mentioned not in known:
            where = nxpath.attribute(path, name)
            yield asking.tell("ME012", where, f"names {mentioned!r}, which is in no iteration")
