"""Runs that are open at the same time: every document goes to its own."""

import json

import pytest

from nxtool.errors import OutputError
from nxtool.stream.openruns import OpenRuns


def documents_of(run):
    """Documents of a run, of every kind that names another one."""
    yield "start", {"uid": run, "time": 0.0}
    yield "descriptor", {"uid": f"{run}-d", "run_start": run, "name": "primary", "data_keys": {}}
    yield "resource", {"uid": f"{run}-r", "run_start": run, "spec": "X"}
    yield "datum", {"datum_id": f"{run}-r/0", "resource": f"{run}-r"}
    yield "datum_page", {"datum_id": [f"{run}-r/1"], "resource": f"{run}-r"}
    yield "bulk_datum", {"datum_ids": [f"{run}-r/2"], "resource": f"{run}-r"}
    yield "stream_resource", {"uid": f"{run}-s", "run_start": run}
    yield "stream_datum", {"uid": f"{run}-s/0", "stream_resource": f"{run}-s",
                           "descriptor": f"{run}-d"}  # fmt: skip
    yield "event", {"uid": f"{run}-e", "descriptor": f"{run}-d"}
    yield "event_page", {"uid": [f"{run}-f"], "descriptor": f"{run}-d"}
    yield "bulk_events", {f"{run}-d": [{"uid": f"{run}-g"}]}
    yield "stop", {"uid": f"{run}-z", "run_start": run}


def test_every_kind_of_document_goes_to_its_own_run(tmp_path):
    told = []
    runs = OpenRuns(tmp_path, "{uid}.nxs", told.append, is_live=False)
    ended = []
    for pair in zip(documents_of("a"), documents_of("b"), strict=True):
        ended += [run for run in (runs.take(*one) for one in pair) if run is not None]
    for run in ended:
        run.close()
    assert [run.uid for run in ended] == ["a", "b"]
    for uid in ("a", "b"):
        lines = (tmp_path / f"{uid}.jsonl").read_text().splitlines()
        found = [json.loads(line) for line in lines]
        assert [(one["name"], one["doc"]) for one in found] == list(documents_of(uid))
    assert told == []


def test_a_document_of_no_run_is_refused(tmp_path):
    runs = OpenRuns(tmp_path, "{uid}.nxs", print, is_live=False)
    with pytest.raises(OutputError) as caught:
        runs.take("event", {"descriptor": "of nobody"})
    assert caught.value.message == "the event document belongs to no run that started here"
