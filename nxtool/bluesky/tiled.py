"""Documents of a run from a tiled server, over HTTP: `tiled:http://127.0.0.1:8000/api/v1#UID`.

Behind the `#` stands the key of the run in the tree of the server, `raw/UID` where it is not at the
top. The server is asked for `application/json-seq`, which it gives where the exporter of
bluesky-tiled-plugins is configured. An API key is taken from `TILED_API_KEY`; it is sent to that
server alone, so redirections are not followed. Data stay where they are.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

from nxtool.bluesky.documents import HEAD
from nxtool.bluesky.sniff import RUN
from nxtool.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = "application/json-seq"
SECONDS: Final = 60
"""How long a server may stay silent."""
_URL: Final = re.compile(r"tiled:(?P<scheme>https?):/+(?P<place>[^#\s]+)#(?P<key>\S+)")
_EXPORTER: Final = "bluesky_tiled_plugins.exporters:json_seq_exporter"
_HINTS: Final = {
    401: "set TILED_API_KEY to a key of that server",
    403: "set TILED_API_KEY to a key of that server",
    404: "is the uid complete, and at the top of the tree? Else write #PATH/UID",
}


def is_tiled(text: str) -> bool:
    """True for what names a run on a tiled server."""
    return text.startswith("tiled:")


def fetch(text: str, folder: Path) -> Path:
    """The documents of a run on a server, in a file in `folder`.

    Raises:
        SourceError: it names no run, or the server does not give its documents.
    """
    match = _URL.fullmatch(text)
    if match is None:
        hint = "write tiled:http://127.0.0.1:8000/api/v1#UID"
        raise SourceError(f"{text}: names no run on a tiled server", hint=hint)
    place = match["place"].rstrip("/")
    place += "" if "/api/v" in place else "/api/v1"
    key = quote(match["key"].strip("/"))
    url = f"{match['scheme']}://{place}/container/full/{key}?format={quote(FORMAT, safe='')}"
    target = folder / "run.jsonseq"
    with _response(url, text) as found, target.open("wb") as stream:
        shutil.copyfileobj(found, stream)
    with target.open("rb") as stream:
        if RUN.match(stream.read(HEAD)) is None:
            raise SourceError(f"{text}: the server gave no documents of Bluesky")
    return target


class _Stay(HTTPRedirectHandler):
    """Follows no redirection."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nothing to ask for."""


@contextmanager
def _response(url: str, text: str) -> Iterator[IO[bytes]]:
    """What a server answers; raises `SourceError` where that are no documents."""
    key = os.environ.get("TILED_API_KEY", "")
    headers = {"Accept": FORMAT, **({"Authorization": f"Apikey {key}"} if key else {})}
    try:
        request = Request(url, headers=headers)  # noqa: S310 - http or https, by the pattern
        with build_opener(_Stay).open(request, timeout=SECONDS) as found:
            yield found
    except HTTPError as error:
        hint = _HINTS.get(error.code, f"is {_EXPORTER} among the media_types of the server?")
        error.close()
        message = f"{text}: the server says {error.code} {error.reason}"
        raise SourceError(message, hint=hint) from error
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(f"{text}: cannot be fetched: {reason}") from error
