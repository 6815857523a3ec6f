"""`nxtool tui`: the terminal user interface, found by its entry point.

The library knows no user interface, so none is imported here by name: the distribution names the
function that runs one under the group `nxtool.frontend`.
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from nxtool.errors import NxtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP: Final = "nxtool.frontend"


@click.command()
@click.argument("file", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with plain ASCII characters.")
def tui(file: Path | None, ascii_only: bool) -> None:
    """Write, build and view files in the terminal.

    FILE is a recipe (it need not exist yet), a NeXus or HDF5 file to view, or a folder of raw
    data. Without it you choose.
    """
    if file is not None and not file.parent.is_dir():
        raise NxtoolError(f"{file}: there is no folder {file.parent}", hint="check the name")
    run = _frontend()
    _require_terminal()
    run(file, ascii_only=ascii_only or not _writes_unicode())


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


def _frontend() -> Callable[..., None]:
    """The function that runs the user interface. Raises `NxtoolError` where there is none."""
    found = next(iter(entry_points(group=GROUP, name="tui")), None)
    if found is None:
        raise NxtoolError("the terminal interface is not installed", hint="reinstall nxtool")
    function: Callable[..., None] = found.load()
    return function
