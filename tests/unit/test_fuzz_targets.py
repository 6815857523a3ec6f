"""What fuzzes decoders: its first inputs are no crashes, and crashes are named and made small."""

from __future__ import annotations

import resource

import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
from nxtool.errors import NxtoolError
from tests.fuzz.target import NAMES, crash_of, smallest, target_of


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_first_inputs_are_no_crashes(name, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        target = target_of(name)
        take = target.prepared(tmp_path)
        found = [crash_of(take, seed) for seed in target.seeds()]
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    assert found == [None] * len(found)


def fragile(data: bytes) -> None:
    """A decoder that refuses short input, and fails on two letters in their order."""
    if len(data) < 2:
        raise NxtoolError("too short")
    assert data.find(b"y", data.find(b"x") + 1) < 0 or b"x" not in data


def test_refusing_is_no_crash():
    assert crash_of(fragile, b"x") is None
    assert crash_of(fragile, b"yx") is None


def test_a_crash_is_named_and_made_small():
    name, text = crash_of(fragile, b"..x..y..")
    assert name == "AssertionError-outside"
    assert text.startswith("Traceback (most recent call last):\n")
    assert smallest(fragile, b"..x..y..") == b"xy"
