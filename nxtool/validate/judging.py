"""What a worker does with a file: judge it by definitions loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nxtool.config import schema_for
from nxtool.findings import Findings
from nxtool.nxdl.catalogue import folder_label
from nxtool.schema.compile import Schema
from nxtool.validate.api import validate
from nxtool.validate.visit import Options


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges files by one schema."""

    schema: Schema
    options: Options

    @property
    def definitions(self) -> list[str]:
        """The names of the sets of definitions, in the order they are looked through."""
        return [folder_label(folder) for folder in self.schema.catalogue.folders]

    def __call__(self, file: str) -> Findings:
        """The findings about `file`. Raises `FileUnreadable`."""
        return validate(Path(file), self.schema, self.options)


def make_judge(folders: Sequence[Path], definition: str, *, allow_missing_external: bool) -> Judge:
    """A judge that prefers the definitions in `folders`; see `Options` for the rest.

    Raises:
        DefinitionError: a folder does not exist, or `definition` is no application definition.
    """
    schema = schema_for(folders)
    if definition:
        schema.application(definition)
    return Judge(schema, Options(definition, allow_missing_external=allow_missing_external))
