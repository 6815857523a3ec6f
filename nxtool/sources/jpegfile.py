"""JPEG files, through the package Pillow (extra `images`): one frame, grey or with three colours
last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from nxtool.errors import SourceError
from nxtool.sources.extras import load, reading
from nxtool.sources.memory import MemoryArray

if TYPE_CHECKING:
    from nxtool.sources.model import SourceArray

LARGEST: Final = 1 << 28
"""In pixels: a small file could ask for a lot of memory."""
_MODES: Final = {"L": "L", "RGB": "RGB", "YCbCr": "RGB"}


class JpegFile:
    """A `Reader` of one JPEG file.

    Raises:
        MissingExtra: Pillow is not installed.
        SourceError: it is damaged, too large, or of colours that are not known.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        image = load("PIL.Image", f"reading the JPEG {path.name}", "images")
        with reading(path, "PIL"), path.open("rb") as stream:
            found = image.open(stream, formats=("JPEG",))
            width, height = found.size
            mode = _MODES.get(found.mode)
            if width * height > LARGEST or mode is None:
                what = f"{width} × {height} pixels of {found.mode}"
                raise SourceError(f"{path}: {what} cannot be read")
            self._values = np.asarray(found.convert(mode))

    def keys(self) -> Iterator[str]:
        """Nothing: there is only the image itself."""
        yield from ()

    def array(self, selector: str = "") -> SourceArray:
        """The image, rows first."""
        if selector:
            raise SourceError(f"{self._path}: an image has no {selector!r}", hint="name none")
        return MemoryArray(self._values)

    def close(self) -> None:
        """The file is read and closed already."""
