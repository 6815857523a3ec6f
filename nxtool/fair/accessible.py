"""Answers to the questions under A: filters, other files, privacy."""

from __future__ import annotations

import os.path
import posixpath
import re
from pathlib import Path
from typing import Final

from nxtool import nxpath
from nxtool.fair.answers import Judgement, no, not_applicable, yes
from nxtool.fair.context import Context
from nxtool.fair.facts import Reference
from nxtool.fair.identifiers import has_email
from nxtool.fair.wording import listed, quoted
from nxtool.storage.filters import REGISTERED, filter_name

_ABSOLUTE: Final = re.compile(r"(file:|[A-Za-z]:[\\/]|[\\/]|~)", re.I)


def filters(context: Context) -> Judgement:
    """A01: every filter is registered and works here."""
    used, missing = context.facts.filters, context.facts.unavailable
    lost = [number for number in used if number not in REGISTERED or number in missing]
    if not used:
        return yes("no filters")
    if not lost:
        return yes(listed([filter_name(number) for number in sorted(used)]))
    text = listed([_fault(number, used[number]) for number in lost], "; ")
    return no(text, *(path for number in lost for path in used[number]))


def _fault(number: int, paths: list[str]) -> str:
    what = "is not here" if number in REGISTERED else "is not registered"
    return f"{filter_name(number)} {what}: {listed(paths)}"


def other_files(context: Context) -> Judgement:
    """A02: what is needed lies in the file's folder."""
    references = context.facts.references
    faults = [(one, fault) for one in references if (fault := _fault_of(one, context.folder))]
    if faults:
        text = listed(list(dict.fromkeys(f"{quoted(one.name)} {fault}" for one, fault in faults)))
        return no(text, *dict.fromkeys(one.path for one, _ in faults))
    names = list(dict.fromkeys(one.name for one in references))
    return yes(listed(names) if names else "needs no other file")


def _fault_of(reference: Reference, folder: Path) -> str:
    """Why another file will not be there; empty if it will."""
    if not _is_below(reference, folder):
        return "lies in another folder"
    return "is missing" if reference.missing else ""


def _is_below(reference: Reference, folder: Path) -> bool:
    """Whether a file lies in `folder` or below; symbolic links are not looked at."""
    name = posixpath.join(reference.base, reference.name)
    place = os.path.normpath(folder / name)
    return Path(place).is_relative_to(os.path.normpath(folder))


def absolute_paths(context: Context) -> Judgement:
    """A03: no link tells where somebody kept the files."""
    references = context.facts.references
    if not references:
        return not_applicable("no links to other files")
    absolute = [one for one in references if _ABSOLUTE.match(one.name)]
    if absolute:
        names = list(dict.fromkeys(quoted(one.name) for one in absolute))
        return no(listed(names), *(one.path for one in absolute))
    return yes("all are relative", *(one.path for one in references))


def emails(context: Context) -> Judgement:
    """A04: users without e-mail addresses."""
    users = [user for entry in context.facts.entries for user in entry.of("NXuser")]
    if not users:
        return not_applicable("no NXuser")
    found = [
        text.path or nxpath.join(user.path, name)
        for user in users
        for name, text in user.texts.items()
        if has_email(text.value)
    ]
    if found:
        return no(listed(list(dict.fromkeys(found))), *dict.fromkeys(found))
    return yes("none", *(user.path for user in users))
