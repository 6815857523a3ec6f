"""`nxtool edit`: metadata of a finished file, changed and put on record."""

from __future__ import annotations

from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.config import schema_for
from nxtool.editing.apply import Manner, edit_file
from nxtool.editing.request import requests_from_text
from nxtool.report.edits import edit_json, edit_lines


@click.command(no_args_is_help=True)
@click.argument("file", type=options.file_here)
@click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE",
    help="Give a field or an attribute a value: /entry/sample/name=x; may be repeated.",
)  # fmt: skip
@click.option(
    "--delete", "deletions", multiple=True, metavar="PATH",
    help="Take a field, a link or an attribute away; may be repeated.",
)  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept in the file.")
@click.option(
    "-o", "--output", "out", type=click.Path(readable=False, path_type=Path), metavar="OUT",
    help="Write to another file, and leave this one as it is.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@click.option("--allow-invalid", is_flag=True, help="Change it even if that adds errors.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@options.definitions_folders
@options.text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
@click.pass_context
def edit(
    ctx: click.Context,
    file: Path,
    settings: tuple[str, ...],
    deletions: tuple[str, ...],
    reason: str,
    out: Path | None,
    overwrite: bool,
    allow_invalid: bool,
    dry_run: bool,
    folders: tuple[Path, ...],
    form: str,
    quiet: bool,
) -> None:
    """Change metadata of a NeXus file, and keep a record of it in the file.

    Paths are those of HDF5, attributes behind @; a new name that is not in the definition says
    what it is: "/entry/sample/phi(NX_FLOAT)=5 deg". The file is replaced whole, or stays as it is.

    Exit code: 0 changed, 1 mistakes, or the file would get errors it did not have, 2 something
    could not be read or written.
    """
    if not settings and not deletions:
        raise click.UsageError("say what to change with --set or --delete")
    requests = requests_from_text(settings, deletions)
    manner = Manner(out, reason, overwrite, allow_invalid, dry_run)
    outcome = edit_file(file, requests, schema_for(folders), manner)
    if form == "json":
        write(edit_json(outcome))
    elif not quiet or not outcome.ok:
        show(edit_lines(outcome))
    ctx.exit(0 if outcome.ok else 1)
