"""Schemas of bluesky_nexus and templates of NXWriter become recipes; what cannot is told."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from nxtool.authoring.deviceschemas import DeviceSchema, device_name
from nxtool.authoring.placing import place
from nxtool.authoring.runproposal import Asked, propose
from nxtool.authoring.writertemplates import template_wishes
from nxtool.build.convert import check
from nxtool.cli import new
from nxtool.config import lasting_schema
from nxtool.errors import NxtoolError
from nxtool.yamltree.yamlfile import parse
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write

SCHEMA = """\
nx_model: NXmonochromatorModel
nxclass: NXmonochromator
default: {nxclass: NXattr, value: energy}
energy:
  nxclass: NX_FLOAT
  value: $post-run:events:en
  dtype: float64
  attrs: {units: keV, source: "PV:1"}
  transformation: {expression: "3 * x**2 + np.exp(x+5) + np.arcsin(0.5)", target: value}
grating:
  nxclass: NXgrating
  diffraction_order: {nxclass: NX_INT, value: $pre-run-cpt:grating, dtype: int32}
  substrate_material: {nxclass: NX_CHAR, value: $pre-run-md:grating:substrate, dtype: str}
  period: {nxclass: NX_FLOAT, value: 1.5, attrs: {units: um}, shape: [1]}
  odd: {nxclass: NX_FLOAT, value: $what:is}
  moved: {nxclass: NX_FLOAT, value: $pre-run-cpt:x, transformation: {expression: x, target: y}}
  comment: just text
"""


def run_new(*arguments):
    """The exit code, stdout and stderr of `nxtool new`."""
    result = CliRunner().invoke(new.command, [str(one) for one in arguments])
    if isinstance(result.exception, NxtoolError):
        return 2, "", result.exception.message
    return result.exit_code, result.stdout, result.stderr


def entry_of(text):
    """The lines of the entry without comments."""
    lines = text[text.index("\nentry:") :].split("\n")
    kept = (line.partition("  #")[0].rstrip() for line in lines)
    return [line for line in kept if line.strip() and not line.lstrip().startswith("#")]


def mono_run(path):
    """A run of the device `mono` of the schema."""
    return write(
        path, START,
        descriptor({"mono_en": {**NUMBER, "units": "eV"}}),
        descriptor({"mono_grating": NUMBER}, uid="d2", name="baseline"),
        event(1, mono_en=7.0), event(1, uid="d2", mono_grating=1), STOP,
    )  # fmt: skip


def test_the_schema_of_a_device_becomes_its_group(tmp_path):
    (tmp_path / "nx_schema_mono.yml").write_text(SCHEMA)
    code, text, told = run_new("--from", tmp_path / "nx_schema_mono.yml", "--definition", "NXentry")
    assert code == 0
    assert entry_of(text) == [
        "entry:",
        "  instrument:",
        "    mono(NXmonochromator):",
        '      "$attrs":',
        "        default: energy",
        '      energy: {from: "run:primary/mono_en", '
        'expr: "3 * x**2 + exp(x+5) + asin(0.5)", dtype: float64, units: keV, '
        'attrs: {source: "PV:1"}}',
        "      grating:",
        '        diffraction_order: {from: "run:baseline/mono_grating@first", dtype: int32}',
        "        substrate_material: "
        '{from: "run:start/nexus_md/mono/grating/substrate_material/value"}',
        "        period: {value: 1.5, units: um}",
    ]
    assert [line for line in told.split("\n") if line.startswith("left out")] == [
        "left out: instrument/mono/grating/period: its shape [1] is not carried over",
        "left out: instrument/mono/grating/odd: '$what:is' is no placeholder that is known",
        "left out: instrument/mono/grating/moved: it transforms 'y'",
        "left out: instrument/mono/grating/comment: 'just text' says no class",
    ]
    assert text.split("\n")[0] == f"# {told.split(chr(10))[-5]}"


def test_the_group_that_a_definition_names_is_filled_by_the_only_device_of_its_class(tmp_path):
    (tmp_path / "nx_schema_mono.yml").write_text(SCHEMA)
    _, text, _ = run_new("--from", tmp_path / "nx_schema_mono.yml", "--definition", "NXxas")
    lines = entry_of(text)
    assert "    monochromator:" in lines
    assert not any("mono(NXmonochromator)" in line for line in lines)


def test_the_device_is_found_in_a_run_and_the_result_can_be_planned(tmp_path):
    (tmp_path / "anything.yml").write_text(SCHEMA)
    run = mono_run(tmp_path / "run.jsonl")
    target = tmp_path / "new.nx.yaml"
    code, _, _ = run_new(
        "--from", f"mono={tmp_path / 'anything.yml'}", "--from", run,
        "--definition", "NXentry", "-o", target,
    )  # fmt: skip
    assert code == 0
    outcome = check(target, lasting_schema([]))
    faults = [item.message for item in outcome.findings if item.code == "R05"]
    assert faults == [f"{run}: start: no value 'nexus_md/mono/grating/substrate_material/value'"]


def test_schemas_in_the_start_document_are_carried_over(tmp_path):
    tree = parse(SCHEMA, "").to_python()
    tree["grating"]["substrate_material"]["value"] = "silicon"
    started = ("start", {**START[1], "nexus_md": {"mono": tree}})
    told = descriptor({"mono_en": {**NUMBER, "units": "eV"}})
    run = write(tmp_path / "run.jsonl", started, told, event(1, mono_en=7.0), STOP)
    code, text, _ = run_new("--from", run, "--definition", "NXentry")
    assert code == 0
    assert "        substrate_material: silicon" in entry_of(text)


TEMPLATE = [
    ["/entry/_TEST:NXdata/array=", [1, 2, 3]],
    ["/entry/_TEST/@signal", "array"],
    ["/entry/_TEST/array", "/entry/_TEST/again"],
    ["/entry/instrument/bluesky/streams/primary/det/value", "/entry/det:NXdetector/data"],
    ["/entry/instrument/bluesky/streams/primary/det/time", "/entry/det:NXdetector/when"],
    ["/entry/instrument/bluesky/streams/baseline/x/value_end", "/entry/sample:NXsample/x"],
    ["/entry/instrument/bluesky/metadata/plan_name", "/entry/notes"],
    ["/entry/instrument/source/cycle", "/entry/cycle"],
    ["/entry/n=", {"a": 1}],
    ["/entry/n", 5],
]


def test_a_template_of_nxwriter_becomes_a_recipe(tmp_path):
    (tmp_path / "template.json").write_text(json.dumps(TEMPLATE))
    code, text, told = run_new("--from", tmp_path / "template.json", "--definition", "NXentry")
    assert code == 0
    assert entry_of(text) == [
        "entry:",
        '  "_TEST(NXdata)":',
        "    array: [1, 2, 3]",
        '    "$attrs":',
        "      signal: array",
        '    again: {link: "/entry/_TEST/array"}',
        "  det(NXdetector):",
        '    data: {from: "run:primary/det"}',
        '    when(NX_CHAR_OR_NUMBER): {from: "run:primary/det@elapsed"}',
        "  sample:",
        '    x(NX_CHAR_OR_NUMBER): {from: "run:baseline/x@last"}',
        '  notes(NX_CHAR_OR_NUMBER): {from: "run:start/plan_name"}',
    ]
    assert [line for line in told.split("\n") if line.startswith("left out")] == [
        'left out: ["/entry/instrument/source/cycle", "/entry/cycle"]: '
        "its source is of NXWriter's own layout",
        'left out: ["/entry/n=", {"a": 1}]: its value is dict, no text, number or list of one kind',
        'left out: ["/entry/n", 5]: its target is no path',
    ]


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other.yml").write_text("a: 1\n")
    code, _, told = run_new("--from", tmp_path / "other.yml", "--definition", "NXxas")
    assert (code, told) == (2, f"{tmp_path / 'other.yml'}: is no Bluesky run")


def test_a_nexus_file_leads_to_the_command_for_it(tmp_path):
    path = tmp_path / "old.nxs"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    code, _, told = run_new("--from", path, "--definition", "NXxas")
    assert (code, told) == (2, f"{path}: is an HDF5 file, no Bluesky run")


def test_two_runs_are_one_too_many(tmp_path):
    one, two = mono_run(tmp_path / "1.jsonl"), mono_run(tmp_path / "2.jsonl")
    code, _, told = run_new("--from", one, "--from", two, "--definition", "NXxas")
    assert (code, told.strip().split("\n")[-1]) == (
        2, f"Error: {one} and {two} are two runs: one is enough",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stem", "name"), [("nx_schema_mono", "mono"), ("mono_schema", "mono"), ("mono", "mono")]
)
def test_a_schema_file_is_called_after_its_device(stem, name):
    assert device_name(stem) == name


WORDS = ["value", "nxclass", "attrs", "units", "dtype", "transformation", "a", "é"]
PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False)
JSON = st.recursive(
    PLAIN | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(WORDS), inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_any_schema_gives_a_recipe_that_can_be_read(tree):
    device = DeviceSchema("mono")
    wishes = device.wishes(tree)
    made = propose_plain(wishes, device.left)
    parse(made.text, "")
    assert len(made.chosen) + len(made.left) >= len(wishes)


@given(st.lists(st.tuples(st.text(max_size=9).map(lambda one: f"/entry/{one}="), JSON), max_size=4))
def test_any_template_gives_a_recipe_that_can_be_read(pairs):
    wishes, left = template_wishes([list(one) for one in pairs])
    made = propose_plain(wishes, left)
    assert parse(made.text, "").to_python()["definition"] == "NXentry"


def propose_plain(wishes, left):
    from pathlib import Path

    asked = Asked(tuple(wishes), tuple(left))
    return propose(lasting_schema([]), "NXentry", None, {"path": "r.jsonl"}, Path("x"), asked)


def test_a_value_at_a_place_that_is_no_group_is_told():
    wishes, _ = template_wishes([["/entry/a=", 1], ["/entry/a/b=", 2]])
    placed = place(lasting_schema([]), "NXentry", "definition: NXentry\nentry: {}\n", wishes)
    assert len(placed.done) + len(placed.left) == 2
