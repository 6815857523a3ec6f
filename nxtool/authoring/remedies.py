"""What mends a finding for sure: one edit, where no other could be meant.

A word of a list in other letters, a date without its zone, a unit or a name spelled almost right.
Where an author has to choose, or to know, there is no remedy.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from nxtool import units
from nxtool.authoring.document import Rename, SetValue, node_at
from nxtool.authoring.places import marked_names, row_of
from nxtool.build.fields import DATE_TYPES
from nxtool.recipe.checks import names_meant
from nxtool.recipe.forms import FIELD_KEYS
from nxtool.recipe.quantity import quantity_of
from nxtool.schema.concepts import AttributeConcept, FieldConcept
from nxtool.yamltree.emit import quoted
from nxtool.yamltree.nodes import MapNode, Scalar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nxtool.authoring.document import Edit
    from nxtool.authoring.rows import Row
    from nxtool.authoring.session import Session
    from nxtool.findings import Finding
    from nxtool.nxdl.elements import Enumeration

NEAR: Final = 0.85
"""Of several names that are like another, one alone that is so like it is meant."""
_LETTERS: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Remedy:
    """An edit, and what it does in a few words."""

    edit: Edit
    label: str


@dataclass(frozen=True, slots=True)
class _Case:
    """A finding with the row it is about."""

    finding: Finding
    row: Row
    session: Session

    @property
    def concept(self) -> FieldConcept | AttributeConcept | None:
        concept = self.row.concept
        return concept if isinstance(concept, FieldConcept | AttributeConcept) else None

    @property
    def enumeration(self) -> Enumeration | None:
        return self.concept.enumeration if self.concept is not None else None

    def put(self, text: str) -> Remedy | None:
        """The remedy that makes a text the value; None where it would be no value, or is it."""
        told = self.session.judged(self.row, text)
        if not told.is_valid:
            return None
        note = f" ({told.note})" if told.note else ""
        edit = self.session.edit_for(self.row, told.yaml)
        return Remedy(edit, f"{self.row.label} = {told.yaml}{note}")


_Find: TypeAlias = Callable[[_Case], "Remedy | None"]


def remedy(finding: Finding, session: Session, tops: Sequence[Row]) -> Remedy | None:
    """What mends a finding about a recipe; None where nothing does for sure. `tops` are the rows
    of the recipe."""
    if finding.code == "R01":
        return _respelled(finding, session)
    row = row_of(finding, session.document, tops)
    if row is None:
        return None
    case = _Case(finding, row, session)
    found = (find(case) for find in _BY_CODE.get(finding.code, ()))
    return next((one for one in found if one is not None), None)


def _respelled(finding: Finding, session: Session) -> Remedy | None:
    """An unknown name that is almost a known one."""
    names = marked_names(finding, session.document)
    if not names or repr(names[-1]) not in finding.message:
        return None
    meant = _meant(names[-1], names_meant(finding.hint))
    above = node_at(session.document.tree, names[:-1])
    if not meant or not isinstance(above, MapNode) or meant in above or names[-1] not in above:
        return None
    return Remedy(Rename(names, meant), f"{names[-1]} is {meant}")


def _meant(name: str, near: list[str]) -> str:
    """The one name that is meant; empty where it may be several."""
    close = [one for one in near if difflib.SequenceMatcher(None, name, one).ratio() >= NEAR]
    found = near if len(near) == 1 else close
    return found[0] if len(found) == 1 else ""


def _listed(case: _Case) -> Remedy | None:
    """The word of the list that differs from the value in case, blanks and hyphens alone."""
    items = case.enumeration.items if case.enumeration is not None else ()
    if case.row.path != case.finding.path or not _stands_there(case, case.finding.found):
        return None
    same = [item for item in items if _folded(item) == _folded(case.finding.found)]
    return case.put(same[0]) if len(same) == 1 else None


def _only_choice(case: _Case) -> Remedy | None:
    """The value that the definition allows, where it allows one."""
    stated = case.enumeration
    if case.row.path != case.finding.path or stated is None or stated.open:
        return None
    free = not case.row.is_given or _stands_there(case, case.session.text_of(case.row))
    return case.put(stated.items[0]) if len(stated.items) == 1 and free else None


def _stands_there(case: _Case, text: str) -> bool:
    """True where a text is written in the recipe as the value, not read from somewhere."""
    is_own = case.row.origin == "value" and not case.row.is_invalid
    return is_own and case.session.text_of(case.row) == text


def _folded(text: str) -> str:
    return _LETTERS.sub("", text).casefold()


def _dated(case: _Case) -> Remedy | None:
    """A date as the standard writes it, its zone completed."""
    concept = case.concept
    if concept is None or concept.type not in DATE_TYPES or case.row.origin != "value":
        return None
    return case.put(case.session.text_of(case.row)) if not case.row.is_invalid else None


def _valid_now(case: _Case) -> Remedy | None:
    """A value marked `!invalid` that is one."""
    return case.put(case.session.text_of(case.row)) if case.row.is_invalid else None


def _spelled(case: _Case) -> Remedy | None:
    """A unit in its right spelling."""
    found = case.finding.found
    fit = units.fit(found, case.finding.expected or "NX_ANY")
    if fit.verdict not in ("unknown", "ambiguous") or not fit.suggestion:
        return None
    return _with_unit(case, found, fit.suggestion)


def _with_unit(case: _Case, old: str, new: str) -> Remedy | None:
    """The value with another unit, in the form it has in the recipe; None where `old` is not its
    unit there."""
    names, label = case.row.names, f"the unit of {case.row.label} is {new}"
    node = node_at(case.session.document.tree, names)
    if isinstance(node, MapNode) and set(node) <= set(FIELD_KEYS):
        stated = node.get("units")
        if isinstance(stated, Scalar) and stated.text == old:
            return Remedy(SetValue((*names, "units"), quoted(new)), label)
        names, node = (*names, "value"), node.get("value")
    quantity = quantity_of(node) if isinstance(node, Scalar) else None
    if not isinstance(node, Scalar) or quantity is None or quantity.unit != old:
        return None
    number = node.text.rstrip().removesuffix(old).rstrip()
    return Remedy(SetValue(names, quoted(f"{number} {new}")), label)


_BY_CODE: Final[Mapping[str, tuple[_Find, ...]]] = {
    "E01": (_listed, _only_choice),
    "E03": (_listed,),
    "O01": (_valid_now, _only_choice),
    "R04": (_valid_now, _dated),
    "T09": (_dated,),
    "T10": (_dated,),
    "U01": (_spelled,),
    "U04": (_spelled,),
}
