"""`@target` of links: the absolute path of the original (manual, Links).

A hard link that a definition asks for is a NeXus link only with `@target`. The original is found
by the class path of the definition, or, for soft links, by where they lead. A target is set only
to the path of the very same object.
"""

from __future__ import annotations

from collections.abc import Iterator

from nxtool import nxpath
from nxtool.findings import Finding
from nxtool.fix.model import Fix, SetAttribute
from nxtool.nodeview import FieldView, GroupView, is_field, is_group, one_string
from nxtool.validate.rules.links import class_path
from nxtool.validate.visit import Walk


def plan(walk: Walk, item: Finding) -> Iterator[Fix]:
    """The fix for a link of finding L02 or S09, if the file says where its original is."""
    path = item.path.removesuffix("@target")
    node = walk.lookup(path)
    if not (is_field(node) or is_group(node)) or leaves_file(walk, path):
        return
    original = _original(walk, item, path, node)
    stated = node.attributes.get("target")
    if original and (stated is None or one_string(stated.value) != original):
        edit = SetAttribute(original, "target", original)
        yield Fix(item.code, edit, f"set to {original}, for the link {path}")


def _original(walk: Walk, item: Finding, path: str, node: FieldView | GroupView) -> str:
    """The path of the object itself, reached by hard links alone; empty if that is not clear."""
    if item.code == "S09":
        entry = walk.lookup("/" + path.split("/")[1])
        if not is_group(entry):
            return ""
        same = (n for n in class_path(walk, entry, item.expected) if n.identity == node.identity)
        return next((other.path for other in same if other.path != path), "")
    group = walk.lookup(nxpath.parent(path))
    link = group.links.get(nxpath.base(path)) if is_group(group) else None
    if link is not None and link.kind == "soft":
        return _hard(walk, nxpath.resolve(nxpath.parent(path), link.target), node)
    stated = node.attributes.get("target")
    text = one_string(stated.value) if stated is not None else None
    if text and not text.startswith("/"):
        places = (nxpath.resolve(nxpath.parent(path), text), nxpath.resolve("/", text))
        return next((place for place in places if _hard(walk, place, node)), "")
    return ""


def _hard(walk: Walk, place: str, node: FieldView | GroupView) -> str:
    """`place`, if hard links alone lead from the root to it and it is `node`."""
    step: object = walk.root
    for name in (part for part in place.split("/") if part):
        link = step.links.get(name) if is_group(step) else None
        if link is None or link.kind != "hard" or not is_group(step):
            return ""
        step = step.child(name)
    same = (is_field(step) or is_group(step)) and step.identity == node.identity
    return place if same else ""


def leaves_file(walk: Walk, path: str) -> bool:
    """True where an external link is on the way: the object is in another file."""
    step: object = walk.root
    for name in (part for part in path.split("/") if part):
        if not is_group(step) or step.links[name].kind == "external":
            return True
        step = step.child(name)
    return False
