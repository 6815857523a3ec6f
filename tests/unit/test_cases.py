"""Every case below `tests/cases`: a rule finds its fault, and is silent where there is none."""

from __future__ import annotations

import pytest

from nxtool.validate.clauses import CLAUSES
from nxtool.validate.rulebook import RULES
from tests.casefile import Case, load_all, new_findings

CASES = load_all()
ELSEWHERE = {"T13", "T18", "F05"}
"""Rules whose cases need more than an edit of a file; see test_engine."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_edits_of_a_case_give_its_findings(case: Case):
    found = new_findings(case)
    told = sorted(item for item in found if item[2] != "info" or item in case.expect)
    assert told == sorted(case.expect)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_name_of_a_case_says_its_rule_and_verdict(case: Case):
    word = case.name.rsplit("/", 1)[-1].split("-")[1]
    mild = any(code == case.code and severity == "info" for code, _, severity in case.expect)
    assert word == ("good" if case.is_good else "bad") or (word == "good" and mild)


@pytest.mark.parametrize(
    "code",
    [
        code
        for code, rule in RULES.items()
        if code[0] != "R" and rule.family[:7] != "openPMD" and code not in ELSEWHERE
    ],
)
def test_every_rule_has_a_bad_and_a_good_case(code):
    verdicts = {case.is_good for case in CASES if case.code == code}
    assert verdicts == {True, False}


@pytest.mark.parametrize("code", [code for code in CLAUSES if code != "F04"])
def test_every_clause_is_shown_by_cases(code):
    """One that is kept, and one that is broken and told as the clause says, if it is told."""
    verdicts = {case.is_good for case in CASES if case.code == code}
    assert verdicts == ({True, False} if CLAUSES[code].told_as else {True})


@pytest.mark.parametrize("case", [case for case in CASES if case.code in CLAUSES])
def test_a_broken_clause_is_told_as_it_says(case):
    told = {code for code, _, _ in case.expect}
    assert not told or told & set(CLAUSES[case.code].told_as)


def test_a_clause_names_rules_and_is_none():
    assert not CLAUSES.keys() & RULES.keys()
    assert {code for clause in CLAUSES.values() for code in clause.told_as} <= RULES.keys()


def test_every_case_belongs_to_the_folder_of_its_family():
    known = {**RULES, **CLAUSES}
    strays = [c.name for c in CASES if known[c.code].family != c.name.split("/")[0]]
    assert strays == []
