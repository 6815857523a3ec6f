"""The ready recipes, each run on small data of the kind it is for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool import assets
from nxtool.build.convert import convert
from nxtool.config import schema_for
from nxtool.demo import make_raw_data

FRAMES = 2048
SIZE = 512


def eiger_data(folder: Path) -> None:
    """What an Eiger leaves: two files of frames (only the first few written) and one of its own
    settings."""
    for number in (1, 2):
        with h5py.File(folder / f"eig_1_{number:06d}.h5", "w") as file:
            data = file.create_dataset(
                "data", (FRAMES // 2, SIZE, SIZE), np.uint16, chunks=(1, SIZE, SIZE)
            )
            data[0] = number
    with h5py.File(folder / "eig_1_meta.h5", "w") as file:
        file["mask"] = np.zeros((SIZE, SIZE), np.uint32)
        file["flatfield"] = np.ones((SIZE, SIZE), np.float32)
        file["_dectris/pixel_mask_applied"] = np.int8(1)
        file["_dectris/bit_depth_image"] = np.uint32(16)
        file["_dectris/threshold_energy"] = np.float32(6350)


def arpes_data(folder: Path) -> None:
    """Twelve cuts of 40 energies by 30 angles, with a comment line first, and the scan's log."""
    for cut in range(1, 13):
        matrix = np.arange(40 * 30).reshape(40, 30) + cut
        np.savetxt(folder / f"cut_{cut}.csv", matrix, delimiter=",", fmt="%d", header="counts")
    rows = "".join(f"{cut},{cut * 2 - 13},-253.14\n" for cut in range(1, 13))
    (folder / "scan_log.csv").write_text("cut,phi_deg,temp_C\n" + rows)
    for name, column, values in (
        ("kinetic.csv", "e_kin", np.linspace(50.1, 51.9, 40)),
        ("angle.csv", "theta", np.linspace(-15, 15, 30)),
    ):
        (folder / name).write_text(f"{column}\n" + "".join(f"{value:.4f}\n" for value in values))


TEMPLATES = [
    ("eiger_nxmx/lysozyme.nx.yaml", eiger_data, "NXmx"),
    ("arpes_csv/fermi_map.nx.yaml", arpes_data, "NXarpes"),
]


@pytest.fixture(params=TEMPLATES, ids=lambda template: template[0])
def converted(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    """The file a template makes, and the definition it follows."""
    name, make_data, definition = request.param
    return run(name, make_data, tmp_path), definition


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


def nexusformat_errors(path: Path) -> list[str]:
    """What nexusformat's `nxvalidate` calls an error in the file."""
    program = Path(sys.executable).with_name("nxvalidate")
    done = subprocess.run([program, "-e", path], capture_output=True, text=True, check=True)
    told = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    total = re.search(r"Total number of errors: (\d+)", told)
    assert total is not None, told
    return [] if total[1] == "0" else told.splitlines()


def test_result_passes_nexusformat_too(converted: tuple[Path, str]) -> None:
    assert nexusformat_errors(converted[0]) == []


def test_result_follows_the_definition_of_the_recipe(converted: tuple[Path, str]) -> None:
    path, definition = converted
    with h5py.File(path) as file:
        assert file["entry/definition"].asstr()[()] == definition


def test_result_says_what_to_plot(converted: tuple[Path, str]) -> None:
    with h5py.File(converted[0]) as file:
        entry = file[file.attrs["default"]]
        data = entry[entry.attrs["default"]]
        assert data.attrs["NX_class"] == "NXdata"
        assert len(data.attrs["axes"]) == data[data.attrs["signal"]].ndim


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
    assert names - elsewhere == {name for name, _, _ in TEMPLATES}


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
