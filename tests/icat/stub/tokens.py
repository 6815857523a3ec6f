"""The words of a query: names with dots, numbers, text in quotes, signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from tests.icat.stub.fault import Fault
from tests.icat.stub.values import Value, moment

Kind = Literal["name", "parameter", "literal", "sign", "end"]

_WORD: Final = re.compile(
    r"""\s*(?:
      (?P<timestamp>\{\s*ts\s+[^}]*\})
    | (?P<text>'(?:[^']|'')*')
    | (?P<number>-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)
    | (?P<parameter>:\w+)
    | (?P<name>\w+(?:\.\w+)*)
    | (?P<sign><->|<=|>=|<>|!=|[=<>(),\[\]])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, as it is written; of a literal also its value."""

    kind: Kind
    text: str
    value: Value = None


_END: Final = Token("end", "the end")


class Tokens:
    """The words of `query` that are still to be read. Raises `Fault` where they make no sense."""

    def __init__(self, query: str) -> None:
        self._words = _split(query)
        self._at = 0

    @property
    def first(self) -> Token:
        """The next word, which is not taken."""
        return self._words[self._at] if self._at < len(self._words) else _END

    def take(self) -> Token:
        """The next word."""
        word = self.first
        self._at += 1
        return word

    def mark(self) -> int:
        """The place to come `back` to."""
        return self._at

    def back(self, mark: int) -> None:
        """Read on from a place marked before."""
        self._at = mark

    def name(self) -> str:
        """The next word, which has to be a name."""
        if self.first.kind != "name":
            raise self.unexpected("a name")
        return self.take().text

    def number(self) -> int:
        """The next word, which has to be a whole number."""
        if not isinstance(self.first.value, int):
            raise self.unexpected("a number")
        return int(self.take().text)

    def sees(self, *wanted: str) -> bool:
        """Whether the next word is one of these keywords or signs."""
        return self.first.kind in {"name", "sign"} and self.first.text.upper() in wanted

    def skip(self, *wanted: str) -> bool:
        """Take these keywords or signs if they are all next, else take nothing."""
        start = self._at
        for word in wanted:
            if not self.sees(word):
                self._at = start
                return False
            self._at += 1
        return True

    def expect(self, *wanted: str) -> None:
        """Take these keywords or signs, which have to be next."""
        for word in wanted:
            if not self.skip(word):
                raise self.unexpected(word)

    def unexpected(self, wanted: str) -> Fault:
        """What to raise where `wanted` should stand."""
        return Fault("BAD_PARAMETER", f"the query has {self.first.text} instead of {wanted}")


def _split(query: str) -> list[Token]:
    words = []
    at = 0
    query = query.rstrip()
    while at < len(query):
        match = _WORD.match(query, at)
        if match is None:
            raise Fault("BAD_PARAMETER", f"the query cannot be read from {query[at : at + 20]!r}")
        at = match.end()
        words.append(_token(match.lastgroup or "", match.group().strip()))
    return words


def _token(group: str, text: str) -> Token:
    if group == "text":
        return Token("literal", text, text[1:-1].replace("''", "'"))
    if group == "number":
        return Token("literal", text, int(text) if text.lstrip("-").isdigit() else float(text))
    if group == "timestamp":
        return Token("literal", text, _timestamp(text))
    return Token(group, text)


def _timestamp(text: str) -> Value:
    try:
        return moment(text.strip("{} ").removeprefix("ts"))
    except ValueError:
        raise Fault("BAD_PARAMETER", f"{text} is no timestamp") from None
