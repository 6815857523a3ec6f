"""What a run offers a recipe, with what its hints, units and names say of each array."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.runwords import words_of
from nxtool.bluesky.settings import settings
from nxtool.build.runplot import dimensions, plot_of
from nxtool.build.runtree import SOURCE
from nxtool.errors import SourceError

if TYPE_CHECKING:
    from nxtool.bluesky.runs import Run, Stream
    from nxtool.build.runtree import OpenRun
    from nxtool.sources.model import ArrayInfo

BASELINE: Final = "baseline"


@dataclass(frozen=True, slots=True)
class RunOffer:
    """An array of a run. `nx_class` is that of its device where hints tell it; `is_axis` and
    `is_signal` are true for what was scanned and what is to be plotted over it."""

    selector: str
    info: ArrayInfo
    words: frozenset[str]
    nx_class: str = ""
    is_axis: bool = False
    is_signal: bool = False

    @property
    def reference(self) -> str:
        """What stands behind `from:`."""
        return f"{SOURCE}:{self.selector}"


def run_offers(opened: OpenRun) -> list[RunOffer]:
    """What a run has for fields of a definition: streams, that of the scan first, then the
    baseline, then settings. What cannot be read is left out."""
    run = opened.run
    streams = sorted(run.streams.values(), key=lambda one: (one.name == BASELINE, one.name))
    streams.sort(key=lambda one: one.name != "primary")
    found = [offer for stream in streams for offer in _of_stream(opened, stream)]
    return [*found, *_settings(opened)]


def _of_stream(opened: OpenRun, stream: Stream) -> Iterator[RunOffer]:
    infos = {}
    for key in stream.table.keys:
        selector = f"{stream.name}/{key}"
        selector += "@first" if stream.name == BASELINE else ""
        if (info := _info(opened, selector)) is not None:
            infos[key] = selector, info
    numbers = {key: one.shape for key, (_, one) in infos.items() if one.dtype.kind in "iuf"}
    signal = plot_of(opened.run, stream, numbers).signal
    axes = dimensions(opened.run, stream.name)
    classes = _classes(opened.run, stream)
    for key, (selector, info) in infos.items():
        owner = stream.objects.get(key, "")
        yield RunOffer(
            selector, info, words_of([key, owner]), classes.get(key, ""),
            is_axis=key in axes, is_signal=key == signal and stream.name != BASELINE,
        )  # fmt: skip


def _classes(run: Run, stream: Stream) -> dict[str, str]:
    """The NeXus class of each key whose device hints at one: of all its keys where the descriptor
    names them, else of those it hints at."""
    found: dict[str, str] = {}
    for owner in stream.hints:
        hint: Any = stream.hints[owner]
        nx_class = hint.get("NX_class") if isinstance(hint, Mapping) else None
        if not isinstance(nx_class, str):
            continue
        fields = hint.get("fields")
        keys = [key for key, one in stream.objects.items() if one == owner]
        keys += map(str, fields) if isinstance(fields, list) else ()
        found |= dict.fromkeys(keys, nx_class)
    return found


def _settings(opened: OpenRun) -> Iterator[RunOffer]:
    for owner, configured in opened.run.configuration.items():
        for key in settings(configured):
            selector = f"config/{owner}/{key}"
            if (info := _info(opened, selector)) is not None:
                yield RunOffer(selector, info, words_of([owner, key]))


def _info(opened: OpenRun, selector: str) -> ArrayInfo | None:
    try:
        return opened.info(selector)
    except SourceError:
        return None
