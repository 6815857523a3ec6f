"""Lists of tasks in files: CSV, with a column for each name, or JSONL, an object a line.

Names are `input`, `recipe`, `output`, or those of settings as `--set` takes them. An empty cell, or
null, says nothing. Values of settings are YAML, as for `--set`; a cell that is neither one plain
value nor begins like a list, a mapping or quoted text is text, so nobody need quote `Fe: 3 %`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nxtool.batch.cells import Cell, rows_of
from nxtool.errors import NxtoolError
from nxtool.findings import Mark
from nxtool.recipe.checks import did_you_mean
from nxtool.yamltree.emit import flow
from nxtool.yamltree.nodes import Scalar
from nxtool.yamltree.yamlfile import parse

PLACES: Final = ("input", "recipe", "output")
"""Names that are files, relative to the folder of the manifest."""
SUFFIXES: Final = (".csv", ".tsv", ".jsonl", ".ndjson")
MAX_BYTES: Final = 64 << 20
MAX_ROWS: Final = 1_000_000
_SETTING: Final = re.compile(r"[^\s.=]+(\.[^\s.=]+)+")
_STRUCTURED: Final = ("[", "{", '"', "'")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a manifest: files by name, settings by name, and the place of each.

    `mark` is that of the line.
    """

    mark: Mark
    places: Mapping[str, str]
    settings: Mapping[str, str]
    marks: Mapping[str, Mark]

    def mark_of(self, name: str) -> Mark:
        """Where `name` stands, or the line that lacks it."""
        return self.marks.get(name, self.mark)


def read_manifest(path: Path) -> list[Row]:
    """The rows of the manifest at `path`.

    Raises:
        NxtoolError: it cannot be read, or has a mistake; with file, line and column.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise NxtoolError(f"{path}: is no manifest", hint=f"name it {' or '.join(SUFFIXES)}")
    text = _text(path)
    json_lines = path.suffix.lower() in (".jsonl", ".ndjson")
    found = _json_rows(text, str(path)) if json_lines else _csv_rows(text, str(path))
    rows = []
    for row in found:
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise NxtoolError(f"more than {MAX_ROWS} rows", hint="split the file", mark=row.mark)
    if not rows:
        raise NxtoolError(f"{path}: names no task", hint="write a line for each file to make")
    return rows


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise NxtoolError(f"{path}: {reason}", hint="check the name") from error
    if len(data) > MAX_BYTES:
        raise NxtoolError(f"{path}: is larger than {MAX_BYTES >> 20} MiB", hint="split the file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        mark = Mark(str(path), line, column)
        raise NxtoolError("this is not UTF-8", hint="save the file as UTF-8", mark=mark) from error


def _csv_rows(text: str, file: str) -> Iterator[Row]:
    rows = rows_of(text, file)
    head = next(rows, [])
    names: dict[str, Cell] = {}
    for cell in head:
        _check_name(cell.text, cell.mark, names)
        names[cell.text] = cell
    for row in rows:
        if len(row) > len(head):
            hint = "quote cells with a separator in them, or name the column in the first line"
            mark = row[len(head)].mark
            raise NxtoolError(f"more cells than the {len(head)} columns", hint=hint, mark=mark)
        cells = dict(zip(names, row, strict=False))
        values = {name: cell.text for name, cell in cells.items() if cell.text}
        if not values:  # as spreadsheets write them behind the last one
            continue
        marks = {name: cell.mark for name, cell in cells.items()}
        settings = {n: _as_setting(v, marks[n]) for n, v in values.items() if n not in PLACES}
        yield Row(row[0].mark, _places(values), settings, marks)


def _places(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in PLACES if name in values}


def _check_name(name: str, mark: Mark, known: Mapping[str, object]) -> None:
    """Raises `NxtoolError` for a name that is no column."""
    if name in known:
        raise NxtoolError(f"{name!r} stands here again", hint="keep one of them", mark=mark)
    if name in PLACES or _SETTING.fullmatch(name):
        return
    near = did_you_mean(name, PLACES)
    usual = f"{', '.join(PLACES)}, or a setting like vars.sample or sources.raw.path"
    message = f"{name!r} names nothing" if name else "this column has no name"
    raise NxtoolError(message, hint=near or usual, mark=mark)


def _as_setting(text: str, mark: Mark) -> str:
    """A cell as YAML: as it is where that is one value or meant to be more, or else quoted.

    Raises:
        NxtoolError: it begins like more than one value, but is no YAML.
    """
    try:
        node = parse(text, mark.file)
        plain = isinstance(node, Scalar) and node.text == text
    except NxtoolError as error:
        if text.startswith(_STRUCTURED):
            raise NxtoolError(error.message, hint=error.hint, mark=mark) from error
        plain = False
    return text if plain or text.startswith(_STRUCTURED) else flow(text)


def _json_rows(text: str, file: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _json_row(line, Mark(file, number, 1))


def _json_row(line: str, mark: Mark) -> Row:
    values = _object(line, mark)
    marks: dict[str, Mark] = {}
    for name in values:
        column = line.find(json.dumps(name, ensure_ascii=False)) + 1
        place = Mark(mark.file, mark.line, column or 1)
        _check_name(name, place, marks)
        marks[name] = place
    for name in PLACES:
        if not isinstance(values.get(name, ""), str):
            message = f"{name} must be text, the name of a file"
            raise NxtoolError(message, hint=f'"{name}": "scan.nxs"', mark=marks[name])
    given = {name: value for name, value in values.items() if value not in (None, "")}
    settings = {name: flow(value) for name, value in given.items() if name not in PLACES}
    return Row(mark, _places(given), settings, marks)


def _object(line: str, mark: Mark) -> dict[str, Any]:
    """The object in a line. Raises `NxtoolError`."""
    try:
        value = json.loads(line, object_pairs_hook=_once, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = Mark(mark.file, mark.line, error.colno)
        raise NxtoolError(
            f"no JSON: {error.msg}", hint="write an object a line", mark=place
        ) from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise NxtoolError(f"no JSON: {reason}", hint="write an object a line", mark=mark) from None
    if not isinstance(value, dict):
        hint = '{"output": "scan1.nxs", "vars.sample": "Fe"}'
        raise NxtoolError("this line is no object", hint=hint, mark=mark)
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{double!r} stands in it twice")
    return found


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")
