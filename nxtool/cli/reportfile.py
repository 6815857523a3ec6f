"""Where a report goes: to stdout as it grows, or to the file of `-o`, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from nxtool.cli.output import write
from nxtool.errors import OutputError

Say = Callable[[str], None]


@contextmanager
def report_to(output: Path | None, inputs: Iterable[str], *, quiet: bool) -> Iterator[Say]:
    """Gives a function that takes the report part by part. `quiet` silences stdout only.

    Raises:
        OutputError: the file cannot be written, or is one of the inputs.
    """
    if output is None:
        yield _say_nothing if quiet else write
        return
    if output.exists() and any(_is_same(output, file) for file in inputs):
        raise OutputError(f"{output}: is one of the files to read", hint="choose another name")
    try:
        with _whole_file(output) as stream:
            yield lambda text: _write(stream, text)
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise OutputError(f"{output}: {reason}", hint="choose another place") from error


def write_whole(output: Path, text: str) -> None:
    """Replace the file `output` by `text`, or leave it as it is. Raises `OutputError`."""
    with report_to(output, (), quiet=False) as say:
        say(text)


@contextmanager
def _whole_file(output: Path) -> Iterator[TextIO]:
    """A stream into a file that gets its name when it is complete; a device is written to."""
    part = output if _is_device(output) else output.with_name(f".{output.name}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace") as stream:
            yield stream
        if part is not output:
            part.replace(output)
    except BaseException:
        if part is not output:
            part.unlink(missing_ok=True)
        raise


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _is_same(output: Path, file: str) -> bool:
    return Path(file).exists() and output.samefile(file)


def _say_nothing(_text: str) -> None:
    """What `--quiet` prints."""
