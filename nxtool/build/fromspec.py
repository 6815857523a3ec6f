"""A SPEC file to a recipe by base classes: every scan an entry with its plot.

Columns become the fields of an NXdata, the first its axis and the last its signal, as SPEC plots
them; positions of motors and the text of the header are kept beside it. A scan that was aborted
before its first point is kept with what it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from nxtool.build.brought import mapping, scalar
from nxtool.errors import SourceError
from nxtool.sources.model import Source, SourceSpec
from nxtool.sources.opener import open_source
from nxtool.yamltree.emit import inline
from nxtool.yamltree.nodes import ListNode, Node

SOURCE: Final = "scans"
"""What the file is called among the sources of the recipe."""
DATE_FORMAT: Final = "%a %b %d %H:%M:%S %Y"
"""How SPEC writes the time at which a scan began."""
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(slots=True)
class _Scan:
    """The selectors of one scan, without its name."""

    name: str
    columns: list[str] = field(default_factory=list)
    motors: list[str] = field(default_factory=list)


def recipe_from_spec(path: Path, *, named: str = "", output: str = "") -> str:
    """A recipe for all scans of the SPEC file at `path`; `named` is the path as the recipe shall
    have it.

    Raises:
        SourceError: the file cannot be read.
    """
    with open_source(SourceSpec(str(path.absolute()), format="spec"), path.parent) as source:
        lines = [line for scan in _scans(source) for line in _entry(source, scan)]
    head = [
        f"# Every scan of {path.name}. The times have no zone: set one before converting.",
        "nxtool: 1",
        "definition: NXentry",
        f"output: {inline(scalar(output or f'{path.stem}.nxs'))}",
        "# defaults: {timezone: Europe/Berlin}",
        f"sources: {{{SOURCE}: {{path: {inline(scalar(named or str(path)))}, format: spec}}}}",
    ]
    return "\n".join([*head, *lines]) + "\n"


def _scans(source: Source) -> list[_Scan]:
    scans: dict[str, _Scan] = {}
    for key in tuple(source.keys()):
        name, _, what = key.partition(":")
        scan = scans.setdefault(name, _Scan(name))
        if what.startswith("@"):
            scan.motors.append(what)
        elif not what.startswith("#") and what not in scan.columns:
            scan.columns.append(what)
    return list(scans.values())


def _entry(source: Source, scan: _Scan) -> Iterator[str]:
    """The lines of one entry."""
    yield ""
    yield f"scan_{scan.name.replace('.', '_')}(NXentry):"
    yield f"  title: {_from(scan, '#title')}"
    date = _text(source, scan, "#date")
    if _is_date(date):
        yield f"  start_time: {_from(scan, '#date', date_format=scalar(DATE_FORMAT))}"
    elif date:
        yield f"  date_text(NX_CHAR): {inline(scalar(date))}"
    if scan.columns:
        names = _names(scan.columns)
        plot = {"signal": scalar(names[-1]), "axes": _list([scalar(names[0])])}
        yield "  data:"
        yield f"    $attrs: {inline(mapping(plot))}"
        yield from _fields(scan, names, scan.columns, "    ")
    if scan.motors:
        yield "  positioners(NXcollection):"
        motors = [motor.removeprefix("@") for motor in scan.motors]
        yield from _fields(scan, _names(motors), scan.motors, "    ")
    yield "  header(NXcollection):"
    yield f"    text: {_from(scan, '#header')}"


def _fields(
    scan: _Scan, names: Sequence[str], selectors: Sequence[str], indent: str
) -> Iterator[str]:
    for name, selector in zip(names, selectors, strict=True):
        label = selector.removeprefix("@")
        more = {"attrs": mapping({"long_name": scalar(label)})} if label != name else {}
        yield f"{indent}{name}(NX_FLOAT): {_from(scan, selector, **more)}"


def _from(scan: _Scan, selector: str, **more: Node) -> str:
    return inline(mapping({"from": scalar(f"{SOURCE}:{scan.name}:{selector}"), **more}))


def _list(items: Sequence[Node]) -> Node:
    return ListNode(tuple(items), items[0].mark)


def _names(labels: Sequence[str]) -> list[str]:
    """NeXus names for labels, each different: `Two Theta` is `Two_Theta`."""
    names: list[str] = []
    for label in labels:
        name = _NOT_A_NAME.sub("_", label).strip("_")[:60] or "column"
        same = sum(re.sub(r"_\d+\Z", "", other) == name for other in names)
        names.append(f"{name}_{same + 1}" if name in names else name)
    return names


def _text(source: Source, scan: _Scan, selector: str) -> str:
    with suppress(SourceError):
        return str(source.array(f"{scan.name}:{selector}").read(0, 1)[()])
    return ""


def _is_date(text: str) -> bool:
    with suppress(ValueError):
        datetime.strptime(text, DATE_FORMAT)  # noqa: DTZ007 - only whether it is one
        return True
    return False
