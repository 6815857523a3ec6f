"""How fast messages of the ESS are decoded, against ess-streaming-data-types.

    python tests/benchmarks/messages.py [--messages 10000] [--repeat 7]

The same messages are decoded by the library, by `decode` one by one, and by `decode_many`; in turn,
so that a busy machine slows all alike. Prints medians of messages/s and ratios to the library
(median of pairs); "joined" also puts the events of all messages one after another, where the
library's arrays are concatenated for it. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np
import streaming_data_types as oracle

from nxtool.messages.batch import decode_many
from nxtool.messages.decode import decode

Way = Callable[[Sequence[bytes]], object]


def logs(count: int, sources: int) -> list[bytes]:
    """f144 messages with doubles, of which some are 0."""
    values = np.random.default_rng(1).integers(-50, 50, count) / 10
    return [
        oracle.serialise_f144(f"YMIR-Det1:MC-{n % sources:03}", value, 10**18 + n)
        for n, value in enumerate(values)
    ]


def events(count: int, low: int, high: int) -> list[bytes]:
    """ev44 messages of one pulse with numbers of events between two."""
    noise = np.random.default_rng(2)
    sizes = noise.integers(low, high + 1, count).tolist()
    return [
        oracle.serialise_ev44(
            "detector", n, [10**18 + n], [0], noise.integers(0, 71_000_000, size),
            noise.integers(1, 10**6, size),
        )
        for n, size in enumerate(sizes)
    ]  # fmt: skip


def library(name: str) -> Way:
    """The library's decoder of a format."""
    each = oracle.DESERIALISERS[name]
    return lambda buffers: [each(buffer) for buffer in buffers]


def library_joined(buffers: Sequence[bytes]) -> object:
    """The events of all messages by the library."""
    found = [oracle.deserialise_ev44(buffer) for buffer in buffers]
    times = np.concatenate([one.time_of_flight for one in found])
    return times, np.concatenate([one.pixel_id for one in found])


def ours_joined(buffers: Sequence[bytes]) -> object:
    """The events of all messages by decode_many."""
    (found,) = decode_many(buffers).events
    return found.time_of_flight.joined(), found.pixel_id.joined()


def singly(buffers: Sequence[bytes]) -> object:
    """The messages by decode."""
    return [decode(buffer) for buffer in buffers]


def seconds(way: Way, buffers: Sequence[bytes]) -> float:
    """How long a way takes."""
    start = time.perf_counter()
    way(buffers)
    return time.perf_counter() - start


def compare(label: str, buffers: Sequence[bytes], ways: dict[str, Way], repeat: int) -> None:
    """Print rates and ratios; the first way is the one others are compared with."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, way in ways.items():
            taken[name].append(seconds(way, buffers))
    first = taken[next(iter(ways))]
    for name, each in taken.items():
        rate = len(buffers) / statistics.median(each)
        ratio = statistics.median(a / b for a, b in zip(first, each, strict=True))
        print(f"{label:24} {name:16} {rate:12,.0f} messages/s  {ratio:6.1f}x")


def main() -> None:
    """Compare for both formats, few and many sources, equal and different sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=7)
    options = parser.parse_args()
    count, repeat = options.messages, options.repeat
    ways = {"decode": singly, "decode_many": decode_many}
    for sources in (1, 100):
        label = f"f144, {sources} sources"
        compare(label, logs(count, sources), {"library": library("f144"), **ways}, repeat)
    for low, high in ((100, 100), (1000, 1000), (0, 2000)):
        buffers, label = events(count // 5, low, high), f"ev44, {low} to {high} events"
        compare(label, buffers, {"library": library("ev44"), **ways}, repeat)
        joined: dict[str, Way] = {"library joined": library_joined, "joined": ours_joined}
        compare(label, buffers, joined, repeat)


if __name__ == "__main__":
    main()
