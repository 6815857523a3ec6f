"""`nxtool listen`: messages from Kafka into a NeXus file, live."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from nxtool.cli import options
from nxtool.cli.interrupt import asked
from nxtool.cli.output import say_error, show
from nxtool.cli.recipes import exit_code, print_findings
from nxtool.config import schema_for
from nxtool.errors import NxtoolError, OutputError, output_error
from nxtool.findings import Findings, Severity
from nxtool.report.listening import recorded_lines, status_json, status_line
from nxtool.report.printable import printable
from nxtool.report.terminal import line, styled
from nxtool.schema.compile import Schema
from nxtool.storage.spec import parse_filter
from nxtool.stream.finishing import FinishedRun
from nxtool.stream.kafka.address import Address, parse_address, parse_topics, read_client_settings
from nxtool.stream.kafka.byrecipe import finish_by_recipe, recorded_beside, wanted_by
from nxtool.stream.kafka.ending import parse_begin, parse_until
from nxtool.stream.kafka.job import Job, listen_to_runs, load_structure
from nxtool.stream.kafka.job import listen as record
from nxtool.stream.kafka.jobs import Pool, folder_of, serve
from nxtool.stream.kafka.metrics import Metrics
from nxtool.stream.kafka.runs import Making
from nxtool.stream.modules.jsonlog import parse_paths
from nxtool.stream.writer import FILENAME
from nxtool.validate.api import validate

if TYPE_CHECKING:
    from nxtool.stream.kafka.job import Recorded
    from nxtool.stream.kafka.listening import Snapshot, Watch

_FILE = click.Path(readable=False, path_type=Path)
_OPTIONS: Final = (
    click.option(
        "-o", "--output", required=True, metavar="FILE", type=_FILE,
        help="The file to write; one that is not complete is continued.",
    ),
    click.option(
        "--topics", default="", metavar="TOPIC,…", help="Topics to read; patterns with * too."
    ),
    click.option(
        "--nexus-structure", "structure", default=None, metavar="FILE", type=_FILE,
        help="A JSON file as ESS' file writer takes it: what goes where.",
    ),
    click.option(
        "-r", "--recipe", default=None, metavar="FILE", type=_FILE,
        help="A recipe with a source of the format kafka: record what it names, then convert it.",
    ),
    click.option(
        "--from", "begin", default="earliest", show_default=True, metavar="WHEN",
        help="Where to begin: earliest, latest, time:ISO. A file that is there goes on at its"
        " checkpoint.",
    ),
    click.option(
        "--until", default="stop", show_default=True, metavar="WHEN",
        help="When to end: stop (Ctrl-C), end (all that is there), time:ISO, idle:30s.",
    ),
    click.option("--resume", is_flag=True, help="Continue the file even if it is complete."),
    click.option(
        "--filters", default="", metavar="NAME[:LEVEL]",
        help="A filter for the datasets, as in recipes: gzip:4, bitshuffle-lz4.",
    ),
    click.option(
        "--json-source", default="", metavar="$.PATH",
        help="Where JSON messages name their source.",
    ),
    click.option(
        "--json-time", default="", metavar="$.PATH[:UNIT]",
        help="Where they have their time, in s, ms, us, ns or iso.",
    ),
    click.option("--json-value", default="", metavar="$.PATH", help="Where their value."),
    click.option(
        "--client-config", "client", default=None, metavar="FILE", type=_FILE,
        help="Settings of the client (librdkafka), name=value a line: TLS, passwords.",
    ),
    click.option(
        "--group", default="", metavar="NAME",
        help="Commit what is in the file for this consumer group, for those who watch.",
    ),
    click.option(
        "--bluesky", is_flag=True,
        help="The topics hold documents of Bluesky: -o is a folder, each run becomes a file there.",
    ),
    click.option(
        "--name", "filename", default=FILENAME, show_default=True, metavar="TEMPLATE",
        help="With --bluesky: how files are called, with values of the start document.",
    ),
    click.option(
        "--jobs", default="", metavar="TOPIC",
        help="Take jobs of ESS' file writers from this topic; then -o is a folder for their files.",
    ),
    click.option(
        "--control-topic", "control", default="", metavar="TOPIC",
        help="Where to answer, and to say that this writer is alive, unless a job names a topic.",
    ),
    click.option(
        "--service-id", default="", metavar="NAME", help="How this writer of jobs calls itself."
    ),
    click.option(
        "--status-json", "status", default=None, metavar="FILE", type=_FILE,
        help="Write how it goes to this file, once a second.",
    ),
    click.option(
        "--metrics", default=None, metavar="PORT", type=click.IntRange(0, 65535),
        help="Serve how it goes for Prometheus, at this port of 127.0.0.1.",
    ),
)  # fmt: skip


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command(no_args_is_help=True)
@click.argument("address", metavar="kafka://HOST:PORT[,…][/TOPIC,…]")
@_options
@options.definitions_folders
@click.option("-v", "--verbose", is_flag=True, help="Show notes too.")
@click.option("-q", "--quiet", is_flag=True, help="Print only what is wrong.")
@options.no_color
@click.pass_context
def listen(
    ctx: click.Context,
    address: str,
    output: Path,
    topics: str,
    structure: Path | None,
    recipe: Path | None,
    begin: str,
    until: str,
    resume: bool,
    filters: str,
    json_source: str,
    json_time: str,
    json_value: str,
    client: Path | None,
    group: str,
    bluesky: bool,
    filename: str,
    jobs: str,
    control: str,
    service_id: str,
    status: Path | None,
    metrics: int | None,
    folders: tuple[Path, ...],
    verbose: bool,
    quiet: bool,
) -> None:
    """Record messages from Kafka into a NeXus file, which others can read meanwhile.

    Every source becomes an NXlog, NXevent_data or NXdata below /entry/TOPIC; with
    --nexus-structure the file is what ESS' file writer makes. Messages are in the file once, also
    after the program, the machine or a broker went down: start it again. Exit code: 0 all is
    there, 1 messages could not be kept or the file is not valid, 2 it could not be done.
    """
    if structure and recipe:
        raise click.UsageError("give either --nexus-structure or --recipe")
    where = parse_address(address)
    job = Job(
        Address(where.brokers, (*where.topics, *parse_topics(topics))),
        output,
        settings=read_client_settings(client) if client else {},
        group=group,
        structure=load_structure(structure) if structure else None,
        filters=parse_filter(filters).text if filters else "",
        paths=parse_paths(json_source, json_time, json_value),
        begin=parse_begin(begin),
        until=parse_until(until),
        resume=resume,
    )
    told = _Told(schema_for(folders), verbose=verbose, quiet=quiet)
    show_to = _watching(output, status, metrics, quiet=quiet)
    if jobs:
        folder_of(output)
        with show_to as watch, asked() as is_asked:
            serve(Pool(job, jobs, control, service_id), watch, told.job, is_asked)
        return
    if bluesky:
        making = Making(
            folder_of(output), filename, told.schema, told.run, told.warn, recipe
        )  # fmt: skip
        ctx.exit(_record_runs(job, making, show_to, told))
    if recipe is None:
        ctx.exit(_record(job, show_to, told))
    ctx.exit(_record_for(recipe, job, show_to, told))


@dataclass(frozen=True, slots=True)
class _Told:
    """By what a result is judged, and how much is told of it."""

    schema: Schema
    verbose: bool
    quiet: bool

    def findings(self, findings: Findings) -> None:
        """Print findings, if there is something to tell."""
        least: Severity = "error" if self.quiet else "info" if self.verbose else "warning"
        if findings.at_least(least):
            print_findings(findings, schema=self.schema, form="text", verbose=self.verbose)

    def recorded(self, recorded: Recorded, path: Path) -> None:
        """Print what came of a recording."""
        if not self.quiet or recorded.counts.get("#rejected"):
            show(recorded_lines(recorded, path))

    def warn(self, text: str) -> None:
        """Print what is wrong with a message, or the view of a run."""
        click.echo(f"warning: {printable(text)}", err=True)

    def run(self, done: FinishedRun) -> None:
        """Print what came of a run."""
        if done.trouble:
            self.warn(f"{done.path}: {done.trouble}; its documents are in {done.documents}")
        elif not self.quiet:
            show([line(styled("wrote ", "good"), styled(str(done.path), "title"))])

    def job(self, job: Job, result: Recorded | NxtoolError) -> bool:
        """Print what came of a job; True where its file is as it should be."""
        if isinstance(result, NxtoolError):
            say_error(result)
            return False
        findings = validate(job.output, self.schema)
        self.recorded(result, job.output)
        self.findings(findings)
        return _exit_code(result, ok=findings.ok) == 0


def _record(job: Job, watching: AbstractContextManager[Watch], told: _Told) -> int:
    """Record, and judge the file; the exit code."""
    with watching as watch, asked() as is_asked:
        recorded = record(job, watch, is_asked)
    findings = validate(job.output, told.schema)
    told.recorded(recorded, job.output)
    told.findings(findings)
    return _exit_code(recorded, ok=findings.ok)


def _record_runs(
    job: Job, making: Making, watching: AbstractContextManager[Watch], told: _Told
) -> int:
    """Make files of runs; the exit code."""
    troubles: list[str] = []

    def tell(done: FinishedRun) -> None:
        troubles.extend(filter(None, [done.trouble]))
        told.run(done)

    with watching as watch, asked() as is_asked:
        recorded, still_open = listen_to_runs(job, replace(making, tell=tell), watch, is_asked)
    if still_open and not told.quiet:
        count = len(still_open)
        runs = "1 run is" if count == 1 else f"{count} runs are"
        show([line(f"{runs} open still: start again to go on")])
    return _exit_code(recorded, ok=not troubles)


def _record_for(
    recipe: Path, job: Job, watching: AbstractContextManager[Watch], told: _Told
) -> int:
    """Record what a recipe names, if it says all that must be said, and convert it; the exit
    code."""
    wanted = wanted_by(recipe, told.schema)
    if not wanted.outcome.ok:
        told.findings(wanted.outcome.findings)
        return exit_code(wanted.outcome)
    target, beside = job.output, recorded_beside(job.output)
    if target.exists() and not job.resume:
        raise OutputError(f"{target}: exists already", hint="choose another name")
    topics = job.address.topics or wanted.topics
    job = replace(
        job, output=beside, selectors=wanted.selectors,
        address=Address(job.address.brokers, topics),
    )  # fmt: skip
    with watching as watch, asked() as is_asked:
        recorded = record(job, watch, is_asked)
    told.recorded(recorded, beside)
    made = finish_by_recipe(
        recipe, wanted.source, beside, target, told.schema, overwrite=job.resume
    )  # fmt: skip
    told.findings(made.findings if made.result is None else made.result)
    if made.written is not None and not told.quiet:
        show([line(styled("wrote ", "good"), styled(str(made.written), "title"))])
    return _exit_code(recorded, ok=made.ok) if made.ok else exit_code(made)


def _exit_code(recorded: Recorded, *, ok: bool) -> int:
    return 0 if ok and not recorded.counts.get("#rejected") else 1


@contextmanager
def _watching(path: Path, status: Path | None, port: int | None, *, quiet: bool) -> Iterator[Watch]:
    """What to call once a second: a line on a terminal, a file and a port for programs."""
    on_terminal = not quiet and sys.stderr.isatty()
    metrics = None if port is None else Metrics(port)

    def watch(now: Snapshot) -> None:
        if on_terminal:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            click.echo(f"\r\x1b[K{status_line(now)[: width - 1]}", err=True, nl=False)
        if status is not None:
            _replace(status, status_json(now, path))
        if metrics is not None:
            metrics.show(now)

    try:
        yield watch
    finally:
        if metrics is not None:
            metrics.close()
        if on_terminal:
            click.echo("\r\x1b[K", err=True, nl=False)


def _replace(path: Path, text: str) -> None:
    """Put a text in the place of a file at once; raises OutputError."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise output_error(path, error) from error
