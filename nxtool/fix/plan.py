"""From findings to fixes: which findings can be mended mechanically, and how.

A fix is planned only where the file itself says what is right: a link that is there but not
marked, a date with a space for its T, a known misspelling of a unit. Where two readings are
possible, nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from nxtool import nxpath, units, values
from nxtool.findings import Finding
from nxtool.fix import legacy, targets
from nxtool.fix.model import Fix, MakeScalar, ReplaceText, SetAttribute
from nxtool.nodeview import (
    Attribute,
    Broken,
    FieldView,
    GroupView,
    Unreadable,
    is_field,
    is_group,
    one_string,
)
from nxtool.schema.compile import Schema
from nxtool.validate.reading import has_bad_bytes
from nxtool.validate.visit import Options, Walk, class_of, strings

Planner = Callable[[Walk, Finding], Iterator[Fix]]
MAX_TEXTS: Final = 10_000
"""Longer arrays of dates are left alone."""


def plan_fixes(root: GroupView, findings: Iterable[Finding], schema: Schema) -> list[Fix]:
    """The fixes for what `findings` tell of the tree, each place once, in the order they must be
    made."""
    walk = Walk(root, schema, Options())
    items = list(findings)
    planned = [fix for item in items for fix in _one(walk, item)]
    planned += legacy.modernise(walk, items)
    planned += _default_chain(root)
    by_place: dict[str, Fix] = {}
    for fix in planned:
        if _is_text(fix) and not targets.leaves_file(walk, fix.edit.path):
            by_place.setdefault(fix.path, fix)
    return list(by_place.values())


def _is_text(fix: Fix) -> bool:
    """False where bytes that are not UTF-8 would have to be written as text."""
    edit = fix.edit
    if not isinstance(edit, SetAttribute | MakeScalar):
        return True
    words = (edit.value,) if isinstance(edit.value, str) else edit.value
    return not any(has_bad_bytes(word) for word in words)


def _one(walk: Walk, item: Finding) -> Iterator[Fix]:
    planner = _PLANNERS.get(item.code)
    if planner is not None:
        yield from planner(walk, item)


def _attribute_at(walk: Walk, path: str) -> tuple[str, Attribute] | None:
    """The object and the attribute that a path with `@` names."""
    place, at, name = path.rpartition("@")
    node = walk.lookup(place) if at else None
    attribute = node.attributes.get(name) if (is_field(node) or is_group(node)) else None
    return (place, attribute) if attribute is not None else None


def _class(walk: Walk, item: Finding) -> Iterator[Fix]:
    """NX_class as an array of one, or with blanks around it."""
    found = _attribute_at(walk, item.path)
    text = one_string(found[1].value) if found else None
    if found and text and text.strip():
        edit = SetAttribute(found[0], "NX_class", text.strip())
        yield Fix(item.code, edit, f"stored as one string: {text.strip()}")


def _definition(walk: Walk, item: Finding) -> Iterator[Fix]:
    """The field `definition` as an array of one."""
    node = walk.lookup(item.path)
    if nxpath.base(item.path) != "definition" or not is_field(node):
        return
    text = _texts(node) if node.shape == (1,) else None
    if text and text[0]:
        yield Fix(item.code, MakeScalar(item.path, text[0]), f"stored as one string: {text[0]}")


def _date(walk: Walk, item: Finding) -> Iterator[Fix]:
    """A space where the T of a date belongs."""
    if "@" in item.path:
        found = _attribute_at(walk, item.path)
        text = one_string(found[1].value) if found else None
        if found and text and found[1].shape == () and text != _with_t(text):
            edit = SetAttribute(found[0], found[1].name, _with_t(text))
            yield Fix(item.code, edit, f"{text} → {_with_t(text)}")
        return
    node = walk.lookup(item.path)
    texts = _texts(node) if is_field(node) else None
    better = tuple(_with_t(text) for text in texts or ())
    if texts and list(better) != texts:
        first = next(i for i, text in enumerate(texts) if text != better[i])
        message = f"{texts[first]} → {better[first]}"
        yield Fix(item.code, ReplaceText(item.path, better), message)


def _with_t(text: str) -> str:
    verdict = values.parse_date(text)
    return text.replace(" ", "T", 1) if verdict.ok and verdict.style == "space" else text


def _texts(node: FieldView) -> list[str] | None:
    if node.type.kind != "string" or node.shape is None:
        return None
    count = 1
    for size in node.shape:
        count *= size
    if not 0 < count <= MAX_TEXTS:
        return None
    try:
        return strings(node.read())
    except Unreadable:
        return None


def _unit(walk: Walk, item: Finding) -> Iterator[Fix]:
    """A known misspelling, a legacy letter, Latin-1 bytes, or Python text around a unit."""
    found = _attribute_at(walk, item.path)
    text = one_string(found[1].value) if found else None
    if not found or not text or not item.path.endswith("@units"):
        return
    category = item.expected or "NX_ANY"
    better = _better_unit(text, category)
    if better and better != text:
        shown = text.encode("utf-8", "surrogateescape").decode("latin-1")
        yield Fix(item.code, SetAttribute(found[0], "units", better), f"{shown} → {better}")


def _better_unit(text: str, category: str) -> str:
    """The unit that is meant without a doubt, and fits; else empty."""
    plain = text
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        plain = text.encode("utf-8", "surrogateescape").decode("latin-1")
    verdict = units.fit(plain, category)
    if verdict.verdict == "fits":
        return plain
    unpacked = verdict.suggestion and f"'{verdict.suggestion}'" in plain.replace('"', "'")
    sure = verdict.verdict == "ambiguous" or unpacked
    certain = verdict.suggestion if sure else units.spelling(plain)
    other = "" if sure else units.other_spelling(plain)
    if other and units.fit(other, category).verdict == "fits":
        return ""
    if certain and units.fit(certain, category).verdict == "fits":
        return certain
    return ""


def _default_chain(root: GroupView) -> Iterator[Fix]:
    """`default` of the root and of entries, where there is one group it can mean."""
    entries = _of_class(root, "NXentry")
    plottable = {entry.path: [d.path for d in _of_class(entry, "NXdata")] for entry in entries}
    is_one = len(entries) == 1 and not _hides(root, "NXentry")
    if is_one and ("default" in entries[0].attributes or plottable[entries[0].path]):
        yield from _default(root, entries[0].path)
    for entry in entries:
        if len(plottable[entry.path]) == 1 and not _hides(entry, "NXdata"):
            yield from _default(entry, plottable[entry.path][0])


def _default(group: GroupView, only: str) -> Iterator[Fix]:
    """Name the one group there is, unless the group says something else on purpose."""
    stated = group.attributes.get("default")
    text = one_string(stated.value) if stated is not None else ""
    if text and (text in group.links or ("/" in text and not _is_below(group, text, only))):
        return
    name = nxpath.base(only)
    yield Fix("P10", SetAttribute(group.path, "default", name), f"set to {name}")


def _is_below(group: GroupView, text: str, candidate: str) -> bool:
    """A default that is a path leads through the candidate."""
    place = nxpath.resolve(group.path, text)
    return f"{place}/".startswith(f"{candidate}/")


def _hides(group: GroupView, nx_class: str) -> bool:
    """Whether a link to another file leads to a group of a class, or to what is not at hand: a
    choice that may have been meant."""
    for name, link in group.links.items():
        child = group.child(name) if link.kind == "external" else None
        if isinstance(child, Broken) or (is_group(child) and class_of(child) == nx_class):
            return True
    return False


def _of_class(group: GroupView, nx_class: str) -> list[GroupView]:
    """Child groups of a class; those of NXdata only if they have a signal."""
    found = []
    for name, link in group.links.items():
        child = group.child(name) if link.kind != "external" else None
        if not is_group(child) or class_of(child) != nx_class:
            continue
        if nx_class != "NXdata" or "signal" in child.attributes:
            found.append(child)
    return found


_PLANNERS: Final[Mapping[str, Planner]] = {
    "G07": _class,
    "L02": targets.plan,
    "S09": targets.plan,
    "T10": _date,
    "T14": _definition,
    "T16": _unit,
    "U01": _unit,
    "U03": _unit,
    "U04": _unit,
    "U05": _unit,
}
