"""Where requests lead in a file: groups with their concepts, and what must not be touched."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from nxtool import nxpath
from nxtool.archive.layout import EMBEDDED, GROUP
from nxtool.archive.tables import datasets_in, entries_of, inside
from nxtool.editing.model import Request
from nxtool.findings import Finding
from nxtool.nodeview import Broken, GroupView, Unreadable, is_group
from nxtool.recipe.checks import did_you_mean, mistake
from nxtool.schema.compile import Schema
from nxtool.validate.engine import visit_at
from nxtool.validate.visit import GroupVisit, Options, Walk, control_text
from nxtool.yamltree.nodes import Scalar


@dataclass(frozen=True, slots=True)
class Place:
    """A name in a group, and the attribute of the object there, if one is meant.

    The name is empty for attributes of `group` itself; the last name of the path may say its type.
    """

    group: GroupVisit
    key: Scalar
    attribute: str

    @property
    def name(self) -> str:
        """The name without its type."""
        return self.key.text.partition("(")[0]

    @property
    def path(self) -> str:
        """The object."""
        return nxpath.join(self.group.path, self.name) if self.name else self.group.path


class Places:
    """The places of one open file."""

    def __init__(self, root: GroupView, schema: Schema, options: Options) -> None:
        self._walk = Walk(root, schema, options)
        self._known: dict[str, GroupVisit | None] = {}

    def find(self, request: Request, problems: list[Finding]) -> Place | None:
        """Where a request leads; None, with a problem, where it leads nowhere or must not."""
        target, at, attribute = request.place.rpartition("@")
        if not at:
            target, attribute = request.place, ""
        parts = target.strip("/").split("/") if target != "/" else []
        if not target.startswith("/") or not all(parts) or not {".", ".."}.isdisjoint(parts):
            message = f"{request.place!r} is not an absolute path"
            problems.append(mistake("R02", request.mark, message, "like /entry/sample/name"))
            return None
        group = self._descend(request, parts[:-1], problems)
        if group is None:
            return None
        last = parts[-1] if parts else ""
        place = Place(group, Scalar(last, last, request.mark), attribute)
        return self._allowed(request, place, problems)

    def group(self, path: str) -> GroupVisit | None:
        """The group at `path`, with its concept; None where there is none."""
        if path not in self._known:
            self._known[path] = visit_at(self._walk, path)
        return self._known[path]

    def _descend(
        self, request: Request, parts: list[str], problems: list[Finding]
    ) -> GroupVisit | None:
        """The group at the end of a way, if it is in this file."""
        path = "/"
        for name in parts:
            group = self.group(path)
            assert group is not None  # noqa: S101 - the step before led here
            link = group.view.links.get(name)
            below = nxpath.join(path, name)
            if link is not None and link.kind == "external":
                message = f"{below} is in another file, {link.file}"
                problems.append(mistake("R02", request.mark, message, "edit that file"))
                return None
            if self.group(below) is None:
                hint = did_you_mean(name, group.group_children) or "groups are not made here"
                message = f"there is no group {name!r} in {path}"
                problems.append(mistake("R01", request.mark, message, hint))
                return None
            path = below
        return self.group(path)

    def _allowed(self, request: Request, place: Place, problems: list[Finding]) -> Place | None:
        """The place, unless it is in another file, or is what nxtool has put on record."""
        if any(f"{place.path}/".startswith(f"{path}/") for path in self.records):
            message = f"{place.path} is the record of nxtool"
            problems.append(mistake("R02", request.mark, message, "it is not edited"))
            return None
        link = place.group.view.links.get(place.name)
        is_unlinked = request.value is None and not place.attribute
        if link is not None and link.kind == "external" and not is_unlinked:
            message = f"{place.path} is in another file, {link.file}"
            problems.append(mistake("R02", request.mark, message, "edit that file"))
            return None
        return place

    @cached_property
    def records(self) -> list[str]:
        """The groups of entries that nxtool keeps its records in."""
        found = []
        for entry in entries_of(self._walk.root):
            for name in entry.links:
                if name.startswith(GROUP):
                    group = inside(entry, name)
                    if is_group(group) and control_text(group, "program") == GROUP:
                        found.append(group.path)
        return found

    @cached_property
    def raw_parts(self) -> set[Hashable]:
        """The datasets whose values are part of raw files that the file keeps."""
        found: set[Hashable] = set()
        for path in self.records:
            group = self._walk.lookup(nxpath.join(path, EMBEDDED))
            try:
                names = datasets_in(group) if is_group(group) else ()
            except Unreadable:
                continue
            nodes = map(self._walk.lookup, names)
            found |= {node.identity for node in nodes if not isinstance(node, Broken)}
        return found
