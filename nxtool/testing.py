"""For the tests of programs that write NeXus files: `assert_valid(path)`.

    from nxtool.testing import assert_valid

    def test_the_writer_makes_a_valid_file(tmp_path):
        write_scan(tmp_path / "scan.nxs")
        assert_valid(tmp_path / "scan.nxs", definition="NXsas", ignore=["G05"])

A failure shows the report of `nxtool validate`. Definitions are found as on the command line;
other settings of the project do not count. It works in any test framework; pytest leaves the lines
of this module out of the traceback.
"""

from __future__ import annotations

from collections.abc import Collection
from os import PathLike
from typing import Literal


def assert_valid(
    path: str | PathLike[str],
    *,
    definition: str | None = None,
    fail_on: Literal["error", "warning"] = "error",
    ignore: Collection[str] = (),
) -> None:
    """Fail, with the report, where the file at `path` has findings of the severity `fail_on`.

    `definition` is the application to judge by, None for the one the file names; `ignore` are
    codes of rules that do not count.

    Raises:
        AssertionError: there are such findings, or the file cannot be read.
        NxtoolError: `definition` is unknown, or `ignore` names no rule.
    """
    __tracebackhide__ = True
    from nxtool.errors import FileUnreadable
    from nxtool.report.reporting import Form, Shown, make_reporter
    from nxtool.report.terminal import Terminal
    from nxtool.validate.api import validate

    try:
        findings = validate(path, definition=definition, ignore=ignore)
    except FileUnreadable as error:
        raise AssertionError(str(error)) from error
    if findings.at_least(fail_on):
        reporter = make_reporter("text", Form(Shown(fail_on), Terminal()))
        raise AssertionError(reporter.file(findings).rstrip("\n"))
