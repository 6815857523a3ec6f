"""Servers on loopback, for the time of a test: a real HSDS, a stand-in for S3, a web server.

HSDS and moto need versions of libraries that others do not, so they may lie in an environment of
their own (`pip install nxtool[test-servers]`), whose folder of programs `NXTOOL_SERVERS` names.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.kafkabroker import free_port

USER, PASSWORD = "test_user1", "test"
DIRECT = {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
"""What keeps programs from asking a proxy for what is on loopback."""


def program(name: str) -> str:
    """The path of a program of a server; the test is skipped where it is not installed."""
    folders = [os.environ.get("NXTOOL_SERVERS", ""), str(Path(sys.executable).parent)]
    found = shutil.which(name, path=os.pathsep.join([*filter(None, folders), os.defpath]))
    if found is None:
        pytest.skip(f"{name} is not installed: needs the extra test-servers")
    return found


@contextmanager
def running(command: list[str], folder: Path, **more: Any) -> Iterator[None]:
    """A program, and what it starts, for the time of the block."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **more
        )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def await_connection(family: socket.AddressFamily, address: Any, seconds: float = 60) -> None:
    """Return when somebody listens at an address; the test is skipped where nobody ever does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket(family) as trial:
            trial.settimeout(1)
            try:
                trial.connect(address)
            except OSError:
                threading.Event().wait(0.1)
                continue
            return
    pytest.skip(f"nothing listens at {address}")


@contextmanager
def hsds() -> Iterator[Mapping[str, str]]:
    """An HSDS with storage in a folder; gives the environment in which it is found.

    It listens at a socket of the file system, since by TCP it would at every interface there is;
    a port of loopback leads there.
    """
    pytest.importorskip("h5pyd", reason="needs the extra hsds")
    command = program("hsds")
    with tempfile.TemporaryDirectory(prefix="hsds-") as name:  # names of sockets must be short
        folder = Path(name)
        (folder / "root").mkdir()
        arguments = [
            "--root_dir", str(folder / "root"), "--socket_dir", str(folder), "--count", "1",
            "--hs_username", USER, "--hs_password", PASSWORD, "--logfile", str(folder / "hs.log"),
        ]  # fmt: skip
        with running([command, *arguments], folder):
            inner = str(folder / "sn_1.sock")
            for part in (inner, str(folder / "dn_1.sock")):
                await_connection(socket.AF_UNIX, part)
            with Forwarder(inner) as forwarder:
                settings = {
                    **os.environ, **DIRECT, "HS_ENDPOINT": forwarder.url,
                    "HS_USERNAME": USER, "HS_PASSWORD": PASSWORD, "HOME": str(folder),
                }  # fmt: skip
                _make_home(settings)
                yield settings


def _make_home(settings: Mapping[str, str]) -> None:
    """A folder of domains for the user; HSDS takes a while until it lets one make it."""
    code = (
        "import h5pyd, sys\n"
        "h5pyd.Folder('/home/', mode='x')\n"
        "h5pyd.Folder(f'/home/{sys.argv[1]}/', mode='x', owner=sys.argv[1])\n"
    )
    last = ""
    for _ in range(20):
        done = subprocess.run(
            [sys.executable, "-c", code, USER], env=settings, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
        last = done.stderr
        threading.Event().wait(0.5)
    pytest.skip(f"HSDS makes no folder: {last[-300:]}")


class Forwarder:
    """A port of loopback that leads to a socket of the file system."""

    def __init__(self, inner: str) -> None:
        self._inner = inner
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Forwarder:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                outer, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(outer,), daemon=True).start()

    def _forward(self, outer: socket.socket) -> None:
        with outer, socket.socket(socket.AF_UNIX) as inner:
            inner.connect(self._inner)
            there = threading.Thread(target=_pump, args=(outer, inner), daemon=True)
            there.start()
            _pump(inner, outer)
            there.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(1 << 16):
            target.sendall(block)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def s3(folder: Path) -> Iterator[Mapping[str, str]]:
    """A stand-in for S3; gives the environment in which s3fs finds it."""
    pytest.importorskip("s3fs", reason="needs the extra remote")
    port = free_port()
    command = [program("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with running(command, folder):
        await_connection(socket.AF_INET, ("127.0.0.1", port))
        yield {
            **os.environ, **DIRECT, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "word",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(folder),
        }  # fmt: skip


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients may hang up whenever they like."""


class WebServer:
    """The files of a folder over HTTP, with ranges; of a folder in it, the file `index`.

    `given` is the number of bytes handed out. `status` is answered instead where it is set. With
    `whole` ranges are ignored. After `cut_after` bytes in all, connections are cut; with `silent`
    they stay open instead, and nothing comes; `cut` is set when that happens. Parts begin `shift`
    bytes too early, but for the first. `leads_to` is where requests are redirected.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given = 0
        self.status = 0
        self.whole = False
        self.silent = False
        self.shift = 0
        self.leads_to = ""
        self.cut_after: int | None = None
        self.ended, self.cut = threading.Event(), threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> WebServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                web.answer(self, body=False)

            def do_GET(self) -> None:
                web.answer(self, body=True)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def answer(self, request: BaseHTTPRequestHandler, *, body: bool) -> None:
        """Answer one request."""
        if self.leads_to:
            request.send_response(302)
            request.send_header("Location", self.leads_to)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        file = self.folder / urlsplit(request.path).path.lstrip("/")
        file = file / "index" if file.is_dir() else file
        if self.status or not file.is_file():
            request.send_error(self.status or 404)
            return
        size = file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        part = None if self.whole else asked
        start, stop = (int(part[1]), min(int(part[2]) + 1, size)) if part else (0, size)
        start, stop = (start - self.shift, stop - self.shift) if start else (start, stop)
        request.send_response(206 if part else 200)
        request.send_header("Content-Length", str(stop - start))
        if part:
            request.send_header("Content-Range", f"bytes {start}-{stop - 1}/{size}")
        request.end_headers()
        if body:
            self._give(request, file, start, stop)

    def _give(self, request: BaseHTTPRequestHandler, file: Path, start: int, stop: int) -> None:
        count = stop - start
        if self.cut_after is not None:
            count = min(count, max(0, self.cut_after - self.given))
        with file.open("rb") as stream, suppress(OSError):
            stream.seek(start)
            request.wfile.write(stream.read(count))
        self.given += count
        if count < stop - start:
            request.close_connection = True
            self.cut.set()
            if self.silent:
                self.ended.wait()
