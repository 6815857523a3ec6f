"""JSON Schema (draft 2020-12) of recipes for one definition: completion and hints in editors.

Base class and application are one list of names per group, so a typo is told once, where it
stands. Nothing is required, since included files may supply it: what must be there carries
`x-nx-required`. `x-nx-class`, `x-nx-type` and `x-nx-units` repeat the words of NXDL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from nxtool import units
from nxtool.nxdl.doctext import plain
from nxtool.nxdl.elements import Enumeration
from nxtool.schema import recipewords, wording
from nxtool.schema.compile import Schema
from nxtool.schema.concepts import AttributeConcept, FieldConcept, GroupConcept
from nxtool.schema.namefit import literal, pattern
from nxtool.schema.outline import STEPS
from nxtool.schema.recipewords import Json, choices, kind, long_form, ref
from nxtool.values import parse_enum_item

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MAX_DOC: Final = 400
FREE_CLASS: Final = "NXcollection"

_WORDS: Final = ("$attrs", "$link", "$plot", "$reduce", "$repeat")
_OWN_GROUP: Final = r"\(NX[A-Za-z0-9][A-Za-z0-9_]*\)$"
_OWN_FIELD: Final = r"\(NX_[A-Z0-9_]+\)$"


def json_schema(schema: Schema, name: str) -> Json:
    """The schema of recipes for the application definition `name`.

    Raises:
        DefinitionError: unknown, not an application definition, or it describes no entry.
    """
    writer = _Writer(schema)
    entry = writer.group(schema.entry(name))
    body = {
        "$schema": DRAFT,
        "title": f"nxtool recipe for {name}",
        "description": wording.sentence(schema.catalogue[name].doc),
        "type": "object",
        "properties": {**recipewords.top_level(name), "entry": entry},
        "patternProperties": {r"\(NXentry\)$": entry},
        "additionalProperties": False,
    }
    writer.finish()
    return {**body, "$defs": dict(sorted(writer.defs.items()))}


class _Writer:
    """Collects shared definitions; groups are written when they are first referred to."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.defs: Json = recipewords.shared()
        self._names: dict[int, str] = {}
        self._waiting: list[tuple[str, GroupConcept]] = []

    def finish(self) -> None:
        """Write the groups referred to, and those they refer to."""
        while self._waiting:
            name, concept = self._waiting.pop()
            self.defs[name] = self._group(concept)

    def group(self, concept: GroupConcept) -> Json:
        """A reference to a group; one that adds nothing to its class is the class."""
        if _adds_nothing(concept) and self.schema.knows(concept.nx_class):
            concept = self.schema.base_class(concept.nx_class)
        if id(concept) not in self._names:
            self._names[id(concept)] = self._new_name(concept.top.path)
            self._waiting.append((self._names[id(concept)], concept))
        return ref(self._names[id(concept)])

    def _new_name(self, path: str) -> str:
        """A name for `$defs` of letters, digits, `_` and `.` alone."""
        name = plain_name = re.sub(r"\W+", ".", path, flags=re.ASCII)
        taken, number = set(self._names.values()), 1
        while name in taken:
            number += 1
            name = f"{plain_name}.{number}"
        return name

    def _group(self, concept: GroupConcept) -> Json:
        names = self._properties(concept)
        body: Json = {
            "type": ["object", "null"],
            "description": _told(concept.nx_class, concept.doc),
            "x-nx-class": concept.nx_class,
            "properties": {**names, **{word: ref(f"word.{word}") for word in _WORDS}},
            "patternProperties": self._patterns(concept, names),
            "additionalProperties": concept.nx_class == FREE_CLASS,
        }
        free = next((f for f in concept.fields.values() if f.name_type == "any"), None)
        if free is not None:
            body["additionalProperties"] = self.field(free)
        if concept.attributes:
            body["properties"]["$attrs"] = self._attributes(concept.attributes.values())
        return body

    def _properties(self, concept: GroupConcept) -> Json:
        """Names that bind as they stand, by the rules of `nxtool.build.naming`."""
        found = {**self._class_names(concept), **self._links(concept)}
        named = {slot.name: slot for slot in reversed(concept.groups) if not slot.is_variadic}
        found |= {name: self._slot(slot) for name, slot in named.items()}
        for field in concept.fields.values():
            if not field.is_variadic:
                found[field.name] = True if field.name in named else self.field(field)
        steps = ref("steps")
        if isinstance(found.get(STEPS), dict):
            choice = {"if": {"type": "object"}, "then": found[STEPS], "else": steps}
            told = self.defs["steps"]["description"]
            steps = {**_choice(choice), "description": told}
        found[STEPS] = steps
        return dict(sorted(found.items(), key=_required_first))

    def _class_names(self, concept: GroupConcept) -> Json:
        """Unnamed groups by their label, or rather by their class.

        Where fields may have any name, each of these names may also be a field.
        """
        free = [slot for slot in reversed(concept.groups) if slot.name_type == "any"]
        found = {slot.name.lower(): self._slot(slot) for slot in free}
        found |= {slot.nx_class.removeprefix("NX").lower(): self._slot(slot) for slot in free}
        any_field = any(field.name_type == "any" for field in concept.fields.values())
        return dict.fromkeys(found, True) if any_field else found

    def _links(self, concept: GroupConcept) -> Json:
        return {
            name: {
                **_choice(self._kind("NX_CHAR_OR_NUMBER", "")),
                "description": f"A link to {link.target}; nxtool writes it.",
            }
            for name, link in concept.links.items()
        }

    def _slot(self, slot: GroupConcept) -> Json:
        body = _choice(self.group(slot))
        own = slot.top.element.doc
        told = own if _adds_nothing(slot) else wording.sentence(own)
        body["description"] = _told(slot.nx_class, told)
        if slot.bounds.requirement != "optional":
            body = {**body, "x-nx-required": slot.bounds.requirement}
        return {**body, "deprecated": True} if slot.deprecated else body

    def _patterns(self, concept: GroupConcept, names: Iterable[str]) -> Json:
        """Names with a part of the author's own; a name of the definition is none of them."""
        found: Json = {_OWN_GROUP: {"type": ["object", "null"]}, _OWN_FIELD: self.own_field()}
        of_class: dict[str, list[Json]] = {}
        for slot in concept.groups:
            if slot.is_variadic:
                form, forms = self.group(slot), of_class.setdefault(slot.nx_class, [])
                if form not in forms:
                    forms.append(form)
            if slot.name_type == "partial":
                group = {"if": {"type": "object"}, "then": self._slot(slot)}
                found.setdefault(_pattern(slot.name, names), group)
        for nx_class, forms in of_class.items():
            found[rf"\({nx_class}\)$"] = forms[0] if len(forms) == 1 else {"anyOf": forms}
        for field in concept.fields.values():
            if field.name_type == "partial":
                found[_pattern(field.name, names)] = self._kind(field.type, "")
        return {**found, recipewords.VARIABLE: True}

    def own_field(self) -> Json:
        """A field that names its type; the type is judged by nxtool."""
        return self._kind("NX_CHAR_OR_NUMBER", "")

    def field(self, concept: FieldConcept) -> Json:
        """What may stand under the name of a field."""
        body = _choice(self._form(concept))
        body["description"] = _told(wording.facts(concept), concept.doc)
        body["x-nx-type"] = concept.type
        if concept.units:
            body["x-nx-units"] = concept.units
        if concept.bounds.requirement != "optional":
            body["x-nx-required"] = concept.bounds.requirement
        if concept.deprecated:
            body["deprecated"] = True
        return body

    def _form(self, concept: FieldConcept) -> Json:
        """The forms of a field; `anyOf` where there are choices, since editors look into it."""
        category = concept.units if concept.units in units.CATEGORIES else ""
        asked = [one for one in concept.attributes.values() if one.level == "application"]
        if concept.enumeration is None and not asked:
            return self._kind(concept.type, category or "")
        value = self._value(concept)
        long = (
            long_form(value, category or "", self._attributes(asked))
            if asked
            else ref(self._long(concept.type, category or ""))
        )
        return kind(value, long) if concept.enumeration is None else {"anyOf": [value, long]}

    def _value(self, concept: FieldConcept | AttributeConcept) -> Json:
        enumeration = concept.enumeration
        if enumeration is None:
            return self.values(concept.type)
        if enumeration.open:
            return {"anyOf": [{"enum": _items(enumeration)}, self.values(concept.type)]}
        return choices(_items(enumeration))

    def _kind(self, nx_type: str, category: str) -> Json:
        name = f"field.{nx_type}.{category}" if category else f"field.{nx_type}"
        if name not in self.defs:
            self.defs[name] = kind(self.values(nx_type), ref(self._long(nx_type, category)))
        return ref(name)

    def _long(self, nx_type: str, category: str) -> str:
        name = f"long.{nx_type}.{category}" if category else f"long.{nx_type}"
        if name not in self.defs:
            self.defs[name] = long_form(self.values(nx_type), category)
        return name

    def values(self, nx_type: str) -> Json:
        """A reference to the values of a type."""
        self.defs.setdefault(f"value.{nx_type}", recipewords.values(nx_type))
        return ref(f"value.{nx_type}")

    def _attributes(self, known: Iterable[AttributeConcept]) -> Json:
        """Attributes; others than those of the definition are welcome."""
        properties: Json = {}
        for one in known:
            if not one.is_variadic:
                # What base classes say is repeated in every group: there the first paragraph does.
                doc = one.doc if one.level == "application" else one.doc.strip().split("\n\n")[0]
                told = _told(wording.facts(one), doc)
                properties[one.name] = {**self._value(one), "description": told}
                if one.bounds.requirement == "required":
                    properties[one.name]["x-nx-required"] = "required"
        told = self.defs["word.$attrs"]["description"]
        return {"type": ["object", "null"], "description": told, "properties": properties}


def _choice(form: Json) -> Json:
    """The same form as a choice of one, so that editors complete the name with its colon: they
    look for a type or a choice, but not behind a reference."""
    return dict(form) if "anyOf" in form else {"anyOf": [form]}


def _adds_nothing(concept: GroupConcept) -> bool:
    """A slot whose own elements hold nothing, so that only its class counts."""
    elements = [layer.element for layer in concept.layers[: concept.own]]
    return len(concept.layers) > concept.own and not any(
        e.attributes or e.fields or e.groups or e.choices or e.links for e in elements
    )


def _told(first: str, doc: str) -> str:
    """A first line for those in a hurry, then the text of the definition, cut where it is long."""
    words = plain(doc, None)
    if len(words) > MAX_DOC:
        words = words[:MAX_DOC].rsplit(" ", 1)[0] + " …"
    return f"{first}\n\n{words}" if words else first


def _items(enumeration: Enumeration) -> list[object]:
    """The items as YAML reads them: `1.0` is also a number."""
    found: list[object] = []
    for text in enumeration.items:
        item = parse_enum_item(text)
        found.append(list(item) if isinstance(item, tuple) else text)
        if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?", text):
            found.append(float(text) if "." in text else int(text))
        elif text.lower() in ("true", "false"):
            found.append(text.lower() == "true")
    return found


def _pattern(name: str, others: Iterable[str]) -> str:
    """`FIELDNAME_errors` → `^[a-zA-Z0-9_.]*_errors$`, but for those of `others` that fit it."""
    body = pattern(name)
    exact = sorted(literal(other) for other in others if re.fullmatch(body, other))
    return f"^(?!(?:{'|'.join(exact)})$){body}$" if exact else f"^{body}$"


def _required_first(item: tuple[str, object]) -> tuple[bool, str]:
    name, form = item
    return not (isinstance(form, dict) and form.get("x-nx-required")), name
