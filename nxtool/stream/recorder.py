"""Messages into a file, each once: decoded, given to the module of their source, and counted.

What comes is noted with the offsets up to which it came. After any end a file is continued from
there, and messages that come again are known by their offsets.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool.messages.batch import decode_many
from nxtool.messages.columns import EventColumns, LogColumns
from nxtool.messages.model import Json
from nxtool.stream.entry import begin, label, link, put, write_times
from nxtool.stream.generic import Places, wrong_name
from nxtool.stream.livefile import LiveFile
from nxtool.stream.modules.jsonlog import JsonRow, rows_of
from nxtool.stream.modules.model import Module, ModuleSpec, Unfit, Window
from nxtool.stream.modules.table import MODULES, module_of
from nxtool.stream.notes import Notes
from nxtool.stream.offsets import Arrived, fresh
from nxtool.stream.session import COMPLETE, RUNNING, STATUS, Session, stored_session

if TYPE_CHECKING:
    import h5py

    from nxtool.messages.columns import Batch

Key = tuple[str, str, str]
"""Topic, source, and the four letters of a format."""

MOST_TRIED: Final = 8
"""So many messages of a source may say nothing of what to make for it."""
WAITING: Final = 64 << 20
"""So many bytes wait in memory, then they are written."""
_COUNTS: Final = (
    "#messages", "#rows", "#rejected", "#unknown", "#again", "#gaps", "#late", "#repeated",
    "#converted",
)  # fmt: skip
_UNFIT: Final = (Unfit, ValueError, TypeError, OverflowError)
"""What a message raises that cannot become what is stored: as a text where numbers are."""
Wrong = tuple[int, str]
"""The position of a message in its batch, and why it cannot be kept."""
Prepare = Callable[["h5py.File"], None]


@dataclass(frozen=True, slots=True)
class _Part:
    """Messages for one module, and where in the batch they were."""

    key: Key
    message: Any
    rows: tuple[int, ...]


class Recorder:
    """Writes one file: `create` or `resume`, then `follow` the partitions, `take` what comes,
    `flush` now and then, and `finish` or `abandon`.

    `positions` are the next offsets by `topic/partition`; `counts` say what came of messages;
    `last` is the latest time by source, in ns.
    """

    def __init__(self, live: LiveFile, session: Session) -> None:
        self.session = session
        self.positions: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        self.last: dict[str, int] = {}
        self.missing_links: list[str] = []
        self._live = live
        self._make = session.maker()
        self._places = Places()
        self._modules: list[Module] = []
        self._routes: dict[Key, list[Module]] = defaultdict(list)
        self._refused: dict[Key, str] = {}
        self._tried: Counter[Key] = Counter()
        self._tallied: Counter[str] = Counter()
        self._notes: Notes

    @classmethod
    def create(cls, path: Path, session: Session, fixed: Prepare | None = None) -> Recorder:
        """A new file; `fixed` writes what stands in it from the beginning.

        Raises:
            OutputError: it exists, or cannot be written.
            FilterError: the filter is none.
        """
        session.maker()
        live = LiveFile.create(path, session.home)
        recorder = cls(live, session)
        try:
            with live.change({}) as file:
                if fixed is not None:
                    fixed(file)
                begin(file, session, recorder._make)
                recorder._add(session.modules)
                for module in recorder._modules:
                    recorder._lay_out(file, module, None)
            recorder._attach_all()
        except BaseException:
            live.abandon()
            path.unlink(missing_ok=True)
            raise
        return recorder

    @classmethod
    def resume(cls, path: Path) -> Recorder:
        """A file as it was at its last checkpoint.

        Raises:
            FileUnreadable: it was not written by a recorder, or is damaged.
            OutputError: another process is writing it, or it cannot be written.
        """
        live, noted = LiveFile.resume(path)
        try:
            session = stored_session(live.file)
            recorder = cls(live, session)
            recorder._restore(noted)
        except BaseException:
            live.abandon()
            raise
        return recorder

    def _restore(self, noted: dict[str, int]) -> None:
        for name, number in noted.items():
            if name.startswith("#"):
                self.counts[name] = max(0, number)
            elif not name.startswith("/"):
                self.positions[name] = number
        specs = self.session.modules
        if self.session.is_generic:
            specs = tuple(self._places.restore(self._live.file))
        self._add(specs)
        with self._live.change(self._noted()) as file:
            status = file[self.session.home]
            put(status, STATUS, RUNNING)
        self._attach_all()

    def _add(self, specs: Iterable[ModuleSpec]) -> None:
        for spec in specs:
            module = module_of(spec, self.session.window)
            self._modules.append(module)
            for schema in module.schemas:
                self._routes[spec.topic, spec.source, schema].append(module)

    def _attach_all(self) -> None:
        """Give the modules their columns, as far as they are there."""
        self._notes = Notes(self._live.columns, self.session.home)
        for module in self._modules:
            if module.waits:
                self._attach(module)

    def _attach(self, module: Module) -> None:
        try:
            module.attach(self._live.columns)
        except KeyError:
            return  # a message must come before its datasets can be made

    # while messages come

    def follow(self, partitions: dict[str, int]) -> None:
        """Note partitions by `topic/partition`, with the offset to begin at; -1 for any."""
        new = {name: offset for name, offset in partitions.items() if name not in self.positions}
        if new:
            self.positions |= new
            with self._live.change(self._noted()):
                pass

    def end_at(self, stop: int) -> None:
        """Want no rows after a time in ns, from now on."""
        self.session = replace(self.session, window=Window(self.session.window.start, stop))
        for module in self._modules:
            module.end_at(stop)

    @property
    def waiting(self) -> int:
        """How many bytes wait in memory."""
        return self._live.waiting

    def take(self, arrived: Arrived) -> None:
        """Keep messages; the partitions must be followed.

        Raises:
            OutputError: the disk is full, or fails.
        """
        new, gaps, positions = fresh(arrived, self.positions)
        batch = decode_many(new.values)
        wrong = [(row, str(trouble)) for row, trouble in batch.undecodable]
        parts = list(self._parts(new, batch, wrong))
        self._prepare(parts)  # notes what was before; from here on nothing is noted until all is in
        for gap in gaps:
            self._notes.gap(*gap)
        for row, reason in wrong:
            self._reject(new, row, reason)
        for part in parts:
            self._keep(part, new)
        self.positions |= positions
        self.counts["#gaps"] += len(gaps)
        self.counts["#again"] += len(arrived.values) - len(new.values)
        self.counts["#messages"] += len(new.values)
        self._live.relieve()
        if self._live.waiting > WAITING:
            self.flush()

    def _parts(self, arrived: Arrived, batch: Batch, wrong: list[Wrong]) -> Iterable[_Part]:
        """What is in a batch, by module; what cannot be kept is added to `wrong`."""
        topic = arrived.topic
        for log in batch.logs:
            yield _Part((topic, log.source_name, "f144"), log, tuple(log.rows.tolist()))
        for events in batch.events:
            yield _Part((topic, events.source_name, "ev44"), events, tuple(events.rows.tolist()))
        for row, message in batch.others:
            if isinstance(message, Json):
                yield from self._json_parts(arrived, row, message, wrong)
            elif message.schema in MODULES:
                source = getattr(message, "source_name", "")
                yield _Part((topic, source, message.schema), message, (row,))
            else:
                yield _Part((topic, "", message.schema), message, (row,))

    def _json_parts(
        self, arrived: Arrived, row: int, message: Json, wrong: list[Wrong]
    ) -> Iterable[_Part]:
        try:
            found = list(rows_of(message.value, self.session.paths, arrived.topic))
        except Unfit as trouble:
            wrong.append((row, f"json message: {trouble}"))
            return
        for one in found:
            yield _Part((arrived.topic, one.source_name, "json"), one, (row,))

    def _prepare(self, parts: list[_Part]) -> None:
        """Make what is needed for these messages and is not there yet, in one change of the
        file."""
        samples: dict[Key, list[Any]] = defaultdict(list)
        for part in sorted(parts, key=lambda part: part.rows[0]):
            is_new = part.key not in self._routes and part.key not in self._refused
            is_new = is_new and part.key[2] in MODULES
            if (is_new and self.session.wants(*part.key[:2])) or self._waiting(part.key):
                samples[part.key].append(part.message)
        if not samples:
            return
        with self._live.change(self._noted()) as file:
            for key, found in samples.items():
                self._make_room(file, key, found[:MOST_TRIED])
        self._attach_all()

    def _waiting(self, key: Key) -> bool:
        return any(module.waits for module in self._routes.get(key, ()))

    def _make_room(self, file: h5py.File, key: Key, samples: list[Any]) -> None:
        """Make the datasets of a source, for the first of some messages that says how. Where none
        does, as an empty array, later ones may, but not for ever: each time costs a change."""
        if key not in self._routes:
            wrong = "too many sources" if self._places.is_full else wrong_name(key[1])
            if wrong:
                self._refused[key] = wrong
                return
            self._add([self._places.spec(*key)])
        self._refused.pop(key, None)
        self._tried[key] += len(samples)
        for module in [one for one in self._routes[key] if one.waits]:
            reasons = []
            for sample in samples:
                reasons.append(self._lay_out(file, module, sample))
                if not reasons[-1]:
                    break
            if reasons[-1]:
                self._refused[key] = reasons[0]
                if self._tried[key] >= MOST_TRIED:
                    self._drop(module)

    def _drop(self, module: Module) -> None:
        """Forget a module that has no datasets."""
        self._modules.remove(module)
        for schema in module.schemas:
            key = module.spec.topic, module.spec.source, schema
            self._routes[key].remove(module)
            if not self._routes[key]:
                del self._routes[key]

    def _lay_out(self, file: h5py.File, module: Module, sample: Any) -> str:
        """Make the datasets of a module; why it cannot be done, empty if it can."""
        spec = module.spec
        is_new = spec.path not in file
        group = file.require_group(spec.path)
        before = set(group)
        try:
            module.lay_out(group, sample, self._make)
        except _UNFIT as trouble:
            for name in set(group) - before:
                del group[name]
            if is_new:
                del file[spec.path]
            return str(trouble) or "cannot be stored"
        label(group, module)
        if self.session.is_generic:
            group.parent.attrs.setdefault("NX_class", "NXcollection")
            group.parent.attrs.setdefault("topic", spec.topic)
        return ""

    def _keep(self, part: _Part, arrived: Arrived) -> None:
        """Give messages to their modules."""
        if part.key in self._refused:
            self._reject_part(part, arrived, self._refused[part.key])
            return
        modules = self._routes.get(part.key, ())
        if not modules:
            self.counts["#unknown"] += len(part.rows)
            return
        for module in modules:
            try:
                module.add(part.message)
            except _UNFIT as trouble:  # noqa: PERF203 - each module has a say
                rows = trouble.rows if isinstance(trouble, Unfit) else ()
                reason = str(trouble) or "cannot be stored"
                self._reject_part(replace(part, rows=rows or part.rows), arrived, reason)
        self._note_last(part)

    def _note_last(self, part: _Part) -> None:
        """Remember the latest time of a source, for people who watch."""
        message = part.message
        if isinstance(message, EventColumns):
            return
        time = message.time_ns[-1] if isinstance(message, LogColumns) else _time_of(message)
        self.last[f"{part.key[0]}/{part.key[1]}"] = int(time)

    def _reject_part(self, part: _Part, arrived: Arrived, reason: str) -> None:
        for row in part.rows:
            self._reject(arrived, row, f"{part.key[2]} message: {reason}")

    def _reject(self, arrived: Arrived, row: int, reason: str) -> None:
        self.counts["#rejected"] += 1
        self._notes.reject(
            arrived.topic,
            arrived.partitions[row],
            arrived.offsets[row],
            arrived.values[row],
            reason,
        )

    def _noted(self) -> dict[str, int]:
        """What the checkpoint holds besides rows."""
        for name in ("late", "repeated", "converted"):
            total = sum(getattr(module.tally, name) for module in self._modules)
            self.counts[f"#{name}"] += total - self._tallied[name]
            self._tallied[name] = total
        self.counts["#rows"] = sum(module.rows for module in self._modules)
        return {name: self.counts[name] for name in _COUNTS} | self.positions

    def flush(self, *, to_disk: bool = False) -> None:
        """Make all rows visible and note them; with `to_disk` so that a loss of power leaves them.

        Raises:
            OutputError: the disk is full, or fails.
        """
        for module in self._modules:
            module.settle()
        self._live.flush(self._noted(), to_disk=to_disk)

    # the end

    def finish(self, status: str = COMPLETE) -> None:
        """Add what is known in the end, and close the file.

        Raises:
            OutputError: the disk is full, or fails.
        """
        try:
            self.flush()
            with self._live.change(self._noted()) as file:
                for module in self._modules:
                    if module.spec.path in file:
                        module.finish(file[module.spec.path])
                self.missing_links = link(file, self.session.links)
                write_times(file, self.session, is_end=True)
                put(file[self.session.home], STATUS, status)
            self._live.flush(self._noted(), to_disk=True)
        except BaseException:
            self._live.abandon()
            raise
        self._live.close()

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._live.abandon()


def _time_of(message: Any) -> int:
    if isinstance(message, JsonRow):
        return message.time_ns
    found = getattr(message, "time_ns", getattr(message, "pulse_time_ns", 0))
    return int(found)
