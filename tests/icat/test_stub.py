"""The ICAT protocol stub, as the real client sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.icat.stub.server import ProtocolStub

icat = pytest.importorskip("icat")

ROOT = {"username": "root", "password": "secret"}


@pytest.fixture(scope="module")
def stub(protocol_stubs: Callable[..., ProtocolStub]) -> ProtocolStub:
    """A stub of the newest version that starts empty in each test."""
    return protocol_stubs("6.2")


@pytest.fixture(scope="module")
def shared_client(stub: ProtocolStub) -> Iterator[Any]:
    """A client that need not learn the entities for each test."""
    client = icat.Client(stub.url)
    yield client
    client.cleanup()


@pytest.fixture
def client(stub: ProtocolStub, shared_client: Any) -> Iterator[Any]:
    """The client, logged in to an empty stub."""
    stub.store.clear()
    shared_client.login("simple", ROOT)
    yield shared_client
    shared_client.logout()


@pytest.mark.parametrize("version", ["4.4", "4.7", "4.10", "5.0", "6.2"])
def test_client_learns_the_entities_of_each_version(
    protocol_stub: Callable[..., ProtocolStub], version: str
) -> None:
    stub = protocol_stub(version)
    client = icat.Client(stub.url)
    known = {c.BeanName for c in client.typemap.values() if c.BeanName}
    assert str(client.apiversion) == f"{version}.0"
    assert known == set(stub.service.model.entities)
    assert client.typemap["dataset"].Constraint == ("investigation", "name")


def test_object_is_created_and_found(client: Any) -> None:
    client.new("Facility", name="HZB", fullName="Helmholtz-Zentrum Berlin").create()
    (facility,) = client.search("SELECT o FROM Facility o WHERE o.name = 'HZB'")
    assert facility.fullName == "Helmholtz-Zentrum Berlin"
    assert client.search("SELECT COUNT(o) FROM Facility o") == [1]


def test_second_object_with_the_same_key_exists(client: Any) -> None:
    client.new("Facility", name="HZB").create()
    with pytest.raises(icat.ICATObjectExistsError, match="Facility name = HZB exists"):
        client.new("Facility", name="HZB").create()
