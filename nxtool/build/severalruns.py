"""What `convert` has to do: one file, or one for each run where the name of the output says so.

A name like `{scan_id}_{uid:.8}.nxs` has values of the start document for fields, and `{run}`, the
number of the run in its file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.bluesky.filenames import fields_of, run_filename
from nxtool.bluesky.pack import is_pack, read_pack, start_of
from nxtool.bluesky.runs import read_runs
from nxtool.build.fromrun import RunRequest, is_run, opened_run, recipe_of_run
from nxtool.errors import OutputError, RecipeError, SourceError
from nxtool.recipe.checks import CollectedError
from nxtool.recipe.model import Recipe, load_recipe
from nxtool.recipe.variables import escape
from nxtool.sources.blueskyrun import BlueskyRun, chosen_run

if TYPE_CHECKING:
    from nxtool.bluesky.runs import Run

NUMBER: Final = "run"
"""The field that is the number of a run in its file."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to write: from what, under which name (empty for that of the recipe), and what
    changes the recipe first."""

    origin: Path | Recipe
    output: str
    settings: tuple[str, ...] = ()


def run_jobs(path: Path, output: str, request: RunRequest) -> Iterator[Job]:
    """The files to write of a file of documents: one, or one for each run.

    Raises:
        SourceError: the file is damaged, or holds several runs and nobody says which.
        OutputError: the name of the output does not suit the runs.
    """
    if is_pack(path):
        yield from _pack_jobs(path, output, request)
        return
    if not fields_of(output):
        yield Job(recipe_of_run(path, request), output)
        return
    read = read_runs(path)
    for number, target in _named(_starts(path, read[0], request.run), output):
        run = read[0][number - 1]
        reader = BlueskyRun(path, run.uid, request.roots, read=read)
        wanted = request if len(read[0]) == 1 else replace(request, run=run.uid)
        yield Job(recipe_of_run(path, wanted, reader), target)


def recipe_jobs(path: Path, output: str, settings: Sequence[str]) -> Iterator[Job]:
    """The files to write of a recipe: one, or one for each run of its source. A recipe with
    mistakes is one, so that they are told; braces in a name mean nothing where no source is a run.

    Raises:
        RecipeError: the name of the output has fields, and several sources are runs.
        SourceError, OutputError: as `run_jobs`.
    """
    recipe = None
    with suppress(RecipeError, CollectedError):
        recipe = load_recipe(path, settings)
    template = output or (recipe.output or "" if recipe is not None else "")
    sources = _runs_of(recipe) if recipe is not None and "{" in template else {}
    if recipe is None or not sources or not fields_of(template):
        yield Job(path, output, tuple(settings))
        return
    if len(sources) > 1:
        message = f"{path}: {template!r} is named after a run, but {' and '.join(sources)} are runs"
        raise RecipeError(message, hint="write a plain name with -o FILE.nxs")
    [(name, (file, options))] = sources.items()
    spec, _ = recipe.sources[name]
    read = read_runs(file)
    starts = _starts(file, read[0], str(options.get("run", "")))
    folder = Path() if output else recipe.file.parent
    for number, target in _named(starts, template):
        run = read[0][number - 1]
        changes = [f"sources.{name}.path={json.dumps(escape(spec.path if spec else ''))}"]
        changes += [f"sources.{name}.options.run={json.dumps(run.uid)}"]
        made = load_recipe(path, [*settings, *changes])
        reader = BlueskyRun(file, run.uid, options.get("roots"), read=read)
        yield Job(_opened(made, name, file, reader), str(folder / target))


def _starts(path: Path, runs: list[Run], wanted: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The start documents of all runs, or of the one that is wanted, with their numbers."""
    chosen = chosen_run(path, runs, wanted) if wanted else None
    numbered = enumerate(runs, start=1)
    return [(number, run.start) for number, run in numbered if chosen is None or run is chosen]


def _runs_of(recipe: Recipe) -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """The sources that are files of documents, with the options of each."""
    folder = recipe.file.resolve().parent
    specs = {name: spec for name, (spec, _) in recipe.sources.items() if spec is not None}
    files = {name: (folder / spec.path, spec.options) for name, spec in specs.items()}
    return {name: one for name, one in files.items() if is_run(one[0])}


def _opened(recipe: Recipe, name: str, file: Path, reader: BlueskyRun) -> Recipe:
    """The recipe with its run open: the file is long, and read already."""
    spec, marks = recipe.sources[name]
    assert spec is not None  # noqa: S101 - it was there when the run was looked for
    source = opened_run(file, reader).source
    sources = {**recipe.sources, name: (replace(spec, opened=source), marks)}
    return replace(recipe, sources=sources)


def _pack_jobs(folder: Path, output: str, request: RunRequest) -> Iterator[Job]:
    """The files to write of a folder of databroker-pack."""
    pack = read_pack(folder, request.roots)
    starts = [(number, start_of(file)) for number, file in enumerate(pack.files, start=1)]
    wanted = [one for one in starts if _is_wanted(request.run, *one)]
    if len(wanted) != 1 and (request.run or not fields_of(output)):
        listed = "; ".join(f"{number} {str(start['uid'])[:8]}" for number, start in starts[:10])
        what = f"no one run is {request.run!r}" if request.run else f"holds {len(starts)} runs"
        hint = f"say which by --run, or name the output after them, -o '{{run}}.nxs': {listed}"
        raise SourceError(f"{folder}: {what}", hint=hint)
    made = RunRequest("", {**request.roots, **pack.roots}, request.assets)
    for number, target in _named(wanted, output):
        yield Job(recipe_of_run(pack.files[number - 1], made), target)


def _is_wanted(run: str, number: int, start: Mapping[str, Any]) -> bool:
    return not run or run == str(number) or str(start.get("uid")).startswith(run)


def _named(starts: Sequence[tuple[int, Mapping[str, Any]]], template: str) -> list[tuple[int, str]]:
    """The numbers of runs with the names of their files; raises `OutputError` where two are
    alike."""
    named = [(number, _name(number, start, template)) for number, start in starts]
    name, count = Counter(target for _, target in named).most_common(1)[0]
    if count > 1:
        hint = "add a field that tells them apart, {uid:.8} or {run}"
        raise OutputError(f"{template!r} names {count} of the runs {name}", hint=hint)
    return named


def _name(number: int, start: Mapping[str, Any], template: str) -> str:
    try:
        return run_filename(template, {**start, NUMBER: number})
    except OutputError as error:
        raise OutputError(f"run {number}: {error.message}", hint=error.hint) from error
