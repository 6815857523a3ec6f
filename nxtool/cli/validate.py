"""`nxtool validate`: files in, findings out.

Files are judged in other processes (`nxtool.validate.workers`); this one reads the settings,
decides what counts, and reports in the order of the arguments.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nxtool.cli import fixing, options
from nxtool.cli.filebar import FileBar
from nxtool.cli.output import current_terminal, say_error, show
from nxtool.cli.reportfile import Say, report_to, write_whole
from nxtool.config import PACK_NAMES, Settings, effective, schema_for
from nxtool.errors import NxtoolError
from nxtool.findings import SEVERITIES, Findings, Severity
from nxtool.openpmd.profiles import PROFILE_NAMES
from nxtool.remote.address import named
from nxtool.report.reporting import FORMATS, MILD_FORMS, Form, Reporter, Shown, make_reporter
from nxtool.validate.baseline import Baseline, read_baseline
from nxtool.validate.collecting import files_below
from nxtool.validate.policy import FAIL_ON, FailOn, Policy
from nxtool.validate.rulebook import RULES
from nxtool.validate.visit import STANDARDS, Options, Standard
from nxtool.validate.workers import Judge, Verdict, Workers

if TYPE_CHECKING:
    from nxtool.report.terminal import Terminal


def _codes(
    _ctx: click.Context, _parameter: click.Parameter, value: tuple[str, ...]
) -> frozenset[str]:
    """Codes of rules, as the options give them."""
    codes = [code.strip().upper() for text in value for code in text.split(",") if code.strip()]
    for code in codes:
        _known(code)
    return frozenset(codes)


def _known(code: str) -> str:
    if code not in RULES:
        raise click.BadParameter(_no_rule(code))
    return code


def _no_rule(code: str) -> str:
    from nxtool.validate.clauses import CLAUSES

    if code in CLAUSES:
        told = ", ".join(CLAUSES[code].told_as) or "nothing"
        return f"{code} has no findings of its own; it is told as {told}"
    near = difflib.get_close_matches(code, RULES, n=3, cutoff=0.6)
    more = f"did you mean {', '.join(near)}?" if near else "`--list-rules` shows all"
    return f"there is no rule {code!r}; {more}"


def _list_rules(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from nxtool.report.rules import table

        show(table())
        ctx.exit()


def _explain(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value:
        from nxtool.report.rules import explanation
        from nxtool.validate.clauses import CLAUSES

        code = value.upper()
        show(explanation(code if code in CLAUSES else _known(code)))
        ctx.exit()


@click.command(no_args_is_help=True)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(readable=False, path_type=Path),
    metavar="FILE...",
)
@click.option(
    "--definition",
    default="",
    metavar="NAME",
    help="Judge every entry by this application definition, whatever the file says.",
)
@options.definitions_folders
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(readable=False, path_type=Path),
    metavar="FILE",
    default=None,
    help="Write the report to this file; with --fix, the mended copy.",
)
@click.option("-r", "--recursive", is_flag=True, help="Look for HDF5 files in folders.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many files to judge at once.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Give up on a file after this time.  [default: no limit]",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=None,
    help="What makes the exit code 1.  [default: error]",
)
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES[::-1]),
    default=None,
    help="The mildest findings to show.  [default: warning in text and github, with -v and else"
    " info]",
)
@click.option(
    "--max-findings",
    type=click.IntRange(min=0),
    default=None,
    metavar="N",
    help="Show at most so many findings of a file.",
)
@click.option(
    "--baseline",
    type=click.Path(readable=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Findings in this file are known: only new ones are shown and count.",
)
@click.option(
    "--write-baseline",
    type=click.Path(readable=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="Write what is found to FILE, from now on known.",
)
@click.option(
    "--allow-missing-external/--no-allow-missing-external",
    default=None,
    help="Files that links lead to may be elsewhere: warn only.",
)
@click.option(
    "--select", multiple=True, metavar="CODE,...", callback=_codes, help="Only these rules."
)
@click.option(
    "--ignore", multiple=True, metavar="CODE,...", callback=_codes, help="Not these rules."
)
@click.option(
    "--pack", "packs", multiple=True, type=click.Choice(PACK_NAMES), help="Further rules to ask."
)
@click.option(
    "--standard",
    type=click.Choice(STANDARDS),
    default=None,
    help="Judge by this standard.  [default: what each file says it is]",
)
@click.option(
    "--profile",
    type=click.Choice(PROFILE_NAMES),
    default=None,
    help="The dialect of openPMD that counts.",
)
@click.option(
    "--data", is_flag=True, help="Read the data of openPMD files too where rules need it."
)
@click.option("--fix", is_flag=True, help="Mend what is mechanical and safe, on a copy.")
@click.option("--in-place", is_flag=True, help="With --fix: mend the files themselves.")
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    help="Show notes too, fold nothing, name the concept of each finding.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no report; the exit code tells.")
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
    output: Path | None,
    recursive: bool,
    jobs: int,
    timeout: float,
    fail_on: FailOn | None,
    min_severity: Severity | None,
    max_findings: int | None,
    baseline: Path | None,
    write_baseline: Path | None,
    allow_missing_external: bool | None,
    select: frozenset[str],
    ignore: frozenset[str],
    packs: tuple[str, ...],
    standard: Standard | None,
    profile: str | None,
    data: bool,
    fix: bool,
    in_place: bool,
    verbose: bool,
    quiet: bool,
) -> None:
    """Judge NeXus files by the definitions, openPMD files by their standard.

    Each NeXus entry is judged by the application definition it names; without one, by the base
    classes alone. Each openPMD file is judged by the version it declares; FILE may be a pattern
    such as data_%T.h5, or a folder, for a series. FILE may be - for names on stdin, one a line, and
    with -r a folder of HDF5 files. It may lie elsewhere: https://…, s3://…, hdf5://… (HSDS).
    Settings are read from .nxtool.toml or pyproject.toml. Exit code: 0 no errors, 1
    errors, 2 a file could not be read.
    """
    settings = effective()
    names = list(_names(files, recursive=recursive))
    external = _first(allow_missing_external, settings.allow_missing_external, False)
    usual: Severity = "info" if verbose or form in MILD_FORMS else "warning"
    shown = Shown(_first(min_severity, settings.min_severity, usual), max_findings)
    known = baseline or (None if write_baseline else settings.baseline)
    desk = _Desk(
        policy_of(settings, select, ignore, fail_on),
        read_baseline(known) if known else None,
        Baseline(write_baseline.parent) if write_baseline else None,
    )
    asked = packs or settings.packs or ()
    checks = Options(
        definition, allow_missing_external=external, packs=asked,
        standard=standard, profile=profile or "", reads_data=data,
    )  # fmt: skip
    if in_place and not fix:
        raise click.UsageError("--in-place goes with --fix")
    if fix:
        fixing.check_usage(files, output, in_place=in_place)
        for file in files:
            options.require_here(file, "nxtool validate --fix")
        ctx.exit(
            fixing.fix_files(
                files, output, schema_for(folders), checks,
                form=form, policy=desk.policy, least=shown.least, detailed=verbose, quiet=quiet,
            )
        )  # fmt: skip
    workers = Workers(
        partial(_judge, folders, checks), jobs=min(jobs, len(names) or 1), timeout=timeout
    )
    with workers, report_to(output, names, quiet=quiet) as say:
        # the worker loads the definitions, meanwhile this process what the report needs
        silent = quiet and output is None
        terminal = None if silent else _plain() if output else current_terminal()
        telling = _Telling(form, shown, terminal, detailed=verbose)
        _report(desk, workers, names, telling, say, FileBar(len(names), quiet=quiet))
    if write_baseline and desk.becoming:
        write_whole(write_baseline, desk.becoming.to_text())
    ctx.exit(desk.code)


@dataclass(frozen=True, slots=True)
class _Telling:
    """How it is reported; nowhere where `terminal` is None."""

    form: str
    shown: Shown
    terminal: Terminal | None
    detailed: bool

    def reporter(self, definitions: Sequence[str]) -> Reporter | None:
        if self.terminal is None:
            return None
        made = Form(self.shown, self.terminal, definitions, detailed=self.detailed)
        return make_reporter(self.form, made)


def _report(
    desk: _Desk, workers: Workers, names: list[str], telling: _Telling, say: Say, bar: FileBar
) -> None:
    """Take the verdicts on all files to the desk, in their order."""
    try:
        for name, verdict in zip(names, workers.judged(names), strict=True):
            bar.clear()
            if desk.reporter is None:
                desk.reporter = telling.reporter(workers.definitions)
            desk.take(name, verdict, say)
            bar.advance()
    finally:
        bar.clear()
    if desk.reporter is not None:
        say(desk.reporter.end())


@dataclass(slots=True)
class _Desk:
    """What is done with the verdict on each file; `code` is the exit code so far."""

    policy: Policy
    baseline: Baseline | None
    becoming: Baseline | None
    reporter: Reporter | None = None
    code: int = field(default=0)

    def take(self, name: str, verdict: Verdict, say: Say) -> None:
        """Count one verdict, and report it unless nobody wants to read of it."""
        if isinstance(verdict, NxtoolError):
            say_error(verdict)
            if self.reporter is not None:
                say(self.reporter.unreadable(named(name), verdict))
            self.code = 2
            return
        findings = self._counting(verdict)
        if self.reporter is not None:
            say(self.reporter.file(findings))
        if self.becoming is None and self.policy.fails(findings):
            self.code = max(self.code, 1)

    def _counting(self, findings: Findings) -> Findings:
        counting = self.policy.applied(findings)
        if self.becoming is not None:
            self.becoming.add(counting)
        return self.baseline.new(counting) if self.baseline is not None else counting


def _judge(folders: Sequence[Path], checks: Options) -> Judge:
    """Loads what judging needs, in the process that judges."""
    from nxtool.openpmd.recognising import make_judge

    return make_judge(folders, checks)


def _names(files: Iterable[Path], *, recursive: bool) -> Iterator[str]:
    """The files that are meant; `-` stands for those named on stdin."""
    for path in files:
        if str(path) == "-":
            yield from filter(None, (line.rstrip("\r\n") for line in sys.stdin))
        elif recursive and path.is_dir():
            found = [str(file) for file in files_below(path)]
            if not found:
                raise NxtoolError(f"{path}: there is no HDF5 file in it", hint="check the path")
            yield from found
        else:
            yield str(path)


def policy_of(
    settings: Settings, select: frozenset[str], ignore: frozenset[str], fail_on: FailOn | None
) -> Policy:
    """What counts, by the options and, where they are silent, the settings."""
    for code in (*(settings.select or ()), *(settings.ignore or ()), *settings.severity):
        if code not in RULES:
            raise NxtoolError(f"the settings name rule {code!r}", hint=_no_rule(code))
    return Policy(
        select or frozenset(settings.select or ()),
        ignore or frozenset(settings.ignore or ()),
        settings.severity,
        _first(fail_on, settings.fail_on, "error"),
    )


def _first(option: Any, setting: Any, usual: Any) -> Any:
    """What the command line says, or else the settings, or else what is usual."""
    return next(value for value in (option, setting, usual) if value is not None)


def _plain() -> Terminal:
    from nxtool.report.terminal import Terminal

    return Terminal()
