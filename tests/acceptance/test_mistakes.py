"""Mistakes in recipes: each is one error, at its line and column, with a hint.

Every entry of `tests/mistakes.yaml` changes one place of a sound recipe: `old` becomes `new`. The
error must stand where `new` has its mark `^`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml

from nxtool.build.convert import check
from nxtool.demo import write_tiff
from nxtool.errors import NxtoolError
from nxtool.findings import Mark
from nxtool.schema.compile import Schema, default_schema

RAISED = "raised"
"""What stands for a code where the recipe cannot be read at all."""
PAGE = Path(__file__).parents[1] / "mistakes.yaml"


@dataclass(frozen=True)
class Mistake:
    name: str
    old: str
    new: str
    code: str
    message: str
    hint: str

    def recipe(self, sound: str) -> tuple[str, str]:
        """The wrong recipe, and the line and column of the error."""
        assert sound.count(self.old) == 1, f"{self.name}: {self.old!r}"
        assert self.new.count("^") == 1, f"{self.name}: {self.new!r}"
        wrong = sound.replace(self.old, self.new)
        before = wrong[: wrong.index("^")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return wrong.replace("^", ""), f"{line}:{column}"


def load() -> tuple[str, list[Mistake]]:
    page = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
    return page["sound"], [Mistake(name, **item) for name, item in page["mistakes"].items()]


SOUND, MISTAKES = load()


@pytest.fixture(scope="module")
def schema() -> Schema:
    return default_schema()


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    with h5py.File(folder / "frames.h5", "w") as file:
        file["data"] = np.arange(2 * 4 * 5, dtype="u2").reshape(2, 4, 5)
        file["data"].attrs["units"] = "counts"
        file["name"] = "fossil"
    for number in (1, 2, 4):
        write_tiff(folder / f"f_{number}.tif", np.full((4, 5), number, dtype="u2"))
    (folder / "log.csv").write_text("angle [deg],temp,when\n0,4.0,05/01/2026\n1,4.5,06/01/2026\n")
    (folder / "meta.json").write_text('{"run": {"energy": 8.0, "list": [1, "a"]}}')
    (folder / "scan.spec").write_text("#F scan.spec\n#S 1 ascan\n#N 1\n#L th\n1\n2\n")
    (folder / "base.nx.yaml").write_text("entry: {title: base}\n")
    return folder


def told(recipe: str, folder: Path, schema: Schema) -> list[tuple[str, str, str, str]]:
    """Code, place, message and hint of each error."""
    path = folder / "scan.nx.yaml"
    path.write_text(recipe, encoding="utf-8")
    try:
        found = [item for item in check(path, schema).findings if item.severity == "error"]
    except NxtoolError as error:
        return [_told(RAISED, error.mark, error.message, error.hint, folder)]
    return [_told(item.code, item.mark, item.message, item.hint, folder) for item in found]


def _told(
    code: str, mark: Mark | None, message: str, hint: str, folder: Path
) -> tuple[str, str, str, str]:
    place = f"{mark.line}:{mark.column}" if mark is not None else ""
    return code, place, message.replace(f"{folder}/", "").replace(str(folder), "."), hint


def test_the_sound_recipe_is_sound(raw: Path, schema: Schema) -> None:
    assert told(SOUND, raw, schema) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_one_error_at_its_place(mistake: Mistake, raw: Path, schema: Schema) -> None:
    recipe, place = mistake.recipe(SOUND)
    assert told(recipe, raw, schema) == [(mistake.code, place, mistake.message, mistake.hint)]
    assert mistake.hint


def test_there_are_60_mistakes() -> None:
    assert len(MISTAKES) >= 60
