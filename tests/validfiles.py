"""Valid NeXus files of any application definition, written from its concepts.

`build("NXtomo")` gives an open HDF5 file in memory that holds all the definition requires;
other levels add what it recommends, or everything it names. Values are the simplest that
fit: the first word of an enumeration, an example of the unit category, arrays whose lengths
agree wherever a symbol is shared.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

import h5py
import numpy as np

from nxtool import units, values
from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.nxdl.elements import Dimensions, Enumeration
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import (
    AttributeConcept,
    FieldConcept,
    GroupConcept,
    Layer,
    LinkConcept,
)

Level = Literal["required", "recommended", "everything"]
DATE = "2026-01-05T10:00:00+01:00"
TEXT = ("NX_CHAR", "NX_DATE_TIME", "ISO8601")
_TOKEN = re.compile(r"\d+|[A-Za-z_]\w*|[-+*]")


@cache
def official_schema() -> Schema:
    """The official definitions alone, compiled once for all tests."""
    return Schema(Catalogue([official_folder()]))


def memory_file(name: str = "memory.nxs") -> h5py.File:
    """An empty HDF5 file that exists in memory only."""
    return h5py.File(name, "w", driver="core", backing_store=False)


def build(
    application: str, level: Level = "required", *, entry: str = "entry", file: Any = None
) -> h5py.File:
    """A valid file of `application`; with `file`, one more entry in that file."""
    out = file if file is not None else memory_file(f"{application}.nxs")
    add_root_attributes(out, entry)
    writer = _Writer(out, official_schema(), application, level)
    writer.entry(entry)
    return out


def add_root_attributes(file: h5py.File, entry: str = "entry") -> None:
    """What every file says about itself."""
    file.attrs.update({
        "NX_class": "NXroot", "file_name": "memory.nxs", "file_time": DATE, "creator": "nxtool",
        "HDF5_Version": h5py.version.hdf5_version, "default": entry,
    })  # fmt: skip


@cache
def image(application: str, level: Level = "required") -> bytes:
    """The bytes of a valid file; `empty` has an entry and nothing else."""
    if application == "empty":
        file = memory_file()
        add_root_attributes(file)
        del file.attrs["default"]
        file.create_group("entry").attrs["NX_class"] = "NXentry"
    else:
        file = build(application, level)
    with file:
        file.flush()
        return bytes(file.id.get_file_image())


def open_image(data: bytes) -> h5py.File:
    """The file in `data`, open for writing, in memory."""
    return h5py.File(h5py.h5f.open_file_image(data, flags=1))


class _Writer:
    def __init__(self, file: h5py.File, schema: Schema, application: str, level: Level) -> None:
        self.file = file
        self.schema = schema
        self.application = application
        self.level = level
        self.sizes: dict[tuple[str, str], int] = {}
        self.links: list[tuple[str, LinkConcept]] = []
        self.plots: list[tuple[str, GroupConcept]] = []
        self.chains: list[tuple[str, str]] = []
        self.concepts: dict[str, GroupConcept] = {}
        self.root = ""

    def entry(self, name: str) -> None:
        self.root = f"/{name}"
        concept = self.schema.application(self.application)
        self.group(self.file, name, concept)
        self.field(self.file[name], "definition", concept.fields["definition"], self.application)
        for slot in self.schema.top_groups(self.application):
            if self.wanted(slot):
                self.group(self.file, _free_name(slot), slot)
        for path, axis in self.chains:
            if axis != "." and axis not in self.file[path]:
                self.field(self.file[path], axis, self.concepts[path].match_field(axis))
        for path, link in self.links:
            self.link(path, link)
        for path, plot in self.plots:
            self.plot(self.file[path], plot)
        self.default(self.file[name])

    def wanted(self, concept: GroupConcept | FieldConcept | AttributeConcept) -> bool:
        requested = concept.level == "application" and concept.bounds.requirement == "required"
        if (concept.deprecated and not requested) or concept.bounds.most == 0:
            return False
        allowed = {"required": ("required",), "recommended": ("required", "recommended")}
        if self.level in allowed:
            return concept.bounds.requirement in allowed[self.level]
        if isinstance(concept, GroupConcept) and not requested:
            known = self.schema.knows(concept.nx_class)
            if known and self.schema.catalogue[concept.nx_class].deprecated:
                return False
        return concept.level == "application" or concept.bounds.requirement != "optional"

    # groups

    def group(self, parent: h5py.Group, name: str, concept: GroupConcept) -> None:
        group = parent.create_group(name)
        group.attrs["NX_class"] = concept.nx_class
        self.concepts[group.name] = concept
        for attribute in concept.attributes.values():
            if attribute.name != "NX_class" and self.wanted(attribute):
                self.attribute(group, attribute)
        for field in concept.fields.values():
            self.fields(group, field)
        self.groups(group, concept)
        for choice in concept.choices.values():
            if self.level == "everything" and choice.level == "application":
                self.group(group, choice.name, choice.groups[0])
        self.links += [(group.name, link) for link in concept.links.values()]
        if self.schema.is_a(concept.nx_class, "NXdata"):
            self.plots.append((group.name, concept))

    def groups(self, group: h5py.Group, concept: GroupConcept) -> None:
        met: set[GroupConcept] = set()
        for slot in sorted(concept.groups, key=lambda slot: slot.is_variadic):
            if not self.wanted(slot) or (slot in met and slot.bounds.requirement != "optional"):
                continue
            for number in range(max(1, slot.bounds.least)):
                name = _free_name(slot) + ("" if not number else str(number + 1))
                if name not in group:
                    self.group(group, name, slot)
            met |= _wider(slot)

    # fields

    def fields(self, group: h5py.Group, concept: FieldConcept) -> None:
        if concept.is_variadic and concept.bounds.requirement == "optional":
            return
        if self.wanted(concept):
            for number in range(max(1, concept.bounds.least)):
                name = _free_name(concept) + ("" if not number else str(number + 1))
                if name not in group:
                    self.field(group, name, concept)

    def field(self, group: h5py.Group, name: str, concept: FieldConcept, value: Any = None) -> None:
        if name in group:
            del group[name]
        shape = self.shape(concept.dimensions_layer)
        is_plotted = group.attrs.get("NX_class") == "NXdata"
        is_scalar = value is not None or name.endswith(("scaling_factor", "offset"))
        if is_plotted and not shape and not is_scalar and not concept.enumeration:
            shape = (3,)
        if value is None:
            kind = concept.type
            if is_plotted and kind == "NX_CHAR_OR_NUMBER" and not concept.enumeration:
                kind = "NX_NUMBER"
            if kind in TEXT and concept.dimensions is None:
                shape = ()
            value = ready_value(name, kind, concept.enumeration, shape)
        dataset = group.create_dataset(name, data=value)
        if concept.units == "NX_TRANSFORMATION":
            self.axis(dataset)
        elif dataset.dtype.kind in "iufc" and (unit := self.unit(concept)):
            dataset.attrs["units"] = unit
        for attribute in concept.attributes.values():
            if attribute.name not in ("units", "signal", "axis") and self.wanted(attribute):
                self.attribute(dataset, attribute)

    def unit(self, concept: FieldConcept) -> str:
        """The first unit the definition lists, else an example of its category."""
        stated = concept.attributes.get("units")
        listed = stated.enumeration.items if stated and stated.enumeration else ()
        word = listed[0] if listed else concept.units or ""
        if word in units.CATEGORIES or not listed:
            word = units.example(word) if word else ""
        return word or ("1" if stated and self.wanted(stated) else "")

    def axis(self, dataset: h5py.Dataset) -> None:
        dataset.attrs.update({
            "vector": [0.0, 0.0, 1.0], "transformation_type": "rotation", "units": "deg",
            "depends_on": ".",
        })  # fmt: skip

    def attribute(self, node: h5py.HLObject, concept: AttributeConcept) -> None:
        is_listed = concept.enumeration is not None and concept.name == "vector"
        if concept.is_variadic or (concept.name in node.attrs and not is_listed):
            return
        layer = next((part for part in concept.layers if part.element.dimensions), None)
        value = ready_value(concept.name, concept.type, concept.enumeration, self.shape(layer))
        if concept.name in ("vector", "offset") and concept.type not in TEXT and not is_listed:
            value = np.array([0.0, 0.0, float(concept.name == "vector")])
        if concept.name.endswith("units"):
            value = "mm"
        if concept.name == "interpretation" and not concept.enumeration:
            value = "scalar"
        if concept.name == "depends_on" and isinstance(node, h5py.Dataset):
            self.chains.append((node.parent.name, str(value)))
        node.attrs[concept.name] = value

    def shape(self, layer: Layer[Any] | None) -> tuple[int, ...]:
        if layer is None:
            return ()
        dimensions: Dimensions = layer.element.dimensions
        rank = dimensions.rank or ""
        count = max((dim.index for dim in dimensions.dims), default=0)
        count = int(rank) if rank.isdecimal() else count
        lengths = {dim.index: dim.value or "" for dim in dimensions.dims}
        owner = layer.definition.name
        return tuple(self.length(owner, lengths.get(index + 1, "")) for index in range(count))

    def length(self, owner: str, text: str) -> int:
        """The value of `3`, `nP`, `tof+1` or `2n`."""
        if not text:
            return 2
        total, sign, product = 0, 1, 1
        for part in _TOKEN.findall(text):
            if part in "+-":
                total, sign, product = total + sign * product, 1 if part == "+" else -1, 1
            elif part != "*":
                product *= int(part) if part.isdecimal() else self.size(owner, part)
        return total + sign * product

    def size(self, owner: str, symbol: str) -> int:
        return self.sizes.setdefault((owner, symbol), 3 + len(self.sizes) % 7)

    # links

    def link(self, path: str, link: LinkConcept) -> None:
        group = self.file[path]
        if link.name in group:
            return
        target = self.target(link)
        if target.name == self.root:
            group[link.name] = h5py.SoftLink(self.root)
            return
        group[link.name] = target
        target.attrs["target"] = target.name

    def target(self, link: LinkConcept) -> Any:
        """The object a class path means; made where the definition leaves it out."""
        node, concept = self.file[self.root], self.schema.application(self.application)
        for segment in link.target.strip("/").split("/")[1:]:
            found = _step(node, segment, self.schema)
            if found is None:
                name, nx_class = _split(segment)
                if nx_class:
                    slot = _first(concept.match_group(name or nx_class[2:], nx_class))
                    self.group(node, name or nx_class[2:].lower(), slot)
                else:
                    self.new_target(node, name, concept)
                found = _step(node, segment, self.schema)
            node = found
            if isinstance(node, h5py.Group) and "NX_class" in node.attrs:
                nx_class = node.attrs["NX_class"]
                concept = _first(concept.match_group(node.name.split("/")[-1], nx_class))
        return node

    def new_target(self, group: h5py.Group, name: str, concept: GroupConcept) -> None:
        known = concept.match_field(name)
        if known is not None:
            self.field(group, name, known)
        else:
            group[name] = np.arange(3.0)

    # plots

    def plot(self, group: h5py.Group, concept: GroupConcept) -> None:
        """Name a signal and its axes."""
        stated = concept.attributes.get("signal")
        name = self.signal(group, stated.enumeration if stated else None)
        group.attrs["signal"] = name
        shape = group[name].shape
        stated = concept.attributes.get("axes")
        if stated and stated.enumeration:
            listed = values.parse_enum_item(stated.enumeration.items[0])
            axes = [str(axis) for axis in listed] if isinstance(listed, tuple) else [str(listed)]
            for axis in axes:
                if axis not in group and axis != ".":
                    self.field(group, axis, concept.match_field(axis, "AXISNAME"))
            if len(axes) != len(shape):
                del group[name]
                shape = tuple(self.axis_length(group, axis) for axis in axes)
                self.field(group, name, concept.match_field(name, "DATA"), np.zeros(shape))
        else:
            axes = _axes(group, name, shape)
        if axes:
            group.attrs["axes"] = axes
        if "auxiliary_signals" in group.attrs:
            group.attrs["auxiliary_signals"] = [
                other
                for other in group
                if group[other].shape == shape and other not in (name, f"{name}_errors")
            ]
        for attribute in list(group.attrs):
            axis = attribute.removesuffix("_indices")
            if axis not in group and axis != attribute:
                del group.attrs[attribute]
            elif axis != attribute:
                group.attrs[attribute] = axes.index(axis) if axis in axes else 0

    def axis_length(self, group: h5py.Group, axis: str) -> int:
        return int(group[axis].shape[0]) if axis in group and group[axis].shape else 2

    def signal(self, group: h5py.Group, enumeration: Enumeration | None) -> str:
        wanted = enumeration.items[0] if enumeration else "data"
        numbers = [
            name
            for name in group
            if isinstance(group[name], h5py.Dataset) and group[name].dtype.kind in "iuf"
        ]
        if wanted in numbers:
            return wanted
        if numbers and not enumeration:
            return max(numbers, key=lambda name: group[name].ndim)
        if wanted not in group:
            known = self.concepts[group.name].match_field(wanted, "DATA")
            self.field(group, wanted, known, None if known.dimensions else np.arange(3.0))
        return wanted

    def default(self, entry: h5py.Group) -> None:
        """Name an NXdata of the entry, or nothing where it has none."""
        plots = [name for name, group in entry.items() if _class_of(group) == "NXdata"]
        if plots:
            entry.attrs["default"] = plots[0]
            return
        for group in (entry, self.file):
            group.attrs.pop("default", None)


def ready_value(
    name: str, nx_type: str, enumeration: Enumeration | None, shape: tuple[int, ...]
) -> Any:
    """A value of an NX type that any rule accepts."""
    if enumeration is not None and enumeration.items:
        return _listed(enumeration.items[0], nx_type, shape)
    if nx_type in ("NX_DATE_TIME", "ISO8601"):
        text = "+01:00" if "time_zone" in name else DATE
        return np.full(shape, text, dtype=object) if shape else text
    if name == "depends_on":
        return "."
    if nx_type in ("NX_CHAR", "NX_CHAR_OR_NUMBER"):
        return np.full(shape, "text", dtype=h5py.string_dtype()) if shape else "text"
    return _number(nx_type, shape)


def _number(nx_type: str, shape: tuple[int, ...]) -> Any:
    if nx_type == "NX_QUATERNION":
        return np.ones((*shape, 4))
    kinds = {
        "NX_BOOLEAN": bool, "NX_INT": "i4", "NX_UINT": "u4", "NX_POSINT": "i8",
        "NX_BINARY": "u1", "NX_COMPLEX": "c16", "NX_CCOMPLEX": "c16", "NX_PCOMPLEX": "c16",
    }  # fmt: skip
    return np.ones(shape, kinds.get(nx_type, "f8"))


def _listed(item: str, nx_type: str, shape: tuple[int, ...]) -> Any:
    value = values.parse_enum_item(item)
    if isinstance(value, tuple):
        return np.array(value) if not isinstance(value[0], str) else list(value)
    if nx_type in ("NX_CHAR", "NX_CHAR_OR_NUMBER"):
        text = item.replace("*", "png")
        return np.full(shape, text, dtype=h5py.string_dtype()) if shape else text
    number = float(item)
    kind = "f8" if nx_type in ("NX_FLOAT", "NX_NUMBER") and number != int(number) else "i4"
    kind = {"NX_FLOAT": "f8", "NX_UINT": "u4"}.get(nx_type, kind)
    return np.full(shape, number, kind)


def _axes(group: h5py.Group, signal: str, shape: tuple[int, ...]) -> list[str]:
    """For each dimension a one-dimensional field of its length, each used once."""
    axes: list[str] = []
    for length in shape:
        fits = (
            name
            for name in group
            if isinstance(group[name], h5py.Dataset)
            and name not in (*axes, signal)
            and group[name].shape in ((length,), (length + 1,))
        )
        axes.append(next(fits, "."))
    return axes


def _free_name(concept: GroupConcept | FieldConcept) -> str:
    """The name, or one that fits where the author chooses."""
    return concept.name.lower() if concept.is_variadic else concept.name


def _wider(slot: GroupConcept) -> set[GroupConcept]:
    found = {slot}
    for other in slot.specialises:
        found |= _wider(other)
    return found


def _first(found: Any) -> GroupConcept:
    return found[0] if isinstance(found, tuple) else found.groups[0]


def _split(segment: str) -> tuple[str, str]:
    if segment.startswith("NX"):
        return "", segment
    name, _, nx_class = segment.partition(":")
    return name, nx_class


def _class_of(node: Any) -> str:
    return str(node.attrs.get("NX_class", "")) if isinstance(node, h5py.Group) else ""


def _step(node: h5py.Group, segment: str, schema: Schema) -> Any:
    name, nx_class = _split(segment)
    if name:
        return node.get(name)
    fits = (child for child in node.values() if schema.is_a(_class_of(child), nx_class))
    return next(fits, None)
