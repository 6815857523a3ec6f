"""Options, and types of arguments, that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from nxtool.errors import FileUnreadable
from nxtool.remote.address import address_of, public
from nxtool.report.reporting import FORMATS

F = TypeVar("F", bound=Callable[..., Any])
Option = Callable[[F], F]


class _FileHere(click.Path):
    """The name of a file for a command that reads none elsewhere. Raises `FileUnreadable`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        require_here(value, ctx.command_path if ctx is not None else "this command")
        return super().convert(value, param, ctx)


def require_here(name: str | Path, command: str) -> None:
    """Raises `FileUnreadable` where `name` is an address, of which `command` reads none."""
    if address := address_of(name):
        message = f"{public(address)}: `{command}` reads only files that are here"
        hint = "download it first; validate, show and sources read addresses"
        raise FileUnreadable(message, hint=hint)


file_here: Final = _FileHere(readable=False, path_type=Path)


def _forbid_color(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.color = False


no_color: Final = click.option(
    "--no-color", is_flag=True, expose_value=False, callback=_forbid_color,
    help="Plain text; so does the variable NO_COLOR.",
)  # fmt: skip

definitions_folders: Final = click.option(
    "--definitions", "folders", metavar="SET", multiple=True,
    type=click.Path(readable=False, path_type=Path),
    help="A folder of NXDL files, or a kept set, to prefer; may be repeated.",
)  # fmt: skip

report_form: Final = click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True,
    help="How to print.",
)  # fmt: skip

text_or_json: Final = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
    help="How to print.",
)  # fmt: skip
