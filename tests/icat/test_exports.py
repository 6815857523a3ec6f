"""What nxtool writes for ICAT, taken in by python-icat's own reader and scripts.

They work against the ICAT protocol stub; the test marked `icat_live` asks the server that
NXTOOL_ICAT_URL names.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import nxtool
from nxtool.cli import main
from nxtool.export.icatmodel import VERSIONS
from tests.exportfile import complete_file
from tests.icat.official import NotThere, source_distribution
from tests.icat.stub.server import ProtocolStub

icat = pytest.importorskip("icat")
ingest = pytest.importorskip("icat.ingest")

ROOT = {"username": "root", "password": "secret"}


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A folder with two files of one investigation."""
    folder = tmp_path / "scan"
    folder.mkdir()
    for name in ("a", "b"):
        complete_file(folder / f"{name}.nxs", {"entry/entry_identifier": name})
    return folder


@pytest.fixture
def push(
    icat_cfg: Callable[[ProtocolStub], Path], capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs `nxtool icat push` on a stub: exit code, stdout, stderr."""

    def run(stub: ProtocolStub, *arguments: object) -> tuple[int, str, str]:
        config = ["--config", str(icat_cfg(stub)), "--section", "root"]
        code = main(["icat", "push", *config, *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def logged_in() -> Iterator[Callable[[ProtocolStub], Any]]:
    """Logs clients in to stubs, and out again: one that is forgotten does so at any moment."""
    with ExitStack() as stack:

        def log_in(stub: ProtocolStub) -> Any:
            client = icat.Client(stub.url)
            client.login("simple", ROOT)
            stack.callback(client.logout)
            return client

        yield log_in


@pytest.fixture
def client(protocol_stub: Callable[..., ProtocolStub], logged_in: Any) -> Any:
    """A client that is logged in to an empty stub."""
    return logged_in(protocol_stub("5.0"))


def script(name: str, config: Path, *arguments: object) -> None:
    """Run one of python-icat's scripts, which has to succeed."""
    path = Path(sysconfig.get_path("scripts")) / name
    options = ["-c", str(config), "-s", "root", *map(str, arguments)]
    done = subprocess.run(
        [sys.executable, str(path), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def objects(stub: ProtocolStub, config: Path, dump: Path) -> list[bytes]:
    """What python-icat dumps of the stub, object by object."""
    script("icatdump.py", config, "-f", "XML", "-o", dump)
    return [etree.tostring(each, method="c14n") for each in etree.parse(dump).iterfind("data/*")]


def quick(values: Sequence[Any], *some: Any) -> list[Any]:
    """Parameters of which all but `some` are for CI."""
    return [one if one in some else pytest.param(one, marks=pytest.mark.slow) for one in values]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["icatdata", "icatdata-yaml"])
@pytest.mark.parametrize("version", ["4.10", "5.0", "6.2"])
def test_dump_file_is_ingested_twice_and_comes_out_the_same(
    protocol_stub, icat_cfg, scan, tmp_path, form, version
):
    stub = protocol_stub(version)
    config = icat_cfg(stub)
    options = {"format": form, "icat_version": version, "with_static": True, "checksums": True}
    made_file = tmp_path / "made"
    with nxtool.export.icat(scan, **options) as made:
        made.write(made_file)
    backend = "YAML" if form.endswith("yaml") else "XML"
    arguments = ["-f", backend, "-i", made_file, "--duplicate", "CHECK"]
    script("icatingest.py", config, *arguments)
    first = objects(stub, config, tmp_path / "first.xml")
    script("icatingest.py", config, *arguments)
    assert objects(stub, config, tmp_path / "second.xml") == first
    dumped = b"".join(first)
    assert dumped.count(b"<dataset id=") == 2
    assert dumped.count(b"<checksum>sha256:") == 2
    assert dumped.count(b'<technique ref="Technique') == (0 if version == "4.10" else 2)


@pytest.mark.slow
def test_dates_finer_than_the_server_keeps_are_ingested_twice(
    protocol_stub, icat_cfg, scan, tmp_path
):
    changes = {"entry/start_time": "2026-01-05T10:00:00.123456789Z"}
    complete_file(scan / "a.nxs", changes)
    config = icat_cfg(protocol_stub("5.0"))
    with nxtool.export.icat(scan / "a.nxs", format="icatdata", with_static=True) as made:
        made.write(tmp_path / "made")
    for _ in range(2):
        script(
            "icatingest.py", config, "-f", "XML", "-i", tmp_path / "made", "--duplicate", "CHECK"
        )


@pytest.mark.parametrize("form", quick(["icatdata", "icatdata-yaml"], "icatdata-yaml"))
@pytest.mark.slow
def test_dump_without_static_objects_finds_those_of_the_server(
    protocol_stub, icat_cfg, logged_in, scan, tmp_path, form
):
    stub = protocol_stub("5.0")
    config = icat_cfg(stub)
    with nxtool.export.icat(scan / "a.nxs", format="icatdata", with_static=True) as made:
        made.write(tmp_path / "static.xml")
    script("icatingest.py", config, "-f", "XML", "-i", tmp_path / "static.xml")
    with nxtool.export.icat(scan / "b.nxs", format=form) as made:
        made.write(tmp_path / "more")
    backend = "YAML" if form.endswith("yaml") else "XML"
    arguments = ["-f", backend, "-i", tmp_path / "more", "--duplicate", "CHECK"]
    script("icatingest.py", config, *arguments)
    script("icatingest.py", config, *arguments)
    client = logged_in(stub)
    names = client.search("SELECT o.name FROM Dataset o ORDER BY o.name")
    assert names == ["a", "b"]
    assert client.search("SELECT COUNT(o) FROM ParameterType o") == [
        client.search("SELECT COUNT(o) FROM DatasetParameter o")[0] // 2
    ]


def test_ingest_file_is_taken_by_the_ingest_reader(client, scan, tmp_path, monkeypatch):
    try:
        monkeypatch.setattr(ingest.IngestReader, "SchemaDir", source_distribution() / "etc")
    except NotThere as reason:
        pytest.skip(str(reason))
    investigation = known_to_the_server(client, scan)
    made_file = tmp_path / "ingest.xml"
    with nxtool.export.icat(scan) as made:
        made.write(made_file)
    datasets = [client.new("Dataset", name=name) for name in ("a", "b")]
    reader = ingest.IngestReader(client, made_file, investigation)
    reader.ingest(datasets, dry_run=True, update_ds=True)
    for dataset in datasets:
        dataset.create()
    ingest.IngestReader(client, made_file, investigation).ingest(datasets)
    query = (
        "SELECT p.numericValue FROM DatasetParameter p JOIN p.type t JOIN p.dataset d"
        " WHERE t.name = 'sample/temperature' AND d.name = 'a'"
    )
    assert client.search(query) == [293.15]
    query = "SELECT t.pid FROM DatasetTechnique o JOIN o.technique t"
    assert client.search(query) == ["PaNET:PaNET01188"] * 2
    query = "SELECT s.name FROM Dataset d JOIN d.sample s"
    assert client.search(query) == ["SDS 5 %"] * 2


def known_to_the_server(client: Any, scan: Path) -> Any:
    """Make what an ingest file refers to, and give back the investigation."""
    facility = client.new("Facility", name="HZB")
    facility.create()
    kind = client.new("InvestigationType", name="E", facility=facility)
    kind.create()
    values = {"name": "241-001-ST", "visitId": "1.1-P", "title": "t", "type": kind}
    investigation = client.new("Investigation", facility=facility, **values)
    investigation.create()
    client.new("DatasetType", name="raw", facility=facility).create()
    client.new("Sample", name="SDS 5 %", investigation=investigation).create()
    client.new("Technique", name="saxs", pid="PaNET:PaNET01188").create()
    pid = {"pid": "10.5442/NI000001"}
    client.new("Instrument", name="MYSPOT", facility=facility, **pid).create()
    with nxtool.export.icat(scan / "a.nxs") as made:
        data = etree.fromstring(made.text.encode()).find("data")
    for one in data.iter("datasetParameter"):
        numeric = one.find("numericValue") is not None
        value_type = "NUMERIC" if numeric else "STRING"
        names = dict(one.find("type").attrib)
        client.new("ParameterType", facility=facility, valueType=value_type, **names).create()
    return investigation


def test_dry_run_lists_what_the_server_lacks_and_writes_nothing(protocol_stub, push, scan):
    stub = protocol_stub("5.0")
    code, out, err = push(stub, scan, "--dry-run")
    assert code == 1
    assert stub.writes == 0
    assert "investigation 241-001-ST 1.1-P" in out
    assert "parameterType sample/temperature K" in out
    assert "technique PaNET:PaNET01188" in out
    assert "instrument 10.5442/NI000001" in out
    assert "sample SDS 5 %  (would be made)" in out
    assert "objects would be made, 0 there already" in out
    assert "a: error:" in err


def test_push_without_what_it_needs_writes_nothing(protocol_stub, push, scan):
    stub = protocol_stub("5.0")
    code, _, _ = push(stub, scan)
    assert (code, stub.writes) == (1, 0)


@pytest.mark.parametrize("version", quick(VERSIONS, "5.0"))
def test_push_can_be_run_again(protocol_stub, push, scan, version):
    stub = protocol_stub(version)
    code, out, _ = push(stub, scan, "--with-static")
    made = int(out.split()[2])
    assert (code, made > 20) == (0, True)
    writes = stub.writes
    code, out, _ = push(stub, scan, "--with-static")
    assert (code, stub.writes) == (0, writes)
    assert "0 objects made" in out
    code, out, _ = push(stub, scan)
    assert (code, stub.writes) == (0, writes)


@pytest.mark.slow
def test_push_can_be_run_again_whatever_the_server_keeps_of_a_second(protocol_stub, push, tmp_path):
    path = complete_file(tmp_path / "a.nxs", {"entry/start_time": "2026-01-05T10:00:00.123456789Z"})
    stub = protocol_stub("5.0")
    for _ in range(2):
        assert push(stub, path, "--with-static", "-q")[0] == 0


@pytest.mark.slow
def test_push_that_was_cut_short_is_completed(protocol_stub, push, logged_in, scan):
    stub = protocol_stub("5.0")
    assert push(stub, scan / "a.nxs", "--with-static")[0] == 0
    client = logged_in(stub)
    for one in client.search("DatasetParameter")[3:]:
        client.delete(one)
    kept = client.search("SELECT COUNT(o) FROM DatasetParameter o")
    assert push(stub, scan / "a.nxs", "--with-static")[0] == 0
    assert kept == [3]
    assert client.search("SELECT COUNT(o) FROM DatasetParameter o")[0] > 3


@pytest.mark.slow
def test_what_the_server_has_otherwise_is_told_and_left(protocol_stub, push, scan):
    stub = protocol_stub("5.0")
    push(stub, scan / "a.nxs", "--with-static")
    complete_file(scan / "a.nxs", {"entry/entry_identifier": "a", "entry/sample/temperature": 30.0})
    writes = stub.writes
    code, _, err = push(stub, scan / "a.nxs")
    assert (code, stub.writes) == (1, writes)
    assert "numericValue is 293.15, not 303.15" in err


@pytest.mark.slow
def test_parameter_type_of_another_kind_is_told_and_nothing_is_written(
    protocol_stub, push, logged_in, scan
):
    stub = protocol_stub("5.0")
    push(stub, scan / "a.nxs", "--with-static")
    client = logged_in(stub)
    query = "SELECT o FROM ParameterType o WHERE o.name = 'sample/temperature' INCLUDE o.facility"
    (kind,) = client.search(query)
    kind.valueType = "STRING"
    kind.update()
    writes = stub.writes
    code, _, err = push(stub, scan / "b.nxs")
    assert (code, stub.writes) == (1, writes)
    assert "sample/temperature K: valueType is STRING, not NUMERIC" in err


def test_session_that_ends_is_begun_anew(protocol_stub, push, scan):
    stub = protocol_stub("5.0")
    push(stub, scan, "--with-static")
    stub.faults.next, stub.faults.operation = "session", "search"
    assert push(stub, scan)[0] == 0


@pytest.mark.slow
def test_slow_answers_are_waited_for(protocol_stub, push, scan):
    stub = protocol_stub("5.0")
    stub.faults.next, stub.faults.operation = "slow", "search"
    assert push(stub, scan, "--with-static")[0] == 0


@pytest.mark.parametrize("fault", quick(["503", "closed", "page"], "503"))
@pytest.mark.parametrize("operation", ["login", "search", "create"])
def test_server_that_fails_is_told_in_a_line(protocol_stub, push, scan, fault, operation):
    stub = protocol_stub("5.0")
    stub.faults.next, stub.faults.operation = fault, operation
    code, _, err = push(stub, scan, "--with-static")
    assert code == 2
    assert err.count("error: ") == 1
    assert "icat.cfg [root]: " in err
    assert "Traceback" not in err


def test_wrong_password_and_wrong_configuration_are_told(
    protocol_stub, icat_cfg, scan, tmp_path, capsys
):
    config = icat_cfg(protocol_stub("5.0"))
    text = config.read_text()
    config.write_text(text.replace("password = secret", "password = wrong"))
    attempts = (
        (config, "root", "not let in"),
        (config, "nobody", "nobody"),
        (tmp_path / "gone.cfg", "root", "no such file"),
        (tmp_path, "root", "is a folder"),
        (tmp_path / "odd.cfg", "root", "a section needs url"),
    )
    (tmp_path / "odd.cfg").write_text("nonsense")
    for path, section, told in attempts:
        code = main(
            ["icat", "push", "--config", str(path), "--section", section, str(scan / "a.nxs")]
        )
        assert code == 2
        assert told in capsys.readouterr().err


@pytest.mark.icat_live
def test_dry_run_on_a_real_server(scan, tmp_path, capsys):
    url = os.environ.get("NXTOOL_ICAT_URL")
    if not url:
        pytest.skip("NXTOOL_ICAT_URL names no server")
    names = ("auth", "username", "password")
    lines = [f"{name} = {os.environ[f'NXTOOL_ICAT_{name.upper()}']}" for name in names]
    config = tmp_path / "icat.cfg"
    config.write_text("\n".join(["[live]", f"url = {url}", *lines, ""]))
    arguments = ["--config", str(config), "--section", "live", "--dry-run", str(scan)]
    assert main(["icat", "push", *arguments]) in (0, 1)
    assert "would be made" in capsys.readouterr().out
