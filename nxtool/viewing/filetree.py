"""The rows of a file that is looked at: groups are read when they are opened.

Reading is for a thread; making rows of what was read costs nothing and touches no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.nodeview import GroupView
from nxtool.nxdl.catalogue import Catalogue
from nxtool.openpmd.header import is_openpmd, read_header
from nxtool.openpmd.opening import open_tree
from nxtool.openpmd.recognising import is_nexus
from nxtool.schema.compile import ENTRY_CLASSES, Schema
from nxtool.viewing import openpmdroles
from nxtool.viewing.listing import PAGE, ROOT, FileRow, Listing, list_group

if TYPE_CHECKING:
    from nxtool.authoring.document import Names

ENTRIES: Final = 5
"""So many entries are opened with the file."""


@dataclass(frozen=True, slots=True)
class FileTree:
    """What was read of a file, by the names of the groups. Each reading gives a new one."""

    path: Path
    schema: Schema
    listings: dict[Names, Listing] = field(default_factory=dict)

    def begun(self) -> FileTree:
        """With the names at the top, and those of the first entries.

        Raises:
            FileUnreadable: the file cannot be opened.
        """
        with open_tree(self.path) as root:
            found = self._suited(root)._with(root, ROOT, PAGE)
            for names in found._first(root):
                found = found._with(root, names, PAGE)
            return found

    def _suited(self, root: GroupView) -> FileTree:
        """With no definitions to judge by where the file is not NeXus, only openPMD."""
        plain = is_openpmd(root) and not is_nexus(root)
        return replace(self, schema=Schema(Catalogue([]))) if plain else self

    def _first(self, root: GroupView) -> list[Names]:
        """The groups to be opened with the file."""
        top = self.listings.get(ROOT)
        rows = top.rows if top is not None else ()
        entries = [row.names for row in rows if row.nx_class in ENTRY_CLASSES][:ENTRIES]
        if entries or not is_openpmd(root):
            return entries
        return [names_of(path) for path in openpmdroles.first_places(root, read_header(root))]

    def opened(self, names: Names) -> FileTree:
        """With the first names of a group, or the next ones where some are known already.

        Raises:
            FileUnreadable: the file cannot be opened.
        """
        known = self.listings.get(names)
        count = len(known.rows) + PAGE if known is not None else PAGE
        with open_tree(self.path) as root:
            return self._with(root, names, count)

    def reaching(self, path: str) -> FileTree:
        """With all groups on the way to an HDF5 path, as far as there are any.

        Raises:
            FileUnreadable: the file cannot be opened.
        """
        parts = [part for part in path.partition("@")[0].split("/") if part]
        found = self
        with open_tree(self.path) as root:
            for depth, part in enumerate(parts):
                names = (*ROOT, *parts[:depth])
                if not found._knows(names, part):
                    found = found._with(root, names, PAGE, part)
        return found

    def _knows(self, names: Names, part: str) -> bool:
        listing = self.listings.get(names)
        return listing is not None and any(row.names[-1] == part for row in listing.rows)

    def again(self) -> FileTree:
        """What is there now of all that was read; groups that are gone are left out.

        Raises:
            FileUnreadable: the file cannot be opened, a writer may be at it.
        """
        found = replace(self, listings={})
        with open_tree(self.path) as root:
            for names, listing in self.listings.items():
                found = found._with(root, names, max(PAGE, len(listing.rows)))
        return found

    def _with(self, root: GroupView, names: Names, count: int, to: str = "") -> FileTree:
        listing = list_group(root, self.path, self.schema, names, count, to)
        if listing is None:
            return self
        if is_openpmd(root):
            roles = openpmdroles.Roles(root, read_header(root))
            for row in (listing.group, *listing.rows):
                row.role = roles.of(row.path)
        return replace(self, listings={**self.listings, names: listing})

    def rows(self, *, by_definition: bool = False) -> list[FileRow]:
        """The file as rows, its names in the order of the file, or in that of the definition; then
        what is missing has rows, too."""
        root = self.listings.get(ROOT)
        return [self._filled(root.group, by_definition=by_definition)] if root is not None else []

    def _filled(self, row: FileRow, *, by_definition: bool) -> FileRow:
        listing = self.listings.get(row.names)
        if listing is None or row.below is not None:
            return replace(row)
        shown = list(listing.rows)
        if by_definition:
            shown = sorted((*shown, *listing.missing), key=lambda one: one.rank)
        below = [self._filled(one, by_definition=by_definition) for one in shown]
        concept = listing.group.concept or row.concept
        return replace(row, concept=concept, below=[*below, *_unread(row, listing)])


def _unread(row: FileRow, listing: Listing) -> Iterator[FileRow]:
    """The row that stands for the names that were not looked at."""
    rest = listing.total - len(listing.rows)
    if rest > 0:
        yield FileRow(
            (*row.names, ""), row.path, f"… {rest:,} more", "field", None, depth=row.depth + 1,
            unread=rest,
        )  # fmt: skip


def names_of(path: str) -> Names:
    """The names of the row at an HDF5 path, an attribute's owner for that of an attribute.

    >>> names_of("/entry/data@signal")
    ('/', 'entry', 'data')
    """
    return (*ROOT, *(part for part in path.partition("@")[0].split("/") if part))
