"""The file and its entries (F01 to F03, O07, E05)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import GroupView
from nxtool.validate.visit import GroupVisit, class_of, control_text, finding

_ADVISED: Final = ("file_name", "file_time", "creator", "HDF5_Version")
_RELEASE: Final = re.compile(r"v?(\d{4})\.(\d{1,2})")


def has_entry(visit: GroupVisit) -> Iterator[Finding]:
    """A NeXus file holds an NXentry."""
    if not any(child.nx_class == "NXentry" for child in visit.children.values()):
        yield finding("O07", visit.path, "the file has no NXentry", expected="a group NXentry")


def root_attributes(visit: GroupVisit) -> Iterator[Finding]:
    """Who wrote the file, and when."""
    missing = [name for name in _ADVISED if name not in visit.view.attributes]
    if missing:
        yield finding("F01", visit.path, f"no attribute {', '.join(missing)}", severity="info")
    attribute = visit.attribute("NX_class")
    if attribute is not None and attribute.text != "NXroot":
        path = nxpath.attribute(visit.path, "NX_class")
        yield finding("F01", path, f"{attribute.text!r} is not NXroot", severity="info")


def definition(visit: GroupVisit) -> Iterator[Finding]:
    """Does the entry name a definition, and one of this release?"""
    name = visit.scope.application
    if not name:
        stated = control_text(visit.view, "definition")
        if not stated and not _subentry_names_one(visit):
            yield finding("F03", visit.path, "names no application definition")
        return
    node = visit.fields.get("definition")
    attribute = node.attributes.get("version") if node is not None else None
    stated_release = _release(attribute.text if attribute is not None else None)
    release = _release(visit.schema.catalogue.origin(name))
    if stated_release and release and stated_release < release:
        text = attribute.text if attribute is not None else ""
        yield finding(
            "F02",
            nxpath.attribute(nxpath.join(visit.path, "definition"), "version"),
            f"written for {name} {text}, judged by {visit.schema.catalogue.origin(name)}",
        )


def _release(text: str | None) -> tuple[int, int] | None:
    found = _RELEASE.search(text or "")
    return (int(found[1]), int(found[2])) if found else None


def _subentry_names_one(visit: GroupVisit) -> bool:
    return any(
        control_text(child.node, "definition")
        for child in visit.group_children.values()
        if isinstance(child.node, GroupView) and class_of(child.node) == "NXsubentry"
    )
