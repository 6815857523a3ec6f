"""What goes wrong gives one clear message and leaves nothing behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from nxtool.cli import main
from nxtool.demo import write_tiff

TOMO = """\
nxtool: 1
definition: NXtomo
output: out.nxs
defaults: {timezone: Europe/Berlin}
sources:
  frames: SOURCE
entry:
  start_time: 2026-01-05T10:00:00
  instrument:
    detector:
      data: {from: frames, units: counts}
      image_key: [0, 0]
      x_pixel_size: 6.5 um
  sample:
    name: fossil
    rotation_angle: "[0, 1] deg"
"""


@pytest.fixture
def raw(tmp_path):
    """A folder with two frames in HDF5, and as TIFF."""
    with h5py.File(tmp_path / "frames.h5", "w") as file:
        file["data"] = np.arange(2 * 4 * 5, dtype=np.uint16).reshape(2, 4, 5)
    for number in (1, 2):
        image = np.full((4, 5), number, dtype=np.uint16)
        write_tiff(tmp_path / f"f_{number}.tif", image)
    return tmp_path


@pytest.fixture
def write(raw):
    def make(text=TOMO, source="frames.h5:/data", name="scan.nx.yaml"):
        path = raw / name
        path.write_text(text.replace("SOURCE", source))
        return path

    return make


def run(capsys, *arguments):
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fails(capsys, recipe, code, *options):
    """Run convert; expect this code and no new file; give both streams."""
    before = files(recipe.parent)
    found, out, err = run(capsys, "convert", recipe, *options)
    assert found == code, out + err
    assert files(recipe.parent) == before
    return out, err


def test_good_recipe_is_written(capsys, write):
    recipe = write()
    assert run(capsys, "convert", recipe)[0] == 0
    assert (recipe.parent / "out.nxs").exists()


def test_unknown_definition(capsys, write):
    recipe = write(TOMO.replace("NXtomo", "NXtoma"))
    _, err = fails(capsys, recipe, 2)
    assert err == (
        f"error: {recipe}:2:13: unknown definition 'NXtoma'\n"
        "  → did you mean NXtomo, NXatom, NXtas?\n"
    )


def test_missing_source(capsys, write):
    recipe = write(source="fames.h5:/data")
    out, _ = fails(capsys, recipe, 2)
    assert f"{recipe}:6:11: error: " in out
    assert "fames.h5" in out
    assert "frames.h5" in out.partition("→")[2]


def test_name_that_is_not_utf8(capsys, write, raw):
    path = raw / os.fsdecode(b"f\xff.tif")
    try:
        (raw / "f_1.tif").rename(path)
    except OSError:
        pytest.skip("no such names on this disk")
    recipe = write(source="f?.tif")
    out, _ = fails(capsys, recipe, 2)
    assert out.partition("rename it")[0] == (
        f"{recipe}:6:11: error: {raw}/f\\xff.tif: its name is not UTF-8, so it cannot be recorded"
        " [R05]   → "
    )


def test_missing_dataset_in_a_source(capsys, write):
    out, _ = fails(capsys, write(source="frames.h5:/dota"), 2)
    assert "/dota" in out
    assert "data" in out.partition("→")[2]


def test_unreadable_hdf5_source(capsys, write, raw):
    (raw / "frames.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 200)
    out, _ = fails(capsys, write(), 2)
    assert "frames.h5" in out
    assert "[R05]" in out


def test_truncated_tiff_source(capsys, write, raw):
    path = raw / "f_2.tif"
    path.write_bytes(path.read_bytes()[:-7])
    out, err = fails(capsys, write(source="f_*.tif"), 2)
    assert "f_2.tif" in out + err


def test_source_that_shrinks_while_it_is_read_leaves_nothing(capsys, write, raw, monkeypatch):
    recipe = write(source="f_*.tif")
    from nxtool.build import convert as building

    written = building.write_plan

    def shrink_then_write(*arguments):
        path = raw / "f_2.tif"
        path.write_bytes(path.read_bytes()[:-7])
        return written(*arguments)

    monkeypatch.setattr(building, "write_plan", shrink_then_write)
    _, err = fails(capsys, recipe, 2)
    assert "f_2.tif" in err


def test_wrong_unit(capsys, write):
    recipe = write(TOMO.replace("6.5 um", "6.5 keV"))
    out, _ = fails(capsys, recipe, 1)
    line = next(line for line in out.splitlines() if "x_pixel_size" in line)
    assert line.startswith(f"{recipe}:13:21: error: 'keV' is not NX_LENGTH")


def test_text_that_is_no_number(capsys, write):
    recipe = write(TOMO.replace("6.5 um", "narrow"))
    out, _ = fails(capsys, recipe, 1)
    assert f"{recipe}:13:21: error: x_pixel_size is NX_FLOAT: 'narrow' is not a number" in out


def test_source_of_the_wrong_type(capsys, write, raw):
    with h5py.File(raw / "frames.h5", "r+") as file:
        file["floats"] = np.zeros((2, 4, 5))
    recipe = write(source="frames.h5:/floats")
    out, _ = fails(capsys, recipe, 1)
    assert f"{recipe}:11:20: error: is float64, not NX_INT" in out


def test_missing_required_field(capsys, write):
    recipe = write(TOMO.replace("    name: fossil\n", ""))
    out, _ = fails(capsys, recipe, 1)
    assert f"{recipe}:14:3: error: required field name (NX_CHAR) is missing [O01]" in out


def test_unknown_name_suggests_the_right_one(capsys, write):
    recipe = write(TOMO.replace("x_pixel_size", "x_pixle_size"))
    out, _ = fails(capsys, recipe, 1)
    assert f"{recipe}:13:7: error: unknown name 'x_pixle_size' in NXdetector [R01]" in out
    assert "did you mean x_pixel_size" in out


def test_missing_time_zone(capsys, write):
    recipe = write(TOMO.replace("defaults: {timezone: Europe/Berlin}\n", ""))
    out, _ = fails(capsys, recipe, 1)
    assert f"{recipe}:7:15: error: '2026-01-05T10:00:00' has no time zone" in out


def test_frames_missing_from_a_stack(capsys, write, raw):
    (raw / "f_2.tif").rename(raw / "f_3.tif")
    out, _ = fails(capsys, write(source="f_*.tif"), 2)
    assert "2" in out
    assert "missing" in out


def test_existing_output_is_kept(capsys, write):
    recipe = write()
    target = recipe.parent / "out.nxs"
    target.write_text("precious")
    _, err = fails(capsys, recipe, 2)
    assert err == f"error: {target}: exists already\n  → --overwrite replaces it\n"
    assert target.read_text() == "precious"


def test_source_cannot_be_the_output(capsys, write):
    recipe = write()
    _, err = fails(capsys, recipe, 2, "-o", recipe.parent / "frames.h5", "--overwrite")
    assert "is one of the inputs" in err


@pytest.mark.parametrize("output", ["../out.nxs", "/elsewhere/out.nxs", "a/../../out.nxs"])
def test_recipe_cannot_choose_a_place_elsewhere(capsys, write, output):
    recipe = write(TOMO.replace("output: out.nxs", f"output: {output}"))
    _, err = fails(capsys, recipe, 2)
    assert err == (
        f"error: {recipe}: output {output!r} leaves the folder of the recipe\n"
        f"  → if you mean it, give -o {output}\n"
    )


def test_folder_of_the_output_is_missing(capsys, write, tmp_path):
    _, err = fails(capsys, write(), 2, "-o", tmp_path / "no" / "out.nxs")
    assert "no such folder" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("definition: [NXtomo\n", ":2:1: "),
        ("\tdefinition: NXtomo\n", ":1:1: "),
        ("a: &a [1, 1]\n" * 2, ":2:1: "),
        ("%PDF-1.4 \x00\x01", ""),
        ("- just\n- a list\n", ":1:1: "),
    ],
)
def test_recipe_that_is_no_recipe(capsys, write, text, said):
    recipe = write(text)
    before = files(recipe.parent)
    code, out, err = run(capsys, "convert", recipe)
    assert code in (1, 2)
    assert str(recipe) + said in out + err
    assert "Traceback" not in err
    assert files(recipe.parent) == before


def test_missing_recipe(capsys, tmp_path):
    code, _, err = run(capsys, "convert", tmp_path / "no.nx.yaml")
    assert code == 2
    assert "no.nx.yaml" in err


def test_yaml_bomb_is_refused(capsys, write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9) + "]" for i in range(1, 12)]
    _, err = fails(capsys, write("\n".join(lines)), 2)
    assert "more than" in err


def test_nxdl_entity_bomb_is_refused(capsys, write, raw):
    folder = raw / "definitions"
    folder.mkdir()
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};&{a};">'
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (folder / "NXbomb.nxdl.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE definition [{entities}]>'
        '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXbomb" '
        'category="application" extends="NXobject" type="group"><doc>&i;</doc></definition>'
    )
    recipe = write(TOMO.replace("NXtomo", "NXbomb"))
    _, err = fails(capsys, recipe, 2, "--definitions", folder)
    assert "NXbomb.nxdl.xml" in err
    assert "Traceback" not in err


# the rest needs a process of its own


def start(*arguments, **options):
    command = [sys.executable, "-m", "nxtool", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def test_full_disk(write, small_disk):
    recipe = write(TOMO.replace("[0, 0]", "[" + ", ".join(["0"] * 20000) + "]"))
    process = start("convert", recipe, "-o", small_disk / "out.nxs", "--allow-invalid")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert err == (
        f"error: {small_disk}: the disk is full\n  → free some space, or choose another with -o\n"
    )
    assert list(small_disk.iterdir()) == []


def test_file_size_limit(write, raw):
    recipe = write()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    process = start("convert", recipe, preexec_fn=limit)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "Traceback" not in err
    assert not list(raw.glob("*.part")) + list(raw.glob(".*.part"))


def test_read_only_folder(write, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    process = start("convert", write(), "-o", small_disk / "out.nxs")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err == (f"error: {small_disk}: no permission to write\n  → choose another with -o\n")


def test_folder_without_permission(write, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    process = start("convert", write(), "-o", folder / "out.nxs")
    assert "no permission to write" in process.communicate(timeout=60)[1]
    assert process.returncode == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_conversion_leaves_nothing(write, raw, how):
    with h5py.File(raw / "big.h5", "w") as file:
        file.create_dataset("data", (4000, 512, 512), np.uint16, chunks=(1, 512, 512))
    text = TOMO.replace("output: out.nxs", "output: out.nxs").replace(
        "data: {from: frames, units: counts}",
        'data: {from: frames, units: counts, compression: "gzip:9"}',
    )
    recipe = write(text, source="big.h5:/data")
    before = files(raw)
    process = start("convert", recipe, "--allow-invalid")
    deadline = time.monotonic() + 60
    while not list(raw.glob(".*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)  # until writing has begun
    assert process.poll() is None, process.communicate()
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "interrupted"
    assert files(raw) == before
