"""What lint calls an error, python-icat or the server ends on: tried with the real client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.icat.stub.server import ProtocolStub

pytestmark = pytest.mark.slow
icat = pytest.importorskip("icat")
dumpfile_xml = pytest.importorskip("icat.dumpfile_xml")

FOLDER = Path(__file__).parent
# the type is an object of the file, as nothing is on the server yet
TYPE = '<type name="E" facility.ref="F"/>'
DUMP = (
    (FOLDER / "dump.xml")
    .read_text(encoding="utf-8")
    .replace("  </data>\n  <data>", '  <dataset id="X"><complete>true</complete><name>x</name>'
             '<investigation ref="V"/><type ref="D"/></dataset></data><data>')
    .replace('    <investigation id="V">', '    <investigationType id="E"><name>E</name>'
             '<facility ref="F"/></investigationType>\n    <investigation id="V">')
    .replace(TYPE, '<type ref="E"/>')
)  # fmt: skip
REFUSED = {"C01", "C03", "C04", "C06", "C30", "C31", "C32", "C33", "C34", "C35", "C41"}


def refusals() -> Iterator[Any]:
    """The mutations of the dump with errors that a client ends on; lost text goes unnoticed."""
    for entry in yaml.safe_load((FOLDER / "lintcases.yaml").read_text(encoding="utf-8")):
        codes = {told.split()[2] for told in entry["told"] if told.split()[1] == "error"}
        quiet = any("what follows it is lost" in told for told in entry["told"])
        known = entry["sample"] == "dump" and DUMP.count(entry["old"]) == 1
        if known and not quiet and codes & REFUSED:
            yield pytest.param(entry["old"], entry["new"], id="-".join(sorted(codes)))


@pytest.fixture(scope="module")
def stub(protocol_stubs: Callable[..., ProtocolStub]) -> ProtocolStub:
    return protocol_stubs("5.0")


@pytest.fixture
def client(stub: ProtocolStub) -> Iterator[Any]:
    stub.store.clear()
    client = icat.Client(stub.url)
    client.login("simple", {"username": "root", "password": "secret"})
    yield client
    client.logout()
    client.cleanup()


def ingest(client: Any, text: str) -> int:
    """Create all objects of a dump; how many there were."""
    number = 0
    for item in dumpfile_xml.XMLDumpFileReader(client, BytesIO(text.encode())).getobjs():
        item.create()
        number += 1
    return number


def test_the_sound_dump_is_taken(client: Any) -> None:
    assert ingest(client, DUMP) == 17


@pytest.mark.parametrize(("old", "new"), [*refusals()])
def test_what_is_an_error_is_refused(old: str, new: str, client: Any) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011  # python-icat ends in many ways
        ingest(client, DUMP.replace(old, new))
