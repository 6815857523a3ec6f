"""Who may do what with an object: a plain reading of the rules that are stored as objects.

A rule grants some of create, read, update and delete (`crudFlags`) on what its query finds, to the
members of a group, or to everybody if it has none. The users named as roots may do everything.
Relations named by a `PublicStep`, or that lead to what everybody may read, can always be included.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.icat.stub import search
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import Field
from tests.icat.stub.store import Record, Store


class Authorisation:
    """The rules as they are while one call is answered; without `roots` everything is allowed."""

    def __init__(self, store: Store, roots: frozenset[str], user: str) -> None:
        self._store, self._user = store, user
        self._everything = not roots or user in roots
        self._found: dict[tuple[str, str], set[int] | None] = {}

    def allows(self, record: Record, letter: str = "R") -> bool:
        """Whether the user may do this with an object."""
        if self._everything:
            return True
        key = (record.entity.name, letter)
        if key not in self._found:
            self._found[key] = self._ids(*key)
        ids = self._found[key]
        return ids is None or record.id in ids

    def demand(self, record: Record, letter: str) -> None:
        """Refuse what the user may not do with an object. Raises `Fault`."""
        if not self.allows(record, letter):
            raise self.refusal(record, letter)

    def refusal(self, record: Record, letter: str, position: int = -1) -> Fault:
        """What to raise where something is not granted."""
        message = f"{self._user} has no rule that grants {letter} on this {record.entity.name}"
        return Fault("INSUFFICIENT_PRIVILEGES", message, position)

    def related(self, record: Record, relation: Field) -> list[Record]:
        """The objects at the end of a relation that may be sent along."""
        if relation.relation == "MANY":
            found = self._store.children(record, relation)
        else:
            parent = self._store.parent(record, relation)
            found = [parent] if parent else []
        if self._everything or self._is_public_step(record, relation):
            return found
        return [other for other in found if self.allows(other)]

    def _is_public_step(self, record: Record, relation: Field) -> bool:
        step = (record.entity.name, relation.name)
        return any(
            (other.values["origin"], other.values["field"]) == step
            for other in self._store.all("PublicStep")
        )

    def _ids(self, entity: str, letter: str) -> set[int] | None:
        """The ids of what is granted; None for all that there are and will be."""
        granted: set[int] = set()
        for rule in self._rules(letter):
            query = search.parse(self._store.model, str(rule.values["what"]))
            variable = query.columns[0].path.variable
            if variable == query.variable and query.entity.name == entity:
                if query.where is None and not query.joins:
                    return None
                rows = search.rows_of(self._store, query, self._user)
                granted |= {record.id for row in rows if (record := row.row[variable])}
        return granted

    def _rules(self, letter: str) -> Iterator[Record]:
        groups = {
            member.values["grouping"]
            for user in self._store.all("User")
            if user.values["name"] == self._user
            for member in self._store.children(user, user.entity.fields["userGroups"])
        }
        for rule in self._store.all("Rule"):
            grouping = rule.values["grouping"]
            if letter in str(rule.values["crudFlags"]).upper() and (
                grouping is None or grouping in groups
            ):
                yield rule
