"""Units (U01 to U07, O06)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nxtool import nxpath, units
from nxtool.findings import Finding, Severity
from nxtool.nodeview import Attribute, one_string
from nxtool.nxdl.elements import Enumeration
from nxtool.schema.concepts import FieldConcept
from nxtool.validate import reading
from nxtool.validate.rules.presence import missing_attribute
from nxtool.validate.visit import FieldVisit, by_level, finding

_NEVER_NEEDED: Final = frozenset({"NX_DIMENSIONLESS", "NX_UNITLESS"})
_ADVISED: Final = frozenset({"NX_ANY", "NX_COUNT", "NX_PULSES"})
_OF_KIND: Final = {"translation": "NX_LENGTH", "rotation": "NX_ANGLE"}
_PARTNERS: Final = ("_end", "_increment_set")
"""Suffixes of fields that have the unit of the transformation they belong to."""


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The units attribute of one field."""
    attribute = visit.view.attributes.get("units")
    concept = visit.concept
    if attribute is None:
        if concept is not None:
            yield from _absent(visit, concept)
        return
    path = nxpath.attribute(visit.path, "units")
    text = one_string(attribute.value)
    if text is None:
        yield _not_text(path, attribute)
    elif concept is not None and (stated := _enumeration(concept)) is not None:
        yield from _listed(path, text, concept, stated)
    elif concept is None or not concept.units:
        yield from _unasked(visit, path, text)
    elif concept.units == "NX_TRANSFORMATION":
        yield from _transformation(visit, path, text)
    else:
        yield from check(path, text, concept.units, concept.anchor)


def check(path: str, text: str, category: str, anchor: str) -> Iterator[Finding]:
    """Does the unit `text` belong to the category?"""
    unit = _readable(text)
    fit = units.fit(unit, category)
    hint = _hint(fit)
    codes: dict[str, tuple[str, Severity]] = {
        "loose": ("U03", "warning"),
        "ambiguous": ("U04", "warning"),
        "unknown": ("U01", _unknown_severity(category)),
        "wrong": ("U03", "error"),
    }
    if fit.verdict in codes:
        code, severity = codes[fit.verdict]
        if fit.verdict == "wrong" and category not in units.CATEGORIES and unit.strip():
            code = "U06"
        yield finding(
            code,
            path,
            fit.reason,
            severity=severity,
            expected=category,
            found=unit,
            hint=hint,
            anchor=anchor,
        )


def _hint(fit: units.Fit) -> str:
    """A spelling that is meant is told as such, an example of the category as an example."""
    if not fit.suggestion or fit.verdict == "loose":
        return ""
    return f"{'for instance' if fit.verdict == 'wrong' else 'write'} {fit.suggestion!r}"


def _enumeration(concept: FieldConcept) -> Enumeration | None:
    """The units that the definition lists for the attribute itself (NXcanSAS), if any."""
    stated = concept.attributes.get("units")
    return stated.enumeration if stated is not None else None


def _listed(
    path: str, text: str, concept: FieldConcept, enumeration: Enumeration
) -> Iterator[Finding]:
    """A unit of a list: another one that suits the category only warns, as NXcanSAS says."""
    if any(_is_same(text, item) for item in enumeration.items):
        return
    found = list(check(path, text, concept.units or "NX_ANY", concept.anchor))
    yield from found
    if not found:
        shown = " | ".join(enumeration.items)
        yield finding(
            "E03" if enumeration.open else "E01",
            path,
            f"{text!r} is not one of: {', '.join(enumeration.items)}",
            severity="warning",
            expected=shown,
            found=text,
            anchor=concept.anchor,
        )


def _is_same(text: str, item: str) -> bool:
    """The listed unit, a spelling of it, or one of a category (NXazint1d lists categories)."""
    if text == item.strip("'"):
        return True
    if item in units.CATEGORIES:
        return units.fit(text, item).verdict == "fits"
    try:
        return units.convert_factor(text, item) == (1.0, 0.0)
    except units.UnitError:
        return False


def _unknown_severity(category: str) -> Severity:
    loose = _ADVISED | {"NX_DIMENSIONLESS", "NX_UNITLESS"}
    return "warning" if category in loose else "error"


def _readable(text: str) -> str:
    """Latin-1 bytes (`µm`, `Å` of older writers) count as the letters they were."""
    if not reading.has_bad_bytes(text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _not_text(path: str, attribute: Attribute) -> Finding:
    if attribute.shape is None:
        return finding("T15", path, "has no value (null dataspace)")
    return finding(
        "U03", path, f"units is {attribute.type.text}, not one string", found=attribute.type.text
    )


def _absent(visit: FieldVisit, concept: FieldConcept) -> Iterator[Finding]:
    """No units: a fault where a category, or an attribute of the definition, asks for them."""
    stated = concept.attributes.get("units")
    if stated is not None and (not concept.units or concept.units in _ADVISED):
        yield from missing_attribute(visit.path, stated)
    elif concept.units:
        yield from _missing(visit, concept, concept.units)


def _missing(visit: FieldVisit, concept: FieldConcept, category: str) -> Iterator[Finding]:
    if category == "NX_TRANSFORMATION":
        category = _OF_KIND.get(_kind(visit), "NX_UNITLESS")
    if category in _NEVER_NEEDED or visit.view.type.kind in ("string", "boolean"):
        return
    layer = concept.units_layer
    level = layer.definition.category if layer is not None else concept.level
    severity: Severity = "info" if category in _ADVISED else by_level(level)
    example = "" if category in _ADVISED else units.example(category)
    yield finding(
        "U03",
        visit.path,
        f"has no units, {category} asks for one",
        severity=severity,
        expected=category,
        hint=f"for instance {example!r}" if example else "",
        anchor=concept.anchor,
    )


def _unasked(visit: FieldVisit, path: str, text: str) -> Iterator[Finding]:
    """A unit that no definition asks for: it must only be one."""
    if visit.view.type.kind == "string":
        yield finding("U07", path, "a string has no unit", found=text)
        return
    yield from check(path, text, "NX_ANY", visit.concept.anchor if visit.concept else "")


def _transformation(visit: FieldVisit, path: str, text: str) -> Iterator[Finding]:
    """A translation has a length, a rotation an angle, a mere direction nothing."""
    assert visit.concept is not None  # noqa: S101 - the caller looked
    kind = _kind(visit)
    if kind and kind not in _OF_KIND:
        return  # what the unit should be nobody can say; the kind is told by E01
    category = _OF_KIND.get(kind, "NX_UNITLESS")
    for item in check(path, text, category, visit.concept.anchor):
        yield finding(
            "U05",
            path,
            f"{item.message} ({kind or 'no transformation_type'})",
            severity=item.severity if kind else "warning",
            expected=category,
            found=text,
            anchor=item.anchor,
        )


def _kind(visit: FieldVisit) -> str:
    """transformation_type of the field, or of the axis it belongs to (`phi` for `phi_end`)."""
    attribute = visit.view.attributes.get("transformation_type")
    for suffix in _PARTNERS:
        partner = visit.parent.fields.get(visit.view.name.removesuffix(suffix))
        if attribute is None and partner is not None:
            attribute = partner.attributes.get("transformation_type")
    return (one_string(attribute.value) or "") if attribute is not None else ""
