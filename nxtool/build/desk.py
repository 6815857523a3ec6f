"""What the parts of the planner share: the recipe, open sources, problems, the growing plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nxtool.build.plan import Plan
from nxtool.errors import FilterError, RecipeError, SourceError
from nxtool.findings import Finding, Mark, Severity
from nxtool.recipe.checks import did_you_mean, mistake
from nxtool.recipe.forms import SourceRef
from nxtool.recipe.model import Recipe
from nxtool.schema.compile import Schema
from nxtool.sources.model import Source, SourceArray, SourceSpec
from nxtool.sources.opener import open_source
from nxtool.sources.runselectors import check_form, is_expected


@dataclass(slots=True)
class Desk:
    """Everything a planning needs; close it when the plan is executed."""

    recipe: Recipe
    schema: Schema
    plan: Plan
    problems: list[Finding] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    """Paths that are missing from the plan because of a mistake that is noted already."""
    is_ahead: bool = False
    """True where runs that are still to come may be missing: what refers to them is checked in
    form."""
    expected: dict[str, list[str]] = field(default_factory=dict)
    """Sources that are such runs, with the selectors of the references to each."""
    _open: dict[str, Source | None] = field(default_factory=dict)

    @property
    def has_unread(self) -> bool:
        """True where a source could not be opened, so that anything may be missing."""
        return None in self._open.values()

    @property
    def folder(self) -> Path:
        """Paths of sources are relative to the recipe."""
        return self.recipe.file.resolve().parent

    def problem(
        self,
        code: str,
        mark: Mark | None,
        message: str,
        hint: str = "",
        *,
        path: str = "",
        severity: Severity = "error",
    ) -> None:
        """Note a mistake and go on."""
        self.problems.append(Finding(code, severity, path, message, hint=hint, mark=mark))

    @property
    def error_count(self) -> int:
        """How many mistakes were noted that forbid to go on; warnings do not count."""
        return sum(problem.severity == "error" for problem in self.problems)

    def spec(self, ref: SourceRef) -> SourceSpec | None:
        """How the source of a reference was asked for; None, with a problem, if it was not, or
        if what was asked is a mistake that is noted already."""
        if ref.source not in self.recipe.sources:
            known = self.recipe.sources
            hint = did_you_mean(ref.source, known) or f"sources: {', '.join(known) or 'none'}"
            message = f"there is no source {ref.source!r}"
            self.problems.append(mistake("R01", ref.mark, message, hint))
            return None
        return self.recipe.sources[ref.source][0]

    def array(self, ref: SourceRef) -> SourceArray | None:
        """The array a reference means; None, with a problem, if it cannot be had, and without one
        if it is of a run to come."""
        spec = self.spec(ref)
        if spec is None or self._is_expected(ref, spec):
            return None
        source = self.source(ref.source)
        if source is None:
            return None
        try:
            return source.array(ref.selector)
        except SourceError as error:
            _, marks = self.recipe.sources[ref.source]
            at_selector = error.about == "path" and ref.selector
            mark = ref.selector_mark if at_selector else marks.get(error.about, ref.mark)
            self.problem("R05", mark, error.message, error.hint)
            return None

    def _is_expected(self, ref: SourceRef, spec: SourceSpec) -> bool:
        """True for a reference to a run to come, whose form is checked."""
        if not self.is_ahead or not is_expected(spec, self.folder):
            return False
        self.expected.setdefault(ref.source, []).append(ref.selector)
        try:
            check_form(ref.selector, spec.format)
        except SourceError as error:
            self.problem("R04", ref.selector_mark, error.message, error.hint)
        return True

    def tell_expected(self) -> None:
        """Note which runs are not there yet."""
        for name, selectors in self.expected.items():
            count = len(selectors)
            spec, marks = self.recipe.sources[name]
            what = "1 reference to it is" if count == 1 else f"{count} references to it are"
            message = (
                f"{spec.path if spec else name}: is not there yet; {what} checked in form alone"
            )
            hint = "with a run like it, more is checked: --set sources.NAME=FILE"
            hint = hint.replace("NAME", name)
            self.problem("R04", marks["path"], message, hint, severity="warning")

    def source(self, name: str) -> Source | None:
        """The open source called `name`; a source that cannot be opened is told once."""
        if name not in self._open:
            spec, marks = self.recipe.sources[name]
            try:
                self._open[name] = source = open_source(spec, self.folder) if spec else None
                if source is not None:
                    _check_names(source.files, self.folder)
                    for note in source.notes:
                        self.problem("R04", marks["path"], note, severity="warning")
            except SourceError as error:
                self._open[name] = None
                mark = error.mark or marks.get(error.about, marks["path"])
                self.problem("R05", mark, error.message, error.hint)
        return self._open[name]

    @property
    def used_sources(self) -> dict[str, Source]:
        """The sources that were opened, by name."""
        return {name: source for name, source in self._open.items() if source is not None}

    @contextmanager
    def telling(self, mark: Mark | None, path: str = "") -> Iterator[None]:
        """Turn an error about one value into a problem at its place."""
        try:
            yield
        except (RecipeError, FilterError) as error:
            self.problem("R04", error.mark or mark, error.message, error.hint, path=path)
        except SourceError as error:
            self.problem("R05", error.mark or mark, error.message, error.hint, path=path)

    def close(self) -> None:
        """Close all sources."""
        for source in self.used_sources.values():
            source.close()


def _check_names(files: Iterable[Path], folder: Path) -> None:
    """The names of raw files are recorded in the result, whose texts are UTF-8."""
    for file in files:
        if not _is_utf8(os.path.relpath(file, folder)):
            message = f"{file}: its name is not UTF-8, so it cannot be recorded"
            raise SourceError(message, hint="rename it")


def _is_utf8(text: str) -> bool:
    """False where bytes that are not UTF-8 stand in a text as surrogates (PEP 383)."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
