"""Fixtures for what is tested against the ICAT protocol stub."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.icat.official import NotThere
from tests.icat.stub import config
from tests.icat.stub.server import HOST, ProtocolStub


@pytest.fixture(scope="module")
def without_proxy() -> Iterator[None]:
    """Programs talk to this machine directly, whatever proxy is set for the world outside."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("no_proxy", "NO_PROXY"):
            others = os.environ.get(name)
            patch.setenv(name, f"{others},{HOST}" if others else HOST)
        yield


@pytest.fixture(scope="module")
def protocol_stubs(without_proxy: None) -> Iterator[Callable[..., ProtocolStub]]:
    """Starts stubs that last as long as the tests of the module: `protocol_stubs("6.2")`."""
    with ExitStack() as running:
        yield _starter(running)


@pytest.fixture(scope="module")
def stub(protocol_stubs: Callable[..., ProtocolStub]) -> ProtocolStub:
    """A stub of the newest version."""
    return protocol_stubs("6.2")


@pytest.fixture(scope="module")
def shared_client(stub: ProtocolStub) -> Any:
    """A client that need not learn the entities for each test."""
    icat = pytest.importorskip("icat")
    return icat.Client(stub.url)


@pytest.fixture
def protocol_stub(without_proxy: None) -> Iterator[Callable[..., ProtocolStub]]:
    """Starts stubs that are stopped after the test: `protocol_stub("5.0", users={...})`.

    Skips the test where the official schemas cannot be had.
    """
    with ExitStack() as running:
        yield _starter(running)


@pytest.fixture
def icat_cfg(tmp_path: Path) -> Callable[[ProtocolStub], Path]:
    """Writes an `icat.cfg` for a stub and returns its path; a section is called as its user."""

    def write(stub: ProtocolStub) -> Path:
        return config.write(stub, tmp_path / "icat.cfg")

    return write


def _starter(running: ExitStack) -> Callable[..., ProtocolStub]:
    def start(version: str = "6.2", **options: Any) -> ProtocolStub:
        try:
            stub = ProtocolStub(version, **options)
        except NotThere as reason:
            pytest.skip(str(reason))
        return running.enter_context(stub)

    return start
