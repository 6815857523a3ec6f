"""python-icat's own test-suite, run against the protocol stub.

    python -m tests.icat.upstream [VERSION [PATTERN ...]]

The suite is copied from the source distribution into a temporary folder, with a configuration that
leads to a stub, and run by a pytest of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tests.icat.official import source_distribution
from tests.icat.stub import config
from tests.icat.stub.server import HOST, ProtocolStub

Outcome = Literal["passed", "failed", "skipped"]

ROOT: Final = "simple/root"
_STAFF: Final = ("simple/root", "simple/idsreader", "simple/useroffice", "simple/dataingest")
_SCIENTISTS: Final = ("acord", "ahau", "jbotu", "jdoe", "nbour", "rbeck")
# The suite names its users by sections; only the one that ingests is called otherwise.
SECTIONS: Final = {
    **{user.partition("/")[2]: user for user in _STAFF},
    **{name: f"db/{name}" for name in _SCIENTISTS},
    "ingest": "simple/dataingest",
}
_DATA: Final = (
    "doc/*.xsd",
    "doc/examples/*.xml",
    "doc/examples/*.yaml",
    "etc/*",
)


@dataclass(frozen=True, slots=True)
class Result:
    """How one test of the suite ended, and what it said if it did not pass."""

    name: str
    outcome: Outcome
    reason: str = ""


def run(version: str = "6.2", *patterns: str) -> list[Result]:
    """The results of the suite, or of its modules whose names match one of the patterns.

    Raises `official.NotThere`.
    """
    users = dict.fromkeys(SECTIONS.values(), "secret")
    with (
        tempfile.TemporaryDirectory() as name,
        ProtocolStub(version, users=users, roots=frozenset({ROOT})) as stub,
    ):
        folder = Path(name)
        tests = _lay_out(folder)
        config.write(stub, tests / "data" / "icat.cfg", SECTIONS, stub.plain_url)
        report = folder / "report.xml"
        modules = sorted(path for each in patterns or ["test_*.py"] for path in tests.glob(each))
        command = [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
            "--rootdir", str(tests), f"--junitxml={report}", *map(str, modules),
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=tests, env=_environment(), capture_output=True, text=True, check=False
        )
        if not report.exists():
            raise RuntimeError(done.stdout + done.stderr)
        return list(_results(report))


def _lay_out(folder: Path) -> Path:
    """The folder of tests, with the scripts and data where they look for them."""
    source = source_distribution()
    tests = Path(shutil.copytree(source / "tests", folder / "tests"))
    scripts = tests / "scripts"
    scripts.mkdir()
    for pattern in ("doc/examples/*.py", "src/scripts/*.py"):
        for path in source.glob(pattern):
            shutil.copy(path, scripts)
    for pattern in _DATA:
        for path in source.glob(pattern):
            shutil.copy(path, tests / "data")
    # the suite wants a locale that few machines have; what it needs of it is UTF-8
    conftest = tests / "conftest.py"
    text = conftest.read_text(encoding="utf-8").replace("en_US.UTF-8", "C.UTF-8")
    conftest.write_text(text, encoding="utf-8")
    return tests


def _environment() -> dict[str, str]:
    """The variables of the suite: no proxy to this machine, nothing of our own tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "ICAT_"))}
    return kept | {"no_proxy": HOST, "NO_PROXY": HOST}


def _results(report: Path) -> Iterator[Result]:
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest wrote it
        name = f"{case.get('classname')}::{case.get('name')}"
        told = next(iter(case), None)
        outcome: Outcome = "passed"
        if told is not None and told.tag in {"failure", "error"}:
            outcome = "failed"
        elif told is not None and told.tag == "skipped":
            outcome = "skipped"
        yield Result(name, outcome, (told.get("message") or "") if told is not None else "")


def main() -> None:
    """Print what did not pass, and the figures."""
    results = run(*sys.argv[1:])
    for result in results:
        if result.outcome != "passed":
            first = result.reason.partition("\n")[0][:120]
            sys.stdout.write(f"{result.outcome:8}{result.name}: {first}\n")
    for outcome in ("passed", "failed", "skipped"):
        count = sum(result.outcome == outcome for result in results)
        sys.stdout.write(f"{count} {outcome}\n")


if __name__ == "__main__":
    main()
