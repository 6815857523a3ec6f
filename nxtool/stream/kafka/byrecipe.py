"""A file by a recipe: what its selectors name is recorded beside the target, and converted in the
end, as `nxtool convert` does. Whether the recipe says all that the definition requires is checked
before anything is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.build.convert import Outcome, check, convert
from nxtool.errors import RecipeError
from nxtool.recipe.model import load_recipe
from nxtool.recipe.variables import escape
from nxtool.sources.recording import split_aspect

if TYPE_CHECKING:
    from nxtool.schema.compile import Schema

FORMAT: Final = "kafka"
TO_COME: Final = Path("/messages-of-kafka")
"""What a recipe's source is called before there is a recording."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a recipe asks of Kafka: the name of its source, selectors, and their topics; `outcome`
    is what is wrong with the recipe."""

    source: str
    outcome: Outcome
    selectors: tuple[str, ...]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics, once each."""
        return tuple(dict.fromkeys(one.partition("/")[0] for one in self.selectors))


def wanted_by(recipe: Path, schema: Schema, settings: Sequence[str] = ()) -> Wanted:
    """What a recipe asks for, judged as if all of it were there.

    Raises:
        RecipeError: it has no source of the format kafka, or several.
        DefinitionError: its definition is unknown.
    """
    names = [
        name for name, (spec, _) in load_recipe(recipe, settings).sources.items()
        if spec is not None and spec.format == FORMAT
    ]  # fmt: skip
    if len(names) != 1:
        what = "none of its sources is" if not names else "several of its sources are"
        hint = "write sources: {kafka: {path: recorded.nxs, format: kafka}}"
        raise RecipeError(f"{recipe}: {what} of the format kafka", hint=hint)
    outcome = check(recipe, schema, [*settings, _setting(names[0], TO_COME)])
    found = outcome.expected.get(names[0], ())
    return Wanted(names[0], outcome, tuple(dict.fromkeys(split_aspect(one)[0] for one in found)))


def recorded_beside(target: Path) -> Path:
    """Where the messages for a target are recorded."""
    return target.with_name(f"{target.stem}.recorded.nxs")


def finish_by_recipe(
    recipe: Path, source: str, recorded: Path, target: Path, schema: Schema,
    settings: Sequence[str] = (), *, overwrite: bool = False,
) -> Outcome:  # fmt: skip
    """The target, made of what was recorded.

    Raises:
        NxtoolError: see `convert`.
    """
    made = [*settings, _setting(source, recorded)]
    return convert(recipe, schema, output=str(target), settings=made, overwrite=overwrite)


def _setting(source: str, path: Path) -> str:
    """The setting that makes a file the source of a recipe."""
    return f"sources.{source}.path={escape(str(path.absolute()))}"
