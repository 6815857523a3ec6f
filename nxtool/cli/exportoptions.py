"""What the commands of `nxtool export` share: options, the bar, the report."""

from __future__ import annotations

import functools
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from nxtool.cli import options
from nxtool.cli.filebar import FileBar
from nxtool.cli.interrupt import postponed
from nxtool.cli.output import show, write

if TYPE_CHECKING:
    from nxtool.cli.reportfile import Say
    from nxtool.export.datasets import Exported, Manner
    from nxtool.export.mapping import CatalogueMapping
    from nxtool.export.run import Writer
    from nxtool.report.terminal import Line

F = TypeVar("F", bound=Callable[..., Any])
PER: Final = ("file", "entry", "folder")


@dataclass(frozen=True, slots=True)
class Reading:
    """The options on what is read, which all commands share, as given."""

    files: tuple[Path, ...]
    mapping: str
    dataset_per: Any
    entry: str
    given: tuple[str, ...]
    investigation: str
    visit: str
    facility: str
    timezone: str | None
    truncate: bool
    checksums: bool
    verbose: bool
    quiet: bool

    def values(self) -> dict[str, str]:
        """What `--set` and its short forms say, by target."""
        found = {}
        for text in self.given:
            target, sign, value = text.partition("=")
            if not sign:
                raise click.BadParameter(f"{text!r} is not TARGET=VALUE", param_hint="--set")
            found[target.strip()] = value.strip()
        short = {
            "investigation.name": self.investigation,
            "investigation.visitId": self.visit,
            "facility.name": self.facility,
        }
        return {**found, **{target: text for target, text in short.items() if text}}


@dataclass(frozen=True, slots=True)
class Writing:
    """The options on what is written, which all exports to a file share."""

    output: Path | None
    overwrite: bool
    list_mapping: bool
    report: Path | None


_READING: Final = (
    click.argument(
        "files", metavar="[FILE...]", nargs=-1, type=options.file_here
    ),
    click.option(
        "--mapping", default="", metavar="NAME|FILE",
        help="What goes where: default, desy, hzb, esrf, or a YAML file of your own.",
    ),
    click.option(
        "--dataset-per", type=click.Choice(PER), default="file", show_default=True,
        help="What becomes one dataset.",
    ),
    click.option("--entry", default="", metavar="NAME", help="The NXentry to take, of several."),
    click.option(
        "--set", "given", multiple=True, metavar="TARGET=VALUE",
        help="A value the file does not say, or not rightly: --set sample.name=lysozyme.",
    ),
    click.option("--investigation", default="", metavar="NAME", help="The investigation."),
    click.option("--visit", default="", metavar="ID", help="The visit of the investigation."),
    click.option("--facility", default="", metavar="NAME", help="The facility, by its short name."),
    click.option(
        "--timezone", metavar="ZONE", help="For dates without one: Europe/Berlin, or +02:00."
    ),
    click.option("--truncate", is_flag=True, help="Cut texts that are too long for the catalogue."),
    click.option("--checksums", is_flag=True, help="Add the SHA-256 of files."),
    click.option("-v", "--verbose", is_flag=True, help="Tell of conversions too."),
    click.option("-q", "--quiet", is_flag=True, help="Tell only what a catalogue would refuse."),
    options.no_color,
)  # fmt: skip
_WRITING: Final = (
    click.option(
        "-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
        help="Write to FILE, whole or not at all; else to stdout.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace the output if it exists."),
    click.option("--list-mapping", is_flag=True, help="Show the mapping and do nothing else."),
    click.option(
        "--report", type=click.Path(path_type=Path), metavar="FILE",
        help="Write what was left out or changed to FILE, as JSON.",
    ),
)  # fmt: skip


def reading(function: F) -> F:
    """Add the options on what is read; the command gets them as one `Reading`."""
    return _grouped(function, Reading, "reading", _READING)


def writing(function: F) -> F:
    """Add the options on what is written; the command gets them as one `Writing`."""
    return _grouped(function, Writing, "writing", _WRITING)


def _grouped(function: F, form: Any, name: str, decorators: Sequence[Any]) -> F:
    @functools.wraps(function)
    def command(**given: Any) -> Any:
        own = {field: given.pop(field) for field in form.__dataclass_fields__}
        return function(**given, **{name: form(**own)})

    decorated: Any = command
    for option in reversed(decorators):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]  # click's decorators are not typed for this


def export(
    reading: Reading,
    writing: Writing,
    make_writer: Callable[[], Writer],
    load: Callable[[str], CatalogueMapping] | None = None,
    *,
    with_files: bool = True,
    unique_names: bool = True,
) -> int:
    """Run an export with a new writer; the exit code. `load` gives the mapping of a name."""
    from nxtool.cli.reportfile import report_to
    from nxtool.export.run import check_target, run, write_file

    manner = manner_of(reading, load, with_files=with_files, unique_names=unique_names)
    if writing.list_mapping:
        from nxtool.report.exports import mapping_lines

        show(mapping_lines(manner.mapping))
        return 0
    check_files(reading)
    if writing.output:
        check_target(writing.output, overwrite=writing.overwrite)
        _check_report(writing.output, writing.report)
    with ExitStack() as stack:
        writer = make_writer()
        stack.callback(writer.close)
        say = None
        if writing.report:
            names = [str(file) for file in reading.files]
            say = stack.enter_context(report_to(writing.report, names, quiet=False))
        with telling_of(reading, say) as telling:
            fine = run(reading.files, manner, writer, telling.tell, telling.step)
        if fine and writing.output:
            write_file(writer, writing.output, overwrite=writing.overwrite)
        elif fine:
            _to_stdout(writer)
        telling.end(str(writing.output or ""), fine=fine)
    return 0 if fine else 1


def _check_report(output: Path, report: Path | None) -> None:
    """Refuse a report that would replace the export."""
    if report is None or report.is_char_device():
        return
    if os.path.realpath(output) == os.path.realpath(report):
        from nxtool.errors import OutputError

        raise OutputError(f"{report}: is the output too", hint="name another with --report")


def check_files(reading: Reading) -> None:
    """Refuse a command line without files."""
    if not reading.files:
        raise click.UsageError("Missing argument 'FILE...'.")


def manner_of(
    reading: Reading,
    load: Callable[[str], CatalogueMapping] | None = None,
    *,
    with_files: bool = True,
    unique_names: bool = True,
) -> Manner:
    """The options as the library wants them."""
    from nxtool.export.collect import wishes_of
    from nxtool.export.datasets import Manner
    from nxtool.export.mapping import load_mapping

    wishes = wishes_of(reading.values(), reading.timezone, truncate=reading.truncate)
    mapping = load(reading.mapping) if load else load_mapping(reading.mapping or "default")
    per = reading.dataset_per
    return Manner(
        mapping, wishes, per, reading.entry, with_files, reading.checksums,
        unique_names=unique_names,
    )  # fmt: skip


@contextmanager
def telling_of(reading: Reading, say: Say | None = None) -> Iterator[Telling]:
    """The bar and the notes of a run; `say` takes the JSON report, if one is wanted."""
    from nxtool.export.datasets import count_files

    total = count_files(reading.files)
    with postponed() as stop_if_asked:
        bar = FileBar(total, quiet=reading.quiet)
        telling = Telling(reading, bar, say, stop_if_asked, total)
        telling.begin()
        try:
            yield telling
        finally:
            bar.clear()


class Telling:
    """The bar, and notes as they come."""

    def __init__(
        self,
        reading: Reading,
        bar: FileBar,
        say: Say | None,
        stop_if_asked: Callable[[], None],
        total: int,
    ) -> None:
        self._quiet = reading.quiet
        self._bar = bar
        self._say = say
        self._stop_if_asked = stop_if_asked
        self._with_infos = reading.verbose or total == 1
        self._counts: Counter[str] = Counter()
        self._files = 0

    def begin(self) -> None:
        """Begin the JSON report."""
        if self._say:
            from nxtool.report.exports import JSON_BEGIN

            self._say(JSON_BEGIN)

    def step(self, _path: Path) -> None:
        """Another file is read."""
        self._stop_if_asked()
        if self._files:
            self._bar.advance()
        self._files += 1

    def tell(self, exported: Exported) -> None:
        """Another dataset is done."""
        from nxtool.report.exports import dataset_json, note_lines

        if self._say:
            self._say(("\n" if not self._counts["dataset"] else ",\n") + dataset_json(exported))
        self._counts.update(item.severity for item in exported.notes)
        self._counts["dataset"] += 1
        self._counts["parameter"] += len(exported.record.parameters)
        if self._quiet:
            exported.notes[:] = [item for item in exported.notes if item.severity == "error"]
        if exported.notes:
            self._bar.clear()
            show_apart(note_lines(exported, with_infos=self._with_infos))

    def end(self, target: str, *, fine: bool) -> None:
        """What was written to `target`, or that nothing was."""
        from nxtool.report.exports import JSON_END, end_line

        if self._say:
            self._say(JSON_END)
        if not self._quiet or not fine:
            hidden = not self._with_infos
            show_apart([end_line(target, self._counts, hidden=hidden, fine=fine)])


def show_apart(lines: Iterable[Line]) -> None:
    """Lines to stderr: stdout may be the export."""
    from nxtool.report.terminal import render, terminal_of

    color = click.get_current_context().color is not False
    sys.stderr.write(render(lines, terminal_of(sys.stderr, color=color)))
    sys.stderr.flush()


def _to_stdout(writer: Writer) -> None:
    from tempfile import TemporaryFile

    with TemporaryFile() as stream:
        writer.finish(stream)
        stream.seek(0)
        while block := stream.read(1 << 20):
            write(block.decode())
