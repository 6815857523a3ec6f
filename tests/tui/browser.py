"""A real browser without a window, driven by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

CHROMIUM: Final = shutil.which("chromium") or shutil.which("google-chrome")
SECONDS: Final = 60
_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1000,640",
    # no other machine has a name
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


class Page:
    """A page of a browser, and what went over the network for it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.session: dict[str, str] = {}
        self.requested: list[str] = []
        self.received = b""
        self.complaints: list[str] = []
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def listen(self) -> None:
        """Take what the browser tells, until it is gone."""
        async for message in self.socket:
            told = message.json()
            if "id" in told:
                self._waiting.pop(told["id"]).set_result(told)
            else:
                self._note(told["method"], told["params"])

    def _note(self, method: str, told: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.requested.append(told["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requested.append(told["url"])
        elif method == "Network.webSocketFrameReceived" and told["response"]["opcode"] == 2:
            self.received += base64.b64decode(told["response"]["payloadData"])
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] == "error":
            self.complaints.append(str(told["args"]))

    async def call(self, method: str, **parameters: Any) -> Any:
        """The answer to a command."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json(
            {"id": number, "method": method, "params": parameters, **self.session}
        )
        told = await asyncio.wait_for(answer, SECONDS)
        assert "error" not in told, told
        return told["result"]

    async def open(self, url: str) -> None:
        """Go to a page, and wait until it is loaded."""
        await self.call("Page.navigate", url=url)
        await self.value(
            "new Promise(done => document.readyState === 'complete' ? done(true)"
            " : addEventListener('load', () => done(true)))"
        )

    async def screenshot(self) -> bytes:
        """What is seen, as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    async def has_class(self, name: str) -> None:
        """Wait until the body of the page has a class."""
        script = f"""new Promise(done => {{
            const look = () => document.body?.classList.contains("{name}") && done(true);
            setInterval(look, 20);
        }})"""
        await self.call("Runtime.evaluate", expression=script, awaitPromise=True)

    async def value(self, script: str) -> Any:
        """What a script on the page comes to."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True)
        return answer["result"].get("value")

    async def press_control(self, letter: str) -> None:
        """Press Ctrl and a letter."""
        code = ord(letter.upper())
        key = {
            "modifiers": 2, "key": letter, "code": f"Key{letter.upper()}",
            "windowsVirtualKeyCode": code,
        }  # fmt: skip
        await self.call("Input.dispatchKeyEvent", type="rawKeyDown", **key)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **key)


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """An empty page of a browser that keeps its profile in `folder`."""
    process = await asyncio.create_subprocess_exec(
        str(CHROMIUM), *_OPTIONS, f"--user-data-dir={folder}", "about:blank",
        stderr=asyncio.subprocess.PIPE, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    try:
        address = await asyncio.wait_for(_address(process), SECONDS)
        async with aiohttp.ClientSession() as client, client.ws_connect(address) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            target = await page.call("Target.createTarget", url="about:blank")
            attached = await page.call("Target.attachToTarget", **target, flatten=True)
            page.session = {"sessionId": attached["sessionId"]}
            for domain in ("Network", "Log", "Page", "Runtime"):
                await page.call(f"{domain}.enable")
            yield page
            page.session = {}
            await page.call("Browser.close")
            await listening
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(rb"DevTools listening on (ws://\S+)", line)
        if found:
            return found[1].decode()
    raise AssertionError("the browser ended")
