"""What the root of an openPMD file declares: version, extensions, paths and encoding.

Everything is as the file says it, empty where it says nothing usable; whether it is right is a
matter of the rules.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from nxtool.nodeview import GroupView
from nxtool.openpmd import stated

ROOT_ATTRIBUTE: Final = "openPMD"
ED_PIC: Final = "ED-PIC"
ED_PIC_BIT: Final = 1
_VERSION: Final = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")
_NUMBER: Final = "%T"
PLACEHOLDER: Final = re.compile(r"%(?:0(\d{1,2}))?T")
"""The number of an iteration in the name of a file, with leading zeros up to a width."""


@dataclass(frozen=True, slots=True)
class Header:
    """The declarations of one file. `extensions` are names; in files of openPMD 1.x the one bit
    that is defined stands for ED-PIC."""

    version: str
    extensions: tuple[str, ...]
    base_path: str
    meshes_path: str
    particles_path: str
    encoding: str
    iteration_format: str

    @property
    def numbers(self) -> tuple[int, int, int] | None:
        """The version as numbers; None where it is none."""
        match = _VERSION.fullmatch(self.version)
        return (int(match[1]), int(match[2]), int(match[3])) if match else None

    @property
    def major(self) -> int:
        """2 for the draft of the next standard; 1 also where nothing is said."""
        return self.numbers[0] if self.numbers else 1

    @property
    def is_draft(self) -> bool:
        """Whether the rules of the draft 2.0 hold."""
        return self.major >= 2

    @property
    def holds_many(self) -> bool:
        """Whether `base_path` has a place for the number of an iteration, and uses it."""
        return _NUMBER in self.base_path and self.encoding != "variableBased"

    @property
    def mixes_groups(self) -> bool:
        """Whether meshes and particles are said to be in the same group."""
        return self.meshes_path.strip("/") == self.particles_path.strip("/") != ""

    @property
    def iterations_path(self) -> str:
        """The group whose children are the iterations, or that is the only iteration itself."""
        return "/" + self.base_path.partition(_NUMBER)[0].strip("/")


def standard_name(header: Header) -> str:
    """By what a file was judged: `openPMD 1.1.0 with ED-PIC`."""
    numbers = header.numbers
    version = ".".join(map(str, numbers)) if numbers else "1.1.0"
    more = f" with {', '.join(header.extensions)}" if header.extensions else ""
    return f"openPMD {version}{more}"


def is_openpmd(root: GroupView) -> bool:
    """Whether a file says that it is openPMD."""
    return ROOT_ATTRIBUTE in root.attributes


def read_header(root: GroupView) -> Header:
    """What `root` declares; a missing basePath counts as the one that the standard prescribes."""
    return Header(
        version=stated.text(root, ROOT_ATTRIBUTE),
        extensions=_extensions(root),
        base_path=stated.text(root, "basePath") or "/data/%T/",
        meshes_path=stated.text(root, "meshesPath"),
        particles_path=stated.text(root, "particlesPath"),
        encoding=stated.text(root, "iterationEncoding"),
        iteration_format=stated.text(root, "iterationFormat"),
    )


def _extensions(root: GroupView) -> tuple[str, ...]:
    names = stated.text(root, "openPMDextension")
    if names:
        return tuple(name.strip() for name in names.split(";") if name.strip())
    bits = stated.number(root, "openPMDextension") or 0
    return (ED_PIC,) if math.isfinite(bits) and int(bits) & ED_PIC_BIT else ()
