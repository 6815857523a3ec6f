"""python-icat's scripts and its reader of ingest files, at work on the ICAT protocol stub."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.icat.official import DUMP_VERSIONS, NotThere, source_distribution
from tests.icat.stub.server import ProtocolStub

icat = pytest.importorskip("icat")
ingest = pytest.importorskip("icat.ingest")

METADATA = b"""<icatingest version="1.1">
  <head><date>2024-01-02T04:10:00+01:00</date><generator>a test</generator></head>
  <data>
    <dataset id="Dataset_1">
      <name>scan_0001</name><description>at 2.7 K</description>
      <startDate>2024-01-02T03:04:05+01:00</startDate><endDate>2024-01-02T04:04:05+01:00</endDate>
    </dataset>
    <datasetTechnique>
      <dataset ref="Dataset_1"/><technique pid="PaNET:PaNET01188"/>
    </datasetTechnique>
    <datasetParameter>
      <numericValue>2.74</numericValue>
      <dataset ref="Dataset_1"/><type name="Sample temperature" units="K"/>
    </datasetParameter>
  </data>
</icatingest>
"""


@pytest.fixture(scope="module")
def source() -> Path:
    """python-icat's source distribution."""
    try:
        return source_distribution()
    except NotThere as reason:
        pytest.skip(str(reason))


@pytest.fixture
def client(stub: ProtocolStub, shared_client: Any) -> Iterator[Any]:
    """The client, logged in to a stub that has just what `METADATA` refers to."""
    stub.store.clear()
    shared_client.login("simple", {"username": "root", "password": "secret"})
    fill(shared_client)
    yield shared_client
    shared_client.logout()


@pytest.fixture
def reader(client: Any, source: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Any]:
    """Makes readers of ingest files for the only investigation."""
    monkeypatch.setattr(ingest.IngestReader, "SchemaDir", source / "etc")
    investigation = client.search("Investigation")[0]
    return lambda metadata: ingest.IngestReader(client, BytesIO(metadata), investigation)


@pytest.mark.slow
@pytest.mark.parametrize("version", DUMP_VERSIONS)
def test_reference_dump_comes_out_as_it_went_in(
    protocol_stub: Callable[..., ProtocolStub],
    icat_cfg: Callable[[ProtocolStub], Path],
    source: Path,
    tmp_path: Path,
    version: str,
) -> None:
    reference = source / "doc" / "examples" / f"icatdump-{version}.xml"
    dump = tmp_path / "dump.xml"
    options = ["-c", icat_cfg(protocol_stub(version)), "-s", "root", "-f", "XML"]
    script("icatingest.py", *options, "-i", reference)
    script("icatdump.py", *options, "-o", dump)
    assert len(chunks(reference)) > 5
    assert chunks(dump) == chunks(reference)


def test_dry_run_of_an_ingest_writes_nothing(
    stub: ProtocolStub, client: Any, reader: Callable[[bytes], Any]
) -> None:
    dataset, before = new_dataset(client), stub.writes
    reader(METADATA).ingest([dataset], dry_run=True, update_ds=True)
    assert dataset.description == "at 2.7 K"
    assert stub.writes == before


def test_ingest_writes_what_the_file_says(client: Any, reader: Callable[[bytes], Any]) -> None:
    dataset = new_dataset(client)
    reader(METADATA).ingest([dataset], dry_run=True, update_ds=True)
    dataset.create()
    reader(METADATA).ingest([dataset])
    query = "SELECT p.numericValue, t.name FROM DatasetParameter p JOIN p.type t"
    assert client.search(query) == [(2.74, "Sample temperature")]
    query = "SELECT d.name, t.pid FROM DatasetTechnique o JOIN o.dataset d JOIN o.technique t"
    assert client.search(query) == [("scan_0001", "PaNET:PaNET01188")]


def test_second_ingest_of_a_file_finds_its_objects_there(
    client: Any, reader: Callable[[bytes], Any]
) -> None:
    dataset = new_dataset(client)
    reader(METADATA).ingest([dataset], dry_run=True, update_ds=True)
    dataset.create()
    reader(METADATA).ingest([dataset])
    with pytest.raises(icat.ICATObjectExistsError):
        reader(METADATA).ingest([dataset])


def test_dataset_that_is_not_announced_is_refused(
    client: Any, reader: Callable[[bytes], Any]
) -> None:
    with pytest.raises(icat.InvalidIngestFileError, match=r"Invalid Dataset object$"):
        reader(METADATA).ingest([], dry_run=True)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (b"</data>", b"", "mismatch"),
        (b"<name>scan_0001</name>", b"", "DocumentInvalid"),
        (b'version="1.1"', b'version="9"', "unknown format"),
    ],
)
def test_invalid_ingest_file_is_refused(
    reader: Callable[[bytes], Any], before: bytes, after: bytes, message: str
) -> None:
    with pytest.raises(icat.InvalidIngestFileError, match=message):
        reader(METADATA.replace(before, after))


def test_unknown_technique_is_not_found(client: Any, reader: Callable[[bytes], Any]) -> None:
    metadata = METADATA.replace(b"PaNET01188", b"PaNET00000")
    with pytest.raises(icat.SearchAssertionError):
        reader(metadata).ingest([new_dataset(client)], dry_run=True)


def fill(client: Any) -> None:
    """Create an investigation, a technique, a type of parameters and one of datasets."""
    client.new("Technique", name="small angle x-ray scattering", pid="PaNET:PaNET01188").create()
    facility = client.new("Facility", name="HZB")
    facility.create()
    kind = client.new("InvestigationType", name="E", facility=facility)
    kind.create()
    temperature = {"name": "Sample temperature", "units": "K", "valueType": "NUMERIC"}
    investigation = {"name": "241-001", "visitId": "1", "title": "t", "type": kind}
    for entity, values in (
        ("DatasetType", {"name": "raw"}),
        ("ParameterType", temperature),
        ("Investigation", investigation),
    ):
        client.new(entity, facility=facility, **values).create()


def new_dataset(client: Any) -> Any:
    """The dataset that `METADATA` describes, not yet created."""
    return client.new("Dataset", name="scan_0001")


def script(name: str, *arguments: object) -> None:
    """Run one of python-icat's scripts, which has to succeed."""
    path = Path(sysconfig.get_path("scripts")) / name
    command = [sys.executable, str(path), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def chunks(dump: Path) -> list[bytes]:
    """The objects of a dump, one by one; its head tells of the time and the service."""
    return [etree.tostring(each, method="c14n") for each in etree.parse(dump).iterfind("data/*")]
