"""Mending files: what is changed, and that nothing else is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from nxtool.errors import FileUnreadable, OutputError
from nxtool.fix.apply import fix_file
from nxtool.fix.plan import _better_unit
from nxtool.schema.compile import Schema, default_schema

CORPUS_FILES = [
    "nexus/33837rear_1D_1.75_16.5_NXcanSAS_v3.h5",
    "nexus/538039.nxs",
    "nexus/ID34_not_complete.h5",
    "nexus/lrcs3701.nx5",
    "nexus/sans2009n012333.hdf",
    "nexus/writer_1_3.h5",
    "filters/blosc.h5",
]


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def group(parent: h5py.Group, name: str, nx_class: Any) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    return made


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """An entry with one NXdata in today's way, and its default."""
    path = tmp_path / "in.nxs"
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = group(file, "entry", "NXentry")
        entry.attrs["default"] = "data"
        data = group(entry, "data", "NXdata")
        data.attrs["signal"] = "counts"
        data.attrs["axes"] = ["x", "y"]
        data["counts"] = np.zeros((3, 4))
        data["x"] = np.arange(3.0)
        data["y"] = np.arange(5.0)
    return path


def edit(path: Path, change: Callable[[h5py.File], object]) -> None:
    with h5py.File(path, "r+") as file:
        change(file)


def told(path: Path, schema: Schema) -> list[tuple[str, str, str]]:
    out = path.with_name("out.nxs")
    outcome = fix_file(path, out, schema)
    again = fix_file(out, out.with_name("again.nxs"), schema)
    assert again.fixes == ()
    return [(fix.code, fix.path, fix.message) for fix in outcome.fixes]


def content(path: Path) -> dict[str, Any]:
    """Every link, attribute and value of a file; equal for equal files."""
    with h5py.File(path, "r") as file:
        return dict(_content(file))


def _content(file: h5py.File) -> Iterator[tuple[str, Any]]:
    pending = [("", file)]
    seen = set()
    while pending:
        place, node = pending.pop()
        for name in node.attrs:
            stored = node.attrs.get_id(name)
            raw = np.zeros(stored.shape, dtype=stored.dtype)
            if raw.size:
                stored.read(raw)
            yield f"{place}@{name}", (str(stored.dtype), stored.shape, raw.tolist())
        address = h5py.h5o.get_info(node.id).addr
        if isinstance(node, h5py.Dataset):
            yield place, (str(node.dtype), node.shape, repr(node.id.get_offset()))
        elif address not in seen:
            seen.add(address)
            for name in node:
                link = node.get(name, getlink=True)
                if isinstance(link, h5py.HardLink):
                    pending.append((f"{place}/{name}", node[name]))
                else:
                    yield f"{place}/{name}", (type(link).__name__, link.path)


def test_a_sound_file_is_copied_as_it_is(plain: Path, schema: Schema) -> None:
    before = plain.read_bytes()
    assert told(plain, schema) == []
    assert plain.with_name("out.nxs").read_bytes() == before


def test_a_class_in_an_array_becomes_one_string(plain: Path, schema: Schema) -> None:
    edit(plain, lambda file: file["entry/data"].attrs.create("NX_class", ["NXdata"], dtype="S6"))
    assert told(plain, schema) == [
        ("G07", "/entry/data@NX_class", "stored as one string: NXdata"),
    ]


def test_a_definition_in_an_array_becomes_one_string_and_keeps_its_attributes(
    plain: Path, schema: Schema
) -> None:
    def change(file: h5py.File) -> None:
        file["entry/definition"] = [b"NXsas"]
        file["entry/definition"].attrs["version"] = np.bytes_("v2026.01")

    edit(plain, change)
    assert told(plain, schema) == [("T14", "/entry/definition", "stored as one string: NXsas")]
    with h5py.File(plain.with_name("out.nxs"), "r") as file:
        assert file["entry/definition"][()] == b"NXsas"
        assert file["entry/definition"].attrs.get_id("version").dtype == np.dtype("S8")


def test_attributes_that_are_not_utf8_are_kept_byte_by_byte(plain: Path, schema: Schema) -> None:
    def change(file: h5py.File) -> None:
        file["entry/definition"] = [b"NXsas"]
        ascii_text = h5py.string_dtype("ascii")
        file["entry/definition"].attrs.create("note", b"caf\xe9", dtype=ascii_text)

    edit(plain, change)
    assert len(told(plain, schema)) == 1
    with h5py.File(plain.with_name("out.nxs"), "r") as file:
        assert file["entry/definition"].attrs["note"].encode("utf-8", "surrogateescape") == (
            b"caf\xe9"
        )


def test_a_name_that_is_not_utf8_is_not_written_anew(plain: Path, schema: Schema) -> None:
    edit(plain, lambda file: file["entry"].attrs.create("NX_class", [b"NXentr\xff"], dtype="S8"))
    assert [text for text in told(plain, schema) if "NX_class" in text[1]] == []


@pytest.mark.parametrize("value", ["2026-01-05 10:00:00", np.bytes_("2026-01-05 10:00:00")])
def test_a_date_gets_its_t_whatever_the_strings_are(
    value: object, plain: Path, schema: Schema
) -> None:
    edit(plain, lambda file: file["entry"].create_dataset("start_time", data=value))
    assert told(plain, schema) == [
        ("T10", "/entry/start_time", "2026-01-05 10:00:00 → 2026-01-05T10:00:00"),
    ]
    with h5py.File(plain.with_name("out.nxs"), "r") as file:
        assert file["entry/start_time"][()] == b"2026-01-05T10:00:00"


def test_a_date_that_is_wrong_in_another_way_is_left(plain: Path, schema: Schema) -> None:
    edit(plain, lambda file: file["entry"].create_dataset("start_time", data="23/10/2019"))
    assert told(plain, schema) == []


@pytest.mark.parametrize(
    ("name", "unit", "code", "better"),
    [
        ("incident_wavelength", "A", "U04", "angstrom"),
        ("incident_wavelength", "[b'nm']", "U03", "nm"),
        ("incident_energy", "KeV", "U01", "keV"),
    ],
)
def test_a_unit_that_can_mean_one_thing_only_is_respelled(
    name: str, unit: str, code: str, better: str, plain: Path, schema: Schema
) -> None:
    def change(file: h5py.File) -> None:
        beam = group(group(file["entry"], "instrument", "NXinstrument"), "beam", "NXbeam")
        beam[name] = 1.0
        beam[name].attrs["units"] = unit

    edit(plain, change)
    place = f"/entry/instrument/beam/{name}@units"
    assert told(plain, schema) == [(code, place, f"{unit} → {better}")]


@pytest.mark.parametrize(
    ("unit", "category", "better"),
    [
        ("mBar", "NX_PRESSURE", "mbar"), ("pa", "NX_PRESSURE", "Pa"),
        ("khz", "NX_FREQUENCY", "kHz"),
        ("Mpa", "NX_PRESSURE", ""), ("mpa", "NX_PRESSURE", ""), ("MEV", "NX_ENERGY", ""),
        ("Mhz", "NX_FREQUENCY", ""), ("Pw", "NX_POWER", ""), ("1/Mev", "NX_ANY", "1/MeV"),
    ],
)  # fmt: skip
def test_a_unit_that_may_be_milli_or_mega_is_left(unit: str, category: str, better: str) -> None:
    assert _better_unit(unit, category) == better


def test_a_unit_of_the_wrong_kind_is_left(plain: Path, schema: Schema) -> None:
    def change(file: h5py.File) -> None:
        beam = group(group(file["entry"], "instrument", "NXinstrument"), "beam", "NXbeam")
        beam["incident_wavelength"] = 1.0
        beam["incident_wavelength"].attrs["units"] = "kg"

    edit(plain, change)
    assert told(plain, schema) == []


def old_marks(file: h5py.File) -> None:
    data = file["entry/data"]
    del data.attrs["signal"], data.attrs["axes"]
    data["counts"].attrs["signal"] = 1
    data["x"].attrs["axis"] = "1"
    data["y"].attrs["axis"] = 2


def test_old_marks_become_attributes_of_the_group(plain: Path, schema: Schema) -> None:
    edit(plain, old_marks)
    assert told(plain, schema) == [
        ("P01", "/entry/data@signal", "set to counts"),
        ("P11", "/entry/data@axes", "set to x, y"),
        ("P11", "/entry/data/counts@signal", "taken away: the group says it now"),
        ("P11", "/entry/data/x@axis", "taken away: the group says it now"),
        ("P11", "/entry/data/y@axis", "taken away: the group says it now"),
    ]
    with h5py.File(plain.with_name("out.nxs"), "r") as file:
        assert file["entry/data"].attrs["axes"].tolist() == ["x", "y"]


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["entry/data/y"].attrs.create("axis", 1),
        lambda file: file["entry/data/y"].attrs.create("axis", 3),
        lambda file: file["entry/data/y"].attrs.create("signal", 1),
        lambda file: file["entry/data/counts"].attrs.create("axes", "x:nowhere"),
        lambda file: file["entry/data/counts"].attrs.create("signal", 2),
    ],
)
def test_marks_with_two_readings_are_left(
    change: Callable[[h5py.File], object], plain: Path, schema: Schema
) -> None:
    edit(plain, old_marks)
    edit(plain, change)
    assert told(plain, schema) == []


def test_a_soft_link_gets_the_target_it_leads_to(plain: Path, schema: Schema) -> None:
    def change(file: h5py.File) -> None:
        file["entry/data/alias"] = h5py.SoftLink("/entry/data/x")

    edit(plain, change)
    assert told(plain, schema) == [
        ("L02", "/entry/data/x@target", "set to /entry/data/x, for the link /entry/data/alias"),
    ]


def test_a_hard_link_that_a_definition_asks_for_gets_its_target(
    plain: Path, schema: Schema
) -> None:
    def change(file: h5py.File) -> None:
        file["entry/definition"] = "NXtomo"
        detector = group(group(file["entry"], "instrument", "NXinstrument"), "det", "NXdetector")
        detector["data"] = np.zeros((2, 3, 4))
        file["entry/data/data"] = detector["data"]

    edit(plain, change)
    with_target = [text for text in told(plain, schema) if text[0] == "S09"]
    assert with_target == []  # the class path names a group `detector`
    edit(plain, lambda file: file["entry/instrument"].move("det", "detector"))
    plain.with_name("out.nxs").unlink()
    plain.with_name("again.nxs").unlink()
    original = "/entry/instrument/detector/data"
    assert ("S09", f"{original}@target", f"set to {original}, for the link /entry/data/data") in (
        told(plain, schema)
    )


def test_the_default_is_named_where_there_is_one_choice(plain: Path, schema: Schema) -> None:
    def change(file: h5py.File) -> None:
        del file.attrs["default"]
        file["entry"].attrs["default"] = "nothing"

    edit(plain, change)
    assert told(plain, schema) == [
        ("P10", "/@default", "set to entry"),
        ("P10", "/entry@default", "set to data"),
    ]


@pytest.mark.parametrize("there", [True, False], ids=["at hand", "missing"])
def test_a_choice_in_another_file_is_a_choice(there: bool, plain: Path, schema: Schema) -> None:
    def change(file: h5py.File) -> None:
        file.attrs.pop("default", None)
        file["entry"].attrs.pop("default", None)
        file["further"] = h5py.ExternalLink("other.nxs", "/entry")
        file["entry/main"] = h5py.ExternalLink("other.nxs", "/entry/data")

    edit(plain, change)
    if there:
        with h5py.File(plain.parent / "other.nxs", "w") as file:
            entry = group(file, "entry", "NXentry")
            group(entry, "data", "NXdata")
    assert [code for code, *_ in told(plain, schema) if code == "P10"] == []


def test_an_object_in_another_file_is_never_edited(plain: Path, schema: Schema) -> None:
    other = plain.with_name("other.nxs")
    with h5py.File(other, "w") as file:
        file["t"] = "2026-01-05 10:00:00"
    before = other.read_bytes()
    edit(plain, lambda file: file["entry"].__setitem__(
        "start_time", h5py.ExternalLink("other.nxs", "/t")
    ))  # fmt: skip
    assert told(plain, schema) == []
    assert other.read_bytes() == before


def test_in_place_only_what_is_mended_is_written(plain: Path, schema: Schema) -> None:
    stamp = plain.stat().st_mtime_ns
    assert fix_file(plain, None, schema).fixes == ()
    assert plain.stat().st_mtime_ns == stamp
    edit(plain, old_marks)
    assert len(fix_file(plain, None, schema).fixes) == 5
    assert [path.name for path in plain.parent.iterdir()] == ["in.nxs"]


def test_in_place_a_link_to_the_file_stays_a_link(plain: Path, schema: Schema) -> None:
    edit(plain, old_marks)
    link = plain.with_name("folder") / "link.nxs"
    link.parent.mkdir()
    link.symlink_to(plain)
    assert fix_file(link, None, schema).after.file == str(link)
    assert link.is_symlink()
    assert fix_file(plain, None, schema).fixes == ()


def test_the_output_is_never_the_input_nor_another_file_that_exists(
    plain: Path, schema: Schema
) -> None:
    with pytest.raises(OutputError) as caught:
        fix_file(plain, plain, schema)
    assert str(caught.value) == f"{plain}: is the input (--in-place mends the file itself)"
    other = plain.with_name("other.nxs")
    other.write_bytes(b"precious")
    with pytest.raises(OutputError) as caught:
        fix_file(plain, other, schema)
    assert str(caught.value) == f"{other}: exists already (name another file with -o)"


def test_the_copy_of_a_read_only_file_can_be_written(plain: Path, schema: Schema) -> None:
    plain.chmod(0o444)
    out = plain.with_name("out.nxs")
    fix_file(plain, out, schema)
    assert out.stat().st_mode & 0o200


def test_a_truncated_file_is_not_touched(plain: Path, schema: Schema) -> None:
    plain.write_bytes(plain.read_bytes()[:-500])
    out = plain.with_name("out.nxs")
    with pytest.raises(FileUnreadable):
        fix_file(plain, out, schema)
    assert not out.exists()


@pytest.mark.parametrize("name", CORPUS_FILES)
def test_a_real_file_keeps_all_that_is_not_mended(
    name: str, corpus: Path, tmp_path: Path, schema: Schema
) -> None:
    out = tmp_path / "out.h5"
    outcome = fix_file(corpus / name, out, schema)
    before, after = content(corpus / name), content(out)
    places = {fix.path for fix in outcome.fixes}
    changed = {
        place for place in {*before, *after} if before.get(place) != after.get(place)
    }  # fmt: skip
    with h5py.File(out, "r") as file:
        linked = {place for place in changed if _is_mended(file, place, places)}
    assert changed == linked
    errors = {(i.code, i.path) for i in outcome.after if i.severity == "error"}
    assert errors <= {(i.code, i.path) for i in outcome.before if i.severity == "error"}
    assert fix_file(out, tmp_path / "again.h5", schema).fixes == ()


def _is_mended(file: h5py.File, place: str, places: set[str]) -> bool:
    """The place, or another name of it, is among those mended."""
    if place in places or f"/{place}" in places:
        return True
    path, _, attribute = place.partition("@")
    return any(
        other.partition("@")[2] == attribute and file[other.partition("@")[0]] == file[path]
        for other in places
    )
