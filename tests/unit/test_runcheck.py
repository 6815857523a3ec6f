"""References to a run are checked against the definition: with a run like it, and before there is
one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from nxtool.build.convert import check
from nxtool.cli import check as checking
from nxtool.cli import convert as converting
from nxtool.config import lasting_schema
from nxtool.errors import SourceError
from nxtool.sources.runselectors import check_form
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write

RECIPE = """\
nxtool: 1
definition: NXxas
output: xas.nxs
sources:
  run: {path: run.jsonl}
entry:
  title: {from: "run:start/plan_name"}
  start_time: {from: "run:start/time@iso"}
  instrument:
    source: {type: Synchrotron X-ray Source, name: BESSY II}
    monochromator:
      energy: {from: "run:primary/mono_en"}
    incoming_beam:
      data: {from: "run:primary/i0"}
    absorbed_beam:
      data: {from: "run:primary/i1"}
  sample:
    name: {from: "run:start/sample/name"}
    temperature: {from: "run:baseline/stage_temp@first"}
  monitor:
    mode: timer
    preset: {from: "run:config/det/count_time"}
    data: {from: "run:primary/i0"}
  data:
    mode: Transmission
"""


ENERGY = "/entry/instrument/monochromator/energy"


def number(units=None, **more):
    return {**NUMBER, **({"units": units} if units else {}), **more}


def run_file(path, **keys):
    """A run like the one to come; `keys` change what its descriptors declare."""
    known = {"mono_en": number("eV"), "i0": number("A"), "i1": number("A")}
    settings = {"det_count_time": 0.1}
    configured = {
        "data": settings, "timestamps": dict.fromkeys(settings, 1.7e9),
        "data_keys": {"det_count_time": number("s")},
    }  # fmt: skip
    declared = descriptor({**known, **keys}, configuration={"det": configured})
    before = descriptor({"stage_temp": keys.get("stage_temp", number("K"))}, "d2", "baseline")
    events = [event(n, **{key: float(n) for key in known}) for n in (1, 2, 3)]
    baseline = [event(n, "d2", stage_temp=20.0 + n) for n in (1, 2)]
    return write(path, START, declared, before, *events, *baseline, STOP)


def told(path, *changes, settings=()):
    """What `check` says of the recipe at a path, notes left out: code, place, sentence."""
    text = RECIPE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    outcome = check(path, lasting_schema([]), settings)
    findings = [item for item in outcome.findings if item.severity != "info"]
    return [(item.code, item.path, item.message) for item in findings]


def test_a_run_that_fits_is_told_to_fit(tmp_path):
    run_file(tmp_path / "run.jsonl")
    assert told(tmp_path / "a.nx.yaml") == []


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {"mono_en": number("mm")},
            ("U03", f"{ENERGY}@units", "'mm' is not NX_ENERGY (like eV)"),
        ),
        (
            {"stage_temp": number("eV")},
            ("U03", "/entry/sample/temperature@units", "'eV' is not NX_TEMPERATURE (like K)"),
        ),
        (
            {"mono_en": number("eV", dtype_numpy="<i8")},
            ("T05", ENERGY, "is int64, not NX_FLOAT"),
        ),
    ],
)
def test_what_does_not_fit_the_definition_is_told(tmp_path, keys, problem):
    run_file(tmp_path / "run.jsonl", **keys)
    assert told(tmp_path / "a.nx.yaml") == [problem]


def test_a_value_of_another_type_or_shape_is_told(tmp_path):
    run_file(tmp_path / "run.jsonl", i0=number("A", dtype="array", shape=[2]))
    text = (tmp_path / "run.jsonl").read_text()
    pairs = text.replace('"i0": 1.0', '"i0": [1, 2]').replace('"i0": 2.0', '"i0": [1, 2]')
    (tmp_path / "run.jsonl").write_text(pairs.replace('"i0": 3.0', '"i0": [1, 2]'))
    wrong = "run:start/sample/name", "run:config/det/count_time"
    changed = "run:start/time", "run:start/uid"
    assert told(tmp_path / "a.nx.yaml", *zip(wrong, changed, strict=True)) == [
        ("D01", "/entry/instrument/incoming_beam/data", "has rank 2, not 1"),
        ("D01", "/entry/monitor/data", "has rank 2, not 1"),
        ("T05", "/entry/monitor/preset", "is string, not NX_FLOAT"),
        ("T01", "/entry/sample/name", "is float64, not NX_CHAR"),
    ]


def test_a_key_that_is_not_there_hides_nothing_that_is_missing(tmp_path):
    run_file(tmp_path / "run.jsonl")
    changes = ("run:primary/mono_en", "run:primary/en"), ("    mode: Transmission", "    {}")
    assert told(tmp_path / "a.nx.yaml", *changes) == [
        ("R05", "", f"{tmp_path / 'run.jsonl'}: primary: no key 'en'"),
        ("O01", "/entry/data/mode", "required field mode (NX_CHAR_OR_NUMBER) is missing"),
    ]


NOT_YET = (
    "R04", "", "run.jsonl: is not there yet; 9 references to it are checked in form alone",
)  # fmt: skip


def test_a_run_to_come_leaves_what_it_will_bring_unjudged(tmp_path):
    assert told(tmp_path / "a.nx.yaml") == [NOT_YET]


def test_what_is_not_mapped_is_told_before_there_is_a_run(tmp_path):
    gone = "    temperature: ", '    "pressure(NX_FLOAT)": '
    missing = '    name: {from: "run:start/sample/name"}\n', ""
    found = told(tmp_path / "a.nx.yaml", gone, missing)
    assert found[0] == (
        "O01", "/entry/sample/name", "required field name (NX_CHAR) is missing",
    )  # fmt: skip
    assert [code for code, _, _ in found] == ["O01", "R04"]


def test_a_run_of_yesterday_can_stand_in(tmp_path):
    run_file(tmp_path / "yesterday.jsonl", mono_en=number("mm"))
    found = told(tmp_path / "a.nx.yaml", settings=["sources.run.path=yesterday.jsonl"])
    assert [code for code, _, _ in found] == ["U03"]


def test_the_command_tells_and_does_not_fail_over_a_run_to_come(tmp_path):
    (tmp_path / "a.nx.yaml").write_text(RECIPE)
    result = CliRunner().invoke(checking.check, [str(tmp_path / "a.nx.yaml")])
    assert (result.exit_code, result.exception) == (0, None)
    result = CliRunner().invoke(converting.convert, [str(tmp_path / "a.nx.yaml")])
    assert result.exit_code == 2
    assert not (tmp_path / "xas.nxs").exists()


@pytest.mark.parametrize(
    "selector",
    [
        "start/time", "start/time@iso", "start/sample/name", "stop/reason", "documents",
        "primary/x", "primary/x@first", "primary/x@grid[0, :]", "primary@time", "config/det/x",
        "config/det/a/b@last", "primary/x[0]",
    ],
)  # fmt: skip
def test_the_form_of_a_selector_is_right(selector):
    check_form(selector)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("", "'' names nothing of a run"),
        ("/entry/x", "'/entry/x' names nothing of a run"),
        ("start", "start is a document"),
        ("start/time@first", "start/time has no @first"),
        ("primary", "primary is a stream"),
        ("primary@first", "primary has no @first"),
        ("primary/x@iso", "primary/x has no @iso"),
        ("config/det", "'config/det' names no setting"),
        ("config/det/x@grid", "config/det/x has no @grid"),
    ],
)
def test_the_form_of_a_selector_is_wrong(selector, message):
    with pytest.raises(SourceError) as caught:
        check_form(selector)
    assert caught.value.message == message


def test_a_selector_of_wrong_form_is_told_at_its_place(tmp_path):
    found = told(tmp_path / "a.nx.yaml", ("run:primary/mono_en", "run:primary"))
    assert found == [("R04", "", "primary is a stream"), NOT_YET]


def test_axes_and_plots_of_a_run_to_come_are_not_judged(tmp_path):
    (tmp_path / "a.nx.yaml").write_text(
        "nxtool: 1\ndefinition: NXentry\noutput: a.nxs\nsources: {run: later.jsonl}\nentry:\n"
        "  sample:\n"
        "    transformations:\n"
        '      - {name: phi, rotate: [0, 1, 0], from: "run:primary/phi", units: deg}\n'
        "      - {name: height, translate: [0, 1, 0], by: 1 mm}\n"
        '  data: {"y(NX_NUMBER)": {from: "run:primary/y", expr: 2*x, units: m, to: mm}}\n'
        "  $plot: {signal: data/y, axes: [sample/transformations/phi]}\n"
    )
    outcome = check(tmp_path / "a.nx.yaml", lasting_schema([]))
    assert [item.message for item in outcome.findings if item.severity != "info"] == [
        "later.jsonl: is not there yet; 2 references to it are checked in form alone"
    ]
