"""A run to a first recipe: what fits is proposed with the reason, nothing that a plan refuses."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import nxtool
from nxtool.authoring.runproposal import asked_by_run, propose
from nxtool.build.convert import check
from nxtool.build.fromrun import RunRequest, open_run
from nxtool.config import lasting_schema
from tests.nexusformat import is_explained, nexusformat_errors
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write

POINTS = 5


def number(units=None, **more):
    return {**NUMBER, **({"units": units} if units else {}), **more}


def start(**more):
    hints = {"dimensions": [[["mono_en"], "primary"]]}
    return "start", {**START[1], "hints": hints, "detectors": ["ion", "vortex"], **more}


def absorption(path, **more):
    """A scan of the energy with two detectors."""
    keys = {"mono_en": number("keV"), "i0": number("V"), "if_sum": number("V")}
    told = descriptor(
        keys,
        hints={
            "mono": {"fields": ["mono_en"], "NX_class": "NXmonochromator"},
            "ion": {"fields": ["i0"]},
            "vortex": {"fields": ["if_sum"], "NX_class": "NXdetector"},
        },
        object_keys={"mono": ["mono_en"], "ion": ["i0"], "vortex": ["if_sum"]},
    )
    numbers = range(1, POINTS + 1)
    events = [event(n, mono_en=7.1 + n / 100, i0=float(n), if_sum=2.0 * n) for n in numbers]
    return write(path, start(**more), told, *events, STOP)


def proposed(path, definition):
    opened = open_run(path, RunRequest())
    with opened.source:
        return propose(
            lasting_schema([]), definition, opened, {"path": path.name},
            path.parent / "new.nx.yaml", asked_by_run(opened),
        )  # fmt: skip


def unexplained(path):
    """What nexusformat's validator has against a file."""
    return [one for one in nexusformat_errors(path) if not is_explained(one)]


def without_comments(text):
    return [line for line in text.split("\n") if not line.lstrip().startswith("#")]


def test_hints_units_and_names_say_what_is_what(tmp_path):
    made = proposed(absorption(tmp_path / "run.jsonl"), "NXxas")
    assert made.chosen == {
        "/entry/title": "run:start/plan_name",
        "/entry/start_time": "run:start/time@iso",
        "/entry/instrument/monochromator/energy": "run:primary/mono_en",
        "/entry/instrument/incoming_beam/data": "run:primary/i0",
        "/entry/instrument/absorbed_beam/data": "run:primary/if_sum",
        "/entry/sample/name": "run:start/sample/name",
        "/entry/monitor/data": "run:primary/i0",
    }
    assert made.missing == (
        "/entry/instrument/source/type",
        "/entry/instrument/source/name",
        "/entry/monitor/mode",
        "/entry/monitor/preset",
        "/entry/data/mode",
    )


def test_every_reference_says_why_on_the_line_above(tmp_path):
    lines = proposed(absorption(tmp_path / "run.jsonl"), "NXxas").text.split("\n")
    place = next(n for n, line in enumerate(lines) if "run:primary/mono_en" in line)
    assert lines[place - 1].strip() == (
        "# its device is an NXmonochromator (hints), named energy, of monochromator, "
        "what was scanned (hints), in keV"
    )


def test_the_proposal_filled_in_becomes_a_valid_nxxas(tmp_path):
    made = proposed(absorption(tmp_path / "run.jsonl"), "NXxas")
    (tmp_path / "new.nx.yaml").write_text(made.text)
    settings = [
        "entry.instrument.source.type=Synchrotron X-ray Source",
        "entry.instrument.source.name=BESSY II",
        "entry.monitor.mode=timer",
        "entry.monitor.preset=1 s",
        "entry.data.mode=Fluorescence Yield",
    ]
    outcome = nxtool.convert(tmp_path / "new.nx.yaml", settings=settings)
    assert [str(item) for item in outcome.findings if item.severity != "info"] == []
    assert nxtool.validate(tmp_path / "xas.nxs").ok
    assert unexplained(tmp_path / "xas.nxs") == []
    with h5py.File(tmp_path / "xas.nxs") as file:
        assert file["entry/data/energy"].attrs["units"] == "keV"
        assert file["entry/instrument/absorbed_beam/data"][()].tolist() == [2, 4, 6, 8, 10]


def test_the_proposal_filled_in_becomes_a_valid_nxscan(tmp_path):
    frames = {"dtype": "array", "shape": [2, 3], "dtype_numpy": "<i4", "source": "sim"}
    keys = {"phi": number("deg"), "cam": frames, "mon": number(dtype_numpy="<i8")}
    told = descriptor(keys, hints={"cam": {"fields": ["cam"]}})
    hints = {"dimensions": [[["phi"], "primary"]]}
    image = np.arange(6).reshape(2, 3).tolist()
    events = [event(n, phi=1.0 * n, cam=image, mon=n) for n in (1, 2, 3)]
    path = write(tmp_path / "run.jsonl", start(hints=hints, detectors=["cam"]), told, *events, STOP)
    made = proposed(path, "NXscan")
    assert made.missing == ()
    (tmp_path / "new.nx.yaml").write_text(made.text)
    outcome = nxtool.convert(tmp_path / "new.nx.yaml")
    assert [str(item) for item in outcome.findings if item.severity == "error"] == []
    assert nxtool.validate(tmp_path / "scan.nxs").ok
    assert unexplained(tmp_path / "scan.nxs") == []


def test_the_proposal_filled_in_becomes_a_valid_nxsas(tmp_path):
    frames = {"dtype": "array", "shape": [2, 3], "dtype_numpy": "<i4", "source": "sim"}
    keys = {"pilatus_image": frames, "pilatus_distance": number("mm")}
    told = descriptor(keys, hints={"pilatus": {"fields": ["pilatus_image"]}})
    shot = event(1, pilatus_image=[[1, 2, 3], [4, 5, 6]], pilatus_distance=800.0)
    more = start(hints={}, detectors=["pilatus"], beamline="I22")
    made = proposed(write(tmp_path / "run.jsonl", more, told, shot, STOP), "NXsas")
    assert made.chosen["/entry/instrument/name"] == "run:start/beamline"
    assert made.chosen["/entry/instrument/detector/data"] == "run:primary/pilatus_image[0]"
    assert made.chosen["/entry/instrument/detector/distance"] == "run:primary/pilatus_distance"
    (tmp_path / "new.nx.yaml").write_text(made.text)
    settings = [
        "entry.instrument.source.type=Synchrotron X-ray Source",
        "entry.instrument.source.probe=x-ray",
        "entry.instrument.monochromator.wavelength=1 angstrom",
        "entry.instrument.detector.x_pixel_size=172 um",
        "entry.instrument.detector.y_pixel_size=172 um",
    ]
    outcome = nxtool.convert(tmp_path / "new.nx.yaml", settings=settings)
    assert [str(item) for item in outcome.findings if item.severity == "error"] == []
    assert nxtool.validate(tmp_path / "sas.nxs").ok
    assert unexplained(tmp_path / "sas.nxs") == []


def test_what_the_plan_refuses_stays_null_and_says_so(tmp_path):
    made = proposed(absorption(tmp_path / "run.jsonl"), "NXscan")
    assert "/entry/instrument/detector/data" in made.missing
    refused = [line.strip() for line in made.text.split("\n") if "comes nearest" in line]
    assert refused == [
        "# run:primary/if_sum comes nearest (its device is an NXdetector (hints)), "
        "but: has rank 1, not 3"
    ]


def test_a_word_in_common_does_not_make_a_long_name(tmp_path):
    keys = {"acceleration_time": number("s"), "spin_time": number()}
    told = descriptor(keys)
    shot = event(1, acceleration_time=1.0, spin_time=1.0)
    path = write(tmp_path / "run.jsonl", start(hints={}), told, shot, STOP)
    assert "run:primary/spin_time" not in proposed(path, "NXarchive").chosen.values()


@pytest.mark.parametrize("definition", ["NXxas", "NXscan", "NXsas", "NXentry"])
def test_a_proposal_can_always_be_planned(tmp_path, definition):
    made = proposed(absorption(tmp_path / "run.jsonl"), definition)
    (tmp_path / "new.nx.yaml").write_text(made.text)
    outcome = check(tmp_path / "new.nx.yaml", lasting_schema([]))
    assert {item.code for item in outcome.findings if item.severity == "error"} <= {"O01"}


PROJECTION = {
    "/entry/instrument/monochromator/energy": {
        "type": "linked", "location": "event", "stream": "primary", "field": "mono_en",
    },
    "/entry/sample:NXsample/chemical_formula": {"type": "static", "value": "Fe2O3"},
    "/entry/purpose": {"type": "linked", "location": "start", "field": "purpose"},
    "/entry/mu": {
        "type": "calculated", "location": "event", "stream": "primary", "field": "mu",
        "calculation": {"callable": "numpy.log"},
    },
    "/entry/lost": {"type": "linked", "location": "event", "stream": "primary", "field": "nothing"},
}  # fmt: skip


def test_projections_of_the_run_are_carried_over_or_told(tmp_path):
    named = [{"name": "xas", "version": "1", "configuration": {}, "projection": PROJECTION}]
    path = absorption(tmp_path / "run.jsonl", projections=named, purpose="test")
    made = proposed(path, "NXxas")
    assert made.left == (
        "projection xas: /entry/mu: is calculated by numpy.log: write expr",
        f"projection xas: /entry/lost: {path}: primary: no key 'nothing'",
    )
    assert [f"# left out: {one}" for one in made.left] == made.text.split("\n")[:2]
    lines = [line.strip().partition("  #")[0] for line in without_comments(made.text)]
    assert "chemical_formula: Fe2O3" in lines
    assert 'purpose(NX_CHAR): {from: "run:start/purpose"}' in lines


HOSTILE = [
    {"projections": "no list"},
    {"projections": [1, {"projection": 2}, {"projection": {"": {}, "/": 1, "a/b": None}}]},
    {"projections": [{"projection": {"/entry/../x": {"type": "static", "value": {"a": 1}}}}]},
    {"nexus_md": {"mono": {"nxclass": "NXno", "x": {"value": 1}}}},
    {"nexus_md": {"mono\n": {"nxclass": 5, "x": {"value": "$post-run:events:"}}}},
    {"nxwriter_template": "[[["},
    {"nxwriter_template": [["/entry/@", 1], ["//=", [[]]], ["/entry/x=", "${y}"]]},
    {"hints": {"dimensions": 3}},
]


@pytest.mark.parametrize("more", HOSTILE)
def test_odd_metadata_is_told_and_never_a_crash(tmp_path, more):
    made = proposed(absorption(tmp_path / "run.jsonl", **more), "NXxas")
    (tmp_path / "new.nx.yaml").write_text(made.text)
    outcome = check(tmp_path / "new.nx.yaml", lasting_schema([]))
    assert {item.code for item in outcome.findings if item.severity == "error"} <= {"O01"}
