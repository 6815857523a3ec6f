"""Datasets to an ICAT server: what is missing there, what exists, what is made.

A push may be run again: what exists is compared, what is missing is made, nothing is changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from nxtool.export.icatserver import Server, shown
from nxtool.export.icatthings import OF_ONE_DATASET, Thing, objects_of
from nxtool.export.record import Record
from nxtool.findings import Finding


@dataclass(slots=True)
class Pushed:
    """What became of one dataset.

    `missing` are objects that the server would need to have before, `samples` those that it lacks
    and that are made with the dataset; `made` and `there` count objects by entity, `differing` are
    those that the server has with other values.
    """

    name: str
    missing: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True where the server has, or would have, the dataset as the file says."""
        return not self.missing and not self.differing


def push(record: Record, server: Server, *, static: bool, dry_run: bool) -> Pushed:
    """Make the objects of `record` on the server, or with `dry_run` only look.

    Nothing is made of a dataset of which something needed is missing, or of another kind.

    Raises:
        MissingValue: the investigation is not known.
        ServerTrouble: the server cannot be reached, or refuses an object.
    """
    things, notes = objects_of(record, server.version, static=static)
    pushed = Pushed(record.text("dataset.name"), notes=notes)
    needed = {thing.key: server.find(thing) for thing in _needed(things)}
    pushed.missing = [shown(thing) for thing in _needed(things) if needed[thing.key] is None]
    pushed.differing = _other_kinds(things, server)
    if not pushed.ok and not dry_run:
        return pushed
    for thing in things:
        _push_one(thing, server, pushed, dry_run=dry_run)
    server.forget(thing for thing in things if thing.entity in OF_ONE_DATASET)
    return pushed


def _other_kinds(things: list[Thing], server: Server) -> list[str]:
    """Parameter types that the server has for values of another kind: it would take a number for
    a text without a word, and nobody would find it."""
    told = {}
    for thing in (*things, *_needed(things)):
        there = server.find(thing) if thing.entity == "parameterType" else None
        if there is not None and there.valueType != thing.attributes["valueType"]:
            ours = thing.attributes["valueType"]
            told[thing.key] = f"{shown(thing)}: valueType is {there.valueType}, not {ours}"
    return list(told.values())


def _push_one(thing: Thing, server: Server, pushed: Pushed, *, dry_run: bool) -> None:
    there = server.find(thing)
    if there is None:
        pushed.made[thing.entity] += 1
        if thing.entity == "sample":
            pushed.samples.append(shown(thing))
        if not dry_run:
            server.make(thing)
        return
    pushed.there[thing.entity] += 1
    if thing.entity in OF_ONE_DATASET:  # what datasets share is the staff's to describe
        told = server.differences(thing, there)
        pushed.differing += [f"{shown(thing)}: {text}" for text in told]


def _needed(things: list[Thing]) -> list[Thing]:
    """What the objects refer to and do not make, each once."""
    made = {thing.key for thing in things}
    needed: dict[str, Thing] = {}
    waiting = [related for thing in things for related in thing.relations.values()]
    for thing in waiting:
        if thing.key not in made:
            needed.setdefault(thing.key, thing)
    return list(needed.values())
