"""Tests of nxtool.hdf5: opening files, and every kind of object, type and link in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import hdf5plugin
import numpy as np
import pytest
from h5py import h5t

from nxtool.errors import FileUnreadable
from nxtool.hdf5.opening import Hdf5File
from nxtool.hdf5.otherfiles import SOURCES, external_file
from nxtool.hdf5.view import Hdf5Group, split_blocks
from nxtool.nodeview import Broken, Unreadable, is_field, is_group


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "x.h5"


def view(file: h5py.File) -> Hdf5Group:
    """The root of an open file, also of one in memory."""
    folder = Path(file.filename).resolve().parent
    return Hdf5Group(h5py.h5g.open(file.id, b"/"), "/", (folder,))


@pytest.fixture
def file():
    with h5py.File("memory.h5", "w", driver="core", backing_store=False) as opened:
        yield opened


def refused(path: Path) -> str:
    with pytest.raises(FileUnreadable) as caught, Hdf5File(path):
        pass
    return str(caught.value).replace(f"{path}: ", "")


# strings

STRINGS = [
    ("variable utf-8", h5py.string_dtype("utf-8"), "é"),
    ("variable ascii", h5py.string_dtype("ascii"), "e"),
    ("fixed utf-8", h5py.string_dtype("utf-8", 8), "é"),
    ("fixed ascii", h5py.string_dtype("ascii", 8), "e"),
]
EACH_STRING = pytest.mark.parametrize(
    ("dtype", "text"), [row[1:] for row in STRINGS], ids=[row[0] for row in STRINGS]
)


@pytest.mark.parametrize(
    ("dtype", "text"), [row[1:] for row in STRINGS], ids=[r[0] for r in STRINGS]
)
def test_a_scalar_string_of_any_kind_is_a_str(file, dtype, text):
    file.create_dataset("x", data=text.encode(), dtype=dtype)
    file.attrs.create("a", text.encode(), dtype=dtype)
    root = view(file)
    assert root.child("x").read() == text
    assert root.attributes["a"].value == text
    assert root.child("x").type.kind == "string"


@pytest.mark.parametrize(
    ("dtype", "text"), [row[1:] for row in STRINGS], ids=[r[0] for r in STRINGS]
)
def test_an_array_of_strings_is_a_list(file, dtype, text):
    file.create_dataset("x", data=[text.encode(), b""], dtype=dtype)
    file.attrs.create("a", [text.encode(), b""], dtype=dtype)
    root = view(file)
    assert root.child("x").read() == [text, ""]
    assert root.attributes["a"].value == [text, ""]


def test_a_string_array_of_rank_two_is_flattened(file):
    file.create_dataset("x", data=[[b"a", b"b"], [b"c", b"d"]])
    assert view(file).child("x").read() == ["a", "b", "c", "d"]
    assert view(file).child("x").shape == (2, 2)


@pytest.mark.parametrize(
    ("padding", "stored"),
    [
        (h5t.STR_NULLTERM, b"abc"),
        (h5t.STR_NULLTERM, b"abc\0xy"),
        (h5t.STR_NULLPAD, b"abc"),
        (h5t.STR_SPACEPAD, b"abc   "),
    ],
)
@pytest.mark.parametrize("shape", [(), (2,)])
def test_padding_is_no_part_of_a_string(file, padding, stored, shape):
    kind = h5t.C_S1.copy()
    kind.set_size(6)
    kind.set_strpad(padding)
    space = h5py.h5s.create_simple(shape) if shape else h5py.h5s.create(h5py.h5s.SCALAR)
    values = np.full(shape, stored, dtype="S6")
    dataset = h5py.h5d.create(file.id, b"x", kind, space)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values, kind)
    h5py.h5a.create(dataset, b"a", kind, space).write(values, kind)
    field = view(file).child("x")
    assert field.read() == field.attributes["a"].value == (["abc", "abc"] if shape else "abc")


def test_bytes_that_are_not_utf8_survive_as_surrogates(file):
    file.create_dataset("x", data=np.array(b"\xb5m"))
    file.attrs["a"] = np.array(b"\xc5")
    root = view(file)
    assert root.child("x").read().encode("utf-8", "surrogateescape") == b"\xb5m"
    assert root.attributes["a"].value == "\udcc5"


def test_a_variable_string_never_written_is_empty(file):
    file.create_dataset("x", (2,), dtype=h5py.string_dtype())
    assert view(file).child("x").read() == ["", ""]


def test_names_that_are_not_utf8_can_be_opened(file):
    file.create_group(b"\xb5")
    root = view(file)
    assert list(root.links) == ["\udcb5"]
    assert is_group(root.child("\udcb5"))


def test_one_string_in_an_array_is_a_text(file):
    file.attrs["a"] = ["NXentry"]
    assert view(file).attributes["a"].text == "NXentry"


# numbers and other types

NUMBERS = [
    ("i1", "integer", "int8", True), (">i4", "integer", ">int32", True),
    ("u8", "integer", "uint64", False), ("f2", "float", "float16", True),
    (">f8", "float", ">float64", True), ("c16", "complex", "complex128", True),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "kind", "text", "signed"), NUMBERS)
def test_numbers_are_named_with_their_size_and_order(file, dtype, kind, text, signed):
    file["x"] = np.array([1, 0], dtype)
    found = view(file).child("x")
    assert (found.type.kind, found.type.text, found.type.signed) == (kind, text, signed)
    assert found.read().tolist() == [1, 0]


def test_a_bool_of_h5py_is_boolean(file):
    file["x"] = np.array([True, False])
    file.attrs["a"] = True
    root = view(file)
    assert root.child("x").type.kind == "boolean"
    assert root.attributes["a"].type.kind == "boolean"
    assert bool(root.attributes["a"].value) is True


def test_an_enum_names_its_words(file):
    kind = h5py.enum_dtype({"RED": 0, "BLUE": 3}, basetype="u1")
    file.create_dataset("x", data=3, dtype=kind)
    found = view(file).child("x")
    assert (found.type.kind, int(found.read())) == ("enum", 3)
    assert sorted(found.type.members) == ["BLUE", "RED"]


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        (np.dtype([("a", "i4"), ("b", "f8")]), "compound"),
        (h5py.ref_dtype, "reference"),
        (h5py.regionref_dtype, "reference"),
        (h5py.vlen_dtype("i4"), "vlen"),
        (np.dtype("V5"), "opaque"),
        (np.dtype(("i4", (3,))), "array"),
    ],
)
def test_kinds_no_rule_looks_at_have_a_type_and_no_value(file, dtype, kind):
    file.create_dataset("x", (2,), dtype=dtype)
    space = h5py.h5s.create_simple((2,))
    h5py.h5a.create(file.id, b"a", h5t.py_create(dtype, logical=True), space)
    root = view(file)
    assert root.child("x").type.kind == kind
    assert root.child("x").read() is None
    assert (root.attributes["a"].type.kind, root.attributes["a"].value) == (kind, None)


def test_a_bit_field_has_its_kind(file):
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    h5py.h5d.create(file.id, b"x", h5t.STD_B8LE, space)
    assert view(file).child("x").type.kind == "bitfield"
    assert view(file).child("x").read() is None


def test_a_null_dataspace_has_no_shape(file):
    file["x"] = h5py.Empty("f8")
    file.attrs["a"] = h5py.Empty("S3")
    root = view(file)
    assert (root.child("x").shape, root.child("x").read()) == (None, None)
    assert (root.attributes["a"].shape, root.attributes["a"].value) == (None, None)


def test_an_empty_array_is_read(file):
    file["x"] = np.zeros((0, 3))
    file.attrs["a"] = np.zeros(0)
    root = view(file)
    assert root.child("x").read().shape == (0, 3)
    assert root.child("x").blocks(100) == []
    assert root.attributes["a"].value.shape == (0,)


def test_blocks_cover_a_field_in_order(file):
    file["x"] = np.arange(24).reshape(2, 3, 4)
    found = view(file).child("x")
    parts = [found.read_block(block).ravel() for block in found.blocks(40)]
    assert np.concatenate(parts).tolist() == list(range(24))
    assert max(part.nbytes for part in parts) <= 40


@pytest.mark.parametrize("chunks", [None, (2, 3)])
def test_a_block_may_have_steps(file, chunks):
    values = np.arange(70).reshape(7, 10)
    file.create_dataset("x", data=values, chunks=chunks)
    block = (slice(1, 7, 3), slice(0, 9, 4))
    assert view(file).child("x").read_block(block).tolist() == values[block].tolist()


def test_a_scalar_is_one_block():
    assert split_blocks((), 8, 100) == [()]


# storage


def test_the_layout_of_a_field_is_told(file):
    file.create_dataset("c", data=np.zeros((4, 4)), chunks=(2, 2), compression="gzip")
    file.create_dataset("d", data=np.zeros(4))
    root = view(file)
    stored = root.child("c").storage
    assert (stored.layout, stored.chunks) == ("chunked", (2, 2))
    assert stored.filters == ((1, "deflate", True),)
    assert root.child("d").storage.layout == "contiguous"


def test_missing_sources_of_a_virtual_dataset_are_named(path):
    layout = h5py.VirtualLayout((2, 3), "i4")
    layout[0] = h5py.VirtualSource("there.h5", "x", (3,))
    layout[1] = h5py.VirtualSource("gone.h5", "x", (3,))
    with h5py.File(path.parent / "there.h5", "w") as there:
        there["x"] = np.arange(3, dtype="i4")
    with h5py.File(path, "w") as opened:
        opened.create_virtual_dataset("v", layout)
    with Hdf5File(path) as opened:
        found = opened.root.child("v")
        assert (found.storage.layout, found.storage.missing_files) == ("virtual", ("gone.h5",))
        assert found.read().tolist() == [[0, 1, 2], [0, 0, 0]]


def test_a_missing_external_raw_file_is_named(path):
    with h5py.File(path, "w") as opened:
        opened.create_dataset("x", (3,), "i4", external=[("gone.raw", 0, 12)])
    with Hdf5File(path) as opened:
        found = opened.root.child("x")
        assert found.storage.missing_files == ("gone.raw",)
        with pytest.raises(Unreadable):
            found.read()


def test_a_missing_filter_is_told_before_reading(path):
    with h5py.File(path, "w") as opened:
        opened.create_dataset("x", data=np.arange(1000), **hdf5plugin.Bitshuffle())
    code = (
        "import sys; from pathlib import Path; from h5py import h5z; import hdf5plugin\n"
        "from nxtool.hdf5.opening import Hdf5File\n"
        "from nxtool.nodeview import Unreadable\n"
        "h5z.unregister_filter(32008)\n"
        "with Hdf5File(Path(sys.argv[1])) as file:\n"
        "    field = file.root.child('x')\n"
        "    try: field.read()\n"
        "    except Unreadable as error: print(field.storage.filters, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith(
        "False),) filter 32008 (bitshuffle; see https://github.com/kiyo-masui/bitshuffle) "
        "is not available here\n"
    )


# links


def test_the_kind_of_each_link_is_told(file):
    file["a"] = 1
    file["h"] = file["a"]
    file["s"] = h5py.SoftLink("/a")
    file["e"] = h5py.ExternalLink("o.h5", "/x")
    links = view(file).links
    assert [(link.kind, link.target, link.file) for link in links.values()] == [
        ("hard", "", ""), ("external", "/x", "o.h5"), ("hard", "", ""), ("soft", "/a", ""),
    ]  # fmt: skip


def test_two_names_of_one_object_have_one_identity(file):
    file["a"] = 1
    file["b"] = 1
    file["h"] = file["a"]
    file["s"] = h5py.SoftLink("/a")
    root = view(file)
    identity = {name: root.child(name).identity for name in root.links}
    assert identity["a"] == identity["h"] == identity["s"] != identity["b"]


def test_an_object_is_named_by_the_way_it_was_reached(file):
    file.create_group("g/h")
    file["s"] = h5py.SoftLink("/g")
    assert view(file).child("s").child("h").path == "/s/h"


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (h5py.SoftLink("/nowhere"), "'/nowhere' does not exist"),
        (h5py.SoftLink("me"), "'me' does not exist"),
        (h5py.ExternalLink("gone.h5", "/x"), "file 'gone.h5' is missing"),
    ],
)
def test_a_dangling_link_is_broken_with_its_reason(file, link, reason):
    file["me"] = link
    found = view(file).child("me")
    assert isinstance(found, Broken)
    assert (found.dangling, found.reason) == (True, reason)


def test_a_name_that_is_not_there_is_broken(file):
    assert view(file).child("x") == Broken("does not exist", dangling=True)


def test_soft_links_in_a_circle_are_broken(file):
    file["a"], file["b"] = h5py.SoftLink("/b"), h5py.SoftLink("/a")
    assert view(file).child("a").dangling


def test_a_named_datatype_is_neither_group_nor_field(file):
    file["t"] = np.dtype("f8")
    assert view(file).child("t") == Broken("is a named datatype", quiet=True)


def test_an_external_link_is_relative_to_the_linking_file(path, monkeypatch):
    (path.parent / "sub").mkdir()
    with h5py.File(path.parent / "sub" / "b.h5", "w") as other:
        other["x"] = 5
        other["again"] = h5py.ExternalLink("c.h5", "/y")
    with h5py.File(path.parent / "sub" / "c.h5", "w") as third:
        third["y"] = 6
    with h5py.File(path, "w") as opened:
        opened["e"] = h5py.ExternalLink("sub/b.h5", "/x")
        opened["g"] = h5py.ExternalLink("sub/b.h5", "/")
    monkeypatch.chdir("/")
    with Hdf5File(path) as opened:
        assert opened.root.child("e").read() == 5
        assert opened.root.child("g").child("again").read() == 6


def test_an_external_file_without_the_object_is_told(path):
    with h5py.File(path.parent / "b.h5", "w"):
        pass
    with h5py.File(path, "w") as opened:
        opened["e"] = h5py.ExternalLink("b.h5", "/x")
    with Hdf5File(path) as opened:
        assert opened.root.child("e") == Broken("'b.h5' has no '/x'", dangling=True)


@pytest.mark.parametrize("opened_as", ["store/x.h5", "shown/x.h5"])
@pytest.mark.parametrize(
    "name", ["one.h5", "two.h5", "none.h5", "/gone/one.h5", "/gone/two.h5", "sub/one.h5"]
)
def test_other_files_are_found_where_hdf5_finds_them(tmp_path, opened_as, name):
    for place, other in (("store", "one.h5"), ("shown", "two.h5")):
        (tmp_path / place).mkdir()
        with h5py.File(tmp_path / place / other, "w") as opened:
            opened["y"] = [1]
    layout = h5py.VirtualLayout((1,), "i8")
    layout[:] = h5py.VirtualSource(name, "y", (1,))
    with h5py.File(tmp_path / "store" / "x.h5", "w") as opened:
        opened["e"] = h5py.ExternalLink(name, "/y")
        opened.create_virtual_dataset("v", layout)
    (tmp_path / "shown" / "x.h5").symlink_to("../store/x.h5")
    with h5py.File(tmp_path / opened_as) as opened:
        there, value = opened.get("e") is not None, opened["v"][0]
    with Hdf5File(tmp_path / opened_as) as opened:
        assert is_field(opened.root.child("e")) == there
        assert opened.root.child("v").storage.missing_files == (() if value else (name,))


def test_a_pipe_at_an_absolute_name_is_never_opened(path):
    os.mkfifo(path.parent / "pipe")
    (path.parent / "sub").mkdir()
    with h5py.File(path.parent / "sub" / "pipe", "w") as other:
        other["x"] = 1
    with h5py.File(path.parent / "sub" / "x.h5", "w") as opened:
        opened["e"] = h5py.ExternalLink(str(path.parent / "pipe"), "/x")
    with Hdf5File(path.parent / "sub" / "x.h5") as opened:
        assert opened.root.child("e").missing_file == str(path.parent / "pipe")


def test_an_external_link_to_a_pipe_is_never_opened(path):
    os.mkfifo(path.parent / "pipe")
    with h5py.File(path, "w") as opened:
        opened["e"] = h5py.ExternalLink("pipe", "/x")
        opened["d"] = h5py.ExternalLink("/dev/zero", "/x")
    with Hdf5File(path) as opened:
        assert opened.root.child("e").missing_file == "pipe"
        assert opened.root.child("d").missing_file == "/dev/zero"


def test_the_external_prefix_is_honoured(tmp_path, monkeypatch):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "b.h5").write_bytes(b"x")
    monkeypatch.setenv("HDF5_EXT_PREFIX", str(tmp_path / "store"))
    assert external_file("b.h5", (tmp_path,)) == tmp_path / "store" / "b.h5"
    assert external_file("b.h5", (tmp_path,), SOURCES) is None


# files


def test_a_file_being_written_can_be_looked_at(path):
    with h5py.File(path, "w", libver="latest") as writer:
        writer.create_dataset("x", data=[1, 2], maxshape=(None,))
        writer.swmr_mode = True
        code = (
            "import sys; from pathlib import Path; from nxtool.hdf5.opening import Hdf5File\n"
            "with Hdf5File(Path(sys.argv[1])) as file: print(file.root.child('x').read())"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
        )
    assert done.stdout == "[1 2]\n"


def test_looking_at_a_file_leaves_it_as_it_was(path):
    with h5py.File(path, "w") as opened:
        opened["x"] = 1
    path.chmod(0o444)
    before = path.stat().st_mtime_ns, path.read_bytes()
    with Hdf5File(path) as opened:
        assert is_field(opened.root.child("x"))
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_locked_file_can_be_looked_at(path):
    import fcntl

    with h5py.File(path, "w") as opened:
        opened["x"] = 1
    with path.open("rb+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with Hdf5File(path) as opened:
            assert opened.root.child("x").read() == 1


def test_a_truncated_file_is_refused_as_such(path):
    with h5py.File(path, "w") as opened:
        opened["x"] = np.zeros(1000)
    path.write_bytes(path.read_bytes()[:4000])
    assert refused(path).startswith("is truncated: has 4000 of 10048 bytes")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"\x0e\x03\x13\x01rest",
         "is an HDF4 file, not HDF5 (convert it with h4toh5 or nxconvert)"),
        (b"<?xml version='1.0'?>",
         "is an XML file, not HDF5 (NeXus XML files must be converted with nxconvert -h5)"),
        (b"text" * 200, "is not an HDF5 file (check the format)"),
        (b"", "is empty (was the writer stopped?)"),
    ],
)  # fmt: skip
def test_other_files_are_refused_by_their_kind(path, head, message):
    path.write_bytes(head)
    assert refused(path) == message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("scan.nx.yaml", "`nxtool check` judges recipes"),
        ("log.CSV", "`nxtool sources` lists what raw data offer, `nxtool new` begins a recipe with "
                    "them"),
        ("scan", "check the format"),
    ],
)  # fmt: skip
def test_what_its_name_says_to_be_no_hdf5_is_told_where_to_go(tmp_path, name, hint):
    path = tmp_path / name
    path.write_text("a: 1\n")
    assert refused(path) == f"is not an HDF5 file ({hint})"


def test_a_missing_file_is_refused(path):
    assert refused(path) == "No such file or directory (check the path)"


def test_a_folder_is_refused(tmp_path):
    assert refused(tmp_path) == "is a folder (name a file)"


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "is not a regular file (name a file)"


def test_a_file_with_a_user_block_is_opened(path):
    with h5py.File(path, "w", userblock_size=512) as opened:
        opened["x"] = 1
    with Hdf5File(path) as opened:
        assert opened.root.child("x").read() == 1


def test_a_path_that_is_not_utf8_is_opened(tmp_path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.h5"))
    with h5py.File(tmp_path / "x.h5", "w") as opened:
        opened["x"] = 1
    (tmp_path / "x.h5").rename(odd)
    with Hdf5File(odd) as opened:
        assert opened.root.child("x").read() == 1
