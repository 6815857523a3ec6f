"""What is asked for to a list of tasks, with all mistakes found before any of them is done."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from nxtool.batch.manifest import Row, read_manifest
from nxtool.batch.model import SUFFIX, Action, Manner, Task
from nxtool.errors import NxtoolError, RecipeError
from nxtool.findings import Mark
from nxtool.recipe.checks import did_you_mean
from nxtool.recipe.include import load
from nxtool.recipe.variables import escape
from nxtool.remote.address import address_of, public
from nxtool.sources.naturalsort import find_files, natural_key
from nxtool.yamltree.emit import flow
from nxtool.yamltree.nodes import MapNode

_NAMES: Final = ("stem", "name", "parent", "index")
_BRACES: Final = re.compile(r"\{([^{}]*)\}")
_DIGITS: Final = 8
"""How much of a checksum keeps the records of two files of one name apart."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for.

    `inputs` are names of files, or patterns, relative to the working directory; `manifest` is a
    list of tasks. `recipe`, `output` and `settings` hold for all that do not say otherwise; in
    `output`, `{stem}`, `{name}`, `{parent}` (the folder's name) and `{index}` (from 0) stand for
    what an input is called. `source` is the source of the recipe that an input is. `state` is the
    folder for the records of files that are only judged.
    """

    action: Action
    inputs: Sequence[str] = ()
    manifest: Path | None = None
    recipe: Path | None = None
    output: str = ""
    source: str = ""
    settings: Sequence[str] = ()
    state: Path | None = None
    manner: Manner = field(default_factory=Manner)


def plan(wish: Wish) -> list[Task]:
    """The tasks that `wish` means, in the order of manifest or names.

    Raises:
        NxtoolError: something is missing, names nothing, or would be written twice.
        RecipeError: a recipe cannot be read.
    """
    tasks, rows = [], []
    recipes = _Recipes()
    for index, row in enumerate(_rows(wish)):
        tasks.append(_task(wish, row, index))
        rows.append(row)
        if wish.action == "convert":
            recipes.check(tasks[-1], row)
        else:
            _check_values(tasks[-1], row)
    _check_records(tasks, rows)
    return tasks


def recorded(manifest: Path) -> list[Task]:
    """The tasks of a manifest as far as their records tell of them: each row names its output.

    Raises:
        NxtoolError: the manifest has a mistake, or a row names none.
    """
    wish = Wish("repack", manifest=manifest)
    tasks = []
    for row in _rows(wish):
        output = Path(_output(wish, row, 0))
        tasks.append(Task("repack", output, output, _record(output, output, wish, row)))
    return tasks


def _rows(wish: Wish) -> Iterator[Row]:
    if bool(wish.inputs) == (wish.manifest is not None):
        raise NxtoolError("give either files or a manifest", hint="'raw/*.h5', or -m list.csv")
    if wish.manifest is not None:
        folder = wish.manifest.absolute().parent
        for row in read_manifest(wish.manifest):
            places = {n: _place(text, folder, row.marks[n]) for n, text in row.places.items()}
            yield Row(row.mark, places, row.settings, row.marks)
        return
    here = Path.cwd()
    found = {file: text for text in wish.inputs for file in _files(text, here)}
    for file in sorted(found, key=lambda file: natural_key(str(file))):
        yield Row(Mark(found[file]), {"input": str(file)}, {}, {})


def _place(text: str, folder: Path, mark: Mark) -> str:
    """The path that a manifest in `folder` means. Raises `NxtoolError` where it is none."""
    _require_here(text, mark)
    try:
        is_name = b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise NxtoolError(f"{text!r} is not a file name", hint="check the name", mark=mark)
    return str(folder / text)


def _require_here(text: str, mark: Mark | None = None) -> None:
    """Raises `NxtoolError` for an address: by what would it be known again?"""
    if address := address_of(text):
        message = f"{public(address)}: a batch takes only files that are here"
        hint = "download it first; a source of a recipe may be an address: sources.NAME.path"
        raise NxtoolError(message, hint=hint, mark=mark)


def _files(text: str, here: Path) -> Iterable[Path]:
    """The files that a name or a pattern means, without the records of a batch among them."""
    _require_here(text)
    found = find_files(text, here)
    return (file.absolute() for file in found if len(found) == 1 or not _is_record(file))


def _is_record(file: Path) -> bool:
    return file.name.endswith(SUFFIX)


def _task(wish: Wish, row: Row, index: int) -> Task:
    """The task of one row. Raises `NxtoolError` where something is missing."""
    given = row.places.get("input")
    settings = [*wish.settings, *(f"{name}={value}" for name, value in row.settings.items())]
    if wish.action == "convert":
        made_from, more = _recipe_of(wish, row)
        settings += more
    else:
        made_from = Path(_needed(given, "input", row))
    output = None if wish.action == "validate" else Path(_output(wish, row, index))
    record = _record(output, made_from, wish, row)
    return Task(wish.action, made_from, output, record, tuple(settings), wish.manner)


def _recipe_of(wish: Wish, row: Row) -> tuple[Path, list[str]]:
    """The recipe, or the stored run, of a row, and the setting that gives it the input."""
    given = row.places.get("input")
    recipe = row.places.get("recipe") or (str(wish.recipe.absolute()) if wish.recipe else None)
    if recipe is None and given is not None and wish.source:
        hint = f"give --recipe FILE, one with the source {wish.source}"
        raise NxtoolError("no recipe is given", hint=hint, mark=row.marks.get("input"))
    if recipe is None:
        return Path(_needed(given, "recipe", row)), []
    if given is None:
        return Path(recipe), []
    if not wish.source:
        hint = "--source NAME says which source of the recipe it is"
        raise NxtoolError(f"{given}: is no source yet", hint=hint, mark=row.marks.get("input"))
    return Path(recipe), [f"sources.{wish.source}.path={flow(escape(given))}"]


def _needed(text: str | None, name: str, row: Row) -> str:
    if text is None:
        hint = f"fill in the column {name}" + (", or give --recipe" if name == "recipe" else "")
        raise NxtoolError(f"no {name} is given", hint=hint, mark=row.mark_of(name))
    return text


def _output(wish: Wish, row: Row, index: int) -> str:
    if "output" in row.places:
        return row.places["output"]
    if not wish.output:
        hint = "give -o 'out/{stem}.nxs', or a column output in the manifest"
        raise NxtoolError("no output is given", hint=hint, mark=row.mark_of("output"))
    made = Path(row.places.get("input") or row.places.get("recipe") or wish.recipe or "")
    words = {"stem": made.stem, "name": made.name, "parent": made.parent.name, "index": str(index)}
    return str(Path(filled(wish.output, words)).absolute())


def filled(template: str, words: Mapping[str, str]) -> str:
    """`template` with what stands for the words in braces.

    >>> filled("out/{stem}.nxs", {"stem": "scan1"})
    'out/scan1.nxs'

    Raises:
        NxtoolError: there is no such word.
    """

    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            usual = f"known are {', '.join(f'{{{name}}}' for name in words)}"
            raise NxtoolError(f"{template}: {match[0]} stands for nothing", hint=usual)
        return words[match[1]]

    return _BRACES.sub(word, template)


def _record(output: Path | None, made_from: Path, wish: Wish, row: Row) -> Path:
    """Where the result is noted: beside the output, or in the folder of records."""
    if output is not None and not output.name:
        raise NxtoolError(f"{output}: names no file", hint="give another output", mark=row.mark)
    if output is not None and wish.state is None:
        return output.with_name(output.name + SUFFIX)
    if wish.state is None:
        raise NxtoolError("no folder for the results is given", hint="--state DIR", mark=row.mark)
    of = output or made_from
    digest = hashlib.sha256(os.fsencode(of)).hexdigest()[:_DIGITS]
    return wish.state.absolute() / f"{of.name}.{digest}{SUFFIX}"


def _check_records(tasks: Sequence[Task], rows: Sequence[Row]) -> None:
    """Refuse two tasks with one output, or an output that is read."""
    inputs = {os.path.realpath(task.input) for task in tasks}
    inputs |= {os.path.realpath(row.places["input"]) for row in rows if "input" in row.places}
    seen: dict[str, Mark] = {}
    for task, row in zip(tasks, rows, strict=True):
        mark = row.mark
        place = os.path.realpath(task.output or task.input)
        if place in seen:
            what = "is written" if task.output else "is judged"
            hint = "use {parent} or {index} in the output, or another name"
            message = f"{task.name}: {what} by another task too ({seen[place]})"
            raise NxtoolError(message, hint=hint if task.output else "name it once", mark=mark)
        if task.output and place in inputs:
            hint = "write the output elsewhere"
            raise NxtoolError(f"{task.name}: is an input too", hint=hint, mark=mark)
        seen[place] = mark


def _check_values(task: Task, row: Row) -> None:
    """Raises `NxtoolError` for a setting of a task that has none, or of another name than those
    of values to export."""
    from nxtool.export.mapping import check_targets

    for setting in task.settings:
        name = setting.partition("=")[0].strip()
        if task.action != "export":
            mark, hint = row.marks.get(name), "its columns are input and output"
            raise NxtoolError(f"{name} means nothing to {task.action}", hint=hint, mark=mark)
        try:
            check_targets([name])
        except NxtoolError as error:
            mark = row.marks.get(name)
            raise NxtoolError(error.message, hint=error.hint, mark=mark) from error


class _Recipes:
    """What recipes know, read once each, to find settings that nothing asks for."""

    def __init__(self) -> None:
        self._trees: dict[Path, MapNode | None] = {}
        self._checked: set[tuple[Path, str]] = set()

    def check(self, task: Task, row: Row) -> None:
        """Raises `NxtoolError` for a variable or a source that the recipe does not have."""
        tree = self._tree(task.input, row)
        if tree is None:
            return
        for setting in task.settings:
            name = setting.partition("=")[0].strip()
            if (task.input, name) not in self._checked:
                _check_setting(task.input, tree, name, row)
                self._checked.add((task.input, name))

    def _tree(self, recipe: Path, row: Row) -> MapNode | None:
        if recipe not in self._trees:
            self._trees[recipe] = _read(recipe, row)
        return self._trees[recipe]


def _read(recipe: Path, row: Row) -> MapNode | None:
    """The tree of a recipe; None for a stored run."""
    from nxtool.build.fromrun import is_run

    if recipe.is_file() and is_run(recipe):
        return None
    try:
        return load(recipe)[0]
    except RecipeError as error:
        if error.mark is not None:
            raise
        raise RecipeError(error.message, hint=error.hint, mark=row.marks.get("recipe")) from error


def _check_setting(recipe: Path, tree: MapNode, name: str, row: Row) -> None:
    part, _, rest = name.partition(".")
    below = tree.get(part)
    if part not in ("vars", "sources") or not rest:
        return
    names = [key.text for key, _ in below.items] if isinstance(below, MapNode) else []
    word = rest.partition(".")[0]
    if word not in names:
        what = "variable" if part == "vars" else "source"
        hint = did_you_mean(word, names) or f"it has {', '.join(names) or 'none'}"
        raise NxtoolError(
            f"{recipe.name} has no {what} {word!r}", hint=hint, mark=row.marks.get(name)
        )
