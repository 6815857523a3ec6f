"""A file as `nxtool show` prints it: text for people, a dictionary for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nxtool.defaultplot import DefaultPlot, NoPlot
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, Styled, joined, line, styled
from nxtool.report.tree import Branch, tree_lines
from nxtool.show import Item
from nxtool.storage.filters import filter_name


def file_lines(
    name: str, top: Item, plot: DefaultPlot | NoPlot, *, attributes: bool = False
) -> Iterator[Line]:
    """The tree of a file, and a last line about its default plot."""
    branch = _branch(top, attributes=attributes)
    branch.text = styled(name, "title") + branch.text
    yield from tree_lines(branch)
    if isinstance(plot, NoPlot):
        yield line("no default plot: ", f"{plot.path} {plot.reason}")
    else:
        axes = ", ".join(axis.rpartition("/")[2] if axis else "." for axis in plot.axes)
        over = f" over {axes}" if axes else ""
        yield line("default plot: ", styled(plot.signal, "good"), over)


def as_dictionary(item: Item) -> dict[str, Any]:
    """An item and all below it, without what is empty; all text is printable."""
    found: dict[str, Any] = {
        "name": item.name,
        "path": item.path,
        "kind": item.kind,
        "nx_class": item.nx_class,
        "type": item.type,
        "units": item.units,
        "value": item.value,
        "refers_to": item.refers_to,
        "role": item.role,
        "link": _link_entry(item),
        "storage": _storage_entry(item),
        "attributes": {printable(k): printable(v) for k, v in item.attributes.items()},
        "hidden": item.hidden,
        "children": [as_dictionary(child) for child in item.children],
    }
    full = {k: printable(v) if isinstance(v, str) else v for k, v in found.items() if v}
    return {**full, "shape": item.shape} if item.kind == "field" else full


def _link_entry(item: Item) -> dict[str, str] | None:
    link = item.link
    if link is None or link.kind == "hard":
        return None
    return {"kind": link.kind, "file": printable(link.file), "target": printable(link.target)}


def _storage_entry(item: Item) -> dict[str, Any] | None:
    storage = item.storage
    if storage is None:
        return None
    return {
        "layout": storage.layout,
        "chunks": storage.chunks,
        "filters": [
            {"id": number, "name": printable(name), "available": available}
            for number, name, available in storage.filters
        ],
        "stored_bytes": storage.stored_bytes,
    }


def _branch(item: Item, *, attributes: bool) -> Branch:
    return Branch(_text(item), _branches(item, attributes=attributes))


def _branches(item: Item, *, attributes: bool) -> Iterator[Branch]:
    for name, value in item.attributes.items() if attributes else ():
        yield Branch(styled(f"@{name}", "info") + styled(f" = {value}"))
    for child in item.children:
        yield _branch(child, attributes=attributes)
    if item.hidden:
        yield Branch(styled(f"… {item.hidden} more", "faint"))


def _text(item: Item) -> Styled:
    parts = [styled(item.name, "title" if item.kind in ("group", "seen") else "plain")]
    if item.nx_class and item.path != "/":
        parts.append(styled(f"  {item.nx_class}", "faint"))
    if item.kind == "field":
        parts += _field_parts(item)
    parts += _link_parts(item)
    if item.role:
        parts.append(styled(f"  ◆ {item.role}", "good"))
    return joined(parts)


def _field_parts(item: Item) -> Iterator[Styled]:
    shape = "null" if item.shape is None else " × ".join(map(str, item.shape))
    if item.value:
        units = f" {item.units}" if item.units else ""
        yield styled(f" = {item.value}{units}")
        yield styled(f"  {item.type}{f' [{shape}]' if shape else ''}", "faint")
        return
    yield styled(f"  {item.type}{f' [{shape}]' if shape else ''}", "info")
    if item.units:
        yield styled(f"  {item.units}")
    stored = storage_text(item)
    yield styled(f"  {stored}" if stored else "", "faint")


def storage_text(item: Item) -> str:
    """Chunks and filters of a field and what they save; empty where there is nothing to say."""
    storage = item.storage
    if storage is None or storage.layout in ("contiguous", "compact"):
        return ""
    words: list[str] = [storage.layout if storage.layout != "chunked" else ""]
    if storage.chunks:
        words.append(f"chunks {' × '.join(map(str, storage.chunks))}")
    for number, _, there in storage.filters:
        name = filter_name(number)
        words.append(name if there else f"{name} (missing here)")
    if item.ratio is not None:
        words.append(f"{item.ratio:.1f}:1")
    if storage.missing_files:
        words.append(f"{len(storage.missing_files)} files missing")
    return ", ".join(word for word in words if word)


def _link_parts(item: Item) -> Iterator[Styled]:
    link = item.link
    if item.kind == "broken":
        yield styled("  ✗", "error")
    if link is not None and link.kind in ("soft", "external"):
        yield styled(f"  → {f'{link.file}:' if link.file else ''}{link.target}", "info")
    if item.kind == "seen":
        yield styled(f"  ↺ see {item.refers_to}", "faint")
    if item.kind == "broken":
        yield styled(f"  {item.value}", "error")
