"""The technique of an experiment, by its application definition and probe.

The table is `techniques.yaml` beside this module. Terms: PaNET, the ontology of photon and
neutron techniques, https://purl.org/pan-science/PaNET.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from nxtool.yamltree.yamlfile import parse, read_text

TABLE: Final = Path(__file__).with_name("techniques.yaml")
_PROBES: Final = ("x-ray", "neutron", "electron", "muon")


@dataclass(frozen=True, slots=True)
class Technique:
    """A term of PaNET: its label and its number.

    >>> Technique("small angle x-ray scattering", "01188").iri
    'http://purl.org/pan-science/PaNET/PaNET01188'
    """

    name: str
    number: str

    @property
    def iri(self) -> str:
        """The term as SciCat and linked data name it."""
        return f"http://purl.org/pan-science/PaNET/PaNET{self.number}"

    @property
    def pid(self) -> str:
        """The term as ICAT servers name it."""
        return f"PaNET:PaNET{self.number}"


def technique_of(definition: str, probe: str = "") -> Technique | None:
    """The technique that an application definition stands for; None where the table has none.

    `probe` is what NXsource/probe says: `x-ray`, `neutron`, `muon`, `electron` and longer texts
    such as `polarised neutron`.

    >>> technique_of("NXsas", "neutron").number
    '01189'
    """
    terms = table().get(definition)
    return None if terms is None else terms.get(_family(probe), terms["any"])


@cache
def table() -> dict[str, dict[str, Technique]]:
    """The techniques by definition and probe."""
    tree: Any = parse(read_text(TABLE), str(TABLE)).to_python()
    return {
        definition: {probe: Technique(name, number) for probe, (number, name) in terms.items()}
        for definition, terms in tree.items()
    }


def _family(probe: str) -> str:
    words = probe.lower().replace("xray", "x-ray").replace("x ray", "x-ray")
    return next((family for family in _PROBES if family in words), "any")
