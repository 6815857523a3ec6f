"""`nxtool validate --fix`: mending copies of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from nxtool.cli.output import say_error, show, write
from nxtool.errors import FileUnreadable
from nxtool.findings import Severity
from nxtool.schema.compile import Schema
from nxtool.validate.policy import Policy
from nxtool.validate.visit import Options


def check_usage(files: Sequence[Path], output: Path | None, *, in_place: bool) -> None:
    """Refuse what cannot be meant. Raises `click.UsageError`."""
    if (output is None) != in_place:
        raise click.UsageError("--fix needs either -o OUT or --in-place")
    if output is not None and len(files) > 1:
        raise click.UsageError("-o OUT takes one file; --in-place takes several")


def fix_files(
    files: Sequence[Path],
    output: Path | None,
    schema: Schema,
    options: Options,
    *,
    form: str,
    policy: Policy,
    least: Severity,
    detailed: bool,
    quiet: bool,
) -> int:
    """Mend every file and say how; the exit code, by what is left to find. Files that are openPMD
    and not NeXus are mended by the rules of openPMD, and not judged."""
    from nxtool.fix.apply import fix_file
    from nxtool.report.fixes import fix_json, fix_lines
    from nxtool.revise.apply import is_openpmd_alone

    code = 0
    for path in files:
        try:
            if is_openpmd_alone(path):
                _fix_openpmd(path, output, form, quiet=quiet)
                continue
            outcome = fix_file(path, output, schema, options)
        except FileUnreadable as error:
            say_error(error)
            code = 2
            continue
        if form == "json" and not quiet:
            write(fix_json(outcome))
        elif not quiet:
            show(fix_lines(outcome, least=least, detailed=detailed))
        if policy.fails(policy.applied(outcome.after)):
            code = max(code, 1)
    return code


def _fix_openpmd(path: Path, output: Path | None, form: str, *, quiet: bool) -> None:
    from nxtool.report.revised import revised_json, revised_lines
    from nxtool.revise.apply import mend_file

    result = mend_file(path, output)
    if form == "json" and not quiet:
        write(revised_json(result))
    elif not quiet:
        show(revised_lines(result))
