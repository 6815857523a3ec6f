"""How fast messages come into files, against what HDF5 can do and what a plain loop does.

    python tests/benchmarks/streams.py [--messages 200000] [--repeat 5] [--broker] [--runs]

Three ways write the same f144 and ev44 messages: a bare append of ready arrays by h5py ("bare"),
`Recorder` as `nxtool listen` uses it ("nxtool"), and the library's decoder with an append for every
message ("each", of fewer messages). All rows are on the disk in the end. The ways take turns, so
that a busy machine slows all alike. With `--broker` the messages come from a real broker (Tansu).
`--runs` adds runs of Bluesky, stored and live (`runs.py`; it needs apstools).
Prints medians of messages/s, and the ratios (medians of pairs). Nothing is asserted.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np
import streaming_data_types as oracle

from nxtool.cli import COLLECT_AFTER
from nxtool.stream.kafka.address import Address
from nxtool.stream.kafka.consumer import Begin, Consumer
from nxtool.stream.kafka.ending import Until
from nxtool.stream.kafka.listening import Listener
from nxtool.stream.offsets import Arrived
from nxtool.stream.recorder import Recorder
from nxtool.stream.session import Session

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.benchmarks import runs
from tests.kafkabroker import Broker

BATCH = 10_000
EVENTS = 1000
EACH = 20
"""The loop that appends message by message gets one in so many."""
Way = Callable[[Path], int]


def logs(count: int) -> list[bytes]:
    """f144 messages of doubles from 10 sources."""
    now = time.time_ns()
    return [oracle.serialise_f144(f"m{n % 10}", n / 7, now + n) for n in range(count)]


def events(count: int) -> list[bytes]:
    """ev44 messages of one pulse with many events."""
    noise, now = np.random.default_rng(2), time.time_ns()
    tof, pixel = noise.integers(0, 71_000_000, EVENTS), noise.integers(1, 10**6, EVENTS)
    return [oracle.serialise_ev44("bank", n, [now + n], [0], tof, pixel) for n in range(count)]


def parts(messages: Sequence[bytes], size: int) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Messages in batches as a consumer gives them."""
    for first in range(0, len(messages), size):
        yield first, messages[first : first + size]


def by_nxtool(messages: Sequence[bytes], size: int) -> Way:
    """Into a file by a recorder, with a flush to disk every second."""

    def write(path: Path) -> int:
        recorder = Recorder.create(path, Session())
        recorder.follow({"t/0": 0})
        flushed = time.monotonic()
        for first, values in parts(messages, size):
            offsets = list(range(first, first + len(values)))
            recorder.take(Arrived("t", [0] * len(values), offsets, values))
            if time.monotonic() - flushed > 1:
                recorder.flush(to_disk=True)
                flushed = time.monotonic()
        recorder.flush(to_disk=True)
        recorder.abandon()
        return len(messages)

    return write


def bare(columns: dict[str, tuple[np.ndarray, int]], count: int) -> Way:
    """Ready arrays appended to chunked datasets, (values, rows an append) by name."""

    def write(path: Path) -> int:
        with h5py.File(path, "w", libver="latest") as file:
            for name, (values, _) in columns.items():
                file.create_dataset(name, (0,), values.dtype, chunks=(1 << 17,), maxshape=(None,))
            file.swmr_mode = True
            turns = max(-(-len(values) // rows) for values, rows in columns.values())
            for turn in range(turns):
                for name, (values, rows) in columns.items():
                    piece = values[turn * rows : (turn + 1) * rows]
                    dataset = file[name]
                    dataset.resize(dataset.shape[0] + len(piece), axis=0)
                    dataset[-len(piece) :] = piece
            file.flush()
            os.fsync(file.id.get_vfd_handle())
        return count

    return write


def bare_logs(count: int) -> Way:
    """The values and times of 10 sources."""
    each = count // 10
    columns = {}
    for n in range(10):
        columns[f"value{n}"] = (np.arange(each, dtype="f8"), BATCH // 10)
        columns[f"time{n}"] = (np.arange(each, dtype="u8"), BATCH // 10)
    return bare(columns, count)


def bare_events(count: int, size: int) -> Way:
    """The columns of an NXevent_data."""
    number = count * EVENTS
    columns = {name: (np.arange(number, dtype="i4"), size * EVENTS) for name in ("tof", "id")}
    columns |= {name: (np.arange(count, dtype="i8"), size) for name in ("zero", "index")}
    return bare(columns, count)


def appended_each(messages: Sequence[bytes], schema: str) -> Way:
    """Decoded by the library and appended, message by message."""

    def write(path: Path) -> int:
        chosen = messages[: max(1, len(messages) // EACH)]
        with h5py.File(path, "w", libver="latest") as file:
            append = _Appender(file)
            for message in chosen:
                append.add(schema, message)
        return len(chosen)

    return write


class _Appender:
    def __init__(self, file: h5py.File) -> None:
        self._file = file

    def add(self, schema: str, message: bytes) -> None:
        """Decode a message and append its values."""
        if schema == "f144":
            log = oracle.deserialise_f144(message)
            self._append(f"{log.source_name}/value", np.array([log.value]))
            self._append(f"{log.source_name}/time", np.array([log.timestamp_unix_ns]))
        else:
            found = oracle.deserialise_ev44(message)
            for name in ("time_of_flight", "pixel_id", "reference_time", "reference_time_index"):
                self._append(f"{found.source_name}/{name}", getattr(found, name))

    def _append(self, name: str, values: np.ndarray) -> None:
        if name not in self._file:
            self._file.create_dataset(name, (0,), values.dtype, chunks=(1 << 14,), maxshape=(None,))
        dataset = self._file[name]
        dataset.resize(dataset.shape[0] + len(values), axis=0)
        dataset[-len(values) :] = values


def from_broker(address: str, topic: str, count: int) -> Way:
    """From a broker into a file, as `nxtool listen` does."""

    def write(path: Path) -> int:
        consumer = Consumer(Address(address), {})
        recorder = Recorder.create(path, Session())
        listener = Listener(recorder, consumer, Until("end"), lambda _: None)
        listener.begin(consumer.find([topic]), Begin())
        listener.run(lambda: recorder.counts["#messages"] >= count)
        recorder.flush(to_disk=True)
        recorder.abandon()
        consumer.close()
        return count

    return write


def each_from_broker(address: str, topic: str, schema: str, count: int) -> Way:
    """From a broker by the usual loop: poll, decode, append."""

    def write(path: Path) -> int:
        import confluent_kafka

        consumer = confluent_kafka.Consumer(
            {"bootstrap.servers": address, "group.id": "each", "log_level": 0}
        )
        consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
        done, wanted = 0, max(1, count // EACH)
        with h5py.File(path, "w", libver="latest") as file:
            append = _Appender(file)
            while done < wanted:
                message = consumer.poll(1.0)
                if message is not None and message.error() is None:
                    append.add(schema, message.value())
                    done += 1
        consumer.close()
        return done

    return write


def measure(ways: dict[str, Way], repeat: int, folder: Path) -> dict[str, list[float]]:
    """Messages/s of each way, in turn."""
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, way in ways.items():
            path = folder / "run.nxs"
            start = time.perf_counter()
            count = way(path)
            rates[name].append(count / (time.perf_counter() - start))
            path.unlink()
    return rates


def tell(title: str, rates: dict[str, list[float]]) -> None:
    """Print medians, and ratios of nxtool to the others."""
    told = "  ".join(f"{name} {statistics.median(found):,.0f}/s" for name, found in rates.items())
    own = rates["nxtool"]
    pairs = {
        name: statistics.median(a / b for a, b in zip(own, found, strict=True))
        for name, found in rates.items()
        if name != "nxtool"
    }
    ratios = "  ".join(f"nxtool/{name} {ratio:.2f}" for name, ratio in pairs.items())
    print(f"{title}: {told}   {ratios}", flush=True)


def messages_to_files(count: int, repeat: int, folder: Path, *, broker: bool) -> None:
    """Measure f144 and ev44, from memory or from a broker."""
    pulses = max(10, count // 10)
    size = max(1, (64 << 20) // (8 * EVENTS) // 8)
    sent = {"f144": logs(count), "ev44": events(pulses)}
    if not broker:
        ways = {"bare": bare_logs(count), "nxtool": by_nxtool(sent["f144"], BATCH),
                "each": appended_each(sent["f144"], "f144")}  # fmt: skip
        tell("f144 to file", measure(ways, repeat, folder))
        ways = {"bare": bare_events(pulses, size), "nxtool": by_nxtool(sent["ev44"], size),
                "each": appended_each(sent["ev44"], "ev44")}  # fmt: skip
        tell(f"ev44 ({EVENTS} events) to file", measure(ways, repeat, folder))
        return
    server = Broker("tansu", folder / "broker")
    server.start()
    try:
        server.make_topics(f144=1, ev44=1)
        for schema, found in sent.items():
            server.send((schema, 0, message) for message in found)
            ways = {
                "nxtool": from_broker(server.address, schema, len(found)),
                "each": each_from_broker(server.address, schema, schema, len(found)),
            }
            tell(f"{schema} through a broker", measure(ways, repeat, folder))
    finally:
        server.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--broker", action="store_true")
    parser.add_argument("--runs", action="store_true")
    arguments = parser.parse_args()
    gc.set_threshold(COLLECT_AFTER)  # as the command line does
    with tempfile.TemporaryDirectory() as name:
        messages_to_files(arguments.messages, arguments.repeat, Path(name), broker=arguments.broker)
        if arguments.runs:
            runs.compare(100_000, 3, Path(name))
            runs.live(20, 1000, Path(name))


if __name__ == "__main__":
    main()
