"""Detector images through the package fabio (extra `images`): CBF, MarCCD and many more.

One frame is a 2-D array, more are 3-D. Header keys are `#key`, one value a frame, numbers where
all are numbers. fabio tells of truncated data in its log only and gives zeros: what it logs as an
error is one here.
"""

from __future__ import annotations

import logging
import struct
import zlib
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

from nxtool.errors import MissingExtra, SourceError
from nxtool.sources.lookup import check_options, unknown
from nxtool.sources.memory import MemoryArray, parsed, per_frame
from nxtool.sources.model import ArrayInfo, OpenFile, SourceArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_DAMAGE: Final = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RuntimeError),
    *(struct.error, zlib.error, ArithmeticError, MemoryError, AssertionError, EOFError, NameError),
)
"""What fabio raises on damaged files."""

_CBF_MARK: Final = b"\x0c\x1a\x04\xd5"
_CBF_PACKING: Final = b"x-CBF_BYTE_OFFSET"
_CBF_HEADER: Final = 1 << 20

_T = TypeVar("_T")


def opener(options: Mapping[str, Any]) -> OpenFile:
    """How to open images; there are no options."""
    check_options("image", options, ())
    return ImageFile


class ImageFile:
    """A `Reader` of one file of images; `kind` says of which, for messages.

    Raises:
        MissingExtra: fabio is not installed.
        SourceError: fabio cannot read the file, or finds it damaged.
    """

    def __init__(self, path: Path, kind: str = "image") -> None:
        self._path = path
        try:
            fabio = import_module("fabio")
        except ImportError as error:
            raise MissingExtra(f"reading the {kind} {path.name}", "images") from error
        _check_cbf(path)
        self._image: Any = self._try(lambda: fabio.open(str(path)))

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def keys(self) -> Iterator[str]:
        """The header keys of the first frame."""
        yield from (f"#{key}" for key in self._header(0))

    def array(self, selector: str = "") -> SourceArray:
        """The frames, or with `#` a header value, one a frame."""
        if not selector:
            return self._try(lambda: _FrameArray(self._path, self._image, self._try))
        key = selector.removeprefix("#")
        headers = [self._header(number) for number in range(self._image.nframes)]
        if any(key not in header for header in headers):
            raise unknown(self._path, "header key", selector, self.keys())
        return MemoryArray(per_frame(parsed([str(header[key]) for header in headers])))

    def _header(self, number: int) -> Mapping[str, Any]:
        return self._try(lambda: dict(self._image.get_frame(number).header))

    def _try(self, step: Callable[[], _T]) -> _T:
        try:
            with _listening() as told:
                result = step()
        except _DAMAGE as error:
            reason = str(error) or type(error).__name__
            raise SourceError(f"{self._path}: fabio cannot read it: {reason}") from error
        if told:
            raise SourceError(f"{self._path}: fabio cannot read it: {told[0]}")
        return result


class _FrameArray:
    """The frames of a file, read one at a time."""

    def __init__(self, path: Path, image: Any, attempt: Callable[..., Any]) -> None:
        self._image = image
        self._attempt = attempt
        first = np.asarray(image.get_frame(0).data)
        self._single = image.nframes == 1
        shape = first.shape if self._single else (image.nframes, *first.shape)
        self.info = ArrayInfo(shape=shape, dtype=first.dtype)

    def read(self, start: int, stop: int) -> np.ndarray[Any, Any]:
        """Frames `start` to `stop`; of a single frame its rows."""
        if self._single:
            return self._frame(0, self.info.shape)[start:stop]
        numbers = range(self.info.shape[0])[start:stop]
        result = np.empty((len(numbers), *self.info.shape[1:]), dtype=self.info.dtype)
        for index, number in enumerate(numbers):
            result[index] = self._frame(number, self.info.shape[1:])
        return result

    def _frame(self, number: int, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        frame = self._attempt(lambda: np.asarray(self._image.get_frame(number).data))
        if (frame.shape, frame.dtype) != (shape, self.info.dtype):
            raise SourceError(
                f"{self._image.filename}: frame {number + 1} is {frame.shape} {frame.dtype},"
                f" but frame 1 is {shape} {self.info.dtype}"
            )
        return np.array(frame)


def _check_cbf(path: Path) -> None:
    """See that the data of a CBF file begin, as fabio searches for them without an end.

    It also knows one packing only, and raises a bare `Exception` on others.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_CBF_HEADER)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    is_cbf = head.startswith(b"###CBF") or path.suffix.lower() == ".cbf"
    if is_cbf and _CBF_MARK not in head:
        raise SourceError(f"{path}: a CBF file without binary data", hint="it may be truncated")
    if is_cbf and _CBF_PACKING not in head:
        raise SourceError(f"{path}: a CBF file whose data are not packed by byte offset")


class _Ear(logging.Handler):
    """Keeps what is said."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Gather what fabio logs, instead of showing it, for the time of the block."""
    logger = logging.getLogger("fabio")
    ear = _Ear()
    before = logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield ear.told
    finally:
        logger.removeHandler(ear)
        logger.propagate = before
