"""Libraries that are optional: loaded when a file needs them, their errors turned into ours."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nxtool.errors import MissingExtra, NxtoolError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def load(module: str, what: str, extra: str) -> Any:
    """The module of an optional library.

    Raises:
        MissingExtra: it is not installed; `what` was to be done with it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(module)
    except ImportError as error:
        raise MissingExtra(what, extra) from error


def load_if_there(module: str) -> Any:
    """The module of a library that makes something faster, None where it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        return None


@contextmanager
def reading(path: Path | str, library: str) -> Iterator[None]:
    """Turn what a library raises on a damaged file into a `SourceError`, for the time of the block.

    Libraries raise anything on damaged files, a bare `Exception` too, so nothing but their work
    belongs in the block. `library` is the name it is imported by. What it warns of and logs is not
    shown.

    Raises:
        SourceError: the library cannot read the file.
    """
    try:
        with _quiet(library), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except NxtoolError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"{path}: {library} cannot read it: {reason}") from error


@contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Keep what a library logs from the terminal, for the time of the block."""
    names = [library, *(n for n in logging.root.manager.loggerDict if n.startswith(f"{library}."))]
    before = {logger: logger.disabled for logger in map(logging.getLogger, names)}
    for logger in before:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in before.items():
            logger.disabled = disabled


def check_size(path: Path, limit: int) -> None:
    """Refuse a file that is too large for a library that loads it whole.

    Raises:
        SourceError: it has more than `limit` bytes, or cannot be read.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    if size > limit:
        raise SourceError(f"{path}: is larger than {limit >> 20} MiB, which is read at once")
