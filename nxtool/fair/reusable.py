"""Answers to the questions under R: licence, times, origin, history, checksums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from nxtool import nxpath
from nxtool.archive.layout import GROUP as OURS
from nxtool.fair.answers import Judgement, no, not_applicable, yes
from nxtool.fair.checksums import Comparison
from nxtool.fair.context import Context
from nxtool.fair.facts import Entry, Group, Text
from nxtool.fair.identifiers import is_licence_id, persistent_kind
from nxtool.fair.interoperable import of_source
from nxtool.fair.smalltexts import is_licence
from nxtool.fair.wording import listed, quoted, short
from nxtool.values import is_zone_offset, parse_date

PROCESSED: Final = frozenset(
    ("NXazint1d", "NXazint2d", "NXcanSAS", "NXiqproc", "NXspe", "NXsqom", "NXstress",
     "NXtomoproc", "NXxasproc")
)  # fmt: skip
"""Application definitions for data that somebody has processed."""
_FUNDING: Final = re.compile(r"@?(fund|grant|award).*", re.I)


def licence(entry: Entry, context: Context) -> Judgement:
    """R01: a licence by identifier or URL, anywhere in the entry or at the root."""
    found = [text for group in (*entry.groups, context.facts.root) for text in _licences(group)]
    for text in found:
        if is_licence_id(text.value):
            return yes(short(text.value), text.path)
    if not found:
        return no("no licence", entry.path)
    shown = listed([quoted(text.value) for text in found])
    return no(f"{shown} is no SPDX identifier", *(text.path for text in found))


def _licences(group: Group) -> list[Text]:
    """The texts that speak of a licence: by their name, or all of a group of that name."""
    whole = is_licence(nxpath.base(group.path))
    return [
        text
        for name, text in group.texts.items()
        if text.value and (is_licence(name.lstrip("@")) or (whole and not name.startswith("@")))
    ]


def start(entry: Entry, _context: Context) -> Judgement:
    """R02: when it began."""
    return _time(entry, "start_time")


def end(entry: Entry, _context: Context) -> Judgement:
    """R03: when it ended."""
    return _time(entry, "end_time")


def _time(entry: Entry, name: str) -> Judgement:
    found = entry.text(name)
    if found is None:
        return no(f"no {name}", nxpath.join(entry.path, name))
    verdict = parse_date(found.value[:100])
    if not verdict.ok:
        return no(f"{quoted(found.value)} {verdict.reason}", found.path)
    if not verdict.has_zone and not _zone(entry):
        return no(f"{quoted(found.value)} has no zone", found.path)
    return yes(found.value, found.path)


def _zone(entry: Entry) -> bool:
    """Whether the instrument tells the zone of all times (NXmx)."""
    return any(is_zone_offset(group.value("time_zone")) for group in entry.of("NXinstrument"))


def facility(entry: Entry, _context: Context) -> Judgement:
    """R04: where."""
    return of_source(entry, "name")


def program(entry: Entry, _context: Context) -> Judgement:
    """R05: by which program."""
    found = entry.text("program_name")
    if found is None:
        return no("no program_name", nxpath.join(entry.path, "program_name"))
    if not found.version:
        place = nxpath.attribute(found.path, "version")
        return no(f"no version of {quoted(found.value)}", place)
    return yes(f"{short(found.value)} {short(found.version)}", found.path)


def history(entry: Entry, _context: Context) -> Judgement:
    """R06: how processed data were made.

    Nothing in a file says for sure that data were processed: a definition for such data does, and
    so does an NXprocess, which must then say by what. Without either the question is not asked.
    """
    steps = [group for group in entry.groups if _is_step(group)]
    vague = [group.path for group in steps if not group.value("program")]
    if vague:
        return no(f"no program in {listed(vague)}", *vague)
    if steps:
        names = [f"{group.value('program')} {group.value('version')}".strip() for group in steps]
        return yes(listed([short(name) for name in names]), *(group.path for group in steps))
    definition = entry.value("definition")
    if definition in PROCESSED:
        return no(f"{definition} is for processed data, and there is no NXprocess", entry.path)
    return not_applicable("no sign of processed data", entry.path)


def _is_step(group: Group) -> bool:
    """An NXprocess, or the group nxtool writes where the definition has other plans for those."""
    ours = nxpath.base(group.path) == OURS and bool(group.value("program"))
    return group.nx_class == "NXprocess" or ours


def checksums(context: Context) -> Judgement:
    """R07: checksums, compared if that was asked for."""
    if context.sums is not None:
        return _compared(context.sums)
    places = list(context.facts.sums)
    if context.sidecar is not None:
        places.insert(0, context.sidecar.name)
    if not places:
        return no("no checksum in the file or beside it")
    return yes(f"{listed(places)} (not compared)", *places)


def _compared(sums: Sequence[Comparison]) -> Judgement:
    paths = tuple(dict.fromkeys(one.path for one in sums))
    if not sums:
        return no("no checksum in the file or beside it")
    wrong = [one for one in sums if one.outcome == "fails"]
    if wrong:
        text = listed([f"{one.path} {one.text}" for one in wrong], "; ")
        return no(text, *dict.fromkeys(one.path for one in wrong))
    agree = sum(one.outcome == "agrees" for one in sums)
    rest = [one.text for one in sums if one.outcome == "absent"]
    more = f", {len(rest)} not compared: {listed(rest)}" if rest else ""
    return yes(f"{agree} agree{'s' * (agree == 1)}{more}", *paths)


def relations(entry: Entry, _context: Context) -> Judgement:
    """R08: a publication or the funding."""
    cites = entry.of("NXcite")
    for cite in cites:
        for name in ("doi", "url"):
            if _leads(cite.value(name)):
                return yes(short(cite.value(name)), cite.texts[name].path)
    for group in entry.groups:
        for name, text in group.texts.items():
            if _FUNDING.fullmatch(name) and text.value:
                return yes(quoted(text.value), text.path)
    if cites:
        return no("no doi or url", *(cite.path for cite in cites))
    return no("no NXcite and no funding", entry.path)


def _leads(text: str) -> bool:
    return bool(persistent_kind(text)) or text.startswith(("https://", "http://"))
