"""Validating a file: open it, walk it, give findings."""

from __future__ import annotations

from pathlib import Path

from nxtool.findings import Findings
from nxtool.hdf5.opening import Hdf5File
from nxtool.schema.compile import Schema, default_schema
from nxtool.validate.engine import validate_tree
from nxtool.validate.visit import Options


def validate(
    path: str | Path, schema: Schema | None = None, options: Options | None = None
) -> Findings:
    """Judge the HDF5 file at `path` by the definitions.

    The file is opened read-only and without a lock. Raises `FileUnreadable` where it cannot be
    opened; what is wrong inside becomes findings.
    """
    with Hdf5File(Path(path)) as file:
        items, applications = validate_tree(file.root, schema or default_schema(), options)
    return Findings(str(path), items, tuple(applications))
