"""What is fuzzed: a module of this folder for each decoder, and the rules that hold for all.

An input may be taken or refused with an `NxtoolError`. Any other exception is a crash, and so are
more than `MOST_SECONDS` for one input, and more than `MOST_MIB` of memory.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, Protocol, cast

from nxtool.errors import NxtoolError

NAMES: Final = ("recipe", "nxdl", "hdf5view", "documents", "messages")
MOST_SECONDS: Final = 10
MOST_MIB: Final = 1024
_OURS: Final = "/nxtool/"

Take = Callable[[bytes], object]


class Target(Protocol):
    """What a module of a decoder has; and, where its inputs hold checksums, `mended`: a function
    from a changed input to one with right checksums."""

    LONGEST: int
    """Most bytes of an input."""
    WORDS: Sequence[bytes]
    """What inputs are likely to hold."""

    def seeds(self) -> Iterable[bytes]:
        """Inputs to begin with; most are good ones."""

    def prepared(self, folder: Path) -> Take:
        """The decoder, which may write in `folder`."""


def target_of(name: str) -> Target:
    """The module of a target."""
    return cast("Target", importlib.import_module(f"tests.fuzz.{name}"))


def crash_of(take: Take, data: bytes) -> tuple[str, str] | None:
    """How the decoder fails on an input: a name for all crashes at that place, and the traceback.

    None where it takes the input, or refuses it as it should.
    """
    try:
        take(data)
    except NxtoolError:
        return None
    except Exception as error:  # all others are what is looked for
        frames = traceback.extract_tb(error.__traceback__)
        places = [
            f"{Path(one.filename).stem}.{one.name}" for one in frames if _OURS in one.filename
        ]
        place = places[-1] if places else "outside"
        name = f"{type(error).__name__}-{place}".translate({ord("<"): "", ord(">"): ""})
        return name, traceback.format_exc()
    return None


def smallest(take: Take, data: bytes) -> bytes:
    """A part of the input that crashes at the same place; no shorter one is got by leaving out a
    run of its bytes."""
    found = crash_of(take, data)
    size = len(data) // 2
    while found and size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            again = crash_of(take, shorter)
            if again and again[0] == found[0]:
                data = shorter
            else:
                at += size
        size //= 2
    return data
