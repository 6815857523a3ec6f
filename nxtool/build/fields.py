"""One field of a recipe to a planned field: where its values come from and how they are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from nxtool import nxpath, units
from nxtool.build.data import FieldData, Literal, Referred, Sourced, cast
from nxtool.build.desk import Desk
from nxtool.build.literals import literal, text_value
from nxtool.build.naming import FieldSlot
from nxtool.build.plan import AttributeValue, Planned, PlannedField, PlannedLink
from nxtool.build.storing import plan_storage
from nxtool.findings import Mark
from nxtool.recipe.dates import DateError, to_iso
from nxtool.recipe.expression import Expression
from nxtool.recipe.forms import FieldForm, SourceRef, parse_field
from nxtool.recipe.quantity import quantity_of
from nxtool.schema.concepts import FieldConcept, GroupConcept
from nxtool.sources.model import Mode, SourceArray
from nxtool.yamltree.nodes import MapNode, Node, Scalar, kind_of

Change: TypeAlias = "Callable[[FieldData, str | None], FieldData]"
"""What is stored of values in a unit; raises `FilterError`."""
DATE_TYPES: Final = frozenset({"NX_DATE_TIME", "ISO8601"})
TEXT_FORMATS: Final = frozenset({"csv", "matrix", "spec", "json"})
"""Formats whose numbers have no dtype of their own: an integer there may become a float."""
_ORIGINS: Final = frozenset({"from", "link", "virtual", "expr"})
WANTED: Final = {
    "NX_FLOAT": "a number like 1.5 or 200 mm",
    "NX_NUMBER": "a number like 1.5 or 200 mm",
    "NX_INT": "a whole number",
    "NX_UINT": "a whole number from 0",
    "NX_POSINT": "a whole number from 1",
    "NX_BOOLEAN": "true or false",
    "NX_COMPLEX": "a complex number like 1+2j",
    "NX_BINARY": "whole numbers from 0 to 255",
}


def plan_field(
    desk: Desk, slot: FieldSlot, node: Node, path: str, change: Change | None = None
) -> Planned | None:
    """The field or link under a name; None where nothing is given or a mistake was noted.

    `change` makes of its values, in their unit, what is stored.
    """
    desk.plan.marks[path] = slot.mark
    if _is_unfilled(node):
        return None  # the rule for presence tells if it must be there
    before = desk.error_count
    form = parse_field(node, desk.problems)
    if desk.error_count > before:
        desk.failed.add(path)  # what else is wrong with it may follow from that
        return None
    if form.link is not None:
        desk.plan.values[path] = form.link.mark
        return PlannedLink(path, form.link.path, form.link.file)
    return _Field(desk, slot, form, path, change).plan()


def _is_unfilled(node: Node) -> bool:
    """True for null, alone or as `value` of a long form that names no other origin."""
    if isinstance(node, MapNode):
        value = node.get("value")
        return value is not None and _is_unfilled(value) and not _ORIGINS.intersection(node)
    return isinstance(node, Scalar) and node.is_null


class _Field:
    """The planning of one field, step by step."""

    def __init__(
        self, desk: Desk, slot: FieldSlot, form: FieldForm, path: str, change: Change | None
    ) -> None:
        self.desk = desk
        self.slot = slot
        self.form = form
        self.path = path
        self.change = change
        self.unit: str | None = form.units

    @property
    def concept(self) -> FieldConcept | None:
        return self.slot.concept

    def plan(self) -> Planned | None:
        before = self.desk.error_count
        with self.desk.telling(self.form.mark, self.path):
            found = self._data()
            if isinstance(found, PlannedLink):
                return found
            if found is not None and self.change is not None:
                found = self.change(found, self.unit)
            if found is not None and self.desk.error_count == before:
                return self._field(found)
        self.desk.failed.add(self.path)
        return None

    def _field(self, data: FieldData) -> PlannedField:
        field = PlannedField(self.path, data, concept=self.concept)
        marks = self.form.marks
        self.desk.plan.values[self.path] = marks.get("value") or marks.get("from") or self.form.mark
        field.fixed_strings = self.desk.recipe.defaults.strings == "fixed"
        if self.unit is not None:
            field.attributes["units"] = self.unit
            self._mark_units()
        if self.form.attrs is not None:
            field.attributes |= plan_attributes(
                self.desk, self.form.attrs, self.concept, self.path
            )  # fmt: skip
        plan_storage(self.desk, self.form, field)
        return field

    def _mark_units(self) -> None:
        marks = self.form.marks
        mark = marks.get("to") or marks.get("units") or marks.get("value") or self.form.mark
        self.desk.plan.marks[nxpath.attribute(self.path, "units")] = mark

    # values

    def _data(self) -> FieldData | PlannedLink | None:
        form = self.form
        if form.value is not None:
            return self._literal(form.value)
        ref = form.source or form.virtual
        if ref is None:
            return self._computed()
        array = self.desk.array(ref)
        if array is None:
            return unknown(self.desk, ref, self.path)
        if self.unit is None:
            self.unit = array.info.units
        else:
            self._compare_units(array)
        return self._from_source(ref, array)

    def _literal(self, node: Node) -> FieldData | None:
        value = literal(node, self.slot.type)
        if value is None:
            wanted = WANTED.get(self.slot.type, "a text, a number or a list")
            found = f"{node.text!r}" if isinstance(node, Scalar) else kind_of(node)
            message = f"{self.slot.name} is {self.slot.type}: {found} is not {wanted}"
            hint = "write it so, or take another field"
            self.desk.problem("R04", node.mark, message, hint, path=self.path)
            return None
        if value.is_ragged:
            message = f"{self.slot.name}: the rows of the list differ in length"
            hint = "make them equally long, or several fields"
            self.desk.problem("R04", node.mark, message, hint, path=self.path)
            return None
        self._literal_unit(value.unit, node)
        array = self._dates(value.array, node.mark)
        if array.dtype.hasobject:
            self._keep_text()
            return Literal(array)
        array = self._converted(array)
        return Literal(cast(array, self._dtype(array.dtype)))

    def _literal_unit(self, unit: str, node: Node) -> None:
        if unit and self.form.units is not None:
            message = f"{self.slot.name} has two units, {unit!r} and {self.form.units!r}"
            mark = self.form.marks.get("units", node.mark)
            self.desk.problem("R02", mark, message, "keep one of the two")
        elif unit:
            self.unit = unit

    def _dates(self, array: np.ndarray, mark: Mark) -> np.ndarray:
        """Dates completed with the time zone of the recipe."""
        if self.slot.type not in DATE_TYPES or self.slot.name == "time_zone":
            return array
        defaults, date_format = self.desk.recipe.defaults, self.form.date_format
        zone = defaults.timezone or (None if defaults.is_sound else "UTC")
        try:
            done = [to_iso(str(item), zone, date_format) for item in array.reshape(-1)]
        except DateError as error:
            self.desk.problem("R04", mark, error.message, error.hint, path=self.path)
            return array
        return np.array(done, dtype=object).reshape(array.shape)

    def _keep_text(self) -> None:
        """What is asked of numbers cannot be done to text."""
        for key in ("to", "expr", "dtype"):
            if key in self.form.marks and getattr(self.form, key) not in (None, "string"):
                message = f"{key} changes numbers, and {self.slot.name} is text"
                hint = f"leave {key} out, or take numbers"
                self.desk.problem("R04", self.form.marks[key], message, hint, path=self.path)

    def _converted(self, array: np.ndarray) -> np.ndarray:
        factor, shift = self._conversion()
        return array if (factor, shift) == (1.0, 0.0) else array * factor + shift

    def _conversion(self) -> tuple[float, float]:
        """What `to` asks for; afterwards the unit is the new one."""
        target = self.form.to
        if target is None:
            return 1.0, 0.0
        mark = self.form.marks.get("to", self.form.mark)
        if self.unit is None:
            message = f"cannot convert to {target!r}: the source states no unit"
            self.desk.problem("R04", mark, message, "say what unit the data is in with units")
            return 1.0, 0.0
        try:
            factor, shift = units.convert_factor(self.unit, target)
        except units.UnitError as error:
            hint = error.hint or "take units that measure the same"
            self.desk.problem("R04", mark, error.message, hint, path=self.path)
            return 1.0, 0.0
        self.unit = target
        return factor, shift

    def _compare_units(self, array: SourceArray) -> None:
        """A unit in the recipe that contradicts the source is worth a word."""
        stated = array.info.units
        if stated is None or stated == self.unit or self.unit is None:
            return
        if not self._is_same_unit(stated, self.unit):
            message = f"the source says {stated!r}, the recipe {self.unit!r}"
            hint = f"the recipe counts; to convert, write units: {stated}, to: {self.unit}"
            mark = self.form.marks.get("units")
            self.desk.problem("R04", mark, message, hint, path=self.path, severity="warning")

    def _is_same_unit(self, stated: str, wanted: str) -> bool:
        """True for two spellings of one unit, also where `A` stands for angstrom."""
        category = self.concept.units if self.concept is not None else None
        meant = units.fit(stated, category) if category else None
        if meant is not None and meant.verdict == "ambiguous":
            stated = meant.suggestion
        try:
            return units.convert_factor(stated, wanted) == (1.0, 0.0)
        except units.UnitError:
            return False

    def _computed(self) -> FieldData | None:
        """An expression of variables alone."""
        if self.form.expr is None:
            hint = "give value, from, link, virtual or expr"
            self.desk.problem("R02", self.form.mark, f"{self.slot.name} has no value", hint)
            return None
        result = self.form.expr.evaluate(variables(self.desk))
        return Literal(cast(self._converted(result), self._dtype(result.dtype)))

    def _from_source(self, ref: SourceRef, array: SourceArray) -> FieldData | PlannedLink | None:
        spec = self.desk.spec(ref)
        mode: Mode = "virtual" if self.form.virtual is not None else spec.mode if spec else "copy"
        if array.info.dtype.hasobject:
            return self._text_source(array, ref.mark)
        if mode == "copy" or not array.info.shape:
            return self._copied(ref, array)
        changing = [key for key in ("to", "expr", "dtype") if key in self.form.marks]
        if changing:
            message = f"{changing[0]} changes the values, but mode {mode} leaves them in place"
            self.desk.problem("R02", self.form.marks[changing[0]], message, "use mode: copy")
            return None
        return self._left_in_place(ref, array, mode)

    def _copied(self, ref: SourceRef, array: SourceArray) -> FieldData:
        factor, shift = self._conversion()
        dtype = array.info.dtype
        if self.form.expr is not None or (factor, shift) != (1.0, 0.0):
            dtype = np.dtype("float32") if dtype == np.float32 else np.dtype("float64")
        source = self.desk.source(ref.source)
        is_text = source is not None and source.format in TEXT_FORMATS
        if is_text and dtype.kind in "iu" and self.slot.type == "NX_FLOAT":
            dtype = np.dtype("float64")
        names = None
        if self.form.expr is not None:
            names = variables(self.desk)
            self.form.expr.require([*names, "x"])
            self._expect_x(self.form.expr)
        return Sourced(
            array, self._dtype(dtype), self.form.expr, names, factor, shift,
            mark=self.form.marks.get("dtype"),
        )  # fmt: skip

    def _expect_x(self, expression: Expression) -> None:
        """Without `x` nothing of the source would come through: one number in its place."""
        if "x" not in expression.names:
            message = f"{expression.source.text!r} makes no use of x, the data of the source"
            hint = "put x where the data belong, or leave from out"
            self.desk.problem("R04", expression.source.mark, message, hint, path=self.path)

    def _dtype(self, dtype: np.dtype) -> np.dtype:
        if self.form.dtype is None:
            return dtype
        return np.dtype(object if self.form.dtype == "string" else self.form.dtype)

    def _text_source(self, array: SourceArray, mark: Mark) -> FieldData:
        """Text of a source; one string in an array of one is stored as a plain string."""
        self._keep_text()
        if self.slot.type in DATE_TYPES:
            values = array.read(0, array.info.shape[0] if array.info.shape else 1)
            one = values.reshape(()) if values.size == 1 else values
            return Literal(self._dates(one, mark))
        single = array.info.shape == (1,) and not _wants_array(self.concept)
        return Sourced(array, array.info.dtype, squeeze=single)

    def _left_in_place(
        self, ref: SourceRef, array: SourceArray, mode: Mode
    ) -> FieldData | PlannedLink | None:
        locations, extents = array.info.locations, array.info.extents
        whole = len(locations) == 1 and locations[0].is_whole
        if mode == "link" and whole and locations[0].shape == array.info.shape:
            place = locations[0]
            attributes = {"units": self.unit} if self.unit is not None else {}
            return PlannedLink(
                self.path, place.dataset, str(place.file), Referred(array), attributes
            )
        if mode == "virtual" and locations:
            return Referred(array)
        if mode == "external" and extents:
            return Referred(array)
        hints = {
            "link": "a link needs one whole dataset of one HDF5 file; use virtual",
            "virtual": "a virtual dataset needs HDF5 files",
            "external": "external storage needs uncompressed data",
        }
        self.desk.problem("R04", ref.mark, f"mode {mode} is not possible here", hints[mode])
        return None


def unknown(desk: Desk, ref: SourceRef, path: str) -> PlannedLink | None:
    """What stands at `path` for data that cannot be had now: known to be there, and nothing else;
    None where there is no such source."""
    spec = desk.spec(ref) if ref.source in desk.recipe.sources else None
    desk.failed.add(path)
    return PlannedLink(path, ref.selector or "/", spec.path or ref.source) if spec else None


def variables(desk: Desk) -> dict[str, float]:
    """The variables of the recipe that are numbers, for expressions."""
    found: dict[str, float] = {}
    for name, node in desk.recipe.vars.items():
        quantity = quantity_of(node)
        if quantity is not None and isinstance(quantity.values, int | float):
            found[name] = float(quantity.values)
    return found


def _wants_array(concept: FieldConcept | None) -> bool:
    return concept is not None and concept.dimensions is not None


def plan_attributes(
    desk: Desk, node: MapNode, concept: FieldConcept | GroupConcept | None, path: str
) -> dict[str, AttributeValue]:
    """The attributes under `attrs`; numbers and text by the definition, else by their looks."""
    found: dict[str, AttributeValue] = {}
    for key, value in node.items:
        place = nxpath.attribute(path, key.text)
        desk.plan.marks[place] = key.mark
        if isinstance(value, Scalar) and value.is_null:
            continue
        known = concept.match_attribute(key.text) if concept is not None else None
        given = literal(value, known.type if known is not None else "") or text_value(value)
        if given is None:
            hint = "an attribute is a text, a number or a list of them"
            desk.problem("R02", value.mark, f"{key.text} is {kind_of(value)}", hint, path=place)
        elif given.unit:
            found[key.text] = value.text if isinstance(value, Scalar) else given.array
        else:
            found[key.text] = attribute_value(given.array)
    return found


def attribute_value(array: np.ndarray) -> AttributeValue:
    """An array as HDF5 attributes want it: text as `str` or a list of `str`."""
    if array.dtype != object:
        return array[()] if array.shape == () else array
    return str(array[()]) if array.shape == () else [str(item) for item in array.reshape(-1)]
