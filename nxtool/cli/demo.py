"""`nxtool demo`: the main job on data of its own making."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.build.convert import convert
from nxtool.cli import options, recipes
from nxtool.cli.output import show
from nxtool.config import schema_for
from nxtool.demo import make_raw_data
from nxtool.errors import OutputError
from nxtool.hdf5.opening import Hdf5File
from nxtool.report.filetree import file_lines
from nxtool.report.terminal import Line, line, styled
from nxtool.report.units import bytes_text
from nxtool.schema.compile import Schema
from nxtool.show import file_tree
from nxtool.validate.api import validate

DEPTH = 4


@click.command()
@click.argument(
    "folder",
    default="nxtool-demo",
    type=click.Path(readable=False, path_type=Path),
    metavar="[DIR]",
)
@options.no_color
@click.pass_context
def demo(ctx: click.Context, folder: Path) -> None:
    """Make raw data in DIR, convert them to NXtomo and NXmx, validate and show the results.

    DIR (default nxtool-demo) must not exist. Everything in it is yours to play with.
    """
    schema = schema_for(())
    made = _raw_data(folder)
    show([line(styled("raw data and recipes ", "good"), styled(str(folder), "title"))])
    code = max(_one(recipe, schema) for recipe in made)
    show(_next_steps(folder))
    ctx.exit(code)


def _raw_data(folder: Path) -> list[Path]:
    try:
        return make_raw_data(folder)
    except FileExistsError as error:
        hint = "name another folder: nxtool demo DIR"
        raise OutputError(f"{folder}: exists already", hint=hint) from error
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}", hint="name another folder") from error


def _one(recipe: Path, schema: Schema) -> int:
    """Convert, validate and show one of the two."""
    outcome = convert(recipe, schema)
    if outcome.written is None:
        recipes.print_findings(outcome.findings, schema=schema, form="text", verbose=False)
        return recipes.exit_code(outcome)
    findings = validate(outcome.written, schema)
    size = bytes_text(outcome.written.stat().st_size)
    name = styled(str(outcome.written), "title")
    show([line(""), line(styled("converted ", "good"), f"{recipe} to ", name, f"  {size}")])
    recipes.print_findings(findings, schema=schema, form="text", verbose=False)
    with Hdf5File(outcome.written) as file:
        top, plot = file_tree(file.root, DEPTH)
    show(file_lines(str(outcome.written), top, plot, attributes=False))
    return recipes.FINE if findings.ok else recipes.FINDINGS


def _next_steps(folder: Path) -> list[Line]:
    steps = (
        (f"nxtool show {folder}/mx.nxs -a", "everything in a file"),
        (f"nxtool check {folder}/tomo.nx.yaml --plan", "what a recipe would write"),
        ("nxtool definitions tree NXtomo", "what a definition asks for"),
        ("nxtool template NXsas > my.nx.yaml", "start a recipe of your own"),
        (f"nxtool validate {folder}/*.nxs", "judge files, yours too"),
    )
    width = max(len(command) for command, _ in steps)
    rows = [line(f"  {command.ljust(width)}  ", styled(what, "faint")) for command, what in steps]
    return [line(""), line(styled("What next", "title")), *rows]
