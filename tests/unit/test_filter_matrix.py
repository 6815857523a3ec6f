"""Types and conditions against filters: kept, within the bound, or refused, and never a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nxtool.storage.spec import NAMES
from tests.filtercells import CONDITIONS, DTYPES, cells

PROGRAM = Path(__file__).parents[1] / "filtercells.py"
BYTE_AND_WORD = {"u1", "i1", "u2", "i2"}
NO_NUMBERS = {"?", "c8", "c16", "S8", "record"}
REFUSED = {
    "szip": {"f2", "c8", "c16", "S8", "record"},
    "zfp-reversible": {*BYTE_AND_WORD, "f2", *NO_NUMBERS},
}


def tried(word, extent):
    """Outcomes by type and condition; fails with the cell at which the program died."""
    command = [sys.executable, PROGRAM, word, extent]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.splitlines()
    if done.returncode:
        last = lines[-1] if lines else "before the first cell"
        pytest.fail(f"{word} ended with {done.returncode} at {last}\n{done.stderr[-2000:]}")
    decoder = json.JSONDecoder()
    found = {}
    for line in lines:
        cell, end = decoder.raw_decode(line)
        found[tuple(cell)] = json.loads(line[end:])
    return found


def expected(word, extent):
    """By the table: exact, but for the types a filter does not take."""
    refused = REFUSED.get(word, set())
    return {
        (name, condition): "refused" if name in refused else "exact"
        for name, condition in cells(extent)
    }


LOSSY = ("zfp=0.01", "sz3=0.01", "sz3=2.5", "sperr=0.01")
FLOATS = {"f4", "f8"}
INTEGERS = {name for name, dtype in DTYPES.items() if dtype.kind in "iu"}


def expected_of_lossy(word, extent):
    """By the table: within the bound, exact where it forbids any change, else refused."""
    takes = FLOATS | INTEGERS if word.startswith("sz3") else FLOATS
    found = {}
    for name, condition in cells(extent):
        swapped = condition == "big-endian" and DTYPES[name].itemsize > 1
        if name not in takes or swapped or condition in ("nan", "inf"):
            found[name, condition] = "refused"
        elif condition == "empty" or (name in INTEGERS and word == "sz3=0.01"):
            found[name, condition] = "exact"
        else:
            found[name, condition] = "within"
    return found


ROUNDING = ("bitround=7", "bitgroom=3", "granularbr=3", "sigbits=4")


def expected_of_rounding(word, extent):
    """Within the bound; refused where the largest value would become infinite."""
    takes = INTEGERS if word.startswith("sigbits") else FLOATS
    overflows = word.startswith(("bitround", "granularbr"))
    found = {}
    for name, condition in cells(extent):
        if name not in takes or (condition == "huge" and overflows):
            found[name, condition] = "refused"
        else:
            found[name, condition] = "exact" if condition == "empty" else "within"
    return found


@pytest.mark.parametrize("word", ROUNDING)
def test_rounding_keeps_the_bound_or_refuses(word):
    assert tried(word, "quick") == expected_of_rounding(word, "quick")


@pytest.mark.slow
@pytest.mark.parametrize("word", ROUNDING)
def test_rounding_keeps_the_bound_or_refuses_in_every_condition(word):
    assert tried(word, "full") == expected_of_rounding(word, "full")


@pytest.mark.parametrize("word", LOSSY)
def test_lossy_filter_keeps_the_bound_or_refuses(word):
    assert tried(word, "quick") == expected_of_lossy(word, "quick")


@pytest.mark.slow
@pytest.mark.parametrize("word", LOSSY)
def test_lossy_filter_keeps_the_bound_or_refuses_in_every_condition(word):
    assert tried(word, "full") == expected_of_lossy(word, "full")


def test_matrix_has_seventeen_types_and_seven_conditions():
    assert (len(DTYPES), len(CONDITIONS)) == (17, 7)


@pytest.mark.slow
@pytest.mark.parametrize("word", NAMES)
def test_filter_keeps_every_bit_or_refuses_the_type(word):
    assert tried(word, "quick") == expected(word, "quick")


@pytest.mark.slow
@pytest.mark.parametrize("word", NAMES)
def test_filter_keeps_every_bit_or_refuses_the_type_in_every_condition(word):
    assert tried(word, "full") == expected(word, "full")
