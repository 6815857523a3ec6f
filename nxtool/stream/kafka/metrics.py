"""How listening goes, for Prometheus: text over HTTP, on this machine alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from nxtool.errors import NxtoolError
from nxtool.stream.kafka.listening import Snapshot

HOST: Final = "127.0.0.1"
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_COUNTERS: Final = (
    ("rows", "Rows and events kept."),
    ("messages", "Messages received."),
    ("rejected", "Messages that could not be kept."),
    ("unknown", "Messages that nothing was configured for."),
    ("again", "Messages that came again and are there once."),
    ("repeated", "Rows that came again with the same time."),
    ("late", "Rows earlier than one before them."),
    ("gaps", "Gaps in offsets."),
)


class Metrics:
    """Serves the last snapshot shown, until closed.

    Raises:
        NxtoolError: the port is taken, or may not be used.
    """

    def __init__(self, port: int) -> None:
        self._text = ""
        try:
            self._server = ThreadingHTTPServer((HOST, port), self._handler())
        except (OSError, OverflowError) as error:
            message = f"metrics cannot be served at {HOST}:{port}: {error}"
            raise NxtoolError(message, hint="choose another port") from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        metrics = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_there = self.path.partition("?")[0] in ("/", "/metrics")
                body = metrics._text.encode() if is_there else b""
                self.send_response(200 if is_there else 404)
                self.send_header("Content-Type", _TYPE)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler

    def show(self, now: Snapshot) -> None:
        """Serve this from now on."""
        self._text = metrics_text(now)

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def metrics_text(now: Snapshot) -> str:
    """A snapshot in Prometheus' text format."""
    return "".join(f"{line}\n" for line in _lines(now))


def _lines(now: Snapshot) -> Iterator[str]:
    for name, text in _COUNTERS:
        yield from _metric(f"{name}_total", "counter", text, now.counts.get(f"#{name}", 0))
    yield from _metric("received_bytes_total", "counter", "Bytes of messages.", now.received)
    yield from _metric("rows_per_second", "gauge", "Rows a second of late.", round(now.rate, 3))
    yield from _metric("lag", "gauge", "Messages that wait at the brokers.", now.lag)
    yield from _metric("trouble", "gauge", "1 while the client complains.", int(bool(now.trouble)))
    if now.last:
        yield "# HELP nxtool_source_time_seconds Time of the last value of a source."
        yield "# TYPE nxtool_source_time_seconds gauge"
        for name, time in now.last.items():
            yield f'nxtool_source_time_seconds{{source="{_escaped(name)}"}} {time / 1e9:.9f}'


def _metric(name: str, kind: str, text: str, value: float) -> Iterator[str]:
    yield f"# HELP nxtool_{name} {text}"
    yield f"# TYPE nxtool_{name} {kind}"
    yield f"nxtool_{name} {value}"


def _escaped(label: str) -> str:
    """A label as Prometheus wants it."""
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
