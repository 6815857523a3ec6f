"""Mechanical faults of openPMD files and their remedies: the file itself says what is meant.

Codes are those of the rules of openPMD. Nothing is invented: numbers change their type only where
they stay the same, text only how it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np

from nxtool.build.fixedtext import is_fixed
from nxtool.nodeview import Attribute, FieldView, GroupView, NodeView
from nxtool.openpmd import stated
from nxtool.openpmd.header import Header, read_header
from nxtool.revise.model import Revision, Set
from nxtool.revise.tree import objects


class _Kind(NamedTuple):
    """What an attribute must be: its rule, its type (`float` is any), and its rank."""

    code: str
    dtype: str
    rank: int


_NUMBERS: Final = {
    "time": _Kind("IT002", "float", 0),
    "dt": _Kind("IT002", "float", 0),
    "timeUnitSI": _Kind("IT003", "float64", 0),
    "unitSI": _Kind("RC003", "float64", 0),
    "unitDimension": _Kind("RC004", "float64", 1),
    "timeOffset": _Kind("RC005", "float", 0),
    "shape": _Kind("RC007", "uint64", 1),
    "gridSpacing": _Kind("ME006", "float", 1),
    "gridGlobalOffset": _Kind("ME007", "float64", 1),
    "gridUnitSI": _Kind("ME008", "float64", 0),
    "position": _Kind("ME010", "float", 1),
}
_LISTS: Final = {"axisLabels": "ME005"}
"""Attributes of text that are lists even where they hold one."""
_PATHS: Final = {
    "meshesPath": "OP014", "particlesPath": "OP014", "basePath": "OP006",
}  # fmt: skip
DRAFT: Final = 2
_STANDARD_PATH: Final = "/data/%T/"
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)", re.ASCII
)


def remedies(root: GroupView) -> Iterator[Revision]:
    """The edits that mend what is mechanical, each place once."""
    done: set[str] = set()
    header = read_header(root)
    for revision in (*_of_root(root, header), *_of_tree(root, header)):
        if revision.place not in done:
            done.add(revision.place)
            yield revision


def _of_tree(root: GroupView, header: Header) -> Iterator[Revision]:
    for node in objects(root):
        for attribute in node.attributes.values():
            yield from _attribute(node, attribute, header)


def _attribute(
    node: GroupView | FieldView, attribute: Attribute, header: Header
) -> Iterator[Revision]:
    kind = _NUMBERS.get(attribute.name)
    if kind is not None:
        if attribute.name == "gridUnitSI" and header.major == DRAFT:
            kind = kind._replace(rank=1)
        yield from _number(node, attribute, kind)
    elif attribute.name in _LISTS and isinstance(attribute.value, str):
        code, value = _LISTS[attribute.name], (attribute.value,)
        yield Revision(code, Set(node.path, attribute.name, value), "stored as a list of one text")
    else:
        yield from _text(node, attribute)


def _of_root(root: GroupView, header: Header) -> Iterator[Revision]:
    for name, code in _PATHS.items():
        text = stated.text(root, name)
        if text and not text.endswith("/"):
            yield Revision(code, Set("/", name, f"{text}/"), f"{text} → {text}/")
    base = header.base_path if header.base_path.endswith("/") else f"{header.base_path}/"
    astray = header.iteration_format != base and base == _STANDARD_PATH
    if header.encoding == "groupBased" and astray:
        yield Revision("OP009", Set("/", "iterationFormat", base), f"set to basePath, {base}")
    yield from _extension(root, header)
    yield from _date(root)
    for attribute in root.attributes.values():
        yield from _text(root, attribute)


def _extension(root: GroupView, header: Header) -> Iterator[Revision]:
    """The bits of openPMD 1.x in another type of integer."""
    found = root.attributes.get("openPMDextension")
    if found is None or header.is_draft or found.type.kind != "integer":
        return
    yield from _number(root, found, _Kind("OP003", "uint32", 0))


def _date(root: GroupView) -> Iterator[Revision]:
    text = stated.text(root, "date")
    better = openpmd_date(text)
    if better and better != text:
        yield Revision("OP019", Set("/", "date", better), f"{text} → {better}")


def openpmd_date(text: str) -> str:
    """A date and time with its zone in the form of openPMD; empty where it is none.

    >>> openpmd_date("2024-01-02T03:04:05+01:00"), openpmd_date("yesterday")
    ('2024-01-02 03:04:05 +0100', '')
    """
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return ""
    zone = "+0000" if match[3] == "Z" else match[3].replace(":", "")
    try:
        moment = datetime.strptime(f"{match[1]} {match[2]} {zone}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return ""
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")


def _number(node: NodeView, attribute: Attribute, kind: _Kind) -> Iterator[Revision]:
    """A number, or numbers, in the type and rank that are due."""
    if attribute.type.kind not in ("integer", "float") or attribute.value is None:
        return
    values = np.asarray(attribute.value)
    dtype = _due(values, kind)
    if values.dtype == dtype and values.ndim == kind.rank:
        return
    if values.ndim > 1 or (kind.rank == 0 and values.size != 1) or not values.size:
        return
    with np.errstate(all="ignore"):
        cast = values.astype(dtype)
    if not _same(cast, values):
        return
    shaped: Any = cast.reshape(-1) if kind.rank else cast.reshape(-1)[0]
    message = f"{_shown(attribute.type.text, values.ndim)} → {_shown(dtype.name, kind.rank)}"
    yield Revision(kind.code, Set(node.path, attribute.name, shaped), message)


def _shown(name: str, rank: int) -> str:
    return f"{name} array" if rank else name


def _due(values: np.ndarray[Any, Any], kind: _Kind) -> np.dtype[Any]:
    """The type that is due; any float stays what it is where all are allowed."""
    if kind.dtype != "float":
        return np.dtype(kind.dtype)
    return values.dtype if values.dtype.kind == "f" else np.dtype("float64")


def _same(cast: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> bool:
    """Whether all numbers are what they were; a negative one is no uint64."""
    floats = cast.dtype.kind == "f" and values.dtype.kind == "f"
    kept = bool(np.array_equal(cast, values, equal_nan=floats))
    return kept and bool((np.signbit(values) == np.signbit(cast)).all())


def _text(node: NodeView, attribute: Attribute) -> Iterator[Revision]:
    """Text of variable length, or UTF-8, that fixed-length ASCII can hold."""
    if attribute.type.kind != "string" or attribute.type.size or not attribute.value:
        return
    value = attribute.value
    texts = (value,) if isinstance(value, str) else tuple(value)
    if all(map(is_fixed, texts)) and attribute.shape in ((), (len(texts),)):
        new = texts[0] if attribute.shape == () else texts
        yield Revision("OP021", Set(node.path, attribute.name, new), "stored with a fixed length")
