"""A recipe: everything an author wrote, read from disk, merged, filled in and typed.

Nothing is compared with a definition, and of the data only the tables of `$repeat: {rows: ...}`
are opened; `nxtool.build.plan` does the rest.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from nxtool.findings import Finding
from nxtool.recipe.checks import (
    CollectedError,
    check_keys,
    choice_at,
    given,
    map_at,
    mistake,
    scalar_at,
    text_at,
    whole_of,
    wrong_form,
)
from nxtool.recipe.dates import DateError, load_zone
from nxtool.recipe.forms import chunks_at, parse_own_name
from nxtool.recipe.include import load
from nxtool.recipe.repeat import Tables
from nxtool.recipe.sourcelist import Arrays, Missing, sources_at, specs_in
from nxtool.recipe.variables import escape, expand, resolve_variables
from nxtool.sources.model import SourceSpec
from nxtool.yamltree.emit import to_yaml
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    from nxtool.findings import Mark

VERSION: Final = 1
UNNAMED: Final = Path("recipe.nx.yaml")
"""The name of a recipe that was made in Python, in the working directory."""
TOP_LEVEL: Final = (
    "nxtool", "definition", "include", "output", "vars", "defaults", "sources", "entry", "waive",
    "provenance",
)  # fmt: skip
"""All names at the top of a recipe, besides `name(NXentry)`."""

Strings: TypeAlias = Literal["variable", "fixed"]
Embed: TypeAlias = Literal["none", "recipe", "residual", "raw"]
Hash: TypeAlias = Literal["none", "sha256"]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every field that does not say otherwise; None where nothing is said.

    `missing` is for sources. `marks` gives the place of each value by its key.
    """

    compression: str | None = None
    timezone: str | None = None
    chunks: tuple[int, ...] | str | None = None
    strings: Strings | None = None
    missing: Missing = "error"
    marks: Mapping[str, Mark] = field(default_factory=dict)
    is_sound: bool = True
    """False where mistakes were found in it, so that what it would have said is not known."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What of the raw data and the recipe goes into the result."""

    embed: Embed = "recipe"
    hash: Hash = "sha256"


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why something the definition requires may be absent."""

    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a recipe that is being edited; `path` is where it will be saved."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as values with places.

    `sources` and `waive` are by name and path; a source that is written wrong is None, its places
    are by key. `entries` are by group name; their nodes are
    filled in but not yet forms (`nxtool.recipe.forms`). `text` is the merged recipe as canonical
    YAML, with values of the environment written out: reading it again gives the same recipe.
    `files` are all recipe files read, `file` first; `file` is only a name where the recipe was
    made in Python; `tables` are the sources whose rows made
    groups. Paths in `sources` and `output` are as
    written, relative to the folder of `file`.
    """

    file: Path
    definition: str
    definition_mark: Mark
    output: str | None
    vars: Mapping[str, Node]
    defaults: Defaults
    sources: Mapping[str, tuple[SourceSpec | None, Mapping[str, Mark]]]
    entries: Mapping[str, MapNode]
    waive: Mapping[str, Waiver]
    provenance: Provenance
    text: str
    files: tuple[Path, ...]
    tables: tuple[str, ...] = ()


def load_recipe(
    origin: str | PathLike[str] | Mapping[str, Any] | Draft,
    settings: Sequence[str] = (),
    problems: list[Finding] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Recipe:
    """The recipe in the file `origin`, or the one that `origin` is: a text being edited, or the
    same tree as a mapping, with arrays as values where one likes. `settings` change it
    (`entry.sample.name=x`).

    Of a mapping, relative paths count from the working directory, and the places in findings are
    paths in the tree. With a list of `problems`, mistakes are appended to it and what is wrong is
    left out of the recipe; without, they are raised together. `environment` is that of the process
    by default.

    Raises:
        CollectedError: the recipe has mistakes; always for wrong variables, since nothing that
            depends on them can be judged.
        RecipeError: a file cannot be read as YAML.
    """
    found: list[Finding] = []
    path, tree, arrays = _origin(origin, found)
    text = origin.text if isinstance(origin, Draft) else None
    merged, files = load(tree, settings, text, found)
    found.extend(_invalid(merged))
    variables = map_at(merged, "vars", found) or MapNode((), merged.mark)
    known = resolve_variables(variables, found, os.environ if environment is None else environment)
    tables = Tables(lambda: specs_in(merged, known, arrays), path.resolve().parent)
    top = expand(merged.without("vars"), known, found, tables)
    if any(problem.code == "R03" for problem in found):
        raise CollectedError(found)
    whole = to_yaml(_with_values(merged, variables, known))
    recipe = _interpret(path, cast("MapNode", top), known, arrays, found)
    recipe = replace(recipe, text=whole, files=files, tables=tables.used)
    if problems is None and found:
        raise CollectedError(found)
    if problems is not None:
        problems.extend(found)
    return recipe


def _origin(
    origin: str | PathLike[str] | Mapping[str, Any] | Draft, problems: list[Finding]
) -> tuple[Path, Path | MapNode, Arrays]:
    """The name of the recipe, what to read it from, and the arrays it came with."""
    if isinstance(origin, Draft):
        return origin.path, origin.path, {}
    if not isinstance(origin, Mapping):
        return Path(origin), Path(origin), {}
    from nxtool.recipe.pythontree import read_tree

    tree = read_tree(origin, problems)
    return UNNAMED, tree.node, tree.arrays


def _invalid(node: Node) -> Iterator[Finding]:
    """What its author has marked as not right yet."""
    if isinstance(node, MapNode):
        for _, value in node.items:
            yield from _invalid(value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _invalid(item)
    elif node.is_invalid:
        message = f"{node.text!r} is marked !invalid and counts as not given"
        hint = "correct it, and take the mark away"
        yield Finding("R04", "warning", "", message, hint=hint, mark=node.mark)


def _with_values(merged: MapNode, variables: MapNode, known: Mapping[str, Node]) -> MapNode:
    """The recipe whose `vars` need nothing but themselves."""
    pairs = ((key, _escaped(known[key.text])) for key, _ in variables.items if key.text in known)
    values = MapNode(tuple(pairs), variables.mark)
    items = ((key, values if key.text == "vars" else node) for key, node in merged.items)
    return MapNode(tuple(items), merged.mark)


def _escaped(node: Node) -> Node:
    if isinstance(node, MapNode):
        return MapNode(tuple((key, _escaped(value)) for key, value in node.items), node.mark)
    if not isinstance(node, Scalar):
        return replace(node, items=tuple(map(_escaped, node.items)))
    if not isinstance(node.value, str):
        return node
    return replace(node, value=escape(node.value), text=escape(node.text))


def _interpret(
    path: Path,
    top: MapNode,
    known: Mapping[str, Node],
    arrays: Arrays,
    problems: list[Finding],
) -> Recipe:
    _check_version(top, problems)
    entries = _entries(top, problems)
    definition = _definition(top, problems)
    defaults = _defaults(top, problems)
    return Recipe(
        file=path,
        definition=definition.text,
        definition_mark=definition.mark,
        output=text_at(top, "output", problems),
        vars=known,
        defaults=defaults,
        sources=sources_at(top, defaults.missing, arrays, problems),
        entries=entries,
        waive=_waivers(top, problems),
        provenance=_provenance(top, problems),
        text="",
        files=(),
    )


def _check_version(top: MapNode, problems: list[Finding]) -> None:
    version = top.get("nxtool")
    if version is None:
        message = "the version of the recipe language is missing"
        problems.append(mistake("R02", top.mark, message, "begin with `nxtool: 1`"))
    elif whole_of(version) != VERSION:
        found = version.text if isinstance(version, Scalar) else ""
        message = f"version {found!r} of the recipe language is unknown"
        problems.append(mistake("R04", version.mark, message, "write `nxtool: 1`"))


def _definition(top: MapNode, problems: list[Finding]) -> Scalar:
    definition = scalar_at(top, "definition", problems)
    if definition is not None:
        return definition
    if given(top, "definition") is None:
        message = "the definition is missing"
        place = top.key_mark("definition")
        problems.append(mistake("R02", place, message, "like definition: NXsas"))
    return Scalar("", "", top.key_mark("definition"), "quoted")


def _entries(top: MapNode, problems: list[Finding]) -> dict[str, MapNode]:
    """The entries by name; other unknown names are reported."""
    entries: dict[str, MapNode] = {}
    before = len(problems)
    unknown = [item for item in top.items if "(" not in item[0].text]
    check_keys(MapNode(tuple(unknown), top.mark), TOP_LEVEL, problems)
    for key, value in top.items:
        name = _entry_name(key, problems)
        if name is None:
            continue
        if not isinstance(value, MapNode):
            problems.append(wrong_form(value, key.text, "a mapping"))
        elif name in entries:
            message = f"entry {name!r} stands here again"
            problems.append(mistake("R02", key.mark, message, "give it another name"))
        else:
            entries[name] = value
    if not entries and len(problems) == before:
        problems.append(mistake("R02", top.mark, "the recipe has no entry", "write entry:"))
    return entries


def _entry_name(key: Scalar, problems: list[Finding]) -> str | None:
    if key.text == "entry":
        return key.text
    own = parse_own_name(key, problems)
    if own is None or own.type == "NXentry":
        return own.name if own else None
    message = f"{own.type} cannot stand at the top"
    problems.append(mistake("R02", own.type_mark, message, "only NXentry can"))
    return None


def _defaults(top: MapNode, problems: list[Finding]) -> Defaults:
    node = map_at(top, "defaults", problems)
    if node is None:
        return Defaults()
    before = len(problems)
    known = ("compression", "timezone", "chunks", "strings", "missing")
    check_keys(node, known, problems)
    strings = choice_at(node, "strings", ("variable", "fixed"), problems)
    missing = choice_at(node, "missing", ("error", "skip"), problems)
    defaults = Defaults(
        compression=text_at(node, "compression", problems),
        timezone=_timezone(node, problems),
        chunks=chunks_at(node, "chunks", problems),
        strings=cast("Strings | None", strings),
        missing=cast("Missing", missing or "error"),
        marks={key.text: value.mark for key, value in node.items},
    )
    return replace(defaults, is_sound=len(problems) == before)


def _timezone(node: MapNode, problems: list[Finding]) -> str | None:
    zone = scalar_at(node, "timezone", problems)
    if zone is None:
        return None
    try:
        load_zone(zone.text)
    except DateError as error:
        problems.append(mistake("R04", zone.mark, error.message, error.hint))
        return None
    return zone.text


def _waivers(top: MapNode, problems: list[Finding]) -> dict[str, Waiver]:
    """The reasons by path; each must be said."""
    waivers: dict[str, Waiver] = {}
    node = map_at(top, "waive", problems)
    for key, value in node.items if node else ():
        if isinstance(value, Scalar) and isinstance(value.value, str) and value.text.strip():
            waivers[key.text] = Waiver(value.text, key.mark)
        else:
            message = f"waiving {key.text} needs a reason"
            hint = "write why in a few words; it is kept in the file"
            problems.append(mistake("R02", value.mark, message, hint))
    return waivers


def _provenance(top: MapNode, problems: list[Finding]) -> Provenance:
    node = map_at(top, "provenance", problems)
    if node is None:
        return Provenance()
    check_keys(node, ("embed", "hash"), problems)
    embed = choice_at(node, "embed", ("none", "recipe", "residual", "raw"), problems)
    checksum = choice_at(node, "hash", ("none", "sha256"), problems)
    if embed in ("residual", "raw") and checksum == "none":
        message = f"embed: {embed} needs checksums"
        mark = cast("Node", node.get("hash")).mark
        problems.append(mistake("R04", mark, message, "write hash: sha256, or leave it out"))
    return Provenance(cast("Embed", embed or "recipe"), cast("Hash", checksum or "sha256"))
