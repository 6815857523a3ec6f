"""Runs on tiled servers: what is asked for, and what a server may answer."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from nxtool.bluesky.tiled import fetch
from nxtool.errors import SourceError
from tests.rundocuments import START, STOP

RUN = "".join(f"\x1e{json.dumps({'name': name, 'doc': doc})}\n" for name, doc in (START, STOP))


@pytest.fixture
def server():
    """A server on loopback that answers by path; `asked` has what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            status, body, headers = answers.get(self.path.partition("?")[0], (404, "", {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    answers = {}
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.asked, found.answers = asked, answers
    found.url = f"tiled:http://127.0.0.1:{found.server_port}"
    thread = threading.Thread(target=found.serve_forever, args=(0.01,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("/api/v1#uid", "/api/v1/container/full/uid"),
        ("#uid", "/api/v1/container/full/uid"),
        ("/api/v1/#raw/a?", "/api/v1/container/full/raw/a%3F"),
    ],
)
def test_the_documents_of_a_run_are_asked_for(server, tmp_path, monkeypatch, place, path):
    monkeypatch.delenv("TILED_API_KEY", raising=False)
    server.answers[path] = 200, RUN, {}
    assert fetch(server.url + place, tmp_path).read_text() == RUN
    assert server.asked == [(f"{path}?format=application%2Fjson-seq", None)]


def test_the_key_is_that_of_the_environment(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TILED_API_KEY", "secret")
    server.answers["/api/v1/container/full/uid"] = 200, RUN, {}
    fetch(f"{server.url}#uid", tmp_path)
    assert [key for _, key in server.asked] == ["Apikey secret"]


KEY = "set TILED_API_KEY to a key of that server"
EXPORTER = (
    "is bluesky_tiled_plugins.exporters:json_seq_exporter among the media_types of the server?"
)


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        ((401, "", {}), "the server says 401 Unauthorized", KEY),
        ((406, "", {}), "the server says 406 Not Acceptable", EXPORTER),
        ((302, "", {"Location": "http://127.0.0.1:1/"}), "the server says 302 Found", EXPORTER),
        ((200, "<html>", {}), "the server gave no documents of Bluesky", ""),
        ((200, "", {}), "the server gave no documents of Bluesky", ""),
    ],
)  # fmt: skip
def test_other_answers_are_refused(server, tmp_path, answer, message, hint):
    server.answers["/api/v1/container/full/uid"] = answer
    with pytest.raises(SourceError) as caught:
        fetch(f"{server.url}#uid", tmp_path)
    assert caught.value.message == f"{server.url}#uid: {message}"
    assert caught.value.hint == hint
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SourceError) as caught:
        fetch("tiled:http://127.0.0.1:1#uid", tmp_path)
    assert caught.value.message == (
        "tiled:http://127.0.0.1:1#uid: cannot be fetched: [Errno 111] Connection refused"
    )


@pytest.mark.parametrize(
    "text", ["tiled:", "tiled:file:///x#y", "tiled:http://x", "tiled:http://x#"]
)
def test_what_names_no_run_is_refused(tmp_path, text):
    with pytest.raises(SourceError) as caught:
        fetch(text, tmp_path)
    assert caught.value.message == f"{text}: names no run on a tiled server"
