"""Names in a group that lead to nothing, and names that are not allowed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import Broken, GroupView, NodeView
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import TEXT, optional

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_CARTESIAN: Final = frozenset("xyz")
_CYLINDRICAL: Final = frozenset("rtz")


def broken(asking: Asking, group: GroupView, opened: Container[str] = ()) -> Iterator[Finding]:
    """Every link in a group, and every object, can be followed and opened; those with names in
    `opened` were, and are not opened again."""
    for name in group.links:
        if name in opened:
            continue
        node = group.child(name)
        if isinstance(node, Broken) and not node.quiet:
            path = nxpath.join(group.path, name)
            yield asking.tell("OP023", path, f"leads nowhere: {node.reason}")


def name(asking: Asking, path: str) -> Iterator[Finding]:
    """The name of a record, component or species has only letters, digits and _."""
    found = nxpath.base(path)
    if not _NAME.fullmatch(found):
        yield asking.tell("NM001", path, f"{found!r} has other characters than letters, digits, _")


def vector(asking: Asking, path: str, components: Iterable[str]) -> Iterator[Finding]:
    """The components of a vector belong to one system of coordinates."""
    letters = {component for component in components if component in _CARTESIAN | _CYLINDRICAL}
    if not (letters <= _CARTESIAN or letters <= _CYLINDRICAL):
        told = ", ".join(sorted(letters))
        yield asking.tell("NM002", path, f"has the components {told} of two systems")


def comment(asking: Asking, node: NodeView) -> Iterator[Finding]:
    """A comment may stand anywhere, as text."""
    yield from optional(asking, node, "comment", "OP020", TEXT)
