"""Beginning a recipe: kinds of files, definitions to choose, raw data, the first text."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.authoring.candidates import candidates, details, required_paths
from nxtool.authoring.document import Document, SetValue
from nxtool.authoring.journal import Journal
from nxtool.authoring.rawdata import sources_at
from nxtool.authoring.recent import MAX_RECENT, Recent, recent, recent_file, remember
from nxtool.authoring.session import Session
from nxtool.authoring.starting import check_new, kind_of, new_text, recipe_name, short_paths
from nxtool.authoring.suggest import suggest_definitions
from nxtool.errors import FileUnreadable, OutputError
from nxtool.schema.compile import Schema, default_schema
from tests.templatedata import tomography_data

WHEN = datetime(2026, 11, 22, 9, 51, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


def hdf5(path: Path, nx_class: str) -> Path:
    with h5py.File(path, "w") as file:
        file.create_group("entry").attrs["NX_class"] = nx_class
    return path


def test_what_a_file_is_for_an_author(tmp_path):
    (tmp_path / "a.nx.yaml").write_text("")
    (tmp_path / "a.csv").write_text("x\n1\n")
    found = {
        "a.nx.yaml": "recipe",
        "b.nx.yaml": "new",
        "a.csv": "data",
        "none.csv": "missing",
        ".": "data",
        hdf5(tmp_path / "a.nxs", "NXentry").name: "nexus",
        hdf5(tmp_path / "raw.h5", "NXcollection").name: "data",
    }
    assert {name: kind_of(tmp_path / name) for name in found} == found


def test_a_recipe_that_is_only_in_a_journal_is_one(tmp_path):
    path = tmp_path / "b.nx.yaml"
    document = Document(path, "entry: {}\n")
    journal = Journal(document)
    journal.record(document.apply(SetValue(("entry", "title"), "x")))
    journal.close()
    assert kind_of(path) == "recipe"


def test_a_damaged_hdf5_file_is_told(tmp_path):
    path = hdf5(tmp_path / "a.h5", "NXentry")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileUnreadable):
        kind_of(path)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("there.nx.yaml", "there.nx.yaml: exists already (choose another name)"),
        ("link.nx.yaml", "link.nx.yaml: exists already (choose another name)"),
        ("new.txt", "new.txt: is no name of a recipe (it ends in .yaml)"),
        ("no/new.nx.yaml", "no: no such folder (choose another place)"),
    ],
)
def test_a_recipe_begins_only_where_nothing_is(tmp_path, monkeypatch, name, told):
    monkeypatch.chdir(tmp_path)
    Path("there.nx.yaml").write_text("")
    Path("link.nx.yaml").symlink_to("nowhere")
    with pytest.raises(OutputError) as caught:
        check_new(Path(name))
    assert str(caught.value) == told
    check_new(Path("new.nx.yaml"))


# definitions


def test_definitions_are_found_by_words(schema):
    assert [one.name for one in candidates(schema, "small angle")][:2] == ["NXcanSAS", "NXsas"]
    assert len(candidates(schema)) == len(schema.applications)


def test_details_tell_what_a_definition_asks_for(schema):
    found = details(schema, "NXxas")
    assert (found.due, len(found.asks), found.asks[:2]) == (12, 10, ("title", "start_time"))
    assert (found.extends, found.extended_by) == ("NXobject", ())
    assert "NXafm" in details(schema, "NXspm").extended_by


def test_what_is_required_is_what_an_empty_recipe_lacks(schema):
    for name in schema.applications:
        text = new_text(schema, name, Path(recipe_name(name)), {})
        rows = Session(Document(Path(recipe_name(name)), text), schema).rows()
        assert len(required_paths(schema, name)) <= sum(row.tally[1] for row in rows)


# raw data


def test_frames_of_a_folder_are_one_source(tmp_path):
    for number in (1, 2, 10):
        np.save(tmp_path / f"dark_{number}.npy", np.zeros(2))
        (tmp_path / f"frame_{number}.edf").write_bytes(b"no image")
    (tmp_path / "log.csv").write_text("phi [deg],n\n1,2\n")
    (tmp_path / "notes.md").write_text("no data")
    (tmp_path / "r.nx.yaml").write_text("nxtool: 1\n")
    found = {name: path.name for name, path in sources_at(tmp_path).items()}
    assert found == {
        "dark_1": "dark_1.npy",
        "dark_2": "dark_2.npy",
        "dark_10": "dark_10.npy",
        "log": "log.csv",
    }


def test_a_series_of_images_is_a_pattern(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    for number in (1, 2):
        tifffile.imwrite(tmp_path / f"frame_{number}.tif", np.zeros((2, 2), np.uint16))
    assert sources_at(tmp_path) == {"frame": tmp_path / "frame_*.tif"}


def test_a_file_is_its_own_source(tmp_path):
    (tmp_path / "log.csv").write_text("phi\n1\n")
    assert sources_at(tmp_path / "log.csv") == {"log": tmp_path / "log.csv"}


def test_the_definition_that_data_fill_most_comes_first(tmp_path, schema):
    tomography_data(tmp_path)
    (tmp_path / "log.csv").write_text("rotation_angle [deg],frame\n1,2\n")
    found = suggest_definitions(schema, sources_at(tmp_path))
    assert len(found) == len(schema.applications)
    tomo = next(one for one in found if one.definition == "NXtomo")
    assert (tomo.filled, tomo.due) == (3, len(required_paths(schema, "NXtomo")))
    assert [one.filled for one in found] == sorted((one.filled for one in found), reverse=True)
    assert found.index(tomo) < 5


def test_data_that_cannot_be_read_fill_nothing(tmp_path, schema):
    (tmp_path / "a.h5").write_bytes(b"no HDF5")
    found = suggest_definitions(schema, {"a": tmp_path / "a.h5"})
    assert {one.filled for one in found} == {0}
    assert [one.definition for one in found] != []


def test_a_new_recipe_has_its_sources_from_its_own_folder(tmp_path, monkeypatch, schema):
    tomography_data(tmp_path)
    monkeypatch.chdir(tmp_path)
    inside = new_text(schema, "NXtomo", Path("t.nx.yaml"), {"raw": Path("projections.h5")})
    assert "  raw: projections.h5\n" in inside
    Path("recipes").mkdir()
    beside = new_text(schema, "NXtomo", Path("recipes/t.nx.yaml"), {"raw": Path("projections.h5")})
    assert f"projections.h5{chr(34)}\n" in beside
    assert str(tmp_path) in beside


# recent recipes


def recipe(folder: Path, number: int) -> Recent:
    path = folder / f"{number}.nx.yaml"
    path.write_text("")
    return Recent(path, "NXxas", number, 12, WHEN + timedelta(minutes=number))


def test_the_last_recipes_are_remembered_latest_first(tmp_path):
    for number in range(MAX_RECENT + 5):
        remember(recipe(tmp_path, number))
    remember(recipe(tmp_path, 10))
    assert [one.done for one in recent()][:3] == [10, 24, 23]
    assert len(recent()) == MAX_RECENT
    assert recent()[0] == recipe(tmp_path, 10)


def test_recipes_that_are_gone_are_not_listed(tmp_path):
    one = recipe(tmp_path, 1)
    remember(one)
    one.path.unlink()
    assert recent() == []


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"path": 1}]', "{}", "[" * 5000, "\xff"])
def test_a_damaged_list_is_empty_and_is_written_anew(tmp_path, text):
    recent_file().parent.mkdir(parents=True)
    recent_file().write_text(text, encoding="latin-1")
    assert recent() == []
    remember(recipe(tmp_path, 1))
    assert [one.done for one in recent()] == [1]
    assert [one.name for one in recent_file().parent.iterdir()] == ["recent.json"]


def test_a_list_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "state").write_text("")
    remember(recipe(tmp_path, 1))
    assert recent() == []


def test_paths_are_short_from_here_and_from_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    paths = [tmp_path / "work" / "a", tmp_path / "home" / "b", tmp_path / "c"]
    assert short_paths(paths) == ["a", "~/b", str(tmp_path / "c")]
