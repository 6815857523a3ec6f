"""A file among the files of its series (STANDARD.md, "Iterations and time series")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nxtool.findings import Finding
from nxtool.nodeview import GroupView, is_group, node_at
from nxtool.openpmd import stated
from nxtool.openpmd.model import iteration_names
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.series import pattern_of

_SAME: Final = ("openPMD", "openPMDextension", "meshesPath", "particlesPath", "author", "software")


@dataclass(slots=True)
class Others:
    """What the first file of a series declared, by attribute."""

    declared: dict[str, str] = field(default_factory=dict)
    first: str = ""


def of_series(asking: Asking, root: GroupView, path: Path) -> Iterator[Finding]:
    """One iteration in each file, and a name that says which."""
    if asking.header.encoding != "fileBased":
        return
    place = node_at(root, asking.header.iterations_path)
    numbers = [number for number, _ in iteration_names(place)] if is_group(place) else []
    if len(numbers) != 1:
        message = f"holds {len(numbers)} iterations, and each file should hold one"
        yield asking.tell("OP012", asking.header.iterations_path, message, found=len(numbers))
    form = asking.header.iteration_format
    pattern = pattern_of(form if "." in form else form + path.suffix)
    if pattern is None or "/" in form:
        return  # OP010 told
    match = pattern.fullmatch(path.name)
    if match is None:
        message = f"is {form!r}, but the file is called {path.name!r}"
        yield asking.of_attribute("OP011", root, "iterationFormat", message, "name")
    elif len(numbers) == 1 and int(match[1]) != numbers[0]:
        message = f"the file is called {path.name!r}, but holds iteration {numbers[0]}"
        yield asking.of_attribute("OP011", root, "iterationFormat", message, "number")


def alike(asking: Asking, root: GroupView, path: Path, others: Others) -> Iterator[Finding]:
    """All files of a series declare the same; the first one says what."""
    declared = {name: _told(root, name) for name in (*_SAME, "iterationEncoding")}
    if not others.first:
        others.declared, others.first = declared, path.name
        return
    for name, text in declared.items():
        if text != others.declared[name]:
            message = (
                f"is {text or 'missing'}, in {others.first} {others.declared[name] or 'missing'}"
            )
            is_encoding = name == "iterationEncoding"
            yield asking.of_attribute(
                "OP013", root, name, message, "encoding" if is_encoding else "other",
                severity="error" if is_encoding else "warning",
            )  # fmt: skip


def _told(root: GroupView, name: str) -> str:
    words = stated.text(root, name)
    if words:
        return repr(words)
    number = stated.number(root, name)
    return "" if number is None else f"{number:g}"
