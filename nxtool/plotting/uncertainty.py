"""The errors of a signal, drawn as bars."""

from __future__ import annotations

from typing import Final

from nxtool import nxpath
from nxtool.defaultplot import follow
from nxtool.nodeview import FieldView, GroupView, is_field, is_group

_KINDS: Final = frozenset({"integer", "float"})


def errors_of(root: GroupView, data: str, signal: FieldView) -> FieldView | None:
    """The field with an error for each value of `signal`, standard deviations, in the NXdata at
    the path `data`.

    Source: NeXus manual, NXdata (`FIELDNAME_errors`, and `errors` of older files); NXcanSAS
    (`@uncertainties` of the signal, `@uncertainty` in files of its first years).
    """
    group = follow(root, data)
    if not is_group(group):
        return None
    told = (signal.attributes.get(name) for name in ("uncertainties", "uncertainty"))
    marked = (attribute.text for attribute in told if attribute is not None)
    names = (*marked, f"{nxpath.base(signal.path)}_errors", "errors")
    found = (follow(group, name) for name in names if name)
    return next((field for field in found if is_field(field) and _fits(field, signal)), None)


def _fits(field: FieldView, signal: FieldView) -> bool:
    return field.type.kind in _KINDS and field.shape == signal.shape
