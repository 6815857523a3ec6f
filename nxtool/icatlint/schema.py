"""What may stand in an ICAT file: kinds of objects, their members, order, and since when.

The table is `schema.yaml` beside this module. `icatdata` files may have everything, as far as
the release of ICAT knows it; `icatingest` files have four kinds, with members of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from nxtool.export.icatmodel import ENTITIES, VERSIONS
from nxtool.yamltree.yamlfile import parse, read_text

TABLE: Final = Path(__file__).with_name("schema.yaml")
Role = Literal["value", "one", "many"]
"""An attribute, a relation to one other object, or several objects nested in this one."""
INGEST_VERSIONS: Final = ("1.0", "1.1")

_MEMBER: Final = re.compile(r"(\w+)(?::(\w+))?([!?]?)(?:@([\d.]+))?")


@dataclass(frozen=True, slots=True)
class Member:
    """An element below an object: its role, and the type of its value or the kind it leads to."""

    name: str
    role: Role
    type: str
    required: bool
    since: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object and its members, in the order in which files have them."""

    name: str
    since: str
    members: Mapping[str, Member]


@dataclass(frozen=True, slots=True)
class Schema:
    """What one version of a format allows.

    `order` are the elements of <data> in their order. `references` are the attributes that a
    reference to a kind may have; None where those are all that the object has.
    """

    version: str
    versions: tuple[str, ...]
    kinds: Mapping[str, Kind]
    order: tuple[str, ...]
    references: Mapping[str, tuple[str, ...]] | None

    def knows(self, since: str) -> bool:
        """Whether what came with `since` is there."""
        return self.versions.index(since) <= self.versions.index(self.version)


@cache
def dump_schema(version: str) -> Schema:
    """The format `icatdata` for a release of ICAT, one of `VERSIONS`.

    >>> dump_schema("4.10").kinds["dataset"].members["type"]
    Member(name='type', role='one', type='datasetType', required=True, since='4.4')
    """
    tree = _tree()
    kinds = {name: _kind(name, entry) for name, entry in tree["entities"].items()}
    referred = sorted(name for names in tree["references"].values() for name in names.split())
    order = tree["order"].split()
    if VERSIONS.index(version) < VERSIONS.index("5.0"):
        order = _earlier(order, tree["earlier"].split())
    tags = (*(f"{name}Ref" for name in referred), *order)
    return Schema(version, VERSIONS, kinds, tags, None)


@cache
def ingest_schema(version: str) -> Schema:
    """The format `icatingest`, one of `INGEST_VERSIONS`."""
    tree = _tree()["ingest"]
    kinds = {name: _kind(name, entry, "1.0") for name, entry in tree["entities"].items()}
    references = {name: tuple(text.split()) for name, text in tree["references"].items()}
    order = tuple(tree["order"].split())
    return Schema(version, INGEST_VERSIONS, kinds, order, references)


@cache
def referable() -> Mapping[str, str]:
    """The kinds that <data> may refer to by an element of their own (`userRef`), and since when.

    >>> referable()["techniqueRef"]
    '5.0'
    """
    lists: dict[str, str] = _tree()["references"]
    return {f"{name}Ref": since for since, names in lists.items() for name in names.split()}


@cache
def _tree() -> dict[str, Any]:
    tree: Any = parse(read_text(TABLE), str(TABLE)).to_python()
    return dict(tree)


def _earlier(order: list[str], moved: list[str]) -> list[str]:
    rest = [name for name in order if name not in moved]
    place = rest.index("dataCollection")
    return rest[:place] + moved + rest[place:]


def _kind(name: str, entry: Mapping[str, str], since: str = VERSIONS[0]) -> Kind:
    since = entry.get("since", since)
    members = {member.name: member for member in _members(name, entry, since)}
    return Kind(name, since, members)


def _members(kind: str, entry: Mapping[str, str], since: str) -> Iterator[Member]:
    key = ENTITIES[kind].key
    roles: tuple[tuple[str, Role], ...] = (("values", "value"), ("ones", "one"), ("many", "many"))
    for section, role in roles:
        for text in entry.get(section, "").split():
            match = _MEMBER.fullmatch(text)
            assert match is not None, text  # noqa: S101  # our own table
            name, type_, mark, later = match.groups()
            yield Member(
                name,
                role,
                type_ or ("string" if role == "value" else name),
                mark == "!" or (mark != "?" and role == "one" and name in key),
                later or since,
            )
