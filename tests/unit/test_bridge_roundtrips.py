"""Round trips between openPMD and NeXus: what comes back is what went (RT1 to RT5)."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool.bridge.fromnexus import from_nexus
from nxtool.bridge.outcome import Manner
from nxtool.bridge.tonexus import to_nexus
from nxtool.bridge.undo import undo
from nxtool.config import schema_for
from nxtool.errors import NxtoolError
from nxtool.revise.apply import mend_file
from nxtool.validate.api import validate
from tests.damage import damage
from tests.hdf5equal import differences
from tests.openpmdread import read_series
from tests.openpmdseries import Made, write_series

CORPUS = Path(os.environ.get("NXTOOL_CORPUS", "/nowhere"))
FEMM = sorted((CORPUS / "openpmd").glob("*.h5"))
NEXUS = [
    CORPUS / "nexus" / name
    for name in ("example_mapping.nxs", "lrcs3701.nx5", "simple3D.h5", "nexus-example.hdf5")
    if (CORPUS / "nexus" / name).exists()
]
CASES = [
    Made(),
    Made(shape=(3,), constants=frozenset("xyz"), particles=0),
    Made(shape=(2, 3, 4), order="F", dtype="int16", staggered=True, compressed=True),
    Made(shape=(2, 2, 3, 2), dtype="complex128", unit_si=3.2e12, particles=1),
]


def errors_of(path: Path) -> list[str]:
    """What nxtool calls wrong with a NeXus file."""
    found = validate(path, schema_for(()))
    return [f"{item.path}: {item.message}" for item in found if item.severity == "error"]


def findings_of(path: Path) -> list[tuple[str, str]]:
    """All that is told of a NeXus file, but for the group that NeXus does not look into."""
    found = validate(path, schema_for(()))
    return sorted((item.path, item.message) for item in found if item.path != "/data")


@pytest.mark.parametrize("made", CASES)
def test_an_overlay_is_valid_nexus_and_comes_off_without_a_trace(
    made: Made, tmp_path: Path
) -> None:
    source = write_series(tmp_path, made)
    to_nexus(source, Manner("overlay", tmp_path / "both.h5"))
    assert errors_of(tmp_path / "both.h5") == []
    undo(tmp_path / "both.h5", Manner("strip", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []


@pytest.mark.parametrize("made", CASES)
def test_an_overlay_changes_nothing_for_the_reference_reader(made: Made, tmp_path: Path) -> None:
    source = write_series(tmp_path, made)
    to_nexus(source, Manner("overlay", tmp_path / "both.h5"))
    assert read_series(tmp_path / "both.h5") == read_series(source)


@pytest.mark.parametrize("made", CASES)
def test_a_copy_is_valid_nexus_and_comes_back_as_it_was(made: Made, tmp_path: Path) -> None:
    source = write_series(tmp_path, made)
    to_nexus(source, Manner("copy", tmp_path / "there.nxs"))
    assert errors_of(tmp_path / "there.nxs") == []
    from_nexus(tmp_path / "there.nxs", Manner("overlay", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []
    assert read_series(tmp_path / "back.h5") == read_series(source)


def test_a_series_of_files_becomes_one_copy_and_comes_back_the_same_to_readers(
    tmp_path: Path,
) -> None:
    pattern = write_series(tmp_path, Made(), files=True)
    to_nexus(pattern, Manner("copy", tmp_path / "there.nxs"))
    assert errors_of(tmp_path / "there.nxs") == []
    from_nexus(tmp_path / "there.nxs", Manner("overlay", tmp_path / "back.h5"))
    assert read_series(tmp_path / "back.h5") == read_series(pattern)


def test_a_sidecar_shows_a_series_of_files_and_touches_none(tmp_path: Path) -> None:
    pattern = write_series(tmp_path, Made(), files=True)
    before = {path: path.read_bytes() for path in tmp_path.glob("series_*.h5")}
    (tmp_path / "below").mkdir()
    out = tmp_path / "below" / "all.nxs"
    to_nexus(pattern, Manner("sidecar", out))
    assert errors_of(out) == []
    assert {path: path.read_bytes() for path in before} == before
    with h5py.File(out) as file:
        link = file["iteration_100/E_x"].get("E_x", getlink=True)
        assert (link.filename, link.path) == ("../series_000100.h5", "/data/100/fields/E/x")
        assert file["iteration_100/E_x/E_x"][0, 1] == 101
        factor = file["iteration_100/E_x/E_x_scaling_factor"]
        assert (factor[()], factor.attrs["units"]) == (1e9, b"V/m")


@pytest.mark.parametrize("source", FEMM, ids=lambda path: path.name)
@pytest.mark.parametrize("way", ["overlay", "copy"])
def test_the_examples_of_openpmd_come_back_as_they_were(
    source: Path, way: str, tmp_path: Path
) -> None:
    outcome = to_nexus(source, Manner(way, tmp_path / "there.nxs"))[0]
    assert errors_of(tmp_path / "there.nxs") == []
    assert outcome.after - outcome.before < 50_000
    undo(tmp_path / "there.nxs", Manner("strip", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []


@pytest.mark.parametrize("source", NEXUS, ids=lambda path: path.name)
def test_nexus_files_are_judged_as_before_and_read_by_openpmd_bit_by_bit(
    source: Path, tmp_path: Path
) -> None:
    both = tmp_path / "both.h5"
    from_nexus(source, Manner("overlay", both))
    assert findings_of(both) == findings_of(source)
    read = read_series(both)
    with h5py.File(both) as file:
        meshes = {
            f"{number}/meshes/{name}": mesh[()]
            for number in file["data"]
            for name, mesh in file[f"data/{number}/meshes"].items()
        }
    assert meshes
    for place, values in meshes.items():
        found = next(
            one for key, one in read.items() if key.startswith(f"{place}/") and "@" not in key
        )
        assert found[1:] == (values.shape, values.tobytes())
    undo(both, Manner("strip", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []


@pytest.mark.parametrize("source", NEXUS, ids=lambda path: path.name)
def test_copies_of_nexus_files_are_read_and_come_back_as_they_were(
    source: Path, tmp_path: Path
) -> None:
    from_nexus(source, Manner("copy", tmp_path / "there.h5"))
    assert read_series(tmp_path / "there.h5")
    undo(tmp_path / "there.h5", Manner("strip", tmp_path / "back.h5"))
    assert differences(source, tmp_path / "back.h5") == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "bp"])
def test_a_third_implementation_reads_and_writes_the_same_on_the_way(
    form: str, tmp_path: Path
) -> None:
    source = write_series(tmp_path, Made())  # openpmd-pipe makes constants float64
    to_nexus(source, Manner("overlay", tmp_path / "both.h5"))
    pipe(tmp_path / "both.h5", tmp_path / f"piped.{form}")
    pipe(tmp_path / f"piped.{form}", tmp_path / "piped.h5")
    assert read_series(tmp_path / "piped.h5") == read_series(source)
    to_nexus(tmp_path / "piped.h5", Manner("copy", tmp_path / "there.nxs"))
    assert errors_of(tmp_path / "there.nxs") == []
    from_nexus(tmp_path / "there.nxs", Manner("overlay", tmp_path / "back.h5"))
    assert differences(tmp_path / "piped.h5", tmp_path / "back.h5") == []


def pipe(source: Path, target: Path) -> None:
    """Convert by openpmd-pipe."""
    command = [sys.executable, "-m", "openpmd_api.pipe", "--infile", source, "--outfile", target]
    subprocess.run(command, check=True, capture_output=True)


MADE = st.builds(
    Made,
    shape=st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    dtype=st.sampled_from(
        ["float32", "float64", "int8", "uint16", "int32", "uint64", "complex64", "complex128"]
    ),
    order=st.sampled_from("CF"),
    numbers=st.sets(st.integers(0, 10**6), min_size=1, max_size=3).map(
        lambda found: tuple(sorted(found))
    ),
    constants=st.frozensets(st.sampled_from("xyz")),
    particles=st.integers(0, 4),
    unit_si=st.sampled_from([1.0, 1e9, 3.2e12, 1e-3]),
    staggered=st.booleans(),
    compressed=st.booleans(),
)


def check_round_trips(made: Made, files: bool, folder: Path) -> None:
    """RT1 and RT2 on one series."""
    source = write_series(folder, made, files=files)
    for path in sorted(folder.glob("series*.h5")):
        both, back = folder / "both.h5", folder / "back.h5"
        to_nexus(path, Manner("overlay", both, overwrite=True))
        assert errors_of(both) == []
        undo(both, Manner("strip", back, overwrite=True))
        assert differences(path, back) == []
    there = folder / "there.nxs"
    to_nexus(source, Manner("copy", there, overwrite=True))
    assert errors_of(there) == []
    from_nexus(there, Manner("overlay", folder / "again.h5", overwrite=True))
    assert read_series(folder / "again.h5") == read_series(source)


@given(MADE, st.booleans())
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_random_series_survive_both_ways(
    tmp_path_factory: pytest.TempPathFactory, made: Made, files: bool
) -> None:
    check_round_trips(made, files, tmp_path_factory.mktemp("series"))


@pytest.mark.slow
@given(MADE, st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_many_random_series_survive_both_ways(
    tmp_path_factory: pytest.TempPathFactory, made: Made, files: bool
) -> None:
    check_round_trips(made, files, tmp_path_factory.mktemp("series"))


def test_a_constant_comes_back_as_a_constant_without_the_record(tmp_path: Path) -> None:
    source = write_series(tmp_path, Made(constants=frozenset("xyz"), particles=0))
    there = tmp_path / "there.nxs"
    to_nexus(source, Manner("copy", there))
    with h5py.File(there, "r+") as file:
        for entry in file.values():
            del entry["openpmd"]
    from_nexus(there, Manner("overlay", tmp_path / "again.h5"))
    with h5py.File(tmp_path / "again.h5") as file:
        back = file["data/0/meshes/E_E_x"]
        assert isinstance(back, h5py.Group)
        assert (back.attrs["value"], list(back.attrs["shape"])) == (7.0, [4, 3])
        assert back.attrs["unitSI"] == 1e9
        assert list(back.attrs["gridSpacing"]) == pytest.approx([1e-6, 2e-6])
        assert np.allclose(back.attrs["gridGlobalOffset"], [10.5e-6, 12e-6])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(120))
def test_damaged_files_are_bridged_or_refused_and_leave_nothing(seed: int, tmp_path: Path) -> None:
    source = write_series(tmp_path, Made(numbers=(0,)))
    bridged = tmp_path / "both.h5"
    to_nexus(source, Manner("overlay", bridged))
    for path in (source, bridged):
        path.write_bytes(damage(path.read_bytes(), seed))
    out = tmp_path / "out.h5"
    for attempt in (
        lambda: to_nexus(source, Manner("overlay", out, overwrite=True)),
        lambda: to_nexus(source, Manner("copy", out, overwrite=True)),
        lambda: undo(bridged, Manner("strip", out, overwrite=True)),
        lambda: mend_file(source, out, overwrite=True),
    ):
        with suppress(NxtoolError):
            attempt()
    assert {path.name for path in tmp_path.iterdir()} <= {"series.h5", "both.h5", "out.h5"}
