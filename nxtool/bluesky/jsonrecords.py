"""Records of JSON in a file: a line each, one after the other behind a mark, or in one array."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from nxtool.errors import SourceError
from nxtool.findings import Mark
from nxtool.sources.extras import load_if_there

if TYPE_CHECKING:
    from nxtool.bluesky.sniff import Form

LONGEST: Final = 64 * 2**20
"""The longest record, in bytes."""
_BLOCK: Final = 1 << 20
_MARK: Final = b"\x1e"
CUT: Final = "the last record is cut off, and left out"


class Record(NamedTuple):
    """A value of a file; see `nxtool.bluesky.documents.Document` for the places."""

    value: Any
    start: int
    stop: int
    line: int


def records(path: Path, form: Form, notes: list[str]) -> Iterator[Record]:
    """The records of a file of JSON; what is to be told of it is added to `notes`.

    Raises:
        SourceError: with its place, a record that is no JSON or too long.
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        if form == "array":
            yield from _Array(path, stream, notes)
        else:
            for record in _lines(path, stream, notes):
                yield record if form == "lines" else record._replace(start=0, stop=0)


def _lines(path: Path, stream: IO[bytes], notes: list[str]) -> Iterator[Record]:
    """A record a line, behind the mark of RFC 7464 or not; empty lines do not count."""
    loads = fastest()
    number = offset = 0
    while raw := stream.readline(LONGEST + 1):
        number += 1
        start, offset = offset, offset + len(raw)
        if len(raw) > LONGEST:
            raise SourceError(f"a record of more than {LONGEST >> 20} MiB", mark=_at(path, number))
        try:
            value = loads(raw[1:] if raw[:1] == _MARK else raw)
        except ValueError:
            line = raw.strip(_STRIPPED if number == 1 else _BLANK)
            if not line:
                continue
            value = _slowly(line, path, number, is_last=not raw.endswith(b"\n"))
            if value is _CUT_OFF:
                notes.append(f"{path}:{number}: {CUT}")
                return
        yield Record(value, start, offset, number)


_BLANK: Final = b" \t\r\n\x1e"
_STRIPPED: Final = _BLANK + b"\xef\xbb\xbf"
_CUT_OFF: Final = object()


def _slowly(line: bytes, path: Path, number: int, *, is_last: bool) -> Any:
    """The value by Python's own reader, which knows NaN; `_CUT_OFF` where the last line ends too
    soon."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        if is_last:
            return _CUT_OFF
        mark = Mark(str(path), number, error.colno)
        raise SourceError(f"is no JSON: {error.msg}", mark=mark) from error
    except (RecursionError, ValueError) as error:
        if is_last and isinstance(error, UnicodeDecodeError):
            return _CUT_OFF
        raise SourceError(f"is no JSON: {error}", mark=_at(path, number)) from error


def _at(path: Path, line: int) -> Mark:
    return Mark(str(path), line, 1)


@lru_cache(maxsize=1)
def fastest() -> Callable[[bytes], Any]:
    """The fastest reader of JSON there is here; raises `ValueError`."""
    orjson = load_if_there("orjson")
    return json.loads if orjson is None else orjson.loads


class _Array:
    """The items of one JSON array, which are read one by one; its end may be missing."""

    def __init__(self, path: Path, stream: IO[bytes], notes: list[str]) -> None:
        self._path = path
        self._stream = stream
        self._notes = notes
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder().raw_decode
        self._loads = fastest()
        self._text = ""
        self._place = 0
        self._line = 1
        self._at_end = False

    def __iter__(self) -> Iterator[Record]:
        self._skip("")
        self._place += 1  # the bracket
        while self._skip(",") and self._text[self._place] != "]":
            line = self._line
            value = self._value()
            if value is _CUT_OFF:
                self._notes.append(f"{self._path}:{line}: {CUT}")
                return
            yield Record(value, 0, 0, line)
        if self._place >= len(self._text):
            self._notes.append(f"{self._path}: the array has no end: was the writer stopped?")

    def _skip(self, mark: str) -> bool:
        """Go on behind blanks and `mark`; False at the end of the file."""
        while True:
            rest = self._text
            while self._place < len(rest) and rest[self._place] in f" \t\r\n{mark}":
                self._line += rest[self._place] == "\n"
                self._place += 1
            if self._place < len(rest):
                return True
            if not self._more():
                return False

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        if self._at_end:
            return False
        raw = self._stream.read(max(_BLOCK, len(self._text) - self._place))
        self._at_end = not raw
        try:
            text = self._decode.decode(raw, final=self._at_end)
        except UnicodeDecodeError as error:
            raise SourceError(f"is no JSON: {error}", mark=_at(self._path, self._line)) from error
        self._text = self._text[self._place :] + text
        self._place = 0
        return not self._at_end

    def _value(self) -> Any:
        """The item that begins here; `_CUT_OFF` where the file ends within it."""
        value = self._on_one_line()
        while value is _CUT_OFF:
            found = self._scanned()
            if not isinstance(found, json.JSONDecodeError):
                value, stop = found
                self._line += self._text.count("\n", self._place, stop)
                self._place = stop
            elif len(self._text) - self._place > LONGEST:
                raise self._error(found) from found
            elif not self._more():
                return self._end(found)
        return value

    def _scanned(self) -> tuple[Any, int] | json.JSONDecodeError:
        """The item that begins here and its end, or why there is none yet."""
        try:
            return self._scan(self._text, self._place)
        except json.JSONDecodeError as error:
            return error
        except RecursionError as error:
            raise SourceError("is nested too deeply", mark=_at(self._path, self._line)) from error

    def _error(self, error: json.JSONDecodeError) -> SourceError:
        line = self._line + self._text.count("\n", self._place, error.pos)
        return SourceError(f"is no JSON: {error.msg}", mark=_at(self._path, line))

    def _on_one_line(self) -> Any:
        """An item that is a line of its own, as bluesky writes it; `_CUT_OFF` where it is not."""
        end = self._text.find("\n", self._place)
        if end < 0 and self._more():
            end = self._text.find("\n", self._place)
        if end < 0:
            return _CUT_OFF
        try:
            value = self._loads(self._text[self._place : end].rstrip(", \r").encode())
        except ValueError:
            return _CUT_OFF
        self._place = end
        return value

    def _end(self, error: json.JSONDecodeError) -> Any:
        """At the end of the file: a record that is cut off, or an error where it is damaged."""
        rest = self._text[self._place :]
        if error.pos >= len(self._text) - 1 or "Unterminated" in error.msg or "\n" not in rest:
            return _CUT_OFF
        raise self._error(error) from error
