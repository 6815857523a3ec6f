"""What a series of openPMD files holds, as plain values for people and programs to look at.

Iterations with the same meshes and species, whatever their numbers of particles, are told once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from nxtool.nodeview import GroupView
from nxtool.openpmd import stated
from nxtool.openpmd.header import Header, read_header
from nxtool.openpmd.model import Component, Iteration, Mesh, Record, Species, iterations_of
from nxtool.openpmd.opening import backend_of, open_tree
from nxtool.openpmd.series import Series
from nxtool.show import attribute_texts
from nxtool.unitdimension import unit_name
from nxtool.unittext import UnitError

_PROVENANCE = ("author", "software", "softwareVersion", "date", "machine", "comment")


@dataclass(frozen=True, slots=True)
class ComponentSummary:
    """One component; `name` is empty for the only one of a scalar record. `value` is that of a
    constant, empty for others; `unit` in words, empty where there is none."""

    name: str
    type: str
    constant: bool
    value: str
    unit: str
    unit_si: float | None


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """One record. Geometry and all below it are those of a mesh, empty for particles; the spacing
    of the grid is in metres, if the file says so."""

    name: str
    unit_dimension: tuple[float, ...]
    components: tuple[ComponentSummary, ...]
    geometry: str = ""
    axes: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    spacing: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeciesSummary:
    """Particles of one kind; `patches` says whether they are divided into such."""

    name: str
    records: tuple[RecordSummary, ...]
    patches: bool


@dataclass(frozen=True, slots=True)
class IterationSummary:
    """One iteration; times are in seconds, None where the file does not say them."""

    number: int | None
    time: float | None
    dt: float | None
    file: str


@dataclass(slots=True)
class Contents:
    """What some iterations hold; `particles` are the smallest and largest number by species."""

    meshes: tuple[RecordSummary, ...]
    species: tuple[SpeciesSummary, ...]
    iterations: list[IterationSummary] = field(default_factory=list)
    particles: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class SeriesSummary:
    """A series as its first file declares it, and what its iterations hold."""

    name: str
    header: Header
    backend: str
    files: int
    provenance: dict[str, str]
    contents: list[Contents]

    @property
    def iterations(self) -> list[IterationSummary]:
        """All of them, in order."""
        found = (one for part in self.contents for one in part.iterations)
        return sorted(found, key=lambda one: (one.number is None, one.number or 0, one.file))


def summary(series: Series) -> SeriesSummary:
    """What a series holds.

    Raises:
        FileUnreadable: a file cannot be opened.
        MissingExtra: its format needs a library that is not installed.
    """
    made: SeriesSummary | None = None
    known: dict[Hashable, Contents] = {}
    for file in series.files:
        with open_tree(file.path) as root:
            if made is None:
                made = _begun(series, root)
            for iteration in iterations_of(root):
                number = file.number if iteration.number is None else iteration.number
                meshes = tuple(_mesh(mesh) for mesh in iteration.meshes.values())
                species = tuple(_species(one) for one in iteration.species.values())
                part = known.setdefault((meshes, species), Contents(meshes, species))
                _add(part, iteration, number, file.path.name)
    assert made is not None  # noqa: S101 - a series has a file
    made.contents.extend(known.values())
    return made


def _begun(series: Series, root: GroupView) -> SeriesSummary:
    told = {name: stated.text(root, name) for name in _PROVENANCE}
    return SeriesSummary(
        series.name,
        read_header(root),
        backend_of(series.files[0].path),
        len(series.files),
        {name: text for name, text in told.items() if text},
        [],
    )


def _add(part: Contents, iteration: Iteration, number: int | None, file: str) -> None:
    """One more iteration that holds `part`."""
    factor = iteration.time_unit_si
    part.iterations.append(
        IterationSummary(number, _times(iteration.time, factor), _times(iteration.dt, factor), file)
    )
    for one in iteration.species.values():
        count = one.length or 0
        least, most = part.particles.get(one.name, (count, count))
        part.particles[one.name] = min(least, count), max(most, count)


def _times(value: float | None, factor: float | None) -> float | None:
    return None if value is None or factor is None else value * factor


def _mesh(mesh: Mesh) -> RecordSummary:
    factors = mesh.grid_unit_si or (1.0,)
    whole = factors * len(mesh.grid_spacing) if len(factors) == 1 else factors
    spacing = tuple(step * factor for step, factor in zip(mesh.grid_spacing, whole, strict=False))
    return RecordSummary(
        mesh.name, mesh.unit_dimension, tuple(_components(mesh)), mesh.geometry, mesh.axis_labels,
        mesh.shape, spacing,
    )  # fmt: skip


def _species(species: Species) -> SpeciesSummary:
    records = tuple(
        RecordSummary(record.name, record.unit_dimension, tuple(_components(record)))
        for record in species.records.values()
    )
    return SpeciesSummary(species.name, records, species.patches is not None)


def _components(record: Record) -> Iterator[ComponentSummary]:
    for component in record.components.values():
        element = component.type
        yield ComponentSummary(
            component.name,
            element.text if element is not None else "",
            component.constant,
            _value(component),
            unit_text(component.unit_si, record.unit_dimension),
            component.unit_si,
        )


def _value(component: Component) -> str:
    attribute = component.view.attributes.get("value") if component.constant else None
    return attribute_texts({"value": attribute})["value"] if attribute is not None else ""


def unit_text(factor: float | None, dimension: tuple[float, ...]) -> str:
    """The unit of a component in words: `GV/m`, or `3e+12 V/m`; empty where it has none.

    >>> unit_text(1e9, (1, 1, -3, -1, 0, 0, 0)), unit_text(3e12, (1, 1, -3, -1, 0, 0, 0))
    ('GV/m', '3e+12 V/m')
    """
    if factor is None or not dimension:
        return ""
    try:
        name = unit_name(factor, dimension)
    except UnitError:
        return ""
    return name.text if name.scale == 1 else f"{name.scale:g} {name.text}".strip()
