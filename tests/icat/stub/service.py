"""The operations of the protocol, on a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.icat.stub import entityinfo, search
from tests.icat.stub.authorisation import Authorisation
from tests.icat.stub.fault import Fault
from tests.icat.stub.jpql import Query
from tests.icat.stub.model import Model
from tests.icat.stub.ruletext import check_meaning
from tests.icat.stub.sessions import MINUTES, Sessions
from tests.icat.stub.soap import Bean, Call, Related, Structure, read_draft
from tests.icat.stub.store import Draft, Record, Store
from tests.icat.stub.values import parse
from tests.icat.stub.wsdl import selects_columns

WRITES: Final = ("create", "createMany", "update", "delete", "deleteMany")

Operation = Callable[[Call], list[Any]]


class Service:
    """Answers calls, one at a time.

    `roots` are users that the stored rules do not concern; without any, rules are not looked at.
    """

    def __init__(self, model: Model, sessions: Sessions, roots: frozenset[str]) -> None:
        self.model, self.sessions, self._roots = model, sessions, roots
        self.store = Store(model)
        self.writes = 0
        self._open: Mapping[str, Operation] = {
            "getApiVersion": lambda call: [f"{model.version}.0"],
            "getAuthenticatorInfo": self._authenticators,
            "getEntityInfo": lambda call: [entityinfo.describe(model, call.text("beanName"))],
            "getEntityNames": lambda call: list(model.entities),
            "getVersion": lambda call: [f"{model.version}.0"],
            "isLoggedIn": lambda call: [sessions.has(call.text("userName"))],
            "login": self._login,
        }
        self._with_session: Mapping[str, Operation] = {
            "create": self._create,
            "createMany": self._create_many,
            "delete": self._delete,
            "deleteMany": self._delete,
            "get": self._get,
            "getProperties": lambda call: ["lifetimeMinutes 120"],
            "getRemainingMinutes": lambda call: [MINUTES],
            "getUserName": lambda call: [self._user(call)],
            "logout": self._logout,
            "refresh": lambda call: [],
            "search": self._search,
            "update": self._update,
        }

    def answer(self, call: Call) -> list[Any]:
        """What is returned for a call, item by item. Raises `Fault`."""
        if call.operation in self._open:
            return self._open[call.operation](call)
        if call.operation not in self._with_session:
            raise Fault("NOT_IMPLEMENTED", f"there is no operation {call.operation}")
        self._user(call)
        self.writes += call.operation in WRITES
        return self._with_session[call.operation](call)

    def _rights(self, call: Call) -> Authorisation:
        """What the user of a call may do."""
        return Authorisation(self.store, self._roots, self._user(call))

    def _user(self, call: Call) -> str:
        return self.sessions.user(call.text("sessionId"))

    def _authenticators(self, call: Call) -> list[Any]:
        keys = [
            Structure({"hide": False, "name": "username"}),
            Structure({"hide": True, "name": "password"}),
        ]
        return [
            Structure({"admin": False, "friendly": name, "keys": keys, "mnemonic": name})
            for name in self.sessions.authenticators
        ]

    def _login(self, call: Call) -> list[Any]:
        entries = [e for each in call.arguments.get("credentials", []) for e in each]
        credentials = {e.findtext("key") or "": e.findtext("value") or "" for e in entries}
        return [self.sessions.login(call.text("plugin"), credentials)]

    def _logout(self, call: Call) -> list[Any]:
        self.sessions.end(call.text("sessionId"))
        return []

    def _drafts(self, call: Call) -> list[Draft]:
        sent = call.arguments.get("bean") or call.arguments.get("beans", [])
        return [read_draft(self.model, element) for element in sent]

    def _create(self, call: Call) -> list[Any]:
        try:
            return self._create_many(call)
        except Fault as fault:  # which of the objects it was is only told for several
            raise Fault(fault.kind, fault.message) from None

    def _create_many(self, call: Call) -> list[Any]:
        drafts = self._drafts(call)
        for position, draft in enumerate(drafts):
            check_meaning(self.model, draft, position)
        made = self.store.create(drafts, self._user(call))
        rights = self._rights(call)  # a rule may concern what was just made
        for position, record in enumerate(made):
            if not rights.allows(record, "C"):
                for each in made:
                    self.store.delete(each)
                raise rights.refusal(record, "C", position)
        return [record.id for record in made]

    def _update(self, call: Call) -> list[Any]:
        for draft in self._drafts(call):
            check_meaning(self.model, draft)
            record = self.store.find(draft.entity.name, draft.values.get("id"))
            self._rights(call).demand(record, "U")
            self.store.update(draft, self._user(call))
        return []

    def _delete(self, call: Call) -> list[Any]:
        drafts = self._drafts(call)
        records = [self.store.find(draft.entity.name, draft.values.get("id")) for draft in drafts]
        rights = self._rights(call)
        for record in records:
            rights.demand(record, "D")
        for record in records:
            self.store.delete(record)
        return []

    def _search(self, call: Call) -> list[Any]:
        query = search.parse(self.model, call.text("query"))
        if len(query.columns) > 1 and not selects_columns(self.model):
            raise Fault("BAD_PARAMETER", "this version selects one column")
        rights = self._rights(call)
        found = search.run(self.store, query, self._user(call), rights.allows)
        return [_sent(item, query, rights.related) for item in found]

    def _get(self, call: Call) -> list[Any]:
        query = search.parse(self.model, call.text("query"))
        record = self.store.find(query.entity.name, parse("Long", call.text("primaryKey")))
        rights = self._rights(call)
        rights.demand(record, "R")
        return [_sent(record, query, rights.related)]


def _sent(item: Any, query: Query, related: Related) -> Any:
    if isinstance(item, tuple):
        return tuple(_sent(each, query, related) for each in item)
    if isinstance(item, Record):
        return Bean(item, _tree(query.include), related)
    return item


def _tree(ways: list[tuple[str, ...]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for way in ways:
        branch = tree
        for step in way:
            branch = branch.setdefault(step, {})
    return tree
