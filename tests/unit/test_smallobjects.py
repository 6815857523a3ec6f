"""Small fields, groups and attributes: the file is the one h5py's own interface would write."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.build.data import Literal
from nxtool.build.disk import open_for_writing
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.build.write import write_plan

NUMBERS = ("?", "i1", "u1", "<i2", ">u2", "<i4", ">i8", "<u8", "<f2", "<f4", ">f8", "<c8", "S3")
TEXTS = ("mm", "", "Grün und Blau", "µm")
ATTRIBUTES = {
    "units": "µm", "flag": True, "count": 3, "factor": 0.5, "axes": ["x", "y"], "none": [],
    "small": np.int8(-3), "vector": np.array([1.0, 2.0, 3.0]), "big": np.array([1, 2], ">i4"),
    "name Ä": "text", "bytes": b"plain",
}  # fmt: skip


def fields():
    """Values by name, and whether text is of fixed length."""
    for dtype in NUMBERS:
        yield f"scalar {dtype}", np.array(1).astype(dtype), False
        yield f"list {dtype}", np.arange(5).astype(dtype), False
        yield f"table {dtype}", np.ones((3, 4)).astype(dtype)[:, ::2], False
    for fixed in (False, True):
        for index, text in enumerate(TEXTS):
            yield f"text {index} {fixed}", np.array(text, dtype=object), fixed
        yield f"texts {fixed}", np.array(TEXTS, dtype=object), fixed
        yield f"texts of two axes {fixed}", np.array([TEXTS, TEXTS], dtype=object), fixed
    yield "empty", np.empty((0, 3)), False
    yield "record", np.array((1, 2.5), dtype=[("a", "i4"), ("b", "f8")]), False
    yield "Größe", np.array(2.5), False
    yield "64 KiB", np.arange(8192.0), False
    yield "more", np.arange(9000.0), False


def plan():
    """A group with every kind of field, one of ASCII and one of other names below it."""
    root = PlannedGroup("/", "NXroot", {"creator": "test"})
    group = root.children["entry"] = PlannedGroup("/entry", "NXentry", dict(ATTRIBUTES))
    for name, values, fixed in fields():
        field = PlannedField(f"/entry/{name}", Literal(values), dict(ATTRIBUTES))
        field.fixed_strings = fixed
        group.children[name] = field
    for name in ("plain", "schön"):
        group.children[name] = PlannedGroup(f"/entry/{name}", "NXcollection")
    return Plan(root)


def write_by_h5py(plan, path):
    """What the plan says, through h5py's ordinary interface."""
    with open_for_writing(path, "x") as file:
        for node in plan.root.walk():
            if isinstance(node, PlannedGroup):
                made = file if node.path == "/" else file.create_group(node.path)
                if made is not file:
                    made.attrs["NX_class"] = node.nx_class
            else:
                made = created(file, node)
            for name, value in node.attributes.items():
                dtype = h5py.string_dtype() if isinstance(value, list) else None
                made.attrs.create(name, value, dtype=dtype)
            if made is file:
                made.attrs["NX_class"] = node.nx_class


def created(file, node):
    values = node.data.values
    if not values.dtype.hasobject:
        return file.create_dataset(node.path, data=values)
    length = max(len(text.encode()) for text in values.flat) or 1
    dtype = h5py.string_dtype(length=length if node.fixed_strings else None)
    encoded = np.array([text.encode() for text in values.flat]).reshape(values.shape)
    data = encoded.astype(dtype) if node.fixed_strings else values
    return file.create_dataset(node.path, data=data, dtype=dtype)


def dump(path):
    """All that there is of every object: link, type, shape, values, attributes."""
    found = []

    def look(name, item):
        is_field = isinstance(item, h5py.Dataset)
        link = root.links.get_info(name.encode())
        values = (item.id.get_type().encode(), item.shape, item[()]) if is_field else ()
        attributes = [
            (key, item.attrs.get_id(key).get_type().encode(), item.attrs[key]) for key in item.attrs
        ]
        found.append(repr((name, link.cset, link.type, values, attributes)))

    with h5py.File(path) as file:
        root = h5py.h5g.open(file.id, b"/")
        file.visititems(look)
        found.append(repr(sorted(dict(file.attrs).items())))
    return found


@pytest.fixture
def both(tmp_path):
    """The file of the builder, and that of h5py."""
    ours, theirs = tmp_path / "ours.h5", tmp_path / "theirs.h5"
    write_plan(plan(), ours)
    write_by_h5py(plan(), theirs)
    return ours, theirs


def test_every_object_is_as_h5py_would_make_it(both):
    ours, theirs = (dump(path) for path in both)
    assert ours == theirs
    assert len(ours) == len(list(fields())) + 4


def test_file_is_the_same_byte_for_byte(both):
    ours, theirs = (path.read_bytes() for path in both)
    assert ours == theirs
