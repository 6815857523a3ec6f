"""Tests of nxtool.validate.guard."""

from __future__ import annotations

import os
import signal
import time

import pytest

from nxtool.errors import DefinitionError, FileUnreadable, NxtoolError
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.guard import validate_apart
from tests.validfiles import image, official_schema


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "x.nxs"
    place.write_bytes(image("NXtomo"))
    return place


class _Schema(Schema):
    """A schema that does something as soon as it is asked."""

    def __init__(self, deed) -> None:
        super().__init__(official_schema().catalogue)
        self.deed = deed

    def knows(self, name: str) -> bool:
        self.deed()
        return super().knows(name)


def test_the_findings_are_those_of_validate(path):
    assert validate_apart(path, official_schema()) == validate(path, official_schema())


def test_a_file_that_cannot_be_opened_is_refused_likewise(tmp_path):
    with pytest.raises(FileUnreadable) as caught:
        validate_apart(tmp_path / "no", official_schema())
    assert caught.value.message.endswith("/no: No such file or directory")
    assert caught.value.hint == "check the path"


def test_a_crash_is_an_error_of_ours(path):
    def crash():
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(FileUnreadable) as caught:
        validate_apart(path, _Schema(crash))
    assert caught.value.message == f"{path}: the HDF5 library crashes on it (SIGKILL)"


def test_a_hang_is_an_error_of_ours(path):
    def hang():
        while True:
            time.monotonic()

    with pytest.raises(FileUnreadable) as caught:
        validate_apart(path, _Schema(hang), stall_seconds=0.2)
    assert caught.value.message == f"{path}: the HDF5 library hangs on it"


def test_other_errors_of_ours_come_through(path):
    def refuse():
        raise DefinitionError("broken definition", hint="mend it")

    with pytest.raises(NxtoolError) as caught:
        validate_apart(path, _Schema(refuse))
    assert str(caught.value) == "broken definition (mend it)"


def test_a_bug_is_not_taken_for_a_result(path, capfd):
    def fail():
        raise ZeroDivisionError

    with pytest.raises(RuntimeError) as caught:
        validate_apart(path, _Schema(fail))
    assert str(caught.value) == f"{path}: the validation ended without an answer"
    assert "ZeroDivisionError" in capfd.readouterr().err
