"""What the root of an openPMD file declares (STANDARD.md, "Hierarchy of the data file")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from nxtool.findings import Finding
from nxtool.nodeview import GroupView
from nxtool.openpmd import stated
from nxtool.openpmd.header import ED_PIC_BIT, PLACEHOLDER, ROOT_ATTRIBUTE
from nxtool.openpmd.rules.asking import Asking
from nxtool.openpmd.rules.forms import TEXT, UINT32, formed, optional, wanted

BASE_PATH: Final = "/data/%T/"
KNOWN_VERSIONS: Final = ((1, 0, 0), (1, 0, 1), (1, 1, 0))
EXTENSIONS: Final = (
    "BeamPhysics", "ED-PIC", "LaserEnvelope", "ParticleWeighting", "SpeciesType", "Wavefront",
)  # fmt: skip
"""Those of the draft 2.0."""
ENCODINGS: Final = ("fileBased", "groupBased", "variableBased")
_SUPPORTED: Final = (1, 2)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}", re.ASCII)
_PERSON: Final = re.compile(r"[^<>]*\S\s*<[^<>@\s]+@[^<>@\s]+>")


def is_supported(asking: Asking) -> bool:
    """Whether the rules of the declared version are known here."""
    return asking.header.major in _SUPPORTED


def version(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """The version the file declares; files of other versions are not judged further."""
    found = yield from wanted(asking, root, ROOT_ATTRIBUTE, "OP001", TEXT)
    if found is None:
        return
    numbers = asking.header.numbers
    if numbers is None:
        message = f"is {found.text!r}, not a version such as 1.1.0"
        yield asking.of_attribute("OP001", root, ROOT_ATTRIBUTE, message, "value")
    elif numbers[0] not in _SUPPORTED:
        message = f"is {found.text}; nothing else was checked"
        yield asking.of_attribute("OP002", root, ROOT_ATTRIBUTE, message)
    elif numbers[0] > 1:
        message = f"is {found.text}, a draft that may change"
        yield asking.of_attribute("OP002", root, ROOT_ATTRIBUTE, message, severity="warning")
    elif numbers not in KNOWN_VERSIONS:
        message = f"is {found.text}, judged as 1.1.0"
        yield asking.of_attribute(
            "OP002", root, ROOT_ATTRIBUTE, message, "unknown", severity="warning"
        )


def extensions(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """Which extensions of the standard the file uses."""
    rule = _extension_names if asking.is_draft else _extension_bits
    yield from rule(asking, root)


def _extension_bits(asking: Asking, root: GroupView) -> Iterator[Finding]:
    name = "openPMDextension"
    attribute = yield from wanted(asking, root, name, "OP003", UINT32)
    if attribute is None:
        return
    bits = int((stated.real_numbers(attribute) or (0,))[0])
    if bits & ~ED_PIC_BIT:
        message = f"is {bits}; only 0 and 1 (ED-PIC) have a meaning"
        yield asking.of_attribute("OP004", root, name, message, found=bits)


def _extension_names(asking: Asking, root: GroupView) -> Iterator[Finding]:
    name = "openPMDextension"
    attribute = root.attributes.get(name)
    if attribute is None:
        return
    if attribute.type.kind == "integer":
        message = "is a number, as openPMD-api writes it, not the names of extensions"
        yield asking.of_attribute("OP005", root, name, message, "bits", severity="warning")
        return
    if (yield from formed(asking, root, attribute, "OP005", TEXT)) is None:
        return
    message = "is text, as the draft wants it; openPMD-api 0.17 reads numbers only"
    yield asking.of_attribute("OP005", root, name, message, "names", severity="info")
    if not asking.header.extensions:
        message = "is empty; leave it out where no extension is used"
        yield asking.of_attribute("OP005", root, name, message, severity="warning")
    for word in asking.header.extensions:
        if word not in EXTENSIONS:
            message = f"names an unknown extension {word!r}"
            yield asking.of_attribute("OP005", root, name, message, severity="warning")


def base_path(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """Where the iterations are."""
    found = yield from wanted(asking, root, "basePath", "OP006", TEXT)
    if found is None or found.text == BASE_PATH:
        return
    aspect = "value"
    if asking.header.encoding == "variableBased":
        aspect = "variable"
    elif found.text == "/" and asking.declares("BeamPhysics"):
        aspect = "root"
    yield asking.of_attribute(
        "OP006", root, "basePath", f"is {found.text!r}, not {BASE_PATH!r}", aspect,
        severity="error" if aspect == "value" else "warning",
        expected=BASE_PATH, found=found.text,
    )  # fmt: skip


def encoding(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """How iterations are told apart, and how what tells them apart is named."""
    found = yield from wanted(asking, root, "iterationEncoding", "OP007", TEXT)
    word = found.text if found is not None else ""
    if word == "variableBased":
        message = "is 'variableBased', which is in no release of the standard"
        yield asking.of_attribute(
            "OP007", root, "iterationEncoding", message, "variable", severity="warning"
        )
    elif word and word not in ENCODINGS:
        message = f"is {word!r}, neither 'fileBased' nor 'groupBased'"
        yield asking.of_attribute("OP007", root, "iterationEncoding", message, "value", found=word)
    form = yield from wanted(asking, root, "iterationFormat", "OP008", TEXT)
    if form is None or not form.text:
        return
    if word == "groupBased" and form.text not in (stated.text(root, "basePath"), BASE_PATH):
        message = f"is {form.text!r}, not the same as basePath"
        yield asking.of_attribute("OP009", root, "iterationFormat", message)
    elif word == "fileBased":
        yield from _file_format(asking, root, form.text)


def _file_format(asking: Asking, root: GroupView, form: str) -> Iterator[Finding]:
    name = "iterationFormat"
    if len(PLACEHOLDER.findall(form)) != 1 or "%" in PLACEHOLDER.sub("", form):
        message = f"is {form!r}, without one %T for the number of the iteration"
        yield asking.of_attribute("OP010", root, name, message, "value")
    elif "/" in form:
        yield asking.of_attribute("OP010", root, name, f"is {form!r}, with a folder in it", "value")
    elif "." not in form:
        message = f"is {form!r}, without the end of the file's name"
        yield asking.of_attribute("OP010", root, name, message, "suffix", severity="warning")


def data_paths(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """Where in an iteration meshes and particles are."""
    numbers = asking.header.numbers
    required = numbers is not None and numbers < (1, 1, 0)
    for name in ("meshesPath", "particlesPath"):
        ask = wanted if required else optional
        found = yield from ask(asking, root, name, "OP014", TEXT)
        if found is None or found.text is None:
            continue
        path = found.text
        if path.startswith("/") or ".." in path.split("/") or not path.strip("/"):
            message = f"is {path!r}, not a path below the iteration"
            yield asking.of_attribute("OP014", root, name, message, "value", found=path)
        elif not path.endswith("/"):
            message = f"is {path!r}, without / at the end"
            yield asking.of_attribute("OP014", root, name, message, "slash", found=path)
    if asking.header.mixes_groups:
        message = f"is the same as meshesPath, {asking.header.meshes_path!r}"
        yield asking.of_attribute("OP016", root, "particlesPath", message)


def provenance(asking: Asking, root: GroupView) -> Iterator[Finding]:
    """Who wrote the file, when and with what."""
    for name in ("author", "software", "softwareVersion", "date"):
        if name not in root.attributes:
            yield asking.of_attribute("OP018", root, name, "is missing", "missing")
        elif name != "date":
            yield from optional(asking, root, name, "OP020", TEXT)
    for name in ("softwareDependencies", "machine", "comment"):
        yield from optional(asking, root, name, "OP020", TEXT)
    author = stated.text(root, "author")
    if author and not _PERSON.fullmatch(author):
        message = f"is {author!r}, not of the form 'Name <mail>'"
        yield asking.of_attribute("OP018", root, "author", message, "form", severity="info")
    yield from _date(asking, root)


def _date(asking: Asking, root: GroupView) -> Iterator[Finding]:
    found = yield from optional(asking, root, "date", "OP019", TEXT)
    if found is None or found.text is None:
        return
    if not _DATE.fullmatch(found.text):
        message = f"is {found.text!r}, not of the form 2026-01-05 10:00:00 +0100"
        yield asking.of_attribute("OP019", root, "date", message, "form")
        return
    try:
        datetime.strptime(found.text, "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        message = f"is {found.text!r}, which is no date"
        yield asking.of_attribute("OP019", root, "date", message, "value", severity="warning")
