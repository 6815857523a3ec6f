"""Tests of nxtool.validate: what edits of one file cannot show, and any tree whatever."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import h5py
import hdf5plugin
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool.nxdl.catalogue import Catalogue
from nxtool.nxdl.reader import parse_definition
from nxtool.schema.compile import Schema
from nxtool.validate import memory
from nxtool.validate.api import validate
from nxtool.validate.engine import MAX_DEPTH
from nxtool.validate.rules import dimensions
from nxtool.validate.visit import Options, Scope, SymbolUse
from tests.damage import damage, sources
from tests.judging import judge
from tests.validfiles import build, image, memory_file, official_schema, open_image


def codes(file: h5py.File, *severities: str) -> set[tuple[str, str]]:
    wanted = severities or ("error", "warning", "info")
    return {(item.code, item.path) for item in judge(file) if item.severity in wanted}


def test_lengths_in_thousands_of_groups_are_compared_in_no_time():
    uses = [SymbolUse(5 + i % 2, f"/e/g{i}/d", f"/e/g{i}", "") for i in range(20_000)]
    visit = SimpleNamespace(scope=Scope("NXx", {("NXx", "n"): [*uses, *uses[:1]]}))
    begin = time.process_time()
    found = list(dimensions.symbols_of_entry(visit))
    assert time.process_time() - begin < 1
    assert [(item.code, item.severity, item.path) for item in found] == [
        ("D05", "warning", "/e/g1/d")
    ]


def test_a_long_chain_of_axes_is_followed_in_no_time():
    with memory_file() as file:
        group = file.create_group("entry/sample/transformations")
        for path, nx_class in (
            ("entry", "NXentry"), ("entry/sample", "NXsample"), (group.name, "NXtransformations"),
        ):  # fmt: skip
            file[path].attrs["NX_class"] = nx_class
        for index in range(500):
            axis = group.create_dataset(f"a{index}", data=0.0)
            axis.attrs.update({"vector": [0.0, 0.0, 1.0], "transformation_type": "rotation"})
            axis.attrs.update({"units": "deg", "depends_on": f"a{index + 1}"})
        begin = time.process_time()
        found = [item for item in judge(file) if item.code.startswith("X")]
        assert time.process_time() - begin < 5
    assert [(item.code, item.path) for item in found] == [
        ("X01", "/entry/sample/transformations/a499@depends_on")
    ]


def test_only_so_many_forms_are_remembered(monkeypatch):
    monkeypatch.setattr(memory, "_MOST_KEPT", 3)
    known = {}
    for sign in (1, 2, None, 3, 4):
        memory.keep(known, sign, ())
    assert known == {4: ()}


def test_a_virtual_dataset_without_its_source_is_told(tmp_path):
    path = tmp_path / "x.nxs"
    path.write_bytes(image("NXtomo"))
    layout = h5py.VirtualLayout((3, 4, 5), "i4")
    layout[:] = h5py.VirtualSource("gone.h5", "x", (3, 4, 5))
    with h5py.File(path, "r+") as file:
        del file["/entry/instrument/detector/data"]
        file["/entry/instrument/detector"].create_virtual_dataset("data", layout)
    found = [item for item in validate(path, official_schema()) if item.code == "T18"]
    assert [(item.path, item.message) for item in found] == [
        ("/entry/instrument/detector/data", "source file 'gone.h5' is missing")
    ]


def test_a_missing_filter_is_told_and_the_rest_still_checked(tmp_path):
    path = tmp_path / "x.nxs"
    path.write_bytes(image("NXtomo"))
    with h5py.File(path, "r+") as file:
        angles = file["/entry/sample"]
        del angles["rotation_angle"]
        angles.create_dataset(
            "rotation_angle", data=np.zeros(3), chunks=(3,), **hdf5plugin.Bitshuffle()
        )
        del file["/entry/data/rotation_angle"]
        angles["rotation_angle"].attrs["units"] = "m"
    code = (
        "import sys, hdf5plugin; from h5py import h5z; h5z.unregister_filter(32008)\n"
        "from nxtool.validate.api import validate\n"
        "found = validate(sys.argv[1])\n"
        "print(sorted({i.code for i in found if i.path.startswith('/entry/sample/')}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['T18', 'U03']\n"


def test_groups_nested_too_deeply_are_told_and_left():
    with memory_file() as file:
        group = file.create_group("entry")
        group.attrs["NX_class"] = "NXentry"
        for _ in range(MAX_DEPTH + 2):
            group = group.create_group("g")
            group.attrs["NX_class"] = "NXdetector"
        assert "F05" in {code for code, _ in codes(file)}


def test_shallow_groups_are_not_told():
    with open_image(image("NXtomo")) as file:
        assert "F05" not in {code for code, _ in codes(file)}


def test_a_circle_of_hard_links_ends():
    with open_image(image("NXtomo")) as file:
        file["/entry/instrument/detector/up"] = file["/entry/instrument"]
        assert ("G04", "/entry/instrument/detector/up") in codes(file)


def test_a_fault_of_an_object_with_two_names_is_told_once_at_its_origin():
    with open_image(image("NXtomo")) as file:
        file["/entry/sample/rotation_angle"].attrs["units"] = "m"
        found = [item.path for item in judge(file) if item.code == "U03"]
    assert found == ["/entry/sample/rotation_angle@units"]


def test_every_entry_is_judged_by_its_own_definition():
    with build("NXtomo") as file:
        build("NXsas", entry="other", file=file)
        del file["/other/instrument/source/probe"]
        del file["/entry/sample/name"]
        errors = codes(file, "error")
    assert errors == {("O01", "/other/instrument/source/probe"), ("O01", "/entry/sample/name")}


def test_a_subentry_is_judged_by_its_own_definition():
    with open_image(image("NXtomo")) as file:
        sub = file.create_group("/entry/sub")
        sub.attrs["NX_class"] = "NXsubentry"
        sub["definition"] = "NXsas"
        assert ("O01", "/entry/sub/instrument") in codes(file, "error")


def test_the_definition_to_judge_by_may_be_given():
    with open_image(image("empty")) as file:
        found = judge(file, Options(definition="NXtomo"))
    assert {item.code for item in found if item.severity == "error"} == {"O01"}


def test_large_values_are_not_read_beyond_the_limit():
    with open_image(image("NXtofraw")) as file:
        file["/entry"].create_dataset("a", data=1)
        detector = file["/entry/instrument/detector"]
        detector.create_dataset("bad_pixels", data=np.zeros(3))
        assert judge(file, Options(max_read=1)) != []


def test_the_order_of_findings_does_not_change():
    with open_image(image("NXtomo")) as file:
        del file["/entry/sample"]
        assert judge(file) == judge(file)


class _Own(Catalogue):
    def __init__(self, text: str) -> None:
        super().__init__(official_schema().catalogue.folders)
        self._read["NXown"] = parse_definition(text.encode(), Path("NXown.nxdl.xml"))

    @property
    def files(self):
        return {**official_schema().catalogue.files, "NXown": Path("NXown.nxdl.xml")}


def own(body: str) -> Schema:
    head = (
        '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXown" '
        'category="application" extends="NXobject"><group type="NXentry">'
    )
    return Schema(_Own(f"{head}{body}</group></definition>"))


def told(schema: Schema, fill) -> set[tuple[str, str]]:
    from nxtool.hdf5.view import Hdf5Group
    from nxtool.validate.engine import validate_tree

    with open_image(image("empty")) as file:
        file["/entry/definition"] = "NXown"
        fill(file["/entry"])
        root = Hdf5Group(h5py.h5g.open(file.id, b"/"), "/", (Path(),))
        return {(i.code, i.path) for i in validate_tree(root, schema)[0] if i.severity == "error"}


THREE = '<dimensions rank="1"><dim index="1" value="3"/></dimensions>'


def listed(*items: str) -> str:
    values = "".join(f'<item value="{item}"/>' for item in items)
    return f"<enumeration>{values}</enumeration>"


@pytest.mark.parametrize(
    ("facets", "inner", "value", "expected"),
    [
        ('type="NX_QUATERNION"', "", np.zeros((2, 3)), "T13"),
        ('type="NX_QUATERNION"', "", np.zeros((2, 4)), None),
        ('type="NX_PCOMPLEX"', "", np.zeros(3), "T12"),
        ('type="NX_CCOMPLEX"', "", np.zeros(3, "c8"), None),
        ('type="NX_INT"', THREE, np.zeros(4, "i4"), "D03"),
        ('type="NX_INT"', THREE, np.zeros(3, "i4"), None),
        ('type="NX_INT"', listed("1", "2"), 3, "E01"),
        ('type="NX_INT"', listed("1", "2"), np.array([1, 2], ">u2"), None),
        ('type="NX_INT"', listed("[0, 1]"), [0, 1], None),
        ('type="NX_INT"', listed("[0, 1]"), [1, 0], "E01"),
        ("", listed("a").replace(">", ' open="true">', 1), "b", None),
    ],
)  # fmt: skip
def test_a_rule_of_an_own_definition(facets, inner, value, expected):
    schema = own(f'<field name="q" {facets}>{inner}</field>')
    found = told(schema, lambda entry: entry.create_dataset("q", data=value))
    assert found == ({(expected, "/entry/q")} if expected else set())


def test_lengths_of_one_symbol_in_one_group_are_equal():
    length = THREE.replace("3", "n")
    field = f'<field name="{{}}" type="NX_INT">{length}</field>'
    schema = own(field.format("a") + field.format("b"))

    def fill(entry):
        entry["a"], entry["b"] = np.zeros(3, "i4"), np.zeros(4, "i4")

    assert {code for code, _ in told(schema, fill)} == {"D05"}


def test_optional_false_makes_an_attribute_required():
    schema = own('<field name="a"><attribute name="b" optional="false"/></field>')
    assert told(schema, lambda entry: entry.create_dataset("a", data="x")) == {
        ("O01", "/entry/a@b")
    }


def test_at_least_two_of_a_group():
    schema = own('<group type="NXsample" minOccurs="2"/>')

    def fill(entry):
        entry.create_group("s").attrs["NX_class"] = "NXsample"

    assert {code for code, _ in told(schema, fill)} == {"O05"}


def test_at_most_one_of_a_group():
    schema = own('<group type="NXsample" maxOccurs="1"/>')

    def fill(entry):
        for name in "st":
            entry.create_group(name).attrs["NX_class"] = "NXsample"

    assert {code for code, _ in told(schema, fill)} == {"O05"}


# any tree

CLASSES = [
    "NXentry",
    "NXdata",
    "NXdetector",
    "NXtransformations",
    "NXnote",
    "NXroot",
    "NXsas",
    "x",
    "",
]
NAMES = ["entry", "data", "x", "depends_on", "definition", "x_errors", "signal", "a b", "é", "1.2"]
ATTRIBUTES = [
    "signal", "axes", "x_indices", "units", "vector", "offset", "depends_on", "target", "default",
    "transformation_type", "interpretation", "default_slice", "é", "stride",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from([".", "/entry", "../x", "NXtomo", "mm", "", "/", "x,y", "\udcb5"]),
    st.integers(-(2**62), 2**62),
    st.floats(),
    st.booleans(),
    st.lists(st.sampled_from(NAMES), max_size=3),
    st.lists(st.floats(), max_size=4),
    st.sampled_from([
        h5py.Empty("f8"), np.zeros((2, 0)), np.zeros((2, 3), "c8"), np.zeros(2, "i4,f8"),
        np.zeros(3, ">f2"), np.array(b"\xff\xfe"), np.zeros((1, 1, 1, 1)), np.zeros(2, "V3"),
    ]),
)  # fmt: skip
LEAF = st.tuples(
    st.just("field"), VALUES, st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=3)
)
LINK = st.tuples(
    st.just("link"), st.sampled_from(["/", "/entry", ".", "x", "/entry/data/x"]), st.just({})
)
TREE = st.recursive(
    LEAF | LINK,
    lambda inner: st.tuples(
        st.sampled_from(CLASSES),
        st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
        st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=3),
    ),
    max_leaves=12,
)


def plant(group: h5py.Group, name: str, tree) -> None:
    kind, content, attributes = tree
    if kind == "link":
        group[name] = h5py.SoftLink(content)
        return
    if kind == "field":
        node = group.create_dataset(name, data=_storable(content))
    else:
        node = group.create_group(name)
        node.attrs["NX_class"] = kind
        for inner, part in content.items():
            plant(node, inner, part)
    for attribute, value in attributes.items():
        node.attrs[attribute] = _storable(value)


def _storable(value):
    if isinstance(value, str):
        return np.array(value.encode("utf-8", "surrogateescape") or b"", h5py.string_dtype())
    if isinstance(value, list) and value and isinstance(value[0], str):
        return np.array(value, h5py.string_dtype())
    return value


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(NAMES), TREE, max_size=3), st.booleans())
def test_any_tree_is_judged(tree, has_definition):
    with memory_file() as file:
        for name, part in tree.items():
            plant(file, name, part)
        if has_definition and tree.get("entry", ("field",))[0] in CLASSES:
            entry = file["entry"]
            if entry.get("definition", getlink=True) is None:
                entry["definition"] = "NXmx"
        for item in judge(file):
            assert item.path.startswith("/")
            assert "\n" not in item.message


# damaged files


def test_the_corpus_has_files_to_damage(corpus):
    assert len(sources(corpus)) > 30


def _run(corpus: Path, first: int, last: int) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.damage", corpus, str(first), str(last)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    trouble = [line for line in done.stderr.splitlines() if "the HDF5 library" not in line]
    return done.returncode, done.stdout.split()[-1] + "\n".join(trouble)


def test_damaged_copies_of_real_files_are_judged_or_refused(corpus):
    assert _run(corpus, 60, 90) == (0, "89")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_two_thousand_damaged_copies_are_judged_or_refused(corpus, part):
    assert _run(corpus, part * 250, part * 250 + 250) == (0, str(part * 250 + 249))


def test_the_same_number_damages_in_the_same_way():
    data = image("NXtomo")
    assert damage(data, 3) == damage(data, 3) != data
