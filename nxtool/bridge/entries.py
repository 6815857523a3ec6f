"""openPMD iterations as NXentry groups, as `definitions/NXopenpmd.nxdl.xml` describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import numpy as np

from nxtool import __version__
from nxtool.bridge.additions import Field, Group, Link, Mark, Note, Step
from nxtool.bridge.components import Source
from nxtool.bridge.meshdata import mesh_steps
from nxtool.bridge.naming import Names
from nxtool.bridge.speciesdata import species_steps
from nxtool.build.fixedtext import Value
from nxtool.nodeview import GroupView
from nxtool.openpmd import stated
from nxtool.openpmd.model import Iteration

DEFINITION: Final = "NXopenpmd"
VERSION: Final = "1.0"
COLLECTION: Final = "openpmd"
"""The NXcollection of an entry that leads to all that openPMD says."""
ITERATION: Final = "iteration"
"""In the collection: the group of the iteration, as it is."""
_TAKEN: Final = (
    "title", "definition", ITERATION, "parameters", COLLECTION, "user", "program_name", "notes",
)  # fmt: skip
_AUTHOR: Final = re.compile(r"\s*(?P<name>[^<]*?)\s*<(?P<mail>[^<>\s]{1,200})>\s*")


def entry_name(iteration: Iteration, digits: int) -> str:
    """The name of the NXentry; iterations without a number count as 0."""
    return f"iteration_{iteration.number or 0:0{digits}d}"


def root_steps(root: GroupView, first: str) -> Iterator[Step]:
    """What the root says in NeXus: its class, the entry to look at, the date of the file."""
    marks: dict[str, Value] = {"NX_class": "NXroot", "default": first}
    moment = _moment(stated.text(root, "date"))
    if moment:
        marks["file_time"] = moment
    for name, value in marks.items():
        if name not in root.attributes:
            yield Mark("/", name, value)


def _moment(date: str) -> str:
    """The date of openPMD in the form of NeXus; empty where it has another form."""
    try:
        moment = datetime.strptime(date, "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return ""
    return moment.isoformat()


def entry_steps(
    iteration: Iteration, root: GroupView, path: str, title: str, source: Source
) -> Iterator[Step]:
    """The NXentry at `path` of one iteration."""
    names = Names(_TAKEN)
    steps = list(_data_steps(iteration, path, names, source))
    first = next((step.path for step in steps if isinstance(step, Group)), "")
    attributes: dict[str, Value] = {"NX_class": "NXentry"}
    if first:
        attributes["default"] = first.rpartition("/")[2]
    yield Group(path, attributes)
    yield Field(f"{path}/title", title)
    yield Field(f"{path}/definition", DEFINITION, {"version": VERSION})
    yield Field(f"{path}/{ITERATION}", np.uint64(iteration.number or 0))
    yield from _times(iteration, f"{path}/parameters")
    yield from _origin(root, path)
    yield Group(f"{path}/{COLLECTION}", {"NX_class": "NXcollection", "nxtool": __version__})
    yield Link(f"{path}/{COLLECTION}/{ITERATION}", iteration.path, source.file)
    yield from steps


def _data_steps(iteration: Iteration, path: str, names: Names, source: Source) -> Iterator[Step]:
    for mesh in iteration.meshes.values():
        yield from mesh_steps(mesh, path, names, source)
    for species in iteration.species.values():
        yield from species_steps(species, path, names, source)
    yield from _unmapped(iteration)


def _times(iteration: Iteration, path: str) -> Iterator[Step]:
    """Time and time step in seconds."""
    unit = iteration.time_unit_si
    found = [("time", iteration.time), ("dt", iteration.dt)]
    if unit is None or all(value is None for _, value in found):
        return
    yield Group(path, {"NX_class": "NXparameters"})
    for name, value in found:
        if value is not None:
            yield Field(f"{path}/{name}", np.float64(value * unit), {"units": "s"})


def _origin(root: GroupView, path: str) -> Iterator[Step]:
    """Who made the file, and with which program."""
    author, software = stated.text(root, "author"), stated.text(root, "software")
    if author:
        match = _AUTHOR.fullmatch(author)
        yield Group(f"{path}/user", {"NX_class": "NXuser"})
        yield Field(f"{path}/user/name", match["name"] if match else author)
        if match:
            yield Field(f"{path}/user/email", match["mail"])
    if software:
        version = stated.text(root, "softwareVersion")
        yield Field(f"{path}/program_name", software, {"version": version} if version else {})
    comment = stated.text(root, "comment")
    if comment:
        yield Group(f"{path}/notes", {"NX_class": "NXnote"})
        yield Field(f"{path}/notes/description", comment)


def _unmapped(iteration: Iteration) -> Iterator[Note]:
    """What NeXus has no words for; it stays where it is, below the collection."""
    species = (record for one in iteration.species.values() for record in one.records.values())
    for record in (*iteration.meshes.values(), *species):
        if record.time_offset:
            yield Note(record.path, "has a timeOffset, which has no place in NXdata")
    places: Iterable[tuple[GroupView | None, str]] = (
        (iteration.meshes_group, "its attributes (ED-PIC) are kept, but have no words in NeXus"),
        (iteration.particles_group, "its attributes are kept, but have no words in NeXus"),
    )
    for group, message in places:
        if group is not None and group.attributes:
            yield Note(group.path, message)
    paths = (iteration.header.meshes_path, iteration.header.particles_path)
    known = {path.strip("/").partition("/")[0] for path in paths}
    for name in iteration.view.links:
        if name not in known:
            yield Note(f"{iteration.path}/{name}", "is neither meshes nor particles")
