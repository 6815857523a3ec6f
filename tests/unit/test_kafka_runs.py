"""Runs of Bluesky from Kafka, without a broker: what is noted, and what may be removed."""

import json

import pytest

from nxtool.config import lasting_schema
from nxtool.errors import OutputError
from nxtool.stream.kafka.runs import Making, RunKeeper
from nxtool.stream.offsets import Arrived
from tests.rundocuments import START, STOP, descriptor, event


def keeper(folder, told):
    making = Making(folder, "{uid}.nxs", lasting_schema(()), told.append, told.append)
    found = RunKeeper(making)
    found.follow({"docs/0": 0})
    return found


def arrived(*documents, first=0):
    values = [json.dumps({"name": name, "doc": doc}).encode() for name, doc in documents]
    return Arrived("docs", [0] * len(values), list(range(first, first + len(values))), values)


def test_files_that_are_not_ours_are_never_removed(tmp_path):
    (tmp_path / "notes.jsonl").touch()
    (tmp_path / "notes.nxs").write_text("mine")
    copy = tmp_path / "copy" / "run-1.jsonl"
    copy.parent.mkdir()
    copy.write_text(json.dumps({"name": "start", "doc": START[1]}) + "\n")
    copy.with_suffix(".nxs").write_text("mine too")
    for _ in range(2):  # the second finds what the first left
        one = keeper(tmp_path, [])
        one.take(arrived(START, descriptor(), event(1, x=1.0)))
        one.flush()
        assert one.close() == ["run-1"]
    assert (tmp_path / "notes.nxs").read_text() == "mine"
    assert (tmp_path / "notes.jsonl").exists()
    assert copy.with_suffix(".nxs").read_text() == "mine too"
    assert copy.exists()


def test_what_is_left_of_a_run_is_made_anew_under_its_name(tmp_path):
    one = keeper(tmp_path, [])
    one.take(arrived(START, descriptor(), event(1, x=1.0)))
    one.flush()
    one.close()
    told = []
    again = keeper(tmp_path, told)
    assert again.positions == {"docs/0": 0}
    again.take(arrived(START, descriptor(), event(1, x=1.0), event(2, x=2.0), STOP))
    again.close()
    (done,) = told
    assert (done.ok, done.path) == (True, tmp_path / "run-1.nxs")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nxtool-runs.json", "run-1.nxs"]


def test_malformed_documents_are_rejected_alone(tmp_path):
    told = []
    one = keeper(tmp_path, told)
    wrong = [("start", {"time": 1.0}), ("event", {"descriptor": []}), ("stop", {"run_start": {}})]
    one.take(arrived(START, descriptor(), *wrong, event(1, x=1.0), STOP))
    one.close()
    assert one.counts["#rejected"] == 3
    assert told[0] == "docs/0 offset 2: the start of a run has no uid"
    assert (tmp_path / "run-1.nxs").exists()


def test_a_run_that_cannot_begin_is_not_forgotten(tmp_path, monkeypatch):
    one = keeper(tmp_path, [])

    def full(_path):
        raise OutputError("the disk is full")

    monkeypatch.setattr("nxtool.stream.openruns.Journal", full)
    with pytest.raises(OutputError):
        one.take(arrived(START, descriptor()))
    one.close()
    assert keeper(tmp_path, []).positions == {"docs/0": 0}
