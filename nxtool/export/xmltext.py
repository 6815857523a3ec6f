"""Small XML elements as text, indented by a space for each level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from xml.sax.saxutils import escape, quoteattr

from nxtool import __version__


def leaf(name: str, text: str) -> str:
    """An element that holds text."""
    return f"<{name}>{escape(text)}</{name}>"


def empty(name: str, attributes: Mapping[str, str]) -> str:
    """An element that holds nothing but attributes."""
    return f"<{name}{_written(attributes)}/>"


def element(
    name: str,
    children: Sequence[str],
    attributes: Mapping[str, str] | None = None,
    level: int = 2,
) -> str:
    """An element with others in it, each on a line, at so many levels of depth."""
    margin = " " * level
    inner = "".join(f"{margin} {child}\n" for child in children)
    return f"{margin}<{name}{_written(attributes or {})}>\n{inner}{margin}</{name}>\n"


def head() -> str:
    """Who made the file, and when: the `head` of ICAT's formats."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return element("head", [leaf("date", now), leaf("generator", f"nxtool {__version__}")], level=1)


def plain(value: str | float | bool) -> str:
    """A value as XML schemas write it.

    >>> plain(True), plain(2.5)
    ('true', '2.5')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
