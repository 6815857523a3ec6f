"""`lossy:` of a field: `{method: bitround, bits: 10, i_accept_loss: true}`.

Nothing is changed unless the field itself says how far, and that this is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from nxtool.recipe.checks import (
    check_keys,
    choice_at,
    given,
    map_at,
    mistake,
    whole_at,
    wrong_form,
)
from nxtool.yamltree.nodes import MapNode, Scalar

if TYPE_CHECKING:
    from nxtool.findings import Finding
    from nxtool.storage.bounded import Bounded
    from nxtool.storage.quantize import Quantizer

    Loss: TypeAlias = Quantizer | Bounded

CONSENT: Final = "i_accept_loss"
MEASURES: Final = ("bits", "digits", "bound")
LOSSY_KEYS: Final = ("method", *MEASURES, CONSENT)


def lossy_at(parent: MapNode, key: str, problems: list[Finding]) -> Loss | None:
    """How values are changed; None where nothing is said, or it is reported."""
    from nxtool.storage.bounded import CODERS, Bounded
    from nxtool.storage.quantize import COUNTED, Quantizer

    node = map_at(parent, key, problems)
    if node is None:
        return None
    check_keys(node, LOSSY_KEYS, problems)
    methods = (*COUNTED, *CODERS)
    word = choice_at(node, "method", methods, problems)
    if given(node, "method") is None:
        hint = f"one of {', '.join(methods)}"
        problems.append(mistake("R02", node.mark, "lossy needs a method", hint))
    if word is None or not is_accepted(node, problems):
        return None
    _check_measure(node, word, COUNTED.get(word, "bound"), problems)  # type: ignore[call-overload]
    quantizer = next((name for name in COUNTED if name == word), None)
    if quantizer is not None:
        keep = _keep(node, quantizer, COUNTED[quantizer], problems)
        return Quantizer(quantizer, keep) if keep is not None else None
    coder = next((name for name in CODERS if name == word), None)
    bound = _bound(node, word, problems)
    return Bounded(coder, bound) if coder is not None and bound is not None else None


def _check_measure(node: MapNode, method: str, due: str, problems: list[Finding]) -> None:
    """Report measures that belong to another method."""
    for key, _ in node.items if given(node, due) is not None else ():
        if key.text in MEASURES and key.text != due:
            message = f"{method} goes by {due}, not {key.text}"
            problems.append(mistake("R02", key.mark, message, f"leave {key.text} out"))


def _keep(node: MapNode, method: str, counted: str, problems: list[Finding]) -> int | None:
    keep = whole_at(node, counted, problems)
    if given(node, counted) is None:
        hint = f"like {counted}: {10 if counted == 'bits' else 3}"
        problems.append(mistake("R02", node.mark, f"{method} needs {counted}", hint))
    return keep


def _bound(node: MapNode, method: str, problems: list[Finding]) -> float | None:
    """The number under `bound`, in the unit that is stored."""
    found = given(node, "bound")
    if found is None:
        problems.append(mistake("R02", node.mark, f"{method} needs a bound", "like bound: 0.001"))
        return None
    value = found.value if isinstance(found, Scalar) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    problems.append(wrong_form(found, "bound", "a number", "like bound: 0.001"))
    return None


def is_accepted(node: MapNode, problems: list[Finding]) -> bool:
    """Whether it says that the loss is accepted; if not, that is reported."""
    consent = given(node, CONSENT)
    if isinstance(consent, Scalar) and consent.value is True:
        return True
    mark = consent.mark if consent is not None else node.mark
    hint = f"write {CONSENT}: true if the loss does no harm here"
    problems.append(mistake("R02", mark, "the loss is not accepted", hint))
    return False
