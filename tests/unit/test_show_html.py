"""A file as one HTML page: what is on it, how much of it, and that nothing of a file is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.findings import Finding, Findings
from nxtool.plotting.plottable import Refusal
from nxtool.plotting.reading import Reading
from nxtool.show import Item
from nxtool.webpage.about import Sheet
from nxtool.webpage.gather import FilePage, look
from nxtool.webpage.page import page
from nxtool.webpage.pagetree import MOST, WIDEST, PageTree
from tests import openpmdfile
from tests.parsedpage import ParsedPage

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)


def scan(path: Path) -> Path:
    """A scan with a line as its default plot."""
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = group(file, "entry", "NXentry", default="data")
        entry["title"] = "two peaks"
        entry["start_time"] = "2026-01-05T10:00:00+01:00"
        entry["end_time"] = "2026-01-05T10:04:00+01:00"
        group(entry, "sample", "NXsample")["name"] = "quartz"
        for name in ("Ada", "Bo"):
            group(entry, f"user_{name}", "NXuser")["name"] = name
        entry["user_Ada/affiliation"] = "HZB"
        group(group(entry, "instrument", "NXinstrument"), "source", "NXsource")["name"] = "BESSY"
        data = group(entry, "data", "NXdata", signal="counts", axes=["angle"])
        data["counts"] = np.arange(5.0)
        data.create_dataset("angle", data=np.arange(5.0) / 2).attrs["units"] = "deg"
    return path


def group(parent: h5py.Group, name: str, nx_class: str, **attributes: object) -> h5py.Group:
    made = parent.create_group(name)
    made.attrs.update({"NX_class": nx_class, **attributes})
    return made


def judged(path: Path, *items: Finding) -> FilePage:
    """What is told of a file, with these findings."""
    return replace(look(path), verdict=Findings(str(path), list(items), ("/entry: NXtomo",)))


def section(text: str, name: str) -> str:
    """The text of a section of a page, on one line."""
    found = re.search(rf'<section id="{name}">.*?</section>', text, re.DOTALL)
    assert found is not None
    return " ".join(ParsedPage(found[0]).text.split())


def test_the_page_tells_what_the_file_says_of_itself(tmp_path):
    told = section(page(judged(scan(tmp_path / "a.nxs"))), "about")
    assert re.sub(r"size .*", "", told) == (
        "About title two peaks measured 2026-01-05T10:00:00+01:00 to 2026-01-05T10:04:00+01:00 "
        "sample quartz users Ada (HZB); Bo source BESSY format HDF5 "
    )


def test_the_page_tells_of_the_beam_the_scan_and_who_wrote_the_file(tmp_path):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        file.attrs.update({"file_time": "2026-01-05T10:05:00", "creator": "gda"})
        file["entry/scan_command"] = "ascan th 0 2 4 1"
        mono = group(file["entry/instrument"], "mono", "NXmonochromator")
        mono["energy"] = [8.5]
        mono["energy"].attrs["units"] = "keV"
        mono["wavelength"] = [1.0, 2.0]
        beam = group(file["entry/sample"], "beam", "NXbeam")
        beam["incident_wavelength"] = 1.4586
    told = section(page(judged(path)), "about")
    assert "scan ascan th 0 2 4 1 sample quartz" in told
    assert "source BESSY energy 8.5 keV wavelength 1.4586 format HDF5" in told
    assert told.endswith("written 2026-01-05T10:05:00 by gda")


def test_the_default_plot_is_a_picture_with_its_labels(tmp_path):
    told = section(page(judged(scan(tmp_path / "a.nxs"))), "plot")
    assert told == (
        "two peaks linear log 0.0 0.5 1.0 1.5 2.0 0 1 2 3 4 angle (deg) counts "
        "0.6 0.8 1.0 1.2 1.4 1.6 1.8 2.0 1 1.3 1.6 2 2.5 3.2 4 angle (deg) counts (log) "
        "/entry/data/counts"
    )


def test_the_tree_has_types_units_values_and_attributes(tmp_path):
    told = section(page(judged(scan(tmp_path / "a.nxs"))), "tree")
    assert told == (
        "Tree open all close all / @default entry entry NXentry @default data "
        "data NXdata ◆ default plot @axes angle @signal counts "
        "angle = [0, 0.5, 1, 1.5, 2] deg float64 [5] ◆ axis "
        "counts = [0, 1, 2, 3, 4] float64 [5] ◆ signal end_time = 2026-01-05T10:04:00+01:00 string "
        "instrument NXinstrument source NXsource name = BESSY string "
        "sample NXsample name = quartz string start_time = 2026-01-05T10:00:00+01:00 string "
        "title = two peaks string user_Ada NXuser affiliation = HZB string name = Ada string "
        "user_Bo NXuser name = Bo string"
    )


def test_findings_that_are_alike_stand_together_and_lead_to_the_tree(tmp_path):
    missing = [
        Finding("O01", "error", f"/entry/user_{name}/role", "is missing", hint="add it")
        for name in ("Ada", "Bo")
    ]
    note = Finding("Z01", "info", "/entry@x", "is old")
    text = page(judged(scan(tmp_path / "a.nxs"), *missing, note))
    assert section(text, "findings") == (
        "Findings error /entry/user_Ada/role is missing → add it and 1 more like it "
        "/entry/user_Bo/role O01 1 note note /entry@x is old Z01"
    )
    found = ParsedPage(text)
    assert set(found.ways) <= set(found.ids)
    assert text.count('<a class="badge error" href="#findings">1 finding</a>') == 2


def test_the_verdict_stands_in_the_head_and_the_title(tmp_path):
    about = look(scan(tmp_path / "a.nxs"))
    bad = replace(about, verdict=Findings("a.nxs", [Finding("O01", "error", "/", "x")]))
    assert "<title>a.nxs: invalid</title>" in page(bad)
    assert "invalid</span> NeXus, by base classes only: 1 error</p>" in page(bad)
    assert "<title>a.nxs: not judged</title>" in page(about)
    assert section(page(about), "findings") == "Findings not judged"


def test_many_findings_are_counted_where_they_are_not_shown(tmp_path):
    items = [Finding("O01", "error", f"/a/{i}", "is missing") for i in range(60)]
    items += [Finding("O01", "error", "/b", f"kind {'x' * i}") for i in range(300)]
    told = section(page(judged(scan(tmp_path / "a.nxs"), *items)), "findings")
    assert "and 59 more like it" in told
    assert "and 9 more" in told
    assert told.endswith("and 101 more kinds of findings: nxtool validate lists them")


def test_the_page_loads_nothing_and_forbids_it(tmp_path):
    text = page(judged(scan(tmp_path / "a.nxs")))
    found = ParsedPage(text)
    assert (found.open, found.loads, found.scripts) == ([], [], 1)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert re.sub(r"sha256-[\w+/=]+", "…", policy[1]) == (
        "default-src 'none'; style-src '…'; script-src '…'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert re.findall(r"(?<!xmlns=\")https?://|url\(|@import", text) == []
    assert len(found.ids) == len(set(found.ids))


@given(name=ANY_TEXT, value=ANY_TEXT)
def test_no_text_of_a_file_becomes_markup(name, value):
    bad = f'"><img src=x onerror=alert(1)><script>alert(1)</script>\u202e\x1b{name}'
    item = Item(bad, f"/{bad}", "field", type=value, units=bad, value=value, shape=(2,))
    item.attributes = {bad: value}
    top = Item("", "/", "group", nx_class=bad, children=[item], hidden=3, refers_to=value)
    finding = Finding("P02", "error", f"/{bad}", bad, hint=value)
    text = page(
        FilePage(
            bad, bad, [("size", value)], [Sheet(bad, [("title", bad)])],
            Reading(None, (), Refusal(bad, value)), PageTree(top, 2),
            Findings(bad, [finding], (f"/: {bad}",)),
        )
    )  # fmt: skip
    found = ParsedPage(text)
    assert (found.open, found.loads, found.scripts) == ([], [], 1)
    assert not {"\u202e", "\x1b"} & set(text)
    text.encode("utf-8")


def test_a_file_of_many_names_gives_a_page_of_bounded_size(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(path, "w") as file:
        one = file.create_dataset("one", data=1)
        for i in range(17):
            place = file.create_group(f"g{i:02}")
            for k in range(WIDEST + 50):
                place[f"d{k}"] = one
    text = page(judged(path))
    assert "Of a large tree 4,000 names are shown here" in text
    assert text.count("<b>d") == MOST - 19
    left = re.findall(r'<div class="more">… (\d+) more</div>', text)
    assert left == 15 * ["50"] + ["69", "300"]
    assert len(text) < 1_000_000


def test_the_default_plot_is_in_the_tree_of_however_many_names(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(path, "w") as file:
        entry = group(file, "entry", "NXentry")
        one = file.create_dataset("one", data=1)
        for i in range(20):
            for k in range(WIDEST + 20):
                entry[f"g{i:02}/d{k}"] = one
        for i in range(WIDEST):
            entry[f"h{i}"] = one
        data = group(entry, "z", "NXdata", signal="y", axes=["x"])
        for i in range(WIDEST):
            data[f"a{i:03}"] = one
        data["x"] = data["y"] = np.arange(3.0)
    about = judged(path)
    told = section(page(about), "tree")
    assert "z NXdata ◆ default plot" in told
    assert (told.count("◆ signal"), told.count("◆ axis"), about.tree.count) == (1, 1, MOST)


def test_circles_of_links_and_deep_groups_end(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(path, "w") as file:
        file["g/again"] = file.create_group("g")
        file["g/soft"] = h5py.SoftLink("/g")
        file["lost"] = h5py.ExternalLink("gone.h5", "/x")
        file["/".join(["deep"] * 300)] = 1
    told = section(page(judged(path)), "tree")
    assert told.startswith(
        "Tree open all close all Of a large tree 105 names are shown here, near the root first: "
        "nxtool show a.nxs shows all. / deep deep"
    )
    assert told.endswith("g again ↺ see /g soft → /g lost → gone.h5:/x ✗ file 'gone.h5' is missing")


def test_depth_is_bounded_as_asked(tmp_path):
    told = look(scan(tmp_path / "a.nxs"), 1).tree
    assert ([item.path for item in told.items()], told.items()[-1].hidden) == (["/", "/entry"], 8)


def test_damaged_data_is_told_instead_of_a_picture(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(scan(path), "r+") as file:
        del file["entry/data/counts"]
        counts = file["entry/data"].create_dataset("counts", data=np.arange(5), compression="gzip")
        place = counts.id.get_chunk_info(0).byte_offset
    raw = bytearray(path.read_bytes())
    raw[place : place + 4] = b"gone"
    path.write_bytes(raw)
    assert re.fullmatch(
        r"No picture The values cannot be read: .+\. → nxtool validate tells more about the file",
        section(page(judged(path)), "plot"),
    )


def test_a_file_without_a_default_plot_tells_why(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(path, "w") as file:
        file["x"] = 1
    assert section(page(judged(path)), "plot") == (
        "No picture / names no default and holds no NXentry. → nxtool validate tells what is "
        "missing; `$plot` in a recipe writes it"
    )


def test_values_that_are_all_missing_are_no_picture(tmp_path):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        file["entry/data/counts"][:] = np.nan
    assert section(page(judged(path)), "plot") == (
        "No picture Here are no finite values. → the tree tells what there is"
    )


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([1e9, 1e3, 10, 3, 2], "log"),
        ([1e9, 1e3, 10, 3, 0], "log"),
        ([1e9, 1e3, 10, 3, -2], "linear"),
        ([9, 5, 1, 1, 1], "linear"),
        ([0, 0, 0, 0, 0], "linear"),
    ],
)
def test_a_line_over_many_decades_is_seen_by_its_logarithm_first(tmp_path, values, first):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        file["entry/data/counts"][:] = values
    found = re.findall(r'id="(linear|log)" checked', page(judged(path)))
    assert found == [first] or (found == [] and not any(values))


def test_an_axis_without_finite_values_is_told(tmp_path):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        file["entry/data/angle"][:] = np.nan
    assert section(page(judged(path)), "plot") == (
        "No picture No value of angle is finite where counts is. → the tree tells what there is"
    )


def test_a_long_title_is_cut_over_the_picture(tmp_path):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        del file["entry/title"]
        file["entry/title"] = "word " * 100
    told = section(page(judged(path)), "plot")
    assert told.startswith(f"{'word ' * 32}… linear")


def test_of_a_stack_the_slice_in_the_middle_is_drawn(tmp_path):
    path = scan(tmp_path / "a.nxs")
    with h5py.File(path, "r+") as file:
        del file["entry/data/counts"]
        file["entry/data/counts"] = np.arange(5 * 600.0 * 2).reshape(5, 600, 2)
    told = section(page(judged(path)), "plot")
    assert told.endswith(
        "/entry/data/counts; slice 3 of 5 (angle = 1 deg); colours span the middle 98 % of the "
        "values; drawn from every 2nd row"
    )


def test_an_openpmd_file_tells_of_its_meshes_and_draws_one(tmp_path):
    text = page(judged(openpmdfile.write(tmp_path / "a.h5")))
    about, plot = section(text, "about"), section(text, "plot")
    assert about.startswith("About standard openPMD 1.1.0 with ED-PIC, groupBased, HDF5 ")
    assert "iterations 2: 0 to 100" in about
    assert "particles electrons (6)" in about
    assert re.match(r"\w+(/\w)?, iteration 100, 1e-13 s linear", plot)


@pytest.mark.slow
def test_a_hundred_thousand_groups_give_a_bounded_page(tmp_path):
    path = tmp_path / "a.nxs"
    with h5py.File(path, "w") as file:
        for i in range(100):
            for k in range(1000):
                file.create_group(f"g{i}/h{k}")
            file[f"g{i}/h0"].attrs["comment"] = "x" * 30_000
    about = look(path)
    assert (about.tree.count, about.tree.cut) == (MOST, True)
    assert len(page(about)) < 4_000_000
