"""Raw files as values that are in the written file anyway, and the bytes around them.

Which bytes of a raw file a field holds is told by the extents of its source. Nothing rests on
that: a file counts as taken apart only after it was put together again from the written file, and
its checksum was that of the raw file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from nxtool.build.data import Sourced
from nxtool.build.plan import Plan, PlannedField
from nxtool.build.pool import Stretch
from nxtool.build.rawfiles import RawFile, normal
from nxtool.hdf5.flat import FlatBytes
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Unreadable


class Span(NamedTuple):
    """Bytes of a raw file, from `offset` on, that a dataset has from `start` on.

    `dataset` is empty where none has them.
    """

    offset: int
    length: int
    dataset: str = ""
    start: int = 0


def spans_of(plan: Plan) -> dict[Path, list[Span]]:
    """By file, what fields of the plan take over unchanged."""
    found: defaultdict[Path, list[Span]] = defaultdict(list)
    for field in plan.fields:
        for path, span in _taken(field):
            found[path].append(span)
    return dict(found)


def _taken(field: PlannedField) -> Iterator[tuple[Path, Span]]:
    data = field.data
    if not isinstance(data, Sourced) or not data.is_verbatim:
        return
    start = 0
    for extent in data.info.extents:
        yield normal(extent.file), Span(extent.offset, extent.size, field.path, start)
        start += extent.size


def covered(spans: Iterable[Span], size: int) -> list[Span]:
    """All of a file of `size` bytes: the spans in order, without those that begin in another,
    and the gaps between them."""
    found: list[Span] = []
    end = 0
    for span in sorted(spans):
        if span.offset < end or span.offset + span.length > size or not span.length:
            continue
        if span.offset > end:
            found.append(Span(end, span.offset - end))
        found.append(span)
        end = span.offset + span.length
    return [*found, Span(end, size - end)] if end < size else found


class Prover:
    """Puts raw files together again from the written file."""

    def __init__(self, written: Hdf5File) -> None:
        self._written = written
        self._open: dict[str, FlatBytes] = {}

    def is_proven(self, file: RawFile, spans: Sequence[Span], checksum: str) -> bool:
        """Whether the spans, of which some are in a dataset, are the file."""
        if not any(span.dataset for span in spans):
            return False
        digest = sha256()
        try:
            for span in spans:
                for block in self._blocks(file, span):
                    digest.update(block)
        except Unreadable:
            return False
        return digest.hexdigest() == checksum

    def _blocks(self, file: RawFile, span: Span) -> Iterator[bytes | memoryview]:
        if not span.dataset:
            yield from Stretch(file.path, span.offset, span.length).blocks()
            return
        if span.dataset not in self._open:
            self._open = {span.dataset: self._written.flat(span.dataset)}
        for block in self._open[span.dataset].blocks(span.start, span.length):
            yield block.data
