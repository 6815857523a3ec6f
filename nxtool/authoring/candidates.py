"""The application definitions an author can choose, and what tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nxtool.authoring.rows import Unfolded, rows_of
from nxtool.nxdl.search import search
from nxtool.schema import wording
from nxtool.schema.outline import entry_key
from nxtool.yamltree.nodes import MapNode
from nxtool.yamltree.yamlfile import parse

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

ASKED: Final = 10
"""How many required values are named to tell definitions apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application definition to choose: its first sentence, and the definition that replaces
    it, if one does."""

    name: str
    about: str
    deprecated: str


def candidates(schema: Schema, query: str = "") -> list[Candidate]:
    """The application definitions that have every word of `query`, best first; all by name where
    it is empty."""
    known = (schema.catalogue[name] for name in schema.applications)
    found = search(known, query)
    return [Candidate(one.name, wording.sentence(one.doc), one.deprecated or "") for one in found]


@dataclass(frozen=True, slots=True)
class Details:
    """What tells a definition apart: its documentation (reStructuredText), how many values it
    requires and the first `ASKED` of them, what it extends and what extends it."""

    name: str
    doc: str
    due: int
    asks: tuple[str, ...]
    extends: str
    extended_by: tuple[str, ...]
    deprecated: str


def details(schema: Schema, name: str) -> Details:
    """What tells the application definition `name` apart.

    Raises:
        DefinitionError: the definition is unknown or no application.
    """
    definition = schema.catalogue[name]
    asked = required_paths(schema, name)
    heirs = (one for one in schema.applications if schema.catalogue.extends(one) == name)
    return Details(
        name,
        definition.doc,
        len(asked),
        tuple(asked[:ASKED]),
        definition.extends or "",
        tuple(sorted(heirs)),
        definition.deprecated or "",
    )


def required_paths(schema: Schema, name: str) -> list[str]:
    """What a definition requires that nxtool does not write by itself, as paths in the entry."""
    tree = parse(f"definition: {name}\n{entry_key(schema.entry(name))}: {{}}\n", "")
    tops = rows_of(schema, tree, Unfolded("required")) if isinstance(tree, MapNode) else []
    return [
        row.path.removeprefix(f"{top.path}/")
        for top in tops
        for row in top.walk()
        if row.own_tally[1] and row is not top
    ]
