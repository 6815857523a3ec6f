"""`nxtool definitions` and `nxtool show`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., tuple[int, str, str]]


def test_all_applications_are_listed(nxtool: Run) -> None:
    code, out, _ = nxtool("definitions", "list")
    assert code == 0
    assert len(out.splitlines()) >= 80


def test_a_list_as_json_carries_kind_and_origin(nxtool: Run) -> None:
    _, out, _ = nxtool("definitions", "list", "--kind", "base", "--format", "json")
    entry = next(item for item in json.loads(out) if item["name"] == "NXaperture")
    assert entry == {
        "name": "NXaperture",
        "category": "base",
        "extends": "NXcomponent",
        "origin": "official v2026.01",
        "summary": "A beamline aperture.",
        "deprecated": None,
    }


def test_a_search_that_finds_nothing_exits_with_1(nxtool: Run) -> None:
    code, out, err = nxtool("definitions", "search", "zebra", "crossing")
    assert (code, out) == (1, "")
    assert err == (
        "error: no definition has all of: zebra crossing\n"
        "  → use fewer or other words; `nxtool definitions list` shows all\n"
    )


def test_a_concept_is_shown_by_its_path(nxtool: Run) -> None:
    code, out, _ = nxtool("definitions", "show", "NXtomo/entry/instrument/detector/x_pixel_size")
    assert code == 0
    assert out == (
        "NXtomo/ENTRY/instrument/detector/x_pixel_size  optional field\n\n"
        "Size of each detector pixel. If it is scalar all pixels are the same size.\n\n"
        "defined by    NXtomo/ENTRY/instrument/detector/x_pixel_size (NXtomo.nxdl.xml:97)\n"
        "type          NX_FLOAT\n"
        "shape         i × j\n"
        "units         NX_LENGTH\n"
        "layers        NXtomo → NXdetector\n"
    )


def test_a_concept_that_is_not_there_is_named_with_near_ones(nxtool: Run) -> None:
    assert nxtool("definitions", "show", "NXtomo/entry/sampl") == (
        2, "", "error: NXtomo/ENTRY has no 'sampl'\n  → did you mean sample?\n",
    )  # fmt: skip


def test_a_tree_of_required_concepts(nxtool: Run) -> None:
    _, out, _ = nxtool("definitions", "tree", "NXtomo", "--level", "required", "--depth", "2")
    names = [line.split("●")[1].split()[0] for line in out.splitlines()[1:-1]]
    assert names == ["ENTRY", "definition", "instrument", "sample", "data"]


def test_a_folder_of_definitions_goes_first(nxtool: Run, tmp_path: Path) -> None:
    (tmp_path / "NXmine.nxdl.xml").write_text(
        '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXmine" '
        'category="application" extends="NXobject" type="group"><doc>Mine alone.</doc>'
        '<group type="NXentry"/></definition>'
    )
    code, out, _ = nxtool("definitions", "search", "mine", "alone", "--definitions", tmp_path)
    assert (code, out) == (0, f"NXmine  application  Mine alone.  [{tmp_path}]\n")


def test_a_file_is_shown_as_a_tree_with_its_default_plot(nxtool: Run, valid: Path) -> None:
    assert nxtool("show", valid) == (
        0,
        f"{valid}\n"
        "└─ entry  NXentry\n"
        "   ├─ data  NXdata  ◆ default plot\n"
        "   │  ├─ counts  int64 [50]  ◆ signal\n"
        "   │  └─ x  float64 [50]  mm  ◆ axis\n"
        "   └─ title = a scan  string\n"
        "default plot: /entry/data/counts over x\n",
        "",
    )


def test_a_file_as_json_names_its_default_plot(nxtool: Run, valid: Path) -> None:
    _, out, _ = nxtool("show", valid, "--format", "json")
    assert json.loads(out)["default_plot"] == {
        "data": "/entry/data",
        "signal": "/entry/data/counts",
        "axes": ["/entry/data/x"],
    }


def test_a_file_that_is_no_hdf5_exits_with_2(nxtool: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.nxs"
    path.write_text("no")
    assert nxtool("show", path) == (
        2, "", f"error: {path}: is not an HDF5 file\n  → check the format\n",
    )  # fmt: skip
