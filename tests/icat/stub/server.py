"""The ICAT protocol stub: a SOAP service on this machine that clients of ICAT can work with.

It speaks the protocol of one version and keeps objects in memory. It is a stand-in for tests, not
an ICAT: nothing here tells what a catalogue indexes, locks, or lets whom see.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from typing import Any, Final, Literal

from tests.icat.stub import model, soap, wsdl
from tests.icat.stub.fault import Fault
from tests.icat.stub.service import Service
from tests.icat.stub.sessions import Sessions
from tests.icat.stub.store import Store

HOST: Final = "127.0.0.1"
PATH: Final = "/ICATService/ICAT"
USERS: Final[Mapping[str, str]] = {"simple/root": "secret"}

# what something between client and service may answer instead
_PAGES: Final[Mapping[str, tuple[int, bytes]]] = {
    "503": (503, b"<html>Service Unavailable</html>"),
    "page": (200, b"<html>Please log in</html>"),
}

Trouble = Literal["", "503", "closed", "page", "session", "slow"]


@dataclass(slots=True)
class Faults:
    """What goes wrong with the `next` call, or the next one of `operation` if that is given.

    "503" and "page" are answers of something in between, "closed" is none at all, "session" ends
    all sessions before the call, "slow" lets it wait `delay` seconds.
    """

    next: Trouble = ""
    operation: str = ""
    delay: float = 0.2

    def take(self, operation: str) -> Trouble:
        """What happens to a call of this operation, once."""
        if self.operation not in {"", operation}:
            return ""
        trouble, self.next, self.operation = self.next, "", ""
        return trouble


class ProtocolStub:
    """A stub that is started by `with` and stopped at the end of the block, or by `stop`.

    `users` has passwords by `authenticator/name`. Where `roots` names users, the rules that are
    stored hold for all others.
    """

    def __init__(
        self,
        version: str = "6.2",
        *,
        users: Mapping[str, str] = USERS,
        roots: frozenset[str] = frozenset(),
    ) -> None:
        self.faults = Faults()
        self.service = Service(model.load(version), Sessions(users), roots)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((HOST, 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self.stopped = threading.Event()
        # clients keep descriptions by address, and a port may come back with another version
        self._own = f"/{token_hex(4)}"

    def __enter__(self) -> ProtocolStub:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def plain_url(self) -> str:
        """The address of the description that clients make from host and port alone."""
        return f"http://{HOST}:{self._server.server_port}{PATH}?wsdl"

    @property
    def url(self) -> str:
        """The address of the description, unlike that of any other stub."""
        return f"http://{HOST}:{self._server.server_port}{self._own}{PATH}?wsdl"

    @property
    def store(self) -> Store:
        """The objects."""
        return self.service.store

    @property
    def writes(self) -> int:
        """How many calls asked to create, update or delete, whether or not they could."""
        return self.service.writes

    def stop(self) -> None:
        """Answer nothing any more: connections are refused from now on."""
        self.stopped.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def description(self) -> bytes:
        """The WSDL."""
        return wsdl.describe(self.service.model, self.url.removesuffix("?wsdl"))

    def reply(self, call: soap.Call, trouble: Trouble) -> bytes:
        """The envelope that answers a call. Raises `Fault`."""
        if trouble == "session":
            self.service.sessions.expire()
        with self._lock:
            return soap.write_result(call.operation, self.service.answer(call))


def _handler(stub: ProtocolStub) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"stub": stub})


class _Handler(BaseHTTPRequestHandler):
    """Reads calls over HTTP for the stub of its class."""

    stub: ProtocolStub

    def do_GET(self) -> None:
        """Send the description."""
        if not self._spoiled(self.stub.faults.take("")):
            self._send(200, self.stub.description())

    def do_POST(self) -> None:
        """Answer a call."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            call = soap.read_call(body)
            trouble = self.stub.faults.take(call.operation)
            if not self._spoiled(trouble):
                self._send(200, self.stub.reply(call, trouble))
        except Fault as fault:
            self._send(500, soap.write_fault(fault))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what fails is seen by the client."""

    def _spoiled(self, trouble: Trouble) -> bool:
        """Whether the call gets no answer of the service."""
        if trouble == "slow":
            self.stub.stopped.wait(self.stub.faults.delay)
        elif trouble == "closed":
            self.close_connection = True
        elif trouble in _PAGES:
            self._send(*_PAGES[trouble], kind="text/html")
        return trouble in {"closed", *_PAGES}

    def _send(self, status: int, body: bytes, kind: str = "text/xml; charset=utf-8") -> None:
        with suppress(ConnectionError):  # the client may have given up
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
