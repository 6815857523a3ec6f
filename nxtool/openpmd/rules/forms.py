"""Attributes as the standard wants them: of a type, one value or several, and there at all."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Final

from nxtool.findings import Finding, Severity
from nxtool.nodeview import Attribute, ElementType, NodeView
from nxtool.openpmd.rules.asking import Asking

_FOREIGN: Final = frozenset({"boolean", "enum", "compound", "opaque", "reference", "bitfield"})
"""Types that no attribute of the standard has."""


@dataclass(frozen=True, slots=True)
class Form:
    """What an attribute should be: `what` in words, the kinds of types it may have, the sizes in
    bytes (empty: any), and whether it is a list. `unsigned` demands that of integers."""

    what: str
    kinds: tuple[str, ...]
    sizes: tuple[int, ...] = ()
    is_list: bool = False
    unsigned: bool = False

    def fits_kind(self, element: ElementType) -> bool:
        return element.kind in self.kinds

    def fits_width(self, element: ElementType) -> bool:
        """A width that is not known fits."""
        if not self.sizes or not element.size:
            return True
        signed = element.kind == "integer" and element.signed
        return element.size in self.sizes and not (self.unsigned and signed)


TEXT: Final = Form("text", ("string",))
TEXTS: Final = replace(TEXT, is_list=True)
FLOAT: Final = Form("a floating-point number", ("float",))
FLOATS: Final = replace(FLOAT, what="floating-point numbers", is_list=True)
FLOAT64: Final = Form("a float64", ("float",), (8,))
FLOAT64S: Final = replace(FLOAT64, what="float64", is_list=True)
UINT32: Final = Form("an uint32", ("integer",), (4,), unsigned=True)
UINT64S: Final = Form("uint64", ("integer",), (8,), is_list=True, unsigned=True)
INTEGER: Final = Form("an integer", ("integer",))
NUMBER: Final = Form("a number", ("integer", "float", "complex"))
INTEGERS: Final = replace(INTEGER, what="integers", is_list=True)
COMPLEXES: Final = Form("complex numbers", ("complex",), is_list=True)

Wanted = Generator[Finding, None, "Attribute | None"]


def wanted(
    asking: Asking,
    node: NodeView,
    name: str,
    code: str,
    form: Form,
    *,
    severity: Severity | None = None,
    length: int | None = None,
) -> Wanted:
    """The attribute, where it is there and fits well enough for further questions; else None.

    What is wrong is told as `code`, what is not there with `severity`.
    """
    attribute = node.attributes.get(name)
    if attribute is None:
        yield asking.of_attribute(code, node, name, "is missing", "missing", severity=severity)
        return None
    return (yield from formed(asking, node, attribute, code, form, length=length))


def optional(
    asking: Asking, node: NodeView, name: str, code: str, form: Form, *, length: int | None = None
) -> Wanted:
    """Likewise, of an attribute that need not be there."""
    attribute = node.attributes.get(name)
    if attribute is None:
        return None
    return (yield from formed(asking, node, attribute, code, form, length=length))


def formed(
    asking: Asking,
    node: NodeView,
    attribute: Attribute,
    code: str,
    form: Form,
    *,
    length: int | None = None,
) -> Wanted:
    """The attribute, if it is of that form, more or less."""
    name, element = attribute.name, attribute.type
    if attribute.problem:
        message = f"cannot be read: {attribute.problem}"
        yield asking.of_attribute(code, node, name, message, "type")
        return None
    if element.kind in _FOREIGN:
        yield asking.of_attribute("OP022", node, name, f"is {element.text}, not {form.what}")
        return None
    if not form.fits_kind(element):
        yield asking.of_attribute(
            code, node, name, f"is {element.text}, not {form.what}", _misfit(element, form),
            expected=form.what, found=element.text,
        )  # fmt: skip
        return None
    if attribute.shape is None or 0 in attribute.shape:
        yield asking.of_attribute(code, node, name, "has no value", "shape")
        return None
    if not (yield from _is_shaped(asking, node, attribute, code, form, length)):
        return None
    if not form.fits_width(element):
        yield asking.of_attribute(
            code, node, name, f"is {element.text}, not {form.what}", "width",
            expected=form.what, found=element.text,
        )  # fmt: skip
    if element.kind == "string" and asking.backend == "HDF5":
        yield from _stored_text(asking, node, attribute)
    return attribute


def _misfit(element: ElementType, form: Form) -> str:
    """Whether it is but another kind of number, or something else altogether."""
    numbers = ("integer", "float")
    is_number = element.kind in numbers and any(kind in numbers for kind in form.kinds)
    return "number" if is_number else "type"


def _is_shaped(
    asking: Asking,
    node: NodeView,
    attribute: Attribute,
    code: str,
    form: Form,
    length: int | None,
) -> Generator[Finding, None, bool]:
    """Whether it has as many values as it should; a list of one and the one itself both pass."""
    shape = attribute.shape or ()
    count = 1
    for size in shape:
        count *= size
    if len(shape) > 1:
        message = f"has {len(shape)} dimensions, not {int(form.is_list)}"
        yield asking.of_attribute(code, node, attribute.name, message, "shape")
        return False
    due = length if form.is_list else 1
    if due is not None and count != due:
        message = f"has {_values(count)}, not {due}"
        aspect = "length" if form.is_list else "shape"
        yield asking.of_attribute(
            code, node, attribute.name, message, aspect, expected=due, found=count
        )
        return False
    if form.is_list != bool(shape):
        told = ("is a list of one value", "is one value, not a list")[form.is_list]
        yield asking.of_attribute(code, node, attribute.name, told, "one", severity="warning")
    return True


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _stored_text(asking: Asking, node: NodeView, attribute: Attribute) -> Iterator[Finding]:
    """Text is of fixed length and ASCII, as all readers can take it."""
    words = []
    if not attribute.type.size:
        words.append("of variable length")
    if attribute.type.utf8:
        words.append("marked as UTF-8")
    if words:
        message = f"is text {' and '.join(words)}"
        yield asking.of_attribute("OP021", node, attribute.name, message, severity="warning")


def one_of(
    asking: Asking,
    node: NodeView,
    name: str,
    code: str,
    words: tuple[str, ...],
    *,
    severity: Severity | None = None,
) -> Generator[Finding, None, str | None]:
    """The word in a text attribute, which must be one of `words`; None where it is missing."""
    attribute = yield from wanted(asking, node, name, code, TEXT, severity=severity)
    word = attribute.text if attribute is not None else None
    if word is not None and word not in words:
        yield unknown_word(asking, node, name, code, word, words)
    return word


def unknown_word(
    asking: Asking, node: NodeView, name: str, code: str, word: str, words: tuple[str, ...]
) -> Finding:
    """That a word is none of those allowed."""
    message = f"is {word!r}, not one of {', '.join(words)}"
    return asking.of_attribute(
        code, node, name, message, "value", expected=", ".join(words), found=word
    )
