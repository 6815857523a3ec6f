"""What counts."""

from __future__ import annotations

import pytest

from nxtool.findings import Finding, Findings
from nxtool.validate.policy import FailOn, Policy

ERROR = Finding("P02", "error", "/x", "m")
WARNING = Finding("U01", "warning", "/x", "m")
WAIVED = Finding("O01", "info", "/x", "m (waived: lost)", waived="lost")


def applied(policy: Policy, *items: Finding) -> list[Finding]:
    return policy.applied(Findings("a.nxs", list(items))).items


def test_everything_counts_unless_said_otherwise() -> None:
    assert applied(Policy(), ERROR, WARNING) == [ERROR, WARNING]


def test_selected_rules_alone_count_and_ignored_ones_do_not() -> None:
    policy = Policy(select=frozenset({"P02", "U01"}), ignore=frozenset({"U01"}))
    assert applied(policy, ERROR, WARNING, WAIVED) == [ERROR]


def test_a_rule_is_as_severe_as_the_project_says() -> None:
    (item,) = applied(Policy(severities={"U01": "error"}), WARNING)
    assert item.severity == "error"


def test_a_waived_finding_stays_a_note() -> None:
    assert applied(Policy(severities={"O01": "error"}), WAIVED) == [WAIVED]


@pytest.mark.parametrize(
    ("fail_on", "items", "fails"),
    [
        ("error", [WARNING], False),
        ("error", [ERROR], True),
        ("warning", [WARNING], True),
        ("warning", [WAIVED], False),
        ("never", [ERROR], False),
    ],
)
def test_fail_on_names_the_mildest_reason(
    fail_on: FailOn, items: list[Finding], fails: bool
) -> None:
    assert Policy(fail_on=fail_on).fails(Findings("a.nxs", items)) is fails
