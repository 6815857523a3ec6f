"""Type and enumeration of a concept, when its layers disagree.

Each facet comes from the first layer that states it. A more specific layer may so contradict a
less specific one: NXcxi_ptycho makes `probe` a number, NXsource lists words for it. Then the more
specific facet stands and the other is dropped, or nothing at all could be valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nxtool.nxdl.elements import AttributeElement, Enumeration, FieldElement

DEFAULT_TYPE: Final = "NX_CHAR"
"""The type of a field or attribute that states none (nxdl.xsd)."""
_NUMERIC: Final = frozenset({
    "NX_INT", "NX_UINT", "NX_POSINT", "NX_FLOAT", "NX_NUMBER", "NX_COMPLEX", "NX_CCOMPLEX",
    "NX_PCOMPLEX", "NX_QUATERNION",
})  # fmt: skip


def type_and_enumeration(
    elements: Sequence[FieldElement | AttributeElement],
) -> tuple[str, Enumeration | None]:
    """The facets of `elements`, the most specific first."""
    typed = next((i for i, element in enumerate(elements) if element.type), None)
    listed = next((i for i, element in enumerate(elements) if element.enumeration), None)
    nx_type = (elements[typed].type if typed is not None else None) or DEFAULT_TYPE
    enumeration = elements[listed].enumeration if listed is not None else None
    if typed is None or listed is None or enumeration is None:
        return nx_type, enumeration
    if nx_type in _NUMERIC and not any(_is_number(item) for item in enumeration.items):
        return (nx_type, None) if typed < listed else (DEFAULT_TYPE, enumeration)
    return nx_type, enumeration


def _is_number(item: str) -> bool:
    """True for a number, or a list, which may hold numbers."""
    try:
        float(item)
    except ValueError:
        return item.startswith("[")
    return True
