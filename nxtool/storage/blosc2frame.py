"""What a chunk of Blosc2 tells of itself: the steps that its values went through before the codec.

Source: frame.h of c-blosc2 (places in the header of a contiguous frame), blosc2.h and
filters-registry.h (numbers of the steps).
"""

from __future__ import annotations

from typing import Final

STEPS: Final = {
    1: "shuffle", 2: "bitshuffle", 3: "delta", 4: "trunc_prec", 32: "ndcell", 33: "ndmean",
    34: "bytedelta of 2.8", 35: "bytedelta", 36: "int_trunc",
}  # fmt: skip
"""Names by number; others are plug-ins."""
LOSSY: Final = frozenset((4, 33, 36))
"""Steps that change values."""
_MAGIC: Final = slice(2, 10)
_PIPELINE: Final = slice(71, 77)


def steps_of(frame: bytes) -> tuple[int, ...]:
    """The numbers of the steps in their order; nothing where these bytes are no frame."""
    if frame[_MAGIC] != b"b2frame\0":
        return ()
    return tuple(number for number in frame[_PIPELINE] if number)


def step_name(number: int) -> str:
    """What a step is called.

    >>> step_name(35), step_name(200)
    ('bytedelta', 'step 200')
    """
    return STEPS.get(number, f"step {number}")
