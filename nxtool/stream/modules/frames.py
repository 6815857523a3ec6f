"""ad00, ADAr: frames of area detectors, as NXlog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from nxtool.messages.model import Image
from nxtool.stream.modules.datatypes import dtype_of
from nxtool.stream.modules.log import Log
from nxtool.stream.modules.model import Maker, Unfit

if TYPE_CHECKING:
    import h5py

_TIMES_A_CHUNK: Final = 1024


class Frames(Log):
    """A frame a row; its type and shape are configured, or those of the first one."""

    schemas: ClassVar[tuple[str, ...]] = ("ad00", "ADAr")

    def lay_out(self, group: h5py.Group, sample: Any, make: Maker) -> None:
        """Make the datasets; nothing before there is a frame, where no size is configured."""
        options = self.spec.options
        size = tuple(int(n) for n in options.get("array_size", ()))
        named = options.get("dtype", options.get("type"))
        if sample is None and not size:
            return
        if sample is None:
            dtype = dtype_of(named or "double", self.spec.path)
        else:
            data = _numbers(sample)
            dtype = dtype_of(named, self.spec.path) if named else data.dtype
            size = size or data.shape
        make(group, "value", dtype, size, rows_a_chunk=1)
        self.make_times(group, make, _TIMES_A_CHUNK)

    def add(self, message: Any) -> None:
        """Add a frame."""
        values = self._fitted(_numbers(message)[None])
        self.add_rows(np.array([message.time_ns], np.int64), {"value": values})

    def finish(self, group: h5py.Group) -> None:
        """Nothing is said of the values of frames."""


def _numbers(message: Image) -> Any:
    if isinstance(message.data, str):
        raise Unfit("a text where a frame is expected")
    return message.data
