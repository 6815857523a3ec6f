"""`nxtool restore`: the raw files a NeXus file keeps, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nxtool.archive.reading import Archive
from nxtool.archive.unpack import unpack, unpack_recipe
from nxtool.cli import options
from nxtool.cli.output import show, write
from nxtool.cli.progress import restoring
from nxtool.report.archive import archive_lines, as_dictionary
from nxtool.report.terminal import line, styled


@click.command(no_args_is_help=True)
@click.argument("file", type=options.file_here)
@click.option(
    "-o", "--output", "folder", type=click.Path(readable=False, path_type=Path), metavar="DIR",
    help="The folder to restore to; it is made if needed.",
)  # fmt: skip
@click.option("--list", "listing", is_flag=True, help="List what can be restored; write nothing.")
@click.option("--recipe", "recipe_alone", is_flag=True, help="Restore the recipe alone.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@options.text_or_json
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
def restore(
    file: Path,
    folder: Path | None,
    listing: bool,
    recipe_alone: bool,
    force: bool,
    form: str,
    quiet: bool,
) -> None:
    """Give back the raw files that FILE keeps, bit for bit, and its recipe.

    Checksums are compared, times of change restored. Exit code: 0 all restored, 2 not all; files
    that are damaged are not written, the others are.
    """
    if folder is None and not listing:
        raise click.UsageError("say where to with -o DIR, or give --list")
    with Archive(file) as archive:
        if folder is None or listing:
            _list(archive, form)
            return
        if recipe_alone:
            written = [unpack_recipe(archive, folder, force=force)]
        else:
            total = sum(kept.size for kept in archive.files)
            with restoring(total, quiet=quiet) as progress:
                written = unpack(archive, folder, force=force, progress=progress)
    if form == "json":
        write(json.dumps([str(path) for path in written], indent=2) + "\n")
    elif not quiet:
        count = "1 file" if len(written) == 1 else f"{len(written)} files"
        show([line(styled("restored ", "good"), f"{count} to ", styled(str(folder), "title"))])


def _list(archive: Archive, form: str) -> None:
    if form == "json":
        write(json.dumps(as_dictionary(archive), indent=2) + "\n")
    else:
        show(archive_lines(archive))
