"""Files made from a script: dicts with arrays, and recipes that were read before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import nxtool
from nxtool.build.convert import Outcome
from nxtool.errors import RecipeError
from nxtool.sources.arraylike import array_of
from tests.unit.test_arraylike import Chunked
from tests.unit.test_house import ROOT, fenced

FRAMES = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths of a dict count from the working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def examples() -> list[str]:
    """The programs of the page about Python."""
    return fenced((ROOT / "docs" / "python.md").read_text(encoding="utf-8"), "python")


def tomo(data: Any = FRAMES, **more: Any) -> dict[str, Any]:
    """A recipe for NXtomo as a script has it."""
    return {
        "nxtool": 1,
        "definition": "NXtomo",
        "output": "out.nxs",
        "entry": {
            "title": "three frames",
            "instrument": {
                "source": {"type": "Synchrotron X-ray Source", "name": "s", "probe": "x-ray"},
                "detector": {
                    "data": {"value": data, "units": "counts"},
                    "image_key": np.zeros(3, dtype=np.int8),
                    "x_pixel_size": "6.5 um",
                    "y_pixel_size": "6.5 um",
                    "distance": {"value": np.float32(0.5), "units": "m"},
                },
            },
            "sample": {
                "name": "fossil",
                "rotation_angle": {"value": np.linspace(0.0, 180.0, 3), "units": "deg"},
            },
            "control": {"data": {"value": np.ones(3), "units": "counts"}},
        },
        **more,
    }


def told(outcome: Outcome) -> list[str]:
    errors = [item for item in outcome.findings if item.severity == "error"]
    return [f"{item.mark}: {item.message} ({item.hint})" for item in errors]


def test_a_dict_with_arrays_becomes_a_valid_file() -> None:
    outcome = nxtool.convert(tomo())
    assert (told(outcome), outcome.written) == ([], Path("out.nxs"))
    assert nxtool.validate("out.nxs").ok
    with h5py.File("out.nxs") as file:
        data = file["entry/instrument/detector/data"]
        assert (data.dtype, data.attrs["units"]) == (np.uint16, "counts")
        assert np.array_equal(data, FRAMES)
        assert file["entry/data/data"] == data
        assert file["entry/instrument/detector/distance"][()] == 0.5


def test_the_record_names_the_arrays() -> None:
    nxtool.convert(tomo())
    with h5py.File("out.nxs") as file:
        record = file["entry/nxtool/record/source_memory"]
        columns = {name: record[name].asstr()[()] for name in ("array", "type", "shape")}
        rows = list(zip(*(column.tolist() for column in columns.values()), strict=True))
        assert rows[:2] == [
            ("entry/instrument/detector/data/value", "uint16", "[3, 4, 5]"),
            ("entry/instrument/detector/image_key", "int8", "[3]"),
        ]
        assert (record["path"].asstr()[()], record["format"].asstr()[()]) == ("in memory", "memory")


def test_mistakes_are_told_at_their_place_in_the_tree() -> None:
    recipe = tomo()
    detector = recipe["entry"]["instrument"]["detector"]
    detector["distanse"] = detector.pop("distance")
    detector["x_pixel_size"] = {"value": np.array([6.5]), "units": "keV"}
    outcome = nxtool.convert(recipe)
    assert outcome.written is None
    assert not Path("out.nxs").exists()
    assert told(outcome) == [
        "entry/instrument/detector/distanse: unknown name 'distanse' in NXdetector "
        "(did you mean distance?)",
        "entry/instrument/detector/x_pixel_size/units: 'keV' is not NX_LENGTH (like m) "
        "(Give the unit that belongs to the quantity.)",
    ]


def test_arrays_can_be_sources_that_are_sliced_converted_and_repeated() -> None:
    panel = {"$repeat": {"rows": "panels"}, "distance": "${z} mm"}
    recipe = tomo({"from": "frames:[1:4]"})
    recipe["entry"]["instrument"]["detector"]["data"] = {"from": "frames:[1:4]", "units": "counts"}
    recipe["entry"]["instrument"]["panel_${number}(NXdetector)"] = panel
    recipe["entry"]["sample"]["temperature"] = {"from": "cold", "units": "degC", "to": "K"}
    recipe["sources"] = {
        "frames": np.concatenate([FRAMES, FRAMES]),
        "cold": np.array([-173.15]),
        "panels": {"number": np.arange(2), "z": [0.5, 1.5]},
    }
    outcome = nxtool.convert(recipe)
    assert told(outcome) == []
    with h5py.File("out.nxs") as file:
        instrument = file["entry/instrument"]
        assert np.array_equal(instrument["detector/data"], np.concatenate([FRAMES, FRAMES])[1:4])
        assert [instrument[f"panel_{n}/distance"][()] for n in (0, 1)] == [0.5, 1.5]
        assert file["entry/sample/temperature"][()] == pytest.approx([100.0])


def test_a_lazy_array_is_read_in_blocks() -> None:
    values = np.arange(3 * 2048 * 1024, dtype=np.uint16).reshape(3, 2048, 1024)
    lazy = Chunked(values, 1)
    outcome = nxtool.convert(tomo(lazy))
    assert told(outcome) == []
    assert max(stop - start for start, stop in lazy.asked) <= 2
    with h5py.File("out.nxs") as file:
        assert np.array_equal(file["entry/instrument/detector/data"], values)


def test_a_dataset_of_another_file_is_taken_with_its_unit() -> None:
    with h5py.File("raw.h5", "w") as raw:
        raw.create_dataset("x", data=FRAMES, chunks=(1, 4, 5)).attrs["units"] = "counts"
        recipe = tomo()
        recipe["entry"]["instrument"]["detector"]["data"] = raw["x"]
        assert told(nxtool.convert(recipe)) == []
    with h5py.File("out.nxs") as file:
        assert file["entry/instrument/detector/data"].attrs["units"] == "counts"


def test_a_recipe_that_was_read_is_converted() -> None:
    recipe = nxtool.load_recipe(tomo(), ["entry.title=changed"])
    assert isinstance(recipe, nxtool.Recipe)
    assert nxtool.convert(recipe).written == Path("out.nxs")
    with h5py.File("out.nxs") as file:
        assert file["entry/title"].asstr()[()] == "changed"


def test_settings_change_a_dict_but_not_a_recipe_that_was_read() -> None:
    nxtool.convert(tomo(), settings=["output=other.nxs"])
    assert Path("other.nxs").exists()
    with pytest.raises(RecipeError) as caught:
        nxtool.convert(nxtool.load_recipe(tomo()), settings=["output=other.nxs"])
    assert str(caught.value) == (
        "recipe.nx.yaml: settings cannot change a recipe that is read already "
        "(give them to load_recipe)"
    )


def test_a_dict_includes_files_of_the_working_directory() -> None:
    Path("base.nx.yaml").write_text("entry: {title: from the file}\n")
    recipe = tomo(include="base.nx.yaml")
    del recipe["entry"]["title"]
    assert told(nxtool.convert(recipe)) == []
    with h5py.File("out.nxs") as file:
        assert file["entry/title"].asstr()[()] == "from the file"


def test_the_kept_recipe_says_that_its_arrays_are_gone() -> None:
    nxtool.convert(tomo())
    with h5py.File("out.nxs") as file:
        Path("kept.nx.yaml").write_bytes(file["entry/nxtool/recipe/data"][()].tobytes())
    outcome = nxtool.convert("kept.nx.yaml", output="again.nxs")
    assert (outcome.could_not, told(outcome)) == (
        True,
        [
            "kept.nx.yaml:36:5: this was an array in memory, which a recipe cannot keep "
            "(give the array again, or name a file that holds it)",
        ],
    )


def test_an_array_of_the_wrong_shape_for_a_source_is_told() -> None:
    array = array_of(FRAMES)
    assert array.info.rows == 3
    recipe = tomo(sources={"log": {"a": np.zeros(2), "b": np.zeros(3)}})
    recipe["entry"]["x(NXcollection)"] = {"$repeat": {"rows": "log"}}
    assert told(nxtool.convert(recipe)) == [
        "entry/x(NXcollection)/$repeat/rows: source 'log' has no columns to repeat "
        "(take a table whose columns have names of letters, digits and _)",
    ]


def test_the_example_of_the_page_makes_a_valid_file(
    examples: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    exec(examples[0], {})  # noqa: S102 - it is ours
    assert capsys.readouterr().out == "simulated.nxs\n"
    assert nxtool.validate("simulated.nxs").ok


def test_the_snippets_of_the_page_are_right(examples: list[str]) -> None:
    names: dict[str, Any] = {"np": np, "nxtool": nxtool, "frames": FRAMES, "angles": np.zeros(20)}
    exec(examples[1], names)  # noqa: S102
    assert sorted(names["sources"]) == ["frames", "log"]
    Path("scan.nx.yaml").write_text(
        "nxtool: 1\ndefinition: NXsas\nvars: {run: 1}\nentry: {title: x}\n"
    )
    exec(examples[2], names)  # noqa: S102
    assert names["recipe"].definition == "NXsas"


def test_a_field_called_value_is_no_word_of_the_language() -> None:
    recipe = tomo()
    log = {"value": np.arange(3.0), "time": {"value": np.arange(3.0), "units": "s"}}
    recipe["entry"]["sample"]["magnetic_field_log"] = log
    assert told(nxtool.convert(recipe)) == []
    with h5py.File("out.nxs") as file:
        assert file["entry/sample/magnetic_field_log/value"][()].tolist() == [0, 1, 2]
