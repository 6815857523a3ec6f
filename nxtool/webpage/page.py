"""A file as one HTML page that needs nothing else, to look at, to send, to keep beside the file.

It reads in light and dark, on paper, with the keyboard and without JavaScript, which only searches
the tree. All text from the file is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nxtool import __version__
from nxtool.report.htmldocument import document, text
from nxtool.webpage.about import Facts
from nxtool.webpage.findingpart import findings_part, marks, verdict_words
from nxtool.webpage.gather import FilePage
from nxtool.webpage.plotpart import plot_part
from nxtool.webpage.treepart import TreePart

NAME: Final = "show"
"""Of the style and the script, and how pages are known as ours: `<meta name="generator">`."""


def page(about: FilePage) -> str:
    """The page."""
    tree = TreePart(about.tree)
    verdict, told = verdict_words(about.verdict)
    place = about.reading.plot.place if about.reading.plot is not None else ""
    body = (
        f"<header>\n<h1>{text(about.name)}</h1>\n"
        f'<p><span class="badge {verdict}">{verdict}</span> {text(told)}</p>\n'
        '<nav><a href="#about">About</a> <a href="#plot">Picture</a> '
        '<a href="#findings">Findings</a> <a href="#tree">Tree</a></nav>\n</header>\n<main>\n'
        f'<div class="top">\n{plot_part(about.reading, tree.ids.get(place, ""))}'
        f'<section id="about">\n<h2>About</h2>\n{"".join(_sheets(about))}</section>\n</div>\n'
        f"{findings_part(about.verdict, tree.nearest)}"
        f"{tree.section(about.seen, marks(about.verdict, tree.nearest))}</main>\n"
        f"<footer>nxtool {__version__} show --html</footer>\n"
    )
    return document(NAME, f"{about.name}: {verdict}", body, styles=("picture",))


def _sheets(about: FilePage) -> Iterable[str]:
    several = len([sheet for sheet in about.sheets if sheet.name]) > 1
    for sheet in about.sheets:
        if several and sheet.name:
            yield f"<h3>{text(sheet.name)}</h3>\n"
        yield _facts(sheet.facts)
    if several:
        yield "<h3>the file</h3>\n"
    yield _facts(about.facts)


def _facts(facts: Facts) -> str:
    rows = "".join(f"<dt>{label}</dt><dd>{text(words)}</dd>\n" for label, words in facts)
    return f"<dl>\n{rows}</dl>\n"
