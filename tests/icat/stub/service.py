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
from tests.icat.stub.wsdl import selects_columns

WRITES: Final = ("create", "createMany", "update", "delete", "deleteMany")
LETTERS: Final[Mapping[str, str]] = {"CREATE": "C", "READ": "R", "UPDATE": "U", "DELETE": "D"}

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
            "delete": lambda call: self._delete(call, "bean"),
            "deleteMany": lambda call: self._delete(call, "beans"),
            "get": self._get,
            "getProperties": lambda call: ["lifetimeMinutes 120"],
            "getRemainingMinutes": lambda call: [MINUTES],
            "getUserName": lambda call: [self._user(call)],
            "isAccessAllowed": self._is_access_allowed,
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

    def relations(self, call: Call) -> Related:
        """What may be sent along with the answer to a call."""
        session = call.text("sessionId")
        user = self.sessions.user(session) if self.sessions.knows(session) else ""
        return Authorisation(self.store, self._roots, user).related

    def rights(self, call: Call) -> Authorisation:
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

    def _drafts(self, call: Call, name: str) -> list[Draft]:
        return [read_draft(self.model, element) for element in call.arguments.get(name, [])]

    def _create(self, call: Call) -> list[Any]:
        try:
            return self._made(call, self._drafts(call, "bean"))
        except Fault as fault:  # which of several objects it was is only told for several
            raise Fault(fault.kind, fault.message) from None

    def _create_many(self, call: Call) -> list[Any]:
        return self._made(call, self._drafts(call, "beans"))

    def _made(self, call: Call, drafts: list[Draft]) -> list[Any]:
        for position, draft in enumerate(drafts):
            check_meaning(self.model, draft, position)
        made = self.store.create(drafts, self._user(call))
        rights = self.rights(call)
        for position, record in enumerate(made):
            if not rights.allows(record, "C"):
                for each in made:
                    self.store.delete(each)
                raise rights.refusal(record, "C", position)
        return [record.id for record in made]

    def _update(self, call: Call) -> list[Any]:
        (draft,) = self._drafts(call, "bean")
        check_meaning(self.model, draft)
        record = self.store.find(draft.entity.name, draft.values.get("id"))
        self.rights(call).demand(record, "U")
        self.store.update(draft, self._user(call))
        return []

    def _delete(self, call: Call, name: str) -> list[Any]:
        drafts = self._drafts(call, name)
        records = [self.store.find(draft.entity.name, draft.values.get("id")) for draft in drafts]
        rights = self.rights(call)
        for record in records:
            rights.demand(record, "D")
        for record in records:
            self.store.delete(record)
        return []

    def _search(self, call: Call) -> list[Any]:
        query = search.parse(self.model, call.text("query"))
        if len(query.columns) > 1 and not selects_columns(self.model):
            raise Fault("BAD_PARAMETER", "this version selects one column")
        rights = self.rights(call)
        found = search.run(self.store, query, self._user(call), rights.allows)
        return [_sent(item, query) for item in found]

    def _get(self, call: Call) -> list[Any]:
        query = search.parse(self.model, call.text("query"))
        record = self.store.find(query.entity.name, int(call.text("primaryKey") or 0))
        self.rights(call).demand(record, "R")
        return [_sent(record, query)]

    def _is_access_allowed(self, call: Call) -> list[Any]:
        (draft,) = self._drafts(call, "bean")
        record = self.store.find(draft.entity.name, draft.values.get("id"))
        return [self.rights(call).allows(record, LETTERS[call.text("accessType")])]


def _sent(item: Any, query: Query) -> Any:
    if isinstance(item, tuple):
        return tuple(_sent(each, query) for each in item)
    if isinstance(item, Record):
        return Bean(item, _tree(query.include))
    return item


def _tree(ways: list[tuple[str, ...]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for way in ways:
        branch = tree
        for step in way:
            branch = branch.setdefault(step, {})
    return tree
