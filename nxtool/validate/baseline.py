"""Findings a project knows of and lives with, in a file: only new ones are to be told.

    {
      "schema": "nxtool.baseline", "schema_version": 1,
      "files": {"data/scan.nxs": [
        {"code": "P02", "path": "/entry/data@signal", "message": "there is no field _", "count": 1}
      ]}
    }

Files are named relative to the folder of the baseline. A finding is known by its code, its path
and its message without quoted names and numbers, as often as the baseline counts it. Sorted, so
that versions of the baseline can be compared.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from nxtool.errors import NxtoolError
from nxtool.findings import Finding, Findings
from nxtool.remote.address import address_of

SCHEMA: Final = "nxtool.baseline"
SCHEMA_VERSION: Final = 1


class Known(NamedTuple):
    """What stays the same of a finding."""

    code: str
    path: str
    message: str


@dataclass(slots=True)
class Baseline:
    """Known findings by file; names are relative to `folder`."""

    folder: Path
    files: dict[str, Counter[Known]] = field(default_factory=dict)

    def new(self, findings: Findings) -> Findings:
        """The findings without those that are known, which are counted."""
        left = Counter(self.files.get(self._name(findings.file), {}))
        items = []
        for item in findings:
            known = _known(item)
            if left[known] > 0:
                left[known] -= 1
            else:
                items.append(item)
        return replace(findings, items=items, known=len(findings) - len(items))

    def add(self, findings: Findings) -> None:
        """From now on these are known, and no others in their file."""
        self.files[self._name(findings.file)] = Counter(map(_known, findings.items))

    def to_text(self) -> str:
        """The content of the file."""
        files = {name: _entries(known) for name, known in sorted(self.files.items()) if known}
        content = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, "files": files}
        return json.dumps(content, indent=1) + "\n"

    def _name(self, file: str) -> str:
        if address_of(file):
            return file
        path = os.path.relpath(Path(file).absolute(), self.folder.absolute())
        return Path(path).as_posix()


def read_baseline(path: Path) -> Baseline:
    """The baseline in the file at `path`.

    Raises:
        NxtoolError: it cannot be read, or is no baseline.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        hint = "--write-baseline makes one"
        raise NxtoolError(f"{path}: {error.strerror}", hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise _no_baseline(path) from error
    return Baseline(path.parent, _files(content, path))


def _files(content: Any, path: Path) -> dict[str, Counter[Known]]:
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _no_baseline(path)
    if content.get("schema_version") != SCHEMA_VERSION:
        hint = "write it again with --write-baseline"
        raise NxtoolError(f"{path}: a baseline of another version of nxtool", hint=hint)
    try:
        return {
            name: Counter({_entry(entry): int(entry["count"]) for entry in entries})
            for name, entries in content["files"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_baseline(path) from error


def _entry(entry: Any) -> Known:
    return Known(str(entry["code"]), str(entry["path"]), str(entry["message"]))


def _no_baseline(path: Path) -> NxtoolError:
    return NxtoolError(f"{path}: is no baseline", hint="--write-baseline makes one")


def _known(item: Finding) -> Known:
    return Known(item.code, item.path, item.shape)


def _entries(known: Counter[Known]) -> list[dict[str, Any]]:
    return [{**item._asdict(), "count": count} for item, count in sorted(known.items())]
