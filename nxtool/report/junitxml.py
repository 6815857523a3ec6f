"""Findings as JUnit XML, which GitLab, Jenkins and others show as test results.

A suite for each file, in it a case for each family of rules: failed where the file has errors of
that family, with one line an error. Warnings and notes are the output of the case. A file that
could not be read is a suite with one case in error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from nxtool.errors import NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.report.printable import printable
from nxtool.report.reporting import ALL, Form, Shown
from nxtool.report.units import counted
from nxtool.validate.rulebook import RULES

FAMILIES: Final = tuple(dict.fromkeys(rule.family for rule in RULES.values()))
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def reporter(form: Form) -> JunitReporter:
    """A reporter for `form`."""
    return JunitReporter(form.shown)


@dataclass(slots=True)
class JunitReporter:
    """Findings about file after file, as one document at the end."""

    shown: Shown = ALL
    _suites: list[str] = field(default_factory=list)
    _tests: int = 0
    _failures: int = 0
    _errors: int = 0

    def file(self, findings: Findings) -> str:
        """Nothing yet; the file is in the document."""
        items, more = self.shown.pick(findings)
        failed = {family_of(item) for item in findings.items if item.severity == "error"}
        families = [*FAMILIES, *sorted(failed - set(FAMILIES))]
        cases = [
            _case(findings.file, name, [i for i in items if family_of(i) == name], name in failed)
            for name in families
        ]
        if more:
            cases.append(f"<system-out>{_text(f'and {more} more findings')}</system-out>\n")
        self._add(findings.file, cases, len(families), failures=len(failed))
        return ""

    def unreadable(self, file: str, error: NxtoolError) -> str:
        """Nothing yet; the file is in the document."""
        case = (
            f'<testcase classname={_attribute(file)} name="readable">\n'
            f"<error message={_attribute(error.message)}>{_text(error.hint)}</error>\n</testcase>\n"
        )
        self._add(file, [case], 1, errors=1)
        return ""

    def end(self) -> str:
        """The document."""
        numbers = f'tests="{self._tests}" failures="{self._failures}" errors="{self._errors}"'
        suites = "".join(self._suites)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<testsuites name="nxtool validate" {numbers}>\n{suites}</testsuites>\n'
        )

    def _add(
        self, file: str, cases: Iterable[str], tests: int, failures: int = 0, errors: int = 0
    ) -> None:
        numbers = f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="0"'
        self._suites.append(
            f"<testsuite name={_attribute(file)} {numbers}>\n{''.join(cases)}</testsuite>\n"
        )
        self._tests += tests
        self._failures += failures
        self._errors += errors


def family_of(item: Finding) -> str:
    """The family of the rule a finding comes from."""
    return RULES[item.code].family if item.code in RULES else "other"


def _case(file: str, family: str, items: Sequence[Finding], failed: bool) -> str:
    head = f"<testcase classname={_attribute(file)} name={_attribute(family)}"
    errors = [item for item in items if item.severity == "error"]
    milder = [item for item in items if item.severity != "error"]
    parts = []
    if failed:
        number = counted(len(errors), "error")
        first = (
            f"{number}: {errors[0].path}: {errors[0].message}" if errors else "errors, not shown"
        )
        kind = errors[0].code if errors else family
        parts.append(
            f"<failure type={_attribute(kind)} message={_attribute(first)}>"
            f"{_lines(errors)}</failure>\n"
        )
    if milder:
        parts.append(f"<system-out>{_lines(milder)}</system-out>\n")
    return f"{head}>\n{''.join(parts)}</testcase>\n" if parts else f"{head}/>\n"


def _lines(items: Iterable[Finding]) -> str:
    return "\n".join(map(_line, items))


def _line(item: Finding) -> str:
    where = f"{item.mark}: " if item.mark else ""
    hint = f" ({item.hint})" if item.hint else ""
    anchor = f" by {item.anchor}" if item.anchor else ""
    return _text(f"{where}{item.severity} {item.code} {item.path}: {item.message}{hint}{anchor}")


def _clean(text: str) -> str:
    r"""`text` without what XML 1.0 cannot carry, even escaped."""
    return _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(text))


def _text(text: str) -> str:
    return escape(_clean(text))


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))
