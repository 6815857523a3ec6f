"""From a catalogue of definitions to concepts: the entry points of the schema."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import Catalogue, default_catalogue
from nxtool.nxdl.elements import Definition, GroupElement
from nxtool.schema.concepts import GroupConcept, Layer

ENTRY_CLASSES: Final = ("NXentry", "NXsubentry")


class Schema:
    """Concepts of all definitions of one catalogue, compiled as far as they are asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._slots: dict[tuple[bool, str, tuple[int, ...]], GroupConcept] = {}
        self._ancestries: dict[str, tuple[str, ...]] = {}
        self._chains: dict[str, tuple[Definition, ...]] = {}

    def chain(self, name: str) -> tuple[Definition, ...]:
        """The definition `name` and all it extends, most specific first.

        Raises:
            DefinitionError: one of them is unknown, or they extend each other in a circle.
        """
        if name not in self._chains:
            self._chains[name] = tuple(self.catalogue[step] for step in self._names(name))
        return self._chains[name]

    def _names(self, name: str) -> tuple[str, ...]:
        """The names of the chain of `name`; raises like `chain`."""
        if name not in self._ancestries:
            self._ancestries[name] = tuple(self._walk(name))
        return self._ancestries[name]

    def _walk(self, name: str) -> list[str]:
        found: list[str] = []
        step: str | None = name
        while step is not None:
            if step in found:
                circle = " → ".join([*found, step])
                raise DefinitionError(f"definitions extend each other: {circle}")
            try:
                wider = self.catalogue.extends(step)
            except DefinitionError as error:
                if not found:
                    raise
                path = self.catalogue.files[found[-1]]
                raise DefinitionError(
                    f"{path}: extends {step!r}: {error.message}", hint=error.hint
                ) from error
            found.append(step)
            step = wider
        return found

    def knows(self, name: str) -> bool:
        """True for a definition of the catalogue."""
        return name in self.catalogue

    def distance(self, name: str, ancestor: str) -> int | None:
        """How many steps `name` is from a class it extends; 0 for itself, None if it does not."""
        if name == ancestor:
            return 0
        if name not in self.catalogue:
            return None
        names = self._names(name)
        return names.index(ancestor) if ancestor in names else None

    def is_a(self, name: str, ancestor: str) -> bool:
        """True if class `name` is `ancestor` or extends it."""
        return self.distance(name, ancestor) is not None

    def base_class(self, name: str) -> GroupConcept:
        """A group of this class anywhere, judged by the class alone.

        Raises:
            DefinitionError: there is no such class.
        """
        return self._intern(self.bodies(name), 1, (), name, inherits=False)

    def application(self, name: str, entry_class: str = "NXentry") -> GroupConcept:
        """The entry an application definition describes.

        `entry_class` is the class of the group at hand: an application may also stand in an
        NXsubentry.

        Raises:
            DefinitionError: unknown, not an application definition, or it describes no entry.
        """
        layers = self._entry_layers(name)
        return self._intern(layers, len(layers), (), entry_class, inherits=True)

    def entry(self, name: str) -> GroupConcept:
        """The entry that a recipe for `name` fills: that of the application, or, for `NXentry`,
        the base class, of which nothing more is asked.

        Raises:
            DefinitionError: unknown, or not an application definition.
        """
        return self.base_class(name) if name == "NXentry" else self.application(name)

    def top_groups(self, name: str) -> tuple[GroupConcept, ...]:
        """What an application definition wants beside the entry (NXxpcs: an NXprocess)."""
        root = self._intern(self._application_bodies(name), 1, (), name, inherits=False)
        return tuple(
            slot
            for slot in root.groups
            if slot.nx_class not in ENTRY_CLASSES and slot.level == "application"
        )

    @cached_property
    def applications(self) -> tuple[str, ...]:
        """The names of all application definitions."""
        return tuple(d.name for d in self.catalogue if d.category == "application")

    def slot(
        self, layers: tuple[Layer[GroupElement], ...], specialises: tuple[GroupConcept, ...]
    ) -> GroupConcept:
        """The concept of a place in a group: its own layers, then those of its class.

        A class that the catalogue does not know adds nothing: the parent's words still count.
        """
        nx_class = layers[0].element.type
        known = nx_class in self.catalogue
        return self._intern(layers, len(layers), specialises, nx_class, inherits=known)

    def bodies(self, name: str) -> tuple[Layer[GroupElement], ...]:
        """What the definition `name` and all it extends say, most specific first.

        Raises:
            DefinitionError: one of them is unknown, or they extend each other in a circle.
        """
        return tuple(Layer(d.body, d, d.name) for d in self.chain(name))

    def _application_bodies(self, name: str) -> tuple[Layer[GroupElement], ...]:
        definition = self.catalogue[name]
        if definition.category != "application":
            raise DefinitionError(
                f"{name} is a base class, not an application definition",
                hint="`nxtool definitions list` shows the applications",
            )
        return tuple(layer for layer in self.bodies(name) if layer.definition.extends)

    def _entry_layers(self, name: str) -> tuple[Layer[GroupElement], ...]:
        layers = tuple(
            Layer(group, body.definition, f"{body.path}/{group.label}")
            for body in self._application_bodies(name)
            for group in body.element.groups
            if group.type in ENTRY_CLASSES
        )
        if not layers:
            raise DefinitionError(f"{name} describes no NXentry", hint="it cannot stand alone")
        return layers

    def _intern(
        self,
        layers: tuple[Layer[GroupElement], ...],
        own: int,
        specialises: tuple[GroupConcept, ...],
        nx_class: str,
        *,
        inherits: bool,
    ) -> GroupConcept:
        """One concept for one stack of elements, however often it is met."""
        key = (inherits, nx_class, tuple(id(layer.element) for layer in layers))
        if key not in self._slots:
            self._slots[key] = GroupConcept(
                layers, own, specialises, nx_class, self, inherits=inherits
            )
        return self._slots[key]


def default_schema() -> Schema:
    """The schema of the default catalogue."""
    return Schema(default_catalogue())
