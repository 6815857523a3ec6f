"""One file recorded from brokers: begun or continued, filled, and finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nxtool.errors import FileUnreadable, NxtoolError, OutputError, RecipeError
from nxtool.stream.kafka.address import Address
from nxtool.stream.kafka.consumer import Begin, Consumer
from nxtool.stream.kafka.ending import Until
from nxtool.stream.kafka.listening import Listener, Watch
from nxtool.stream.kafka.runs import Making, RunKeeper
from nxtool.stream.livefile import LiveFile
from nxtool.stream.modules.jsonlog import JsonPaths
from nxtool.stream.modules.model import FIRST, LAST, Window
from nxtool.stream.recorder import Recorder
from nxtool.stream.session import COMPLETE, Session, run_status, stored_session
from nxtool.stream.structure import Structure, parse_structure

_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """What to listen to, and how to write it.

    `settings` are those of the client; `structure` is the file of a nexus_structure, None for a
    generic file, of all sources or those that `selectors` name; `resume` goes on with a file that
    says it is complete.
    """

    address: Address
    output: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    structure: Structure | None = None
    selectors: tuple[str, ...] = ()
    filters: str = ""
    paths: JsonPaths = field(default_factory=JsonPaths)
    begin: Begin = field(default_factory=Begin)
    until: Until = field(default_factory=Until)
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a job: numbers by name since the file began, links that lead nowhere, and
    whether it came to its end or was stopped."""

    counts: Mapping[str, int]
    missing_links: tuple[str, ...]
    complete: bool


def load_structure(path: Path) -> Structure:
    """The nexus_structure in a file; raises RecipeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise RecipeError(f"{path}: {reason.lower()}", hint="check the path") from error
    return parse_structure(text, str(path))


def listen(
    job: Job,
    watch: Watch,
    is_asked: Callable[[], bool],
    begun: Callable[[Listener], object] = bool,
) -> Recorded:
    """Record until the job is over, or `is_asked` to end; `watch` is told once a second, and
    `begun` is given what listens, when it does.

    Raises:
        NxtoolError: no broker answers, a topic is not there, the file cannot be written.
    """
    consumer = Consumer(job.address, job.settings, job.group)
    try:
        wanted = _topics(job)
        topics = consumer.find(wanted)
        with _recorder(job, tuple(wanted)) as recorder:
            listener = Listener(recorder, consumer, job.until, watch)
            listener.begin(topics, job.begin)
            begun(listener)
            complete = listener.run(is_asked)
            recorder.finish(COMPLETE if complete else "interrupted")
            counts, links = dict(recorder.counts), tuple(recorder.missing_links)
    finally:
        consumer.close()
    return Recorded(counts, links, complete)


def listen_to_runs(
    job: Job, making: Making, watch: Watch, is_asked: Callable[[], bool]
) -> tuple[Recorded, list[str]]:
    """Make files of runs until the job is over, or `is_asked` to end; and the uids of runs that are
    open still.

    Raises:
        NxtoolError: no broker answers, a topic is not there, files cannot be written.
    """
    consumer = Consumer(job.address, job.settings, job.group)
    try:
        topics = consumer.find(_topics(job))
        keeper = RunKeeper(making)
        try:
            listener = Listener(keeper, consumer, job.until, watch)
            listener.begin(topics, job.begin)
            complete = listener.run(is_asked)
            keeper.flush()
        finally:
            still_open = keeper.close()
    finally:
        consumer.close()
    return Recorded(dict(keeper.counts), (), complete), still_open


def _topics(job: Job) -> tuple[str, ...]:
    """The topics of the address, else those of the structure, else those of the file."""
    if job.address.topics:
        return job.address.topics
    found = job.structure.topics if job.structure is not None else ()
    if not found and job.output.is_file():
        found = _known_topics(job.output)
    if not found:
        raise NxtoolError("no topics", hint="name some with --topics a,b, or a --nexus-structure")
    return found


def _known_topics(path: Path) -> tuple[str, ...]:
    """The topics that a file was recorded from, which is mended if need be."""
    session = run_status(path)[1]
    if session is None:
        live, _ = LiveFile.resume(path)
        try:
            session = stored_session(live.file)
        finally:
            live.close()
    return session.topics


@contextmanager
def _recorder(job: Job, topics: tuple[str, ...]) -> Iterator[Recorder]:
    """The recorder of a new file, or of the one that is there; let go of after an error."""
    if job.output.exists():
        _check_open(job)
        recorder = Recorder.resume(job.output)
    else:
        fixed = job.structure.write if job.structure is not None else None
        recorder = Recorder.create(job.output, _session(job, topics), fixed)
    try:
        yield recorder
    except BaseException:
        recorder.abandon()
        raise


def _check_open(job: Job) -> None:
    """Refuse a file that is none of ours, or is complete and shall stay so."""
    try:
        status, _ = run_status(job.output)
    except FileUnreadable as error:
        hint = "choose another name: it is no file that can be continued"
        raise OutputError(f"{job.output}: exists already", hint=hint) from error
    if status == COMPLETE and not job.resume:
        message = f"{job.output}: exists already, and is complete"
        raise OutputError(message, hint="continue it with --resume, or choose another name")


def _session(job: Job, topics: tuple[str, ...]) -> Session:
    """How a new file is recorded."""
    begin, until = job.begin, job.until
    window = Window(
        begin.time_ms * _NS_PER_MS if begin.kind == "time" else FIRST,
        until.time_ms * _NS_PER_MS if until.kind == "time" else LAST,
    )
    session = Session(
        topics=topics, window=window, filters=job.filters, paths=job.paths,
        selectors=job.selectors,
    )  # fmt: skip
    if job.structure is None:
        return session
    structure = job.structure
    return replace(
        session,
        entry=structure.entry,
        modules=tuple(structure.streams),
        links=tuple(structure.links),
        times=tuple(structure.times),
    )
