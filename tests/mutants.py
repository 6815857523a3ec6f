"""Files with exactly one defect, made from valid ones, and valid files that look unusual.

A `Kind` says where a defect can be planted and what finding it must give; `mutants` plants it in
files of the application definitions in `BASES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import h5py

from nxtool.findings import Finding
from nxtool.schema.concepts import FieldConcept, GroupConcept
from tests.casefile import apply
from tests.judging import judge
from tests.validfiles import Level, image, official_schema, open_image

BASES = (
    "NXtomo", "NXmx", "NXsas", "NXarpes", "NXxas", "NXscan", "NXmonopd", "NXrefscan", "NXcanSAS",
    "NXmpes", "NXtofraw", "NXfluo", "NXstxm", "NXem", "NXxrot", "NXspe", "NXapm", "NXsts",
    "NXtransmission", "NXdirecttof", "NXsastof", "NXstress",
)  # fmt: skip
LEVEL: Level = "recommended"
Edit = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """A place in a valid file, and what the definitions say of it."""

    path: str
    concept: GroupConcept | FieldConcept
    parent: GroupConcept | None
    shape: tuple[int, ...] = ()
    attributes: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    """Names beside it in its group; for a group the names in it."""

    @property
    def group(self) -> str:
        return self.path.rsplit("/", 1)[0] or "/"

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[1]


Where = Callable[[Site], bool]
Make = Callable[[Site], list[Edit]]
Place = Callable[[Site], str]


@dataclass(frozen=True)
class Kind:
    """A sort of defect: its name, the rule that finds it, where it goes and how it is made."""

    name: str
    code: str
    where: Where
    make: Make
    place: Place = field(default=lambda site: site.path)
    severities: tuple[str, ...] = ("error", "warning")


@dataclass(frozen=True)
class Mutant:
    """One defect in one file."""

    kind: Kind
    application: str
    site: Site

    @property
    def name(self) -> str:
        return f"{self.kind.name}-{self.application}"


@cache
def sites(application: str) -> tuple[Site, ...]:
    """Every group and field of the valid file below its entry."""
    with open_image(image(application, LEVEL)) as file:
        entry = official_schema().application(application)
        return tuple(_walk(file["/entry"], entry, None, set()))


def _walk(
    group: h5py.Group, concept: GroupConcept, parent: GroupConcept | None, seen: set[Any]
) -> Iterator[Site]:
    names = frozenset(group)
    yield Site(group.name, concept, parent, (), frozenset(group.attrs), names)
    for name, node in group.items():
        target = node.attrs.get("target", "")
        if target and target != node.name:
            continue  # a link: its defects are told at the original
        if isinstance(node, h5py.Dataset):
            field_ = concept.match_field(name)
            if field_ is not None:
                attributes = frozenset(node.attrs)
                yield Site(node.name, field_, concept, node.shape, attributes, names)
        elif node.id not in seen:
            slots = concept.match_group(name, str(node.attrs["NX_class"]))
            if isinstance(slots, tuple) and len(slots) == 1:
                yield from _walk(node, slots[0], concept, seen)


def mutants(kinds: tuple[Kind, ...], limit: int) -> Iterator[Mutant]:
    """Each kind in the first `limit` application definitions that have a place for it."""
    for number, kind in enumerate(kinds):
        found = 0
        for application in (*BASES[number % len(BASES) :], *BASES[: number % len(BASES)]):
            site = next((site for site in sites(application) if kind.where(site)), None)
            if site is not None and found < limit:
                found += 1
                yield Mutant(kind, application, site)


def findings(mutant: Mutant) -> list[Finding]:
    """What the validator says of the mutant and not of the valid file."""
    with open_image(image(mutant.application, LEVEL)) as file:
        for edit in mutant.kind.make(mutant.site):
            apply(file, edit)
        return [item for item in judge(file) if _key(item) not in told(mutant.application)]


@cache
def told(application: str) -> frozenset[tuple[str, str, str]]:
    """What the validator says of the valid file."""
    with open_image(image(application, LEVEL)) as file:
        return frozenset(_key(item) for item in judge(file))


def is_found(mutant: Mutant, found: list[Finding]) -> bool:
    """True if the right rule speaks at the right place."""
    kind = mutant.kind
    wanted = kind.place(mutant.site)
    return any(
        item.code == kind.code and item.path == wanted and item.severity in kind.severities
        for item in found
    )


def _key(item: Finding) -> tuple[str, str, str]:
    return item.code, item.path, item.message


# places


def is_field(site: Site) -> bool:
    return isinstance(site.concept, FieldConcept) and site.name != "definition"


def is_group(site: Site) -> bool:
    return isinstance(site.concept, GroupConcept) and site.parent is not None


def typed(*types: str) -> Where:
    """Fields of these types, without enumeration or a value that others look at."""

    def where(site: Site) -> bool:
        return (
            is_field(site)
            and site.concept.type in types
            and site.concept.enumeration is None
            and site.name not in ("depends_on", "fast_axes", "slow_axes")
            and not {"vector", "target"} & site.attributes
            and "signal" not in (site.parent.attributes if site.parent else {})
        )

    return where


def measured(category: str) -> Where:
    """Fields of a unit category that have a unit."""

    def where(site: Site) -> bool:
        return is_field(site) and site.concept.units == category and "units" in site.attributes

    return where


def of_class(nx_class: str) -> Where:
    return lambda site: is_group(site) and site.concept.nx_class == nx_class


def required_field(site: Site) -> bool:
    is_linked = "target" in site.attributes
    is_required = is_field(site) and site.concept.bounds.requirement == "required"
    return is_required and not is_linked and not site.concept.is_variadic


def required_group(site: Site) -> bool:
    return (
        is_group(site)
        and site.concept.bounds.requirement == "required"
        and site.concept.level == "application"
        and not site.concept.is_variadic
    )


def entry(site: Site) -> bool:
    return site.path == "/entry"


def at(tail: str) -> Place:
    return lambda site: f"{site.path}{tail}"


def listed_words(site: Site) -> bool:
    """Text fields whose words are listed, and no others allowed."""
    if not is_field(site) or site.concept.enumeration is None:
        return False
    numbers = all(item.lstrip("-").isdecimal() for item in site.concept.enumeration.items)
    return not site.concept.enumeration.open and not numbers and "target" not in site.attributes


def array(rank: int) -> Where:
    """Fields of an application whose rank the definition fixes."""

    def where(site: Site) -> bool:
        layer = site.concept.dimensions_layer if is_field(site) else None
        return (
            layer is not None
            and layer.definition.category == "application"
            and layer.element.dimensions.rank == str(rank)
            and len(site.shape) == rank
        )

    return where


def both_of(first: Where, second: Where) -> Where:
    return lambda site: first(site) and second(site)


def is_required(site: Site) -> bool:
    return site.concept.bounds.requirement == "required" and site.concept.level == "application"


def is_alone(site: Site) -> bool:
    return not any(site.name in other and other != site.name for other in site.others)
