"""Our valid files seen by nexusformat's nxvalidate: every objection it has is explained."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nexusformat import is_explained
from tests.validfiles import image, official_schema

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
    assert [text for text in objections if not is_explained(text)] == []
