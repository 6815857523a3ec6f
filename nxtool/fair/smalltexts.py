"""Small texts of a file: which fields the questions are about, and their values within bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from nxtool.fair.facts import Group, Text
from nxtool.nodeview import Attribute, FieldView, GroupView, Unreadable, is_field, one_string

MOST_TEXTS: Final = 200
"""How many fields of one group are read."""
MOST_ITEMS: Final = 64
"""Longer arrays of texts are not read."""
MOST_BYTES: Final = 64 * 1024
"""What a field may take, and a chunk of it."""
MOST_LETTERS: Final = 4096
"""How much of a text is kept."""

_ANYWHERE: Final = re.compile(
    r"identifier.*|licen[sc]e.*|rights.*|spdx.*|fund.*|grant.*|award.*", re.I
)
_OF_LICENCE: Final = re.compile(r"url|name|type|data|description|id", re.I)
_ENTRY: Final = frozenset(
    ("title", "experiment_identifier", "entry_identifier_uuid", "definition", "start_time",
     "end_time", "program_name")
)  # fmt: skip
_WANTED: Final[Mapping[str, frozenset[str]]] = {
    "NXentry": _ENTRY,
    "NXsubentry": _ENTRY,
    "NXuser": frozenset(
        ("name", "role", "affiliation", "address", "telephone_number", "email",
         "facility_user_id", "ORCID")
    ),
    "NXsample": frozenset(("name", "chemical_formula", "type")),
    "NXinstrument": frozenset(("name", "time_zone")),
    "NXsource": frozenset(("name", "probe")),
    "NXprocess": frozenset(("program", "version")),
    "NXcite": frozenset(("doi", "url")),
    "NXnote": frozenset(("checksum", "algorithm")),
    "NXcollection": frozenset(("program", "version")),
    "NXparameters": frozenset(),
    "": frozenset(),
}  # fmt: skip
"""The classes that questions are about, and the fields of interest in each."""


def is_of_interest(nx_class: str) -> bool:
    """Whether any question is about groups of this class."""
    return nx_class in _WANTED


def is_licence(name: str) -> bool:
    """Whether a name says that a licence stands there.

    >>> is_licence("license"), is_licence("Licence_URL"), is_licence("licensee")
    (True, True, False)
    """
    return re.fullmatch(r"(licen[sc]e|rights|spdx)(_.*|id|url)?", name, re.I) is not None


def group_of(view: GroupView, nx_class: str) -> Group:
    """The group as the questions see it: fields of interest, and texts of its attributes."""
    texts: dict[str, Text] = {}
    for name in view.links:
        if len(texts) >= MOST_TEXTS:
            break
        if not _is_wanted(nx_class, view.name, name):
            continue
        node = view.child(name)
        if is_field(node):
            texts[name] = Text(
                node.path, text_of(node), _said(node, "type"), _said(node, "version")
            )
    return Group(view.path, nx_class, {**attribute_texts(view), **texts})


def attribute_texts(view: GroupView) -> dict[str, Text]:
    """The attributes of a group that hold one text, named like `@version`."""
    return {
        f"@{name}": Text(f"{view.path}@{name}", _short(attribute))
        for name, attribute in view.attributes.items()
        if _short(attribute)
    }


def _is_wanted(nx_class: str, group: str, name: str) -> bool:
    if name in _WANTED[nx_class] or _ANYWHERE.fullmatch(name):
        return True
    return is_licence(group) and _OF_LICENCE.fullmatch(name) is not None


def text_of(field: FieldView) -> str:
    """The text in a small field, several with commas between; a whole number counts as text.

    Empty where there is none, where it is large, and where it cannot be read.
    """
    if field.shape is None or field.type.kind not in ("string", "integer"):
        return ""
    items = math.prod(field.shape)
    if not 0 < items <= (MOST_ITEMS if field.type.kind == "string" else 1):
        return ""
    chunk = math.prod(field.storage.chunks or ())
    if max(items, chunk) * max(1, field.type.size) > MOST_BYTES:
        return ""
    try:
        return _joined(field.read())
    except Unreadable:
        return ""


def _joined(value: object) -> str:
    text = one_string(value)
    if text is not None:
        return text.strip()[:MOST_LETTERS]
    if isinstance(value, list):
        return ", ".join(map(str, value))[:MOST_LETTERS]
    return str(value).strip("[] ")[:MOST_LETTERS] if value is not None else ""


def _said(field: FieldView, name: str) -> str:
    attribute = field.attributes.get(name)
    return _short(attribute) if attribute is not None else ""


def _short(attribute: Attribute) -> str:
    return (attribute.text or "").strip()[:MOST_LETTERS]
