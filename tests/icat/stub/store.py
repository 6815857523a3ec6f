"""Objects in memory, found by id, by unique key and by the object they belong to.

A reference to one other object is kept as its id. What is written is checked before: `checks` for
the values of one object, here for what concerns others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.icat.stub import checks
from tests.icat.stub.fault import Fault
from tests.icat.stub.model import META, Entity, Field, Model
from tests.icat.stub.values import Value, now


@dataclass(eq=False, slots=True)
class Record:
    """A stored object: its attributes, and the ids of the objects it refers to."""

    entity: Entity
    values: dict[str, Value]

    @property
    def id(self) -> int:
        """What the object is known by among those of its entity."""
        return int(str(self.values["id"]))


@dataclass(frozen=True, slots=True)
class Draft:
    """An object as a client sends it, with those that are to be created below it."""

    entity: Entity
    values: Mapping[str, Value]
    children: Mapping[str, list[Draft]] = field(default_factory=dict)


class Store:
    """All objects of one catalogue."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._records: dict[str, dict[int, Record]] = {name: {} for name in model.entities}
        self._keys: dict[str, dict[tuple[Value, ...], int]] = {name: {} for name in model.entities}
        # by the entity that refers and its field: which objects refer to an id
        self._referring: dict[tuple[str, str], dict[int, dict[int, None]]] = {}
        self._last_id = 0

    def all(self, entity: str) -> list[Record]:
        """Every object of an entity, in the order of ids."""
        return list(self._records[entity].values())

    def find(self, entity: str, number: Value) -> Record:
        """The object with this id. Raises `Fault`."""
        record = self._records[entity].get(int(str(number or 0)))
        if record is None:
            raise Fault("NO_SUCH_OBJECT_FOUND", f"there is no {entity} with id {number}")
        return record

    def parent(self, record: Record, relation: Field) -> Record | None:
        """The object that `record` refers to by a many-to-one relation."""
        number = record.values.get(relation.name)
        return None if number is None else self.find(relation.type, number)

    def children(self, record: Record, relation: Field) -> list[Record]:
        """The objects of a one-to-many relation, in the order of ids."""
        numbers = self._referring.get((relation.type, relation.inverse), {}).get(record.id, {})
        return [self._records[relation.type][number] for number in sorted(numbers)]

    def create(self, drafts: list[Draft], user: str) -> list[Record]:
        """Store objects and all below them, or none of them. Raises `Fault`."""
        made: list[Record] = []
        done: list[Record] = []
        try:
            for draft in drafts:
                done.append(self._create(draft, user, made))  # noqa: PERF401 - read on failure
        except Fault as fault:
            self.discard(made)
            raise Fault(fault.kind, fault.message, len(done)) from None
        return done

    def update(self, draft: Draft, user: str) -> Record:
        """Replace all attributes and references of an object. Raises `Fault`."""
        record = self.find(draft.entity.name, draft.values.get("id"))
        stamps = {name: record.values[name] for name in ("id", *META)}
        values = self._checked(draft.entity, draft.values, record.id)
        self._forget(record)
        record.values = values | stamps | {"modId": user, "modTime": now()}
        self._remember(record)
        return record

    def delete(self, record: Record) -> None:
        """Drop an object and all that refers to it."""
        self.discard(list(self._with_dependents(record)))

    def discard(self, records: list[Record]) -> None:
        """Drop just these objects."""
        for record in reversed(records):
            self._forget(record)
            self._records[record.entity.name].pop(record.id, None)

    def clear(self) -> None:
        """Drop every object; ids are not used again."""
        for records in self._records.values():
            self.discard(list(records.values()))

    def _create(self, draft: Draft, user: str, made: list[Record]) -> Record:
        values = self._checked(draft.entity, draft.values, own_id=None)
        self._last_id += 1
        stamps = {"createId": user, "createTime": now(), "modId": user, "modTime": now()}
        record = Record(draft.entity, values | stamps | {"id": self._last_id})
        self._records[draft.entity.name][record.id] = record
        self._remember(record)
        made.append(record)
        for name, children in draft.children.items():
            inverse = draft.entity.fields[name].inverse
            for child in children:
                adopted = {**child.values, inverse: record.id}
                self._create(Draft(child.entity, adopted, child.children), user, made)
        return record

    def _checked(
        self, entity: Entity, sent: Mapping[str, Value], own_id: int | None
    ) -> dict[str, Value]:
        values = checks.complete(entity, sent)
        checks.check_values(self.model, entity, values)
        for relation in entity.of("ONE"):
            number = values[relation.name]
            if number is not None and number not in self._records[relation.type]:
                message = f"{entity.name}.{relation.name}: no {relation.type} has id {number}"
                raise Fault("INTERNAL", message)
        key = tuple(values[name] for name in entity.unique)
        if key and self._keys[entity.name].get(key, own_id) != own_id:
            raise Fault("OBJECT_ALREADY_EXISTS", f"{entity.name} {_told(entity, key)} exists")
        checks.check_parameter(self, entity, values)
        return values

    def _remember(self, record: Record) -> None:
        entity = record.entity
        if entity.unique:
            key = tuple(record.values[name] for name in entity.unique)
            self._keys[entity.name][key] = record.id
        for relation in entity.of("ONE"):
            number = record.values[relation.name]
            if isinstance(number, int):
                referring = self._referring.setdefault((entity.name, relation.name), {})
                referring.setdefault(number, {})[record.id] = None

    def _forget(self, record: Record) -> None:
        entity = record.entity
        key = tuple(record.values[name] for name in entity.unique)
        self._keys[entity.name].pop(key, None)
        for relation in entity.of("ONE"):
            number = record.values[relation.name]
            if isinstance(number, int):
                self._referring[entity.name, relation.name][number].pop(record.id, None)

    def _with_dependents(self, record: Record) -> Iterator[Record]:
        waiting, seen = [record], {record}
        while waiting:
            found = waiting.pop()
            yield found
            for relation in found.entity.of("MANY"):
                for child in self.children(found, relation):
                    if child not in seen:
                        seen.add(child)
                        waiting.append(child)


def _told(entity: Entity, key: tuple[Value, ...]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in zip(entity.unique, key, strict=True))
