"""The least each application definition asks for, converted to a valid file."""

from __future__ import annotations

import pytest

from nxtool.build.convert import convert
from nxtool.nxdl.catalogue import official_folder
from nxtool.schema.compile import default_schema
from tests.fill import filled_recipe
from tests.nexusformat import is_explained, nexusformat_errors

USUAL = (
    "NXarpes",
    "NXcanSAS",
    "NXellipsometry",
    "NXem",
    "NXmpes_arpes",
    "NXmx",
    "NXoptical_spectroscopy",
    "NXsas",
    "NXspm",
    "NXtomo",
    "NXxas",
    "NXxrd_pan",
)
IMPOSSIBLE = {
    "NXcxi_ptycho": "wants groups beside the entry, and texts in fields declared as numbers",
    "NXstress": "has two free field names (DAXIS, XAXIS) in one NXdata that nothing tells apart",
    "NXxnb": "wants a link to a field tilt that it calls tilt_angle where it declares it",
}
"""Definitions that no recipe can satisfy, and why."""


@pytest.fixture(scope="module")
def schema():
    return default_schema()


def errors_of(schema, name, folder):
    outcome = convert(filled_recipe(schema, name, folder), schema)
    found = [*outcome.findings, *(outcome.result or ())]
    return [f"{f.code} {f.path} {f.message}" for f in found if f.severity == "error"]


@pytest.mark.parametrize("name", USUAL)
def test_the_minimum_of_a_usual_definition_becomes_a_valid_file(schema, tmp_path, name):
    assert errors_of(schema, name, tmp_path) == []
    assert (tmp_path / "out.nxs").is_file()


@pytest.mark.slow
def test_the_minimum_of_every_definition_becomes_a_valid_file(schema, tmp_path):
    invalid = set()
    for name in schema.applications:
        folder = tmp_path / name
        folder.mkdir()
        if errors_of(schema, name, folder):
            invalid.add(name)
    assert invalid == set(IMPOSSIBLE)


def official():
    """The application definitions of NeXus, which nexusformat knows."""
    schema, folder = default_schema(), official_folder()
    return [n for n in schema.applications if schema.catalogue.files[n].is_relative_to(folder)]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(official()) - set(IMPOSSIBLE)))
def test_nexusformat_has_no_objection_that_is_not_explained(schema, tmp_path, name):
    assert errors_of(schema, name, tmp_path) == []
    told = nexusformat_errors(tmp_path / "out.nxs")
    assert [text for text in told if not is_explained(text)] == []


@pytest.mark.slow
def test_what_is_recommended_becomes_a_file_too(schema, tmp_path):
    wrong = {}
    for name in set(schema.applications) - set(IMPOSSIBLE):
        folder = tmp_path / name
        folder.mkdir()
        outcome = convert(filled_recipe(schema, name, folder, "recommended"), schema)
        mistakes = [item.message for item in outcome.findings if item.code.startswith("R")]
        if mistakes:
            wrong[name] = mistakes
    assert wrong == {}
