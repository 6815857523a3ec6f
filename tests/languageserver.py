"""The YAML language server that editors use, driven over its standard streams (LSP 3.17)."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

PATIENCE = 120
"""Seconds after which a server that does not answer is ended."""
_SETTINGS = {
    "validate": True,
    "hover": True,
    "completion": True,
    "schemaStore": {"enable": False},
    "kubernetesCRDStore": {"enable": False},
}


class Absent(Exception):
    """There is no server here, and none can be had; the text says why."""


def installed(cache: Path) -> list[str]:
    """The command of the server: the one on the path, or that in `cache`, put there by npm."""
    there = shutil.which("yaml-language-server")
    if there is not None:
        return [there, "--stdio"]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Absent("node or npm is not installed")
    home = cache / "server"
    if not home.exists():
        _install(npm, home)
    script = home / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    return [node, str(script), "--stdio"]


def _install(npm: str, home: Path) -> None:
    part = home.with_name(f"server.{os.getpid()}")
    part.mkdir()
    command = (
        npm, "install", "--prefix", part, "--no-audit", "--no-fund", "--fetch-retries=0",
        "--fetch-timeout=20000", "yaml-language-server@1",
    )  # fmt: skip
    try:
        subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
        part.rename(home)
    except subprocess.TimeoutExpired:
        raise Absent("npm did not come to an end") from None
    except subprocess.CalledProcessError as error:
        told = [line for line in error.stderr.splitlines() if line.startswith("npm error")]
        reason = told[0] if told else "npm failed"
        raise Absent(f"yaml-language-server cannot be installed: {reason}") from None
    except OSError:
        pass  # another process was quicker
    finally:
        shutil.rmtree(part, ignore_errors=True)


class Server:
    """A running server; use it in a `with` block."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._timer = Timer(PATIENCE, self._process.kill)
        self._timer.start()
        self._numbers = itertools.count(1)
        self._folder = folder

    def __enter__(self) -> Server:
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": ["markdown"]}},
                "hover": {"contentFormat": ["markdown"]},
                "publishDiagnostics": {},
            },
            "workspace": {"configuration": True},
        }
        self._ask(
            "initialize",
            {"processId": os.getpid(), "rootUri": self._folder.as_uri(),
             "capabilities": capabilities},
        )  # fmt: skip
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": {"yaml": _SETTINGS}})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._timer.cancel()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """The diagnostics of a document."""
        document = {"uri": self._uri(name), "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        for message in self._messages():
            if message.get("method") == "textDocument/publishDiagnostics":
                found = message["params"]
                if found["uri"] == self._uri(name):
                    return list(found["diagnostics"])
        raise AssertionError("the server ended")

    def completions(self, name: str, line: int, column: int) -> list[dict[str, Any]]:
        """What is offered at a place, counted from 0."""
        found = self._ask("textDocument/completion", self._place(name, line, column))
        return list(found["items"])

    def hover(self, name: str, line: int, column: int) -> str:
        """What is told of a place; empty where nothing is."""
        found = self._ask("textDocument/hover", self._place(name, line, column))
        return str(found["contents"]["value"]) if found else ""

    def _place(self, name: str, line: int, column: int) -> dict[str, Any]:
        position = {"line": line, "character": column}
        return {"textDocument": {"uri": self._uri(name)}, "position": position}

    def _uri(self, name: str) -> str:
        return (self._folder / name).as_uri()

    def _ask(self, method: str, params: object) -> Any:
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        for message in self._messages():
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]
        raise AssertionError("the server ended")

    def _tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _messages(self) -> Iterator[dict[str, Any]]:
        """What the server sends; its own questions are answered on the way."""
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            length = 0
            while head.strip():
                if head.lower().startswith(b"content-length:"):
                    length = int(head.partition(b":")[2])
                head = stream.readline()
            message = json.loads(stream.read(length))
            if "id" in message and "method" in message:
                self._send({"id": message["id"], "result": self._answer(message)})
            yield message

    def _answer(self, message: dict[str, Any]) -> object:
        if message["method"] != "workspace/configuration":
            return None
        sections = [item.get("section") for item in message["params"]["items"]]
        return [_SETTINGS if section == "yaml" else {} for section in sections]
