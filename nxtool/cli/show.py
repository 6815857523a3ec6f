"""`nxtool show`: what is in a file."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nxtool.cli import options
from nxtool.cli.output import show as print_lines
from nxtool.cli.output import write
from nxtool.defaultplot import DefaultPlot, NoPlot
from nxtool.hdf5.lossuse import losses_in
from nxtool.hdf5.opening import Hdf5File
from nxtool.report.filetree import as_dictionary, file_lines
from nxtool.report.losses import loss_lines, losses_json
from nxtool.report.printable import printable
from nxtool.show import file_tree


@click.command(no_args_is_help=True)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@click.option("--depth", type=click.IntRange(min=1), help="How many levels to show.")
@click.option("-a", "--attributes", is_flag=True, help="Show all attributes.")
@click.option("--lossy", is_flag=True, help="Show what was lost on purpose instead of the tree.")
@options.text_or_json
@options.no_color
def show(file: Path, depth: int | None, attributes: bool, lossy: bool, form: str) -> None:
    """Show the tree of an HDF5 file: classes, shapes, units, small values, storage, links.

    With --lossy, the datasets whose values were rounded or are behind a lossy filter: method,
    bound and measured errors, or that the file does not tell.
    """
    if lossy:
        _show_losses(file, form)
        return
    with Hdf5File(file) as opened:
        top, plot = file_tree(opened.root, depth)
    if form == "json":
        content = {"file": str(file), "default_plot": _plot(plot), "root": as_dictionary(top)}
        content["file"] = printable(str(file))
        write(json.dumps(content, indent=2, allow_nan=False) + "\n")
    else:
        print_lines(file_lines(str(file), top, plot, attributes=attributes))


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
