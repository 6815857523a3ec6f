"""Valid files of every application definition, made from the definitions, give no finding."""

from __future__ import annotations

import pytest

from tests.judging import judge
from tests.validfiles import build, official_schema

EXPLAINED = {
    ("NXxpcs", "Z01", "/entry/scan_number"),  # required and deprecated by NXxpcs itself
    ("NXxnb", "G05", "/entry/instrument/detector/tilt"),  # linked by NXxnb, defined nowhere
}


def unexplained(application: str, level: str) -> list[str]:
    with build(application, level) as file:
        found = judge(file)
    return [
        f"{item.code} {item.path}: {item.message}"
        for item in found
        if item.severity != "info"
        and (application, item.code, item.path) not in EXPLAINED
        and not (level == "required" and item.message.startswith("recommended "))
    ]


@pytest.mark.parametrize("application", official_schema().applications)
@pytest.mark.parametrize(
    "level",
    [
        pytest.param("required", marks=pytest.mark.slow),
        pytest.param("recommended", marks=pytest.mark.slow),
        "everything",
    ],
)
def test_a_file_made_from_the_definition_is_valid(application, level):
    assert unexplained(application, level) == []
