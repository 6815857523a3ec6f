"""The application in a browser: who is answered, and that the page needs no other machine."""

from __future__ import annotations

import asyncio
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from click.testing import CliRunner

from nxtool.cli.tui import tui
from nxtool.errors import NxtoolError
from nxtool_tui.serve import command, is_own, serve
from tests.tui.browser import CHROMIUM, browser

ROOT = Path(__file__).parents[2]
START = "from nxtool_tui.serve import serve; serve(port=0, tell=lambda a: print(a, flush=True))"


@contextmanager
def served() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server, and its process."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tui"), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, "-c", START],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def answered(*requests: tuple[str, dict[str, str]]) -> list[tuple[int, str]]:
    """Status and text for address and headers, one request after the other, cookies kept."""

    async def ask() -> list[tuple[int, str]]:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            answers = []
            for address, headers in requests:
                async with client.get(address, headers=headers) as answer:
                    answers.append((answer.status, await answer.text()))
            return answers

    return asyncio.run(ask())


def test_only_who_knows_the_secret_is_answered():
    with served() as (address, _):
        base = address.partition("?")[0]
        script = f"{base}static/css/xterm.css"
        unknown = (403, "Open the whole address that nxtool told.\n")
        elsewhere = (403, "This is not the address nxtool told.\n")
        assert urlsplit(address).hostname == "127.0.0.1"
        assert answered((base, {}), (script, {}), (f"{base}ws", {})) == [unknown] * 3
        assert answered((f"{base}?key=abc", {}), (f"{base}?key=é", {})) == [unknown] * 2
        assert answered((address, {"Host": "example.org"})) == [elsewhere]
        assert answered((address, {"Origin": "http://example.org"})) == [elsewhere]
        found = answered((address, {}), (script, {}))
        assert [status for status, _ in found] == [200, 200]
        assert "<title>nxtool</title>" in found[0][1]


def test_the_end_of_the_server_closes_its_tabs():
    async def visit(address: str, process: subprocess.Popen[str]) -> None:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as client:
            await (await client.get(address)).read()
            async with client.ws_connect(f"{address.partition('?')[0]}ws") as tab:
                first = await tab.receive()
                process.terminate()
                others = [message async for message in tab]
                await asyncio.to_thread(process.wait)
            assert tab.close_code == aiohttp.WSCloseCode.OK
        assert {message.type for message in (first, *others)} == {aiohttp.WSMsgType.BINARY}

    with served() as (address, process):
        asyncio.run(visit(address, process))


@pytest.mark.parametrize(
    ("host", "origin", "own"),
    [
        ("localhost:9000", None, True),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", True),
        ("127.0.0.1:8000", "http://127.0.0.1:9000", False),
        ("127.0.0.1:8000", "null", False),
        ("127.0.0.1.example.org", None, False),
        ("", None, False),
    ],
)
def test_requests_for_other_names_or_from_other_pages_are_told_apart(host, origin, own):
    assert is_own(host, origin) is own


def test_a_port_that_is_taken_is_told():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NxtoolError) as caught:
            serve(port=port, tell=str)
    told = f"port {port} is taken by another program"
    assert (
        str(caught.value) == f"{told} (name another with --port; --port 0 takes any that is free)"
    )


def test_a_file_is_passed_on_whatever_its_name():
    words = shlex.split(command(Path("-a b'c;.nxs"), ascii_only=True))
    assert words[0] == sys.executable
    assert words[-4:] == ["tui", "--ascii", "--", "-a b'c;.nxs"]
    assert shlex.split(command(None, ascii_only=False))[-1] == "tui"


def test_modules_of_the_current_folder_are_not_loaded(tmp_path):
    (tmp_path / "nxtool").mkdir()
    (tmp_path / "nxtool" / "__init__.py").write_text("raise SystemExit('loaded')")
    line = command(None, ascii_only=False) + " --help"
    done = subprocess.run(
        shlex.split(line), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_port_without_server_is_wrong_use():
    done = CliRunner().invoke(tui, ["--port", "80"])
    assert done.exit_code == 2
    assert "--port needs --serve" in done.output


def test_nothing_in_the_page_names_another_host():
    page = (ROOT / "tui" / "nxtool_tui" / "web" / "app_index.html").read_text(encoding="utf-8")
    assert "://" not in page


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to open the page in")
def test_a_browser_shows_the_application_and_passes_keys(tmp_path):
    async def visit(address: str) -> None:
        async with browser(tmp_path) as page:
            await page.call("Page.navigate", url=address)
            await page.has_class("-first-byte")
            assert await page.value("document.fonts.check('16px \"Roboto Mono\"')")
            await page.press_control("q")
            await page.has_class("-closed")
            assert page.received.startswith(b"\x1b")
            own = urlsplit(address).netloc
            others = [url for url in page.requested if urlsplit(url).netloc not in ("", own)]
            assert others == []
            assert any(url.startswith("ws://") for url in page.requested)
            assert page.complaints == []

    with served() as (address, _):
        asyncio.run(visit(address))
