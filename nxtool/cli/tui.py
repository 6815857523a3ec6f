"""`nxtool tui`: the terminal user interface, found by its entry point.

The library knows no user interface, so none is imported here by name: the distribution names the
functions that run one under the group `nxtool.frontend`, `tui` in a terminal, `serve` in browsers.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nxtool.cli import options
from nxtool.cli.output import write
from nxtool.errors import NxtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP: Final = "nxtool.frontend"
DRIVER: Final = "TEXTUAL_DRIVER"
"""Set where something else than a terminal draws: a browser, that knows all characters."""


@click.command()
@click.argument("file", required=False, type=options.file_here)
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with plain ASCII characters.")
@click.option("--serve", is_flag=True, help="Show it in a browser on this machine instead.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Where --serve listens; 0 takes any port that is free.  [default: 8000]",
)
def tui(file: Path | None, ascii_only: bool, serve: bool, port: int | None) -> None:
    """Write, build and view files in the terminal.

    FILE is a recipe (it need not exist yet), a NeXus or HDF5 file to view, or a folder of raw
    data. Without it you choose.
    """
    if port is not None and not serve:
        raise click.UsageError("--port needs --serve")
    if file is not None and not file.parent.is_dir():
        raise NxtoolError(f"{file}: there is no folder {file.parent}", hint="check the name")
    if serve:
        _serve(file, port, ascii_only=ascii_only)
        return
    run = _frontend("tui")
    if DRIVER not in os.environ:
        _require_terminal()
        ascii_only = ascii_only or not _writes_unicode()
    run(file, ascii_only=ascii_only)


def _serve(file: Path | None, port: int | None, *, ascii_only: bool) -> None:
    """Show the application in browsers until the user interrupts us."""

    def tell(address: str) -> None:
        write(f"nxtool is at {address}\n")
        write("Open it in a browser on this machine; Ctrl-C ends it.\n")

    options = {} if port is None else {"port": port}
    _frontend("serve")(file, **options, ascii_only=ascii_only, tell=tell)


def _require_terminal() -> None:
    """Raises `NxtoolError` where nothing could be drawn, or no key would arrive."""
    hint = "run it in a terminal; `nxtool convert` and `nxtool check` need none"
    # Textual reads keys from stdin and draws on stderr
    for stream, name in ((sys.stdin, "input"), (sys.stderr, "error output")):
        if not stream.isatty():
            raise NxtoolError(f"standard {name} is not a terminal", hint=hint)
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        raise NxtoolError("this terminal cannot place text (TERM=dumb)", hint=hint)


def _writes_unicode() -> bool:
    return "utf" in (getattr(sys.stderr, "encoding", None) or "").lower()


def _frontend(name: str) -> Callable[..., None]:
    """The function that runs a user interface. Raises `NxtoolError` where there is none."""
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        raise NxtoolError(f"the interface {name!r} is not installed", hint="reinstall nxtool")
    function: Callable[..., None] = found.load()
    return function
