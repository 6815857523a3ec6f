"""A reader of arrays that are found when the file is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nxtool.sources.lookup import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nxtool.sources.model import SourceArray


class NamedArrays:
    """A `Reader` over arrays by selector; the data itself, if there is such, is under ``""``.

    `closing` is what must be done in the end; `what` is what a selector names, for messages.
    """

    def __init__(
        self,
        path: Path,
        arrays: Mapping[str, SourceArray],
        what: str = "array",
        closing: Callable[[], object] | None = None,
    ) -> None:
        self._path = path
        self._arrays = arrays
        self._what = what
        self._closing = closing

    def close(self) -> None:
        """Close the file."""
        if self._closing is not None:
            self._closing()

    def keys(self) -> Iterator[str]:
        """The selectors, without that of the data."""
        yield from (name for name in self._arrays if name)

    def array(self, selector: str = "") -> SourceArray:
        """The array behind a selector; an only one needs none."""
        if selector in self._arrays:
            return self._arrays[selector]
        if not selector and len(self._arrays) == 1:
            return next(iter(self._arrays.values()))
        raise unknown(self._path, self._what, selector, self.keys())
