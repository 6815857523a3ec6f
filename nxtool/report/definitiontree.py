"""A definition as a tree of its concepts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nxtool.report.definitiontext import GLYPHS, Selection, concept_text, selected
from nxtool.report.terminal import Line, line, styled
from nxtool.report.tree import Branch, tree_lines
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import GroupConcept
from nxtool.schema.lookup import Concept, tops

BASE_CLASS_DEPTH: Final = 3
"""Base classes refer to each other without end, so a tree with them stops here unless told."""


def definition_tree(schema: Schema, selection: Selection, depth: int | None) -> Iterator[Line]:
    """The concepts of the selection below its definition, `depth` levels of them, and a legend."""
    definition = selection.definition
    limit = depth or (BASE_CLASS_DEPTH if selection.base_classes else None)
    starts: tuple[Concept, ...] = tops(schema, definition)
    if definition.category == "base":
        below = _branches(starts[0], selection, limit, ())
    else:
        below = (_branch(start, selection, limit, ()) for start in starts)
    kind = "application" if definition.category == "application" else "base class"
    top = line("", styled(definition.name, "title"), styled(f"  {kind}", "faint")).body
    yield from tree_lines(Branch(top, below))
    yield line("", styled("  ".join(f"{g} {word}" for word, g in GLYPHS.items()), "faint"))


def _branch(
    concept: Concept, selection: Selection, left: int | None, above: tuple[Concept, ...]
) -> Branch:
    """A concept and what is below it; a group inside itself is not opened again."""
    text = concept_text(concept)
    if (left is not None and left <= 1) or concept in above or _repeats(concept, above):
        return Branch(text)
    rest = None if left is None else left - 1
    return Branch(text, _branches(concept, selection, rest, (*above, concept)))


def _branches(
    concept: Concept, selection: Selection, left: int | None, above: tuple[Concept, ...]
) -> Iterator[Branch]:
    return (_branch(child, selection, left, above) for child in selected(concept, selection))


def _repeats(concept: Concept, above: tuple[Concept, ...]) -> bool:
    """True for a class inside a group of the same class and the same layers (NXobject's)."""
    return isinstance(concept, GroupConcept) and any(
        isinstance(other, GroupConcept) and other.layers == concept.layers for other in above
    )
