"""openPMD-api as a witness: what it writes is right, and what it cannot read is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nxtool.openpmd.judging import judge_series
from nxtool.openpmd.series import find_series
from nxtool.validate.visit import Options
from tests import openpmdapi
from tests.openpmddefects import DEFECTS

pytest.importorskip("openpmd_api")
pytest.importorskip("adios2")
SUFFIXES = ("h5", "json", "toml", "bp")
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")
ENCODINGS = ("groups", "files_%06T", "variables")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("written")
    openpmdapi.write(folder, SUFFIXES)
    return folder


@pytest.mark.parametrize("profile", ["", "openpmd-api", "picongpu"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_openpmd_api_writes_has_an_error(written, suffix, profile):
    options = Options(profile=profile, reads_data=True)
    for version in VERSIONS:
        for encoding in ENCODINGS:
            path = written / f"{version}_{encoding}.{suffix}"
            found = judge_series(find_series(path), options)
            assert [item for item in found if item.severity == "error"] == [], path


def test_all_backends_of_one_series_are_judged_alike(written):
    told = []
    for suffix in SUFFIXES:
        found = judge_series(find_series(written / f"1.1.0_groups.{suffix}"))
        serious = found.at_least("warning")
        told.append(sorted((item.code, item.severity, item.path) for item in serious))
    assert told[0] == told[1] == told[2] == told[3]


@pytest.mark.slow
def test_its_verdict_on_defects_is_that_of_its_profile(tmp_path):
    paths = []
    for number, defect in enumerate(DEFECTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths.append(defect.write(folder))
    disagreements = []
    for defect, path, (error, said) in zip(DEFECTS, paths, openpmdapi.read(paths), strict=True):
        found = judge_series(find_series(path), Options(profile="openpmd-api", reads_data=True))
        if (found.ok and error) or (not found.ok and not error and not said):
            disagreements.append((defect.id, error or said, found.count("error")))
    assert disagreements == []


@pytest.mark.skipif("NXTOOL_CORPUS" not in os.environ, reason="needs the corpus")
@pytest.mark.parametrize("name", ["example-femm-3d.h5", "example-femm-thetaMode.h5"])
def test_examples_of_the_standard_have_no_error(name):
    path = Path(os.environ["NXTOOL_CORPUS"], "openpmd", name)
    found = judge_series(find_series(path), Options(reads_data=True))
    assert [item for item in found if item.severity == "error"] == []
