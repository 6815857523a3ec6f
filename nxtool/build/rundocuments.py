"""The documents of Bluesky runs that a recipe uses, kept in the file with its provenance."""

from __future__ import annotations

import numpy as np

from nxtool import nxpath
from nxtool.archive.layout import DOCUMENTS, GROUP
from nxtool.build.data import Sourced, text
from nxtool.build.desk import Desk
from nxtool.build.plan import Planned, PlannedField, PlannedGroup
from nxtool.sources import blueskyrun
from nxtool.storage.chunks import chunk_shape
from nxtool.storage.spec import parse_filter

KEPT = "bluesky"
"""The group of an entry with all that has no better place, where there is no recipe."""


def kept_documents(desk: Desk, entry: PlannedGroup, parent: str) -> dict[str, PlannedGroup]:
    """An NXnote for each run among the sources, by name, for a group at `parent`; none where the
    file has the documents already."""
    if _has_documents(entry, KEPT) or any(
        _has_documents(one, GROUP) for one in desk.plan.root.children.values()
    ):
        return {}
    runs = [
        name for name, source in desk.used_sources.items()
        if source.format == "bluesky" and len(source.files) == 1
    ]  # fmt: skip
    names = [DOCUMENTS if len(runs) == 1 else f"{DOCUMENTS}_{run}" for run in runs]
    return {
        name: _note(desk, run, nxpath.join(parent, name))
        for name, run in zip(names, runs, strict=True)
    }


def _has_documents(entry: Planned, group: str) -> bool:
    found = entry.children.get(group) if isinstance(entry, PlannedGroup) else None
    return isinstance(found, PlannedGroup) and any(n.startswith(DOCUMENTS) for n in found.children)


def _note(desk: Desk, run: str, path: str) -> PlannedGroup:
    note = PlannedGroup(path, "NXnote", concept=desk.schema.base_class("NXnote"), origin="nxtool")
    array = desk.used_sources[run].array(blueskyrun.DOCUMENTS)
    for name, data in (
        ("type", text("application/jsonl")),
        ("description", text(f"all documents of the source {run}, one a line")),
        ("data", Sourced(array, np.dtype("uint8"))),
    ):
        concept = note.concept.match_field(name) if note.concept is not None else None
        field = PlannedField(nxpath.join(path, name), data, concept=concept, origin="nxtool")
        note.children[name] = field
    field.compression = parse_filter("gzip:4")
    field.chunks = chunk_shape(array.info.shape, 1, 0, filtered=True)
    return note
