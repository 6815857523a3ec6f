"""A stored run to a first recipe: each concept of the definition with what of the run fits it best.

Facts of the start document, hints (`NX_class`, dimensions, fields), units and names are weighed;
what was chosen says why in a comment. What a judge of the plan refuses is taken back, so the
recipe can be planned from the start; what is left stands there as null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.authoring.deviceschemas import schemas_in
from nxtool.authoring.offers import shape_fit, type_fit, unit_fit
from nxtool.authoring.placing import (
    Step,
    Wish,
    commented,
    place,
    reference_in,
    set_field,
    with_left,
    with_source,
)
from nxtool.authoring.projections import projected
from nxtool.authoring.rows import Row, Unfolded, rows_of
from nxtool.authoring.runoffers import RunOffer, run_offers
from nxtool.authoring.runwords import words_of
from nxtool.authoring.writertemplates import template_in
from nxtool.bluesky.columns import can_be
from nxtool.build import convert as building
from nxtool.build.fields import DATE_TYPES
from nxtool.build.runtree import SOURCE, OpenRun
from nxtool.errors import SourceError
from nxtool.recipe.model import Draft
from nxtool.recipe.variables import escape
from nxtool.schema.concepts import FieldConcept
from nxtool.schema.template import template
from nxtool.yamltree.nodes import MapNode
from nxtool.yamltree.yamlfile import parse

if TYPE_CHECKING:
    from nxtool.findings import Finding
    from nxtool.schema.compile import Schema

ENOUGH: Final = 2.0
"""What fits less is not proposed."""
_NO_UNIT: Final = "U03"
_MOSTLY: Final = 0.6
"""The share of the words of a name that must be there to mean it."""
_REPEATED: Final = 0.75
"""What an array loses for a second place."""
_WHOLE: Final = ("NX_INT", "NX_UINT", "NX_POSINT")
_MOST_READ: Final = 1 << 20
"""Arrays of more values are not looked at."""
_PHYSICAL: Final = ("NX_ANGLE", "NX_ENERGY", "NX_LENGTH", "NX_TEMPERATURE", "NX_WAVELENGTH")
_BEFORE_SAMPLE: Final = frozenset({"incoming", "incident", "reference"})
_AFTER_SAMPLE: Final = frozenset({"absorbed", "transmitted", "fluorescence"})
_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("start/title", "start/plan_name"),
    "start_time": ("start/time@iso",),
    "end_time": ("stop/time@iso",),
    "entry_identifier": ("start/uid",),
    "experiment_identifier": ("start/proposal_id", "start/proposal"),
    "sample/name": ("start/sample/name", "start/sample", "start/sample_name"),
    "user/name": ("start/user/name", "start/user", "start/operator"),
    "instrument/name": ("start/instrument", "start/beamline", "start/beamline_id"),
}
"""What of the documents says the same in every run, the first there is."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A field to fill: its row, its concept, and the class of the group it stands in."""

    row: Row
    concept: FieldConcept
    nx_class: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The names below the entry."""
        return tuple(self.row.path.strip("/").split("/")[1:])


@dataclass(frozen=True, slots=True)
class Choice:
    """What a row gets, and why."""

    row: Row
    value: dict[str, Any]
    why: str

    @property
    def reference(self) -> str:
        """What of the run it is."""
        return reference_in(self.value)


@dataclass(frozen=True, slots=True)
class _Reason:
    """What speaks for an array; one that `tells` is enough to propose it, one that `hints` is where
    the unit fits too."""

    points: float
    why: str
    tells: bool = True
    hints: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe; `chosen` are the references by path, `missing` required paths nothing fits, `left`
    what the run asks for and cannot be carried over, with the reason."""

    text: str
    chosen: Mapping[str, str]
    missing: tuple[str, ...]
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for besides: values at places, and what of it cannot be carried over."""

    wishes: tuple[Wish, ...] = ()
    left: tuple[str, ...] = ()


NOTHING: Final = Asked()


def asked_by_run(opened: OpenRun) -> Asked:
    """What the start document of a run asks for: projections, schemas of devices, a template."""
    told = [projected(opened), schemas_in(opened), template_in(opened)]
    wishes = tuple(wish for found, _ in told for wish in found)
    return Asked(wishes, tuple(reason for _, reasons in told for reason in reasons))


def propose(
    schema: Schema,
    definition: str,
    opened: OpenRun | None,
    source: Mapping[str, Any],
    path: Path,
    asked: Asked = NOTHING,
) -> Proposal:
    """A recipe at `path` for a run, whose source is written as `source` says; without one it has
    what is asked for alone.

    Raises:
        DefinitionError: the definition is unknown or no application.
    """
    start = with_source(template(schema, definition, "recommended"), source)
    facts = _plain_facts(opened) if definition == "NXentry" and opened is not None else ()
    placed = place(schema, definition, start, (*facts, *asked.wishes))
    kept: list[Choice] = []
    text, comments = placed.text, []
    if opened is not None:
        gaps = list(_gaps(schema, text))
        choices = [*_facts(gaps, opened), *_best(gaps, opened)]
        kept, refused = _judged(schema, text, choices, path)
        text = _filled(text, kept)
        comments = [(one.row.names, one.why) for one in (*kept, *refused)]
    missing = tuple(gap.row.path for gap in _gaps(schema, text) if gap.row.is_gap)
    chosen = {wish.path: reference_in(wish.value) for wish, _ in placed.done}
    chosen |= {one.row.path: one.reference for one in kept}
    left = (*asked.left, *placed.left)
    return Proposal(with_left(commented(text, comments), left), chosen, missing, left)


def fitting_paths(schema: Schema, definition: str, opened: OpenRun) -> list[str]:
    """The fields of a definition that something of the run fits, before anybody judges that; much
    quicker than a proposal. Raises `DefinitionError` as that does."""
    gaps = list(_gaps(schema, template(schema, definition, "required")))
    return [one.row.path for one in (*_facts(gaps, opened), *_best(gaps, opened))]


def _gaps(schema: Schema, text: str) -> Iterator[Gap]:
    """The fields a recipe may fill, in the order of the definition."""
    tree = parse(text, "")
    assert isinstance(tree, MapNode)  # noqa: S101 - a template is a mapping
    for top in rows_of(schema, tree, Unfolded("recommended")):
        for group in top.walk():
            for row in group.below or () if group.kind == "group" else ():
                if isinstance(row.concept, FieldConcept) and not row.is_given:
                    yield Gap(row, row.concept, group.nx_class)


def _filled(text: str, choices: Sequence[Choice]) -> str:
    for one in choices:
        text = set_field(text, one.row.names, one.value)
    return text


# facts


def _facts(gaps: Sequence[Gap], opened: OpenRun) -> Iterator[Choice]:
    """What every run says at the same place."""
    for gap in gaps:
        for selector in _FACTS.get("/".join(gap.parts), ()):
            if _is_text(opened, selector):
                value = {"from": escape(f"{SOURCE}:{selector}")}
                yield Choice(gap.row, value, f"of the {selector.partition('/')[0]} document")
                break


def _plain_facts(opened: OpenRun) -> Iterator[Wish]:
    """The same for an entry that asks for nothing."""
    for path, selectors in _FACTS.items():
        selector = next((one for one in selectors if _is_text(opened, one)), "")
        *groups, name = path.split("/")
        if selector:
            steps = tuple(Step(group, f"NX{group}") for group in groups)
            yield Wish(steps, name, {"from": escape(f"{SOURCE}:{selector}")})


def _is_text(opened: OpenRun, selector: str) -> bool:
    try:
        return opened.info(selector).dtype.hasobject
    except SourceError:
        return False


# what fits best


def _best(gaps: Sequence[Gap], opened: OpenRun) -> list[Choice]:
    """The array that fits each field best, those that fit very well first; one that has a place
    gets a second where nothing else fits."""
    offers = run_offers(opened)
    scored = [
        (score, why, gap, offer)
        for gap in gaps
        for offer in offers
        for score, why in [_fit(gap, offer)]
        if score >= ENOUGH
    ]
    scored.sort(key=lambda one: -one[0])
    found: dict[str, Choice] = {}
    used: set[str] = set()
    for least, is_again in ((ENOUGH, False), (ENOUGH + _REPEATED, True)):
        for score, why, gap, offer in scored:
            free = is_again or offer.selector not in used
            if gap.row.path not in found and free and score >= least:
                found[gap.row.path] = Choice(gap.row, _value(opened, gap, offer), why)
                used.add(offer.selector)
    return list(found.values())


def _fit(gap: Gap, offer: RunOffer) -> tuple[float, str]:
    """How well an array fits a field, and why; 0 where it cannot be right."""
    concept = gap.concept
    unit, kind = unit_fit(concept, offer.info), type_fit(concept, offer.info)
    is_text = offer.info.dtype.hasobject or concept.type in DATE_TYPES
    if unit < 0 or kind < 0 or is_text or concept.enumeration is not None:
        return 0.0, ""
    reasons = list(_reasons(gap, offer))
    if not any(one.tells or (one.hints and unit > 0) for one in reasons):
        return 0.0, ""
    score = sum(one.points for one in reasons) + unit + kind + shape_fit(concept, offer.info)
    told = [one.why for one in reasons]
    told += [f"in {offer.info.units}"] if unit > 0 else []
    return score, ", ".join(told)


def _reasons(gap: Gap, offer: RunOffer) -> Iterator[_Reason]:
    """What speaks for an array, or against it."""
    last, above = words_of(gap.parts[-1:]), words_of(gap.parts[:-1])
    if offer.nx_class == gap.nx_class:
        yield _Reason(3.0, f"its device is an {offer.nx_class} (hints)", not last, hints=True)
    elif offer.nx_class:
        yield _Reason(-3.0, f"though its device is an {offer.nx_class} (hints)", tells=False)
    around = above & offer.words
    if named := last & offer.words:
        share = len(named) / len(last)
        tells = share >= _MOSTLY or bool(around)
        yield _Reason(2.5 * share, f"named {_listed(named)}", tells, hints=True)
    if around:
        yield _Reason(1.5 * len(around) / len(above), f"of {_listed(around)}", not last)
    if (above & _BEFORE_SAMPLE and offer.words & _AFTER_SAMPLE) or (
        above & _AFTER_SAMPLE and offer.words & _BEFORE_SAMPLE
    ):
        yield _Reason(-5.0, "though of another place in the beam", tells=False)
    if offer.is_axis and gap.concept.units in _PHYSICAL and _rank(gap.concept):
        yield _Reason(1.5, "what was scanned (hints)")
    is_after = not above & _BEFORE_SAMPLE
    if offer.is_signal and gap.parts[-1] == "data" and gap.nx_class == "NXdetector" and is_after:
        yield _Reason(2.0, "the first detector that is hinted")


def _listed(words: frozenset[str]) -> str:
    return " ".join(sorted(words))


def _value(opened: OpenRun, gap: Gap, offer: RunOffer) -> dict[str, Any]:
    """The array as the value of a field: where it lies in HDF5 files it stays there. A single
    frame is taken out of its stack, and numbers are of the type that is asked for."""
    reference = escape(offer.reference)
    wanted, shape = _rank(gap.concept), offer.info.shape
    if wanted and len(shape) == wanted + 1 and shape[0] == 1:
        return {"from": f"{reference}[0]"}
    if offer.info.locations:
        return {"virtual": reference}
    dtype = _dtype(gap.concept.type, offer.info.dtype.kind)
    if dtype and _can_be(opened, offer, np.dtype(dtype)):
        return {"from": reference, "dtype": dtype}
    return {"from": reference}


def _rank(concept: FieldConcept) -> int:
    """How many axes a concept has; 0 where it does not say."""
    stated = concept.dimensions
    if stated is None:
        return 0
    told = stated.rank or ""
    return len(stated.dims) or (int(told) if told.isdecimal() else 0)


def _dtype(nx_type: str, kind: str) -> str:
    """The type that numbers need to be of an NX type; empty where they have it."""
    if nx_type in _WHOLE and kind == "f":
        return "int64"
    return "float64" if nx_type == "NX_FLOAT" and kind in "iu" else ""


def _can_be(opened: OpenRun, offer: RunOffer, dtype: np.dtype[Any]) -> bool:
    """True where no value changes, such as of counts that were declared as numbers."""
    shape = offer.info.shape
    if int(np.prod(shape)) > _MOST_READ:
        return False
    values = opened.source.array(offer.selector).read(0, shape[0] if shape else 1)
    return can_be(values, dtype)


# judged


def _judged(
    schema: Schema, text: str, choices: list[Choice], path: Path
) -> tuple[list[Choice], list[Choice]]:
    """The choices that the plan takes, and those it refuses, which say so."""
    faults = _faults(schema, _filled(text, choices), path)
    kept, refused = [], []
    for one in choices:
        fault = faults.get(one.row.path)
        if fault is None:
            kept.append(one)
        elif fault.code == _NO_UNIT:
            kept.append(Choice(one.row, one.value, f"{one.why}; {fault.message}: add units"))
        else:
            why = f"{one.reference} comes nearest ({one.why}), but: {fault.message}"
            refused.append(Choice(one.row, one.value, why))
    return kept, refused


def _faults(schema: Schema, text: str, path: Path) -> dict[str, Finding]:
    """The first error about each path."""
    outcome = building.check(Draft(path, text), schema)
    found: dict[str, Finding] = {}
    for item in outcome.findings:
        if item.severity == "error" or item.code == _NO_UNIT:
            found.setdefault(item.path, item)
    return found
