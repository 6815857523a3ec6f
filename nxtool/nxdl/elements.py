"""What an NXDL file says, element by element, before any inheritance.

The names are those of `nxdl.xsd`. A facet that the file does not state is None, so that a
compiler can tell "not stated" from a default. Every element knows its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

NameType = Literal["specified", "any", "partial"]
Category = Literal["base", "application"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What one element states about how often it must stand in a file (NXDL manual, table
    "optional, recommended, minOccurs"); `max_occurs` is -1 for unbounded."""

    min_occurs: int | None = None
    max_occurs: int | None = None
    optional: bool | None = None
    recommended: bool | None = None


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The values a field or attribute may take; an open one only suggests."""

    items: tuple[str, ...]
    open: bool
    line: int


@dataclass(frozen=True, slots=True)
class Dim:
    """The length of one dimension: `value` is a number, a symbol or an expression of symbols.

    `index` counts from 1. `required` is False where the dimension may be absent.
    """

    index: int
    value: str | None
    required: bool
    line: int


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Rank (a number, a symbol or prose; None if not stated) and lengths of an array."""

    rank: str | None
    dims: tuple[Dim, ...]
    doc: str
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class AttributeElement:
    """`<attribute>`: of a definition, group or field."""

    name: str
    type: str | None
    name_type: NameType
    occurrence: Occurrence
    enumeration: Enumeration | None
    dimensions: Dimensions | None
    deprecated: str | None
    doc: str
    line: int

    @property
    def label(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class FieldElement:
    """`<field>`; `units` is a category such as NX_LENGTH or an example such as `eV/mm`."""

    name: str
    type: str | None
    name_type: NameType
    units: str | None
    occurrence: Occurrence
    enumeration: Enumeration | None
    dimensions: Dimensions | None
    attributes: tuple[AttributeElement, ...]
    deprecated: str | None
    doc: str
    line: int

    @property
    def label(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class LinkElement:
    """`<link>`: a name that must be a link, and a class path to what it should lead to."""

    name: str
    target: str
    doc: str
    line: int

    @property
    def label(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class GroupElement:
    """`<group>`, or the body of a `<definition>`; `name` is None where the class alone counts."""

    name: str | None
    type: str
    name_type: NameType
    occurrence: Occurrence
    attributes: tuple[AttributeElement, ...]
    fields: tuple[FieldElement, ...]
    groups: tuple[GroupElement, ...]
    choices: tuple[ChoiceElement, ...]
    links: tuple[LinkElement, ...]
    deprecated: str | None
    doc: str
    line: int

    @property
    def label(self) -> str:
        """The name, or the class in upper case where no name is given: `NXdetector` → `DETECTOR`.

        NeXus itself writes unnamed groups so in class paths (manual, "NXDL paths").
        """
        return self.name or self.type.removeprefix("NX").upper()


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceElement:
    """`<choice>`: one name, several groups that may stand under it."""

    name: str
    groups: tuple[GroupElement, ...]
    doc: str
    line: int

    @property
    def label(self) -> str:
        """The name."""
        return self.name


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One NXDL file.

    `body` holds the children of the definition itself. `extends` is None for NXobject and NXroot.
    `symbols` maps each declared symbol to its doc.
    """

    name: str
    category: Category
    extends: str | None
    body: GroupElement
    symbols: dict[str, str]
    ignore_extra_groups: bool
    ignore_extra_fields: bool
    ignore_extra_attributes: bool
    deprecated: str | None
    path: Path

    @property
    def doc(self) -> str:
        """The text of the definition, as written (reStructuredText)."""
        return self.body.doc


Element: TypeAlias = "GroupElement | FieldElement | AttributeElement | LinkElement | ChoiceElement"
