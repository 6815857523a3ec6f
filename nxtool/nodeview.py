"""The tree a validator looks at, whatever it is stored in.

An HDF5 file, a build plan that is not written yet, an openPMD JSON file and an
HSDS domain all offer these views, so every rule exists once. Views are
read-only; numbers and strings come as plain Python or numpy values.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from nxtool import nxpath

if TYPE_CHECKING:
    from typing_extensions import TypeIs

TypeKind = Literal[
    "string",
    "integer",
    "float",
    "boolean",
    "complex",
    "enum",
    "compound",
    "opaque",
    "reference",
    "array",
    "vlen",
    "bitfield",
    "other",
]
"""The class of an element type; `boolean` is the FALSE/TRUE enum that h5py writes."""


@dataclass(frozen=True, slots=True)
class ElementType:
    """The type of one element, as stored.

    `size` is in bytes, 0 for strings of variable length and for numbers whose width the format
    does not say; `signed` says whether an integer can be negative; `members` names the fields of a
    compound or the words of an enum; `text` is what people read, for instance `uint16`, `>f4`,
    `string`. `utf8` tells strings marked as UTF-8 from those marked as ASCII; to NeXus they are
    the same type, so it does not count where types are compared.
    """

    kind: TypeKind
    size: int
    text: str
    signed: bool = True
    members: tuple[str, ...] = ()
    utf8: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute, read.

    `shape` is `()` for a scalar and None for a null dataspace. `value` is a `str`, a number, a
    list of `str` or a numpy array; None for kinds of values no rule looks at, and where the value
    could not be read: then `problem` says why. Bytes that are not UTF-8 stand in a `str` as
    surrogates (PEP 383).
    """

    name: str
    type: ElementType
    shape: tuple[int, ...] | None
    value: Any
    problem: str = ""

    @property
    def text(self) -> str | None:
        """The value as one string: a scalar string, or an array of one string; else None."""
        return one_string(self.value)


def one_string(value: object) -> str | None:
    """`value` as one string: a scalar string, or a sequence that holds just one; else None.

    >>> one_string(["NXentry"]), one_string(3)
    ('NXentry', None)
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return None


@dataclass(frozen=True, slots=True)
class Link:
    """How a name stands in its group.

    `hard` links have no target text; `soft` ones an HDF5 path; `external` ones a file and a path.
    """

    name: str
    kind: Literal["hard", "soft", "external", "other"]
    target: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """How a field is laid out.

    `chunks` is None unless chunked; `filters` are (id, name, available here) in the order of
    the pipeline; `files` are the other files that virtual or external values lie in, by the names
    stored, `missing_files` those of them that cannot be found; `inside` are the paths of virtual
    values that lie in the same file, where links may lead on.
    """

    layout: Literal["compact", "contiguous", "chunked", "virtual", "external", "planned"]
    chunks: tuple[int, ...] | None = None
    filters: tuple[tuple[int, str, bool], ...] = ()
    missing_files: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    stored_bytes: int | None = None
    inside: tuple[str, ...] = ()


class NodeView(Protocol):
    """What groups and fields share."""

    @property
    def name(self) -> str: ...
    @property
    def path(self) -> str:
        """Absolute HDF5 path by which the node was reached."""

    @property
    def attributes(self) -> Mapping[str, Attribute]: ...
    @property
    def identity(self) -> Hashable:
        """Equal for two views of the same stored object."""


class FieldView(NodeView, Protocol):
    """A dataset."""

    @property
    def kind(self) -> Literal["field"]: ...
    @property
    def type(self) -> ElementType: ...
    @property
    def shape(self) -> tuple[int, ...] | None:
        """`()` for a scalar, None for a null dataspace."""

    @property
    def storage(self) -> Storage: ...
    def read(self) -> Any:
        """The whole value: `str`, number, list of `str` (flattened) or numpy array.

        Raises:
            Unreadable: where the stored bytes cannot be decoded.
        """

    def blocks(self, max_bytes: int) -> Sequence[tuple[slice, ...]]:
        """Selections of at most about `max_bytes` each that cover the field, in order."""

    def read_block(self, block: tuple[slice, ...]) -> Any:
        """One selection, as `read` gives it; slices may have a positive step. Raises `Unreadable`
        likewise."""


class GroupView(NodeView, Protocol):
    """A group."""

    @property
    def kind(self) -> Literal["group"]: ...
    @property
    def links(self) -> Mapping[str, Link]:
        """Names in the group, in a stable order."""

    def child(self, name: str) -> Child:
        """The node behind a name of `links`; never raises."""

    def rest(self) -> None:
        """Give back handles, keep what was read."""

    def forget(self) -> None:
        """Give back what was kept of links and attributes; it will be read again if asked for."""


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands behind a name when it is neither group nor field.

    `dangling` is True where a link leads nowhere; False where an object is there but cannot be
    opened, or is a named datatype. `reason` is a clause for people. `quiet` says that there is
    nothing to tell: a named datatype is no fault, an object outside a plan is not judged.
    """

    reason: str
    dangling: bool = False
    missing_file: str = ""
    quiet: bool = False
    kind: Literal["broken"] = "broken"


Child: TypeAlias = "GroupView | FieldView | Broken"


def is_group(node: object) -> TypeIs[GroupView]:
    """True for a group. Asks the node: `isinstance` on a protocol costs a hundred times more."""
    return getattr(node, "kind", None) == "group"


def is_field(node: object) -> TypeIs[FieldView]:
    """True for a field."""
    return getattr(node, "kind", None) == "field"


def node_at(top: GroupView, path: str) -> Child:
    """The node at `path` below `top`, name by name; a `Broken` with the deepest good prefix."""
    node: Child = top
    reached = top.path
    for name in (part for part in path.split("/") if part):
        if not is_group(node) or name not in node.links:
            return Broken(f"{reached} has no {name!r}", dangling=True)
        node = node.child(name)
        if isinstance(node, Broken):
            return node
        reached = nxpath.join(reached, name)
    return node


class Unreadable(Exception):
    """A stored value cannot be decoded; the text says why (missing filter, truncated chunk)."""
