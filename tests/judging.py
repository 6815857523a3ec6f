"""Judging files in memory, for tests."""

from __future__ import annotations

from pathlib import Path

import h5py

from nxtool.findings import Finding
from nxtool.hdf5.view import Hdf5Group
from nxtool.validate.engine import validate_tree
from nxtool.validate.visit import Options
from tests.validfiles import official_schema


def judge(file: h5py.File, options: Options | None = None) -> list[Finding]:
    """The findings about an open file, judged by the official definitions."""
    folder = Path(file.filename).resolve().parent
    root = Hdf5Group(h5py.h5g.open(file.id, b"/"), "/", (folder,))
    findings, _ = validate_tree(root, official_schema(), options)
    return findings
