"""What `nxtool convert` does with stored Bluesky runs: to NeXus without a recipe, and back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

import click

from nxtool.archive.documents import kept_documents
from nxtool.bluesky.documents import document_lines
from nxtool.bluesky.pack import is_pack
from nxtool.bluesky.tiled import fetch, is_tiled
from nxtool.build.fromrun import RunRequest, is_run
from nxtool.build.severalruns import Job, recipe_jobs, run_jobs
from nxtool.cli.output import PipeClosed
from nxtool.errors import OutputError
from nxtool.sources.model import Mode

_SLASHES: Final = re.compile(r"\A(tiled:https?):/+")
_RUN: Final = click.option(
    "--run", default="", metavar="UID|NUMBER",
    help="Of several Bluesky runs in a file this one: its number, or how its uid begins.",
)  # fmt: skip
_ROOT: Final = click.option(
    "--root", "roots", multiple=True, metavar="OLD=NEW",
    help="Where a folder with data files of a Bluesky run is now; may be repeated.",
)  # fmt: skip
_MODES: Final[Mapping[str, Mode]] = {"vds": "virtual", "link": "link", "copy": "copy"}
_OPTIONS: Final = (
    _RUN,
    click.option(
        "--assets", type=click.Choice(["vds", "link", "copy"]), default="vds",
        show_default=True, callback=lambda _ctx, _option, value: _MODES[value],
        help="What becomes of data of a Bluesky run that lie in other HDF5 files: a virtual"
        " dataset, a link where a key is a whole dataset, or a copy.",
    ),
    _ROOT,
    click.option(
        "--to", type=click.Choice(["jsonl"]),
        help="Give back the Bluesky documents that a NeXus file keeps, instead of making one; or "
        "those of a stored run as lines.",
    ),
)  # fmt: skip


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of `nxtool convert` about runs."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def which_run(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which run of a file is meant, and where its data files are."""
    return _RUN(_ROOT(command))


def request_of(run: str, assets: Any, roots: tuple[str, ...]) -> RunRequest:
    """What the options ask for; raises `click.UsageError`."""
    moved = {}
    for text in roots:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise click.UsageError(f"{text!r} is no pair of folders: write --root /old=/new")
        moved[old] = new
    return RunRequest(run, moved, assets)


def jobs_of(path: Path, output: str, request: RunRequest, settings: Sequence[str]) -> Iterator[Job]:
    """What is to be written: of the recipe at `path`, or of the runs stored there.

    Raises:
        click.UsageError: it is a run, and nobody says what file to write; or it is none, and there
            are options for one.
        SourceError: the run cannot be read.
        OutputError: the name of the output does not suit the runs.
    """
    if not is_run(path) and not is_pack(path):
        if request != RunRequest():
            raise click.UsageError(
                f"{path} is no Bluesky run: --run, --assets, --root are for those"
            )
        return recipe_jobs(path, output, settings)
    if not output:
        raise click.UsageError("say what to write with -o FILE.nxs")
    return run_jobs(path, output, request)


@contextmanager
def at_hand(path: Path) -> Iterator[Path]:
    """A file to convert: the one at `path`, or while it lasts the documents of a run that a tiled
    server has.

    Raises:
        SourceError: the server does not give them.
    """
    text = _SLASHES.sub(r"\1://", str(path))  # paths have one slash where two stood
    if not is_tiled(text):
        yield path
        return
    with TemporaryDirectory(prefix="nxtool-") as folder:
        yield fetch(text, Path(folder))


def give_back(path: Path, output: str, *, overwrite: bool) -> None:
    """Write the documents that a NeXus file keeps to a file, or to stdout without one; so those of
    a run from elsewhere.

    Raises:
        FileUnreadable: it keeps none.
        OutputError: the output exists and may not be replaced, or cannot be written.
    """
    blocks = document_lines(path) if is_run(path) else kept_documents(path)
    first = next(blocks, b"")
    with _target(output, overwrite=overwrite) as stream:
        stream.write(first)
        for block in blocks:
            stream.write(block)


@contextmanager
def _target(output: str, *, overwrite: bool) -> Iterator[IO[bytes]]:
    if not output:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            raise PipeClosed from error
        return
    try:
        with Path(output).open("wb" if overwrite else "xb") as stream:
            yield stream
    except FileExistsError:
        raise OutputError(f"{output}: exists already", hint="--overwrite replaces it") from None
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise OutputError(f"{output}: {reason}", hint="choose another place") from error
