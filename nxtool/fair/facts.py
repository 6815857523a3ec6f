"""What the walk through a file gathers for the questions: small texts by group, and tallies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A short text in a file, with the attributes `type` and `version` of its field."""

    path: str
    value: str
    type: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group that questions are about; `texts` are its fields of interest by name."""

    path: str
    nx_class: str
    texts: Mapping[str, Text]

    def value(self, name: str) -> str:
        """The text called `name`; empty where there is none."""
        found = self.texts.get(name)
        return found.value if found else ""

    @property
    def identifiers(self) -> list[Text]:
        """The fields identifierNAME that say something."""
        found = self.texts.items()
        return [text for name, text in found if name.startswith("identifier") and text.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """An NXentry and the groups of interest below it, itself first."""

    path: str
    groups: tuple[Group, ...]

    def of(self, *classes: str) -> list[Group]:
        """The groups of these classes."""
        return [group for group in self.groups if group.nx_class in classes]

    def text(self, name: str) -> Text | None:
        """A text of the entry itself or, failing that, of its first NXsubentry that has it."""
        places = [self.groups[0], *self.of("NXsubentry")]
        found = (group.texts.get(name) for group in places)
        return next((text for text in found if text is not None and text.value), None)

    def value(self, name: str) -> str:
        """The same as a mere string; empty where there is none."""
        found = self.text(name)
        return found.value if found else ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another file that the values at `path` need: the name as stored, where that counts from
    (relative to the folder of the file judged), and whether it is missing."""

    path: str
    name: str
    base: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Bare:
    """A number of floating point without units; `target` is where a link says it belongs.

    `judged` tells that the validator knows the place.
    """

    path: str
    target: str
    judged: bool


@dataclass(slots=True)
class Facts:
    """All that was gathered in one file.

    `filters` are the paths behind each filter, by number; `unavailable` the filters that do not
    work here. `units` are paths and reasons of units that cannot be read where no validator
    looks. `sums` are fields with checksums, `noted` NXnotes that hold what theirs is about. `cut`
    tells that the walk ended before the file did.
    """

    root: Group
    entries: list[Entry] = field(default_factory=list)
    filters: dict[int, list[str]] = field(default_factory=dict)
    unavailable: set[int] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    bare: list[Bare] = field(default_factory=list)
    units: list[tuple[str, str]] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    cut: bool = False
