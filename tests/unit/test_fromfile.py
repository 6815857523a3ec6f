"""NeXus files to recipes: all is taken over, what is missing is named, nothing is invented."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nxtool.build.convert import convert
from nxtool.build.fromfile import Brought, recipe_from_file
from nxtool.cli import main
from nxtool.errors import FileUnreadable
from nxtool.schema.compile import Schema, default_schema
from tests.validfiles import image


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


@pytest.fixture
def old(tmp_path: Path) -> h5py.File:
    """A file with an entry, to be filled."""
    with h5py.File(tmp_path / "old.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        yield file


def brought(schema: Schema, file: h5py.File, definition: str = "NXentry", **more: str) -> Brought:
    file.flush()
    path = Path(file.filename)
    return recipe_from_file(schema, definition, path, named=path.name, **more)  # type: ignore[arg-type]


def body(recipe: Brought) -> list[str]:
    """The lines of the entry."""
    lines = recipe.text.splitlines()
    return lines[next(n for n, text in enumerate(lines) if text.startswith("entry")) + 1 :]


def group(parent: h5py.Group, name: str, nx_class: str) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs["NX_class"] = nx_class
    return made


def test_single_values_are_text_to_edit_and_arrays_stay_in_the_file(schema, old):
    sample = group(old["entry"], "sample", "NXsample")
    sample["name"] = "a: b ${c}"
    sample["temperature"] = 4.5
    sample["temperature"].attrs["units"] = "K"
    sample["mass"] = np.float32(0.5)
    sample["depth"] = [1.0, 2.0]
    assert body(brought(schema, old)) == [
        "  sample:",
        '    depth(NX_FLOAT): {from: "old:/entry/sample/depth"}',
        "    mass: {value: 0.5, dtype: float32}",
        '    name: "a: b $${c}"',
        "    temperature: {value: 4.5, units: K}",
    ]


def test_names_of_ones_own_say_what_they_are(schema, old):
    group(old["entry"], "my_sample", "NXsample")["phi"] = [1]
    assert body(brought(schema, old)) == [
        "  my_sample(NXsample):",
        '    phi(NX_INT): {from: "old:/entry/my_sample/phi"}',
    ]


def test_links_stay_links(schema, old):
    data = group(old["entry"], "data", "NXdata")
    detector = group(group(old["entry"], "instrument", "NXinstrument"), "detector", "NXdetector")
    detector["data"] = [1, 2]
    detector["data"].attrs["target"] = "/entry/instrument/detector/data"
    data["hard"] = detector["data"]
    data["soft"] = h5py.SoftLink("/entry/instrument/detector/data")
    data.attrs["signal"] = "hard"
    assert body(brought(schema, old))[:4] == [
        "  data:",
        "    $attrs: {signal: hard}",
        '    hard: {link: "/entry/instrument/detector/data"}',
        '    soft: {link: "/entry/instrument/detector/data"}',
    ]


@pytest.fixture
def linking(old: h5py.File, tmp_path: Path) -> Path:
    """A file `run/old.nxs` with external links to `raw.h5` beside it, `sub/raw.h5`, and the first
    by its full name."""
    entry = old["entry"]
    entry["title"] = "t"
    data = group(entry, "data", "NXdata")
    data.attrs["signal"] = "x"
    run = tmp_path / "run"
    (run / "sub").mkdir(parents=True)
    for name, place in (("x", "raw.h5"), ("y", "sub/raw.h5"), ("z", str(run / "raw.h5"))):
        with h5py.File(run / place, "w") as file:
            file["data"] = [1.0, 2.0]
        data[name] = h5py.ExternalLink(place, "/data")
    old.close()
    return (tmp_path / "old.nxs").rename(run / "old.nxs")


@pytest.mark.parametrize(
    ("folder", "named"),
    [("run", ("raw.h5", "sub/raw.h5")), ("run/sub", ("../raw.h5", "raw.h5")),
     (".", ("run/raw.h5", "run/sub/raw.h5"))],
)  # fmt: skip
def test_files_of_external_links_are_named_from_where_the_recipe_will_stand(
    schema, tmp_path, linking, folder, named
):
    found = recipe_from_file(schema, "NXentry", linking, folder=tmp_path / folder)
    assert [line.strip() for line in body(found) if "link" in line] == [
        f'x: {{link: "{named[0]}:/data"}}',
        f'y: {{link: "{named[1]}:/data"}}',
        f'z: {{link: "{named[0]}:/data"}}',
    ]


def test_files_that_moved_together_are_named_as_they_lie_now(schema, tmp_path, linking):
    (tmp_path / "run").rename(tmp_path / "moved")
    found = recipe_from_file(schema, "NXentry", tmp_path / "moved" / linking.name)
    assert '    z: {link: "raw.h5:/data"}' in body(found)


def test_a_file_found_by_the_prefix_of_hdf5_keeps_its_name(schema, tmp_path, linking, monkeypatch):
    monkeypatch.setenv("HDF5_EXT_PREFIX", str(linking.parent / "sub"))
    found = recipe_from_file(schema, "NXentry", linking, folder=tmp_path)
    assert '    x: {link: "raw.h5:/data"}' in body(found)


def test_a_recipe_in_another_folder_gives_links_that_lead_there(schema, tmp_path, linking):
    recipe = tmp_path / "new" / "r.nx.yaml"
    recipe.parent.mkdir()
    assert main(["template", "NXentry", "--from", str(linking), "-o", str(recipe)]) == 0
    outcome = convert(recipe, schema)
    assert outcome.written is not None, [item.message for item in outcome.findings]
    with h5py.File(outcome.written) as file:
        assert [file["entry/data"][name][1] for name in "xyz"] == [2.0, 2.0, 2.0]


def test_what_cannot_be_taken_over_is_told(schema, old):
    old["entry"].create_group("plain")
    old["entry"]["compound"] = np.zeros(2, [("a", "i4")])
    old["entry"]["nowhere"] = h5py.SoftLink("/entry/nothing")
    old["entry"]["a b"] = 1
    found = brought(schema, old)
    assert found.left == (
        "/entry/a b: 'a b' is not a NeXus name",
        "/entry/compound: is compound (a)",
        "/entry/nowhere: leads nowhere (/entry/nothing)",
        "/entry/plain: has no NX_class",
    )
    assert "# left out: /entry/plain: has no NX_class\n" in found.text


def test_an_attribute_with_a_number_that_cannot_be_said_is_left_out_whole(schema, old):
    old["entry"].attrs["offsets"] = [1.0, np.nan, 3.0]
    old["entry"].attrs["matrix"] = [[1.0, 2.0], [np.inf, 4.0]]
    found = brought(schema, old)
    assert found.left == ("/entry@matrix: is float64", "/entry@offsets: is float64")
    assert body(found) == ["  {}"]


def test_a_link_into_what_is_left_out_becomes_the_data(schema, old):
    plain, data = old["entry"].create_group("a-plain"), group(old["entry"], "data", "NXdata")
    plain["x"] = [1.0, 2.0]
    plain["x"].attrs["target"] = "/entry/a-plain/x"
    data["hard"] = plain["x"]
    data["soft"] = h5py.SoftLink("/entry/a-plain/x")
    assert body(brought(schema, old)) == [
        "  data:",
        '    hard: {from: "old:/entry/data/hard"}',
        '    soft: {from: "old:/entry/data/soft"}',
    ]


def test_what_the_definition_asks_for_is_named(schema, old):
    group(old["entry"], "sample", "NXsample")["name"] = "x"
    found = brought(schema, old, "NXsas")
    assert "/entry/instrument/source/probe" in found.missing
    assert "      probe: null  # " in found.text


def test_data_called_exactly_so_elsewhere_are_offered(schema, old):
    group(old["entry"], "scan", "NXcollection")["rotation_angle"] = [0.0, 1.0]
    found = brought(schema, old, "NXtomo")
    assert '    rotation_angle: {from: "old:/entry/scan/rotation_angle"}' in found.text
    assert "/entry/sample/rotation_angle" not in found.missing


def test_a_circle_of_groups_ends(schema, old):
    sample = group(old["entry"], "sample", "NXsample")
    sample["again"] = old["entry"]
    assert body(brought(schema, old)) == ["  sample:", '    again(NXentry): {$link: "/entry"}']


def test_many_circles_end(schema, old):
    sample = group(old["entry"], "sample", "NXsample")
    for name in "abc":
        sample[name] = old["entry"]
    assert body(brought(schema, old))[1] == '    a(NXentry): {$link: "/entry"}'


def test_another_entry_can_be_asked_for(schema, old):
    group(old, "second", "NXentry")["title"] = "two"
    found = brought(schema, old, entry="second")
    assert found.text.endswith("second(NXentry):\n  title: two\n")


@pytest.mark.parametrize("entry", ["third", ""])
def test_an_entry_that_is_not_there_is_an_error(schema, tmp_path, entry):
    path = tmp_path / "old.nxs"
    with h5py.File(path, "w") as file:
        if entry:
            file.create_group("entry").attrs["NX_class"] = "NXentry"
    with pytest.raises(FileUnreadable) as caught:
        recipe_from_file(schema, "NXentry", path, entry=entry)
    wanted = "no entry 'third' (entries: entry)" if entry else "no NXentry (entries: none)"
    assert str(caught.value) == f"{path}: there is {wanted}"


SAME = ("NXtomo", "NXsas", "NXarpes", "NXmx", "NXxas", "NXscan")


@pytest.mark.parametrize("application", SAME)
def test_a_file_becomes_itself_again(schema, tmp_path, application):
    path = tmp_path / "old.nxs"
    path.write_bytes(image(application, "recommended"))
    recipe = tmp_path / "r.nx.yaml"
    found = recipe_from_file(schema, application, path, named=path.name, output="new.nxs")
    recipe.write_text(found.text)
    assert (found.missing, found.left) == ((), ())
    outcome = convert(recipe, schema)
    assert [item for item in outcome.findings if item.severity == "error"] == []
    with h5py.File(path) as old, h5py.File(tmp_path / "new.nxs") as new:
        assert differences(old, new) == []


def differences(old: h5py.File, new: h5py.File) -> list[str]:
    """The datasets of `old` that `new` does not have with the same type and values."""
    found = []

    def compare(path: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and path != "entry/definition":
            there = new.get(path)
            if there is None or there.dtype != node.dtype or np.any(there[()] != node[()]):
                found.append(path)

    old.visititems(compare)
    return found


@settings(max_examples=40)
@given(
    value=st.one_of(
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
    ),
    dtype=st.sampled_from(["", "float32", ">f4", "uint8", ">i2", "int32"]),
)
def test_any_single_value_is_written_as_it_was(schema, tmp_path_factory, value, dtype):
    folder = tmp_path_factory.mktemp("one")
    path = folder / "old.nxs"
    with h5py.File(path, "w") as file:
        entry = group(file, "entry", "NXentry")
        stored = value
        if dtype and not isinstance(value, str):
            with np.errstate(all="ignore"):
                stored = np.array(value, "f8").astype(dtype)
        entry["x"] = stored
    recipe = folder / "r.nx.yaml"
    found = recipe_from_file(schema, "NXentry", path, named=path.name, output="new.nxs")
    recipe.write_text(found.text, encoding="utf-8")
    outcome = convert(recipe, schema, mode="allow-invalid")
    assert outcome.written is not None, list(outcome.findings)
    with h5py.File(path) as old, h5py.File(folder / "new.nxs") as new:
        assert new["entry/x"].dtype == old["entry/x"].dtype
        assert np.array_equal(new["entry/x"][()], old["entry/x"][()])


def told(path: Path) -> set[tuple[str, str]]:
    from nxtool.validate.api import validate

    return {(item.code, item.path) for item in validate(path) if item.severity == "error"}


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        ("538039.nxs", {}),  # DLS i16, a scan
        (
            "Focus_2021-03-16_051.hdf5",  # SLS, microscopy
            {
                "NXbendmagnet": "NXcollection",
                "NXorder_selecting_aperture": "NXcollection",
                "NXscanDefinition": "NXcollection",
            },
        ),
    ],
)
def test_a_real_scan_is_converted_and_no_fault_is_added(schema, corpus, tmp_path, name, edits):
    path = corpus / "nexus" / name
    text = recipe_from_file(schema, "NXentry", path, output="new.nxs").text
    for word, right in edits.items():
        text = text.replace(word, right)
    recipe = tmp_path / "r.nx.yaml"
    recipe.write_text(text)
    settings = ["defaults.timezone=Europe/Zurich"]
    outcome = convert(recipe, schema, settings=settings, mode="allow-invalid")
    assert outcome.written is not None, [item.message for item in outcome.findings]
    assert {key for key in told(tmp_path / "new.nxs") if key[0] != "P02"} <= told(path)


def test_the_command_tells_what_is_missing_and_left_out(tmp_path, capsys, old):
    old["entry"].create_group("plain")
    old.close()
    recipe = tmp_path / "sub" / "r.nx.yaml"
    recipe.parent.mkdir()
    code = main(["template", "NXtomo", "--from", str(tmp_path / "old.nxs"), "-o", str(recipe)])
    err = capsys.readouterr().err
    assert code == 0
    assert "to be filled in: /entry/sample/name\n" in err
    assert err.endswith("left out: /entry/plain: has no NX_class\n")


def test_the_command_refuses_what_is_no_file_of_hdf5(tmp_path, capsys):
    path = tmp_path / "x.nxs"
    path.write_text("no")
    assert main(["template", "NXtomo", "--from", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {path}: ")
