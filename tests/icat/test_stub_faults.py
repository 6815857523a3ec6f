"""What the ICAT protocol stub does on request: all that goes wrong between client and service."""

from __future__ import annotations

import http.client
import re
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.icat.stub.server import ProtocolStub

icat = pytest.importorskip("icat")


@pytest.fixture(scope="module")
def stub(protocol_stubs: Callable[..., ProtocolStub]) -> ProtocolStub:
    """A stub of the smallest version."""
    return protocol_stubs("4.10")


@pytest.fixture(scope="module")
def shared_client(stub: ProtocolStub) -> Any:
    """A client that does not log out by itself: there may be nothing to answer it any more."""
    client = icat.Client(stub.url)
    client.autoLogout = False
    return client


@pytest.fixture
def client(stub: ProtocolStub, shared_client: Any) -> Iterator[Any]:
    """The client, logged in to a stub where nothing goes wrong yet."""
    stub.store.clear()
    shared_client.sessionId = None
    shared_client.login("simple", {"username": "root", "password": "secret"})
    yield shared_client
    stub.faults.next = stub.faults.operation = ""


@pytest.mark.parametrize(
    ("trouble", "error", "message"),
    [
        ("503", Exception, "(503, 'Service Unavailable')"),
        ("closed", http.client.RemoteDisconnected, "Remote end closed connection"),
        ("page", AttributeError, "'NoneType' object has no attribute 'promotePrefixes'"),
        ("session", icat.ICATSessionError, "there is no session"),
    ],
)
def test_client_reports_what_goes_wrong_with_a_call(
    client: Any, stub: ProtocolStub, trouble: str, error: type[Exception], message: str
) -> None:
    stub.faults.next = trouble
    with pytest.raises(error, match=re.escape(message)):
        client.search("Facility")


def test_only_one_call_goes_wrong(client: Any, stub: ProtocolStub) -> None:
    stub.faults.next = "503"
    with pytest.raises(Exception, match="503"):
        client.search("Facility")
    assert client.search("Facility") == []


def test_slow_call_is_answered(client: Any, stub: ProtocolStub) -> None:
    stub.faults.next, stub.faults.delay = "slow", 0.01
    assert client.search("Facility") == []


def test_call_can_be_too_slow_for_a_client(client: Any, stub: ProtocolStub) -> None:
    stub.faults.next, stub.faults.delay = "slow", 1.0
    client.set_options(timeout=0.1)
    with pytest.raises(TimeoutError):
        client.search("Facility")
    client.set_options(timeout=90)


def test_trouble_can_wait_for_an_operation(client: Any, stub: ProtocolStub) -> None:
    stub.faults.next, stub.faults.operation = "session", "create"
    assert client.search("Facility") == []
    with pytest.raises(icat.ICATSessionError):
        client.new("Facility", name="HZB").create()
    assert stub.store.all("Facility") == []


def test_client_cannot_connect_to_a_service_that_is_unavailable(stub: ProtocolStub) -> None:
    stub.faults.next = "503"
    with pytest.raises(Exception, match="Service Unavailable"):
        icat.Client(stub.url.replace("?wsdl", "/unknown?wsdl"))


def test_stopped_stub_refuses_connections(protocol_stub: Callable[..., ProtocolStub]) -> None:
    stub = protocol_stub("4.10")
    client = icat.Client(stub.url)
    stub.stop()
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        client.getVersion()
