"""JSON Schema of recipes: correct, of bounded size, right about right and wrong recipes."""

from __future__ import annotations

import json

import jsonschema
import pytest
from jsonschema.exceptions import best_match

from nxtool.schema.compile import default_schema
from nxtool.schema.editor import json_schema
from nxtool.schema.template import template
from nxtool.yamltree.yamlfile import parse
from tests.fill import filled_recipe

ARPES = """
nxtool: 1
definition: NXarpes
output: fermi_map.nxs
defaults: {timezone: Europe/Berlin, compression: "gzip:4"}
vars: {sample: Bi2Se3}
sources:
  cuts: {path: "cut_*.csv", format: matrix, skip_rows: 1}
  log:  scan_log.csv
  kin:  kinetic.csv
  ang:  angle.csv
entry:
  title: Fermi map of ${sample}
  start_time: 2026-01-05T10:00:00
  instrument:
    source: {name: BESSY II, type: Synchrotron X-ray Source, probe: x-ray}
    monochromator: {energy: 55 eV}
    analyser:
      data: {from: cuts, dtype: float32}
      lens_mode: A30
      acquisition_mode: fixed
      entrance_slit_shape: straight
      entrance_slit_setting: 0.3
      entrance_slit_size: 300 um
      pass_energy: 20 eV
      time_per_channel: 250 ms
      angles: {from: "ang:theta", units: deg}
      energies: {from: "kin:e_kin", units: eV}
      sensor_size: [900, 1040]
      region_origin: [0, 0]
      region_size: [900, 1040]
  sample:
    name: ${sample}
    temperature: {from: "log:temp_C", units: degC, to: K}
    phi(NX_FLOAT): {from: "log:phi_deg", units: deg}
  $plot:
    signal: instrument/analyser/data
    axes: [sample/phi, instrument/analyser/energies, instrument/analyser/angles]
"""

ANALYSER = "entry/instrument/analyser"
WRONG = [
    ("nxtool: 1", "nxtool: 2", "nxtool"),
    ("definition: NXarpes", "definition: NXarpse", "definition"),
    ("output:", "ouput:", ""),
    ("compression:", "compresion:", "defaults"),
    ("skip_rows: 1", "skip_row: 1", "sources/cuts"),
    ("lens_mode:", "lens_mod:", ANALYSER),
    ("acquisition_mode: fixed", "acquisition_mode: fixd", f"{ANALYSER}/acquisition_mode"),
    ("pass_energy: 20 eV", "pass_energy: twenty", f"{ANALYSER}/pass_energy"),
    ("dtype: float32", "dtype: float23", f"{ANALYSER}/data/dtype"),
    ("to: K", "too: K", "entry/sample/temperature"),
    ("monochromator: {energy: 55 eV}", "monochromator: 55 eV", "entry/instrument/monochromator"),
    ("signal:", "signals:", "entry/$plot"),
]
LARGE = {"NXem"}


@pytest.fixture(scope="module")
def schema():
    return default_schema()


@pytest.fixture(scope="module")
def arpes(schema):
    return jsonschema.Draft202012Validator(json_schema(schema, "NXarpes"))


def plain(text):
    return parse(text, "test.nx.yaml").to_python()


def faults(validator, text):
    errors = list(validator.iter_errors(plain(text)))
    return ["/".join(map(str, best_match([error]).absolute_path)) for error in errors]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["NXarpes", "NXcanSAS", "NXtomo"])
def test_the_schema_is_a_schema(schema, name):
    jsonschema.Draft202012Validator.check_schema(json_schema(schema, name))


def test_a_right_recipe_is_let_through(arpes):
    assert faults(arpes, ARPES) == []


@pytest.mark.parametrize(("right", "wrong", "place"), WRONG, ids=[wrong for _, wrong, _ in WRONG])
def test_a_mistake_is_told_once_and_where_it_stands(arpes, right, wrong, place):
    assert right in ARPES
    assert faults(arpes, ARPES.replace(right, wrong, 1)) == [place]


@pytest.mark.parametrize("name", ["NXmx", "NXcanSAS", "NXmpes_arpes", "NXspm"])
def test_templates_and_filled_recipes_are_let_through(schema, tmp_path, name):
    validator = jsonschema.Draft202012Validator(json_schema(schema, name))
    filled = filled_recipe(schema, name, tmp_path, "recommended").read_text(encoding="utf-8")
    assert faults(validator, template(schema, name)) == []
    assert faults(validator, filled) == []


def test_names_of_definitions_are_plain(schema):
    names = json_schema(schema, "NXmx")["$defs"]
    assert [
        name for name in names if not name.replace(".", "").replace("$", "").isidentifier()
    ] == []


@pytest.mark.slow
def test_every_application_has_a_schema_of_bounded_size_that_fits_its_template(schema, tmp_path):
    for name in schema.applications:
        found = json_schema(schema, name)
        validator = jsonschema.Draft202012Validator(found)
        filled = filled_recipe(schema, name, tmp_path).read_text(encoding="utf-8")
        assert (name, faults(validator, template(schema, name))) == (name, [])
        assert (name, faults(validator, filled)) == (name, [])
        assert len(json.dumps(found)) < (3_000_000 if name in LARGE else 1_500_000), name
