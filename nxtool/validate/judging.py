"""What a worker does with a file: judge it by definitions loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nxtool.config import schema_for
from nxtool.findings import Findings
from nxtool.nxdl.catalogue import folder_label
from nxtool.nxdl.sets import AUTO
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges files by one schema."""

    schema: Schema
    options: Options
    by_release: bool = False
    """Prefer the kept set of definitions that is the release a file names."""

    @property
    def definitions(self) -> list[str]:
        """The names of the sets of definitions, in the order they are looked through."""
        return [folder_label(folder) for folder in self.schema.catalogue.folders]

    def __call__(self, file: str) -> Findings:
        """The findings about `file`. Raises `FileUnreadable`."""
        if self.by_release:
            from nxtool.validate.byrelease import validate_by_release

            return validate_by_release(Path(file), self.schema, self.options)[0]
        return validate(Path(file), self.schema, self.options)


def make_judge(folders: Sequence[Path], options: Options) -> Judge:
    """A judge that prefers the definitions in `folders`.

    Raises:
        DefinitionError: a folder does not exist, or the definition of the options is no
            application definition.
    """
    schema = schema_for(folders)
    if options.definition:
        schema.application(options.definition)
    return Judge(schema, options, by_release=Path(AUTO) in folders)
