"""`nxtool batch`: the same command on many files, here or on many machines."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

import click

from nxtool.batch.model import Action, Manner, Result, exit_code
from nxtool.cli import options
from nxtool.cli.filebar import FileBar
from nxtool.cli.groups import NamingGroup
from nxtool.cli.output import show, write
from nxtool.config import PACK_NAMES, effective
from nxtool.storage.chunks import Access
from nxtool.storage.profiles import PROFILES

F = TypeVar("F", bound=Callable[..., Any])
JUDGING: Final = 600.0
"""How many seconds a file may be judged: libhdf5 may loop for ever on a damaged one."""
TARGETS: Final = ("icat", "scicat", "datacite", "rocrate", "jsonld")


@dataclass(frozen=True, slots=True)
class Common:
    """The options that all actions share, as given."""

    inputs: tuple[str, ...]
    manifest: Path | None
    executor: str
    chunk: int
    timeout: float
    redo: Any
    state: Path | None
    folders: tuple[Path, ...]
    form: str
    verbose: bool
    quiet: bool


_COMMON: Final = (
    click.argument("inputs", metavar="[INPUT...]", nargs=-1),
    click.option(
        "-m", "--manifest", type=click.Path(readable=False, path_type=Path), metavar="FILE",
        help="A list of tasks, CSV or JSONL, instead of inputs.",
    ),
    click.option(
        "-x", "--executor", default="local", show_default=True, metavar="WHERE",
        help="local[:N], dask:tcp://HOST:PORT, slurm[:KEY=VALUE,...], array[:K/N].",
    ),
    click.option(
        "--chunk", type=click.IntRange(min=0), default=0, metavar="N",
        help="How many tasks are handed over at once.  [default: 1 locally, else 50]",
    ),
    click.option(
        "--timeout", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS",
        help="Give up on a task after this time.  [default: no limit]",
    ),
    click.option(
        "--redo", type=click.Choice(["bad", "all"]), default=None,
        help="Do again what is on record: what went wrong, or everything.",
    ),
    click.option(
        "--state", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", default=None,
        help="Keep the records in this folder, not beside the outputs.",
    ),
    options.definitions_folders,
    options.text_or_json,
    click.option("-v", "--verbose", is_flag=True, help="Print the good ones too."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells."),
    options.no_color,
)  # fmt: skip
_OUTPUT: Final = click.option(
    "-o", "--output", default="", metavar="TEMPLATE",
    help="What to write: 'out/{stem}.nxs'; also {name}, {parent}, {index}.",
)  # fmt: skip
_OVERWRITE: Final = click.option(
    "--overwrite", is_flag=True, help="Replace outputs that no batch has made."
)


def _common(function: F) -> F:
    """Add the options that all actions share; the command gets them as one `Common`."""

    @functools.wraps(function)
    def command(**given: Any) -> Any:
        own = {field: given.pop(field) for field in Common.__dataclass_fields__}
        return function(common=Common(**{**own, "redo": own["redo"] or ""}), **given)

    decorated: Any = command
    for option in reversed(_COMMON):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]  # click's decorators are not typed for this


@click.group("batch", cls=NamingGroup, no_args_is_help=True)
def group() -> None:
    """Do the same with many files, here or on many machines.

    What is done is not done again: each result is noted beside its output. INPUT is a file, or a
    pattern in quotes. Exit code: 0 all good, 1 some invalid, 2 some could not be done.
    """


@group.command(no_args_is_help=True, short_help="Convert raw files by recipes.")
@click.option(
    "--recipe", type=click.Path(readable=False, path_type=Path), metavar="FILE",
    help="The recipe, where the manifest names none.",
)  # fmt: skip
@click.option(
    "--source", default="", metavar="NAME", help="Which source of the recipe an input is."
)
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="Change a value of the recipe: vars.beam=5; may be repeated.",
)  # fmt: skip
@_OUTPUT
@_OVERWRITE
@click.option(
    "--allow-invalid", is_flag=True, help="Write files even if they are not valid; they say so."
)
@_common
@click.pass_context
def convert(
    ctx: click.Context,
    common: Common,
    recipe: Path | None,
    source: str,
    settings: tuple[str, ...],
    output: str,
    *,
    overwrite: bool,
    allow_invalid: bool,
) -> None:
    """Convert many raw files, as `nxtool convert` does one.

    Without a recipe the inputs are stored runs of Bluesky.
    """
    mode: Any = "allow-invalid" if allow_invalid else "strict"
    manner = Manner(mode=mode, overwrite=overwrite)
    ctx.exit(
        _do("convert", common, manner, recipe=recipe, source=source, settings=settings,
            output=output)
    )  # fmt: skip


@group.command(no_args_is_help=True, short_help="Judge files.")
@click.option(
    "--definition", default="", metavar="NAME",
    help="Judge every entry by this application definition.",
)  # fmt: skip
@click.option(
    "--allow-missing-external/--no-allow-missing-external", default=None,
    help="Files that links lead to may be elsewhere: warn only.",
)  # fmt: skip
@click.option(
    "--pack", "packs", multiple=True, type=click.Choice(PACK_NAMES), help="Further rules to ask."
)
@click.option("--select", multiple=True, metavar="CODE,...", help="Only these rules.")
@click.option("--ignore", multiple=True, metavar="CODE,...", help="Not these rules.")
@_common
@click.pass_context
def validate(
    ctx: click.Context,
    common: Common,
    definition: str,
    allow_missing_external: bool | None,
    packs: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """Judge many files, as `nxtool validate` does; the records are kept in --state DIR.

    Rules are chosen by .nxtool.toml or pyproject.toml too. A file may take ten minutes, unless
    --timeout says otherwise.
    """
    found = effective()
    common = replace(common, timeout=common.timeout or JUDGING)
    manner = Manner(
        definition=definition,
        allow_missing_external=_first(allow_missing_external, found.allow_missing_external, False),
        packs=packs or found.packs or (),
        select=_codes(select) or found.select or (),
        ignore=_codes(ignore) or found.ignore or (),
        severities=tuple(sorted(found.severity.items())),
    )
    ctx.exit(_do("validate", common, manner))


@group.command(no_args_is_help=True, short_help="Store files anew with other filters.")
@click.option("--profile", type=click.Choice(list(PROFILES)), help="Which filters.")
@click.option("--filter", "filter_", default="", metavar="NAME[:LEVEL]", help="One filter for all.")
@click.option(
    "--chunks", type=click.Choice([*get_args(Access), "keep"]), default="keep", show_default=True,
    help="Shape chunks for reading frame by frame, pixel by pixel, or both.",
)  # fmt: skip
@click.option("--verify", is_flag=True, help="Read everything back and compare it bit for bit.")
@_OUTPUT
@_OVERWRITE
@_common
@click.pass_context
def repack(
    ctx: click.Context,
    common: Common,
    profile: str | None,
    filter_: str,
    chunks: str,
    output: str,
    *,
    verify: bool,
    overwrite: bool,
) -> None:
    """Store many files anew, as `nxtool repack` does one."""
    if profile and filter_:
        raise click.UsageError("give either --profile or --filter")
    if filter_:
        from nxtool.storage.spec import parse_filter

        parse_filter(filter_)
    manner = Manner(
        filter=filter_, profile=profile or "", chunks=chunks, verify=verify, overwrite=overwrite
    )
    ctx.exit(_do("repack", common, manner, output=output))


@group.command(no_args_is_help=True, short_help="Write what files say for catalogues.")
@click.option(
    "--to", "target", type=click.Choice(TARGETS), required=True, help="For which catalogue."
)
@click.option("--mapping", default="", metavar="NAME|FILE", help="What goes where.")
@click.option(
    "--set", "settings", multiple=True, metavar="TARGET=VALUE",
    help="A value that files do not say: scicat.ownerGroup=p123; may be repeated.",
)  # fmt: skip
@_OUTPUT
@_OVERWRITE
@_common
@click.pass_context
def export(
    ctx: click.Context,
    common: Common,
    target: Any,
    mapping: str,
    settings: tuple[str, ...],
    output: str,
    *,
    overwrite: bool,
) -> None:
    """Export many files, each to a file of its own, as `nxtool export` does."""
    manner = Manner(target=target, mapping=_mapping(mapping), overwrite=overwrite)
    ctx.exit(_do("export", common, manner, settings=settings, output=output))


@group.command(no_args_is_help=True)
@click.argument("folder", type=click.Path(readable=False, path_type=Path))
@options.text_or_json
@click.option("-v", "--verbose", is_flag=True, help="Print the good ones too.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@options.no_color
@click.pass_context
def report(ctx: click.Context, folder: Path, form: str, *, verbose: bool, quiet: bool) -> None:
    """Tell what the records in FOLDER and below it say, and do nothing.

    FOLDER may also be a manifest whose rows name their outputs.
    """
    from nxtool.batch.gathering import results_below, results_of
    from nxtool.batch.manifest import SUFFIXES

    if folder.suffix.lower() in SUFFIXES and not folder.is_dir():
        from nxtool.batch.planning import recorded

        results = results_of(recorded(folder))
    else:
        results = results_below(folder)
    ctx.exit(_told(results, None, form, verbose=verbose, quiet=quiet))


def _first(option: bool | None, setting: bool | None, usual: bool) -> bool:
    """What the command line says, or else the settings, or else what is usual."""
    return next(value for value in (option, setting, usual) if value is not None)


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    """Codes of rules, as the options give them. Raises `click.BadParameter`."""
    from nxtool.validate.rulebook import RULES

    codes = [code.strip().upper() for text in given for code in text.split(",") if code.strip()]
    for code in codes:
        if code not in RULES:
            raise click.BadParameter(f"there is no rule {code!r}; `nxtool validate --list-rules`")
    return tuple(codes)


def _do(action: Action, common: Common, manner: Manner, **more: Any) -> int:
    """Plan and run a batch; the exit code."""
    from nxtool.batch.executors import share_of
    from nxtool.batch.planning import Wish, plan
    from nxtool.batch.running import run

    manner = replace(
        manner, definitions=tuple(_absolute(f) for f in common.folders), timeout=common.timeout
    )
    wish = Wish(
        action, common.inputs, common.manifest, state=common.state, manner=manner, **more
    )  # fmt: skip
    tasks = plan(wish)
    bar = FileBar(len(share_of(common.executor).of(tasks)), quiet=common.quiet)
    results = run(tasks, common.executor, chunk=common.chunk, redo=common.redo)
    with closing(results):
        return _told(results, bar, common.form, verbose=common.verbose, quiet=common.quiet)


def _mapping(name: str) -> str:
    """A mapping wherever the work is done; the name of a preset stays. Raises `RecipeError`."""
    if not name:
        return ""
    from nxtool.export.mapping import PRESETS, load_mapping

    load_mapping(name)
    return name if name in PRESETS else str(Path(name).absolute())


def _absolute(folder: Path) -> Path:
    """A folder of definitions wherever the work is done; the name of a kept set stays."""
    return folder.absolute() if folder.is_dir() else folder


def _told(
    results: Iterable[Result], bar: FileBar | None, form: str, *, verbose: bool, quiet: bool
) -> int:
    """Print results as they come, and all in a line; the exit code."""
    from nxtool.report import batch as words

    tally, started = words.Tally(), time.monotonic()
    as_json = form == "json" and not quiet
    try:
        for result in results:
            is_news = tally.add(result)
            if as_json:
                head = ",\n" if tally.tasks > 1 else words.JSON_BEGIN + "\n"
                write(head + words.result_json(result))
            elif not quiet and (verbose or is_news):
                if bar is not None:
                    bar.clear()
                show(words.result_lines(result))
            if bar is not None:
                bar.skip() if result.was_done else bar.advance()
    finally:
        if bar is not None:
            bar.clear()
    seconds = time.monotonic() - started if bar is not None else 0.0
    if as_json:
        head = "" if tally.tasks else words.JSON_BEGIN
        write(head + words.json_end(tally, seconds))
    elif not quiet:
        show(words.end_lines(tally, seconds, folded=not verbose))
    return exit_code(tally.verdicts)
