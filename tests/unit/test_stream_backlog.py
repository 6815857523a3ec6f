"""Documents between two threads: in order, and no more of them in memory than allowed."""

import resource
import signal
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.bluesky.filenames import run_filename
from nxtool.errors import OutputError
from nxtool.stream.backlog import Backlog, weight
from nxtool.stream.journal import Journal


@contextmanager
def limited_files(size):
    """No file of this process can grow beyond a size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 2000))
def test_documents_come_in_order_however_many_lie_on_disk(steps, most):
    backlog = Backlog(most)
    given_, taken = 0, []
    for is_put in steps:
        if is_put:
            backlog.put("event", {"n": given_, "x": 0.5})
            given_ += 1
        else:
            taken += backlog.take(0)
    while batch := backlog.take(0):
        taken += batch
    assert [doc["n"] for _, doc in taken] == list(range(given_))
    backlog.done(given_)
    assert backlog.join(0)


def test_what_is_more_than_memory_allows_lies_in_a_file():
    backlog = Backlog(10_000)
    for number in range(1000):
        backlog.put("event", {"n": number, "image": np.zeros(100)})
    assert backlog._bytes <= 10_000
    assert sum(len(backlog.take(0)) for _ in range(1000)) == 1000


def test_a_document_that_cannot_be_kept_is_not_waited_for():
    backlog = Backlog(10)
    backlog.put("event", {"n": 1})
    with pytest.raises(TypeError):
        backlog.put("event", {"n": {(1, 2): 3}})
    backlog.put("event", {"n": 2})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nxtool.stream.backlog.json.dumps", lambda *_, **__: "x" * 100_000)
        with limited_files(40_000), pytest.raises(OSError, match="too large"):
            backlog.put("event", {"n": 3})
    backlog.put("event", {"n": 4})
    taken = []
    while batch := backlog.take(0):
        taken += [doc["n"] for _, doc in batch]
        backlog.done(len(batch))
    assert taken == [1, 2, 4]
    assert backlog.join(0)


def test_a_thread_that_waits_is_woken_by_a_document():
    backlog = Backlog(1000)
    found = []
    thread = threading.Thread(target=lambda: found.append(backlog.take(60)))
    thread.start()
    backlog.put("start", {"uid": "a"})
    thread.join(30)
    assert found == [[("start", {"uid": "a"})]]


def test_the_weight_of_a_document_is_about_its_size():
    assert 8_000_000 < weight({"image": np.zeros(1_000_000)}) < 8_001_000
    assert 30_000_000 < weight({"list": [0.5] * 1_000_000}) < 50_000_000


START = {"uid": "3f2a81c0-77", "scan_id": 12, "time": 1.7e9, "sample": {"name": "../../etc/x"}}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{scan_id:05d}_{uid:.8}.nxs", "00012_3f2a81c0.nxs"),
        ("{sample[name]}/{scan_id}.nxs", "_.._etc_x/12.nxs"),
        ("{time:%Y}.nxs", "2023.nxs"),
        ("plain{{}}.nxs", "plain{}.nxs"),
    ],
)
def test_a_file_is_named_by_what_the_start_says(template, name):
    assert run_filename(template, START) == name


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{nothing}.nxs", "the start of the run has no 'nothing' to name the file by"
         " (it has sample, scan_id, time, uid)"),
        ("{sample}.nxs", "{sample} cannot be part of a file name: it is dict"),
        ("{sample.name}.nxs", "the start of the run has no 'sample.name' to name the file by"
         " (it has sample, scan_id, time, uid)"),
        ("{uid:d}.nxs", "{uid:d} does not fit '3f2a81c0-77': Unknown format code 'd' for object"
         " of type 'str'"),
        ("{uid:99999}.nxs", "{uid} cannot be part of a file name: it is str"),
        ("{uid", "'{uid' names no file: expected '}' before end of string (write fields like"
         " {scan_id}, {uid:.8}, {sample[name]}; a brace as {{)"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_made_is_told(template, message):
    with pytest.raises(OutputError) as error:
        run_filename(template, START)
    assert str(error.value) == message


def test_documents_that_are_there_already_are_not_overwritten(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        Journal(path)
    assert path.read_text() == "mine"
