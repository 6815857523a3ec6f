"""Runs of Bluesky as sources: selectors, several runs, data in other files."""

import json
from contextlib import suppress

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources.blueskyrun import opener
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write
from tests.sourcedamage import read_damaged

KEYS = {"x": {**NUMBER, "units": "mm"}, "state": {"dtype": "string", "shape": [], "source": "sim"}}
SETTINGS = {
    "det": {
        "data": {"det_count_time": 0.5, "det-mode": "fast"},
        "timestamps": {"det_count_time": 1.7e9 - 5, "det-mode": 1.7e9 - 5},
        "data_keys": {"det_count_time": {**NUMBER, "units": "s"}},
    }
}
RUN = [
    START,
    descriptor(KEYS, configuration=SETTINGS),
    event(1, x=1.5, state="open"),
    event(2, x=2.5, state="shut"),
    STOP,
]


@pytest.fixture
def reader(tmp_path):
    def opened(*documents, **options):
        return opener(options)(write(tmp_path / "a.jsonl", *(documents or RUN)))

    return opened


def test_it_offers_metadata_streams_settings_and_the_documents(reader):
    assert list(reader().keys()) == [
        *("start/uid", "start/time", "start/plan_name", "start/sample/name"),
        *("primary/x", "primary/state", "primary@time"),
        *("config/det/det_count_time", "config/det/det-mode"),
        *("stop/uid", "stop/run_start", "stop/time", "stop/exit_status", "documents"),
    ]


@pytest.mark.parametrize(
    ("selector", "value", "units"),
    [
        ("start/sample/name", "LaB6", None),
        ("start/time", 1.7e9, None),
        ("start/time@iso", "2023-11-14T22:13:20+00:00", None),
        ("stop/exit_status", "success", None),
        ("primary/x", [1.5, 2.5], "mm"),
        ("primary/x@first", 1.5, "mm"),
        ("primary/x@last", 2.5, "mm"),
        ("primary/x@time", [1.7e9 + 1, 1.7e9 + 2], "s"),
        ("primary/x@elapsed", [1, 2], "s"),
        ("primary@elapsed", [1, 2], "s"),
        ("primary@seq_num", [1, 2], None),
        ("primary@missing_seq", [], None),
        ("primary/state", ["open", "shut"], None),
        ("primary/state@last", "shut", None),
        ("config/det/count_time", 0.5, "s"),
        ("config/det/det_count_time", 0.5, "s"),
        ("config/det/mode", "fast", None),
        ("config/det/count_time@time", [1.7e9 - 5], "s"),
    ],
)
def test_a_selector_names_a_value(reader, selector, value, units):
    array = reader().array(selector)
    assert array.read(0, 9).tolist() == value
    assert array.info.units == units
    assert array.info.shape == np.shape(value)


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("primry/x", "no stream 'primry' (did you mean primary?)"),
        ("primary/y", "primary: no key 'y' (there is x, state)"),
        ("primary", "primary is a stream (like primary/x, or primary@time)"),
        ("start/sample", "start/sample is a group of values"),
        ("start/smple", "start: no value 'smple' (did you mean time?)"),
        ("config/dat/x", "no configured object 'dat' (did you mean det?)"),
        ("config/det/gain", "config/det: no setting 'gain' (there is det_count_time, det-mode)"),
        ("primary/x@iso", "primary/x has no @iso (it may have time, elapsed, first, last, grid)"),
        ("primary/x@grid", "primary has 2 events, and the run no grid (leave @grid out)"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(reader, tmp_path, selector, message):
    with pytest.raises(SourceError) as error:
        reader().array(selector)
    text = str(error.value).removeprefix(f"{tmp_path}/a.jsonl: ")
    assert text.startswith(message.partition(" (")[0])
    assert text == message or "did you mean" in message


def test_a_run_that_was_not_ended_has_no_stop(reader, tmp_path):
    with pytest.raises(SourceError) as error:
        reader(*RUN[:-1]).array("stop/exit_status")
    hint = "it was not ended, or its end was not stored"
    assert str(error.value) == f"{tmp_path}/a.jsonl: the run has no stop ({hint})"


def test_the_documents_are_the_bytes_of_the_file(reader, tmp_path):
    found = reader().array("documents").read(0, 1 << 20).tobytes()
    assert found == (tmp_path / "a.jsonl").read_bytes()


SECOND = [
    ("start", {"uid": "run-2", "time": 1.7e9, "scan_id": 7}),
    ("descriptor", {**descriptor(uid="d9")[1], "run_start": "run-2"}),
    event(1, "d9", x=8),
]


@pytest.mark.parametrize("wanted", [2, "2", "run-2"])
def test_one_of_several_runs_is_chosen_by_number_or_uid(reader, wanted):
    documents = [RUN[0], SECOND[0], *RUN[1:3], *SECOND[1:], *RUN[3:]]
    chosen = reader(*documents, run=wanted)
    assert chosen.array("primary/x").read(0, 9).tolist() == [8]
    lines = chosen.array("documents").read(0, 1 << 20).tobytes().splitlines()
    assert [json.loads(line)["doc"] for line in lines] == [doc for _, doc in SECOND]


def test_several_runs_without_a_choice_are_refused_with_a_list(reader, tmp_path):
    with pytest.raises(SourceError) as error:
        reader(*RUN, *SECOND)
    assert str(error.value) == (
        f"{tmp_path}/a.jsonl: holds 2 runs"
        " (say which by --run, in a recipe by options: {run: …}: "
        "1 run-1 (scan, success); 2 run-2 (scan 7, incomplete); "
        "or convert each, with a field in the name of the output: -o '{run}.nxs')"
    )


@pytest.mark.parametrize("wanted", ["run-", "3", "x"])
def test_a_choice_that_is_none_is_refused(reader, wanted):
    with pytest.raises(SourceError) as error:
        reader(*RUN, *SECOND, run=wanted)
    assert error.value.about == "options"


IMAGE = {"dtype": "array", "shape": [1, 2, 3], "source": "sim", "external": "STREAM:"}


def images(folder, name="a.h5", frames=4, first=0):
    """Frames with their number in every pixel."""
    folder.mkdir(exist_ok=True)
    with h5py.File(folder / name, "w") as file:
        numbers = np.arange(first, first + frames, dtype="u2")
        file["entry/data/data"] = np.broadcast_to(numbers[:, None, None], (frames, 2, 3))
    return folder / name


def asset(path, uid="r1", key="img"):
    parameters = {"dataset": "/entry/data/data", "chunk_shape": [1, 2, 3]}
    doc = {"uid": uid, "data_key": key, "mimetype": "application/x-hdf5", "parameters": parameters}
    return "stream_resource", {**doc, "uri": f"file://localhost{path}", "run_start": "run-1"}


def frames(start, stop, index=0, uid="r1"):
    numbers = {"start": start, "stop": stop}
    indices = {"start": index, "stop": index + stop - start}
    doc = {"uid": f"{uid}/{start}", "descriptor": "d1", "stream_resource": uid}
    return "stream_datum", {**doc, "seq_nums": numbers, "indices": indices}


def numbers_in(array):
    return array.read(0, 99)[:, 0, 0].tolist()


def test_images_in_a_file_are_rows_with_a_place_to_link_to(reader, tmp_path):
    file = images(tmp_path / "raw")
    array = reader(START, descriptor({"img": IMAGE}), asset(file), frames(1, 5), STOP).array(
        "primary/img"
    )
    assert numbers_in(array) == [0, 1, 2, 3]
    [place] = array.info.locations
    assert (place.file, place.dataset, place.is_whole) == (file, "/entry/data/data", True)


def test_rows_told_twice_and_gaps_are_as_the_last_document_says(reader, tmp_path):
    file, other = images(tmp_path / "raw"), images(tmp_path / "raw", "b.h5", first=10)
    array = reader(
        *(START, descriptor({"img": IMAGE}), asset(file), asset(other, "r2")),
        *(frames(1, 3), frames(2, 4, 2), frames(6, 8, 1, "r2"), STOP),
    ).array("primary/img")
    assert numbers_in(array) == [0, 2, 3, 0, 0, 11, 12]
    pieces = [(one.file.name, one.first, one.count or one.rows) for one in array.info.locations]
    assert pieces == [("a.h5", 0, 1), ("a.h5", 2, 2), ("", 0, 2), ("b.h5", 1, 2)]


def test_events_without_a_frame_are_told(reader, tmp_path):
    file = images(tmp_path / "raw")
    documents = (START, descriptor({"img": IMAGE}), asset(file), *(event(n) for n in range(1, 6)))
    run = reader(*documents, frames(1, 4), STOP)
    assert run.notes == ("primary/img: 2 of 5 events have no frame",)
    assert numbers_in(run.array("primary/img")) == [0, 1, 2, 0, 0]


def test_several_frames_an_event_get_an_axis(reader, tmp_path):
    file = images(tmp_path / "raw", frames=6)
    key = {**IMAGE, "shape": [3, 2, 3]}
    array = reader(START, descriptor({"img": key}), asset(file), frames(1, 3), STOP).array(
        "primary/img"
    )
    assert array.info.shape == (2, 3, 2, 3)
    assert array.read(1, 2)[0, :, 0, 0].tolist() == [3, 4, 5]


def test_a_file_that_is_too_short_is_an_error(reader, tmp_path):
    file = images(tmp_path / "raw", frames=2)
    with pytest.raises(SourceError) as error:
        reader(START, descriptor({"img": IMAGE}), asset(file), frames(1, 5), STOP).array(
            "primary/img"
        )
    assert str(error.value) == (
        f"{file}: /entry/data/data has 2 frames, the run tells of 4"
        " (was the file copied before it was complete?)"
    )


def test_a_missing_file_is_an_error_that_names_the_option(reader, tmp_path):
    images(tmp_path / "raw")
    documents = (START, descriptor({"img": IMAGE}), asset("/old/a.h5"), frames(1, 5), STOP)
    with pytest.raises(SourceError) as error:
        reader(*documents).array("primary/img")
    assert error.value.message == "/old/a.h5: is missing, where data of the run lie"
    assert "roots" in error.value.hint
    moved = reader(*documents, roots={"/old": str(tmp_path / "raw")})
    assert numbers_in(moved.array("primary/img")) == [0, 1, 2, 3]


def test_the_older_documents_of_area_detector_are_known(reader, tmp_path):
    file = images(tmp_path / "raw", frames=6)
    resource = {
        "uid": "r1", "spec": "AD_HDF5", "root": str(tmp_path), "resource_path": "raw/a.h5",
        "resource_kwargs": {"frame_per_point": 2}, "run_start": "run-1",
    }  # fmt: skip
    key = {**IMAGE, "shape": [2, 2, 3], "external": "FILESTORE:"}
    datums = [
        ("datum", {"datum_id": f"r1/{n}", "resource": "r1", "datum_kwargs": {"point_number": n}})
        for n in range(3)
    ]
    events = [event(n + 1, img=f"r1/{n}") for n in range(3)]
    run = reader(START, descriptor({"img": key}), ("resource", resource), *datums, *events, STOP)
    array = run.array("primary/img")
    assert array.info.shape == (3, 2, 2, 3)
    assert array.read(0, 9)[:, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert [one.file for one in array.info.locations] == [file]


def test_series_of_tiff_files_are_rows(reader, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    for number in range(3):
        tifffile.imwrite(tmp_path / f"img_{number:06d}.tif", np.full((2, 3), number, "u2"))
    resource = asset(tmp_path)[1] | {
        "mimetype": "multipart/related;type=image/tiff",
        "uri": f"file://localhost{tmp_path}/",
        "parameters": {"template": "img_{:06d}.tif", "chunk_shape": [1, 2, 3]},
    }
    run = reader(START, descriptor({"img": IMAGE}), ("stream_resource", resource), frames(1, 4))
    assert numbers_in(run.array("primary/img")) == [0, 1, 2]


def test_the_plain_reader_of_json_lines_can_be_asked_for(tmp_path):
    path = str(write(tmp_path / "a.jsonl", *RUN))
    with open_source(SourceSpec(path, format="jsonl", options={"where": {"/name": "event"}}),
                     tmp_path) as source:  # fmt: skip
        assert source.array("/doc/data/x").read(0, 9).tolist() == [1.5, 2.5]


WEIRD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
PLACES = [(index, key) for index, (_, doc) in enumerate(RUN) for key in doc]


@given(st.sampled_from(PLACES), WEIRD)
def test_documents_with_anything_in_them_are_read_or_refused(tmp_path_factory, place, value):
    index, key = place
    documents = [(name, dict(doc)) for name, doc in RUN]
    documents[index][1][key] = value
    folder = tmp_path_factory.mktemp("weird")
    path = write(folder / "a.jsonl", *documents)
    read_damaged(opener({}), path, path.read_bytes())


@given(st.data())
def test_damaged_files_are_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(write(folder / "a.jsonl", *RUN).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    stop = data.draw(st.integers(0, len(content)))
    with suppress(SourceError):
        read_damaged(opener({}), folder / "a.jsonl", bytes(content[:stop]))
