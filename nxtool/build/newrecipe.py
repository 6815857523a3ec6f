"""A first recipe: a template with the sources written in, and what has the same name mapped.

A selector fits a required field where their names are equal; the more of the names above are, too,
the better (`/entry/instrument/detector/data` and `instrument/detector/data`). A field is filled in
only where one selector fits it best, and it is the field that fits that selector best: nothing is
guessed beyond names.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Final

from nxtool import nxpath
from nxtool.findings import Mark
from nxtool.recipe.variables import escape
from nxtool.schema.compile import Schema
from nxtool.schema.outline import GroupItem, outline
from nxtool.schema.template import Start, begun
from nxtool.sources.model import Source, SourceSpec
from nxtool.sources.opener import open_source
from nxtool.yamltree.emit import to_yaml
from nxtool.yamltree.nodes import MapNode, Scalar

MAX_OFFERS: Final = 12
"""How many selectors of a source a comment names."""
WIDTH: Final = 96

_NOWHERE: Final = Mark("", 1, 1)


@dataclass(frozen=True, slots=True)
class Offer:
    """Data of a source: what to write after `from:`, and the names that lead to it."""

    reference: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A recipe, and the fields that were mapped: paths in the entry with their references."""

    text: str
    mapped: Mapping[str, str]


def begin_recipe(
    schema: Schema,
    definition: str,
    sources: Mapping[str, str],
    folder: Path,
    *,
    title: str = "",
    output: str = "",
) -> Begun:
    """A commented recipe for `definition` over `sources`, paths by name, relative to `folder`.

    Raises:
        DefinitionError: the definition is unknown or no application.
        SourceError: a source cannot be read.
    """
    entry = outline(schema, definition)
    offers: list[Offer] = []
    lines = ["sources:"] if sources else []
    for name, path in sources.items():
        with open_source(SourceSpec(path), folder) as source:
            keys = list(source.keys())
            offers += offers_by_name(name, source, keys)
        lines += (f"  {line}" for line in (*_told(keys), _pair(name, path)))
    mapped = matches(mapped_paths(entry), offers)
    values = {path: f"{{from: {_quoted(reference)}}}" for path, reference in mapped.items()}
    first = []
    if title and any(item.key == "title" for item in entry.fields):
        values["title"] = _pair("title", title).removeprefix("title: ")
    elif title:
        first = [_pair("title", title)]
    name = output or f"{definition.removeprefix('NX')}.nxs"
    start = Start(_pair("output", name), tuple(lines), tuple(first))
    return Begun(begun(schema, definition, _filled(entry, values), start), mapped)


def matches(paths: Sequence[str], offers: Sequence[Offer]) -> dict[str, str]:
    """The reference for each path of a field that exactly one offer fits best, and which that
    offer fits best.

    >>> matches(["sample/phi", "detector/data"], [Offer("log:phi", ("phi",))])
    {'sample/phi': 'log:phi'}
    """
    ends: dict[str, list[int]] = {}
    for place, offer in enumerate(offers):
        ends.setdefault(offer.names[-1], []).append(place)
    scores = [
        (path, place, _score(path, offers[place].names))
        for path in paths
        for place in ends.get(nxpath.base(path), ())
    ]
    best_for_path = _best((path, score) for path, _, score in scores)
    best_for_place = _best((place, score) for _, place, score in scores)
    return {
        path: offers[place].reference
        for path, place, score in scores
        if best_for_path[path] == [score] == best_for_place[place]
    }


def _best(scores: Iterable[tuple[Hashable, int]]) -> dict[Hashable, list[int]]:
    """The highest score of each, as often as it was reached."""
    found: dict[Hashable, list[int]] = {}
    for key, score in scores:
        before = found.get(key, [score])
        if score > before[0] or key not in found:
            found[key] = [score]
        elif score == before[0]:
            before.append(score)
    return found


def _score(path: str, names: tuple[str, ...]) -> int:
    """How many names at the end are equal."""
    pairs = zip(reversed(path.split("/")), reversed(names), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def offers_by_name(name: str, source: Source, keys: Sequence[str]) -> Iterator[Offer]:
    """Each selector; a file with none but those of its header (`#key`) is its data, known by the
    name of the source."""
    selectors = [key for key in keys if key and not key.startswith("#")]
    if not selectors:
        yield Offer(name, (name,))
    for key in selectors:
        parts = key.split("/") if source.format in ("hdf5", "bluesky") else [key]
        yield Offer(f"{name}:{key}", tuple(filter(None, parts)))


def _told(keys: Sequence[str]) -> list[str]:
    """A comment about what a source offers."""
    named = [json.dumps(key, ensure_ascii=True)[1:-1] for key in keys if key]
    if not named:
        return []
    more = f" and {len(named) - MAX_OFFERS} more" if len(named) > MAX_OFFERS else ""
    words = f"{', '.join(named[:MAX_OFFERS])}{more}"
    return [f"# {line}" for line in textwrap.wrap(words, WIDTH, break_on_hyphens=False)]


def mapped_paths(group: GroupItem, above: str = "") -> list[str]:
    """The fields that are filled by name: those of an outline that need no attributes."""
    found = [above + item.key for item in group.fields if not item.attributes]
    for inner in group.groups:
        found += mapped_paths(inner, f"{above}{inner.key}/")
    return found


def _filled(group: GroupItem, values: Mapping[str, str], above: str = "") -> GroupItem:
    """The outline with values for the fields of these paths."""
    fields = (replace(f, value=values.get(above + f.key, f.value)) for f in group.fields)
    groups = (_filled(inner, values, f"{above}{inner.key}/") for inner in group.groups)
    return replace(group, fields=tuple(fields), groups=tuple(groups))


def _pair(name: str, text: str) -> str:
    """One line of YAML that gives a name a text."""
    value = escape(text)
    scalars = (Scalar(name, name, _NOWHERE), Scalar(value, value, _NOWHERE, "quoted"))
    return to_yaml(MapNode((scalars,), _NOWHERE)).rstrip("\n")


def _quoted(reference: str) -> str:
    return json.dumps(escape(reference), ensure_ascii=True)
