"""The work on one file: what it reads is known first, then it is done. Nothing is recorded here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.batch.model import Action, Manner, Task, Verdict
from nxtool.batch.prints import hashed
from nxtool.build.convert import BROKEN_SOURCE, Origin, convert
from nxtool.config import lasting_schema
from nxtool.errors import FileUnreadable, NxtoolError, RecipeError, SourceError
from nxtool.findings import Finding, Findings
from nxtool.remote.address import address_of

if TYPE_CHECKING:
    from nxtool.validate.judging import Judge
    from nxtool.validate.visit import Options

Tell = Callable[[str, int], None]
"""Called between blocks of work; what it raises ends the work and leaves no file."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of the work. `known` are checksums of files that were computed on the way."""

    verdict: Verdict
    findings: Findings
    known: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What a task reads, the text of the merged recipe if there is one, and how to do it; an
    output that is there is replaced. `elsewhere`: it reads what lies behind addresses too."""

    files: tuple[Path, ...]
    recipe: str
    do: Callable[[Tell], Done]
    elsewhere: bool = False


def job_of(task: Task) -> Job:
    """What is to be done for `task`.

    Raises:
        NxtoolError: the recipe cannot be read, or has mistakes that leave nothing to plan.
    """
    return _JOBS[task.action](task)


def _conversion(task: Task) -> Job:
    from nxtool.build.fromrun import RunRequest, is_run, recipe_of_run
    from nxtool.recipe.model import load_recipe

    if is_run(task.input):
        return Job(
            (task.input,), "",
            lambda tell: _convert(task, recipe_of_run(task.input, RunRequest()), [], tell),
        )  # fmt: skip
    problems: list[Finding] = []
    recipe = load_recipe(task.input, task.settings, problems)
    files = _files(recipe.sources, task.input.parent)
    elsewhere = any(
        spec is not None and address_of(spec.path) for spec, _ in recipe.sources.values()
    )
    return Job(
        files, recipe.text, lambda tell: _convert(task, recipe, problems, tell), bool(elsewhere)
    )  # fmt: skip


def _files(sources: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """The files of sources, each once; a source without any is told when it is opened."""
    from nxtool.sources.opener import files_of

    found: dict[Path, None] = {}
    for spec, _ in sources.values():
        if spec is not None:
            try:
                found.update(dict.fromkeys(files_of(spec, folder)))
            except SourceError:
                found[folder / spec.path] = None
    return tuple(found)


def _convert(task: Task, origin: Origin, problems: list[Finding], tell: Tell) -> Done:
    if any(item.severity == "error" for item in problems):
        return Done("invalid", Findings(str(task.input), problems))
    schema = lasting_schema(task.manner.definitions)
    outcome = convert(
        origin, schema, output=str(task.output), mode=task.manner.mode, overwrite=True,
        progress=lambda _plan: tell,
    )  # fmt: skip
    known = {(item.code, item.path) for item in outcome.findings}
    more = outcome.result.items if outcome.result is not None else []
    items = [*problems, *outcome.findings.items]
    items += [item for item in more if (item.code, item.path) not in known]
    if outcome.could_not:
        items.sort(key=lambda item: item.code != BROKEN_SOURCE)
        verdict: Verdict = "unreadable"
    else:
        verdict = "good" if outcome.ok and outcome.written else "invalid"
    return Done(verdict, Findings(task.name, items), hashed(outcome.plan))


def _validation(task: Task) -> Job:
    return Job((task.input,), "", lambda tell: _validate(task, tell))


def _validate(task: Task, tell: Tell) -> Done:
    from nxtool.validate.policy import Policy

    tell(task.name, 0)
    manner = task.manner
    judge = _judge(manner.definitions, _options(manner))
    severities: Any = dict(manner.severities)
    policy = Policy(frozenset(manner.select), frozenset(manner.ignore), severities)
    findings = policy.applied(judge(str(task.input)))
    return Done("good" if findings.ok else "invalid", findings)


def _options(manner: Manner) -> Options:
    from nxtool.validate.visit import Options

    return Options(
        manner.definition, allow_missing_external=manner.allow_missing_external, packs=manner.packs
    )


@lru_cache(maxsize=1)
def _judge(definitions: tuple[Path, ...], options: Options) -> Judge:
    """Who judges all files of a batch: the definitions are loaded once."""
    from nxtool.validate.judging import make_judge

    return make_judge(definitions, options)


def _repacking(task: Task) -> Job:
    return Job((task.input,), "", lambda tell: _repack(task, tell))


def _repack(task: Task, tell: Tell) -> Done:
    from nxtool.repack.apply import repack_file
    from nxtool.repack.choice import Request
    from nxtool.storage.spec import parse_filter

    manner = task.manner
    chunks: Any = manner.chunks
    wanted = parse_filter(manner.filter) if manner.filter else None
    request = Request(filter=wanted, profile=manner.profile, chunks=chunks)
    repack_file(
        task.input, task.output, request, overwrite=True, verify=manner.verify,
        begin=lambda _work: tell,
    )  # fmt: skip
    return Done("good", Findings(task.name))


def _exporting(task: Task) -> Job:
    from nxtool.export.mapping import files_of

    files = (task.input, *files_of(task.manner.mapping))
    return Job(files, "", lambda tell: _export(task, tell))


def _export(task: Task, tell: Tell) -> Done:
    import nxtool.export

    tell(task.name, 0)
    assert task.output is not None  # noqa: S101  # an export without one is refused in planning
    pairs = (text.partition("=") for text in task.settings)
    values = {name.strip(): value.strip() for name, _, value in pairs}
    mapping = {"mapping": task.manner.mapping} if task.manner.mapping else {}
    with getattr(nxtool.export, task.manner.target)(task.input, values=values, **mapping) as made:
        if made.report.ok:
            made.write(task.output, overwrite=True)
        return Done("good" if made.report.ok else "invalid", made.report)


_JOBS: Final[Mapping[Action, Callable[[Task], Job]]] = {
    "convert": _conversion,
    "validate": _validation,
    "repack": _repacking,
    "export": _exporting,
}


def verdict_on(error: NxtoolError) -> Verdict:
    """What an error says of a task: what it reads is damaged, or something else is wrong."""
    from nxtool.export.datasets import NoEntry
    from nxtool.export.record import MissingValue

    if isinstance(error, RecipeError | NoEntry | MissingValue):
        return "invalid"
    return "unreadable" if isinstance(error, SourceError | FileUnreadable) else "failed"
