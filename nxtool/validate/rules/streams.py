"""A field may be a log or a stream of events instead: its values must suit all the same (N11).

Manual, Design, "Streaming data": an NXlog or NXevent_data group of the same name stands for the
field.
"""

from __future__ import annotations

from collections.abc import Iterator

from nxtool.findings import Finding
from nxtool.nodeview import is_field, is_group
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.validate.rules import types, units
from nxtool.validate.rules.classes import STREAM_CLASSES
from nxtool.validate.visit import ChildVisit, FieldVisit, GroupVisit


def of_group(visit: GroupVisit) -> Iterator[Finding]:
    """Type and unit of `value` in the logs that stand for fields of one group."""
    for child in visit.group_children.values():
        concept = _replaced(visit, child)
        if concept is None or not is_group(child.node):
            continue
        value = child.node.child("value") if "value" in child.node.links else None
        if is_field(value):
            field = FieldVisit(visit, value, concept, child.node.links["value"])
            if concept.type != _own_type(child):
                yield from types.of_field(field)
            yield from units.of_field(field)


def _own_type(child: ChildVisit) -> str:
    """The type the log itself asks of its values, which is judged there; empty without one."""
    own = child.group.fields.get("value") if isinstance(child.group, GroupConcept) else None
    return own.type if own is not None else ""


def _replaced(visit: GroupVisit, child: ChildVisit) -> FieldConcept | None:
    if visit.concept is None or child.nx_class not in STREAM_CLASSES:
        return None
    return visit.concept.fields.get(child.name)
