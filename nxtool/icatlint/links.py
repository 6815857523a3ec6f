"""References of an ICAT file followed, ids and unique keys compared.

python-icat reads a file once from top to bottom: a reference finds what stands above it in the
same <data>, and else is looked up on the server, where keys such as `Facility_name-ESNF` lead.
What a reference misses is therefore told when its <data> or the file ends: it may stand further
down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from nxtool.export.icatmodel import ENTITIES
from nxtool.findings import Finding, Severity
from nxtool.icatlint.codes import fault, quoted
from nxtool.icatlint.objects import Format, Identity, Item
from nxtool.icatlint.read import Element
from nxtool.icatlint.schema import Member
from nxtool.icatlint.values import judge_reference_text

RETAINED: Final = frozenset({"dataCollection", "study"})
"""Kinds without a unique key: python-icat keeps their ids from one <data> to the next."""

_KEY: Final = re.compile(r"([A-Z][A-Za-z]*)_[A-Za-z]+-.+", re.DOTALL)
_META: Final = frozenset({"id", "createId", "createTime", "modId", "modTime"})


@dataclass(frozen=True, slots=True)
class Known:
    """An object that an id stands for: its kind, number, <data> and line."""

    kind: str
    serial: int
    chunk: int
    line: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A reference that found nothing above it; `on_server` where it is a unique key."""

    ref: str
    element: Element
    path: str
    chunk: int
    on_server: bool


@dataclass(slots=True)
class Links:
    """The ids and keys met so far in a file."""

    form: Format
    chunk: int = 0
    local: dict[str, Known] = field(default_factory=dict)
    """Of this <data>, and of those before it what python-icat keeps."""
    everything: dict[str, Known] = field(default_factory=dict)
    """Of the whole file, the first of each id."""
    keys: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    """Unique keys, as digests, and the numbers and lines of their objects."""
    missed: list[Missed] = field(default_factory=list)

    def begin_data(self) -> Iterator[Finding]:
        """Forget the ids of the <data> before; faults that are certain now."""
        yield from self._settle()
        self.chunk += 1
        kept = {id_: known for id_, known in self.local.items() if known.kind in RETAINED}
        self.local = {} if not self.form.strict else self.local
        self.local.update(kept)

    def end(self) -> Iterator[Finding]:
        """Faults that are certain at the end of the file."""
        yield from self._settle()
        for miss in self.missed:
            found = self.everything.get(miss.ref)
            if found is not None and not (miss.on_server and found.chunk < miss.chunk):
                code = "C31" if found.chunk > miss.chunk else "C32"
                where = "further down" if code == "C31" else "of another <data>"
                yield _dangling(code, miss, f"is the object of line {found.line}, {where}")
            elif not miss.on_server:
                yield _dangling("C30", miss, "is nothing in this file, and no unique key")

    def judge_item(self, item: Item) -> Iterator[Finding]:
        """Faults in the references and the key of an object; remembers it."""
        for name, element in item.ones.items():
            member = item.kind.members[name]
            identity, found = self.follow(element, member, f"{item.path}/{name}")
            item.leads[name] = identity
            yield from found
        yield from self._judge_key(item)

    def remember(self, element: Element, kind: str, serial: int) -> Iterator[Finding]:
        """Keep the id of an object or of a `userRef`; a fault where it is taken."""
        id_ = element.attributes.get("id")
        if id_ is None:
            return
        before = self.local.get(id_)
        known = Known(kind, serial, self.chunk, element.mark.line)
        if before is not None and before.chunk == self.chunk:
            message = f"id {quoted(id_)} stands in line {before.line} already"
            severity: Severity = "error" if self.form.strict else "warning"
            path = f"{element.name}[{id_}]@id"
            yield fault("C40", element.mark, path, message, severity=severity)
        self.local[id_] = known
        self.everything.setdefault(id_, known)

    def follow(self, element: Element, member: Member, path: str) -> tuple[Identity, list[Finding]]:
        """What a reference leads to, and the faults in it."""
        given = {name: text for name, text in element.attributes.items() if name != "id"}
        found = list(self._judge_attributes(element, given, member, path))
        if given.get("ref"):
            return self._resolve(given["ref"], element, member.type, path, found), found
        parts: list[tuple[str, Identity | str]] = []
        for name, text in sorted(given.items()):
            if name.endswith(".ref"):
                kind = self._target(member.type, name.removesuffix(".ref"))
                parts.append((name, self._resolve(text, element, kind, path, found)))
            else:
                parts.append((name, text))
                found += judge_reference_text(name, text, element, f"{path}@{name}")
        return (member.type, *parts), found

    def _judge_attributes(
        self, element: Element, given: dict[str, str], member: Member, path: str
    ) -> Iterator[Finding]:
        if not any(text.strip() for text in given.values()):
            yield fault("C34", element.mark, path, f"<{element.name}> names nothing")
        elif "ref" in given and len(given) > 1:
            others = ", ".join(sorted(given.keys() - {"ref"}))
            yield fault("C36", element.mark, path, f"{others} beside ref: only ref is looked at")
        for name, text in given.items():
            if not self._knows(member.type, name):
                message = f"{quoted(name)} is nothing that {member.type} is referred to by"
                yield fault("C01", element.mark, f"{path}@{name}", message)
            if "'" in text and name != "ref" and not name.endswith(".ref"):
                message = f"{name} has a quote: {quoted(text)}"
                yield fault("C35", element.mark, f"{path}@{name}", message)

    def _knows(self, kind: str, name: str) -> bool:
        allowed = self.form.schema.references
        if allowed is not None:
            return name in allowed[kind]
        return name == "ref" or self._target(kind, name.removesuffix(".ref")) != ""

    def _target(self, kind: str, path: str) -> str:
        """The kind or type that a path of relations (`investigation.facility.name`) leads to;
        empty where it leads nowhere."""
        for step in path.split("."):
            known = self.form.schema.kinds.get(kind)
            member = known.members.get(step) if known else None
            if member is None or not self.form.schema.knows(member.since):
                return "id" if known and step in _META else ""
            kind = member.type
        return kind

    def _resolve(
        self, ref: str, element: Element, kind: str, path: str, found: list[Finding]
    ) -> Identity:
        known = self.local.get(ref)
        key = None if self.form.strict else _KEY.fullmatch(ref)
        if known is None and key is not None:
            known = self.everything.get(ref)  # made before, so the server has it
        if known is not None:
            found += _judge_kind(known.kind, ref, element, kind, path)
            return ("@", known.serial)
        if key is not None and f"{key[1][0].lower()}{key[1][1:]}" in ENTITIES:
            found += _judge_kind(f"{key[1][0].lower()}{key[1][1:]}", ref, element, kind, path)
        else:
            key = None
        self.missed.append(Missed(ref, element, path, self.chunk, key is not None))
        return ("ref", ref)

    def _settle(self) -> Iterator[Finding]:
        """Faults of references to what stood below them in the <data> that ends."""
        rest = []
        for miss in self.missed:
            found = self.local.get(miss.ref)
            if miss.chunk == self.chunk and found is not None:
                yield _dangling("C31", miss, f"is the object of line {found.line}, further down")
            else:
                rest.append(miss)
        self.missed = rest

    def _judge_key(self, item: Item) -> Iterator[Finding]:
        names = ENTITIES[item.kind.name].key if item.kind.name in ENTITIES else ()
        parts = [self._key_part(item, name) for name in names]
        if not names or None in parts:
            return
        text = repr((item.kind.name, parts)).encode("utf-8", "surrogatepass")
        digest = blake2b(text, digest_size=12).digest()
        first, line = self.keys.setdefault(digest, (item.serial, item.element.mark.line))
        if first != item.serial:
            shown = item.text("name")
            what = f"{item.kind.name} {quoted(shown)}" if shown else item.kind.name
            message = f"{what} stands in line {line} already (same {', '.join(names)})"
            yield fault("C41", item.element.mark, item.path, message)

    def _key_part(self, item: Item, name: str) -> object:
        if name in item.leads:
            return item.leads[name]
        if item.owner is not None and name == item.back:
            return ("@", item.owner.serial)
        if self.form.strict and name == "investigation":
            return "_Investigation"
        return item.text(name) or None


def _judge_kind(
    found: str, ref: str, element: Element, wanted: str, path: str
) -> Iterator[Finding]:
    if wanted and found != wanted:
        message = f"{quoted(ref)} leads to {found}, not to {wanted}"
        yield fault("C33", element.mark, path, message)


def _dangling(code: str, miss: Missed, what: str) -> Finding:
    return fault(code, miss.element.mark, miss.path, f"{quoted(miss.ref)} {what}")
