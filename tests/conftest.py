"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real files; tests that need it are skipped where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("NXTOOL_CORPUS") or default)
    if not folder.is_dir():
        pytest.skip(f"no corpus of real files at {folder}")
    return folder
