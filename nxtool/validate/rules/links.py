"""Links (L01, L02, L04, S09)."""

from __future__ import annotations

from collections.abc import Iterator

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.nodeview import Broken, FieldView, GroupView, NodeView, is_field, is_group, one_string
from nxtool.schema.compile import ENTRY_CLASSES
from nxtool.schema.concepts import LinkConcept
from nxtool.validate.visit import ChildVisit, FieldVisit, GroupVisit, Walk, class_of, finding


def of_group(visit: GroupVisit) -> Iterator[Finding]:
    """The links in one group."""
    for child in visit.children.values():
        if isinstance(child.node, Broken):
            yield from _broken(visit, child, child.node)
        else:
            yield from _untold(child, child.node)
            if is_group(child.node) and child.link.kind != "external":
                yield from _target(visit.walk, child.node, child.path)
            if "napimount" in child.node.attributes:
                path = nxpath.attribute(child.path, "napimount")
                yield finding("L04", path, "is how older files mount another file")
    for link in visit.concept.links.values() if visit.concept else ():
        wanted = visit.children.get(link.name)
        if wanted is not None and not isinstance(wanted.node, Broken):
            yield from _declared(visit, wanted, wanted.node, link)


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The target of one field, told once for all its names."""
    if visit.link.kind != "external":
        yield from _target(visit.walk, visit.view, visit.path)


def _broken(visit: GroupVisit, child: ChildVisit, node: Broken) -> Iterator[Finding]:
    if node.quiet:
        return
    if not node.dangling:
        yield finding("T18", child.path, f"cannot be opened: {node.reason}")
        return
    lenient = bool(node.missing_file) and visit.walk.options.allow_missing_external
    yield finding(
        "L01",
        child.path,
        f"{child.link.kind} link leads nowhere: {node.reason}",
        severity="warning" if lenient else "error",
        found=f"{child.link.file}:{child.link.target}".strip(":"),
    )


def _untold(child: ChildVisit, node: FieldView | GroupView) -> Iterator[Finding]:
    if child.link.kind == "soft" and "target" not in node.attributes:
        message = "soft link to an object without target"
        yield finding("L02", child.path, message, severity="info")


def _target(walk: Walk, node: FieldView | GroupView, at: str) -> Iterator[Finding]:
    """@target: the absolute path of the original (manual, Links)."""
    attribute = node.attributes.get("target")
    if attribute is None:
        return
    path = nxpath.attribute(at, "target")
    text = one_string(attribute.value)
    if text is None or not text.startswith("/"):
        yield finding("L02", path, f"{text!r} is not an absolute path")
        return
    original = walk.lookup(text)
    if isinstance(original, Broken):
        yield finding("L02", path, f"{text!r} leads nowhere: {original.reason}", found=text)
    elif original.identity != node.identity:
        message = f"{text!r} is another object"
        yield finding("L02", path, message, severity="warning", found=text)


def _declared(
    visit: GroupVisit, child: ChildVisit, node: FieldView | GroupView, link: LinkConcept
) -> Iterator[Finding]:
    """A name that the definition declares as a link."""
    originals = [
        node for entry in _entries(visit) for node in class_path(visit.walk, entry, link.target)
    ]
    is_same = any(other.identity == node.identity for other in originals)
    target = node.attributes.get("target")
    text = one_string(target.value) if target is not None else None
    if is_same and (text is not None or child.link.kind != "hard"):
        return
    if child.link.kind == "hard" and text in (None, child.path):
        fault = "is a link without target" if is_same else "is no link"
        yield finding(
            "S09",
            child.path,
            f"{fault}; the definition wants a link to {link.target}",
            expected=link.target,
            anchor=link.anchor,
        )
        return
    if originals:
        yield finding(
            "S09",
            child.path,
            f"does not lead to {link.target}",
            severity="warning",
            expected=link.target,
            anchor=link.anchor,
        )


def _entries(visit: GroupVisit) -> Iterator[GroupView]:
    """The subentry and the entry around a group: either may hold the original."""
    around: GroupVisit | None = visit
    while around is not None:
        if around.nx_class in ENTRY_CLASSES:
            yield around.view
        around = around.parent


def class_path(walk: Walk, entry: GroupView, target: str) -> Iterator[NodeView]:
    """Nodes that `/NXentry/NXinstrument/detector:NXdetector/data` may mean, within one entry."""
    segments = [part for part in target.split("/") if part]
    places: list[FieldView | GroupView] = [entry]
    for segment in segments[1:]:
        places = [
            node for place in places if is_group(place) for node in _step(walk, place, segment)
        ]
    yield from places


def _step(walk: Walk, group: GroupView, segment: str) -> Iterator[FieldView | GroupView]:
    name, _, nx_class = segment.rpartition(":")
    if segment.startswith("NX"):
        name, nx_class = "", segment
    elif not name:
        name, nx_class = segment, ""
    for child_name in [name] if name else group.links:
        node = group.child(child_name) if child_name in group.links else None
        if is_group(node) and nx_class:
            if walk.schema.is_a(class_of(node), nx_class):
                yield node
        elif (is_field(node) or is_group(node)) and name:
            yield node
