"""The rules of openPMD against single planted defects, and against files that are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.findings import Findings
from nxtool.openpmd.judging import judge_series
from nxtool.openpmd.series import find_series
from nxtool.validate.openpmdbook import OPENPMD_RULES
from nxtool.validate.visit import Options
from tests.openpmddefects import DEFECTS, Defect

SERIOUS = {"OP013"}
"""Rules that need more than one file; see test_openpmd_series."""


def judged(path: Path, **options: object) -> Findings:
    return judge_series(find_series(path), Options(reads_data=True, **options))


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_a_planted_defect_is_named(defect: Defect, tmp_path):
    found = judged(defect.write(tmp_path))
    assert defect.code in {item.code for item in found}


def test_every_rule_is_shown_by_a_defect():
    assert {rule.code for rule in OPENPMD_RULES} - SERIOUS <= {defect.code for defect in DEFECTS}


def test_more_than_eighty_kinds_of_defects_are_planted():
    assert len({defect.id for defect in DEFECTS}) == len(DEFECTS) >= 83
