"""A recipe to a validated file: load, plan, judge, write, judge again, rename."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from nxtool import nxpath
from nxtool.archive.compare import compare
from nxtool.archive.layout import GROUP, RECORD
from nxtool.archive.reading import Archive
from nxtool.build.desk import Desk
from nxtool.build.embed import Kept, embed
from nxtool.build.partfile import check_no_folder, part_file
from nxtool.build.plan import Plan, PlannedGroup
from nxtool.build.planner import judge, make_plan, undeclared
from nxtool.build.provenance import VALIDATION
from nxtool.build.write import Progress, RawChunks, no_progress, set_text, write_plan
from nxtool.errors import OutputError, RecipeError
from nxtool.findings import Finding, Findings
from nxtool.recipe.checks import CollectedError
from nxtool.recipe.model import UNNAMED, Draft, Recipe, load_recipe
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate

Check = Literal["strict", "allow-invalid", "off"]
"""`strict` writes only valid files; `allow-invalid` writes anyway and says so; `off` does not
look at the written file, and says so."""

Origin: TypeAlias = "Path | Mapping[str, Any] | Recipe | Draft"
"""A recipe file, the same tree made in Python, a recipe that is read already, or its text."""

BROKEN_SOURCE: Final = "R05"


@dataclass(slots=True)
class Outcome:
    """What came of a conversion.

    `findings` are about the recipe and the plan; `result` those about the written file, None
    where it was not written or not judged. `expected` are the selectors of sources that are still
    to come, by source, where such were checked ahead. `written` is the file, None if none was;
    `kept` says what it holds of the raw files, None if the recipe does not ask for them.
    """

    findings: Findings
    result: Findings | None = None
    written: Path | None = None
    kept: Kept | None = None
    plan: Plan | None = field(default=None, repr=False)
    expected: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True where a valid file could be, or was, written."""
        return self.findings.ok and (self.result is None or self.result.ok)

    @property
    def could_not(self) -> bool:
        """True where sources could not be read, so nothing can be said of the result."""
        return any(item.code == BROKEN_SOURCE for item in self.findings)


def check(
    origin: Origin, schema: Schema, settings: Sequence[str] = (), output: str = ""
) -> Outcome:
    """Everything short of writing. Runs of Bluesky may be missing that are still to come.

    Raises:
        RecipeError: the recipe is no YAML, or a file it includes is missing.
        DefinitionError: the definition is unknown.
    """
    desk, outcome = _prepare(origin, schema, settings, output, is_ahead=True)
    if desk is not None:
        desk.close()
    return outcome


def convert(
    origin: Origin,
    schema: Schema,
    *,
    output: str = "",
    settings: Sequence[str] = (),
    mode: Check = "strict",
    overwrite: bool = False,
    verify_restore: bool = False,
    progress: Callable[[Plan], Progress] | None = None,
) -> Outcome:
    """Convert a recipe.

    `settings` change it, unless it is read already. `output` overrules the recipe's; relative
    names count from the working directory, those of the recipe from its folder. With
    `verify_restore` the raw files are restored from the result, in memory, and compared with the
    originals before it gets its name. `progress` is called with the plan when writing begins and
    gives what is called for every block, and once before the file gets its name; what that raises
    ends the conversion and leaves nothing.

    Raises:
        RecipeError: the recipe is no YAML, names no output, a file it includes is missing, or it
            keeps no raw files that could be restored.
        DefinitionError: the definition is unknown.
        OutputError: the target exists and may not be overwritten, cannot be written, or does not
            give back the raw files.
        SourceError: a source turned out to be damaged while it was read.
    """
    desk, outcome = _prepare(origin, schema, settings, output)
    if desk is None:
        return outcome
    try:
        if outcome.could_not or not (outcome.findings.ok or may_go_on(outcome, mode)):
            return outcome
        target = target_of(desk.recipe, output)
        check_no_folder(target)
        if target.exists() and not overwrite:
            raise OutputError(f"{target}: exists already", hint="--overwrite replaces it")
        _check_inputs(desk, target)
        if verify_restore:
            _check_embedding(desk)
        with part_file(target) as part:
            tell = progress(desk.plan) if progress is not None else no_progress
            raw = write_plan(desk.plan, part, tell)
            outcome.findings.items.extend(_raw_findings(desk.plan, raw))
            outcome.kept = embed(desk.plan, part, tell)
            outcome.result = _judged(desk, part, target, schema, mode)
            good = mode != "strict" or (outcome.result is not None and outcome.result.ok)
            if good and verify_restore:
                _compare(desk.plan, part, target, tell)
            tell(str(target), 0)  # the last moment to interrupt
            if good:
                part.replace(target)
                outcome.written = target
    finally:
        desk.close()
    return outcome


def _prepare(
    origin: Origin,
    schema: Schema,
    settings: Sequence[str],
    output: str,
    *,
    is_ahead: bool = False,
) -> tuple[Desk | None, Outcome]:
    """The planned recipe and what is wrong with it; no desk where the recipe has mistakes that
    leave nothing to plan."""
    problems: list[Finding] = []
    name = _name_of(origin)
    try:
        recipe = _recipe_of(origin, settings, problems)
    except CollectedError as error:
        return None, Outcome(Findings(name, list(error.problems)))
    if not recipe.definition or not recipe.entries:
        return None, Outcome(Findings(name, problems))
    desk = make_plan(recipe, schema, _provisional_target(recipe, output), is_ahead=is_ahead)
    desk.problems[:] = _once([*problems, *desk.problems])
    findings = Findings(name, judge(desk), _applications(desk))
    return desk, Outcome(findings, plan=desk.plan, expected=desk.expected)


def _name_of(origin: Origin) -> str:
    if isinstance(origin, Recipe):
        return str(origin.file)
    if isinstance(origin, Draft):
        return str(origin.path)
    return str(UNNAMED if isinstance(origin, Mapping) else origin)


def _recipe_of(origin: Origin, settings: Sequence[str], problems: list[Finding]) -> Recipe:
    if not isinstance(origin, Recipe):
        return load_recipe(origin, settings, problems)
    if settings:
        message = f"{origin.file}: settings cannot change a recipe that is read already"
        raise RecipeError(message, hint="give them to load_recipe")
    return origin


def _once(problems: Sequence[Finding]) -> list[Finding]:
    """The problems, each told once: a default or a source may be used in many places."""
    kept: dict[object, Finding] = {}
    for item in problems:
        is_source = item.code == BROKEN_SOURCE
        kept.setdefault(item.message if is_source else (item.mark, item.message), item)
    return list(kept.values())


def _applications(desk: Desk) -> tuple[str, ...]:
    definition = desk.recipe.definition
    names = desk.recipe.entries if definition != "NXentry" else ()
    return tuple(f"/{name}: {definition}" for name in names)


def may_go_on(outcome: Outcome, mode: Check) -> bool:
    """Whether to write in spite of errors: never over mistakes in the recipe itself, over faults
    of the plan where `mode` says so."""
    faults = [item for item in outcome.findings if item.severity == "error"]
    return mode != "strict" and not any(item.code.startswith("R") for item in faults)


def _provisional_target(recipe: Recipe, output: str) -> Path:
    return target_of(recipe, output) if output or recipe.output else Path("not-yet-named.nxs")


def target_of(recipe: Recipe, output: str = "") -> Path:
    """The file to write: `output`, or that of the recipe, in the recipe's folder or below it.

    A recipe may come from someone else, so it must not choose a place elsewhere.

    Raises:
        RecipeError: nobody says which file, or the recipe's leaves its folder.
    """
    if output:
        return Path(output)
    if not recipe.output:
        hint = "write output: NAME.nxs, or give -o NAME.nxs"
        raise RecipeError(f"{recipe.file}: names no output", hint=hint)
    folder = recipe.file.parent
    target = folder / recipe.output
    if not target.resolve().is_relative_to(folder.resolve()):
        message = f"{recipe.file}: output {recipe.output!r} leaves the folder of the recipe"
        raise RecipeError(message, hint=f"if you mean it, give -o {recipe.output}")
    return target


def _raw_findings(plan: Plan, fields: Mapping[str, RawChunks]) -> Iterator[Finding]:
    """What to tell of fields with chunks that are stored without their filter."""
    for path, found in fields.items():
        if found.raw == found.chunks:
            message = "the filter makes no chunk smaller, so all are stored without it"
            yield Finding(
                "R04", "warning", path, message, hint="choose another", mark=plan.mark(path)
            )
        else:
            message = f"the filter makes {found.raw} of {found.chunks} chunks no smaller"
            hint = "those are stored without it, which every reader knows"
            yield Finding("R04", "info", path, message, hint=hint, mark=plan.mark(path))


def _check_inputs(desk: Desk, target: Path) -> None:
    """The result must not replace what it is made from."""
    inputs = [*desk.recipe.files, *(f for s in desk.used_sources.values() for f in s.files)]
    if any(file.exists() and target.exists() and file.samefile(target) for file in inputs):
        raise OutputError(f"{target}: is one of the inputs", hint="choose another with -o")


def _check_embedding(desk: Desk) -> None:
    """There must be raw files in the result, if they are to be restored from it."""
    form = desk.recipe.provenance.embed
    if form not in ("residual", "raw"):
        message = f"{desk.recipe.file}: embed is {form}, so no raw files could be restored"
        raise RecipeError(message, hint="write provenance: {embed: raw}, or residual")


def _compare(plan: Plan, part: Path, target: Path, tell: Progress) -> None:
    files = plan.embedding.files if plan.embedding is not None else ()
    with Archive(part) as archive:
        compare(archive, {file.name: file.path for file in files}, target, tell)


def _judged(desk: Desk, part: Path, target: Path, schema: Schema, mode: Check) -> Findings | None:
    """Judge the written file, and note the verdict in it."""
    if mode == "off":
        return None
    found = validate(part, schema)
    items = undeclared(desk.plan, found.items)
    result = Findings(str(target), items, found.definitions)
    if result.ok:
        verdict = "no errors"
    else:
        verdict = f"invalid: {result.count('error')} errors, written on request"
    for entry in desk.plan.root.children.values():
        if isinstance(entry, PlannedGroup) and GROUP in entry.children:
            names = (GROUP, RECORD, VALIDATION)
            place = entry.path
            for name in names:
                place = nxpath.join(place, name)
            set_text(part, place, verdict)
    return result
