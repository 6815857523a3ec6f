"""What the sources of a recipe offer, and which of it fits a concept.

Nothing is guessed: offers are ranked by name, unit, type and shape, and the author takes one. Only
equal names are mapped all at once (`nxtool.build.newrecipe.matches`).
"""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool import units
from nxtool.authoring.document import SetValue, Together
from nxtool.build import newrecipe
from nxtool.build.fields import DATE_TYPES
from nxtool.errors import RecipeError, SourceError
from nxtool.recipe.checks import CollectedError
from nxtool.recipe.model import load_recipe
from nxtool.schema.concepts import FieldConcept
from nxtool.schema.namefit import is_valid_name
from nxtool.sources.opener import open_source
from nxtool.yamltree.emit import quoted
from nxtool.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nxtool.authoring.document import Edit
    from nxtool.authoring.rows import Row
    from nxtool.authoring.session import Session
    from nxtool.recipe.model import Draft
    from nxtool.sources.model import ArrayInfo, Source, SourceSpec

MAX_OFFERS: Final = 5000
"""How many arrays of one source are looked at."""
BEST: Final = 5
GENERIC: Final = frozenset({"data", "value", "values", "name", "raw", "counts", "signal"})
"""Names that say nothing of what the values are."""
_WORD: Final = re.compile(r"[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Offer:
    """An array of a source. `selector` is empty for the data of a file that has only one; `info` is
    None where it cannot be used, and `problem` says why."""

    source: str
    selector: str
    info: ArrayInfo | None = None
    problem: str = ""

    @property
    def reference(self) -> str:
        """What stands behind `from:`."""
        return f"{self.source}:{self.selector}" if self.selector else self.source

    @property
    def names(self) -> tuple[str, ...]:
        """The names that lead to it; of data without a name, that of the source."""
        path = tuple(part for part in self.selector.split("/") if part)
        return path or (self.source,)

    @property
    def yaml(self) -> str:
        """The value of a field that is this array."""
        return f"{{from: {quoted(self.reference)}}}"


@dataclass(frozen=True, slots=True)
class SourceOffers:
    """One source of the recipe, its files and what it offers; or why it cannot be opened."""

    name: str
    path: str
    format: str = ""
    files: int = 0
    offers: tuple[Offer, ...] = ()
    problem: str = ""
    is_cut: bool = False
    """True where it has more than is listed."""


def offers_of(draft: Draft) -> list[SourceOffers]:
    """What each source of a recipe offers. Opens files; what is wrong with one is told of it."""
    try:
        recipe = load_recipe(draft, problems=[])
    except (RecipeError, CollectedError) as error:
        return [SourceOffers("", "", problem=str(error))]
    folder = draft.path.resolve().parent
    return [_opened(name, spec, folder) for name, (spec, _) in recipe.sources.items()]


def _opened(name: str, spec: SourceSpec | None, folder: Path) -> SourceOffers:
    if spec is None:
        return SourceOffers(name, "", problem="is written wrong in the recipe")
    try:
        with open_source(spec, folder) as source:
            return _listed(name, spec.path, source)
    except SourceError as error:
        return SourceOffers(name, spec.path, problem=error.message)


def _listed(name: str, path: str, source: Source) -> SourceOffers:
    keys = list(source.keys())
    offers = [_offer(name, source, key) for key in keys[:MAX_OFFERS]]
    if "" not in keys and (data := _offer(name, source, "")).info is not None:
        offers.insert(0, data)
    return SourceOffers(
        name, path, source.format, len(source.files), tuple(offers), is_cut=len(keys) > MAX_OFFERS
    )


def _offer(name: str, source: Source, key: str) -> Offer:
    try:
        return Offer(name, key, source.array(key).info)
    except SourceError as error:
        return Offer(name, key, None, error.message)


def add_source(session: Session, path: Path) -> tuple[str, Edit]:
    """The edit that adds a file, or a pattern of files, to the sources of a recipe, and its name
    there; a file that is a source already keeps its name. Relative paths count from the working
    directory, or else from the folder of the recipe."""
    folder = session.document.path.resolve().parent
    text = _relative(path, folder)
    node = session.document.tree.get("sources")
    known = node.to_python() if isinstance(node, MapNode) else {}
    for name, stated in known.items():
        if text in (stated, stated.get("path") if isinstance(stated, dict) else None):
            return name, Together(())
    name = free_name(path, known)
    return name, SetValue(("sources", name), quoted(text))


def _relative(path: Path, folder: Path) -> str:
    there = (folder / path).exists() and not path.exists()
    full = folder / path if there else Path.cwd() / path
    with suppress(ValueError):
        return full.relative_to(folder).as_posix()
    return full.as_posix()


def free_name(path: Path, known: object) -> str:
    """A name for a source, made of that of its file, which is none of the known ones."""
    stem = re.sub(r"\W+", "_", path.name.partition(".")[0].strip("*?_ ")).strip("_")
    name = stem if stem and is_valid_name(stem) else "data"
    taken = known if isinstance(known, dict) else {}
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def best_offers(
    row: Row, offers: Sequence[Offer], used: Collection[str] = (), count: int = BEST
) -> list[Offer]:
    """The offers that fit a row best, none that cannot be right; those whose references are `used`
    elsewhere behind others."""
    scored = [
        (fitness(row, offer) - (offer.reference in used), place)
        for place, offer in enumerate(offers)
    ]
    fitting = sorted((-score, place) for score, place in scored if score > 0)
    return [offers[place] for _, place in fitting[:count]]


def fitness(row: Row, offer: Offer) -> float:
    """How well an array fits a field: by its telling name up to 3, by its last name, the names
    above, unit, type and shape up to 1 each; 0 where it cannot be right."""
    concept = row.concept
    if offer.info is None or not isinstance(concept, FieldConcept):
        return 0.0
    path = row.path.strip("/").split("/")
    name = _alike(_telling(path), _telling(offer.names))
    last = _alike(row.label, offer.names[-1])
    around = max((_alike(a, b) for a in path[-3:-1] for b in offer.names[:-1]), default=0.0)
    unit = unit_fit(concept, offer.info)
    kind = type_fit(concept, offer.info)
    if kind < 0 or unit < 0:
        return 0.0
    score = 3 * name + last + around + unit + kind + shape_fit(concept, offer.info)
    return score if name > 0 or score >= 1.5 else 0.0


def _telling(names: Sequence[str]) -> str:
    """The last name that says what the values are: of `i0/data` the `i0`."""
    return next((name for name in reversed(names) if name.lower() not in GENERIC), names[-1])


def _alike(name: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same but for case and `_`)."""
    first, second = _WORD.findall(name.lower()), _WORD.findall(other.lower())
    if first == second:
        return 1.0
    if set(first) & set(second):
        return 0.7
    ratio = difflib.SequenceMatcher(None, "".join(first), "".join(second)).ratio()
    return ratio / 2 if ratio > 0.6 else 0.0


def unit_fit(concept: FieldConcept, info: ArrayInfo) -> float:
    """1 where the unit of an array is one of the concept's, less where that is not sure, 0 where
    nothing is known, -1 where it is wrong."""
    if concept.units in (None, "NX_ANY") or info.units is None:
        return 0.0
    verdict = units.fit(info.units, concept.units).verdict
    return {"fits": 1.0, "loose": 0.5, "ambiguous": 0.5, "unknown": 0.0, "wrong": -1.0}[verdict]


def type_fit(concept: FieldConcept, info: ArrayInfo) -> float:
    """0.5 where the type of an array is one of the concept's, 0 for floats in place of integers, -1
    where one is text and the other is not."""
    is_text = info.dtype.kind in "OSU"
    wants_text = concept.type in ("NX_CHAR", "") or concept.type in DATE_TYPES
    if is_text != wants_text and concept.type != "NX_CHAR_OR_NUMBER":
        return -1.0
    return 0.0 if info.dtype.kind == "f" and concept.type in ("NX_INT", "NX_UINT") else 0.5


def shape_fit(concept: FieldConcept, info: ArrayInfo) -> float:
    """Up to 1 where an array has as many axes as the concept."""
    stated = concept.dimensions
    if stated is None:
        return 0.5 if not info.shape else 0.0
    told = stated.rank or ""
    rank = len(stated.dims) or (int(told) if told.isdecimal() else 0)
    return 1.0 if rank and rank == len(info.shape) else 0.0


def same_names(tops: Sequence[Row], offers: Sequence[Offer]) -> dict[str, Offer]:
    """The offer for each empty field that exactly one offer fits best by equal names."""
    empty = [row for top in tops for row in top.walk() if _is_empty_field(row)]
    by_reference = {offer.reference: offer for offer in offers if offer.info is not None}
    candidates = [newrecipe.Offer(one.reference, one.names) for one in by_reference.values()]
    found = newrecipe.matches([row.path for row in empty], candidates)
    rows = {row.path: row for row in empty}
    return {
        path: by_reference[reference]
        for path, reference in found.items()
        if fitness(rows[path], by_reference[reference]) > 0
    }


def _is_empty_field(row: Row) -> bool:
    return row.kind == "field" and not row.is_given and isinstance(row.concept, FieldConcept)


def map_all(session: Session, tops: Sequence[Row], offers: Sequence[Offer]) -> tuple[Edit, int]:
    """The edit that fills all fields with the array of the same name, and how many these are."""
    found = same_names(tops, offers)
    rows = {row.path: row for top in tops for row in top.walk()}
    edits = [session.edit_for(rows[path], offer.yaml) for path, offer in found.items()]
    return Together(tuple(edits)), len(edits)
