"""Files that grow while a measurement runs, and can be read meanwhile (HDF5's SWMR).

Whatever ends the writer, the file can be continued or mended: it says itself how far it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nxtool.stream.finishing import FinishedRun
    from nxtool.stream.playing import replay
    from nxtool.stream.writer import NexusWriter

__all__ = ("FinishedRun", "NexusWriter", "replay")


def __getattr__(name: str) -> Any:
    """A public name, loaded now (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module 'nxtool.stream' has no attribute {name!r}")
    from nxtool.stream import finishing, playing, writer

    return {
        "FinishedRun": finishing.FinishedRun,
        "NexusWriter": writer.NexusWriter,
        "replay": playing.replay,
    }[name]
