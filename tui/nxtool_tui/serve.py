"""The application in a browser, by textual-serve: one process for each tab.

Who reaches the application can do what its user can do. So the server listens on 127.0.0.1 alone,
and answers those who know the secret in the address it tells: other people on the machine do not,
and pages of other sites do not either. The page takes nothing from other hosts.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from nxtool.errors import NxtoolError
from nxtool.sources import extras

Handler = Callable[[Any], Awaitable[Any]]

HOST: Final = "127.0.0.1"
PORT: Final = 8000
_NAMES: Final = frozenset({HOST, "localhost"})
_TEMPLATES: Final = Path(__file__).parent / "web"
_START: Final = (
    "import sys; sys.path = [p for p in sys.path if p];"
    " from nxtool.cli import main; sys.exit(main())"
)
"""Runs the command line, wherever it is installed; never modules of the current folder."""
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
)
_SECONDS_TO_END: Final = 5.0


def serve(
    file: Path | None = None,
    *,
    port: int = PORT,
    ascii_only: bool = False,
    tell: Callable[[str], None],
) -> None:
    """Serve the application until the process is interrupted; `tell` gets the address.

    Raises:
        MissingExtra: textual-serve is not installed.
        NxtoolError: the port is taken, or is not ours to take.
    """
    what = "the interface in a browser"
    server_module = extras.load("textual_serve.server", what, "web")
    web = extras.load("aiohttp.web", what, "web")
    listening = _listen(port)
    number = listening.getsockname()[1]
    server = server_module.Server(
        command(file, ascii_only=ascii_only),
        host=HOST,
        port=number,
        title="nxtool",
        templates_path=_TEMPLATES,
    )
    secret = secrets.token_urlsafe()
    tabs = _Tabs()

    async def ready(application: Any) -> None:
        tell(f"http://{HOST}:{number}/?key={secret}")

    server.on_startup, server.on_shutdown = ready, tabs.end

    async def application() -> Any:
        # middlewares can be added until an application starts, and run_app starts it
        made = await server._make_app()
        made.middlewares.append(_guard(web, tabs, secret, f"nxtool-{number}"))
        return made

    web.run_app(application(), sock=listening, print=None, shutdown_timeout=_SECONDS_TO_END)


class _Tabs:
    """The tabs that are open: tasks, each with a process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def kept(self, request: Any, handler: Handler) -> Any:
        """Answer a request; one for a tab is kept in mind as long as it is open."""
        task = asyncio.current_task()
        if request.path != "/ws" or task is None:
            return await handler(request)
        self._tasks.add(task)
        try:
            return await handler(request)
        finally:
            self._tasks.discard(task)

    async def end(self, application: Any) -> None:
        """Close all tabs, and wait until their processes have ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_SECONDS_TO_END)


def command(file: Path | None, *, ascii_only: bool) -> str:
    """The line for a shell that runs the application in a tab."""
    words = [sys.executable, "-c", _START, "tui"]
    words += ["--ascii"] if ascii_only else []
    words += ["--", str(file)] if file is not None else []
    return shlex.join(words)


def _listen(port: int) -> socket.socket:
    """A socket on `port`, or on any that is free if it is 0."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()  # at once, so that the address can be opened as soon as it is told
    except OSError as error:
        listening.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"cannot be had: {error.strerror}"
        hint = "name another with --port; --port 0 takes any that is free"
        raise NxtoolError(f"port {port} {reason}", hint=hint) from error
    return listening


def _guard(web: Any, tabs: _Tabs, secret: str, cookie: str) -> Any:
    """A middleware that answers only those who know the secret, and only pages of our own."""

    async def guard(request: Any, handler: Handler) -> Any:
        if not is_own(request.headers.get("Host", ""), request.headers.get("Origin")):
            return web.Response(status=403, text="This is not the address nxtool told.\n")
        key = request.query.get("key") if request.path == "/" else request.cookies.get(cookie)
        if not secrets.compare_digest((key or "").encode(), secret.encode()):
            return web.Response(status=403, text="Open the whole address that nxtool told.\n")
        answer = await tabs.kept(request, handler)
        if request.path == "/":
            answer.set_cookie(cookie, secret, httponly=True, samesite="Strict")
            answer.headers["Content-Security-Policy"] = _POLICY
            answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    return web.middleware(guard)


def is_own(host: str, origin: str | None) -> bool:
    """True where a request was sent to this machine by its name, and from a page of ours.

    The port may differ: that of a tunnel does. A page of another site names its own host as
    `origin`; a name of another site that leads here is its `host`.

    >>> is_own("127.0.0.1:8000", None), is_own("127.0.0.1:8000", "http://example.org")
    (True, False)
    """
    if urlsplit(f"//{host}").hostname not in _NAMES:
        return False
    return origin is None or urlsplit(origin).netloc == host
