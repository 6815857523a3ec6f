"""Checksums of sources, computed meanwhile."""

from __future__ import annotations

import hashlib
import threading

import pytest

from nxtool.build.checksums import Hashes, begun
from nxtool.build.plan import Plan, PlannedField, PlannedGroup
from nxtool.errors import SourceError
from nxtool.sources.hashing import sha256


@pytest.fixture
def files(tmp_path):
    paths = tuple(tmp_path / name for name in ("a", "b", "c"))
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 1_000_001)
    return paths


def plan_of(hashes):
    root = PlannedGroup("/", "NXroot")
    root.children["sha256"] = PlannedField("/sha256", hashes)
    return Plan(root)


def digests(files):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]


def test_checksums_are_the_same_in_the_background(files):
    hashes = Hashes(files)
    with begun(plan_of(hashes)):
        assert [*hashes.read(0, 1), *hashes.read(1, 3)] == digests(files)


def test_checksums_that_were_not_begun_are_computed_when_read(files):
    assert list(Hashes(files).read(0, 3)) == digests(files)


def test_error_leaves_no_thread_behind(files):
    with pytest.raises(KeyboardInterrupt), begun(plan_of(Hashes(files))):
        raise KeyboardInterrupt
    assert not [one for one in threading.enumerate() if one.name.startswith("nxtool-sha256")]


def test_file_that_went_away_is_told_when_it_is_read(files):
    files[1].unlink()
    hashes = Hashes(files)
    with (
        pytest.raises(SourceError, match=f"{files[1]}: cannot be read: No such file"),
        begun(plan_of(hashes)),
    ):
        hashes.read(0, 3)


def test_stopped_checksum_is_empty(files):
    assert sha256(files[0], lambda: True) == ""
