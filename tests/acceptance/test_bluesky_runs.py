"""Real runs of every kind, stored, converted without a recipe, and read back."""

import json
import shutil

import h5py
import numpy as np
import pytest

import nxtool
from nxtool.archive.documents import kept_documents
from nxtool.build.convert import convert
from nxtool.build.fromrun import RunRequest, recipe_of_run
from nxtool.sources.blueskyrun import opener
from tests.blueskyruns import FORMS, KINDS, record, runs_in, store
from tests.nexusformat import is_explained, nexusformat_errors

SEVERAL = "interleaved"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The documents of a kind of run, made once, and the folder of its data files."""
    known = {}

    def get(kind):
        if kind not in known:
            folder = tmp_path_factory.mktemp(kind)
            known[kind] = record(kind, folder), folder
        return known[kind]

    return get


def events_of(documents):
    """The values of each key by stream and number of the event, the last counts."""
    streams, values = {}, {}
    for name, doc in documents:
        if name == "descriptor":
            streams[doc["uid"]] = doc["name"], doc["data_keys"]
        elif name in ("event", "event_page"):
            stream, keys = streams[doc["descriptor"]]
            numbers = doc["seq_num"] if name == "event_page" else [doc["seq_num"]]
            for key, data in doc["data"].items():
                if keys[key].get("external"):
                    continue
                rows = data if name == "event_page" else [data]
                for number, value in zip(numbers, rows, strict=True):
                    values.setdefault((stream, key), {})[number] = value
    return values


def every_run(recorded, tmp_path, kind, form):
    """A reader for each run of a kind, with its documents."""
    documents, _ = recorded(kind)
    path = store(documents, form, tmp_path)
    for number, own in enumerate(runs_in(documents), start=1):
        options = {"run": number} if kind == SEVERAL else {}
        yield opener(options)(path), own


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_as_many_rows_as_there_were_events(recorded, tmp_path, kind, form):
    for reader, documents in every_run(recorded, tmp_path, kind, form):
        stop = documents[-1][1]
        assert stop["num_events"]
        for stream, count in stop["num_events"].items():
            keys = [key for key in list(reader.keys()) if key.startswith(f"{stream}/")]
            assert keys
            for key in keys:
                assert reader.array(key).info.shape[0] == count, key
        reader.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_values_are_those_of_the_documents(recorded, tmp_path, kind):
    for reader, documents in every_run(recorded, tmp_path, kind, "lines"):
        for (stream, key), rows in events_of(documents).items():
            found = reader.array(f"{stream}/{key}").read(0, len(rows)).tolist()
            assert found == [_plain(rows[number]) for number in sorted(rows)], key
        reader.close()


def _plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_any_kind_becomes_a_valid_file_without_a_recipe(recorded, tmp_path, kind):
    documents, _ = recorded(kind)
    path = store(documents, "lines", tmp_path)
    for number, own in enumerate(runs_in(documents), start=1):
        target = tmp_path / f"{number}.nxs"
        request = RunRequest(str(number) if kind == SEVERAL else "")
        outcome = convert(recipe_of_run(path, request), schema(), output=str(target))
        assert [str(item) for item in outcome.findings if item.severity != "info"] == []
        assert nxtool.validate(target).ok
        with h5py.File(target) as file:
            assert file["entry/run_status"][()].decode() == own[-1][1]["exit_status"]
            assert kept(file) == json.loads(json.dumps([list(one) for one in own], default=_plain))
            if "default" in file["entry"].attrs:
                group = file["entry"][file["entry"].attrs["default"]]
                assert group.attrs["signal"] in group


def kept(file):
    """The documents in a file, as name and document."""
    lines = file["entry/bluesky/documents/data"][()].tobytes().splitlines()
    return [[one["name"], one["doc"]] for one in map(json.loads, lines)]


def schema():
    from nxtool.config import lasting_schema

    return lasting_schema([])


def converted(path, target, **request):
    outcome = convert(
        recipe_of_run(path, RunRequest(**request)), schema(), output=str(target), overwrite=True
    )
    assert outcome.written == target
    return outcome


@pytest.fixture
def run_file(recorded, tmp_path):
    """A stored run of a kind, in lines."""
    return lambda kind: store(recorded(kind)[0], "lines", tmp_path)


def test_what_bluesky_itself_writes_is_read(recorded, tmp_path):
    writers = pytest.importorskip("bluesky.callbacks.json_writer")
    documents, _ = recorded("scan")
    for writer, name in ((writers.JSONWriter, "a.json"), (writers.JSONLinesWriter, "a.jsonl")):
        write = writer(str(tmp_path), name)
        for one in documents:
            write(*one)
        reader = opener({})(tmp_path / name)
        assert reader.notes == ()
        assert reader.array("primary/motor").info.shape == (7,)


def test_images_that_older_documents_tell_of_are_read(run_file, tmp_path):
    converted(run_file("image_in_files"), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        frames = file["entry/primary/frames"]
        assert (frames[()] == np.arange(12.0).reshape(3, 4)).all()
        assert frames.shape == (3, 3, 4)


def test_a_grid_is_put_in_the_order_of_its_axes(run_file, tmp_path):
    converted(run_file("grid_snaked"), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        grid = file["entry/primary_grid"]
        assert grid.attrs["axes"].tolist() == ["motor1_axis", "motor2_axis"]
        assert grid["motor1_axis"][()].tolist() == [-1, 0, 1]
        assert grid["motor2_axis"][()].tolist() == [0, 1, 2, 3, 4]
        assert (grid["motor2"][()] == grid["motor2_axis"][()]).all()
        assert (grid["motor1"][()] == grid["motor1_axis"][()][:, None]).all()
        assert grid[grid.attrs["signal"]].shape == (3, 5)


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("baseline", "primary"),
        ("grid_snaked", "primary_grid"),
        ("async_fly", "main"),
        ("monitor", "primary"),
    ],
)
def test_what_is_shown_first_is_what_was_scanned(run_file, tmp_path, kind, default):
    converted(run_file(kind), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        assert (file.attrs["default"], file["entry"].attrs["default"]) == ("entry", default)


def test_a_monitor_is_a_log_with_times_since_the_start(run_file, tmp_path):
    converted(run_file("monitor"), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        log = file["entry/ring_current_monitor"]
        assert log.attrs["NX_class"] == "NXlog"
        assert log["value"][()].tolist()[-1] == 297
        assert log["time"].attrs["start"] == file["entry/start_time"][()].decode()
        assert log["time"].attrs["units"] == "s"
        assert (np.diff(log["time"][()]) >= 0).all()


def test_a_setting_that_changed_has_a_row_each_time(run_file, tmp_path):
    converted(run_file("reconfigured"), tmp_path / "a.nxs")
    with h5py.File(tmp_path / "a.nxs") as file:
        settings = file["entry/bluesky/configuration/gauss"]
        assert settings["gauss_Imax"][()].tolist() == [1, 7]
        assert settings["gauss_Imax_time"].shape == (2,)
        assert file["entry/primary/gauss"].shape == (2,)


@pytest.mark.parametrize("assets", ["virtual", "link", "copy"])
def test_images_stay_in_their_files_or_are_copied(run_file, tmp_path, assets):
    path = run_file("async_count")
    converted(path, tmp_path / "a.nxs", assets=assets)
    reader = opener({})(path)
    expected = reader.array("primary/bdet").read(0, 9)
    reader.close()
    with h5py.File(tmp_path / "a.nxs") as file:
        link = file.get("entry/primary/bdet", getlink=True)
        images = file["entry/primary/bdet"]
        assert (images[()] == expected).all()
        assert isinstance(link, h5py.ExternalLink) == (assets == "link")
        assert (images.is_virtual, images.shape[0]) == (assets == "virtual", 3)


def test_images_that_are_missing_are_told_and_the_rest_is_written(recorded, tmp_path):
    documents, folder = recorded("async_count")
    path = store(documents, "lines", tmp_path)
    text = path.read_text().replace(str(folder), "/nowhere")
    path.write_text(text)
    outcome = converted(path, tmp_path / "a.nxs")
    name = next(iter(folder.glob("*.h5"))).name
    told = [item.message for item in outcome.findings if item.severity == "warning"]
    assert told == [
        f"primary/{key} is left out: /nowhere/{name}: is missing, where data of the run lie"
        for key in ("bdet", "bdet-sum")
    ]
    converted(path, tmp_path / "b.nxs", roots={"/nowhere": str(folder)})
    with h5py.File(tmp_path / "b.nxs") as file:
        assert file["entry/primary/bdet"].shape[0] == 3


def test_a_folder_with_result_and_images_can_be_moved(recorded, tmp_path):
    documents, folder = recorded("async_count")
    shutil.copytree(folder, tmp_path / "old/images")
    path = store(documents, "lines", tmp_path / "old")
    converted(path, tmp_path / "old/a.nxs", roots={str(folder): str(tmp_path / "old/images")})
    (tmp_path / "old").rename(tmp_path / "new")
    with h5py.File(tmp_path / "new/a.nxs") as file:
        assert file["entry/primary/bdet"][()].any(axis=(1, 2)).all()


RECIPE = """\
nxtool: 1
definition: NXscan
output: scan.nxs
sources:
  run: lines.jsonl
entry:
  title: {from: "run:start/plan_name"}
  start_time: {from: "run:start/time@iso"}
  end_time: {from: "run:stop/time@iso"}
  instrument:
    detector:
      data: {from: "run:primary/bdet", dtype: int32}
  sample:
    rotation_angle: {from: "run:primary/stage-y", units: deg}
  monitor:
    data: {from: "run:primary/bdet-sum"}
"""


def test_a_recipe_makes_an_nxscan_of_a_run(run_file, tmp_path):
    run_file("async_grid")
    (tmp_path / "a.nx.yaml").write_text(RECIPE)
    outcome = nxtool.convert(tmp_path / "a.nx.yaml")
    assert [str(item) for item in outcome.findings if item.severity == "error"] == []
    found = nexusformat_errors(tmp_path / "scan.nxs")
    assert [one for one in found if not is_explained(one)] == []


@pytest.mark.parametrize("form", ["lines", "msgpack"])
def test_a_file_made_by_a_recipe_gives_the_documents_back_too(recorded, tmp_path, form):
    path = store(recorded("async_grid")[0], form, tmp_path)
    (tmp_path / "a.nx.yaml").write_text(RECIPE.replace("lines.jsonl", path.name))
    assert nxtool.convert(tmp_path / "a.nx.yaml").written
    lines = b"".join(kept_documents(tmp_path / "scan.nxs")).splitlines()
    assert [json.loads(one)["name"] for one in lines] == [
        name for name, _ in recorded("async_grid")[0]
    ]
    if form == "lines":
        assert b"\n".join(lines) + b"\n" == path.read_bytes()


def test_a_proposal_for_a_real_run_becomes_an_nxscan(run_file, nxtool, tmp_path):
    path, target = run_file("async_grid"), tmp_path / "scan.nx.yaml"
    code, _, told = nxtool("new", "--from", path, "--definition", "NXscan", "-o", target)
    assert code == 0
    assert told == (
        "mapped /entry/title from run:start/plan_name\n"
        "mapped /entry/start_time from run:start/time@iso\n"
        "mapped /entry/end_time from run:stop/time@iso\n"
        "mapped /entry/instrument/detector/data from run:primary/bdet\n"
        "to be filled in: /entry/sample/rotation_angle\n"
        "to be filled in: /entry/monitor/data\n"
    )
    filled = [
        "entry.sample.rotation_angle={from: 'run:primary/stage-y', units: deg}",
        "entry.monitor.data={from: 'run:primary/bdet-sum'}",
    ]
    settings = [word for one in filled for word in ("--set", one)]
    code, out, err = nxtool("convert", target, *settings, "-q")
    assert (code, err) == (0, ""), out
    found = nexusformat_errors(tmp_path / "scan.nxs")
    assert [one for one in found if not is_explained(one)] == []
    with h5py.File(tmp_path / "scan.nxs") as file:
        assert file["entry/instrument/detector/data"].is_virtual
        assert file["entry/data/data"].shape == (6, 240, 320)
