"""The file and its entries (F01 to F03, O07, E05)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import nxpath, values
from nxtool.findings import Finding
from nxtool.nodeview import is_group
from nxtool.validate import reading
from nxtool.validate.visit import GroupVisit, class_of, control_text, finding

_ADVISED: Final = ("file_name", "file_time", "creator", "HDF5_Version")
DATES: Final = ("file_time", "file_update_time")
_COMMIT: Final = re.compile(r"(?:^|-g)[0-9a-f]{7,40}$")
_RAW_DATA: Final = ("NXsample", "NXmonitor", "NXdata", "NXinstrument")
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
    yield from _dates(visit)
    yield from _release_commit(visit)
    attribute = visit.attribute("NX_class")
    if attribute is not None and attribute.text != "NXroot":
        path = nxpath.attribute(visit.path, "NX_class")
        yield finding("F01", path, f"{attribute.text!r} is not NXroot", severity="info")


def _dates(visit: GroupVisit) -> Iterator[Finding]:
    for name in DATES:
        attribute = visit.attribute(name)
        if attribute is None:
            continue
        verdict = values.parse_date(attribute.text or "")
        if not verdict.ok:
            path = nxpath.attribute(visit.path, name)
            message = f"{reading.shown(str(attribute.value))} is no date and time: {verdict.reason}"
            yield finding("F01", path, message, expected="2026-01-05T10:00:00+01:00")


def _release_commit(visit: GroupVisit) -> Iterator[Finding]:
    """A release given as a commit says nothing without its repository."""
    release = visit.attribute("NeXus_release")
    text = (release.text or "") if release is not None else ""
    if _COMMIT.search(text) and "NeXus_repository" not in visit.view.attributes:
        path = nxpath.attribute(visit.path, "NeXus_release")
        message = "names a commit, but there is no NeXus_repository"
        yield finding("F01", path, message, severity="warning", found=text)


def definition(visit: GroupVisit) -> Iterator[Finding]:
    """Does the entry name a definition, and one of this release?"""
    name = visit.scope.application
    if not name:
        stated = control_text(visit.view, "definition")
        if not stated and not _subentry_names_one(visit):
            yield finding("F03", visit.path, "names no application definition")
            yield from _raw_data(visit)
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


def _raw_data(visit: GroupVisit) -> Iterator[Finding]:
    """What raw data has at least (manual, Rules and underlying file formats)."""
    there = {child.nx_class for child in visit.group_children.values()}
    missing = [name for name in _RAW_DATA if name not in there]
    if missing and visit.nx_class == "NXentry":
        message = f"raw data also needs {', '.join(missing)}"
        yield finding("O07", visit.path, message, severity="info")


def _release(text: str | None) -> tuple[int, int] | None:
    found = _RELEASE.search(text or "")
    return (int(found[1]), int(found[2])) if found else None


def _subentry_names_one(visit: GroupVisit) -> bool:
    return any(
        control_text(child.node, "definition")
        for child in visit.group_children.values()
        if is_group(child.node) and class_of(child.node) == "NXsubentry"
    )
