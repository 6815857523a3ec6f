"""Files behind `s3://`, `https://` and `http://`, read by fsspec, only as far as needed.

Small reads are rounded to blocks, of which the last few are kept, so looking at a file of any size
costs some megabytes. Who a user is, fsspec's libraries find out in their own ways: `~/.aws`,
`AWS_…`, `FSSPEC_…`, `~/.netrc`. Once a read fails, all later ones do, and so does closing: what is
half read is neither judged nor converted.
"""

from __future__ import annotations

import io
import logging
import re
from types import TracebackType
from typing import Any, Final

from nxtool.errors import FileUnreadable, SourceError
from nxtool.remote.address import kind_of, public, shown
from nxtool.sources import extras

SECONDS: Final = 30
"""How long a server may stay silent."""
BLOCK: Final = 512 * 1024
MOST_BLOCKS: Final = 64
_PART: Final = 206
_START: Final = re.compile(r"bytes[= ](\d{1,18})-")
_HINTS: Final = {
    401: "put user and password into ~/.netrc",
    403: "may you read it? A signed link may have expired",
    404: "check the address",
    410: "check the address",
}
_UP: Final = "is it up, and the address right?"
_FAULTS: Final = {
    "ClientConnectorError": ("the server does not answer", _UP),
    "EndpointConnectionError": ("the server does not answer", _UP),
    "ClientPayloadError": ("the connection broke off", "try again"),
    "ServerDisconnectedError": ("the connection broke off", "try again"),
    "TimeoutError": (f"the server was silent for {SECONDS} s", _UP),
    "ReadTimeoutError": (f"the server was silent for {SECONDS} s", _UP),
    "TooManyRedirects": ("the server leads from address to address without end", _UP),
    "RedirectClientError": ("the server leads to what is no address of the web", _UP),
    "FileNotFoundError": ("there is no such file", "check the address"),
    "NoCredentialsError": (
        "no credentials are set",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or FSSPEC_S3_ANON=true for public data",
    ),
    "PermissionError": ("the server refuses", "check the credentials, AWS_PROFILE for instance"),
}
"""What errors mean, by their names: the libraries they come from need not be loaded to look."""


class RangedFile(io.RawIOBase):
    """The file at an address, open for reading; use it in a `with` block.

    Raises:
        MissingExtra: a library is not installed.
        FileUnreadable: it cannot be opened; leaving the block, that it could not be read.
    """

    def __init__(self, address: str) -> None:
        self.where = public(address)
        self.failure: BaseException | None = None
        self._place = 0
        self._blocks: dict[int, bytes] = {}
        self._file: Any = None  # there is something to close only where it could be opened
        files = _file_system(address)
        self._file = self._tried(lambda: files.open(address, "rb", cache_type="none"))
        size = getattr(self._file, "size", None)
        if not isinstance(size, int) or not self._file.seekable():
            self._file.close()
            if self._tried(lambda: files.info(address)).get("size") == 0:
                raise FileUnreadable(f"{self.where}: is empty", hint="was the writer stopped?")
            raise _no_ranges(self.where)
        self.size = size

    def __enter__(self) -> RangedFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if self.failure is not None and (error is None or isinstance(error, Exception)):
            raise self.failure

    def close(self) -> None:
        """Close the file."""
        if not self.closed and self._file is not None:
            self._file.close()
            self._blocks.clear()
        super().close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the place on; how many bytes there were."""
        target = memoryview(buffer).cast("B")
        start, stop = self._place, min(self._place + len(target), self.size)
        if stop <= start:
            return 0
        found = self._part(start, stop)
        target[: len(found)] = found
        self._place += len(found)
        return len(found)

    def _part(self, start: int, stop: int) -> bytes:
        first, last = start // BLOCK, (stop - 1) // BLOCK
        if last - first >= MOST_BLOCKS // 2:
            return self._fetched(start, stop)
        for number in range(first, last + 1):
            if number not in self._blocks:
                self._keep(number, last)
        whole = b"".join(self._blocks[number] for number in range(first, last + 1))
        return whole[start - first * BLOCK : stop - first * BLOCK]

    def _keep(self, number: int, last: int) -> None:
        """Fetch block `number` and those behind it up to `last` that are missing, in one go."""
        end = number
        while end < last and end + 1 not in self._blocks:
            end += 1
        found = self._fetched(number * BLOCK, min((end + 1) * BLOCK, self.size))
        for index in range(end - number + 1):
            self._blocks[number + index] = found[index * BLOCK : (index + 1) * BLOCK]
        for oldest in list(self._blocks):
            if len(self._blocks) <= MOST_BLOCKS:
                break
            if not number <= oldest <= last:
                del self._blocks[oldest]

    def _fetched(self, start: int, stop: int) -> bytes:
        found: bytes = self._tried(lambda: self._read(start, stop))
        if len(found) != stop - start:
            self.failure = FileUnreadable(
                f"{self.where}: the server gave {len(found)} bytes instead of {stop - start}",
                hint="did the file change meanwhile?",
            )
            raise self.failure
        return found

    def _read(self, start: int, stop: int) -> bytes:
        self._file.seek(start)
        found: bytes = self._file.read(stop - start)
        return found

    def _tried(self, action: Any) -> Any:
        """What an action of fsspec gives; once it fails, nothing is tried again."""
        if self.failure is not None:
            raise self.failure
        try:
            with extras.reading(self.where, "fsspec"):
                return action()
        except SourceError as error:
            self.failure = _told(self.where, error.__cause__ or error)
            raise self.failure from error
        except BaseException as error:  # HDF5, which asked, would make an error of its own of it
            self.failure = error
            logging.getLogger(
                "asyncio"
            ).disabled = True  # what was on its way has no end to tell of
            raise


def _file_system(address: str) -> Any:
    library = extras.load("fsspec", "reading from an address", "remote")
    if kind_of(address) == "s3":
        extras.load("s3fs", "reading from S3", "remote")
        settings = {
            "connect_timeout": SECONDS, "read_timeout": SECONDS, "retries": {"max_attempts": 2}
        }  # fmt: skip
        return library.filesystem("s3", skip_instance_cache=True, config_kwargs=settings)
    http = extras.load("aiohttp", "reading from a web server", "remote")
    timeout = http.ClientTimeout(total=None, sock_connect=SECONDS, sock_read=SECONDS)
    client = {"trust_env": True, "timeout": timeout, "raise_for_status": _check_part}
    # a signature counts as it is written; a name may hold spaces
    signed = "?" in address
    return library.filesystem(
        "http", skip_instance_cache=True, client_kwargs=client, encoded=signed
    )


async def _check_part(answer: Any) -> None:
    """Raises `OSError` where a web server gives another part of a file than was asked for."""
    asked = _START.match(answer.request_info.headers.get("Range", ""))
    given = _START.match(answer.headers.get("Content-Range", ""))
    if answer.status == _PART and asked and given and int(asked[1]) != int(given[1]):
        raise OSError("the server gives another part than was asked for")


def _told(where: str, cause: BaseException) -> FileUnreadable:
    """The error of a library in our words."""
    told = cause.__cause__ if isinstance(cause, FileNotFoundError) and cause.__cause__ else cause
    status = getattr(told, "status", None)
    if isinstance(status, int) and status >= 400:
        hint = _HINTS.get(status, "try again later, or ask who runs it")
        reason = " ".join(str(getattr(told, "message", "")).split())
        return FileUnreadable(f"{where}: the server says {status} {reason}".rstrip(), hint=hint)
    for name in (one.__name__ for one in type(told).__mro__):
        if name in _FAULTS:
            return FileUnreadable(f"{where}: {_FAULTS[name][0]}", hint=_FAULTS[name][1])
    if isinstance(told, ValueError) and "range" in str(told):
        return _no_ranges(where)
    reason = " ".join(shown(str(told)).split()) or type(told).__name__
    return FileUnreadable(f"{where}: cannot be read: {reason}", hint=_UP)


def _no_ranges(where: str) -> FileUnreadable:
    what = "the server gives whole files only, not the parts that are needed"
    return FileUnreadable(f"{where}: {what}", hint="download it first")
