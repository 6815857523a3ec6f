"""`$reduce:` of a detector: `{bin: 2, masked: 0, sparse: {above: 3}, i_accept_loss: true}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nxtool.recipe.checks import check_keys, given, map_at, mistake, whole_at, wrong_form
from nxtool.recipe.lossy import CONSENT, is_accepted
from nxtool.yamltree.nodes import MapNode, Scalar

if TYPE_CHECKING:
    from nxtool.findings import Finding, Mark

WORD: Final = "$reduce"
REDUCE_KEYS: Final = ("bin", "masked", "sparse", CONSENT)
LARGEST_BIN: Final = 64


@dataclass(frozen=True, slots=True)
class ReduceForm:
    """How a detector is made smaller: squares of `bin` times `bin` pixels become one (1: none);
    pixels of its mask become `masked` before (None: they stay); of what results only pixels
    above `above` are kept (None: all).
    """

    bin: int
    masked: float | None
    above: int | None
    mark: Mark


def reduce_at(parent: MapNode, problems: list[Finding]) -> ReduceForm | None:
    """How the group is made smaller; None where nothing is said, or it is reported."""
    node = map_at(parent, WORD, problems)
    if node is None:
        return None
    before = len(problems)
    check_keys(node, REDUCE_KEYS, problems)
    size, masked, above = _bin(node, problems), _masked(node, problems), _above(node, problems)
    if len(problems) == before and size == 1 and masked is None and above is None:
        hint = "write bin: 2, or masked: 0"
        problems.append(mistake("R02", node.mark, f"{WORD} says nothing to do", hint))
    if len(problems) > before or not is_accepted(node, problems):
        return None
    return ReduceForm(size, masked, above, node.mark)


def _bin(node: MapNode, problems: list[Finding]) -> int:
    found = given(node, "bin")
    if found is None:
        return 1
    size = whole_at(node, "bin", problems)
    if size is not None and not 2 <= size <= LARGEST_BIN:
        problems.append(wrong_form(found, "bin", f"a number from 2 to {LARGEST_BIN}"))
    return size or 1


def _masked(node: MapNode, problems: list[Finding]) -> float | None:
    found = given(node, "masked")
    value = found.value if isinstance(found, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if found is not None:
        problems.append(wrong_form(found, "masked", "a number", "like masked: 0"))
    return None


def _above(node: MapNode, problems: list[Finding]) -> int | None:
    sparse = map_at(node, "sparse", problems)
    if sparse is None:
        return None
    check_keys(sparse, ("above",), problems)
    above = whole_at(sparse, "above", problems)
    if given(sparse, "above") is None:
        problems.append(mistake("R02", sparse.mark, "sparse needs above", "like above: 3"))
    return above
