"""`lossy:` of a field: `{method: bitround, bits: 10, i_accept_loss: true}`.

Nothing is rounded unless the field itself says how far, and that this is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nxtool.recipe.checks import check_keys, choice_at, given, map_at, mistake, whole_at
from nxtool.yamltree.nodes import MapNode, Scalar

if TYPE_CHECKING:
    from nxtool.findings import Finding
    from nxtool.storage.quantize import Quantizer

CONSENT: Final = "i_accept_loss"
LOSSY_KEYS: Final = ("method", "bits", "digits", CONSENT)


def lossy_at(parent: MapNode, key: str, problems: list[Finding]) -> Quantizer | None:
    """How values are rounded; None where nothing is said, or it is reported."""
    from nxtool.storage.quantize import COUNTED, Quantizer

    node = map_at(parent, key, problems)
    if node is None:
        return None
    check_keys(node, LOSSY_KEYS, problems)
    method = choice_at(node, "method", tuple(COUNTED), problems)
    if given(node, "method") is None:
        hint = f"one of {', '.join(COUNTED)}"
        problems.append(mistake("R02", node.mark, "lossy needs a method", hint))
    known = next((name for name in COUNTED if name == method), None)
    if known is None or not _is_accepted(node, problems):
        return None
    counted = COUNTED[known]
    keep = whole_at(node, counted, problems)
    if given(node, counted) is None:
        hint = f"like {counted}: {10 if counted == 'bits' else 3}"
        problems.append(mistake("R02", node.mark, f"{method} needs {counted}", hint))
    return Quantizer(known, keep) if keep is not None else None


def _is_accepted(node: MapNode, problems: list[Finding]) -> bool:
    consent = given(node, CONSENT)
    if isinstance(consent, Scalar) and consent.value is True:
        return True
    mark = consent.mark if consent is not None else node.mark
    hint = f"write {CONSENT}: true if the loss does no harm here"
    problems.append(mistake("R02", mark, "the loss is not accepted", hint))
    return False
