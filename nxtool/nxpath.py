"""Paths inside a NeXus file."""

from __future__ import annotations

import posixpath


def join(group: str, name: str) -> str:
    """The path of `name` in `group`.

    >>> join("/", "entry"), join("/entry", "data")
    ('/entry', '/entry/data')
    """
    return f"/{name}" if group in ("/", "") else f"{group}/{name}"


def attribute(path: str, name: str) -> str:
    """The path of an attribute.

    >>> attribute("/entry", "default")
    '/entry@default'
    """
    return f"{path}@{name}"


def parent(path: str) -> str:
    """The group that holds `path`; `/` is its own parent.

    >>> parent("/entry/data"), parent("/entry")
    ('/entry', '/')
    """
    return posixpath.dirname(path) or "/"


def base(path: str) -> str:
    """The last name of `path`; empty for the root.

    >>> base("/entry/data")
    'data'
    """
    return path.rpartition("/")[2]


def resolve(group: str, target: str) -> str:
    """The absolute path that `target` means when it stands in `group`.

    >>> resolve("/entry/sample", "../instrument"), resolve("/entry", "/x")
    ('/entry/instrument', '/x')
    """
    return posixpath.normpath(posixpath.join(group, target))
