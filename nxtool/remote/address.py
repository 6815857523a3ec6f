"""What names data that lie elsewhere: `hdf5://home/me/scan.h5`, `s3://bucket/scan.h5`, `https://…`.

Only what a user types, or writes as a source in a recipe, is looked at here: never a name that
stands in a data file. An address may carry secrets, a password or the signature of a link that was
given out; they are not shown.
"""

from __future__ import annotations

import os
import re
from typing import Final, Literal
from urllib.parse import urlsplit

from nxtool.errors import FileUnreadable

Kind = Literal["hsds", "s3", "http"]

_KINDS: Final[dict[str, Kind]] = {"hdf5": "hsds", "s3": "s3", "http": "http", "https": "http"}
_ADDRESS: Final = re.compile(r"(?P<scheme>hdf5|s3|https?):/+(?P<rest>.*)", re.DOTALL | re.I)
_USER: Final = r"(?:[^/{blank}]*@|[^/@:{blank}]+:(?!\d*(?:[/?\s]|$))[^@{blank}]*@)?"
"""Who somebody is: also with a password that holds a slash, which no server would understand."""
_SECRETS: Final = re.compile(
    rf"(?P<scheme>[a-z0-9]+://){_USER.format(blank=chr(92) + 's')}(?P<rest>[^\s?]*)(?:\?\S*)?", re.I
)
_WHOLE: Final = re.compile(
    rf"(?P<scheme>[a-z0-9]+://){_USER.format(blank='')}(?P<rest>[^?]*)(?:\?.*)?", re.I | re.DOTALL
)


def address_of(name: str | os.PathLike[str]) -> str:
    """The address that `name` is; empty where it is the path of a file here.

    Of the two slashes of an address a path keeps one, so one is enough. A file here of that very
    name is that file.

    >>> address_of("s3:/bucket/scan.h5"), address_of("scan.h5")
    ('s3://bucket/scan.h5', '')
    """
    text = os.fspath(name)
    match = _ADDRESS.fullmatch(text)
    if match is None or os.path.lexists(text):
        return ""
    return f"{match['scheme'].lower()}://{match['rest']}"


def kind_of(address: str) -> Kind:
    """Who has what lies at `address`."""
    return _KINDS[address.partition(":")[0]]


def file_name(address: str) -> str:
    """The last part of the path of an address, which says by its end what lies there."""
    path = address if kind_of(address) != "http" else urlsplit(address).path
    return path.rstrip("/").rpartition("/")[2]


def check(address: str) -> None:
    """Raises `FileUnreadable` where an address names no place and something in it."""
    place, slash, inside = address.partition("://")[2].partition("/")
    if place.rpartition("@")[2] and slash and inside.strip("/"):
        return
    example = {"hsds": "hdf5://home/me/scan.h5", "s3": "s3://bucket/scan.h5"}
    hint = f"write {example.get(kind_of(address), 'https://host/scan.h5')}"
    raise FileUnreadable(f"{public(address)}: names no file", hint=hint)


def public(address: str) -> str:
    """An address without its secrets; it may hold spaces, in what is kept and in what is not.

    >>> public("https://me:word@host/my scan.h5?signature=1 2")
    'https://host/my scan.h5'
    """
    return _WHOLE.sub(r"\g<scheme>\g<rest>", address)


def shown(text: str) -> str:
    """`text` without the secrets of the addresses in it, which hold no spaces.

    >>> shown("https://me:word@host/scan.h5?signature=1")
    'https://host/scan.h5'
    """
    return _SECRETS.sub(r"\g<scheme>\g<rest>", text)


def named(name: str | os.PathLike[str]) -> str:
    """What people and reports call the file or address `name`."""
    address = address_of(name)
    return public(address) if address else os.fspath(name)
