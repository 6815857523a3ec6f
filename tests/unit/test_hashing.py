"""A raw file is known again by its checksum."""

import hashlib
import os

import pytest

from nxtool.errors import SourceError
from nxtool.sources.hashing import sha256


def test_the_checksum_of_a_file_larger_than_a_block_is_that_of_hashlib(tmp_path):
    content = b"nexus" * 300_000
    file = tmp_path / "a.raw"
    file.write_bytes(content)
    assert sha256(file) == hashlib.sha256(content).hexdigest()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SourceError) as error:
        sha256(tmp_path / "none")
    assert str(error.value) == f"{tmp_path}/none: cannot be read: No such file or directory"


def test_a_folder_may_hold_names_that_are_no_text(tmp_path):
    (tmp_path / os.fsdecode(b"a\xff")).write_bytes(b"1")
    assert len(sha256(tmp_path)) == 64
