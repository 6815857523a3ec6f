"""python-icat's source distribution: the official schemas, examples and tests, from PyPI.

The wheel carries none of them, and nothing of them is kept in the project: they are fetched once
into `.cache/` of the checkout, which git ignores.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

RELEASE: Final = "1.7.0"
CACHE: Final = Path(__file__).parents[2] / ".cache"
DUMP_VERSIONS: Final = ("4.4", "4.7", "4.10", "5.0", "6.2")


class NotThere(Exception):
    """The source distribution cannot be had; the text says why."""


def source_distribution() -> Path:
    """The unpacked source distribution: `doc/`, `etc/`, `tests/`. Raises `NotThere`."""
    CACHE.mkdir(exist_ok=True)
    folder = CACHE / f"python-icat-{RELEASE}"
    with (CACHE / "lock").open("w") as lock:  # one of several test processes fetches it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def ingest_schema(version: str) -> Path:
    """The XSD of the ingest format, `1.0` or `1.1`. Raises `NotThere`."""
    return source_distribution() / "etc" / f"ingest-{version.replace('.', '')}.xsd"


def dump_schema(version: str) -> Path:
    """The XSD of dump files of ICAT `version`. Raises `NotThere`."""
    return source_distribution() / "doc" / f"icatdata-{version}.xsd"


def _fetch(folder: Path) -> None:
    download = folder.with_name(folder.name + ".download")
    shutil.rmtree(download, ignore_errors=True)
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
        "--dest", str(download), f"python-icat=={RELEASE}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    archives = sorted(download.glob("*.tar.gz"))
    if done.returncode or not archives:
        lines = done.stderr.strip().splitlines() or ["nothing was downloaded"]
        raise NotThere(f"python-icat {RELEASE} cannot be fetched from PyPI: {lines[-1]}")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(download, filter="data")
    (unpacked,) = (path.parent for path in download.glob("*/PKG-INFO"))
    unpacked.replace(folder)
    shutil.rmtree(download)
