# ruff: noqa: E501  a table of mistakes reads best with one message a line
"""Recipes load whole; mistakes are all named, each at its place."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import RecipeError
from nxtool.findings import Mark
from nxtool.recipe.checks import CollectedError
from nxtool.recipe.forms import parse_field, parse_group
from nxtool.recipe.model import TOP_LEVEL, Defaults, Provenance, Recipe, Waiver, load_recipe
from nxtool.recipe.transformations import parse_transformations
from nxtool.sources.model import SourceSpec

BEAMLINE = """\
# i99.nx.yaml - beamline defaults, kept by the beamline staff
defaults: {compression: bitshuffle-lz4, timezone: Europe/London}
entry:
  instrument:
    name: {value: I99 MX beamline, attrs: {short_name: I99}}
    attenuator: {attenuator_transmission: 1.0}
    beam:
      total_flux: 1.2e12 Hz
    detector:
      description: Eiger2 512
      sensor_thickness: 450 um
      saturation_value: 65534
      detector_module:
        data_origin: [0, 0]
        module_offset: {value: 1, units: m, attrs: {transformation_type: translation, vector: [0.0192, 0.0192, 0], depends_on: ../transformations/det_z}}
  source:
    name: {value: Facility X, attrs: {short_name: FX}}
    type: Synchrotron X-ray Source
"""
NXMX = """\
# yaml-language-server: $schema=./NXmx.schema.json
nxtool: 1
definition: NXmx
include: i99.nx.yaml
output: ${run}.nxs
vars:
  run: eig_1
  distance: 200 mm
sources:
  frames: {path: "${run}_0*.h5:/data", mode: virtual, expect: 2048}   # natural sort
  meta:   ${run}_meta.h5
entry:
  title: lysozyme crystal 3, fine slicing
  start_time: 2026-01-05T10:00:00             # zone from defaults
  instrument:
    beam:
      incident_wavelength: 0.976 angstrom
    detector:
      data: {from: frames}
      count_time: 10 ms
      distance: ${distance}
      pixel_mask: {from: "meta:/mask"}
      flatfield: {from: "meta:/flatfield", compression: bitshuffle-zstd}
      threshold_energy: {from: "meta:/_dectris/threshold_energy", units: eV}
      transformations:
        - {name: det_z, translate: [0, 0, 1], by: "${distance}"}
  sample:
    name: lysozyme
    temperature: 100 K
    transformations:                          # first = nearest the sample
      - {name: phi,   rotate: [-1, 0, 0], by: 0 deg}
      - {name: kappa, rotate: [0.642, 0.766, 0], by: 0 deg}
      - {name: omega, rotate: [-1, 0, 0], by: 0 deg, increment: 0.1 deg}
  $plot:
    signal: instrument/detector/data
    axes: [sample/transformations/omega, ., .]
"""
NXARPES = """\
nxtool: 1
definition: NXarpes
output: fermi_map.nxs
defaults: {timezone: Europe/Berlin, compression: "gzip:4"}
vars: {sample: Bi2Se3}
sources:
  cuts: {path: "cut_*.csv", format: matrix, skip_rows: 1}
  log:  scan_log.csv
entry:
  title: Fermi map of ${sample}
  instrument:
    source: {name: BESSY II, type: Synchrotron X-ray Source, probe: x-ray}
    analyser:
      data: {from: cuts, dtype: float32}
      entrance_slit_size: 300 um
      sensor_size: [900, 1040]
  sample:
    name: ${sample}
    temperature: {from: "log:temp_C", units: degC, to: K}
    phi(NX_FLOAT): {from: "log:phi_deg", units: deg}
  $plot:
    signal: instrument/analyser/data
    axes: [sample/phi, instrument/analyser/energies, instrument/analyser/angles]
"""


@pytest.fixture
def recipe_file(tmp_path, monkeypatch):
    """Writes recipes to the current folder, so that marks are short."""
    monkeypatch.chdir(tmp_path)

    def write(text, name="r.yaml"):
        path = Path(name)
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def nxmx(recipe_file):
    recipe_file(BEAMLINE, "i99.nx.yaml")
    return load_recipe(recipe_file(NXMX))


@pytest.fixture
def nxarpes(recipe_file):
    return load_recipe(recipe_file(NXARPES))


def at(node, *names):
    for name in names:
        node = node.get(name)
    return node


def test_the_mx_example_has_its_sources_with_variables_filled_in(nxmx):
    places = {"path": 18, "mode": 46, "expect": 63}
    assert nxmx.sources == {
        "frames": (
            SourceSpec("eig_1_0*.h5:/data", mode="virtual", expect=2048),
            {key: Mark("r.yaml", 10, column) for key, column in places.items()},
        ),
        "meta": (SourceSpec("eig_1_meta.h5"), {"path": Mark("r.yaml", 11, 11)}),
    }


def test_the_mx_example_has_the_defaults_of_the_beamline(nxmx):
    places = {"compression": Mark("i99.nx.yaml", 2, 25), "timezone": Mark("i99.nx.yaml", 2, 51)}
    assert nxmx.defaults == Defaults("bitshuffle-lz4", "Europe/London", marks=places)


def test_the_mx_example_keeps_places_in_both_files(nxmx):
    detector = at(nxmx.entries["entry"], "instrument", "detector")
    places = [at(detector, name).mark for name in ("description", "count_time", "distance")]
    assert places == [Mark("i99.nx.yaml", 10, 20), Mark("r.yaml", 20, 19), Mark("r.yaml", 21, 17)]


def test_the_mx_example_names_its_output_and_files(nxmx):
    files = (Path("r.yaml"), Path("i99.nx.yaml"))
    assert (nxmx.output, nxmx.files, nxmx.file) == ("eig_1.nxs", files, Path("r.yaml"))


def test_the_mx_example_has_sound_forms(nxmx):
    problems = []
    entry = parse_group(nxmx.entries["entry"], problems)
    assert [axis.text for axis in entry.plot.axes] == ["sample/transformations/omega", ".", "."]
    steps = parse_transformations(at(nxmx.entries["entry"], "sample", "transformations"), problems)
    assert [(step.name.text, step.vector) for step in steps] == [
        ("phi", (-1.0, 0.0, 0.0)),
        ("kappa", (0.642, 0.766, 0.0)),
        ("omega", (-1.0, 0.0, 0.0)),
    ]
    assert problems == []


def test_the_arpes_example_keeps_the_options_of_its_format(nxarpes):
    assert nxarpes.sources["cuts"][0] == SourceSpec("cut_*.csv", "matrix", options={"skip_rows": 1})


def test_the_arpes_example_has_sound_fields(nxarpes):
    problems = []
    sample = at(nxarpes.entries["entry"], "sample")
    form = parse_field(at(sample, "temperature"), problems)
    assert (form.source.source, form.source.selector, form.units, form.to) == (
        "log",
        "temp_C",
        "degC",
        "K",
    )
    assert problems == []


def test_the_definition_has_a_place(nxarpes):
    assert (nxarpes.definition, nxarpes.definition_mark) == ("NXarpes", Mark("r.yaml", 2, 13))


@pytest.mark.parametrize("text", [NXARPES, NXMX.replace("include: i99.nx.yaml\n", "")])
def test_the_merged_text_reads_as_the_same_recipe(recipe_file, text):
    first = load_recipe(recipe_file(text))
    again = load_recipe(recipe_file(first.text))
    assert again.text == first.text
    assert {k: v.to_python() for k, v in again.entries.items()} == {
        k: v.to_python() for k, v in first.entries.items()
    }


def test_the_merged_text_has_values_of_the_environment(recipe_file):
    text = (
        HEAD
        + "vars: {user: '${env.WHO}', odd: '$${x}', who: '${user}'}\nentry: {title: '${user} ${odd}'}\n"
    )
    recipe = load_recipe(recipe_file(text), environment={"WHO": "ann ${x}"})
    again = load_recipe(recipe_file(recipe.text), environment={})
    assert at(again.entries["entry"], "title").value == "ann ${x} ${x}"


HEAD = "nxtool: 1\ndefinition: NXsas\n"
MINIMAL = HEAD + "entry: {}\n"


def test_a_recipe_may_have_several_entries(recipe_file):
    recipe = load_recipe(recipe_file(HEAD + "a(NXentry): {title: x}\nb(NXentry): {}\n"))
    assert {name: entry.to_python() for name, entry in recipe.entries.items()} == {
        "a": {"title": "x"},
        "b": {},
    }


def test_waivers_keep_reason_and_place(recipe_file):
    recipe = load_recipe(recipe_file(MINIMAL + "waive:\n  /entry/title: lost\n"))
    assert recipe.waive == {"/entry/title": Waiver("lost", Mark("r.yaml", 5, 3))}


def test_provenance_can_be_chosen(recipe_file):
    recipe = load_recipe(recipe_file(MINIMAL + "provenance: {embed: none, hash: none}\n"))
    assert recipe.provenance == Provenance("none", "none")


def test_settings_win_over_files(recipe_file):
    recipe = load_recipe(recipe_file(MINIMAL), ["entry.sample.temperature=4 K", "output=a.nxs"])
    temperature = at(recipe.entries["entry"], "sample", "temperature")
    assert temperature.mark == Mark("--set entry.sample.temperature=4 K", 1, 1)
    assert (temperature.value, recipe.output) == ("4 K", "a.nxs")


MISTAKES = [
    ("definition: NXsas\nentry: {}\n", "r.yaml:1:1: the version of the recipe language is missing (begin with `nxtool: 1`)"),
    ("nxtool: 2\ndefinition: NXsas\nentry: {}\n", "r.yaml:1:9: version '2' of the recipe language is unknown (write `nxtool: 1`)"),
    ("nxtool: true\ndefinition: NXsas\nentry: {}\n", "r.yaml:1:9: version 'true' of the recipe language is unknown (write `nxtool: 1`)"),
    ("nxtool: 1\nentry: {}\n", "r.yaml:1:1: the definition is missing (like definition: NXsas)"),
    ("nxtool: 1\ndefinition:\nentry: {}\n", "r.yaml:2:1: the definition is missing (like definition: NXsas)"),
    ("nxtool: 1\ndefinition: [NXsas]\nentry: {}\n", "r.yaml:2:13: definition must be text, not a list (write one text)"),
    (HEAD, "r.yaml:1:1: the recipe has no entry (write entry:)"),
    (HEAD + "entry:\n", "r.yaml:3:7: entry must be a mapping, not nothing"),
    (HEAD + "entry: 5\n", "r.yaml:3:8: entry must be a mapping, not '5'"),
    (HEAD + "entri: {}\n", "r.yaml:3:1: unknown name 'entri' (did you mean entry?)"),
    (HEAD + "a(NXsample): {}\n", "r.yaml:3:3: NXsample cannot stand at the top (only NXentry can)"),
    (HEAD + "a(NXentry: {}\n", "r.yaml:3:1: 'a(NXentry' is not name(type) (like panel_2(NXdetector) or phi(NX_FLOAT))"),
    (HEAD + "entry(NXentry): {}\nentry: {}\n", "r.yaml:4:1: entry 'entry' stands here again (give it another name)"),
    (HEAD + "-a(NXentry): {}\n", "r.yaml:3:1: '-a' is not a NeXus name (use letters, digits, _ and . within)"),
    (MINIMAL + "outputs: x\n", "r.yaml:4:1: unknown name 'outputs' (did you mean output?)"),
    (MINIMAL + "output: {a: 1}\n", "r.yaml:4:9: output must be text, not a mapping (write one text)"),
    (MINIMAL + "output: true\n", "r.yaml:4:9: output must be text, not 'true' (put it into quotes)"),
    (MINIMAL + "vars: [a]\n", "r.yaml:4:7: vars must be a mapping, not a list (like vars: {name: value})"),
    (MINIMAL + "vars: {a-b: 1}\n", "r.yaml:4:8: 'a-b' cannot name a variable (use letters, digits and _)"),
    (MINIMAL + "output: a_${rum}\nvars: {run: 1}\n", "r.yaml:4:11: unknown variable 'rum' (did you mean run?)"),
    (MINIMAL + 'output: "a_${rum}"\nvars: {other: 1}\n', "r.yaml:4:12: unknown variable 'rum' (known: other)"),
    (MINIMAL + "output: ${x}\n", "r.yaml:4:9: unknown variable 'x' (set it under vars: {x: ...})"),
    (MINIMAL + "output: ${env.USER}\n", 'r.yaml:4:9: the environment is read only under vars (write vars: {user: "${env.USER}"} and use that)'),
    (MINIMAL + "vars:\n  a: ${env.NOT_THERE}\n", "r.yaml:5:6: environment variable 'NOT_THERE' is not set (export NOT_THERE=...)"),
    (MINIMAL + "vars:\n  a: ${b}\n  b: 1\n", "r.yaml:5:6: variable 'b' is not known here (only single values that stand above it can be used)"),
    (MINIMAL + "vars: {a: [1, 2]}\noutput: x${a}\n", "r.yaml:5:10: 'a' is not a single value (only text and numbers stand within text)"),
    (MINIMAL + "vars: {a: ~}\noutput: x${a}\n", "r.yaml:5:10: 'a' has no value (only text and numbers stand within text)"),
    (MINIMAL + "vars: {a: x}\noutput: ${a:04d}\n", "r.yaml:5:9: 'x' does not fit format '04d' (use a format for text, or give the variable a number)"),
    (MINIMAL + "vars: {a: x}\noutput: ${a:>9999999999}\n", "r.yaml:5:9: format '>9999999999' is not understood (like 04d, .3f, >8 or 2x)"),
    (MINIMAL + "vars: {a: x}\noutput: ${a.__class__}\n", "r.yaml:5:9: unknown variable 'a.__class__' (known: a)"),
    (MINIMAL + "vars: {a: x}\noutput: ${a[0]}\n", "r.yaml:5:9: '${a[0]}' does not name a variable (write ${name} or ${name:04d}; a literal ${ is written $${)"),
    (MINIMAL + "output: x${a\n", "r.yaml:4:10: a variable is not closed (close it with }; a literal ${ is written $${)"),
    (MINIMAL + "defaults: {compresion: gzip}\n", "r.yaml:4:12: unknown name 'compresion' (did you mean compression?)"),
    (MINIMAL + "defaults: {timezone: Europe/Berln}\n", "r.yaml:4:22: unknown time zone 'Europe/Berln' (did you mean Europe/Berlin, Europe/Belfast, Europe/Helsinki?)"),
    (MINIMAL + "defaults: {timezone: ../../etc/passwd}\n", "r.yaml:4:22: unknown time zone '../../etc/passwd' (like Europe/Berlin or UTC)"),
    (MINIMAL + "defaults: {chunks: [0, 5]}\n", "r.yaml:4:20: chunks must be whole numbers from 1, not a list (like [1, 512, 512])"),
    (MINIMAL + "defaults: {strings: vlen}\n", "r.yaml:4:21: strings cannot be 'vlen' (one of variable, fixed)"),
    (MINIMAL + "defaults: {missing: nan}\n", "r.yaml:4:21: missing cannot be 'nan' (one of error, skip)"),
    (MINIMAL + "sources: x.h5\n", "r.yaml:4:10: sources must be a mapping, not 'x.h5' (like sources: {name: value})"),
    (MINIMAL + "sources: {a: [x.h5]}\n", "r.yaml:4:14: a must be a path or a mapping, not a list (like {path: \"cut_*.csv\"})"),
    (MINIMAL + "sources: {a: 5}\n", "r.yaml:4:14: a must be a path or a mapping, not '5' (like {path: \"cut_*.csv\"})"),
    (MINIMAL + "sources: {'a:b': x}\n", "r.yaml:4:11: 'a:b' cannot name a source (use letters, digits and _)"),
    (MINIMAL + "sources: {a: {mode: copy}}\n", "r.yaml:4:14: source 'a' has no path (like path: \"cut_*.csv\")"),
    (MINIMAL + "sources: {a: {path: x, mod: copy}}\n", "r.yaml:4:24: unknown name 'mod' (did you mean mode?)"),
    (MINIMAL + "sources: {a: {path: x, wings: 2}}\n", "r.yaml:4:24: unknown name 'wings' (options of a format stand under options)"),
    (MINIMAL + "sources: {a: {path: x, mode: move}}\n", "r.yaml:4:30: mode cannot be 'move' (one of copy, link, virtual, external)"),
    (MINIMAL + "sources: {a: {path: x, expect: many}}\n", "r.yaml:4:32: expect must be a whole number, not 'many' (like expect: 12)"),
    (MINIMAL + "sources: {a: {path: x, expect: -1}}\n", "r.yaml:4:32: expect must be a whole number, not '-1' (like expect: 12)"),
    (MINIMAL + "waive: {/entry/title: }\n", "r.yaml:4:23: waiving /entry/title needs a reason (write why in a few words; it is kept in the file)"),
    (MINIMAL + "provenance: {embed: all}\n", "r.yaml:4:21: embed cannot be 'all' (one of none, recipe, residual, raw)"),
    (MINIMAL + "provenance: {embed: raw, hash: none}\n", "r.yaml:4:32: embed: raw needs checksums (write hash: sha256, or leave it out)"),
    (MINIMAL + "provenance: {hash: md5}\n", "r.yaml:4:20: hash cannot be 'md5' (one of none, sha256)"),
    (MINIMAL + "provenance: {embd: raw}\n", "r.yaml:4:14: unknown name 'embd' (did you mean embed?)"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: 5}\n", "r.yaml:4:35: $repeat must be a mapping of names to lists or ranges, not '5' ({i: 0..7, z: [...]})"),
    (HEAD + "entry:\n  'p(NXdetector)': {$repeat: {i: 0..1}}\n", "r.yaml:4:3: 'p(NXdetector)' comes out twice (use the variables in the name)"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: {i: 0..2, z: [1]}}\n", "r.yaml:4:35: lists of $repeat differ in length: i has 3, z has 1 (give each the same number of values)"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: {i: 0..99999999}}\n", "r.yaml:4:39: range 0..99999999 is empty or too long (1 to 10000 values, last one included)"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: {rows: log}}\n", "r.yaml:4:42: there is no source 'log' (sources: none)"),
    (HEAD + "sources: {log: log.csv}\nentry:\n  'p_${i}(NXdetector)': {$repeat: {rows: lok}}\n", "r.yaml:5:42: there is no source 'lok' (did you mean log?)"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: {rows: [log]}}\n", "r.yaml:4:42: rows must be the name of a source, not a list ({rows: log})"),
    (HEAD + "entry:\n  'p_${i}(NXdetector)': {$repeat: {i: many}}\n", "r.yaml:4:39: i must be a list or a range, not 'many' (a range is written 0..7)"),
    ("5\n", "r.yaml:1:1: a recipe is a mapping of names to values, not a number (write name: value)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_mistake_is_named_once_at_its_place(recipe_file, text, message):
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe_file(text))
    assert str(caught.value) == message


def test_mistakes_are_reported_together_in_file_order(recipe_file):
    text = MINIMAL + "defaults: {strings: x}\nsources: {a: 5}\nzzz: 1\n"
    with pytest.raises(CollectedError) as caught:
        load_recipe(recipe_file(text))
    assert [problem.mark.line for problem in caught.value.problems] == [4, 5, 6]
    hint = "one of variable, fixed; 2 more mistakes"
    assert str(caught.value) == f"r.yaml:4:21: strings cannot be 'x' ({hint})"


def test_a_caller_may_collect_mistakes_and_go_on(recipe_file):
    problems = []
    recipe = load_recipe(recipe_file(MINIMAL + "sources: {a: 5, b: x.h5}\n"), problems=problems)
    assert [(problem.code, problem.severity) for problem in problems] == [("R02", "error")]
    assert [name for name, (spec, _) in recipe.sources.items() if spec is not None] == ["b"]


def test_wrong_variables_stop_even_a_caller_who_collects(recipe_file):
    with pytest.raises(CollectedError):
        load_recipe(recipe_file(MINIMAL + "output: ${x}\n"), problems=[])


WORDS = st.sampled_from(
    [
        "path",
        "format",
        "expect",
        "missing",
        "mode",
        "options",
        "skip_rows",
        "compression",
        "timezone",
        "chunks",
        "embed",
        "x",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(["${x}", "a:b", "UTC", "NXsas"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)
TOPS = st.sampled_from([name for name in TOP_LEVEL if name != "include"] + ["b(NXentry)", "z"])


@given(tree=st.dictionaries(TOPS, VALUES, max_size=6))
def test_any_mapping_is_a_recipe_or_a_recipe_error(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    text = repr(tree).replace("None", "null").replace("True", "true").replace("False", "false")
    path.write_text(text, "utf-8")
    with contextlib.suppress(RecipeError):
        assert isinstance(load_recipe(path, problems=[], environment={}), Recipe)
