"""Waivers: what an author could not give, with the reason, kept in the file.

A waiver is a path and a reason. The missing item at that path, or below it, is then a note with
the reason instead of an error. Only missing items (O01) can be waived, never wrong ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from nxtool.findings import Finding
from nxtool.nodeview import Broken, GroupView, Unreadable, is_field, is_group
from nxtool.validate.visit import Walk, class_of, control_text, strings

_PLACE = ("record", "waivers")
"""Where the builder keeps them, below a group with program `nxtool`."""
_KEEPERS = ("NXprocess", "NXcollection")


def waive(findings: Iterable[Finding], waived: Mapping[str, str]) -> list[Finding]:
    """The findings, with waived ones turned into notes."""
    return [_one(item, waived) for item in findings]


def _one(item: Finding, waived: Mapping[str, str]) -> Finding:
    if item.code != "O01" or item.severity == "info":
        return item
    for path, reason in waived.items():
        if item.path == path or item.path.startswith((f"{path}/", f"{path}@")):
            message = f"{item.message} (waived: {reason})"
            return replace(item, severity="info", message=message, waived=reason)
    return item


def recorded(walk: Walk) -> dict[str, str]:
    """The waivers that a file carries: reasons by path."""
    found: dict[str, str] = {}
    for entry in _children(walk.root, "NXentry"):
        for nx_class in _KEEPERS:
            for process in _children(entry, nx_class):
                if control_text(process, "program") == "nxtool":
                    found |= _read(process)
    return found


def _children(group: GroupView, nx_class: str) -> Iterator[GroupView]:
    for name, link in group.links.items():
        child = group.child(name) if link.kind == "hard" else Broken("not followed")
        if is_group(child) and class_of(child) == nx_class:
            yield child


def _read(process: GroupView) -> dict[str, str]:
    group: object = process
    for name in _PLACE:
        if not is_group(group) or name not in group.links:
            return {}
        group = group.child(name)
    if not is_group(group):
        return {}
    paths, reasons = _texts(group, "path"), _texts(group, "reason")
    return dict(zip(paths, reasons, strict=False))


def _texts(group: GroupView, name: str) -> list[str]:
    node = group.child(name) if name in group.links else None
    if not is_field(node) or node.type.kind != "string":
        return []
    try:
        return strings(node.read()) or []
    except Unreadable:
        return []
