"""`nxtool openpmd to-nexus` and `from-nexus`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from nxtool.bridge.outcome import Iterations, Manner, Way
from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.report.bridge import bridge_json, bridge_lines

if TYPE_CHECKING:
    from nxtool.bridge.outcome import Outcome

F = TypeVar("F", bound=Callable[..., Any])


def _shared(command: F) -> F:
    """The options that both directions have."""
    found = command
    for option in reversed((
        click.option(
            "-o", "--output", type=click.Path(readable=False, path_type=Path), default=None,
            metavar="FILE", help="The file to write.",
        ),
        click.option("--in-place", is_flag=True, help="Put the result in the place of FILE."),
        click.option("--overwrite", is_flag=True, help="Replace the output if it exists."),
        click.option(
            "--sidecar", "way", flag_value="sidecar",
            help="Write a file of links beside FILE, which is not touched.",
        ),
        click.option(
            "--copy", "way", flag_value="copy",
            help="Write a file that needs no other, and follows the other standard alone.",
        ),
        click.option(
            "--strip", "way", flag_value="strip", help="Take back what was added to FILE.",
        ),
        options.text_or_json,
        click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong."),
        options.no_color,
    )):  # fmt: skip
        found = option(found)
    return found


_FILE = click.argument("file", type=options.file_here)


@click.command("to-nexus", no_args_is_help=True)
@_FILE
@click.option(
    "--digits", type=click.IntRange(1, 20), default=1, metavar="N",
    help="Write numbers of iterations with at least so many digits.",
)  # fmt: skip
@_shared
def to_nexus(
    file: Path,
    digits: int,
    output: Path | None,
    in_place: bool,
    overwrite: bool,
    way: Way | None,
    form: str,
    quiet: bool,
) -> None:
    """Make NeXus of an openPMD file, or of a series: a pattern such as 'data_%T.h5', or a folder.

    By default entries with links to the data are added to a copy of FILE, which then follows both
    standards and holds nothing twice. Data without a place in NeXus stays, and is listed.
    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.bridge import tonexus, undo

    manner = _manner(output, way, in_place=in_place, overwrite=overwrite, digits=digits)
    if manner.way == "strip":
        outcomes = [undo.undo(file, manner)]
    else:
        outcomes = tonexus.to_nexus(file, manner)
    _report(outcomes, form, quiet=quiet)


@click.command("from-nexus", no_args_is_help=True)
@_FILE
@click.option(
    "--iterations", type=click.Choice(get_args(Iterations)), default="entry", show_default=True,
    help="What becomes an iteration: every NXentry, every frame (with --copy), or all together.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(0, 1), default=1e-6, show_default=True, metavar="PART",
    help="By how much the steps of a regular axis may differ, relative to their mean.",
)  # fmt: skip
@_shared
def from_nexus(
    file: Path,
    iterations: Iterations,
    tolerance: float,
    output: Path | None,
    in_place: bool,
    overwrite: bool,
    way: Way | None,
    form: str,
    quiet: bool,
) -> None:
    """Make openPMD of a NeXus file: meshes of its NXdata, species of its events.

    By default a tree of links to the data is added to a copy of FILE, which then follows both
    standards and holds nothing twice. A file made by `to-nexus --copy` becomes again what it was.
    Exit code: 0 written, 2 something could not be read or written.
    """
    from nxtool.bridge import fromnexus, undo

    manner = _manner(
        output, way, in_place=in_place, overwrite=overwrite,
        iterations=iterations, tolerance=tolerance,
    )  # fmt: skip
    run = undo.undo if manner.way == "strip" else fromnexus.from_nexus
    _report([run(file, manner)], form, quiet=quiet)


def _manner(
    output: Path | None,
    way: Way | None,
    *,
    in_place: bool,
    overwrite: bool,
    digits: int = 1,
    iterations: Iterations = "entry",
    tolerance: float = 1e-6,
) -> Manner:
    """What was asked for. Raises `click.UsageError`."""
    if (output is None) != in_place:
        raise click.UsageError("give either -o OUT or --in-place")
    if in_place and way == "sidecar":
        raise click.UsageError("--sidecar writes another file: name it with -o OUT")
    return Manner(way or "overlay", output, overwrite, digits, iterations, tolerance)


def _report(outcomes: list[Outcome], form: str, *, quiet: bool) -> None:
    for outcome in outcomes:
        if form == "json":
            write(bridge_json(outcome))
        elif not quiet:
            show(bridge_lines(outcome))
