"""Which definition raw data fit: the one of which they fill most by name."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.authoring.candidates import required_paths
from nxtool.authoring.runproposal import propose
from nxtool.authoring.starting import only_run
from nxtool.build.fromrun import RunRequest, open_run
from nxtool.build.newrecipe import Offer, mapped_paths, matches, offers_by_name
from nxtool.errors import DefinitionError, NxtoolError
from nxtool.schema.outline import outline
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nxtool.build.runtree import OpenRun
    from nxtool.schema.compile import Schema


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A definition, how many of the values it requires the data have, and how many it requires."""

    definition: str
    filled: int
    due: int

    @property
    def share(self) -> float:
        """The part of what is required that is filled."""
        return self.filled / self.due if self.due else 0.0


def suggest_definitions(schema: Schema, sources: Mapping[str, Path]) -> list[Suggestion]:
    """All application definitions, those first of which the sources fill most by name, and of
    these those that lack least. A source that cannot be read fills nothing.

    Of a Bluesky run, where units and shapes count too, something fits nearly everywhere: those are
    first of which it fills the largest part.
    """
    run = only_run(sources)
    if run is not None:
        found = _of_run(schema, run)
        return sorted(found, key=lambda one: (-one.share, -one.filled, one.definition))
    found = _by_name(schema, sources)
    return sorted(found, key=lambda one: (-one.filled, -one.share, one.definition))


def _of_run(schema: Schema, path: Path) -> list[Suggestion]:
    """What a run fills of each definition, by what would be proposed."""
    try:
        opened = open_run(path, RunRequest())
    except NxtoolError:
        return _by_name(schema, {})
    with opened.source:
        return [_proposed(schema, name, opened) for name in schema.applications]


def _proposed(schema: Schema, name: str, opened: OpenRun) -> Suggestion:
    try:
        due = required_paths(schema, name)
        made = propose(schema, name, opened, {"path": "run.jsonl"}, Path(f"{name}.nx.yaml"))
    except DefinitionError:
        return Suggestion(name, 0, 0)
    chosen = {path.strip("/").partition("/")[2] for path in made.chosen}
    return Suggestion(name, len(chosen.intersection(due)), len(due))


def _by_name(schema: Schema, sources: Mapping[str, Path]) -> list[Suggestion]:
    offers = [offer for name, path in sources.items() for offer in _offers(name, path)]
    return [_suggestion(schema, name, offers) for name in schema.applications]


def _offers(name: str, path: Path) -> list[Offer]:
    with suppress(NxtoolError), open_source(SourceSpec(str(path)), path.parent) as source:
        return list(offers_by_name(name, source, list(source.keys())))
    return []


def _suggestion(schema: Schema, name: str, offers: Sequence[Offer]) -> Suggestion:
    try:
        paths = mapped_paths(outline(schema, name))
        due = len(required_paths(schema, name))
    except DefinitionError:
        return Suggestion(name, 0, 0)
    return Suggestion(name, len(matches(paths, offers)), due)
