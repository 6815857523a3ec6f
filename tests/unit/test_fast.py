"""Looking at objects through libhdf5 itself: always what h5py would tell."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5s, h5t
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool.hdf5 import opening
from nxtool.hdf5.fast import MAX_TEXT
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Broken, Unreadable, is_field
from nxtool.validate.api import validate

VALUES = [
    "text", "", "grüße", "a\tb", "x" * 5000, b"fixed", b"x" * 5000, np.bytes_(b"a  "),
    3, -3, 2.5, True, 1j, np.uint8(3), np.array(3, ">i4"), np.float16(1), np.array(1.5, ">f8"),
    ["a", "b"], [1, 2], np.zeros((2, 0)), np.zeros((2, 3, 4), ">u2"), np.array([b"a", b"bc"]),
    np.arange(3.0), np.array([1, 2], ">u2"), np.longdouble(1), np.arange(2000.0), np.int8(-1),
    h5py.Empty("f8"), h5py.Empty("S3"), np.zeros(2, [("a", "i4")]), np.void(b"abc"),
]  # fmt: skip


def told(node, numbers, seen):
    """All a node says of itself and of what is below it, as text. File numbers are given as they
    come: those of other files depend on when they were opened."""
    if isinstance(node, Broken):
        return repr(node)
    file, address = node.identity
    here = numbers.setdefault(file, len(numbers)), address
    parts = [node.kind, node.path, here, repr(dict(node.attributes))]
    if is_field(node):
        return [*parts, repr(node.type), node.shape, value(node)]
    if here in seen:
        return parts
    seen.add(here)
    return [
        *parts,
        *((repr(node.links[n]), told(node.child(n), numbers, seen)) for n in node.links),
    ]


def value(field):
    if field.shape != () or field.type.kind != "string":
        return ""
    try:
        return repr(field.read())
    except Unreadable as error:
        return str(error)


def both(path, monkeypatch):
    """What is told of a file with the help of h5py alone, and of the scanner."""
    result = []
    for small in (2**62, -1):
        monkeypatch.setattr(opening, "SMALL", small)
        with Hdf5File(path) as file:
            assert (file.root._scanner is None) == (small > 0)
            result.append(told(file.root, {}, set()))
    return result


def test_every_kind_of_value_is_told_as_h5py_tells_it(tmp_path, monkeypatch):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("group")
        for index, one in enumerate(VALUES):
            field = group.create_dataset(f"f{index}", data=one)
            for holder in (group, field, file):
                holder.attrs[f"a{index}"] = one if len(str(one)) < 4000 else "x" * 4200
        file["type"] = np.dtype("i4")
        file["soft"], file["broken"] = h5py.SoftLink("/group"), h5py.SoftLink("/no")
        group["up"] = group
        group["n" * 300] = 1
        file["n"] = 1
        file["n"].attrs["n" * 300] = "long name"
    alone, helped = both(path, monkeypatch)
    assert helped == alone


@pytest.mark.parametrize("padding", [h5t.STR_NULLTERM, h5t.STR_NULLPAD, h5t.STR_SPACEPAD])
@pytest.mark.parametrize("size", [1, 8, MAX_TEXT, MAX_TEXT + 1, h5t.VARIABLE])
@pytest.mark.parametrize("raw", [b"", b"a", b"a\0b", b"\xff\xfe", b"a  "])
def test_strings_of_every_make_are_told_as_h5py_tells_them(
    tmp_path, monkeypatch, padding, size, raw
):
    path = tmp_path / "x.h5"
    kind = h5t.C_S1.copy()
    kind.set_size(size)
    kind.set_strpad(padding)
    with h5py.File(path, "w") as file:
        scalar = h5s.create(h5s.SCALAR)
        field = h5py.h5d.create(file.id, b"x", kind, scalar)
        attribute = h5py.h5a.create(field, b"a", kind, scalar)
        listed = h5py.h5a.create(field, b"b", kind, h5s.create_simple((2,)))
        if size != h5t.VARIABLE:
            data = np.array(raw[:size], dtype=f"S{size}")
            field.write(h5s.ALL, h5s.ALL, data, kind)
            attribute.write(data, kind)
            listed.write(np.array([data, raw[:size].ljust(size)]), kind)
    alone, helped = both(path, monkeypatch)
    assert helped == alone


def test_real_files_are_told_alike(corpus, monkeypatch):
    paths = [path for path in sorted(corpus.rglob("*")) if path.suffix in (".nxs", ".h5", ".hdf5")]
    for path in paths:
        if path.is_file() and h5py.is_hdf5(path):
            alone, helped = both(path, monkeypatch)
            assert helped == alone, path


def test_findings_about_real_files_are_the_same(corpus, monkeypatch):
    for path in sorted(Path(corpus).rglob("*.nxs")):
        if h5py.is_hdf5(path):
            monkeypatch.setattr(opening, "SMALL", 2**62)
            alone = validate(path)
            monkeypatch.setattr(opening, "SMALL", -1)
            assert validate(path) == alone


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(st.dictionaries(st.text("abcü_1", min_size=1), texts), st.lists(texts | st.integers(0, 99)))
def test_any_texts_come_through(tmp_path, monkeypatch, attributes, values):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        for index, one in enumerate(values):
            file[f"f{index}"] = one
            file[f"f{index}"].attrs.update(attributes)
    alone, helped = both(path, monkeypatch)
    assert helped == alone
