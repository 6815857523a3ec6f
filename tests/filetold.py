"""An HDF5 file told as plain values, so that two files can be compared: everything but where
things lie, and how values are compressed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5, h5a, h5d, h5g, h5l, h5o, h5p, h5r, h5s, h5t

MOST = 1 << 28
"""Values of more bytes than this are not told: virtual datasets of missing files."""


def told(path: Path, *, storage: bool = False) -> dict[str, Any]:
    """What is in the file at `path`; with `storage` also chunk shapes, filters and layouts."""
    with h5py.File(path) as file:
        return _Teller(file, storage).tell(path)


class _Teller:
    def __init__(self, file: h5py.File, storage: bool) -> None:
        self.file = file.id
        self.storage = storage
        self.names: dict[int, str] = {}
        self.objects: dict[str, Any] = {}

    def tell(self, path: Path) -> dict[str, Any]:
        root = h5g.open(self.file, b"/")
        self._name(root, "/")
        properties = self.file.get_create_plist()
        block = properties.get_userblock()
        with path.open("rb") as stream:
            user_block = stream.read(block)
        groups = list(self._walk(root))
        links = {name: self._links(item) for name, item in groups}
        told = {name: self._object(h5o.open(self.file, name.encode())) for name in self.objects}
        return {
            "user block": user_block,
            "strategy": properties.get_file_space_strategy()[0],
            "links": links,
            "objects": told,
        }

    def _name(self, item: Any, name: str) -> bool:
        address = h5o.get_info(item).addr
        if address in self.names:
            return False
        self.names[address] = name
        self.objects[name] = None
        return True

    def _walk(self, root: h5g.GroupID) -> Any:
        pending = [("/", root)]
        while pending:
            name, group = pending.pop(0)
            yield name, group
            for key, link, _ in self._listed(group):
                if link != h5l.TYPE_HARD:
                    continue
                below = f"{name.rstrip('/')}/{key.decode()}"
                item = h5o.open(group, key)
                if self._name(item, below) and isinstance(item, h5g.GroupID):
                    pending.append((below, item))

    def _listed(self, group: h5g.GroupID) -> list[tuple[bytes, int, int]]:
        found: list[tuple[bytes, int, int]] = []
        order = group.get_create_plist().get_link_creation_order()
        kind = h5.INDEX_CRT_ORDER if order else h5.INDEX_NAME

        def add(name: bytes, info: h5l.LinkInfo) -> None:
            found.append((name, info.type, info.cset))  # h5py gives the same `info` again

        group.links.iterate(add, idx_type=kind, info=True)
        return found

    def _links(self, group: h5g.GroupID) -> list[Any]:
        """The links of a group in their order; hard ones by the first name of their object."""
        result: list[Any] = []
        for name, link, charset in self._listed(group):
            if link == h5l.TYPE_HARD:
                to = self.names[h5o.get_info(h5o.open(group, name)).addr]
            else:
                to = group.links.get_val(name)
            result.append((name, link, charset, to))
        return result

    def _object(self, item: Any) -> dict[str, Any]:
        info = h5o.get_info(item)
        told: dict[str, Any] = {"attributes": self._attributes(item), "changed": info.ctime}
        if isinstance(item, h5g.GroupID):
            properties = item.get_create_plist()
            return {
                **told,
                "link order": properties.get_link_creation_order(),
                **_common(properties),
            }
        if isinstance(item, h5d.DatasetID):
            return {**told, **self._dataset(item)}
        return {**told, "type": type_told(item)}

    def _attributes(self, item: Any) -> list[Any]:
        """In their order, where the file keeps that."""
        count = h5a.get_num_attrs(item)
        named = isinstance(item, h5t.TypeID)
        tracked = not named and item.get_create_plist().get_attr_creation_order()
        order = h5.INDEX_CRT_ORDER if tracked else h5.INDEX_NAME
        found = [h5a.open(item, index=i, index_type=order) for i in range(count)]
        result = [
            (one.name, *self._type(one.get_type()), one.shape, self._attribute(one))
            for one in found
        ]
        return result if tracked else sorted(result, key=lambda one: one[0])

    def _attribute(self, one: h5a.AttrID) -> Any:
        if not one.get_space().get_simple_extent_npoints():
            return None
        if _is_fixed(one.get_type()):
            values = np.empty(one.shape, f"V{one.get_type().get_size()}")
            one.read(values, mtype=one.get_type())
            return values.tobytes()
        values = np.empty(one.shape, one.dtype)
        one.read(values, mtype=h5t.py_create(one.dtype))
        return self._values(values, one.dtype)

    def _type(self, kind: h5t.TypeID) -> tuple[Any, Any]:
        """The type itself, and the name it has in the file."""
        named = self.names.get(h5o.get_info(kind).addr, "nameless") if kind.committed() else None
        return type_told(kind), named

    def _dataset(self, item: h5d.DatasetID) -> dict[str, Any]:
        properties, space = item.get_create_plist(), item.get_space()
        kind = item.get_type()
        extent = None
        if space.get_simple_extent_type() != h5s.NULL:
            extent = space.get_simple_extent_dims(), space.get_simple_extent_dims(True)
        told = {
            "type": self._type(kind),
            "space": extent,
            "fill": (properties.fill_value_defined(), _fill(properties, kind)),
            "fill time": properties.get_fill_time(),
            "external": [
                properties.get_external(i) for i in range(properties.get_external_count())
            ],
            "virtual": _virtual(properties),
            **_common(properties),
        }
        if self.storage:
            layout = properties.get_layout()
            told["layout"] = layout
            told["chunks"] = properties.get_chunk() if layout == h5d.CHUNKED else None
            filters = [properties.get_filter(i) for i in range(properties.get_nfilters())]
            told["filters"] = [one[:3] for one in filters]
            told["alloc time"] = properties.get_alloc_time()
        return {**told, "values": self._dataset_values(item)}

    def _dataset_values(self, item: h5d.DatasetID) -> Any:
        if item.get_space().get_simple_extent_npoints() * kind_size(item) not in range(1, MOST):
            return None
        if not _readable(item):
            return _raw(item)
        kind = item.get_type()
        if _is_fixed(kind):
            values = np.empty(item.shape, f"V{kind.get_size()}")
            item.read(h5s.ALL, h5s.ALL, values, kind)
            return values.tobytes()
        values = np.empty(item.shape, kind.dtype)
        item.read(h5s.ALL, h5s.ALL, values, h5t.py_create(kind.dtype))
        return self._values(values, kind.dtype)

    def _values(self, values: Any, dtype: np.dtype[Any]) -> Any:
        """Python objects as such; references as the name of what they lead to."""
        if h5py.check_ref_dtype(dtype) is not None:
            return [self._reference(one) for one in values.reshape(-1)]
        if dtype.subdtype is not None:
            return self._values(values, dtype.subdtype[0])
        if dtype.fields is not None:
            return {
                name: self._values(values[name], part) for name, (part, *_) in dtype.fields.items()
            }
        if not dtype.hasobject:
            return np.ascontiguousarray(values).tobytes()
        inner = h5py.check_vlen_dtype(dtype)
        if isinstance(inner, np.dtype):
            return [self._values(one, inner) for one in values.reshape(-1)]
        return values.reshape(-1).tolist()

    def _reference(self, one: Any) -> Any:
        if not one:
            return None
        name = self.names.get(h5o.get_info(h5r.dereference(one, self.file)).addr)
        if not isinstance(one, h5py.RegionReference):
            return name
        space = h5r.get_region(one, self.file)
        return name, space.get_select_type(), _selection(space)


def kind_size(item: h5d.DatasetID) -> int:
    """The bytes of one element."""
    size: int = item.get_type().get_size()
    return size


def type_told(kind: h5t.TypeID) -> Any:
    """A type, however its description is stored."""
    found = kind.get_class()
    told = _PARTS[found](kind) if found in _PARTS else []
    if found in (h5t.ENUM, h5t.ARRAY, h5t.VLEN):
        told.append(type_told(kind.get_super()))
    return [found, kind.get_size(), *told]


def _integer(kind: h5t.TypeIntegerID) -> list[Any]:
    bits = [kind.get_precision(), kind.get_offset(), kind.get_pad()]
    return [kind.get_order(), kind.get_sign(), *bits]


def _float(kind: h5t.TypeFloatID) -> list[Any]:
    bits = [kind.get_precision(), kind.get_offset(), kind.get_pad(), kind.get_inpad()]
    return [kind.get_order(), kind.get_fields(), kind.get_ebias(), kind.get_norm(), *bits]


def _compound(kind: h5t.TypeCompoundID) -> list[Any]:
    return [
        (kind.get_member_name(i), kind.get_member_offset(i), type_told(kind.get_member_type(i)))
        for i in range(kind.get_nmembers())
    ]


def _enum(kind: h5t.TypeEnumID) -> list[Any]:
    members = range(kind.get_nmembers())
    return [(kind.get_member_name(i), kind.get_member_value(i)) for i in members]


_PARTS: dict[int, Any] = {
    h5t.BITFIELD: lambda kind: [kind.get_order()],
    h5t.INTEGER: _integer,
    h5t.FLOAT: _float,
    h5t.STRING: lambda kind: [kind.get_cset(), kind.get_strpad(), kind.is_variable_str()],
    h5t.OPAQUE: lambda kind: [kind.get_tag()],
    h5t.COMPOUND: _compound,
    h5t.ENUM: _enum,
    h5t.ARRAY: lambda kind: [kind.get_array_dims()],
}


def _space(space: h5s.SpaceID) -> Any:
    """Extent and selection of a dataspace."""
    lengths = space.get_simple_extent_dims(), space.get_simple_extent_dims(True)
    if space.get_select_type() == h5s.SEL_HYPERSLABS and space.is_regular_hyperslab():
        return lengths, space.get_regular_hyperslab()
    return lengths, space.get_select_type()


def _selection(space: h5s.SpaceID) -> Any:
    if space.get_select_type() == h5s.SEL_POINTS:
        return space.get_select_elem_pointlist().tolist()
    return space.get_select_hyper_blocklist().tolist()


def _common(properties: Any) -> dict[str, Any]:
    return {
        "attribute order": properties.get_attr_creation_order(),
        "attribute phases": properties.get_attr_phase_change(),
    }


def _is_fixed(kind: h5t.TypeID) -> bool:
    if kind.get_class() == h5t.COMPOUND:
        return all(_is_fixed(kind.get_member_type(i)) for i in range(kind.get_nmembers()))
    if kind.get_class() == h5t.ARRAY:
        return _is_fixed(kind.get_super())
    if kind.get_class() == h5t.STRING:
        return not kind.is_variable_str()
    return kind.get_class() not in (h5t.VLEN, h5t.REFERENCE)


def _fill(properties: h5p.PropDCID, kind: h5t.TypeID) -> bytes | None:
    if properties.fill_value_defined() != h5d.FILL_VALUE_USER_DEFINED:
        return None
    if kind.get_class() not in (h5t.INTEGER, h5t.FLOAT):
        return None
    value = np.zeros((), kind.dtype)
    properties.get_fill_value(value)
    return value.tobytes()


def _virtual(properties: h5p.PropDCID) -> list[Any]:
    if properties.get_layout() != h5d.VIRTUAL:
        return []
    return [
        (
            properties.get_virtual_filename(i),
            properties.get_virtual_dsetname(i),
            _space(properties.get_virtual_vspace(i)),
            _space(properties.get_virtual_srcspace(i)),
        )
        for i in range(properties.get_virtual_count())
    ]


def _readable(item: h5d.DatasetID) -> bool:
    return bool(item.get_create_plist().all_filters_avail())


def _raw(item: h5d.DatasetID) -> list[Any]:
    chunks = [item.get_chunk_info(i) for i in range(item.get_num_chunks())]
    return [item.read_direct_chunk(one.chunk_offset) for one in chunks]
