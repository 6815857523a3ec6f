"""`nxtool show`: what is in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from nxtool.cli import options
from nxtool.cli.output import show as print_lines
from nxtool.cli.output import write
from nxtool.defaultplot import DefaultPlot, NoPlot
from nxtool.hdf5.lossuse import losses_in
from nxtool.openpmd.opening import open_tree
from nxtool.openpmd.recognising import openpmd_series
from nxtool.openpmd.series import Series
from nxtool.openpmd.summary import summary
from nxtool.remote.address import named
from nxtool.report.filetree import as_dictionary, file_lines
from nxtool.report.losses import loss_lines, losses_json
from nxtool.report.openpmdseries import series_dictionary, series_lines
from nxtool.report.printable import printable
from nxtool.show import file_tree


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--depth", type=click.IntRange(min=1), help="How many levels to show.")
@click.option("-a", "--attributes", is_flag=True, help="Show all attributes.")
@click.option("--tree", is_flag=True, help="Show the tree of an openPMD file too.")
@click.option("--lossy", is_flag=True, help="Show what was lost on purpose instead of the tree.")
@click.option("--html", is_flag=True, help="Write one page for a browser instead.")
@click.option(
    "-o", "--output", type=click.Path(readable=False, path_type=Path), metavar="PAGE",
    help="With --html: the name of the page.  [default: that of FILE, in this folder]",
)  # fmt: skip
@options.text_or_json
@options.no_color
def show(
    file: Path,
    depth: int | None,
    attributes: bool,
    tree: bool,
    lossy: bool,
    html: bool,
    output: Path | None,
    form: str,
) -> None:
    """Show the tree of an HDF5 file: classes, shapes, units, small values, storage, links.

    FILE may lie elsewhere: https://…, s3://…, hdf5://… (HSDS).

    Of an openPMD file, or series of files (a pattern such as data_%T.h5, or a folder): version,
    iterations, meshes and particle species, constants, units. With --lossy, the datasets whose
    values were rounded or are behind a lossy filter: method, bound and measured errors, or that
    the file does not tell.

    With --html, a page that needs nothing else and opens in any browser: what the file says of
    itself, its default plot as a picture, the findings of `nxtool validate`, and its tree.
    """
    if output is not None and not html:
        raise click.UsageError("-o goes with --html")
    if html or lossy:
        options.require_here(file, f"nxtool show {'--html' if html else '--lossy'}")
    if html:
        if lossy or form == "json":
            raise click.UsageError("--html goes neither with --lossy nor with --format json")
        _write_page(file, output, depth)
        return
    if lossy:
        _show_losses(file, form)
        return
    series = openpmd_series(file)
    if form == "json":
        write(json.dumps(_content(file, series, depth), indent=2, allow_nan=False) + "\n")
        return
    if series is not None:
        print_lines(series_lines(summary(series)))
    if series is None or tree or depth or attributes:
        with open_tree(file) as root:
            top, plot = file_tree(root, depth)
        print_lines(file_lines(named(file), top, plot, attributes=attributes))


def _write_page(file: Path, output: Path | None, depth: int | None) -> None:
    # loaded for those who ask for it: a page is judged and drawn as well
    from nxtool.cli.showpage import write_page

    write_page(file, output, depth)


def _content(file: Path, series: Series | None, depth: int | None) -> dict[str, Any]:
    """The tree of one file, and what a series of openPMD files holds, for programs."""
    content: dict[str, Any] = {"file": printable(named(file))}
    if series is None or (len(series.files) == 1 and series.files[0].path == file):
        with open_tree(file) as root:
            top, plot = file_tree(root, depth)
        content |= {"default_plot": _plot(plot), "root": as_dictionary(top)}
    if series is not None:
        content["openpmd"] = series_dictionary(summary(series))
    return content


def _show_losses(file: Path, form: str) -> None:
    found = losses_in(file)
    if form == "json":
        write(losses_json(str(file), found))
    else:
        print_lines(loss_lines(str(file), found))


def _plot(plot: DefaultPlot | NoPlot) -> dict[str, object]:
    if isinstance(plot, NoPlot):
        return {"path": printable(plot.path), "reason": printable(plot.reason)}
    axes = [printable(axis) if axis else None for axis in plot.axes]
    return {"data": printable(plot.data), "signal": printable(plot.signal), "axes": axes}
