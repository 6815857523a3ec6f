"""A server of HSDS, asked by h5pyd's connection: who and where by its own settings.

These are `HS_ENDPOINT`, `HS_USERNAME`, `HS_PASSWORD`, `HS_API_KEY`, `HS_BUCKET` and the file
`~/.hscfg` that `hsconfigure` writes. A server that is away, refuses or breaks off is a
`FileUnreadable`, wherever that happens: half a domain is not judged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from nxtool.errors import FileUnreadable
from nxtool.remote.address import public, shown
from nxtool.sources import extras

SECONDS: Final = 30
"""How long a server may stay silent."""
AT_ONCE: Final = 16
"""How many requests may be on their way."""
MOST_BYTES: Final = 256 * 2**20
"""What one answer may hold; HSDS itself gives no more than 100 MiB at once."""
_BLOCK: Final = 1 << 20
_GONE: Final = frozenset({404, 410})
_HINTS: Final = {
    400: "check the address",
    401: "check HS_USERNAME and HS_PASSWORD, or run hsconfigure",
    403: "ask its owner for the right to read it, or be another HS_USERNAME",
    404: "check the address; hsls shows what there is",
    410: "it was deleted",
}
_T = TypeVar("_T")


class Missing(Exception):
    """The server has no such thing."""


class Server:
    """The connection to one domain; `where` is how messages name it."""

    def __init__(self, address: str) -> None:
        """Nothing is asked yet.

        Raises:
            MissingExtra: h5pyd is not installed.
            FileUnreadable: nobody says which server.
        """
        library = extras.load("h5pyd.httpconn", "reading from HSDS", "hsds")
        self.where = public(address)
        domain = "/" + address.partition("://")[2].strip("/")
        silent = logging.getLogger("nxtool.remote.hsds")  # what it logs is told by errors
        silent.disabled = True
        try:
            self._connection = library.HttpConn(domain, mode="r", timeout=SECONDS, logger=silent)
        except ValueError as error:
            hint = "set HS_ENDPOINT, HS_USERNAME and HS_PASSWORD, or run hsconfigure"
            raise FileUnreadable(f"{self.where}: no HSDS server is set", hint=hint) from error
        self._connection.open()
        # h5pyd would ask again, and wait, where a server is silent or says what is wrong
        plain = extras.load("requests.adapters", "reading from HSDS", "hsds").HTTPAdapter(
            pool_maxsize=AT_ONCE, max_retries=1
        )
        for scheme in ("http://", "https://"):
            self._connection._s.mount(scheme, plain)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def facts(self, request: str, **parameters: object) -> dict[str, Any]:
        """What the server answers, a JSON object.

        Raises:
            Missing: there is no such thing.
            FileUnreadable: the server is away, refuses, breaks off, or is no HSDS.
        """
        found = self._asked(request, "json", parameters, _parsed)
        if not isinstance(found, dict):
            raise self._no_hsds()
        return found

    def values(self, request: str, **parameters: object) -> bytes | Any:
        """Values as bytes; those that the server has no bytes for, as JSON gives them.

        Raises:
            Missing, FileUnreadable: as of `facts`.
        """
        return self._asked(request, "binary", parameters, lambda raw, is_json: (
            _parsed(raw, is_json)["value"] if is_json else raw
        ))  # fmt: skip

    def _asked(
        self,
        request: str,
        form: str,
        parameters: Mapping[str, object],
        understood: Callable[[bytes, bool], _T],
    ) -> _T:
        try:
            answer = self._connection.GET(request, format=form, params=dict(parameters))
            if answer.status_code in _GONE:
                raise Missing
            if answer.status_code != 200:
                raise self._refused(answer.status_code, answer.reason)
            raw = self._received(answer)
        except OSError as error:  # those of requests are
            raise self._away() from error
        try:
            return understood(raw, answer.is_json)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._no_hsds() from error

    def _received(self, answer: Any) -> bytes:
        """The body of an answer, bounded; h5pyd itself would take any amount."""
        body = bytearray()
        with answer._rsp as stream:
            for block in stream.iter_content(_BLOCK):
                body += block
                if len(body) > MOST_BYTES:
                    what = f"the server answers with more than {MOST_BYTES >> 20} MiB at once"
                    raise FileUnreadable(f"{self.where}: {what}", hint="read a part of it")
        return bytes(body)

    def _refused(self, code: int, reason: str) -> FileUnreadable:
        hint = _HINTS.get(code, "try again later, or ask who runs it")
        return FileUnreadable(f"{self.where}: the server says {code} {reason}", hint=hint)

    def missing(self) -> FileUnreadable:
        """The error that the domain itself is not there."""
        return FileUnreadable(f"{self.where}: there is no such domain", hint=_HINTS[404])

    def _away(self) -> FileUnreadable:
        endpoint = shown(str(self._connection.endpoint))
        hint = "is it up, and HS_ENDPOINT right?"
        return FileUnreadable(f"{self.where}: {endpoint} does not answer", hint=hint)

    def _no_hsds(self) -> FileUnreadable:
        endpoint = shown(str(self._connection.endpoint))
        hint = "is HS_ENDPOINT right?"
        return FileUnreadable(f"{self.where}: {endpoint} does not answer as HSDS does", hint=hint)


def _parsed(raw: bytes, _is_json: bool) -> Any:
    return json.loads(raw)
