"""Fields the definitions do not know (G05). Never an error: definitions may be extended freely."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool import values
from nxtool.findings import Finding
from nxtool.nodeview import is_field
from nxtool.schema.namefit import is_valid_name
from nxtool.schema.slots import named_slot
from nxtool.validate.visit import GroupVisit, finding


def children(visit: GroupVisit) -> Iterator[Finding]:
    """Fields of one group without a concept."""
    concept = visit.concept
    if concept is None or concept.ignores_extra("fields"):
        return
    for child in visit.children.values():
        if not is_field(child.node) or child.field is not None:
            continue
        if not is_valid_name(child.name):
            continue  # no definition can know it; told by N01
        if child.name in concept.links or named_slot(concept, child.name) is not None:
            continue
        near = values.nearest(child.name, list(concept.fields))
        yield finding(
            "G05",
            child.path,
            f"field {child.name!r} is not in the definition of {visit.nx_class}",
            hint=f"did you mean {near!r}?" if near else "",
        )
