"""Attributes of groups and fields: presence, type, values, shape (O01, T01, E01, D03, G05)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from nxtool import nxpath, values
from nxtool.findings import Finding
from nxtool.nodeview import Attribute, NodeView
from nxtool.schema.concepts import AttributeConcept
from nxtool.schema.namefit import is_valid_name
from nxtool.storage.lossrecord import QUANTIZED, RECORD
from nxtool.validate import reading
from nxtool.validate.rules import dates, enumerations, types
from nxtool.validate.rules.classes import STREAM_CLASSES
from nxtool.validate.rules.names import RESERVED_ATTRIBUTES
from nxtool.validate.rules.presence import missing_attribute
from nxtool.validate.visit import FieldVisit, GroupVisit, Walk, finding, strings

ON_FIELDS: Final = frozenset({
    "units", "long_name", "target", "interpretation", "signal", "axes", "axis", "primary",
    "calibration_status", "data_offset", "stride", "depends_on", "transformation_type", "vector",
    "offset", "offset_units", "variant", "custom", "unitSI", "unitDimension",
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS", "napimount",
    RECORD, *QUANTIZED.values(),
})  # fmt: skip
"""Attributes that may stand on every field without a word in its definition; the last, of nxtool
and netCDF, tell of a loss."""
ON_GROUPS: Final = frozenset({"NX_class", "target", "napimount", "default", "depends_on"})
ON_STREAMS: Final = ON_GROUPS | {"transformation_type", "vector", "offset", "offset_units"}
"""A log may stand for a transformation (manual, Streaming)."""
ON_BRIDGED: Final = frozenset({
    "openPMD", "openPMDextension", "basePath", "meshesPath", "particlesPath", "iterationEncoding",
    "iterationFormat", "author", "software", "softwareVersion", "softwareDependencies", "machine",
    "date", "comment", "geometry", "geometryParameters", "dataOrder", "axisLabels", "gridSpacing",
    "gridGlobalOffset", "gridUnitSI", "gridUnitDimension", "position", "unitSI", "unitDimension",
    "timeOffset", "openpmd_constant", "openpmd_unitSI",
})  # fmt: skip
"""Attributes of openPMD, in a file that says that it follows that standard too, and of the bridge
between both."""
LEGACY_MARKS: Final = frozenset({"signal", "axes", "axis", "primary"})
"""Marks of signal and axes on fields, older than the group attributes: P11 tells about them."""
_HANDLED_ELSEWHERE: Final = frozenset(
    {"NX_class", "units", "auxiliary_signals", "vector", *LEGACY_MARKS}
)
"""Whose type is judged with what they belong to: classes, units, NXdata, transformations."""
_MISSED_ON_FIELDS: Final = frozenset({"units", "vector", *LEGACY_MARKS})
"""Whose absence from a field is another rule's matter, or none: nobody needs the older marks."""
_LISTED_ELSEWHERE: Final = frozenset({"NX_class", "units"})
"""Whose enumerations other rules read."""


def of_group(visit: GroupVisit) -> Iterator[Finding]:
    """The attributes of a group."""
    if visit.concept is None:
        return
    concepts = visit.concept.attributes
    told = {"NX_class", "signal"} if visit.nx_class == "NXdata" else {"NX_class"}  # signal: by P01
    yield from _presence(visit.path, visit.view.attributes, concepts, told)
    free = visit.concept.ignores_extra("attributes")
    own = ON_STREAMS if visit.nx_class in STREAM_CLASSES else ON_GROUPS
    allowed = _with_bridge(visit.walk, own)
    for attribute in visit.view.attributes.values():
        concept = visit.concept.match_attribute(attribute.name)
        yield from _one(visit.view, attribute, concept, allowed, list(concepts), free=free)


def _with_bridge(walk: Walk, allowed: frozenset[str]) -> frozenset[str]:
    """The names that are `allowed`, and those of openPMD in a file of both standards."""
    return allowed | ON_BRIDGED if "openPMD" in walk.root.attributes else allowed


def of_field(visit: FieldVisit) -> Iterator[Finding]:
    """The attributes of a field."""
    concept = visit.concept
    if concept is None:
        return
    yield from _presence(visit.path, visit.view.attributes, concept.attributes, _MISSED_ON_FIELDS)
    known = [*concept.attributes, *sorted(ON_FIELDS)]
    free = visit.parent.concept is not None and visit.parent.concept.ignores_extra("attributes")
    allowed = _with_bridge(visit.walk, ON_FIELDS)
    for attribute in visit.view.attributes.values():
        match = concept.match_attribute(attribute.name)
        yield from _one(visit.view, attribute, match, allowed, known, free=free)


def _presence(
    path: str,
    there: Mapping[str, Attribute],
    concepts: Mapping[str, AttributeConcept],
    told: Collection[str],
) -> Iterator[Finding]:
    """What is missing, but for the names that other rules have `told` about."""
    for concept in concepts.values():
        if concept.name not in there and concept.name not in told:
            yield from missing_attribute(path, concept)


def _one(
    node: NodeView,
    attribute: Attribute,
    concept: AttributeConcept | None,
    allowed: frozenset[str],
    known: list[str],
    *,
    free: bool,
) -> Iterator[Finding]:
    place = nxpath.attribute(node.path, attribute.name)
    if attribute.problem:
        yield finding("T18", place, f"cannot be read: {attribute.problem}")
    yield from _encoding(place, attribute)
    if concept is not None:
        yield from _value(place, attribute, concept)
        yield from _listed(place, attribute, concept, node.attributes)
    elif attribute.name not in allowed and not free:
        yield from _undocumented(place, attribute.name, known)


def _undocumented(place: str, name: str, known: list[str]) -> Iterator[Finding]:
    if name.startswith(RESERVED_ATTRIBUTES) or name.removesuffix("_custom") in known:
        return
    if not is_valid_name(name):
        return  # no definition can know it; told by N01
    near = values.nearest(name, known)
    yield finding(
        "G05",
        place,
        f"attribute {name!r} is not in the definitions",
        hint=f"did you mean {near!r}?" if near else "",
    )


def _value(place: str, attribute: Attribute, concept: AttributeConcept) -> Iterator[Finding]:
    if attribute.shape is None:
        yield finding("T15", place, "has no value (null dataspace)", anchor=concept.anchor)
        return
    if _is_handled(attribute.name) or attribute.problem:
        return
    if not _compares_as_text(attribute, concept):
        yield from _type(place, attribute, concept)
    yield from _date(place, attribute, concept)
    if _fits_type(attribute, concept):
        yield from _length(place, attribute, concept)


def _listed(
    place: str,
    attribute: Attribute,
    concept: AttributeConcept,
    there: Mapping[str, Attribute],
) -> Iterator[Finding]:
    """The value is in the enumeration, or `NAME_custom` says why not."""
    if concept.enumeration is None or attribute.value is None:
        return
    if attribute.name in _LISTED_ELSEWHERE or _is_legacy(attribute.name, concept):
        return
    if not _fits_type(attribute, concept):
        return  # told by the rule for the type
    if " ".join(strings(attribute.value) or ()) in concept.enumeration.items:
        return  # `surface wavelength` of NXguide are two axes
    custom = there.get(f"{attribute.name}_custom")
    yield from enumerations.check(
        place, attribute.value, concept.enumeration, concept.anchor, custom
    )


def _is_legacy(name: str, concept: AttributeConcept) -> bool:
    """A mark on a field by an older convention, of which only a base class speaks."""
    return name in LEGACY_MARKS and concept.type == "NX_POSINT" and concept.level == "base"


def _is_handled(name: str) -> bool:
    return name in _HANDLED_ELSEWHERE or name.endswith("_indices")


def _fits_type(attribute: Attribute, concept: AttributeConcept) -> bool:
    if _compares_as_text(attribute, concept):
        return True
    return values.matches_type(concept.type, attribute.type, attribute.shape).verdict != "no"


def _compares_as_text(attribute: Attribute, concept: AttributeConcept) -> bool:
    """An untyped attribute whose enumeration is all numbers may be stored as a number."""
    if concept.is_typed or concept.enumeration is None or attribute.type.kind == "string":
        return False
    return all(_is_number(item) for item in concept.enumeration.items)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _type(place: str, attribute: Attribute, concept: AttributeConcept) -> Iterator[Finding]:
    fit = values.matches_type(concept.type, attribute.type, attribute.shape)
    problem, lenient = "", fit.verdict == "lenient"
    if fit.verdict == "values" and attribute.value is not None:
        problem = values.check_values(concept.type, attribute.value)
        if not problem and fit.reason:
            problem, lenient = fit.reason, True
    elif fit.verdict in ("no", "lenient"):
        problem = fit.reason or f"is {attribute.type.text}, not {concept.type}"
    if problem:
        yield finding(
            types.CODES[concept.type] if concept.is_typed else "T17",
            place,
            problem,
            severity="warning" if lenient else "error",
            expected=concept.type,
            found=attribute.type.text,
            anchor=concept.anchor,
        )


def _encoding(place: str, attribute: Attribute) -> Iterator[Finding]:
    """The first text in an attribute, whoever knows it, that is not UTF-8."""
    bad = next(filter(reading.has_bad_bytes, strings(attribute.value) or ()), None)
    if bad is not None:
        yield finding("T16", place, f"{reading.shown(bad)} is not valid UTF-8")


def _date(place: str, attribute: Attribute, concept: AttributeConcept) -> Iterator[Finding]:
    text = attribute.text
    if text is None or concept.type not in dates.TYPES or place.startswith("/@"):
        return  # of the root: told by F01
    yield from dates.check(place, text, concept.name, concept.anchor)


def _length(place: str, attribute: Attribute, concept: AttributeConcept) -> Iterator[Finding]:
    """The fixed shape some attributes have: a vector is three numbers."""
    if concept.dimensions is None or attribute.shape is None:
        return
    values_ = [dim.value or "" for dim in concept.dimensions.dims]
    sizes = [int(value) for value in values_ if value.isdecimal()]
    if sizes and len(sizes) == len(values_) and tuple(sizes) != attribute.shape:
        yield finding(
            "D07",
            place,
            f"has shape {attribute.shape}, not {tuple(sizes)}",
            expected=tuple(sizes),
            found=attribute.shape,
            anchor=concept.anchor,
        )
