"""Runs written while they last, by a callback of a real RunEngine."""

import json
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
from hypothesis import given, settings

from nxtool import convert
from nxtool.errors import NxtoolError
from nxtool.stream import NexusWriter, replay
from nxtool.validate.api import validate
from tests.blueskyruns import KINDS, record, runs_in
from tests.rundocuments import START, STOP, descriptor, event, page, write
from tests.samecontent import content
from tests.unit.test_bluesky_runs import streams

WAIT = 60.0
QUICK = ("async_fly", "fail", "interleaved", "rewind")
EVERY = [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]


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
    """The documents of each run in a file of its own, by uid."""
    runs = {own[0][1]["uid"]: own for own in runs_in(documents)}
    return {uid: _stored(folder / f"{uid}.jsonl", own) for uid, own in runs.items()}


def _stored(path, documents):
    from nxtool.bluesky.columns import plain

    lines = (json.dumps({"name": name, "doc": doc}, default=plain) for name, doc in documents)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.mark.parametrize("kind", EVERY)
def test_a_run_that_is_written_live_is_the_same_as_one_converted_later(kind, tmp_path, writer):
    documents = record(kind, tmp_path, writer)
    assert writer.wait(WAIT)
    stored = one_by_one(documents, tmp_path)
    assert not writer.errors
    assert sorted(path.stem for path in writer.files) == sorted(stored)
    for done in writer.finished:
        later = tmp_path / "out" / "later.nxs"
        convert(stored[done.uid], output=later, overwrite=True)
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
    assert done.documents is None
    assert not list(tmp_path.glob("*.jsonl"))  # they are in the file


def test_documents_stay_where_the_result_does_not_keep_them(tmp_path):
    recipe = tmp_path / "scan.nx.yaml"
    recipe.write_text(RECIPE + "provenance: {embed: none}\n")
    keys = {"x": {"dtype": "integer", "dtype_numpy": "<i8", "shape": [1, 2], "source": ""},
            "n": {"dtype": "integer", "dtype_numpy": "<i8", "shape": [], "source": ""},
            "phi": {"dtype": "number", "shape": [], "source": "", "units": "deg"}}  # fmt: skip
    writer = NexusWriter(recipe, directory=tmp_path, filename="{plan_name}.nxs")
    give(writer, START, descriptor(keys), event(1, x=[[5, 6]], n=1, phi=0.5), STOP)
    writer.close()
    (done,) = writer.finished
    assert (done.ok, done.documents) == (True, tmp_path / "scan.jsonl")
    assert done.documents.exists()


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
from nxtool.stream import NexusWriter, replay
from nxtool.validate.api import validate
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


@pytest.fixture
def killed(tmp_path):
    """A folder with what a run left whose program was killed."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(root)]
    assert subprocess.run(command, check=False).returncode == -9
    return tmp_path


@pytest.mark.slow
def test_a_run_whose_program_was_killed_is_recovered_from_its_documents(nxtool, killed):
    done = nxtool("recover", killed / "run-1.nxs")
    assert done.out == f"recovered {killed}/run-1.nxs  made anew of its documents\n"
    found = content(killed / "run-1.nxs")
    assert found["entry/run_status"][1][2] == "b'incomplete'"
    assert found["entry/primary/x"][1][1] == (1000,)
    assert [path.name for path in killed.iterdir()] == ["run-1.nxs"]
    again = nxtool("recover", killed / "run-1.nxs")
    assert again.out == f"recovered {killed}/run-1.nxs  was whole: nothing to mend\n"


def test_without_its_documents_the_view_of_a_killed_run_is_recovered(nxtool, killed):
    (killed / "run-1.jsonl").unlink()
    done = nxtool("recover", killed / "run-1.nxs")
    assert done.out == f"recovered {killed}/run-1.nxs  as at its last checkpoint\n"
    found = content(killed / "run-1.nxs")
    assert found["entry/run_status"][1][2] == "b'incomplete'"
    assert found["entry/primary/x"][1][2] == repr([float(n) for n in range(1, 1001)])
    assert validate(killed / "run-1.nxs").ok


def test_a_file_that_is_being_written_is_not_recovered(nxtool, tmp_path, writer):
    give(writer, START)
    path = tmp_path / "out" / "run-1.nxs"
    give(writer, descriptor(), event(1, x=1.5))
    command = [sys.executable, "-c", READER, str(path), "1"]
    subprocess.run(command, capture_output=True, check=True)
    done = nxtool("recover", path)
    assert (done.code, done.err) == (
        2,
        f"error: {path}: another process is writing it\n"
        "  → stop that one, or choose another file\n",
    )


@pytest.mark.parametrize(
    ("content_", "message"),
    [
        (b"", "not an HDF5 file\n  → nothing of it can be recovered\n"),
        (b"\x89HDF\r\n\x1a\n" + b"\3" * 90, "its superblock is damaged\n"
         "  → take a copy of the file from before\n"),
        (b'{"name":"start","doc":{"uid":"a"}}\n', "is a file of documents, and whole\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_recovered_is_told(nxtool, tmp_path, content_, message):
    path = tmp_path / "a.nxs"
    path.write_bytes(content_)
    done = nxtool("recover", path)
    assert done.code == 2
    assert done.err.startswith(f"error: {path}: {message}")
    assert path.read_bytes() == content_


def test_what_cannot_be_recovered_keeps_no_other_file_from_it(nxtool, tmp_path):
    whole = tmp_path / "b.nxs"
    h5py.File(whole, "w").close()
    done = nxtool("recover", tmp_path / "a.nxs", tmp_path, whole)
    assert (done.code, done.out) == (2, f"recovered {whole}  was whole: nothing to mend\n")
    assert done.err == (
        f"error: {tmp_path}/a.nxs: no such file or directory\n  → check the path\n"
        f"error: {tmp_path}: is a folder\n  → name the files in it\n"
    )


@pytest.mark.parametrize("rate", [0, 1000])
def test_a_stored_run_is_played_to_the_writer(tmp_path, writer, rate):
    path = write(tmp_path / "run.jsonl", START, descriptor(), event(1, x=1.0), STOP)
    assert replay(path, writer, rate=rate) == 4
    assert writer.wait(WAIT)
    with h5py.File(writer.files[0]) as file:
        assert file["entry/bluesky/documents/data"][()].tobytes().count(b"\n") == 4


def test_while_the_disk_is_full_documents_wait_and_none_is_lost(small_disk):
    writer = NexusWriter(directory=small_disk, filename="{uid}.nxs", live=False)
    give(writer, START, descriptor(), *(event(number, x=number) for number in range(1, 2001)))
    while not writer.errors:
        assert not writer.wait(0.1)
    assert writer.errors == [
        f"{small_disk}: the disk is full (free some space, or choose another with -o);"
        " trying again until it can be"
    ]
    larger = ["mount", "-o", "remount,size=16m", str(small_disk)]
    subprocess.run(larger, check=True)
    give(writer, event(2001, x=2001), STOP)
    assert writer.wait(WAIT)
    writer.close()
    (done,) = writer.finished
    assert content(done.path)["entry/primary/x"][1][2] == repr([float(n) for n in range(1, 2002)])


def test_where_the_disk_stays_full_the_documents_written_are_kept_and_it_is_told(small_disk):
    writer = NexusWriter(directory=small_disk, filename="{uid}.nxs")
    give(writer, START, descriptor(), *(event(number, x=number) for number in range(1, 2001)), STOP)
    writer.close()
    assert any("the disk is full" in one for one in writer.errors)
    assert any("its documents are in" in one for one in writer.errors)
    assert (small_disk / "run-1.jsonl").stat().st_size > 10_000


@given(streams())
@settings(max_examples=8)
def test_rewinds_gaps_and_pages_make_the_same_file(tmp_path_factory, stream):
    values, cuts = stream
    folder = tmp_path_factory.mktemp("same")
    singly = [event(number, x=value) for number, value in values]
    rest, pages = list(values), []
    for cut in [*cuts, *[1] * len(values)]:
        part, rest = rest[: max(cut, 1)], rest[max(cut, 1) :]
        if part:
            pages.append(page([n for n, _ in part], x=[v for _, v in part]))
    last = {number: event(number, x=value) for number, value in values}
    files = []
    for name, events in (("one", singly), ("page", pages), ("last", list(last.values()))):
        path = write(folder / f"{name}.jsonl", START, descriptor(), *events, STOP)
        assert convert(path, output=folder / f"{name}.nxs").ok
        found = content(folder / f"{name}.nxs")
        del found["entry/bluesky/documents/data"]
        files.append(found)
    assert files[0] == files[1] == files[2]
