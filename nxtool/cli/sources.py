"""`nxtool sources`: what files offer to a recipe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.errors import SourceError
from nxtool.remote.address import named
from nxtool.report.printable import printable
from nxtool.report.terminal import Line, line, styled
from nxtool.sources.model import ArrayInfo, Source, SourceSpec
from nxtool.sources.opener import open_source


@click.command(no_args_is_help=True)
@click.argument("path")
@click.option("--as", "format_name", default="", metavar="FORMAT", help="Read it as this format.")
@options.text_or_json
@options.no_color
def sources(path: str, format_name: str, form: str) -> None:
    """List what PATH offers to a recipe: selectors, types, shapes and units.

    PATH is a file, or a pattern in quotes ("frames_*.tif") for a stack, as under `sources:` in a
    recipe; `file.h5:/entry` starts below a group.
    """
    with open_source(SourceSpec(path, format=format_name), Path.cwd()) as source:
        offers = list(_offers(source))
        if form == "json":
            write(json.dumps(_document(source, offers), indent=2) + "\n")
        else:
            show(_lines(path, source, offers))


def _offers(source: Source) -> Iterator[tuple[str, ArrayInfo | None, str]]:
    """The data itself, where a file has one, then each selector: what is known of its array, or
    why nothing is."""
    keys = list(source.keys())
    if "" not in keys:
        with suppress(SourceError):
            yield "", source.array().info, ""
    yield from (_offer(source, key) for key in keys)


def _offer(source: Source, key: str) -> tuple[str, ArrayInfo | None, str]:
    try:
        return key, source.array(key).info, ""
    except SourceError as error:
        return key, None, error.message


def _lines(
    path: str, source: Source, offers: list[tuple[str, ArrayInfo | None, str]]
) -> Iterator[Line]:
    count = len(source.files)
    files = f"{count} files" if count > 1 else "1 file"
    yield line(styled(named(path), "title"), styled(f"  {source.format}, {files}", "faint"))
    width = min(48, max((len(_shown(key)) for key, _, _ in offers), default=0))
    for key, info, problem in offers:
        head = f"  {_shown(key).ljust(width)}  "
        if info is None:
            yield line(head, styled(problem, "error"))
        else:
            yield line(head, _type(info), styled(f"  {info.units}" if info.units else "", "good"))
    for note in source.notes:
        yield line(styled("note: ", "warning"), printable(note))


def _shown(key: str) -> str:
    """The empty selector is the data itself."""
    return printable(key) or "(the data)"


def _type(info: ArrayInfo) -> str:
    kind = "text" if info.dtype.hasobject else str(info.dtype)
    return f"{kind} [{' × '.join(map(str, info.shape))}]" if info.shape else kind


def _document(source: Source, offers: list[tuple[str, ArrayInfo | None, str]]) -> dict[str, Any]:
    return {
        "format": source.format,
        "files": [printable(str(file)) for file in source.files],
        "notes": [printable(note) for note in source.notes],
        "offers": [
            {
                "selector": printable(key),
                "dtype": None if info is None else _type(info).split(" [")[0],
                "shape": None if info is None else list(info.shape),
                "units": None if info is None else info.units,
                "problem": printable(problem),
            }
            for key, info, problem in offers
        ],
    }
