"""Runs written while they last, by a callback of a real RunEngine."""

import json
import subprocess
import sys
from pathlib import Path

import h5py
import pytest

import nxtool
from nxtool.errors import NxtoolError
from nxtool.stream import NexusWriter
from tests.blueskyruns import KINDS, record
from tests.rundocuments import START, STOP, descriptor, event, page, write
from tests.samecontent import content

WAIT = 60.0


@pytest.fixture
def writer(tmp_path):
    """A writer for one test."""
    made = NexusWriter(directory=tmp_path / "out", filename="{uid}.nxs")
    yield made
    made.close()


def give(writer, *documents):
    for name, doc in documents:
        writer(name, doc)


def one_by_one(documents, folder):
    """The documents of each run in a file of its own."""
    owners, runs = {}, {}
    for name, doc in documents:
        known = doc.get("descriptor") or doc.get("resource")
        uid = doc.get("run_start") or owners.get(known) or doc["uid"]
        if name in ("start", "descriptor", "resource"):
            owners[doc["uid"]] = uid
        runs.setdefault(uid, []).append((name, doc))
    return {uid: _stored(folder / f"{uid}.jsonl", own) for uid, own in runs.items()}


def _stored(path, documents):
    from nxtool.bluesky.columns import plain

    lines = (json.dumps({"name": name, "doc": doc}, default=plain) for name, doc in documents)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_written_live_is_the_same_as_one_converted_later(kind, tmp_path, writer):
    documents = record(kind, tmp_path, writer)
    assert writer.wait(WAIT)
    stored = one_by_one(documents, tmp_path)
    assert not writer.errors
    assert sorted(path.stem for path in writer.files) == sorted(stored)
    for done in writer.finished:
        later = tmp_path / "out" / "later.nxs"
        nxtool.convert(stored[done.uid], output=later, overwrite=True)
        ours, theirs = content(done.path), content(later)
        del ours["entry/bluesky/documents/data"], theirs["entry/bluesky/documents/data"]
        assert ours == theirs
        assert done.ok


READER = """
import sys, time, h5py
path, wanted = sys.argv[1], int(sys.argv[2])
end = time.monotonic() + 50
while time.monotonic() < end:
    try:
        with h5py.File(path, "r", swmr=True, locking=False) as file:
            if file["entry/primary/x"].shape[0] >= wanted:
                print(file["entry/primary/x"][()].tolist(), file["entry/run_status"][()].decode())
                break
    except (OSError, KeyError):
        pass
    time.sleep(0.05)
"""


def test_others_read_what_came_while_the_run_lasts(tmp_path, writer):
    give(writer, START, descriptor(), event(1, x=1.5), event(2, x=2.5), page([3], x=[3.5]))
    command = [sys.executable, "-c", READER, str(tmp_path / "out" / "run-1.nxs"), "3"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert seen == "[1.5, 2.5, 3.5] running\n"
    give(writer, STOP)
    assert writer.wait(WAIT)
    assert content(writer.files[0])["entry/run_status"][1][2] == "b'success'"


def test_images_that_come_are_seen_while_the_run_lasts(tmp_path, writer):
    images = tmp_path / "images.h5"
    with h5py.File(images, "w", libver="latest") as file:
        frames = file.create_dataset("d", (2, 3, 4), "u2", chunks=(1, 3, 4), maxshape=(None, 3, 4))
        frames[:] = 7
    key = {"img": {"dtype": "array", "shape": [3, 4], "source": "", "external": "STREAM:"}}
    resource = {"uid": "r", "run_start": "run-1", "data_key": "img", "parameters": {"dataset": "d"},
                "uri": f"file://localhost{images}", "mimetype": "application/x-hdf5"}  # fmt: skip
    datum = {"uid": "r/1", "stream_resource": "r", "descriptor": "d1",
             "indices": {"start": 0, "stop": 2}, "seq_nums": {"start": 1, "stop": 3}}  # fmt: skip
    give(writer, START, descriptor({**key, "x": {"dtype": "number", "shape": [], "source": ""}}))
    give(
        writer, ("stream_resource", resource), ("stream_datum", datum), event(1, x=1), event(2, x=2)
    )
    reader = READER.replace("primary/x", "primary/img")
    command = [sys.executable, "-c", reader, str(tmp_path / "out" / "run-1.nxs"), "2"]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert seen.count("7") == 24


def test_a_run_that_never_ends_becomes_a_file_that_says_so(tmp_path, writer):
    give(writer, START, descriptor(), event(1, x=1.5))
    writer.close()
    (done,) = writer.finished
    assert done.ok
    assert content(done.path)["entry/run_status"][1][2] == "b'incomplete'"
    assert not list(done.path.parent.glob("*.jsonl"))


@pytest.mark.parametrize(
    "documents",
    [
        [("event", {"descriptor": "none"})],
        [("start", {})],
        [("start", {"uid": "run-1", "time": "never"})],
        [START, ("descriptor", {"run_start": "run-1"})],
        [START, descriptor(), ("event", {"descriptor": "d1", "data": 5})],
        [START, ("hello", None)],
        [START, descriptor(), event(1, x=object()), event(10**12, x=1)],
    ],
)
def test_no_document_makes_the_callback_raise_or_stops_the_writer(tmp_path, writer, documents):
    give(writer, *documents)
    other = {"uid": "run-2", "time": 1.7e9}
    give(writer, ("start", other), ("stop", {**STOP[1], "run_start": "run-2"}))
    assert writer.wait(WAIT)
    assert [one.uid for one in writer.finished if one.ok] == ["run-2"]


RECIPE = """
nxtool: 1
definition: NXscan
sources:
  run: {path: yesterday.jsonl, format: bluesky}
entry:
  title: {from: "run:start/plan_name"}
  start_time: {from: "run:start/time@iso"}
  end_time: {from: "run:stop/time@iso"}
  instrument:
    detector:
      data: {from: "run:primary/x"}
  sample:
    rotation_angle: {from: "run:primary/phi", units: deg}
  monitor(NXmonitor):
    data: {from: "run:primary/n"}
"""


def test_a_recipe_makes_an_application_definition_of_every_run(tmp_path):
    recipe = tmp_path / "scan.nx.yaml"
    recipe.write_text(RECIPE)
    keys = {"x": {"dtype": "integer", "dtype_numpy": "<i8", "shape": [1, 2], "source": ""},
            "n": {"dtype": "integer", "dtype_numpy": "<i8", "shape": [], "source": ""},
            "phi": {"dtype": "number", "shape": [], "source": "", "units": "deg"}}  # fmt: skip
    writer = NexusWriter(recipe, directory=tmp_path, filename="{plan_name}.nxs")
    give(writer, START, descriptor(keys), event(1, x=[[5, 6]], n=1, phi=0.5))
    give(writer, event(2, x=[[7, 8]], n=2, phi=1.5), STOP)
    writer.close()
    (done,) = writer.finished
    assert (done.path, done.is_plain, writer.errors) == (tmp_path / "scan.nxs", False, [])
    assert content(done.path)["entry/definition"][1][2] == "b'NXscan'"


def test_where_a_recipe_does_not_fit_the_run_is_kept_without(tmp_path):
    recipe = tmp_path / "scan.nx.yaml"
    recipe.write_text(RECIPE)
    writer = NexusWriter(recipe, directory=tmp_path, filename="{uid}.nxs")
    give(writer, START, descriptor(), event(1, x=5), STOP)
    writer.close()
    (done,) = writer.finished
    assert done.is_plain
    assert not done.ok
    assert writer.errors == [
        f"{tmp_path}/run-1.nxs: the recipe does not fit the run: {tmp_path}/run-1.jsonl:"
        f" primary: no key 'n'; its documents are in {tmp_path}/run-1.jsonl"
    ]
    assert content(done.path)["entry/primary/x"][1][2] == "[5.0]"


def test_a_recipe_without_a_run_is_refused_at_once(tmp_path):
    recipe = tmp_path / "none.nx.yaml"
    recipe.write_text("nxtool: 1\ndefinition: NXscan\nentry: {}\n")
    with pytest.raises(NxtoolError, match="none of its sources is a run"):
        NexusWriter(recipe, directory=tmp_path)


def test_a_file_that_is_there_is_never_replaced(tmp_path, writer):
    there = tmp_path / "out" / "run-1.nxs"
    there.parent.mkdir()
    there.write_text("mine")
    give(writer, START, STOP)
    writer.close()
    assert there.read_text() == "mine"
    assert writer.files == [tmp_path / "out" / "run-1_2.nxs"]


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from nxtool.stream import NexusWriter
from tests.rundocuments import START, descriptor, event
writer = NexusWriter(directory=sys.argv[1], filename="{uid}.nxs")
writer(*START)
writer(*descriptor())
for number in range(1, 1001):
    writer(*event(number, x=number))
writer.wait(60)
import time
while not os.path.getsize(sys.argv[1] + "/run-1.jsonl") > 100_000:
    time.sleep(0.05)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_whose_program_was_killed_is_there_up_to_then(tmp_path):
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(root)]
    assert subprocess.run(command, check=False).returncode == -9
    target = tmp_path / "again.nxs"
    assert nxtool.convert(tmp_path / "run-1.jsonl", output=target).ok
    found = content(target)
    assert found["entry/run_status"][1][2] == "b'incomplete'"
    assert found["entry/primary/x"][1][1] == (1000,)


def test_documents_of_a_stored_run_can_be_given_too(tmp_path, writer):
    path = write(tmp_path / "run.jsonl", START, descriptor(), event(1, x=1.0), STOP)
    for line in path.read_text().splitlines():
        record = json.loads(line)
        writer(record["name"], record["doc"])
    assert writer.wait(WAIT)
    with h5py.File(writer.files[0]) as file:
        assert file["entry/bluesky/documents/data"][()].tobytes().count(b"\n") == 4
