"""`nxtool show --html`: a file as one page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from nxtool.cli.output import write
from nxtool.cli.reportfile import report_to
from nxtool.cli.validate import policy_of
from nxtool.config import effective
from nxtool.errors import OutputError
from nxtool.findings import Findings
from nxtool.report.htmldocument import generator
from nxtool.report.printable import printable
from nxtool.report.text import counts
from nxtool.webpage.gather import FilePage, gather
from nxtool.webpage.page import NAME, page

_HEAD: Final = 4096
"""Where in a page its generator is named, in bytes."""


def write_page(file: Path, output: Path | None, depth: int | None) -> None:
    """Write the page about a file to `output`, else into the current folder under the name of the
    file, and say so.

    Raises:
        FileUnreadable: the file cannot be opened.
        OutputError: the page cannot be written, or would replace what is no such page.
    """
    target = output or _usual_target(file)
    with report_to(target, [str(file)], quiet=False) as say:
        about = _as_settled(gather(file, depth))
        say(page(about))
    write(f"{printable(str(target))}: {_told(about)}\n")


def _as_settled(about: FilePage) -> FilePage:
    """With the findings that count by the settings, as `nxtool validate` has them."""
    policy = policy_of(effective(), frozenset(), frozenset(), None)
    counting = policy.applied(about.verdict) if about.verdict is not None else None
    return replace(about, verdict=counting)


def _usual_target(file: Path) -> Path:
    name = re.sub(r"[^\w.-]+", "_", file.resolve().stem, flags=re.ASCII) or "file"
    target = Path(f"{name}.html")
    if target.exists() and not _is_ours(target):
        hint = "name the page with -o"
        raise OutputError(f"{target}: is there already, and is no page about a file", hint=hint)
    return target


def _is_ours(target: Path) -> bool:
    """Whether a file is a page about a file, which may be made anew."""
    try:
        with target.open("rb") as stream:
            return generator(NAME).encode() in stream.read(_HEAD)
    except OSError:
        return False


def _told(about: FilePage) -> str:
    """What is on the page, in a few words."""
    return f"{about.tree.count:,} names, {_picture(about)}, {_findings(about.verdict)}"


def _picture(about: FilePage) -> str:
    plot = about.reading.plot
    if plot is None or about.reading.drawn is None:
        return "no picture"
    return f"picture of {printable(plot.place)}"


def _findings(verdict: Findings | None) -> str:
    if verdict is None:
        return "not judged"
    return counts(verdict) or "no findings"
