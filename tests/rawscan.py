"""A scan of raw files and a recipe that keeps them, for tests of the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nxtool.build.convert import Outcome, convert
from nxtool.schema.compile import default_schema

RECIPE = """\
nxtool: 1
definition: NXtomo
output: out.nxs
defaults: {{timezone: UTC}}
provenance: {{embed: {form}}}
sources:
{sources}
entry:
  instrument:
    detector:
      data: {{from: "frames{selector}", units: counts{field}}}
      image_key: {{value: {keys}}}
{more}
  sample:
    name: fossil
    rotation_angle: {{value: {keys}, units: deg}}
"""


@dataclass
class Scan:
    """A folder with raw files; `sources` are the lines of the recipe, the data is `frames`."""

    folder: Path
    sources: Mapping[str, str]
    frames: int = 1
    more: str = ""
    field: str = ""
    selector: str = ""

    @property
    def recipe(self) -> Path:
        return self.folder / "scan.nx.yaml"

    @property
    def result(self) -> Path:
        return self.folder / "out.nxs"

    def write_recipe(self, form: str) -> Path:
        """The recipe, with this way to keep raw files."""
        sources = "\n".join(f"  {name}: {place}" for name, place in self.sources.items())
        keys = [0] * self.frames
        text = RECIPE.format(
            form=form, sources=sources, keys=keys, more=self.more, field=self.field,
            selector=self.selector,
        )  # fmt: skip
        self.recipe.write_text(text, encoding="utf-8")
        return self.recipe

    def convert(self, form: str, **options: Any) -> Outcome:
        """Convert; it must succeed."""
        outcome = convert(self.write_recipe(form), default_schema(), overwrite=True, **options)
        assert outcome.written == self.result, list(outcome.findings)
        return outcome


def checksums(folder: Path) -> dict[str, str]:
    """Of all files below `folder`, by relative name, without recipe and result."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name not in ("scan.nx.yaml", "out.nxs")
    }
