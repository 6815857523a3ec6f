"""Commands that read only files that are here say so of an address, and reach nothing."""

from __future__ import annotations

import pytest

COMMANDS = [
    ("show", "--html"), ("show", "--lossy"), ("repack", "-o", "out.nxs"), ("edit",), ("fair",),
    ("export", "scicat"), ("export", "icat"), ("filters", "check"), ("restore",), ("recover",),
    ("validate", "--fix", "-o", "out.nxs"), ("seal", "-o", "out.age"), ("open", "-o", "out.nxs"),
    ("openpmd", "fix"), ("openpmd", "to-nexus"), ("convert",), ("check",), ("replay",), ("tui",),
    ("icat", "lint"), ("new", "--from"),
]  # fmt: skip


def words(command: tuple[str, ...]) -> str:
    """How a message names a command: without what follows an output."""
    return " ".join(word for word in command if "." not in word and word != "-o")


@pytest.mark.parametrize("command", COMMANDS, ids=words)
def test_an_address_is_told_from_a_missing_file(nxtool, command):
    done = nxtool(*command, "https://me:word@localhost/my scan.h5?signature=1 2")
    told = (
        f"error: https://localhost/my scan.h5: `nxtool {words(command)}` reads only files that are"
        " here\n  → download it first; validate, show and sources read addresses\n"
    )
    assert (done.code, done.out, done.err) == (2, "", told)


@pytest.mark.parametrize("scheme", ["hdf5", "s3", "http"])
def test_every_kind_of_address_is_known(nxtool, scheme):
    done = nxtool("restore", f"{scheme}://host/scan.h5")
    assert done.err.startswith(f"error: {scheme}://host/scan.h5: `nxtool restore` reads only")


def test_a_missing_file_is_told_as_before(nxtool, tmp_path):
    done = nxtool("repack", tmp_path / "scan.h5", "-o", tmp_path / "out.h5")
    missing = f"error: {tmp_path}/scan.h5: No such file or directory\n  → check the path\n"
    assert (done.code, done.err) == (2, missing)
