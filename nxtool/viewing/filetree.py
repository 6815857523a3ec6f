"""The rows of a file that is looked at: groups are read when they are opened.

Reading is for a thread; making rows of what was read costs nothing and touches no file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.hdf5.opening import Hdf5File
from nxtool.schema.compile import ENTRY_CLASSES
from nxtool.viewing.listing import PAGE, ROOT, FileRow, Listing, list_group

if TYPE_CHECKING:
    from nxtool.authoring.document import Names
    from nxtool.schema.compile import Schema

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
        with Hdf5File(self.path) as file:
            found = self._with(file, ROOT, PAGE)
            root = found.listings.get(ROOT)
            rows = root.rows if root is not None else ()
            entries = [row.names for row in rows if row.nx_class in ENTRY_CLASSES]
            for names in entries[:ENTRIES]:
                found = found._with(file, names, PAGE)
            return found

    def opened(self, names: Names) -> FileTree:
        """With the first names of a group, or the next ones where some are known already.

        Raises:
            FileUnreadable: the file cannot be opened.
        """
        known = self.listings.get(names)
        count = len(known.rows) + PAGE if known is not None else PAGE
        with Hdf5File(self.path) as file:
            return self._with(file, names, count)

    def reaching(self, path: str) -> FileTree:
        """With all groups on the way to an HDF5 path, as far as there are any.

        Raises:
            FileUnreadable: the file cannot be opened.
        """
        parts = [part for part in path.partition("@")[0].split("/") if part]
        found = self
        with Hdf5File(self.path) as file:
            for depth, part in enumerate(parts):
                names = (*ROOT, *parts[:depth])
                if not found._knows(names, part):
                    found = found._with(file, names, PAGE, part)
        return found

    def _knows(self, names: Names, part: str) -> bool:
        listing = self.listings.get(names)
        return listing is not None and any(row.names[-1] == part for row in listing.rows)

    def again(self) -> FileTree:
        """What is there now of all that was read; groups that are gone are left out.

        Raises:
            FileUnreadable: the file cannot be opened, a writer may be at it.
        """
        found = FileTree(self.path, self.schema)
        with Hdf5File(self.path) as file:
            for names, listing in self.listings.items():
                found = found._with(file, names, max(PAGE, len(listing.rows)))
        return found

    def _with(self, file: Hdf5File, names: Names, count: int, to: str = "") -> FileTree:
        listing = list_group(file, self.schema, names, count, to)
        if listing is None:
            return self
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
