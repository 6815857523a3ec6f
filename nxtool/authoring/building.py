"""Making the file of a recipe being written: what it will be, how far it is, what came of it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.build.convert import Outcome, check, convert, may_go_on, target_of
from nxtool.build.data import Referred
from nxtool.build.plan import PlannedField, PlannedLink, bytes_of
from nxtool.build.plantext import PlanRow, plan_rows
from nxtool.errors import RecipeError
from nxtool.recipe.model import load_recipe
from nxtool.sources.hashing import sha256

if TYPE_CHECKING:
    from nxtool.build.convert import Check
    from nxtool.build.plan import Plan
    from nxtool.findings import Findings
    from nxtool.recipe.model import Draft
    from nxtool.schema.compile import Schema

SOON: Final = 1.0
"""Seconds after which the time that is left can be said."""


NAMELESS: Final = "not-yet-named.nxs"


class Stopped(Exception):
    """The author does not want the file any more."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a plan will write: fields with values of so many bytes, fields whose values stay in
    other files, links."""

    fields: int
    value_bytes: int
    left: int
    links: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A recipe before it is built.

    `target` is the file to write, None where the recipe names none, or one that it may not
    (`trouble` says why). `rows` and `contents` are
    empty and None where the recipe has mistakes that leave nothing to plan.
    """

    findings: Findings
    target: Path | None
    rows: tuple[PlanRow, ...] = ()
    contents: Contents | None = None
    can_be_forced: bool = False
    """True where it could be written though it would not be valid."""
    trouble: str = ""


def preview(draft: Draft, schema: Schema) -> Preview:
    """What building a recipe would do.

    Raises:
        RecipeError: the recipe is no YAML, or a file it includes is missing.
        DefinitionError: the definition is unknown.
    """
    target, trouble = _target(draft)
    outcome = check(draft, schema, output=NAMELESS if trouble else "")
    plan, findings = outcome.plan, outcome.findings
    if plan is None:
        return Preview(findings, target, trouble=trouble)
    forced = not findings.ok and may_go_on(outcome, "allow-invalid")
    return Preview(findings, target, tuple(plan_rows(plan)), contents(plan), forced, trouble)


def _target(draft: Draft) -> tuple[Path | None, str]:
    """The file that the recipe names, and why it cannot be that; None where it names none, or
    cannot be read so far."""
    try:
        recipe = load_recipe(draft, problems=[])
    except RecipeError:
        return None, ""
    try:
        return (target_of(recipe) if recipe.output else None), ""
    except RecipeError as error:
        return None, error.message


def contents(plan: Plan) -> Contents:
    """What a plan will write, in numbers."""
    written = _written(plan)
    links = [node for node in plan.root.walk() if isinstance(node, PlannedLink)]
    left = len(plan.fields) - len(written)
    return Contents(len(written), sum(map(bytes_of, written)), left, len(links))


def _written(plan: Plan) -> list[PlannedField]:
    """The fields whose values go into the file."""
    return [one for one in plan.fields if not isinstance(one.data, Referred)]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a build is: of the dataset `path` `done` of `due` bytes (0 where nobody knows), of
    all `share` (0 to 1). `rate` is in bytes a second; `left` seconds remain, None where that
    cannot be said yet."""

    path: str
    done: int
    due: int
    share: float
    rate: float
    left: float | None

    @property
    def is_written(self) -> bool:
        """True where all values are written, and the file is being judged."""
        return self.share >= 1.0


@dataclass(slots=True)
class Ledger:
    """What of a plan is written so far; `now` gives seconds."""

    due: dict[str, int]
    now: Callable[[], float] = time.monotonic
    more: int = 0
    """Bytes beside those of fields: raw files to embed, sparse frames."""
    done: dict[str, int] = field(default_factory=dict)
    _began: float = 0.0
    _written: int = 0

    def __post_init__(self) -> None:
        self._began = self.now()

    @classmethod
    def of(cls, plan: Plan) -> Ledger:
        """The empty ledger of a plan."""
        # texts are written without a word
        told = [one for one in _written(plan) if not one.data.dtype.hasobject]
        more = plan.bulk_bytes - sum(map(bytes_of, plan.fields))
        return cls({one.path: bytes_of(one) for one in told}, more=more)

    def add(self, path: str, count: int) -> None:
        """So many more bytes of a dataset are written."""
        self.done[path] = self.done.get(path, 0) + count
        self._written += count

    def standing(self, path: str) -> Standing:
        """How far it is, with `path` as the dataset that is being written."""
        total = sum(self.due.values()) + self.more
        share = min(1.0, self._written / total) if total else 1.0
        spent = self.now() - self._began
        rate = self._written / spent if spent > 0 else 0.0
        known = rate and spent >= SOON
        left = max(0, total - self._written) / rate if known else None
        return Standing(path, self.done.get(path, 0), self.due.get(path, 0), share, rate, left)


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build: the file with its size, the bytes of values it holds, the seconds that
    took, its SHA-256 (empty where reading it was stopped). `file` is None where none was written.
    """

    outcome: Outcome
    file: Path | None
    size: int = 0
    value_bytes: int = 0
    seconds: float = 0.0
    checksum: str = ""

    @property
    def findings(self) -> Findings:
        """Those about the written file; about the recipe where there is none."""
        return self.outcome.result if self.outcome.result is not None else self.outcome.findings

    @property
    def ratio(self) -> float:
        """How many times smaller the file is than its values."""
        return self.value_bytes / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to build: the target, whether to replace it, whether to write what is not valid."""

    draft: Draft
    target: Path
    overwrite: bool = False
    mode: Check = "strict"


def build(
    order: Order, schema: Schema, tell: Callable[[Standing], None], stopped: Callable[[], bool]
) -> Built:
    """Write and judge the file. `tell` is called for every block. Once `stopped` says True nothing
    is written, and no part of a file is left.

    Raises:
        Stopped: it was stopped before the file had its name.
        NxtoolError: as `nxtool.build.convert.convert`.
    """

    def progress(plan: Plan) -> Callable[[str, int], None]:
        ledger = Ledger.of(plan)

        def written(path: str, count: int) -> None:
            if stopped():
                raise Stopped
            ledger.add(path, count)
            tell(ledger.standing(path))

        return written

    began = time.monotonic()
    outcome = convert(
        order.draft, schema, output=str(order.target), mode=order.mode, overwrite=order.overwrite,
        progress=progress,
    )  # fmt: skip
    spent = time.monotonic() - began
    if outcome.written is None or outcome.plan is None:
        return Built(outcome, None, seconds=spent)
    file = outcome.written
    values = contents(outcome.plan).value_bytes
    return Built(outcome, file, file.stat().st_size, values, spent, sha256(file, stopped))


def command_line(order: Order, default: Path | None) -> str:
    """The command that does the same; `default` is the file that the recipe names.

    >>> from nxtool.recipe.model import Draft
    >>> command_line(Order(Draft(Path("/d/a b.nx.yaml"), ""), Path("/d/x.nxs")), None)
    "nxtool convert '/d/a b.nx.yaml' -o /d/x.nxs"
    """
    words = ["nxtool", "convert", shortest(order.draft.path)]
    if order.target != default:
        words += ["-o", shortest(order.target)]
    if order.overwrite:
        words.append("--overwrite")
    if order.mode == "allow-invalid":
        words.append("--allow-invalid")
    return shlex.join(words)


def shortest(path: Path) -> str:
    """A path as one may type it in the working directory."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
