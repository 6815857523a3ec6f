"""Judging a file by the release it says it was written for, and by two releases to compare.

A file may say in `definition/@version` which release of the definitions it follows. A kept set
that is exactly this release can judge it, instead of the newer definitions at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nxtool import nxpath
from nxtool.findings import Finding, Findings
from nxtool.nodeview import GroupView, is_field, is_group
from nxtool.nxdl import sets
from nxtool.nxdl.catalogue import Catalogue
from nxtool.remote.opening import open_root
from nxtool.schema.compile import ENTRY_CLASSES, Schema
from nxtool.schema.difference import DefinitionChange, differences
from nxtool.validate.api import validate
from nxtool.validate.visit import Options, class_of, control_text, finding

_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another set of definitions means for one file."""

    changes: tuple[DefinitionChange, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]


def validate_by_release(
    path: Path, schema: Schema, options: Options | None = None
) -> tuple[Findings, Schema]:
    """Judge the file by the kept set that is the release it names, or else by `schema`.

    The set that was used is told in a finding (F02). Also returns the schema that judged.

    Raises:
        FileUnreadable: the file cannot be opened.
    """
    kept, place = _kept_release(path)
    if kept is None:
        return validate(path, schema, options), schema
    # the other definitions at hand complete the set: our own, and those of the facility
    other = Schema(Catalogue([kept.folder, *schema.catalogue.folders]))
    findings = validate(path, other, options)
    message = f"judged by the kept set {kept.name!r}, the release this names"
    findings.extend([finding("F02", place, message, found=kept.release)])
    return findings, other


def compare(path: Path, old: Catalogue, new: Catalogue) -> Comparison:
    """What changes for the file from `old` to `new`: definitions it uses, and findings.

    Raises:
        FileUnreadable: the file cannot be opened.
        DefinitionError: a definition of a set cannot be read.
    """
    schemas = Schema(old), Schema(new)
    before, after = (list(validate(path, schema)) for schema in schemas)
    known = [{_key(item) for item in items} for items in (before, after)]
    with open_root(path) as root:
        used = set(_names(root))
    names = used.union(*(_ancestors(schema, used) for schema in schemas))
    return Comparison(
        tuple(differences(old, new, names)),
        tuple(item for item in after if _key(item) not in known[0]),
        tuple(item for item in before if _key(item) not in known[1]),
    )


def _key(item: Finding) -> tuple[str, str, str, str]:
    """What makes two findings the same though definitions differ (not their lines)."""
    return item.code, item.severity, item.path, item.message


def _ancestors(schema: Schema, names: set[str]) -> set[str]:
    """What the definitions among `names` extend."""
    return {
        step.name for name in names if schema.knows(name) for step in schema.chain(name)
    }  # fmt: skip


def _kept_release(path: Path) -> tuple[sets.KeptSet | None, str]:
    """The kept set of the one release that the file names, and where it does."""
    with open_root(path) as root:
        stated = dict(_versions(root))
    releases = {sets.plain_release(text) for text in stated.values()}
    if len(releases) != 1:
        return None, ""
    place, text = next(iter(stated.items()))
    return sets.of_release(text), place


def _versions(root: GroupView) -> Iterator[tuple[str, str]]:
    """What the entries state in `definition/@version`, by the path of the attribute."""
    for group in _groups(root):
        node = group.child("definition") if "definition" in group.links else None
        if class_of(group) in ENTRY_CLASSES and is_field(node):
            attribute = node.attributes.get("version")
            if attribute is not None and attribute.text:
                yield nxpath.attribute(node.path, "version"), attribute.text


def _names(root: GroupView) -> Iterator[str]:
    """Definitions a file uses: NXroot, its classes, and applications its entries name."""
    yield "NXroot"
    for group in _groups(root):
        yield class_of(group)
        if class_of(group) in ENTRY_CLASSES:
            yield control_text(group, "definition")


def _groups(root: GroupView) -> Iterator[GroupView]:
    """Every group once, `root` included."""
    seen = {root.identity}
    pending = [(root, 0)]
    while pending:
        group, depth = pending.pop()
        yield group
        for name in group.links if depth < _MAX_DEPTH else ():
            child = group.child(name)
            if is_group(child) and child.identity not in seen:
                seen.add(child.identity)
                pending.append((child, depth + 1))
