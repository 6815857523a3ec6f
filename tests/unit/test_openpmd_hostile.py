"""Files that are wrong in ways nobody writes on purpose: findings or one error, never a crash."""

from __future__ import annotations

import json
import random
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import FileUnreadable
from nxtool.openpmd.header import read_header
from nxtool.openpmd.judging import judge_series
from nxtool.openpmd.plaintree import PlainGroup
from nxtool.openpmd.rules import Asking, Seen, check_file, check_series
from nxtool.openpmd.series import find_series
from nxtool.validate.visit import Options
from tests.openpmdfile import write

ALL = Options(reads_data=True)
ODD = {
    "null": h5py.Empty("f8"),
    "empty": np.zeros(0),
    "text": "x",
    "bytes": np.bytes_(b"\xff\xfe"),
    "texts": np.array([b"a", b"b", b"c"]),
    "negative": np.int64(-1),
    "huge": np.uint64(2**64 - 1),
    "nan": np.float64("nan"),
    "infinite": np.array([np.inf] * 7),
    "below": np.float64("-inf"),
    "plane": np.zeros((2, 2)),
    "complex": np.complex128(1j),
    "bool": np.bool_(1),
    "compound": np.zeros(1, dtype=[("a", "f8"), ("b", "S3")])[0],
    "reference": "reference",
    "many": np.arange(5000, dtype="u8"),
}


def _attributes(file: h5py.File) -> list[tuple[str, str]]:
    found = [("/", name) for name in file.attrs]
    file["data/0"].visititems(
        lambda path, item: found.extend((f"/data/0/{path}", name) for name in item.attrs)
    )
    return found


def _put(file: h5py.File, place: str, name: str, value: object) -> None:
    file[place].attrs[name] = file.ref if isinstance(value, str) and value == "reference" else value


@pytest.mark.parametrize("kind", ODD)
def test_every_attribute_may_be_odd_at_once(kind, tmp_path):
    path = write(tmp_path / "data.h5", [0])
    with h5py.File(path, "r+") as file:
        for place, name in _attributes(file):
            if name not in ("openPMD", "basePath", "meshesPath", "particlesPath"):
                _put(file, place, name, ODD[kind])
    assert judge_series(find_series(path), ALL).count("error") > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ODD)
def test_every_single_attribute_may_be_odd(kind, tmp_path):
    path = write(tmp_path / "data.h5", [0])
    with h5py.File(path) as file:
        places = _attributes(file)
    for place, name in places:
        with h5py.File(path, "r+") as file:
            before = file[place].attrs[name]
            _put(file, place, name, ODD[kind])
        judge_series(find_series(path), ALL)
        with h5py.File(path, "r+") as file:
            file[place].attrs[name] = before


@pytest.mark.slow
def test_every_object_may_be_of_another_kind(tmp_path):
    path = write(tmp_path / "data.h5", [0])
    with h5py.File(path) as file:
        places: list[str] = []
        file["data"].visit(lambda name: places.append(f"/data/{name}"))
    raw = path.read_bytes()
    for place in places:
        for other in ("group", "field", "circle", "type"):
            with h5py.File(path, "r+") as file:
                del file[place]
                if other == "group":
                    file.create_group(place)
                elif other == "field":
                    file[place] = np.array([b"x"])
                elif other == "circle":
                    file[place] = file["/"]
                else:
                    file[place] = np.dtype("f8")
            judge_series(find_series(path), ALL)
            path.write_bytes(raw)


def test_a_constant_of_many_particles_takes_no_memory(tmp_path):
    path = write(tmp_path / "data.h5", [0])
    with h5py.File(path, "r+") as file:
        species = file["data/0/particles/electrons"]
        for name in ("position", "positionOffset", "momentum"):
            for component in "xy":
                del species[f"{name}/{component}"]
                group = species.create_group(f"{name}/{component}")
                group.attrs["value"] = 1.0
                group.attrs["shape"] = np.array([2**62], dtype="u8")
                group.attrs["unitSI"] = 1.0
        counts = species["particlePatches/numParticles"]
        counts[...] = [2**61, 2**61]
        species["particlePatches/numParticlesOffset"][...] = [0, 2**61]
    assert judge_series(find_series(path), ALL).count("error") > 0


@pytest.mark.slow
def test_damaged_files_are_findings_or_one_error(tmp_path):
    """In the process of this test: what libhdf5 cannot stand would end it."""
    path = write(tmp_path / "data.h5", [0])
    raw, dice = path.read_bytes(), random.Random(7)  # noqa: S311 - no secret
    for _ in range(300):
        damaged = bytearray(raw)
        for _ in range(dice.randrange(1, 20)):
            damaged[dice.randrange(2048, len(raw))] = dice.randrange(256)
        path.write_bytes(damaged[: dice.choice([len(raw), dice.randrange(len(raw))])])
        try:
            judge_series(find_series(path), ALL)
        except FileUnreadable:
            continue


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
_NAMES = st.sampled_from([
    "data", "0", "meshes", "E", "x", "particles", "e", "position", "attributes", "value", "shape",
    "datatype", "extent", "unitSI", "geometry", "axisLabels", "gridSpacing", "particlePatches",
])  # fmt: skip
_CONTENT = st.recursive(
    _VALUES, lambda inner: st.dictionaries(_NAMES, inner, max_size=4), max_leaves=40
)


@given(_CONTENT)
def test_any_text_file_can_be_judged(below):
    stated = {
        "openPMD": "2.0.0", "basePath": "/data/%T/", "meshesPath": "meshes/",
        "particlesPath": "particles/", "openPMDextension": "ED-PIC;BeamPhysics;LaserEnvelope",
    }  # fmt: skip
    content = {
        "attributes": stated,
        "data": {"0": below, "1": {"meshes": below, "particles": below}},
    }
    root = PlainGroup(content, "/")
    asking, seen = Asking(read_header(root), "JSON", values=True), Seen()
    list(check_file(asking, root, seen))
    list(check_series(asking, seen))


@given(st.binary(max_size=40), st.sampled_from(["json", "toml", "h5"]))
def test_any_bytes_are_one_error_or_judged(raw, suffix):
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder, f"a.{suffix}")
        path.write_bytes(raw)
        said = ""
        try:
            judge_series(find_series(path), ALL)
        except FileUnreadable as error:
            said = str(error)
        assert "\n" not in said


def test_deeply_nested_text_is_one_error(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    with pytest.raises(FileUnreadable):
        judge_series(find_series(path), ALL)
    path.write_text(json.dumps({"attributes": {"openPMD": 10**400}}))
    assert judge_series(find_series(path), ALL).count("error") > 0
