"""The bytes at a web address that the user named; the only place that touches the network."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from nxtool.errors import DefinitionError

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from urllib.request import HTTPRedirectHandler, Request

_TIMEOUT: Final = 30.0
_PIECE: Final = 1024 * 1024
_SCHEMES: Final = ("http://", "https://")


def fetch(url: str, limit: int) -> bytes:
    """What an http or https address gives; redirections to other kinds are refused.

    Raises:
        DefinitionError: another kind of address, no answer, or more than `limit` bytes.
    """
    # imported here: no other command may load anything of the network
    import http.client
    import urllib.error
    import urllib.request

    if not url.startswith(_SCHEMES):
        raise DefinitionError(f"{url}: is neither http nor https", hint="download it first")
    opener = urllib.request.build_opener(_only_http())
    try:
        with opener.open(url, timeout=_TIMEOUT) as answer:
            return _bounded(answer, url, limit)
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        text = f"{url}: cannot be fetched: {reason}"
        raise DefinitionError(text, hint="download it, then give the file") from error


def _only_http() -> HTTPRedirectHandler:
    import urllib.error
    import urllib.request

    class OnlyHttp(urllib.request.HTTPRedirectHandler):
        def redirect_request(
            self,
            req: Request,
            fp: IO[bytes],
            code: int,
            msg: str,
            headers: HTTPMessage,
            newurl: str,
        ) -> Request | None:
            if not newurl.startswith(_SCHEMES):
                raise urllib.error.URLError(f"leads on to {newurl}")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return OnlyHttp()


def _bounded(answer: IO[bytes], url: str, limit: int) -> bytes:
    content = bytearray()
    while piece := answer.read(_PIECE):
        content += piece
        if len(content) > limit:
            text = f"{url}: is larger than {limit // 2**20} MiB"
            raise DefinitionError(text, hint="this is no archive of definitions")
    return bytes(content)
