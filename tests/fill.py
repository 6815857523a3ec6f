"""Recipes with the least an application definition asks for, with made-up values.

Values follow the definition alone: type, unit, choices, and lengths that agree wherever the same
symbol stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nxtool import units
from nxtool.nxdl.elements import Dimensions, Enumeration
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import AttributeConcept, FieldConcept
from nxtool.schema.outline import FieldItem, GroupItem, Level, outline
from nxtool.validate.rules.dimensions import allowed_ranks, evaluate
from nxtool.values import parse_enum_item

FREE_LENGTH = 2
"""The length of a dimension that the definition leaves open."""

SAMPLES: dict[str, Any] = {
    "NX_DATE_TIME": "2026-01-05T10:00:00+01:00",
    "ISO8601": "2026-01-05T10:00:00+01:00",
    "NX_CHAR": "text",
    "NX_CHAR_OR_NUMBER": 1,
    "NX_BOOLEAN": True,
    "NX_INT": 1,
    "NX_UINT": 1,
    "NX_POSINT": 1,
    "NX_BINARY": 1,
}
UNITLESS = ("NX_DATE_TIME", "ISO8601", "NX_CHAR", "NX_BOOLEAN", "NX_BINARY")


def filled_recipe(schema: Schema, name: str, folder: Path, level: Level = "required") -> Path:
    """Write a recipe with a value for all that `level` asks for; the result is `out.nxs`."""
    entry = outline(schema, name, level)
    recipe = {
        "nxtool": 1,
        "definition": name,
        "output": "out.nxs",
        entry.key: _Filler().group(entry),
    }
    path = folder / f"{name}.nx.yaml"
    text = yaml.safe_dump(recipe, sort_keys=False, allow_unicode=True, default_flow_style=None)
    path.write_text(text, encoding="utf-8")
    return path


class _Filler:
    """Makes values; knows the length of every symbol met so far."""

    def __init__(self) -> None:
        self.lengths: dict[str, int] = {}
        self.free = count(2)

    def group(self, item: GroupItem) -> Any:
        if item.is_list_of_steps:
            return [{"name": "position", "translate": [0, 0, 1], "by": "10 mm"}]
        content = {field.key: self.field(field) for field in item.fields}
        attributes = {one.name: self.attribute(one) for one in item.attributes}
        if item.concept.nx_class == "NXdata" and item.concept.links:
            attributes["signal"] = list(item.concept.links)[-1]
        elif item.concept.nx_class == "NXdata":
            self.plot(item, content, attributes)
        if attributes:
            content["$attrs"] = attributes
        return content | {group.key: self.group(group) for group in item.groups}

    def plot(self, item: GroupItem, content: dict[str, Any], attributes: dict[str, Any]) -> None:
        """Make the fields of an NXdata a plot: a signal, and axes of its lengths."""
        known = item.concept.attributes
        numbers = [field for field in item.fields if _is_number(field.concept)]
        own = {field.key.partition("(")[0]: field.key for field in numbers}
        signal = _prescribed(known, "signal") or next(iter(own), "data")
        free = [key for key, full in own.items() if full != signal and _is_axis(item, full)]
        axes = _prescribed(known, "axes") or free or "."
        names = [axes] if isinstance(axes, str) else axes
        for name in (*names, signal):
            if name != "." and name not in own:
                concept = item.concept.fields.get(name)
                own[name] = name if concept is not None else f"{name}(NX_FLOAT)"
                content[own[name]] = (
                    1.5 if concept is None else self.field(FieldItem(name, concept, ()))
                )
        for name in {*own, *names} - {signal, "."}:
            content[own[name]] = _stretched(content[own[name]], [FREE_LENGTH])
        shape = [len(_plain(content[own[n]])) if n != "." else FREE_LENGTH for n in names]
        content[own[signal]] = _stretched(content[own[signal]], shape)
        attributes["signal"] = signal
        if free or "axes" in attributes:
            attributes["axes"] = names
        for name in attributes:
            axis = name.removesuffix("_indices")
            if axis != name:
                attributes[name] = names.index(axis) if axis in names else 0

    def field(self, item: FieldItem) -> Any:
        concept = item.concept
        form = {"value": item.value or self.value(concept)}
        unit = units.example(concept.units) if concept.units else _listed_unit(concept)
        if unit and concept.type not in UNITLESS:
            form["units"] = unit
        attributes = {one.name: self.attribute(one) for one in item.attributes}
        if attributes:
            form["attrs"] = attributes
        return form if len(form) > 1 else form["value"]

    def attribute(self, concept: AttributeConcept) -> Any:
        free = concept.name == "vector" and concept.enumeration is None
        return [0, 0, 1] if free else self.value(concept)

    def value(self, concept: FieldConcept | AttributeConcept) -> Any:
        if concept.name == "depends_on":
            return "."
        one = SAMPLES.get(concept.type, 1.5)
        if concept.enumeration is not None:
            one = _choice(concept.enumeration, concept.type)
            if isinstance(one, list):
                return one
        shape = self.shape(concept.dimensions)
        return np.full(shape, one, dtype=object).tolist() if prod(shape) else one

    def shape(self, dimensions: Dimensions | None) -> tuple[int, ...]:
        if dimensions is None:
            return ()
        if dimensions.dims:
            return tuple(self.length(dim.value) for dim in dimensions.dims if dim.required)
        ranks = allowed_ranks(dimensions)
        return (FREE_LENGTH,) * (ranks[0] if ranks else 0)

    def length(self, text: str | None) -> int:
        if not text:
            return FREE_LENGTH
        if text.isidentifier() and text not in self.lengths:
            self.lengths[text] = next(self.free)
        return evaluate(text, self.lengths) or FREE_LENGTH


def _choice(enumeration: Enumeration, nx_type: str) -> Any:
    item = parse_enum_item(enumeration.items[0])
    if isinstance(item, tuple):
        return list(item)
    return (
        item
        if nx_type in ("NX_INT", "NX_UINT", "NX_POSINT", "NX_FLOAT", "NX_NUMBER")
        else str(item)
    )


def _prescribed(known: Mapping[str, AttributeConcept], name: str) -> Any:
    """The one value an attribute may have, None if it is free."""
    enumeration = known[name].enumeration if name in known else None
    if enumeration is None or len(enumeration.items) != 1:
        return None
    item = parse_enum_item(enumeration.items[0])
    return list(item) if isinstance(item, tuple) else item


def _is_number(concept: FieldConcept) -> bool:
    return concept.type not in UNITLESS and concept.enumeration is None


def _is_axis(item: GroupItem, key: str) -> bool:
    return any(f.key == key and f.concept.name in ("AXISNAME", "XAXIS") for f in item.fields)


def _plain(form: Any) -> Any:
    return form["value"] if isinstance(form, dict) else form


def _stretched(form: Any, shape: list[int]) -> Any:
    """A single value repeated to an array; arrays stay."""
    one = _plain(form)
    if isinstance(one, list):
        return form
    values = np.full(shape, one, dtype=object).tolist()
    return {**form, "value": values} if isinstance(form, dict) else values


def _listed_unit(concept: FieldConcept) -> str:
    """The first unit the definition lists where it names no category: 1/m for I of NXcanSAS."""
    stated = concept.attributes.get("units")
    if stated is None or stated.enumeration is None or stated.bounds.requirement != "required":
        return ""
    word = stated.enumeration.items[0]
    return units.example(word) if word in units.CATEGORIES else word
