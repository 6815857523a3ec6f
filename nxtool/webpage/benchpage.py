"""A bench of filters as one page: what to take, a picture, the table."""

from __future__ import annotations

from nxtool import __version__
from nxtool.bench.ranking import Ranked
from nxtool.bench.run import Bench
from nxtool.report.bench import HEADS, cells_of, tried
from nxtool.report.benchloss import loss_table
from nxtool.report.htmldocument import document, text
from nxtool.webpage.benchplot import bench_picture


def bench_page(bench: Bench) -> str:
    """The page."""
    heads = "".join(f"<th>{head}</th>" for head in (*HEADS, ""))
    rows = "\n".join(_row(bench, one) for one in bench.order)
    advice = bench.advice
    words = f"take {advice.filter}: {advice.reason}" if advice else "nothing could be tried"
    tables = f"<table><tr>{heads}</tr>\n{rows}\n</table>\n", loss_table(bench)
    body = (
        f"<header>\n<h1>{text(bench.sample.name)}</h1>\n"
        f"<p>{text(f'{bench.sample.dtype}, {tried(bench)}')}</p>\n</header>\n<main>\n"
        f'<p class="advice">{text(words)}</p>\n{_figure(bench)}'
        f"{''.join(_scrolled(table) for table in tables if table)}</main>\n"
        f"<footer>nxtool {__version__} filters bench; speeds are GB/s</footer>\n"
    )
    return document("bench", f"filters on {bench.sample.name}", body, styles=("picture",))


def _scrolled(table: str) -> str:
    return f'<div class="scroll">{table}</div>\n'


def _figure(bench: Bench) -> str:
    picture = bench_picture(bench.order)
    caption = "coloured, ◆: no other is better in ratio, writing and reading"
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>\n" if picture else ""


def _row(bench: Bench, one: Ranked) -> str:
    is_taken = bench.advice is not None and one.trial.filter == bench.advice.filter
    cells = (*cells_of(bench, one), "◆" if one.on_front else "")
    told = "".join(f"<td>{text(cell)}</td>" for cell in cells)
    return f'<tr class="taken">{told}</tr>' if is_taken else f"<tr>{told}</tr>"
