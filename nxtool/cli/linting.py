"""What the two linters share: options, and judging file after file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import click

from nxtool.cli.output import say_error, show, write
from nxtool.errors import NxtoolError
from nxtool.findings import Findings

FailOn = Literal["error", "warning", "never"]
fail_on_option: Final = click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="What makes the exit code 1.",
)


def judge_files(
    files: Sequence[Path],
    judge: Callable[[Path], Findings],
    form: str,
    fail_on: FailOn,
    schema: str,
    titles: Mapping[str, str],
) -> int:
    """Judge the files and report, in a document of `schema` if `form` is json; the exit code."""
    from nxtool.report.lints import lint_json, lint_lines

    judged: list[Findings] = []
    code = 0
    for path in files:
        try:
            judged.append(judge(path))
        except NxtoolError as error:
            say_error(error)
            code = 2
            continue
        if fail_on != "never" and judged[-1].at_least(fail_on):
            code = max(code, 1)
    if form == "json":
        write(lint_json(judged, schema, titles))
    else:
        show(lint_lines(judged))
    return code
