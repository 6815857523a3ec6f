"""All that a page about a file tells, as plain values.

The file is judged first, in a process of its own: one at which the HDF5 library crashes or loops is
not read here. Whatever else is wrong with it is told on the page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from nxtool.errors import FileUnreadable
from nxtool.findings import Findings
from nxtool.openpmd.opening import backend_of, open_tree
from nxtool.openpmd.recognising import openpmd_series
from nxtool.openpmd.series import Series
from nxtool.openpmd.summary import summary
from nxtool.plotting.reading import Reading, usual_reading
from nxtool.report.units import bytes_text
from nxtool.viewing.apart import Judging
from nxtool.webpage.about import Sheet, entry_sheets, series_sheet, written
from nxtool.webpage.pagetree import PageTree, page_tree


@dataclass(frozen=True, slots=True)
class FilePage:
    """What is told of the file called `name`, in which `seen` is the one whose tree is shown.

    `facts` are of the file as such; `verdict` is None where it was not judged.
    """

    name: str
    seen: str
    facts: list[tuple[str, str]]
    sheets: list[Sheet]
    reading: Reading
    tree: PageTree
    verdict: Findings | None = None


def gather(path: Path, depth: int | None = None) -> FilePage:
    """What there is to tell of a file, or of a series of openPMD files; `depth` levels of its tree.

    Raises:
        FileUnreadable: it cannot be opened, or the HDF5 library crashes or loops when it is judged.
        MissingExtra: its format needs a library that is not installed.
    """
    with open_tree(_seen(path, openpmd_series(path))):
        pass  # what cannot be opened is told in the words of all commands
    judging = Judging(path)
    try:
        verdict = judging.verdict()
    except BaseException:
        judging.stop()
        judging.verdict()
        raise
    if isinstance(verdict, FileUnreadable):
        raise verdict
    return replace(look(path, depth), verdict=verdict)


def look(path: Path, depth: int | None = None) -> FilePage:
    """The same of a file that was not judged; raises likewise."""
    series = openpmd_series(path)
    seen = _seen(path, series)
    reading = usual_reading(seen, openpmd=series is not None)
    with open_tree(seen) as root:
        tree = page_tree(root, depth)
        sheets = entry_sheets(root)
        facts = [*_facts(seen, series), *written(root)]
    if series is not None:
        sheets.insert(0, series_sheet(summary(series)))
    return FilePage(path.name, seen.name, facts, sheets, reading, tree)


def _seen(path: Path, series: Series | None) -> Path:
    """The file whose tree is shown: the last one of a series."""
    return path if series is None else series.files[-1].path


def _facts(path: Path, series: Series | None) -> list[tuple[str, str]]:
    files = [path] if series is None else [file.path for file in series.files]
    size = sum(file.stat().st_size for file in files if file.is_file())
    changed = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    many = [("files", str(len(files)))] if len(files) > 1 else []
    return [
        *many,
        ("format", backend_of(path)),
        ("size", bytes_text(size)),
        ("changed", changed.strftime("%Y-%m-%d %H:%M UTC")),
    ]
