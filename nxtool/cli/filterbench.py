"""`nxtool filters bench`: filters tried on one's own data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from nxtool.bench.run import SECONDS, Bench, run
from nxtool.build.chunkwriter import threads_here
from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.cli.reportfile import write_whole
from nxtool.errors import NxtoolError
from nxtool.recipe.setting import with_default
from nxtool.report.bench import bench_json, bench_lines
from nxtool.report.printable import printable
from nxtool.webpage.benchpage import bench_page

_MOST_THREADS: Final = 64


@click.command(no_args_is_help=True)
@click.argument("data", metavar="FILE[::/path]")
@click.option(
    "--weight", type=click.FloatRange(0, 1), default=0.5, show_default=True,
    help="How much size counts beside speed, from 0 to 1.",
)  # fmt: skip
@click.option(
    "--bandwidth", type=click.FloatRange(min=0, min_open=True), metavar="MB/s",
    help="Rank by the time to store data on a disk or a line this fast instead.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(1, 3600), default=SECONDS, show_default=True,
    help="About how long to try.",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1, _MOST_THREADS), help="[default: one for each processor]"
)
@click.option(
    "--lossy", type=click.FloatRange(min=0, min_open=True), metavar="BOUND",
    help="Try lossy filters too, by which no value moves farther than this.",
)  # fmt: skip
@click.option(
    "--html", type=click.Path(readable=False, path_type=Path), metavar="PAGE",
    help="Write a page with a picture.",
)  # fmt: skip
@click.option(
    "--apply", "recipe", type=click.Path(readable=False, path_type=Path), metavar="RECIPE",
    help="Set the filter advised as the default of a recipe.",
)  # fmt: skip
@options.text_or_json
@options.no_color
def bench(
    data: str,
    weight: float,
    bandwidth: float | None,
    seconds: float,
    threads: int | None,
    lossy: float | None,
    html: Path | None,
    recipe: Path | None,
    form: str,
) -> None:
    """Try filters on a sample of the data, and say which to take.

    FILE is any raw data nxtool reads, also a pattern of files in quotes; without a path the largest
    array in it is taken. Every filter is checked to keep every bit. Lossy filters are tried only
    with --lossy; their errors are measured.
    """
    count = threads or threads_here()
    found = run(
        data, threads=count, seconds=seconds, weight=weight, bandwidth=bandwidth, lossy=lossy,
        progress=_say if form == "text" and os.isatty(2) else None,
    )  # fmt: skip
    if form == "json":
        write(bench_json(found))
    else:
        show(bench_lines(found))
    if html is not None:
        write_whole(html, bench_page(found))
    if recipe is not None:
        _apply(found, recipe)


def _say(word: str) -> None:
    click.echo(f"\r\x1b[Ktrying {word}", nl=False, err=True)


def _apply(found: Bench, recipe: Path) -> None:
    if found.advice is None:
        raise NxtoolError("no filter could be tried", hint="take other data")
    if any(one.trial.errors for one in found.order if one.trial.filter == found.advice.filter):
        hint = "say it in the field, as shown above"
        raise NxtoolError(f"{found.advice.filter} is lossy, which is no default", hint=hint)
    try:
        text = recipe.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NxtoolError(f"{recipe}: cannot be read: {error}", hint="check the name") from error
    write_whole(recipe, with_default(text, recipe, "compression", found.advice.filter))
    click.echo(f"set compression in {printable(str(recipe))}", err=True)
