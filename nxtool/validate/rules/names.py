"""Names (N01 to N08)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding, Severity
from nxtool.nodeview import NodeView, is_field, is_group
from nxtool.schema.concepts import GroupConcept
from nxtool.schema.namefit import is_valid_name, placeholder
from nxtool.validate.rules import nxdata
from nxtool.validate.visit import FREE_CLASSES, ChildVisit, FieldVisit, GroupVisit, finding

MAX_LENGTH: Final = 63
_DISCOURAGED: Final = re.compile(r"^[0-9]|\.")
RESERVED_ATTRIBUTES: Final = (
    "BLUESKY_", "DECTRIS_", "IDF_", "NDAttr", "NX_", "PDBX_", "SAS_", "SILX_",
)  # fmt: skip
_RESERVED_FIELDS: Final = ("DECTRIS_",)
_PLACEHOLDER: Final = "GROUPNAME"
_SUFFIXES: Final = (
    "_increment_set", "_end", "_errors", "_mask", "_set", "_weights", "_scaling_factor", "_offset",
)  # fmt: skip


def group_names(visit: GroupVisit) -> Iterator[Finding]:
    """The names of the children of one group, and of its attributes; any in an NXcollection."""
    if visit.nx_class in FREE_CLASSES:
        return
    for child in visit.children.values():
        yield from _name(visit, child)
        yield from _companion(visit, child)
        if is_field(child.node):
            yield from _prefix(child)
            yield from _suffix(visit, child)
    yield from _attributes(visit.view)
    for name in visit.view.attributes:
        yield from _attribute_prefix(visit, nxpath.attribute(visit.path, name), name)


def field_attribute_names(visit: FieldVisit) -> Iterator[Finding]:
    """The names of the attributes of one field."""
    yield from _attributes(visit.view, lenient=visit.parent.concept is None)


def _attributes(node: NodeView, *, lenient: bool = False) -> Iterator[Finding]:
    for name in node.attributes:
        path = nxpath.attribute(node.path, name)
        if not is_valid_name(name):
            yield _invalid(path, name, lenient=lenient)
        elif len(name) > MAX_LENGTH:
            yield _long(path, name)


def _name(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    name = child.name
    if not is_valid_name(name):
        foreign = is_group(child.node) and not child.nx_class
        yield _invalid(child.path, name, lenient=foreign or visit.concept is None)
        return
    if len(name) > MAX_LENGTH:
        yield _long(child.path, name)
    if _DISCOURAGED.search(name):
        yield finding("N03", child.path, f"{name!r} starts with a digit or holds a dot")


def _invalid(path: str, name: str, *, lenient: bool = False) -> Finding:
    return finding(
        "N01",
        path,
        f"{name!r} is not a NeXus name",
        severity="warning" if lenient else "error",
        hint=f"for instance {_mend(name)!r}",
    )


def _long(path: str, name: str) -> Finding:
    return finding("N02", path, f"the name has {len(name)} characters")


def _mend(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_.]+", "_", name).strip("_.") or "name"


def _prefix(child: ChildVisit) -> Iterator[Finding]:
    for prefix in _RESERVED_FIELDS:
        if child.name.startswith(prefix):
            yield finding("N05", child.path, f"the prefix {prefix} is reserved")


def _attribute_prefix(visit: GroupVisit, path: str, name: str) -> Iterator[Finding]:
    """A prefix kept for one producer; SAS_ belongs to NXcanSAS, so elsewhere it is a mistake."""
    prefix = next((prefix for prefix in RESERVED_ATTRIBUTES if name.startswith(prefix)), None)
    if prefix is None or name == "NX_class" or _is_known_attribute(visit, name):
        return
    severity: Severity = "info"
    if prefix == "SAS_" and visit.scope.application not in ("", "NXcanSAS"):
        severity = "warning"
    yield finding("N05", path, f"the prefix {prefix} is reserved", severity=severity)


def _is_known_attribute(visit: GroupVisit, name: str) -> bool:
    return visit.concept is not None and name in visit.concept.attributes


def _companion(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    """A group called after another one: `x_log` needs `x` beside it (NXobject, GROUPNAME_log)."""
    if not isinstance(child.group, GroupConcept) or _PLACEHOLDER not in child.group.name:
        return
    base = placeholder(child.group.name, child.name)
    if base and base not in visit.children:
        message = f"there is no {base!r} that it could belong to"
        yield finding("N08", child.path, message, anchor=child.group.anchor)


def _suffix(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    """`x_errors` without `x`; names that the definitions know are no suffixes."""
    if child.field is not None and not child.field.is_variadic:
        return
    for suffix in _SUFFIXES:
        base = child.name.removesuffix(suffix)
        if base == child.name or not base:
            continue
        if base not in visit.children and not _is_known_elsewhere(visit, child):
            message = f"the suffix {suffix} needs a field {base!r} in the same group"
            yield finding("N06", child.path, message)
        return


def _is_known_elsewhere(visit: GroupVisit, child: ChildVisit) -> bool:
    """A field with a place of its own: a link the definition asks for, an axis or signal of NXdata
    (whose manual page has an axis `x_set` without `x`), a transformation, or a link to a field of
    the same name (x_pixel_offset of an NXdetector in an NXdata)."""
    if visit.concept is not None and child.name in visit.concept.links:
        return True
    assert is_field(child.node)  # noqa: S101 - the caller looked
    if nxdata.role(visit, child.name) or "vector" in child.node.attributes:
        return True
    target = child.node.attributes.get("target")
    original = target.text if target is not None else None
    return original not in (None, child.path) and nxpath.base(original or "") == child.name
