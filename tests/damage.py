"""Damaged copies of real files, validated one after the other.

Run as a program it prints the number of each copy before it looks at it, and to the standard
error those on which libhdf5 crashes or hangs:

    python -m tests.damage CORPUS FIRST LAST
"""

from __future__ import annotations

import random
import sys
import tempfile
from functools import partial
from pathlib import Path

from nxtool.errors import FileUnreadable
from nxtool.validate.judging import make_judge
from nxtool.validate.visit import Options
from nxtool.validate.workers import Workers

MAX_BYTES = 3_000_000


def sources(corpus: Path) -> list[Path]:
    """The HDF5 files of the corpus that are small enough to be copied many times."""
    found = (path for folder in ("nexus", "filters") for path in (corpus / folder).rglob("*"))
    return sorted(
        path
        for path in found
        if path.is_file() and path.stat().st_size < MAX_BYTES and _is_hdf5(path)
    )


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(8) == b"\x89HDF\r\n\x1a\n"


def damage(data: bytes, seed: int) -> bytes:
    """`data` with some bytes changed, mostly in its first part, or with its end cut off."""
    random_ = random.Random(seed)  # noqa: S311 - not for secrets
    copy = bytearray(data)
    if seed % 5 == 0:
        return bytes(copy[: random_.randrange(1, len(copy))])
    reach = len(copy) if seed % 2 else min(len(copy), 8192)
    for _ in range(random_.choice((1, 4, 32))):
        copy[random_.randrange(reach)] = random_.randrange(256)
    return bytes(copy)


def main(corpus: Path, first: int, last: int) -> None:
    """Validate the copies from `first` on, up to `last`."""
    files = sources(corpus)
    judge = partial(make_judge, (), Options())
    with tempfile.TemporaryDirectory() as folder, Workers(judge, hang=5.0, idle=10.0) as workers:
        place = Path(folder) / "damaged.h5"
        for seed in range(first, last):
            print(seed, flush=True)  # noqa: T201 - the protocol of this program
            place.write_bytes(damage(files[seed % len(files)].read_bytes(), seed))
            (verdict,) = workers.judged([str(place)])
            if isinstance(verdict, FileUnreadable) and "library" in verdict.message:
                print(f"{seed}: {verdict.message.split(': ')[-1]}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
