"""Our valid files seen by nexusformat's nxvalidate: every objection it has is explained."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.validfiles import image, official_schema

EXPLAINED = (
    # a name with upper-case letters is one the author chooses (nameType any or partial), which
    # nxvalidate takes literally unless it is one run of capitals before or after small letters
    r"Group: \w*[A-Z]\w*: NX\w+",
    r"Field: /entry/data/(DATA|AXISNAME)",
    # NXxrd makes fields of what NXmonopd, which it extends, wants to be links
    r"Field: /entry/(data|experiment_result)/(polar_angle|data)",
)
"""Objections of nxvalidate that the standard does not support."""
_OBJECTION = re.compile(
    r"^ *((?:Group|Field|Link|Attribute): [^\n]*)\n"
    r" *This (?:required \w+ is not in|\w+ is not a link|field value is not)",
    re.MULTILINE,
)


def program() -> str | None:
    beside = Path(sys.executable).parent / "nxvalidate"
    return str(beside) if beside.is_file() else shutil.which("nxvalidate")


@pytest.mark.slow
@pytest.mark.parametrize("application", official_schema().applications)
def test_nxvalidate_has_no_objection_that_is_not_explained(application, tmp_path):
    tool = program()
    if tool is None:
        pytest.skip("nxvalidate is not installed")
    path = tmp_path / f"{application}.nxs"
    path.write_bytes(image(application))
    done = subprocess.run([tool, path], capture_output=True, text=True, timeout=120, check=False)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    objections = [text.strip() for text in _OBJECTION.findall(plain)]
    assert [o for o in objections if not any(re.fullmatch(e, o) for e in EXPLAINED)] == []
