"""What became of messages that are not in the datasets: those that could not be kept, and gaps.

Both are growing datasets in the file, so that they too are there once after any end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.stream.modules.model import Maker

if TYPE_CHECKING:
    from collections.abc import Mapping

    import h5py

    from nxtool.stream.growing import Growing

REJECTED: Final = "rejected"
GAPS: Final = "gaps"
MOST: Final = 1000
"""Of so many rejected messages, and gaps, the file tells one by one; all are counted."""
HEAD: Final = 32
"""How many bytes of a rejected message are kept."""
_REASON: Final = 160
_TOPIC: Final = 249
"""Names of topics are no longer."""
_COLUMNS: Final = (
    (REJECTED, (("topic", f"S{_TOPIC}"), ("partition", "i4"), ("offset", "i8"),
                ("size", "i8"), ("head", f"S{2 * HEAD}"), ("reason", f"S{_REASON}"))),
    (GAPS, (("topic", f"S{_TOPIC}"), ("partition", "i4"), ("first", "i8"), ("next", "i8"))),
)  # fmt: skip


def lay_out_notes(home: h5py.Group, make: Maker) -> None:
    """Make the datasets in a group."""
    for name, columns in _COLUMNS:
        group = home.create_group(name)
        group.attrs["NX_class"] = "NXcollection"
        for column, dtype in columns:
            make(group, column, dtype, rows_a_chunk=16)


class Notes:
    """Adds to the datasets of a file."""

    def __init__(self, columns: Mapping[str, Growing], home: str) -> None:
        self._columns = columns
        self._home = home

    def reject(self, topic: str, partition: int, offset: int, value: bytes, reason: str) -> None:
        """Keep the place, the first bytes and the reason of a message."""
        self._add(
            REJECTED,
            {
                "topic": topic, "partition": partition, "offset": offset, "size": len(value),
                "head": value[:HEAD].hex(), "reason": reason,
            },
        )  # fmt: skip

    def gap(self, topic: str, partition: int, first: int, following: int) -> None:
        """Note that offsets from `first` on, before `following`, did not come."""
        row = {"topic": topic, "partition": partition, "first": first, "next": following}
        self._add(GAPS, row)

    def rows(self, name: str) -> int:
        """How many are noted one by one."""
        column = "offset" if name == REJECTED else "first"
        found: int = self._columns[f"{self._home}/{name}/{column}"].rows
        return found

    def _add(self, name: str, row: Mapping[str, Any]) -> None:
        if self.rows(name) >= MOST:
            return
        for key, value in row.items():
            column = self._columns[f"{self._home}/{name}/{key}"]
            stored = value.encode(errors="replace") if isinstance(value, str) else value
            column.append(np.array([stored], column.dtype))
