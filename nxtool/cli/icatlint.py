"""`nxtool icat lint`: files for ICAT servers, judged whoever wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nxtool.cli import options
from nxtool.cli.linting import FailOn, fail_on_option, judge_files
from nxtool.export.icatmodel import VERSIONS, Version
from nxtool.findings import Findings

if TYPE_CHECKING:
    from nxtool.icatlint.xsd import Schema


@click.command(no_args_is_help=True)
@click.argument(
    "files", nargs=-1, required=True, type=options.file_here,
    metavar="FILE.xml...",
)  # fmt: skip
@click.option(
    "--icat-version",
    type=click.Choice(VERSIONS),
    help="Release of the server the files are for.  [default: what a file says, else 5.0]",
)
@click.option(
    "--xsd",
    type=click.Path(readable=False, path_type=Path),
    metavar="FILE",
    help="Validate by this XML schema too, such as /usr/share/icat/ingest-11.xsd.",
)
@options.text_or_json
@fail_on_option
@options.no_color
@click.pass_context
def lint(
    ctx: click.Context,
    files: tuple[Path, ...],
    icat_version: Version | None,
    xsd: Path | None,
    form: str,
    fail_on: FailOn,
) -> None:
    """Judge icatingest and icatdata files beyond their XML schema.

    Exit code: 0 no errors, 1 errors, 2 a file could not be read.
    """
    from nxtool.icatlint.codes import CODES

    schema = _schema(xsd)
    titles = {code: entry.title for code, entry in CODES.items()}

    def judge(path: Path) -> Findings:
        return _judged(path, icat_version, schema)

    ctx.exit(judge_files(files, judge, form, fail_on, "nxtool.icat.lint", titles))


def _schema(xsd: Path | None) -> Schema | None:
    """The schema asked for; None where none is."""
    if xsd is None:
        return None
    from nxtool.icatlint.xsd import load_schema

    return load_schema(xsd)


def _judged(path: Path, version: Version | None, schema: Schema | None) -> Findings:
    """The faults of a file, those by the schema first."""
    from nxtool.icatlint.judge import lint as judge

    found = judge(path, version)
    if schema is not None:
        from nxtool.icatlint.xsd import judge_by_schema

        found.items[:0] = judge_by_schema(path, schema)
    return found
