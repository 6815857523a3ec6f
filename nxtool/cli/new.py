"""`nxtool new`: a recipe begun from a few answers, given as options or asked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from nxtool.build.newrecipe import begin_recipe
from nxtool.cli import options, runs
from nxtool.cli.generated import deliver, output_file, relative_to
from nxtool.cli.newfrom import recipe_from
from nxtool.cli.output import say_error
from nxtool.config import schema_for
from nxtool.errors import SourceError
from nxtool.nxdl.search import search
from nxtool.report.printable import printable
from nxtool.schema.compile import Schema
from nxtool.sources.model import SourceSpec
from nxtool.sources.opener import open_source

FOUND: Final = 8
"""How many definitions a search shows."""

_SOURCE: Final = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<path>.+)", re.ASCII)


@click.command()
@click.option("--definition", default="", metavar="NXname", help="The application definition.")
@click.option(
    "--source", "sources", multiple=True, metavar="NAME=PATH",
    help="Raw data, and what to call them: a file, or a pattern in quotes; may be repeated.",
)  # fmt: skip
@click.option(
    "--from", "origins", metavar="FILE", multiple=True,
    help="Propose it from a Bluesky run, by its hints, units, names and projections; from the "
    "schema of a device (bluesky_nexus, DEVICE=FILE), or a template of NXWriter; may be repeated.",
)  # fmt: skip
@runs.which_run
@click.option("--title", default="", help="The title of the measurement.")
@options.definitions_folders
@output_file
@options.no_color
def command(
    definition: str,
    sources: tuple[str, ...],
    origins: tuple[str, ...],
    run: str,
    roots: tuple[str, ...],
    title: str,
    folders: tuple[Path, ...],
    output: Path | None,
) -> None:
    """Begin a recipe: a template with your raw data in it.

    Without --definition it asks, if there is a terminal to ask at. Data that have exactly the name
    of something the definition requires are mapped to it; the rest stands there as null. With
    --from everything of a run that seems to fit is proposed, with a comment why.
    """
    schema = schema_for(folders)
    if origins:
        if sources or title:
            raise click.UsageError("--source and --title do not go with --from")
        for origin in origins:
            for name in (origin, origin.partition("=")[2]):
                options.require_here(name, "nxtool new --from")
        recipe_from(schema, origins, definition, output, runs.request_of(run, "virtual", roots))
        return
    named = _named(sources)
    if not definition:
        if not sys.stdin.isatty():
            raise click.UsageError("Missing option '--definition'.")
        definition = _ask_definition(schema)
        named = named or _ask_sources()
        title = title or _ask("Title of the measurement (Enter for none)")
        output = output or Path(_ask("Recipe to write", f"{definition.removeprefix('NX')}.nx.yaml"))
    folder = output.parent if output is not None else Path()
    begun = begin_recipe(schema, definition, _relative(named, folder), folder, title=title)
    deliver(begun.text, output, replace=False)
    for path, reference in begun.mapped.items():
        click.echo(f"mapped {path} from {printable(reference)}", err=True)
    if output is not None:
        click.echo(f"wrote {printable(str(output))}; fill in what is null, then: "
                   f"nxtool check {printable(str(output))}", err=True)  # fmt: skip


def _named(texts: Iterable[str]) -> dict[str, str]:
    """The paths by name; two of one name are refused, as one of them would be lost."""
    named: dict[str, str] = {}
    for name, path in map(_source, texts):
        if name in named:
            message = f"two sources are called {name!r}: {named[name]} and {path}"
            raise click.UsageError(f"{message}; give each a name of its own")
        named[name] = path
    return named


def _source(text: str) -> tuple[str, str]:
    match = _SOURCE.fullmatch(text)
    if match is None:
        hint = "write NAME=PATH, like frames=scan_*.tif"
        raise click.UsageError(f"{text!r} does not name a source: {hint}")
    return match["name"], match["path"]


def _relative(sources: dict[str, str], folder: Path) -> dict[str, str]:
    """The paths as they count from the folder of the recipe."""
    return {name: relative_to(path, folder) for name, path in sources.items()}


def _ask(question: str, default: str = "") -> str:
    answer: str = click.prompt(question, default=default, show_default=bool(default), err=True)
    return answer.strip()


def _ask_definition(schema: Schema) -> str:
    """A name, or words to search for until a name comes."""
    while True:
        words = _ask("Definition (NXtomo), or words to search for")
        if words in schema.applications:
            return words
        found = [one for one in search(schema.catalogue, words) if one.name in schema.applications]
        _show(f"{one.name}  {one.doc.strip().splitlines()[0] if one.doc.strip() else ''}"
              for one in found[:FOUND])  # fmt: skip
        if not found:
            _show(["nothing has all of these words; use fewer or others"])


def _ask_sources() -> dict[str, str]:
    """Files with their names, each tried at once."""
    sources: dict[str, str] = {}
    while answer := _ask("Raw data as NAME=PATH (Enter when there is no more)"):
        sources |= _tried(answer)
    return sources


def _tried(answer: str) -> dict[str, str]:
    """The source an answer names; nothing, and a word why, where it cannot be opened."""
    try:
        name, path = _source(answer)
        open_source(SourceSpec(path), Path.cwd()).close()
    except click.UsageError as error:
        _show([error.message])
        return {}
    except SourceError as error:
        say_error(error)
        return {}
    return {name: path}


def _show(lines: Iterable[str]) -> None:
    for text in lines:
        click.echo(f"  {printable(text)}", err=True)
