"""The ready recipes, each run on small data of the kind it is for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pytest

from nxtool import assets, export
from nxtool.build.convert import convert
from nxtool.config import schema_for
from nxtool.demo import make_raw_data
from tests.nexusformat import nexusformat_errors, with_ours
from tests.templatedata import (
    FRAMES,
    READY,
    SIZE,
    Ready,
    absorption_data,
    arpes_data,
    eiger_data,
    laser_data,
)

EXPLAINED = {
    "ptychography/ptycho.nx.yaml": {
        # the definition asks for numbers where NXsource has words; the recipe waives both
        "Field: /entry_1/instrument_1/source_1/probe",
        "Field: /entry_1/instrument_1/source_1/type",
    },
    "laser_shots/shots.nx.yaml": {
        # nexusformat takes open enumerations as closed, and names with a part in capitals literally
        "Field: /entry/experiment_type",
        "Group: beam_TYPE: NXbeam",
        "Group: detector_TYPE: NXdetector",
    },
}
"""What nexusformat calls an error although it is none, by recipe, with the reason."""


OURS = {path.name.partition(".")[0] for path in assets.folder("definitions").glob("*.nxdl.xml")}


class Converted(NamedTuple):
    """The file a ready recipe made."""

    ready: Ready
    path: Path


@pytest.fixture(scope="module", params=READY, ids=lambda ready: ready.recipe)
def converted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Converted:
    ready: Ready = request.param
    folder = tmp_path_factory.mktemp("ready")
    return Converted(ready, run(ready.recipe, ready.make_data, folder))


def run(name: str, make_data: Callable[[Path], None], folder: Path) -> Path:
    """Convert the template `name` in `folder`; the file."""
    source = assets.folder("templates") / name
    shutil.copytree(source.parent, folder, dirs_exist_ok=True)
    make_data(folder)
    outcome = convert(folder / source.name, schema_for(()))
    found = [*outcome.findings, *(outcome.result or ())]
    assert [f"{item.path}: {item.message}" for item in found if item.severity == "error"] == []
    assert outcome.written is not None
    return outcome.written


@pytest.mark.slow
def test_nexusformat_finds_only_what_is_explained(converted: Converted, tmp_path: Path) -> None:
    explained = EXPLAINED.get(converted.ready.recipe, set())
    definitions = with_ours(tmp_path) if converted.ready.definition in OURS else None
    assert set(nexusformat_errors(converted.path, definitions)) == explained


@pytest.mark.parametrize("mapping", ["desy", "esrf"])
def test_result_has_what_catalogues_cannot_do_without(converted: Converted, mapping: str) -> None:
    form = "esrf" if mapping == "esrf" else "icatdata"
    entry = converted.ready.entry
    with export.icat(converted.path, mapping, format=form, with_static=True, entry=entry) as made:
        assert made.report.ok


def test_result_follows_the_definition_of_the_recipe(converted: Converted) -> None:
    with h5py.File(converted.path) as file:
        entry = file[file.attrs["default"]]
        assert entry["definition"].asstr()[()] == converted.ready.definition


def test_result_says_what_to_plot(converted: Converted) -> None:
    with h5py.File(converted.path) as file:
        entry = file[file.attrs["default"]]
        data = entry[entry.attrs["default"]]
        assert data.attrs["NX_class"] == "NXdata"
        assert len(np.atleast_1d(data.attrs["axes"])) == data[data.attrs["signal"]].ndim


def test_eiger_frames_stay_in_their_files_in_order(tmp_path: Path) -> None:
    path = run("eiger_nxmx/lysozyme.nx.yaml", eiger_data, tmp_path)
    with h5py.File(path) as file:
        data = file["entry/instrument/detector/data"]
        assert data.is_virtual
        assert data.shape == (FRAMES, SIZE, SIZE)
        assert [data[0, 0, 0], data[FRAMES // 2, 0, 0]] == [1, 2]


def test_fermi_map_keeps_the_cuts_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = run("arpes_csv/fermi_map.nx.yaml", arpes_data, tmp_path)
    with h5py.File(path) as file:
        data = file["entry/instrument/analyser/data"]
        assert (data.dtype, data.shape) == (np.float32, (12, 40, 30))
        assert list(data[:, 0, 0]) == list(range(1, 13))


def test_fermi_map_stores_the_temperature_in_kelvin(tmp_path: Path) -> None:
    path = run("arpes_csv/fermi_map.nx.yaml", arpes_data, tmp_path)
    with h5py.File(path) as file:
        temperature = file["entry/sample/temperature"]
        assert temperature.attrs["units"] == "K"
        assert np.allclose(temperature[()], 20.01)


def test_every_ready_recipe_is_run_here() -> None:
    folder = assets.folder("templates")
    complete = [path for path in folder.rglob("*.nx.yaml") if "definition:" in path.read_text()]
    names = {path.relative_to(folder).as_posix() for path in complete}
    elsewhere = {name for name in names if name.startswith("demo/")}  # run by `nxtool demo`
    assert names - elsewhere == {ready.recipe for ready in READY}


def test_the_table_of_ready_recipes_lists_them_with_their_definitions() -> None:
    folder = assets.folder("templates")
    table = (folder / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]*\| \[([^]]*)\]\(\1\.nx\.yaml\) \| (NX\w+) \|", table, re.MULTILINE)
    listed = {(f"{name}.nx.yaml", definition) for name, definition in rows}
    demo = {("demo/tomo.nx.yaml", "NXtomo"), ("demo/mx.nx.yaml", "NXmx")}
    assert listed == {(ready.recipe, ready.definition) for ready in READY} | demo


def test_shots_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    path = run("laser_shots/shots.nx.yaml", laser_data, tmp_path)
    with h5py.File(path) as file:
        counts = file["entry/instrument/detector_spectrometer/counts"]
        assert list(counts[:, 0]) == [10 * shot for shot in range(1, 12)]


def test_absorption_is_stored_over_energies_in_electronvolts(tmp_path: Path) -> None:
    path = run("xas_spec/xas.nx.yaml", absorption_data, tmp_path)
    with h5py.File(path) as file:
        energy = file["entry/data/energy"]
        assert energy.attrs["units"] == "eV"
        assert np.allclose(energy[()], 7100 + 10 * np.arange(10))


def test_recipe_written_in_the_readme_converts_data_of_the_demo(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    blocks = [piece.partition("\n```")[0] for piece in readme.split("```yaml\n")[1:]]
    (written,) = [block for block in blocks if "definition: NXsas" in block]
    make_raw_data(tmp_path / "demo")
    recipe = tmp_path / "demo" / "my.nx.yaml"
    recipe.write_text(written, encoding="utf-8")
    outcome = convert(recipe, schema_for(()))
    assert outcome.ok
    assert outcome.written is not None
    assert nexusformat_errors(outcome.written) == []
