"""al00, ep01, ep00: alarms and connections, beside the values of the same source."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from nxtool.messages.model import Alarm, Connection
from nxtool.stream.modules.log import CHUNK, TEXT, text_values
from nxtool.stream.modules.model import Maker, time_dataset
from nxtool.stream.modules.rows import RowsModule

if TYPE_CHECKING:
    import h5py

NO_MESSAGE: Final = "NO ALARM MESSAGE"


class Alarms(RowsModule):
    """al00: the text and severity of an alarm at a time."""

    schemas: ClassVar[tuple[str, ...]] = ("al00",)
    time_name: ClassVar[str] = "alarm_time"
    has_cues: ClassVar[bool] = False

    def names(self) -> tuple[str, ...]:
        """The columns besides that of times."""
        return ("alarm_message", "alarm_severity")

    def lay_out(self, group: h5py.Group, sample: Alarm | None, make: Maker) -> None:
        """Make the datasets."""
        make(group, "alarm_message", f"S{TEXT}", rows_a_chunk=64)
        make(group, "alarm_severity", "i2", rows_a_chunk=CHUNK)
        time_dataset(make, group, self.time_name, CHUNK)

    def add(self, message: Alarm) -> None:
        """Add an alarm."""
        text = text_values(message.message or NO_MESSAGE)
        columns = {
            "alarm_message": text[None],
            "alarm_severity": np.array([message.severity], np.int16),
        }
        self.add_rows(np.array([message.time_ns], np.int64), columns)


class Connections(RowsModule):
    """ep01, ep00: whether a source is connected."""

    schemas: ClassVar[tuple[str, ...]] = ("ep01", "ep00")
    time_name: ClassVar[str] = "connection_status_time"
    has_cues: ClassVar[bool] = False

    def names(self) -> tuple[str, ...]:
        """The columns besides that of times."""
        return ("connection_status",)

    def lay_out(self, group: h5py.Group, sample: Connection | None, make: Maker) -> None:
        """Make the datasets."""
        make(group, "connection_status", "i2", rows_a_chunk=CHUNK)
        time_dataset(make, group, self.time_name, CHUNK)

    def add(self, message: Connection) -> None:
        """Add what the connection is like."""
        status = np.array([message.status], np.int16)
        self.add_rows(np.array([message.time_ns], np.int64), {"connection_status": status})
