"""The end of a run: its documents become the file, by a recipe or without one, as they do when they
are converted later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.archive.documents import has_documents
from nxtool.build.convert import Outcome, convert
from nxtool.build.fromrun import RunRequest, recipe_of_run
from nxtool.errors import NxtoolError, RecipeError
from nxtool.recipe.model import Recipe, load_recipe
from nxtool.recipe.variables import escape

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema
    from nxtool.sources.model import Mode


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What came of a run: `path` is its file.

    `outcome` has what is to be told of it, None where `error` says why it could not be made of the
    documents. `documents` is the file of these where it was kept, None where the result alone
    has them. `is_plain` is True where a recipe did not fit the run, so the file was made without.
    """

    uid: str
    path: Path
    outcome: Outcome | None = None
    error: NxtoolError | None = None
    documents: Path | None = None
    is_plain: bool = False

    @property
    def ok(self) -> bool:
        """True where the file is as it should be: valid, and by the recipe."""
        return self.outcome is not None and self.outcome.ok and not self.is_plain

    @property
    def trouble(self) -> str:
        """What is wrong, in a sentence; empty where nothing is."""
        if self.error is not None:
            return str(self.error)
        if self.ok or self.outcome is None:
            return ""
        found = [*self.outcome.findings, *(self.outcome.result or ())]
        errors = (one for one in found if one.severity == "error")
        told = [": ".join(filter(None, (one.path, one.message))) for one in islice(errors, 1)]
        what = "the recipe does not fit the run" if self.is_plain else "it is not valid"
        return ": ".join([what, *told])


def run_source(recipe: Recipe) -> str:
    """The name of the source in a recipe that the run is.

    Raises:
        RecipeError: there is none, or it could be several.
    """
    names = [
        name for name, (spec, _) in recipe.sources.items()
        if spec is not None and (spec.format == "bluesky" or name == "run")
    ]  # fmt: skip
    if len(names) == 1:
        return names[0]
    hint = "write sources: {run: {path: run.jsonl, format: bluesky}}"
    message = "none of its sources is a run" if not names else "several of its sources are runs"
    raise RecipeError(f"{recipe.file}: {message}", hint=hint)


def _source_setting(recipe: Path, settings: Sequence[str], documents: Path) -> str:
    """The setting that makes this file of documents the run of a recipe."""
    name = run_source(load_recipe(recipe, settings))
    return f"sources.{name}.path={escape(str(documents.absolute()))}"


def finish_run(
    uid: str,
    documents: Path,
    path: Path,
    schema: Schema,
    *,
    recipe: Path | None = None,
    settings: Sequence[str] = (),
    assets: Mode = "virtual",
) -> FinishedRun:
    """Make the file of a run at `path`, which is replaced. The documents are removed when the
    result gives them back; where a recipe does not fit they stay, and the file is made without."""
    refused: Outcome | None = None
    try:
        if recipe is not None:
            made = [*settings, _source_setting(recipe, settings, documents)]
            outcome = convert(recipe, schema, output=str(path), settings=made, overwrite=True)
            refused = outcome if outcome.written is None else None
        if recipe is None or refused is not None:
            plain = recipe_of_run(documents, RunRequest(assets=assets))
            outcome = convert(plain, schema, output=str(path), overwrite=True)
        if outcome.written is not None and refused is None and has_documents(path):
            documents.unlink(missing_ok=True)
            return FinishedRun(uid, path, outcome)
    except NxtoolError as error:
        is_plain = refused is not None
        return FinishedRun(uid, path, error=error, documents=documents, is_plain=is_plain)
    return FinishedRun(uid, path, refused or outcome, None, documents, refused is not None)
