"""Every planted defect is found by its rule at its place; no unusual valid file is refused."""

from __future__ import annotations

import pytest

from tests.casefile import apply
from tests.defects import all_kinds
from tests.judging import judge
from tests.mutants import BASES, Mutant, findings, is_found, mutants
from tests.validfiles import image, open_image
from tests.variants import Variant, all_variants

KINDS = all_kinds()
ONCE = list(mutants(KINDS, limit=1))


@pytest.mark.parametrize("mutant", ONCE, ids=lambda mutant: mutant.name)
def test_a_planted_defect_is_found_by_its_rule_at_its_place(mutant: Mutant):
    assert is_found(mutant, findings(mutant))


def test_every_kind_of_defect_has_a_place():
    assert {mutant.kind.name for mutant in ONCE} == {kind.name for kind in KINDS}


def test_there_are_150_kinds_of_defects_in_12_applications():
    assert len(KINDS) >= 150
    assert len({mutant.application for mutant in ONCE}) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_of_defect_is_found_in_every_application(kind):
    missed = [m.name for m in mutants((kind,), limit=len(BASES)) if not is_found(m, findings(m))]
    assert missed == []


@pytest.mark.parametrize("variant", all_variants(), ids=lambda variant: variant.name)
def test_an_unusual_valid_file_has_no_error(variant: Variant):
    with open_image(image(variant.base)) as file:
        for edit in variant.edits:
            apply(file, edit)
        assert [item for item in judge(file) if item.severity == "error"] == []


def test_there_are_80_variants():
    assert len({variant.name for variant in all_variants()}) >= 80
