"""Who made a dataset, by the roles that NXuser knows: principal investigators, creators, others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nxtool.export.notes import note
from nxtool.export.record import Person, Record
from nxtool.export.transforms import orcid
from nxtool.findings import Finding

PRINCIPAL: Final = frozenset({"pi", "principal investigator"})
HELPING: Final = {
    "local contact": "ContactPerson",
    "instrument scientist": "ContactPerson",
    "beamline scientist": "ContactPerson",
    "operator": "DataCollector",
    "technician": "DataCollector",
    "data curator": "DataCurator",
    "data manager": "DataManager",
    "supervisor": "Supervisor",
}
"""Roles of people who helped with a dataset, and what DataCite calls them."""
_TITLE: Final = re.compile(
    r"(?:(?:(?:Prof|Dr|PD|Dipl|Mr|Mrs|Ms)\b\.?(?:-Ing\b\.?)?|Ing\.)[- ]*)+", re.IGNORECASE
)
"""Titles before a name. A bare `Ing` is none, for Ing-Marie is a given name."""
_PARTICLES: Final = frozenset(
    {"da", "de", "del", "den", "der", "di", "dos", "du", "la", "le", "ten", "ter", "van", "von"}
)
_EMAIL: Final = re.compile(r"[^\s@;,<>\"]+@[^\s@;,<>\"]+\.[^\s@;,<>\".]+")


def roles(person: Person) -> frozenset[str]:
    """The roles of a person in small letters: `principal_investigator; proposer` is two."""
    words = re.split(r"[;,/|]", person.role.lower())
    return frozenset(re.sub(r"[\s_-]+", " ", word).strip() for word in words)


def principals(record: Record) -> tuple[Person, ...]:
    """The people whose role says that they are principal investigators."""
    return tuple(person for person in record.people if roles(person) & PRINCIPAL)


def creators(record: Record) -> tuple[Person, ...]:
    """The people to be cited, principal investigators first: those given, or else all who did
    more than help, or else all."""
    if given := record.text("dataset.creators"):
        known = {person.name: person for person in record.people}
        names = [name.strip() for name in given.split(";") if name.strip()]
        return tuple(known.get(name) or Person(name, "") for name in names)
    makers = [one for one in record.people if not _helped(one)] or list(record.people)
    unique = {person.name: person for person in reversed(makers)}
    ordered = [person for person in makers if unique[person.name] is person]
    return tuple(sorted(ordered, key=lambda person: not roles(person) & PRINCIPAL))


def contributors(record: Record) -> tuple[tuple[Person, str], ...]:
    """The other people, and what DataCite calls them."""
    cited = {person.name for person in creators(record)}
    others = {one.name: one for one in reversed(record.people) if one.name not in cited}
    return tuple((person, _helped(person) or "Other") for person in reversed(others.values()))


def _helped(person: Person) -> str:
    if roles(person) & PRINCIPAL:
        return ""
    return next((HELPING[role] for role in sorted(roles(person)) if role in HELPING), "")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of a name; `given` is empty where it has but one."""

    family: str
    given: str = ""

    def __str__(self) -> str:
        return f"{self.family}, {self.given}" if self.given else self.family


def parts_of_name(name: str) -> Name:
    """Family and given name: by the comma, or else the last word and the particles before it.

    >>> str(parts_of_name("Dr. Jan van der Waals")), str(parts_of_name("Curie, Marie"))
    ('van der Waals, Jan', 'Curie, Marie')
    """
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma and family and given:
        return Name(family, given)
    words = _without_title(name.strip(" ,")).split() or name.split()
    start = max(len(words) - 1, 0)
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return Name(" ".join(words[start:]) or name, " ".join(words[:start]))


def _without_title(name: str) -> str:
    """`name` without the titles it begins with; many a name ends like one (Henning, King)."""
    title = _TITLE.match(name)
    return name[title.end() :] if title else name


def orcid_of(person: Person) -> str:
    """The bare ORCID iD of a person; empty where there is none, or none that is valid."""
    try:
        return orcid(person.orcid) if person.orcid else ""
    except ValueError:
        return ""


def email_of(person: Person) -> str:
    """The address of a person; empty where there is none, or none that is valid."""
    return person.email if is_email(person.email) else ""


def is_email(text: str) -> bool:
    """Whether `text` looks like an address for mail.

    >>> is_email("jane.doe@example.org"), is_email("jane at example.org")
    (True, False)
    """
    return _EMAIL.fullmatch(text) is not None


def doubtful(record: Record) -> Iterator[Finding]:
    """Notes on identifiers and addresses of people that are left out."""
    for person in record.people:
        if person.orcid and not orcid_of(person):
            yield note("X10", person.path, f"{person.orcid!r} is no ORCID iD, and is left out")
        if person.email and not email_of(person):
            yield note("X10", person.path, f"{person.email!r} is no e-mail address")
