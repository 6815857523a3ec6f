"""Whether a reference to a run can mean anything, by its form alone: before there is a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.errors import SourceError
from nxtool.sources import recording
from nxtool.sources.blueskyrun import DOCUMENTS
from nxtool.sources.formats import SOURCES
from nxtool.sources.slicing import split_slices

if TYPE_CHECKING:
    from nxtool.sources.model import SourceSpec

_OF_VALUE: Final = ("iso",)
_OF_SETTING: Final = ("time", "elapsed", "first", "last")
_OF_KEY: Final = (*_OF_SETTING, "grid")
_OF_STREAM: Final = ("time", "elapsed", "seq_num", "missing_seq")


def is_expected(spec: SourceSpec, folder: Path) -> bool:
    """True for the file of a run, or of messages of Kafka, that is not there yet: one that its
    format or name says to be."""
    path = folder / spec.path
    named = not spec.format and path.suffix.lower() in SOURCES["bluesky"].suffixes
    return (named or spec.format in ("bluesky", "kafka")) and not path.exists()


def check_form(selector: str, format_name: str = "") -> None:
    """Make sure that a selector could name something in a run, or in messages of Kafka.

    Raises:
        SourceError: it cannot.
    """
    name, _ = split_slices(selector)
    if format_name == "kafka":
        recording.check_form(name)
        return
    if name == DOCUMENTS:
        return
    bare, at, aspect = name.rpartition("@")
    bare, aspect = (bare, aspect) if at else (name, "")
    head, _, rest = bare.partition("/")
    if not head or rest.startswith("/") or rest.endswith("/"):
        hint = "write run:start/sample/name, run:primary/KEY or run:config/DEVICE/SETTING"
        raise SourceError(f"{selector!r} names nothing of a run", hint=hint)
    _check_aspect(bare, aspect, _aspects(head, rest, bare))


def _aspects(head: str, rest: str, name: str) -> tuple[str, ...]:
    """What may stand behind the `@`; raises `SourceError` where the name is not complete."""
    if head in ("start", "stop"):
        if not rest:
            raise SourceError(f"{head} is a document", hint=f"name a value, like {head}/time")
        return _OF_VALUE
    if head == "config":
        if "/" not in rest:
            hint = "write config/DEVICE/SETTING, like config/det/count_time"
            raise SourceError(f"{name!r} names no setting", hint=hint)
        return _OF_SETTING
    return _OF_KEY if rest else _OF_STREAM


def _check_aspect(name: str, aspect: str, known: tuple[str, ...]) -> None:
    if not aspect and known is _OF_STREAM:
        raise SourceError(f"{name} is a stream", hint=f"like {name}/KEY, or {name}@time")
    if aspect and aspect not in known:
        raise SourceError(f"{name} has no @{aspect}", hint=f"it may have {', '.join(known)}")
