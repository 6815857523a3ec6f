"""How the data of a field could be stored: filters tried on a few of its chunks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nxtool.authoring.document import SetValue, node_at
from nxtool.bench.sample import Sample, sample_of
from nxtool.bench.trial import Trial, try_filter
from nxtool.errors import RecipeError, SourceError
from nxtool.recipe.forms import parse_field
from nxtool.recipe.model import load_recipe
from nxtool.sources.opener import open_source
from nxtool.storage.filterfacts import FACTS, Facts
from nxtool.storage.profiles import PROFILES
from nxtool.yamltree.emit import quoted

if TYPE_CHECKING:
    from nxtool.authoring.document import Edit
    from nxtool.authoring.rows import Row
    from nxtool.recipe.model import Draft
    from nxtool.sources.model import SourceSpec

CANDIDATES: Final = (
    "none", "gzip:4", "zstd:3", "zstd:7", "bitshuffle-lz4", "blosc2-zstd:1", "blosc2-zstd:5",
    "lzf", "bitshuffle-zstd:3",
)  # fmt: skip
"""Filters worth a look: those of the profiles, and what else is common."""
SAMPLE_BYTES: Final = 8 * 1024 * 1024
SECONDS: Final = 0.4
"""How long one filter is tried."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a filter would do to the data of a field: `size` is that of all of it, in bytes."""

    trial: Trial
    size: int

    @property
    def facts(self) -> Facts | None:
        """Who reads it, and for how long; None for what needs no filter."""
        name = self.trial.filter.partition(":")[0]
        return next((fact for fact in FACTS.values() if name in fact.words), None)


def source_of(draft: Draft, row: Row) -> tuple[SourceSpec, str]:
    """The source that a field takes its data from, and the selector there.

    Raises:
        RecipeError: the field takes nothing from a source, or the recipe has mistakes there.
    """
    recipe = load_recipe(draft, problems=[])
    entry = recipe.entries.get(row.names[0].partition("(")[0])
    node = node_at(entry, row.names[1:]) if entry is not None else None
    form = parse_field(node, []) if node is not None else None
    ref = form.source or form.virtual if form is not None else None
    spec, _ = recipe.sources.get(ref.source, (None, {})) if ref is not None else (None, {})
    if ref is None or spec is None:
        message = f"{row.path}: takes no data from a source"
        raise RecipeError(message, hint="press s to choose some")
    return spec, ref.selector


def sample_for(draft: Draft, row: Row) -> Sample:
    """Chunks of the data that a field takes from a source.

    Raises:
        RecipeError: the field takes nothing from a source, or the recipe has mistakes there.
        SourceError: the data cannot be read, or are too few for a filter.
    """
    spec, selector = source_of(draft, row)
    with open_source(spec, draft.path.resolve().parent) as source:
        return sample_of(source.array(selector), row.path, SAMPLE_BYTES)


def estimate(sample: Sample, word: str, threads: int) -> Estimate | str:
    """What the filter `word` does; why it does nothing, if it refuses."""
    trial = try_filter(word, sample, SECONDS, threads)
    if isinstance(trial, str):
        return trial
    return Estimate(trial, int(sample.size / trial.ratio))


def use_filter(row: Row, word: str) -> Edit:
    """The edit that stores the data of a field by a filter."""
    return SetValue((*row.names, "compression"), quoted(word))


def use_profile(name: str) -> Edit:
    """The edit that stores all data by a profile."""
    if name not in PROFILES:
        raise SourceError(f"no profile {name!r}")
    return SetValue(("defaults", "compression"), quoted(name))
