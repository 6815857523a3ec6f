"""Names (N01 to N06)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import FieldView, GroupView
from nxtool.schema.namefit import is_valid_name
from nxtool.validate.visit import ChildVisit, GroupVisit, finding

MAX_LENGTH: Final = 63
_DISCOURAGED: Final = re.compile(r"^[0-9]|\.")
RESERVED_ATTRIBUTES: Final = (
    "BLUESKY_", "DECTRIS_", "IDF_", "NDAttr", "NX_", "PDBX_", "SAS_", "SILX_",
)  # fmt: skip
_RESERVED_FIELDS: Final = ("DECTRIS_",)
_SUFFIXES: Final = (
    "_increment_set", "_end", "_errors", "_mask", "_set", "_weights", "_scaling_factor", "_offset",
)  # fmt: skip


def group_names(visit: GroupVisit) -> Iterator[Finding]:
    """The names of the children of one group, and of its attributes."""
    for child in visit.children.values():
        yield from _name(visit, child)
        if isinstance(child.node, FieldView):
            yield from _prefix(child)
            yield from _suffix(visit, child)
    for name in visit.view.attributes:
        if not is_valid_name(name):
            yield _invalid(nxpath.attribute(visit.path, name), name)


def _name(visit: GroupVisit, child: ChildVisit) -> Iterator[Finding]:
    name = child.name
    if not is_valid_name(name):
        foreign = isinstance(child.node, GroupView) and not child.nx_class
        yield _invalid(child.path, name, lenient=foreign or visit.concept is None)
        return
    if len(name) > MAX_LENGTH:
        yield finding("N02", child.path, f"the name has {len(name)} characters")
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


def _mend(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_.]+", "_", name).strip("_.") or "name"


def _prefix(child: ChildVisit) -> Iterator[Finding]:
    for prefix in _RESERVED_FIELDS:
        if child.name.startswith(prefix):
            yield finding("N05", child.path, f"the prefix {prefix} is reserved")


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
    """A link the definition asks for, or one to a field of the same name: x_pixel_offset of an
    NXdetector, linked into an NXdata."""
    if visit.concept is not None and child.name in visit.concept.links:
        return True
    assert isinstance(child.node, FieldView)  # noqa: S101 - the caller looked
    target = child.node.attributes.get("target")
    original = target.text if target is not None else None
    return bool(original) and original != child.path and nxpath.base(original) == child.name
