"""`nxtool listen` with real brokers on loopback."""

import json
import time

import h5py
import pytest

pytest.importorskip("streaming_data_types", reason="ess-streaming-data-types is not installed")
import streaming_data_types as oracle

from nxtool.cli import main
from tests.kafkabroker import Broker
from tests.streamfile import structure_of


@pytest.fixture(scope="module", params=["noida", pytest.param("tansu", marks=pytest.mark.slow)])
def broker(request, tmp_path_factory):
    """A broker of each kind, with messages: logs, events, JSON, and one that is nothing."""
    found = Broker(request.param, tmp_path_factory.mktemp(request.param))
    found.start()
    found.now = time.time_ns()
    found.make_topics(motors=2, det=1, js=1)
    found.send(messages(found.now))
    yield found
    found.stop()


def messages(now):
    for n in range(400):
        yield "motors", n % 2, oracle.serialise_f144(f"m{n % 2}", float(n), now + n)
    for n in range(20):
        yield "det", 0, oracle.serialise_ev44("bank", n, [now + n], [0], [1, 2, 3], [4, 5, 6])
    for n in range(10):
        yield "js", 0, json.dumps({"pv": "x:y", "ts": now / 1e9 + n, "value": n}).encode()
    yield "js", 0, b"nothing of the kind"


def listen(broker, *arguments, topics="motors,det,js"):
    return main(["listen", f"kafka://{broker.address}/{topics}", *arguments])


def test_all_that_is_there_comes_into_a_valid_file(broker, tmp_path, capsys):
    path, status = tmp_path / "run.nxs", tmp_path / "status.json"
    code = listen(broker, "-o", str(path), "--until", "end", "--status-json", str(status))
    told = capsys.readouterr().out
    assert code == 1
    assert told.splitlines()[0].startswith(f"recorded {path}  470 rows of 431 messages, ")
    assert told.splitlines()[1:] == [
        "  1 message could not be kept: see nxtool_stream/rejected"
    ]  # fmt: skip
    with h5py.File(path) as file:
        values = [file[f"entry/motors/m{n}/value"][:].tolist() for n in (0, 1)]
        assert values == [[float(n) for n in range(k, 400, 2)] for k in (0, 1)]
        assert file["entry/det/bank/events"][()] == 60
        assert file["entry/js/x_y/value"][:].tolist() == list(range(10))
    assert main(["validate", str(path)]) == 0


def test_a_complete_file_is_left_alone_unless_asked(broker, tmp_path, capsys):
    path = tmp_path / "run.nxs"
    assert listen(broker, "-o", str(path), "--until", "end", "-q", topics="motors") == 0
    assert listen(broker, "-o", str(path), "--until", "end", "-q", topics="motors") == 2
    assert capsys.readouterr().err == (
        f"error: {path}: exists already, and is complete\n"
        "  → continue it with --resume, or choose another name\n"
    )
    code = listen(broker, "-o", str(path), "--until", "end", "-q", "--resume", topics="motors,det")
    assert code == 0
    with h5py.File(path) as file:
        assert len(file["entry/motors/m0/value"]) == 200
        assert file["entry/det/bank/events"][()] == 60


def test_a_nexus_structure_says_what_goes_where(broker, tmp_path):
    structure = tmp_path / "structure.json"
    config = {"topic": "motors", "source": "m1", "dtype": "int32"}
    structure.write_text(structure_of(("f144", config)))
    path = tmp_path / "run.nxs"
    code = main(["listen", f"kafka://{broker.address}", "-o", str(path), "--until", "end",
                 "--nexus-structure", str(structure), "-q"])  # fmt: skip
    assert code == 0
    with h5py.File(path) as file:
        assert file["entry/log/value"][:].tolist() == list(range(1, 400, 2))
        assert "motors" not in file["entry"]


def test_only_what_comes_later_is_read_from_the_end(broker, tmp_path):
    if broker.kind == "tansu":
        pytest.skip("this broker does not know where its partitions end")
    path = tmp_path / "run.nxs"
    arguments = ["--from", "latest", "--until", "idle:0.5s", "-q"]
    assert listen(broker, "-o", str(path), *arguments, topics="det") == 0
    with h5py.File(path) as file:
        assert "det" not in file["entry"]


def test_patterns_name_topics(broker, tmp_path):
    path = tmp_path / "run.nxs"
    assert listen(broker, "-o", str(path), "--until", "end", "-q", topics="mot*") == 0
    with h5py.File(path) as file:
        assert sorted(file["entry/motors"]) == ["m0", "m1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://a/b"], "'http://a/b' is no address of Kafka"),
        (["kafka://127.0.0.1:1/a b"], "'a b' is no name of a topic"),
        (["kafka://127.0.0.1:1/a", "--until", "noon"], "'noon' is no end"),
        (["kafka://127.0.0.1:1/a", "--from", "time:noon"], "'time:noon' is no time"),
        (["kafka://127.0.0.1:1/a", "--filters", "zip"], "'zip' is not a filter"),
        (["kafka://127.0.0.1:1/a", "--json-time", "$.t:days"], "'days' is no unit of times"),
    ],
)  # fmt: skip
def test_wrong_use_is_told_before_anything_is_asked(arguments, message, tmp_path, capsys):
    assert main(["listen", *arguments, "-o", str(tmp_path / "run.nxs")]) == 2
    assert capsys.readouterr().err.splitlines()[0] == f"error: {message}"
    assert not (tmp_path / "run.nxs").exists()


def test_other_files_are_not_written_to(broker, tmp_path, capsys):
    path = tmp_path / "run.nxs"
    h5py.File(path, "w").close()
    before = path.read_bytes()
    assert listen(broker, "-o", str(path)) == 2
    assert path.read_bytes() == before
    assert capsys.readouterr().err == (
        f"error: {path}: exists already\n"
        "  → choose another name: it is no file that can be continued\n"
    )
