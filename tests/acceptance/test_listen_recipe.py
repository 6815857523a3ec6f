"""`nxtool listen` by a recipe: checked before, recorded, converted."""

import time

import h5py
import numpy as np
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import streaming_data_types as oracle
from streaming_data_types.area_detector_ad00 import serialise_ad00

from nxtool.cli import main
from tests.kafkabroker import Broker

RECIPE = """
nxtool: 1
definition: NXscan
sources:
  kafka: {path: recorded.nxs, format: kafka}
entry:
  title: a scan of messages
  start_time: 2026-01-05T10:00:00Z
  end_time: 2026-01-05T10:01:00Z
  instrument:
    detector:
      data: {from: "kafka:det/camera"}
  sample:
    rotation_angle: {from: "kafka:motors/m:om", units: deg}
  monitor:
    data: {from: "kafka:det/counts"}
  log(NXlog):
    value: {from: "kafka:motors/m:om", units: deg}
    time: {from: "kafka:motors/m:om@elapsed"}
"""


@pytest.fixture
def broker(tmp_path):
    found = Broker("noida", tmp_path / "broker")
    found.start()
    found.make_topics(motors=1, det=1, other=1)
    now = time.time_ns()
    for n in range(5):
        found.send([
            ("motors", 0, oracle.serialise_f144("m:om", n / 2, now + n * 10**9)),
            ("motors", 0, oracle.serialise_f144("m:unused", n / 2, now + n * 10**9)),
            ("det", 0, serialise_ad00("camera", n, now + n * 10**9, np.full((2, 3), n))),
            ("det", 0, oracle.serialise_f144("counts", np.int32(10 * n), now + n * 10**9)),
        ])  # fmt: skip
    yield found
    found.stop()


def listen(broker, recipe, path, *more):
    return main(["listen", f"kafka://{broker.address}", "-r", str(recipe), "-o", str(path),
                 "--until", "end", *more])  # fmt: skip


def test_what_a_recipe_names_is_recorded_and_converted(broker, tmp_path, capsys):
    recipe, path = tmp_path / "scan.nx.yaml", tmp_path / "scan.nxs"
    recipe.write_text(RECIPE)
    assert listen(broker, recipe, path) == 0, capsys.readouterr().out
    with h5py.File(path) as file:
        assert file["entry/definition"].asstr()[()] == "NXscan"
        assert file["entry/sample/rotation_angle"][:].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
        assert file["entry/instrument/detector/data"][:, 0, 0].tolist() == [0, 1, 2, 3, 4]
        assert file["entry/monitor/data"][:].tolist() == [0, 10, 20, 30, 40]
        assert file["entry/log/time"][:].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    with h5py.File(tmp_path / "scan.recorded.nxs") as file:
        assert sorted(file["entry/motors"]) == ["m_om"]
        assert "other" not in file["entry"]


def test_a_recipe_that_lacks_what_is_required_is_refused_before(tmp_path, capsys):
    recipe, path = tmp_path / "scan.nx.yaml", tmp_path / "scan.nxs"
    recipe.write_text(RECIPE.replace('  monitor:\n    data: {from: "kafka:det/counts"}\n', ""))
    code = main(["listen", "kafka://127.0.0.1:1", "-r", str(recipe), "-o", str(path)])
    told = capsys.readouterr().out
    assert code == 1
    assert "monitor" in told
    assert not list(tmp_path.glob("*.nxs"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{path: recorded.nxs, format: hdf5}", "none of its sources is of the format kafka"),
        ("{path: recorded.nxs}", "none of its sources is of the format kafka"),
    ],
)
def test_a_recipe_without_messages_is_refused(source, message, tmp_path, capsys):
    recipe = tmp_path / "scan.nx.yaml"
    recipe.write_text(RECIPE.replace("{path: recorded.nxs, format: kafka}", source))
    code = main(["listen", "kafka://127.0.0.1:1", "-r", str(recipe), "-o", str(tmp_path / "x.nxs")])
    assert code == 2
    assert capsys.readouterr().err.splitlines()[0] == f"error: {recipe}: {message}"


def test_check_looks_at_the_form_of_what_is_to_come(tmp_path, capsys):
    recipe = tmp_path / "scan.nx.yaml"
    recipe.write_text(RECIPE.replace("kafka:det/counts", "kafka:det"))
    assert main(["check", str(recipe)]) == 1
    assert "'det' names no source of a topic" in capsys.readouterr().out


def test_recordings_are_listed_by_what_kafka_calls_them(broker, tmp_path, capsys):
    path = tmp_path / "run.nxs"
    assert main(["listen", f"kafka://{broker.address}/motors", "-o", str(path), "-q",
                 "--until", "end"]) == 0  # fmt: skip
    assert main(["sources", str(path), "--as", "kafka"]) == 0
    told = capsys.readouterr().out
    assert "motors/m:om  " in told
    assert "motors/m:om/time" in told
    assert "nxtool_stream" not in told
