"""What `nxtool new --from` does with files: a recipe of what they tell together.

A file is a Bluesky run, the schema of a device (bluesky_nexus), or a template of apstools'
NXWriter; which of them shows in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click

from nxtool.authoring.deviceschemas import DeviceSchema, device_name, is_schema
from nxtool.authoring.runproposal import Asked, asked_by_run, propose
from nxtool.authoring.writertemplates import KEY, is_template, template_wishes
from nxtool.build.fromrun import RunRequest, is_run, open_run
from nxtool.build.runtree import OpenRun
from nxtool.cli.generated import deliver, relative_to
from nxtool.errors import RecipeError
from nxtool.recipe.mistaken import is_hdf5
from nxtool.recipe.variables import escape
from nxtool.report.printable import printable
from nxtool.schema.compile import Schema
from nxtool.yamltree.yamlfile import parse, read_text

_NAMED: Final = re.compile(r"(?P<name>[A-Za-z_][\w-]*)=(?P<path>.+)", re.ASCII)
_NOT_YET: Final = {"path": "run.jsonl", "format": "bluesky"}
"""The source of a recipe for runs to come."""


@dataclass(slots=True)
class _Files:
    """What was given: a run at most, and trees of other files with the names of their devices."""

    run: Path | None = None
    trees: list[tuple[str, Path, Any]] = field(default_factory=list)


def recipe_from(
    schema: Schema,
    files: Sequence[str],
    definition: str,
    output: Path | None,
    request: RunRequest,
) -> None:
    """Write the recipe that files propose, and tell what was done.

    Raises:
        click.UsageError: nobody says which definition, or there are several runs.
        RecipeError: a file is none of those that are known.
        SourceError: the run cannot be read.
    """
    given = _sorted(files)
    folder = output.parent if output is not None else Path()
    source: dict[str, Any] = dict(_NOT_YET)
    with ExitStack() as stack:
        opened = None
        if given.run is not None:
            opened = open_run(given.run, request)
            stack.enter_context(opened.source)
            source = {"path": escape(relative_to(given.run, folder)), **_options(request)}
            definition = definition or _stated(opened)
        if not definition:
            raise click.UsageError("Missing option '--definition'.")
        target = output or Path("new.nx.yaml")
        made = propose(schema, definition, opened, source, target, _asked(given, opened))
    deliver(made.text, output, replace=False)
    for path, reference in made.chosen.items():
        click.echo(f"mapped {path} from {printable(reference)}", err=True)
    for note in opened.source.notes if opened is not None else ():
        click.echo(f"note: {printable(note)}", err=True)
    for path in made.missing:
        click.echo(f"to be filled in: {printable(path)}", err=True)
    for words in made.left:
        click.echo(f"left out: {printable(words)}", err=True)


def _sorted(files: Sequence[str]) -> _Files:
    given = _Files()
    for text in files:
        match = _NAMED.fullmatch(text) if not Path(text).exists() else None
        path = Path(match["path"] if match else text)
        if is_run(path):
            if given.run is not None:
                raise click.UsageError(f"{given.run} and {path} are two runs: one is enough")
            given.run = path
            continue
        name = match["name"] if match else device_name(path.name.partition(".")[0])
        given.trees.append((name, path, _tree(path)))
    return given


def _tree(path: Path) -> Any:
    """The schema or template in a file; YAML holds JSON too.

    Raises:
        RecipeError: it is neither.
    """
    if is_hdf5(path):
        hint = (
            f"`nxtool template NXname --from {path}` makes a recipe of a NeXus file; "
            f"--source data={path} takes raw data"
        )
        raise RecipeError(f"{path}: is an HDF5 file, no Bluesky run", hint=hint)
    tree = parse(read_text(path), str(path)).to_python()
    if isinstance(tree, dict) and KEY in tree:
        tree = tree[KEY]
    if not is_schema(tree) and not is_template(tree):
        hint = "schemas of bluesky_nexus and templates of NXWriter are known, too"
        raise RecipeError(f"{path}: is no Bluesky run", hint=hint)
    return tree


def _asked(given: _Files, opened: OpenRun | None) -> Asked:
    """What the run and the other files ask for together."""
    told = asked_by_run(opened) if opened is not None else Asked()
    wishes, left = [*told.wishes], [*told.left]
    for name, _, tree in given.trees:
        if isinstance(tree, list):
            found, reasons = template_wishes(tree)
        else:
            device = DeviceSchema(name, opened)
            found, reasons = device.wishes(tree), device.left
        wishes += found
        left += reasons
    return Asked(tuple(wishes), tuple(left))


def _options(request: RunRequest) -> dict[str, Any]:
    return {"format": "bluesky", "options": request.options} if request.options else {}


def _stated(opened: OpenRun) -> str:
    """The definition that a start document names; empty where it names none."""
    definition = opened.run.start.get("definition")
    return definition if isinstance(definition, str) and definition.startswith("NX") else ""
