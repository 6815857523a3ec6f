"""Objects whose text has a meaning of its own: rules and public steps."""

from __future__ import annotations

from tests.icat.stub import search
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import Model
from tests.icat.stub.store import Draft


def check_meaning(model: Model, draft: Draft, position: int = -1) -> None:
    """Refuse a rule that is no query and a public step that is no relation. Raises `Fault`."""
    if draft.entity.name == "Rule":
        _check_rule(model, draft, position)
    if draft.entity.name == "PublicStep":
        origin = model.entities.get(str(draft.values.get("origin")))
        step = origin and origin.fields.get(str(draft.values.get("field")))
        if not step or step.relation == "ATTRIBUTE":
            raise Fault("BAD_PARAMETER", "a public step names no relation", position)


def _check_rule(model: Model, draft: Draft, position: int) -> None:
    unknown = set(str(draft.values.get("crudFlags") or "").upper()) - set("CRUD")
    if unknown:
        raise Fault("BAD_PARAMETER", f"crudFlags cannot be {sorted(unknown)}", position)
    try:
        search.parse(model, str(draft.values.get("what") or ""))
    except Fault as fault:
        raise Fault(fault.kind, fault.message, position) from None
