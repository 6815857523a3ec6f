"""Objects of an ICAT file: elements sorted by what the schema says of them.

Nothing is judged here. What the schema does not know is left out, and reported by
`structure`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nxtool.icatlint.read import Element, Form
from nxtool.icatlint.schema import Kind, Member, Schema

Identity = tuple[object, ...]
"""What a reference leads to: equal where it is the same object for certain."""

_BACK: Final = {
    ("dataCollection", "dataPublications"): "content",
    ("dataCollection", "jobsAsInput"): "inputDataCollection",
    ("dataCollection", "jobsAsOutput"): "outputDataCollection",
    ("datafile", "destDatafiles"): "sourceDatafile",
    ("datafile", "sourceDatafiles"): "destDatafile",
}
"""The relation back to the owner where two lead to its kind."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a file is judged by: its format, the schema of it, and the release of ICAT."""

    form: Form
    schema: Schema
    icat: str

    @property
    def strict(self) -> bool:
        """Whether python-icat itself validates files of this format before it reads them."""
        return self.form == "icatingest"


@dataclass(slots=True)
class Item:
    """An object of ICAT. `serial` counts the objects of a file.

    Of several elements of one name the last is in `values` and `ones`, as python-icat has it.
    `back` is the relation to the owner that nesting stands for, empty for an object of its own.
    """

    kind: Kind
    element: Element
    serial: int = 0
    owner: Item | None = None
    back: str = ""
    relation: str = ""
    values: dict[str, Element] = field(default_factory=dict)
    ones: dict[str, Element] = field(default_factory=dict)
    nested: list[Item] = field(default_factory=list)
    leads: dict[str, Identity] = field(default_factory=dict)
    """What its relations lead to, once they were followed."""

    @property
    def id(self) -> str:
        """The local id; empty where there is none."""
        return self.element.attributes.get("id", "")

    @property
    def path(self) -> str:
        """What the object is called in findings: `dataset[Dataset_1]/parameters`."""
        name = self.id
        if self.owner is not None:
            return f"{self.owner.path}/{self.relation}"
        return f"{self.kind.name}[{name}]" if name else self.kind.name

    def text(self, name: str) -> str:
        """The text of an attribute without white space around it; empty where there is none."""
        element = self.values.get(name)
        return "" if element is None else element.text.strip()


def item_of(element: Element, kind: Kind, schema: Schema) -> Item:
    """The object that an element of <data> stands for, with those nested in it."""
    item = Item(kind, element)
    for child in element.children:
        member = kind.members.get(child.name)
        if member is None:
            continue
        if member.role == "value":
            item.values[child.name] = child
        elif member.role == "one":
            item.ones[child.name] = child
        else:
            nested = item_of(child, schema.kinds[member.type], schema)
            nested.owner, nested.relation = item, child.name
            nested.back = _relation_back(kind, member, nested.kind)
            item.nested.append(nested)
    return item


def _relation_back(owner: Kind, member: Member, kind: Kind) -> str:
    ones = (one.name for one in kind.members.values() if one.role == "one")
    fitting = (name for name in ones if kind.members[name].type == owner.name)
    return _BACK.get((owner.name, member.name)) or next(fitting, "")
