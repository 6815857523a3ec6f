"""Mappings: presets, files of one's own, and every mistake with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import NxtoolError
from nxtool.export.classpath import ClassPath
from nxtool.export.icatmodel import ENTITIES, limit
from nxtool.export.mapping import PRESETS, TARGETS, load_mapping
from nxtool.export.transforms import doi, orcid, slug, transform

HEAD = "nxtool_mapping: 1\n"


def written(folder: Path, text: str, name: str = "own.yaml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_can_be_read_and_say_what_they_are(name):
    mapping = load_mapping(name)
    assert mapping.about
    assert set(mapping.values) <= set(TARGETS)
    assert mapping.values["dataset.name"].required


def test_ten_mandatory_metadata_of_desy_are_required():
    required = {target for target, rule in load_mapping("desy").values.items() if rule.required}
    assert required - {"dataset.name"} == {
        "investigation.name", "investigation.summary", "instrument.fullName", "instrument.name",
        "facility.fullName", "facility.name", "sample.name", "sampleType.molecularFormula",
        "dataset.startDate", "dataset.endDate",
    }  # fmt: skip


def test_six_mandatory_fields_of_the_esrf_are_required():
    required = {target for target, rule in load_mapping("esrf").values.items() if rule.required}
    assert required == {
        "dataset.name", "dataset.location", "dataset.startDate", "dataset.endDate",
        "investigation.name", "sample.name",
    }  # fmt: skip


def test_own_mapping_changes_what_it_extends(tmp_path):
    text = f"""{HEAD}extends: default
values:
  dataset.doi: null
  sample.name: {{from: NXsample/other, as: [upper], max_length: 10, required: true}}
parameters:
  sample/pressure: {{from: NXsample/p, unit: mbar, about: in the cell}}
"""
    mapping, usual = load_mapping(written(tmp_path, text)), load_mapping("default")
    assert "dataset.doi" not in mapping.values
    assert mapping.values["dataset.name"] == usual.values["dataset.name"]
    rule = mapping.values["sample.name"]
    assert (rule.paths, rule.max_length, rule.required) == (
        (ClassPath(("NXsample", "other")),), 10, True,
    )  # fmt: skip
    assert mapping.parameters["sample/pressure"].unit == "mbar"


def test_limits_are_those_of_icat_or_less(tmp_path):
    text = f"{HEAD}values:\n  dataset.name: {{from: title, max_length: 4000}}\n"
    assert load_mapping(written(tmp_path, text)).values["dataset.name"].max_length == 255
    assert (limit("investigation.summary"), limit("license.name")) == (4000, 255)


MISTAKES = {
    "unknown key": ("vales: {}", 2, 1, "no key 'vales'"),
    "unknown target": ("values: {dataset.nam: title}", 2, 10, "no target 'dataset.nam'"),
    "unknown key of a rule": ("values: {dataset.name: {form: title}}", 2, 25, "no key 'form'"),
    "no source": ("values: {dataset.name: {required: true}}", 2, 10, "`from` is missing"),
    "unknown source": ('values: {dataset.name: "file:stm"}', 2, 24, "no source 'file:stm'"),
    "empty step": ("values: {dataset.name: NXsample//name}", 2, 24, "is no path"),
    "unknown transform": (
        "values: {dataset.name: {from: title, as: slugg}}", 2, 42, "'slugg' is not known",
    ),
    "no unit": ("parameters: {a: {from: b}}", 2, 14, "unit is missing"),
    "no such unit": ("parameters: {a: {from: b, unit: blorp}}", 2, 33, "'blorp' is no unit"),
    "no such type": ("parameters: {a: {from: b, type: float}}", 2, 27, "no type 'float'"),
    "wrong length": ("values: {dataset.name: {from: title, max_length: -1}}", 2, 50, "max_length"),
    "not true or false": ("values: {dataset.name: {from: title, required: 1}}", 2, 38, "required"),
    "unknown word of a person": ("people: {nam: name}", 2, 10, "a person has no 'nam'"),
    "no mapping": ("values: [title]", 2, 9, "values is a list"),
    "leads out": ("extends: ../secret.yaml", 2, 1, "leads out"),
    "unknown preset": ("extends: desi", 2, 1, "there is no mapping 'desi'"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_with_line_and_column(tmp_path, name):
    text, line, column, message = MISTAKES[name]
    with pytest.raises(NxtoolError) as caught:
        load_mapping(written(tmp_path, f"{HEAD}{text}\n"))
    mark = caught.value.mark
    assert message in str(caught.value)
    assert mark is not None
    assert (mark.line, mark.column) == (line, column)


def test_all_mistakes_are_told_at_once(tmp_path):
    text = f"{HEAD}values: {{dataset.nam: title, sample.nam: title}}\n"
    with pytest.raises(NxtoolError, match="1 more mistake"):
        load_mapping(written(tmp_path, text))


def test_mappings_in_a_circle_are_refused(tmp_path):
    written(tmp_path, f"{HEAD}extends: b.yaml\n", "a.yaml")
    written(tmp_path, f"{HEAD}extends: a.yaml\n", "b.yaml")
    with pytest.raises(NxtoolError, match="in a circle"):
        load_mapping(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize("text", ["- a\n", "nxtool: 1\n", "nxtool_mapping: 2\n"])
def test_what_is_no_mapping_of_this_version_is_refused(tmp_path, text):
    with pytest.raises(NxtoolError, match=r"no mapping|version 1"):
        load_mapping(written(tmp_path, text))


def test_near_name_of_a_preset_is_proposed():
    with pytest.raises(NxtoolError, match="did you mean desy"):
        load_mapping("desi")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("0000-0002-1825-0097", True),
        ("https://orcid.org/0000-0002-1694-233X", True),
        ("0000-0002-1825-0098", False),
        ("0000-0002-1825-009", False),
        ("٠000-0002-1825-0097", False),
    ],
)
def test_check_digit_of_an_orcid_counts(text, right):
    if right:
        assert orcid(text) == text[-19:]
    else:
        with pytest.raises(ValueError, match=r"check digit|is not like"):
            orcid(text)


def test_doi_is_made_bare():
    assert {doi(text) for text in ("doi:10.5442/X", "https://doi.org/10.5442/X", "10.5442/X")} == {
        "10.5442/X"
    }


@given(st.text())
def test_slug_is_plain_and_stays_as_it_is(text):
    made = slug(text)
    assert made
    assert made.isascii()
    assert slug(made) == made


def test_transforms_with_a_text():
    before, after = transform({"before": "/"}), transform({"after": "/"})
    assert (before("a/b"), after("a/b"), after("ab")) == ("a", "b", "ab")
    assert transform({"prefix": "db/"})("x") == "db/x"


def test_every_target_of_icat_is_an_attribute_it_has():
    known = {"technique", "software", "license", "keyword", "publication"}
    entities = {target.partition(".")[0] for target in TARGETS}
    assert {entity for entity in entities - known if entity not in ENTITIES} <= {"scicat"}


def test_limits_of_icat_hold_for_people_and_parameters_and_not_for_what_it_has_no_place_for(
    tmp_path,
):
    text = "extends: default\nparameters: {a: {from: a, type: text, max_length: 9000}}\n"
    mapping = load_mapping(written(tmp_path, f"{HEAD}{text}values: {{dataset.creators: a}}\n"))
    assert mapping.parameters["a"].max_length == 4000
    assert mapping.people["name"].max_length == 255
    assert mapping.values["dataset.creators"].max_length == 4000


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("a: {from: b, unit: K, default: x}", "'x' is no number"),
        ('a: {from: "file:stem", unit: K}', "file:stem is text, and a number is due"),
        (f"{'a' * 256}: {{from: b, unit: K}}", "a name of 256 characters, and ICAT takes 255"),
    ],
)
def test_mistakes_in_parameters_are_told(tmp_path, rule, message):
    with pytest.raises(NxtoolError, match=message):
        load_mapping(written(tmp_path, f"{HEAD}parameters: {{{rule}}}\n"))
