"""Names of Bluesky, which may be anything, as names that NeXus allows, no two alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 63
_WRONG: Final = re.compile(r"[^A-Za-z0-9_]+")


class Names:
    """Gives names for one group."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def new(self, wanted: object) -> str:
        """A name like `wanted` that was not given before.

        >>> names = Names()
        >>> names.new("det:x-pos"), names.new("det x pos"), names.new("[%]")
        ('det_x_pos', 'det_x_pos_2', 'unnamed')
        """
        plain = _WRONG.sub("_", str(wanted)).strip("_")[: LONGEST - 6] or "unnamed"
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name)
        return name
