"""Text a command generates: to stdout, or to the file of `-o`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from nxtool.cli.output import write
from nxtool.errors import OutputError
from nxtool.remote.address import address_of

output_file: Final = click.option(
    "-o", "--output", type=click.Path(readable=False, path_type=Path), metavar="FILE", default=None,
    help="Write to this file instead of the terminal.",
)  # fmt: skip


def relative_to(path: str | Path, folder: Path) -> str:
    """`path` as it counts from the folder of a recipe; an absolute one, or an address, stays."""
    if address := address_of(path):
        return address
    if Path(path).is_absolute() or folder.resolve() == Path.cwd():
        return str(path)
    return Path(os.path.relpath(path, folder)).as_posix()


def deliver(text: str, output: Path | None, *, replace: bool) -> None:
    """Write `text` to `output`, or to stdout where that is None.

    Raises:
        OutputError: the file exists and `replace` is False, or it cannot be written.
    """
    if output is None:
        write(text)
        return
    try:
        with output.open("w" if replace else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise OutputError(f"{output}: exists already", hint="choose another name") from None
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise OutputError(f"{output}: {reason}", hint="choose another place") from error
