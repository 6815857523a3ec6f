"""The data that a field takes from a source, read piece by piece: to be drawn before the build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nxtool.authoring.storing import source_of
from nxtool.sources.opener import open_source

if TYPE_CHECKING:
    import numpy as np

    from nxtool.authoring.rows import Row
    from nxtool.recipe.model import Draft


class SourceValues:
    """An array of a source with a shape and values by index; its files are open only while values
    are read.

    Raises:
        RecipeError: the field takes nothing from a source.
        SourceError: the data cannot be read; so does reading values.
    """

    def __init__(self, draft: Draft, row: Row) -> None:
        self._spec, self._selector = source_of(draft, row)
        self._folder = draft.path.resolve().parent
        with open_source(self._spec, self._folder) as source:
            self.info = source.array(self._selector).info

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the array; of a single value `(1,)`."""
        return self.info.shape or (1,)

    def __getitem__(self, block: tuple[slice, ...]) -> np.ndarray[Any, Any]:
        """The values of a selection, one slice a dimension; only its rows are read."""
        first, *rest = block
        with open_source(self._spec, self._folder) as source:
            values = source.array(self._selector).read(first.start, first.stop)
        kept = (slice(None, None, first.step), *rest)
        return values.reshape(-1, *self.shape[1:])[kept]
