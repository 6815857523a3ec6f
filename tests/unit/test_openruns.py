"""Runs that are open at the same time: every document goes to its own."""

import json

import h5py
import numpy as np
import pytest

from nxtool.errors import OutputError
from nxtool.stream.liverun import LiveRun
from nxtool.stream.openruns import OpenRuns
from tests.rundocuments import START, STOP, descriptor, event


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


def test_a_start_that_comes_twice_begins_one_run(tmp_path):
    runs = OpenRuns(tmp_path, "{uid}.nxs", print, is_live=True)
    for name, doc in [START, START, descriptor(), event(1, x=1.0)]:
        assert runs.take(name, doc) is None
    run = runs.take(*STOP)
    run.close()
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["run-1.jsonl", "run-1.nxs"]
    lines = run.documents.read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["start", "descriptor", "event", "stop"]
    assert list(runs.uids) == []


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{proposal}/{uid}.nxs", "the start of the run has no 'proposal' to name the file by"),
        ("{uid}" + "x" * 250 + ".nxs", "is too long for the name of a file"),
    ],
)
def test_a_run_that_cannot_be_named_is_called_by_its_uid(tmp_path, template, told):
    heard = []
    runs = OpenRuns(tmp_path, template, heard.append, is_live=False)
    runs.take(*START)
    run = runs.take(*STOP)
    run.close()
    assert run.path == tmp_path / "run-1.nxs"
    assert len(run.documents.read_text().splitlines()) == 2
    assert told in heard[0]
    assert heard[0].endswith("; the file of the run is called run-1.nxs")


def test_a_run_that_cannot_be_shown_is_written_all_the_same(tmp_path):
    heard = []
    runs = OpenRuns(tmp_path, "{uid}.nxs", heard.append, is_live=True)
    runs.take("start", {**START[1], "title": "\ud800"})
    run = runs.take(*STOP)
    run.close()
    assert len(run.documents.read_text().splitlines()) == 2
    assert heard[0].endswith("; the run is not shown while it lasts")


@pytest.mark.parametrize(
    ("dtype", "values", "shown"),
    [
        ("<u4", [5, 2**32 - 1], [5, 2**32 - 1]),
        ("|u1", [5, 300], [5, 0]),
        ("|i1", [-5, 300], [-5, 0]),
        ("<f4", [1.5, None], [1.5, np.nan]),
    ],
)
def test_values_are_shown_where_they_fit(tmp_path, dtype, values, shown):
    path = tmp_path / "run.nxs"
    view = LiveRun(path, START[1])
    described = descriptor()[1]
    key = {"source": "sim", "dtype": "number", "dtype_numpy": dtype, "shape": []}
    view.descriptor({**described, "data_keys": {"x": key}})
    for number, value in enumerate(values, start=1):
        view.event(event(number, x=value)[1])
    view.flush()
    view.close()
    with h5py.File(path) as file:
        assert np.array_equal(file["entry/primary/x"][:], shown, equal_nan=dtype == "<f4")
