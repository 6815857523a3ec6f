"""What all tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; the test is skipped where there is none."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("NXTOOL_CORPUS", default))
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder} (set NXTOOL_CORPUS)")
    return folder
