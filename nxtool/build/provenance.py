"""How a file came to be, kept in the file: recipe, versions, sources, waivers.

Stored as NXprocess `nxtool` in every entry, or as NXcollection where the application definition
has rules of its own for an NXprocess; the recipe as NXnote, the rest as free content in an
NXcollection. `nxtool.validate` reads the waivers back. Raw files come later, if they shall be kept
(`nxtool.build.embed`).
"""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

import nxtool
from nxtool import nxpath
from nxtool.archive.layout import GROUP, MOST_FILES, RECIPE, RECORD, SOURCE
from nxtool.build.checksums import Hashes
from nxtool.build.data import Literal, text, texts
from nxtool.build.desk import Desk
from nxtool.build.plan import AttributeValue, PlannedField, PlannedGroup
from nxtool.build.rawfiles import Embedding, Form, raw_files
from nxtool.build.rundocuments import kept_documents
from nxtool.nxdl.catalogue import official_folder, release
from nxtool.remote.address import address_of, named, public
from nxtool.schema.concepts import GroupConcept
from nxtool.sources.formats import reader_of
from nxtool.sources.hashing import size_of
from nxtool.sources.memory import MemorySource
from nxtool.storage.chunks import chunk_shape
from nxtool.storage.spec import parse_filter

WAIVERS: Final = "waivers"
VALIDATION: Final = "validation"
NOT_YET: Final = "not done"


def now() -> str:
    """The time to write into files, ISO 8601 with zone.

    SOURCE_DATE_EPOCH, if set, makes output reproducible (reproducible-builds.org).
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch and epoch.isdecimal():
        moment = datetime.fromtimestamp(int(epoch), timezone.utc)
    else:
        moment = datetime.now(timezone.utc).astimezone()
    return moment.isoformat(timespec="seconds")


def root_attributes(desk: Desk, output: Path) -> dict[str, AttributeValue]:
    """Attributes of NXroot."""
    import h5py

    official = desk.schema.catalogue.files[desk.recipe.definition].is_relative_to(official_folder())
    return {
        "file_name": output.name,
        "file_time": now(),
        "creator": "nxtool",
        "creator_version": nxtool.__version__,
        "HDF5_Version": h5py.version.hdf5_version,
        "h5py_version": h5py.version.version,
        **({"NeXus_release": release(official_folder())} if official else {}),
    }


def plan_provenance(desk: Desk, entry: PlannedGroup) -> None:
    """Add the NXprocess to an entry, unless the recipe says `provenance: {embed: none}`."""
    if desk.recipe.provenance.embed == "none":
        return
    path = nxpath.join(entry.path, GROUP)
    nx_class = class_in(entry.concept)
    process = PlannedGroup(path, nx_class, concept=desk.schema.base_class(nx_class))
    process.origin = "nxtool"
    put(process, "program", "nxtool")
    put(process, "version", nxtool.__version__)
    put(process, "date", now())
    process.children[RECIPE] = _recipe_note(desk, path)
    process.children[RECORD] = _record(desk, nxpath.join(path, RECORD))
    process.children |= kept_documents(desk, entry, path)
    entry.children[GROUP] = process
    if desk.recipe.provenance.embed != "recipe" and desk.plan.embedding is None:
        desk.plan.embedding = _embedding(desk, desk.recipe.provenance.embed, path)


def _embedding(desk: Desk, form: Form, group: str) -> Embedding | None:
    """The raw files to go into `group`; None where the recipe uses none."""
    used = {name: source.files for name, source in desk.used_sources.items()}
    for name, (spec, marks) in desk.recipe.sources.items():
        if name in used and spec is not None and (address := address_of(spec.path)):
            message = f"{public(address)} lies elsewhere, and cannot be kept"
            desk.problem("R04", marks["path"], message, "write provenance: {embed: recipe}")
    stores = [file for found in used.values() for file in found if file.is_dir()]
    if stores:
        message = f"{stores[0]} is a folder, which cannot be kept"
        desk.problem("R04", None, message, "write provenance: {embed: recipe}")
        return None
    files = raw_files(used, desk.folder)
    if len(files) > MOST_FILES:
        message = f"{len(files)} raw files cannot be kept, the most is {MOST_FILES}"
        desk.problem("R04", None, message, "write provenance: {embed: recipe}")
    return Embedding(form, group, files) if files else None


def class_in(entry: GroupConcept | None, name: str = GROUP) -> str:
    """The class of our group in an entry: NXprocess, or NXcollection where the application has
    rules of its own for any NXprocess."""
    slots = entry.match_group(name, "NXprocess") if entry is not None else ()
    claimed = isinstance(slots, tuple) and any(slot.level == "application" for slot in slots)
    return "NXcollection" if claimed else "NXprocess"


def put(group: PlannedGroup, name: str, value: str | list[str] | np.ndarray) -> None:
    """Add a field that nxtool writes by itself."""
    path = nxpath.join(group.path, name)
    if isinstance(value, str):
        data = text(value)
    else:
        data = texts(value) if isinstance(value, list) else Literal(value)
    concept = group.concept.match_field(name) if group.concept is not None else None
    field = PlannedField(path, data, concept=concept, origin="nxtool")
    group.children[name] = field if isinstance(value, str) else _as_table(field)


def _as_table(field: PlannedField) -> PlannedField:
    """A column of a table stored small: there may be thousands of files."""
    field.fixed_strings = True
    field.compression = parse_filter("gzip:4")
    if not field.data.dtype.hasobject:
        size = field.data.dtype.itemsize
        field.chunks = chunk_shape(field.data.shape, size, 0, filtered=True)
    return field


def _recipe_note(desk: Desk, parent: str) -> PlannedGroup:
    path = nxpath.join(parent, RECIPE)
    note = PlannedGroup(path, "NXnote", concept=desk.schema.base_class("NXnote"), origin="nxtool")
    put(note, "type", "application/yaml")
    put(note, "file_name", desk.recipe.file.name)
    content = desk.recipe.text.encode()
    put(note, "checksum", sha256(content).hexdigest())
    put(note, "algorithm", "sha256")
    put(note, "data", np.frombuffer(content, dtype=np.uint8))
    return note


def _record(desk: Desk, path: str) -> PlannedGroup:
    """Versions, sources and waivers."""
    record = PlannedGroup(path, "NXcollection", origin="nxtool")
    put(record, "definitions", desk.schema.catalogue.origin(desk.recipe.definition))
    put(record, "python", platform.python_version())
    put(record, VALIDATION, NOT_YET)
    for name in desk.used_sources:
        record.children[f"{SOURCE}{name}"] = _source(desk, name, path)
    if desk.recipe.waive:
        waivers = PlannedGroup(nxpath.join(path, WAIVERS), "NXcollection", origin="nxtool")
        put(waivers, "path", list(desk.plan.waived))
        put(waivers, "reason", list(desk.plan.waived.values()))
        record.children[WAIVERS] = waivers
    return record


def _source(desk: Desk, name: str, parent: str) -> PlannedGroup:
    """The files of one source: name, size, time and hash, one row a file."""
    source = desk.used_sources[name]
    if isinstance(source, MemorySource):
        return _arrays(name, source, parent)
    files = list(source.files)
    group = PlannedGroup(nxpath.join(parent, f"{SOURCE}{name}"), "NXcollection", origin="nxtool")
    spec, _ = desk.recipe.sources[name]
    assert spec is not None  # noqa: S101 - it was opened
    put(group, "path", named(spec.path))
    put(group, "format", source.format)
    if address_of(spec.path):
        put(group, "reader", "nxtool.sources.elsewhere")
        return group  # nobody tells size, time and hash of what lies there
    put(group, "reader", reader_of(source.format))
    put(group, "file_name", [file.name for file in files])
    put(group, "size", np.array([size_of(file) for file in files], dtype=np.int64))
    times = [datetime.fromtimestamp(file.stat().st_mtime, timezone.utc) for file in files]
    put(group, "modified", [moment.isoformat(timespec="seconds") for moment in times])
    if desk.recipe.provenance.hash == "sha256":
        path = nxpath.join(group.path, "sha256")
        hashes = PlannedField(path, Hashes(tuple(files)), origin="nxtool")
        group.children["sha256"] = _as_table(hashes)
    return group


def _arrays(name: str, source: MemorySource, parent: str) -> PlannedGroup:
    """The arrays a script gave: their places in the recipe, types and shapes, one row an array."""
    group = PlannedGroup(nxpath.join(parent, f"{SOURCE}{name}"), "NXcollection", origin="nxtool")
    infos = {selector: array.info for selector, array in source.arrays.items()}
    put(group, "path", "in memory")
    put(group, "format", source.format)
    put(group, "array", list(infos))
    types = ["text" if info.dtype.hasobject else str(info.dtype) for info in infos.values()]
    put(group, "type", types)
    put(group, "shape", [str(list(info.shape)) for info in infos.values()])
    return group
