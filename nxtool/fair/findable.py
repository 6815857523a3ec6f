"""Answers to the questions under F: identifiers, titles, people."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nxtool import nxpath
from nxtool.fair.answers import Judgement, no, not_applicable, yes
from nxtool.fair.context import Context
from nxtool.fair.facts import Entry, Group, Text
from nxtool.fair.identifiers import names_panet, orcid_problem, persistent_kind
from nxtool.fair.wording import listed, quoted, short

LEAST_TITLE: Final = 10
_LEADS: Final = re.compile(
    r"principal[ _-]*investigator|\bpi\b|main[ _-]*proposer|project[ _-]*lead(er)?", re.I
)


def identifier(entry: Entry, _context: Context) -> Judgement:
    """F01: a persistent identifier of the entry."""
    own = entry.groups[0]
    found = [text for text in own.identifiers if not names_panet(text.value)]
    uuid = entry.text("entry_identifier_uuid")
    if uuid is not None:
        found.insert(0, Text(uuid.path, uuid.value, "UUID"))
    return _persistent(found, entry.path)


def _persistent(found: list[Text], place: str) -> Judgement:
    """Whether one of some identifiers of an object persists."""
    for text in found:
        kind = persistent_kind(text.value, text.type)
        if kind:
            return yes(f"{kind} {short(text.value)}", text.path)
    if not found:
        return no("no identifier", place)
    shown = quoted(found[0].value) + (f" (type {short(found[0].type)})" if found[0].type else "")
    return no(f"{shown} is no persistent identifier", *(text.path for text in found))


def experiment(entry: Entry, _context: Context) -> Judgement:
    """F02: the proposal."""
    return said(entry, "experiment_identifier")


def said(entry: Entry, name: str) -> Judgement:
    """Whether a text of the entry is there."""
    found = entry.text(name)
    if found is None:
        return no(f"no {name}", nxpath.join(entry.path, name))
    return yes(quoted(found.value), found.path)


def title(entry: Entry, _context: Context) -> Judgement:
    """F03: a title of some length."""
    found = entry.text("title")
    if found is None:
        return no("no title", nxpath.join(entry.path, "title"))
    length = len(found.value)
    if length < LEAST_TITLE:
        return no(f"{quoted(found.value)} has {length} characters", found.path)
    return yes(quoted(found.value), found.path)


def instrument(entry: Entry, _context: Context) -> Judgement:
    """F04: a persistent identifier of the instrument."""
    instruments = entry.of("NXinstrument")
    if not instruments:
        return no("no NXinstrument", entry.path)
    found = [text for group in instruments for text in group.identifiers]
    return _persistent(found, instruments[0].path)


def sample_name(entry: Entry, _context: Context) -> Judgement:
    """F05: every sample has a name."""
    return _samples(entry, "no name", lambda sample: sample.value("name"))


def sample_identity(entry: Entry, _context: Context) -> Judgement:
    """F06: every sample has an identifier or a formula."""
    return _samples(entry, "no identifier and no chemical_formula", _identity)


def _identity(sample: Group) -> str:
    found = next((text.value for text in sample.identifiers), "")
    return found or sample.value("chemical_formula")


def _samples(entry: Entry, lack: str, of: Callable[[Group], str]) -> Judgement:
    """A question about every sample that is one."""
    samples = entry.of("NXsample")
    if not samples:
        return no("no NXsample", entry.path)
    real = [sample for sample in samples if sample.value("type") != "none"]
    if not real:
        return not_applicable("there was no sample (type none)", samples[0].path)
    lacking = [sample.path for sample in real if not of(sample)]
    if lacking:
        return no(f"{lack}: {listed(lacking)}", *lacking)
    return yes(listed([short(of(sample)) for sample in real]), *(sample.path for sample in real))


def users(entry: Entry, _context: Context) -> Judgement:
    """F07: every user has name and role."""
    found = entry.of("NXuser")
    if not found:
        return no("no NXuser", entry.path)
    lacks = [
        (user.path, name) for user in found for name in ("name", "role") if not user.value(name)
    ]
    if lacks:
        text = listed([f"{path} has no {name}" for path, name in lacks])
        return no(text, *(path for path, _ in lacks))
    return yes(
        listed([short(user.value("name")) for user in found]), *(user.path for user in found)
    )


def investigator(entry: Entry, _context: Context) -> Judgement:
    """F08: somebody is in charge."""
    found = entry.of("NXuser")
    for user in found:
        if _LEADS.search(user.value("role")):
            return yes(short(user.value("name")) or user.path, nxpath.join(user.path, "role"))
    if not found:
        return no("no NXuser", entry.path)
    return no("no user has such a role", *(user.path for user in found))


def orcid(entry: Entry, _context: Context) -> Judgement:
    """F09: ORCIDs there, and valid."""
    found = [text for user in entry.of("NXuser") for text in _orcids(user)]
    if not found:
        return no("no ORCID", *([user.path for user in entry.of("NXuser")] or [entry.path]))
    wrong = [(text.path, problem) for text in found if (problem := orcid_problem(text.value))]
    if wrong:
        return no(listed([problem for _, problem in wrong]), *(path for path, _ in wrong))
    return yes(listed([text.value for text in found]), *(text.path for text in found))


def _orcids(user: Group) -> list[Text]:
    own = user.texts.get("ORCID")
    typed = [text for text in user.identifiers if text.type.upper() == "ORCID"]
    return [own, *typed] if own is not None and own.value else typed
