"""`nxtool validate`: files in, findings out."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import click

from nxtool.cli import options
from nxtool.cli.output import current_terminal, say_error, show, write
from nxtool.config import schema_for
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.findings import SEVERITIES, Findings, Severity
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate as judge
from nxtool.validate.rulebook import RULES
from nxtool.validate.visit import Options


class Reporter(Protocol):
    """Turns findings about file after file into text, as soon as it can."""

    def file(self, findings: Findings) -> str: ...
    def unreadable(self, file: str, error: NxtoolError) -> str: ...
    def end(self) -> str: ...


def _codes(
    _ctx: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> frozenset[str]:
    codes = [code.strip().upper() for text in value for code in text.split(",") if code.strip()]
    for code in codes:
        _known(code)
    return frozenset(codes)


def _known(code: str) -> str:
    if code not in RULES:
        import difflib

        near = difflib.get_close_matches(code, RULES, n=3, cutoff=0.6)
        more = f"did you mean {', '.join(near)}?" if near else "`--list-rules` shows all"
        raise click.BadParameter(f"there is no rule {code!r}; {more}")
    return code


def _list_rules(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from nxtool.report.rules import table

        show(table())
        ctx.exit()


def _explain(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        from nxtool.report.rules import explanation

        show(explanation(RULES[_known(value.upper())]))
        ctx.exit()


@click.command(no_args_is_help=True)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option(
    "--definition",
    default="",
    metavar="NAME",
    help="Judge every entry by this application definition, whatever the file says.",
)
@options.definitions_folders
@options.text_or_json
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="What makes the exit code 1.",
)
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES[::-1]),
    default=None,
    help="The mildest findings to show.  [default: warning, with -v or in JSON info]",
)
@click.option(
    "--allow-missing-external",
    is_flag=True,
    help="Files that links lead to may be elsewhere: warn only.",
)
@click.option(
    "--select", multiple=True, metavar="CODE,...", callback=_codes, help="Only these rules."
)
@click.option(
    "--ignore", multiple=True, metavar="CODE,...", callback=_codes, help="Not these rules."
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show notes too, fold nothing, name the concept of each finding.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@click.option(
    "--list-rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_rules,
    help="Show all rules and leave.",
)
@click.option(
    "--explain",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Say what a rule asks and leave.",
)
@options.no_color
@click.pass_context
def validate(
    ctx: click.Context,
    files: tuple[Path, ...],
    definition: str,
    folders: tuple[Path, ...],
    form: str,
    fail_on: Literal["error", "warning", "never"],
    min_severity: Severity | None,
    allow_missing_external: bool,
    select: frozenset[str],
    ignore: frozenset[str],
    verbose: bool,
    quiet: bool,
) -> None:
    """Judge HDF5 files by the NeXus definitions.

    Each entry is judged by the application definition it names; without one, by the base classes
    alone. Exit code: 0 no errors, 1 errors, 2 a file could not be read.
    """
    schema = schema_for(folders)
    if definition:
        schema.application(definition)
    checks = Options(definition, allow_missing_external=allow_missing_external)
    least = min_severity or ("info" if verbose or form == "json" else "warning")
    reporter = _Silent() if quiet else _reporter(form, schema, least, detailed=verbose)
    code = 0
    for path in files:
        try:
            findings = judge(path, schema, checks)
        except FileUnreadable as error:
            say_error(error)
            write(reporter.unreadable(str(path), error))
            code = 2
            continue
        findings.items = [item for item in findings if _counts(item.code, select, ignore)]
        write(reporter.file(findings))
        if fail_on != "never" and findings.at_least(fail_on):
            code = max(code, 1)
    write(reporter.end())
    ctx.exit(code)


def _counts(code: str, select: frozenset[str], ignore: frozenset[str]) -> bool:
    return code not in ignore and (not select or code in select)


class _Silent:
    """What `--quiet` prints."""

    def file(self, _findings: Findings) -> str:
        return ""

    def unreadable(self, _file: str, _error: NxtoolError) -> str:
        return ""

    def end(self) -> str:
        return ""


def _reporter(form: str, schema: Schema, least: Severity, *, detailed: bool) -> Reporter:
    """The reporter for a form; the libraries it needs cost start-up time."""
    if form == "json":
        from nxtool.nxdl.catalogue import folder_label
        from nxtool.report.jsonreport import JsonReporter

        labels = [folder_label(folder) for folder in schema.catalogue.folders]
        return JsonReporter(labels, least=least)
    from nxtool.report.text import TextReporter

    return TextReporter(current_terminal(), least=least, detailed=detailed)
