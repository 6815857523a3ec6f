"""An export being prepared: what was chosen, what it would write, the command that does the same.

Nothing here writes a file; reading one is for a thread.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nxtool.authoring.building import shortest
from nxtool.export.api import icat_mapping
from nxtool.export.collect import wishes_of
from nxtool.export.datasets import Manner, NoEntry, entries_of
from nxtool.export.mapping import load_mapping
from nxtool.export.preview import Preview, preview
from nxtool.hdf5.opening import Hdf5File
from nxtool.viewing.exportformats import FORMATS, Format

if TYPE_CHECKING:
    from nxtool.export.icatingest import IngestVersion
    from nxtool.export.icatmodel import Version
    from nxtool.export.mapping import CatalogueMapping
    from nxtool.export.scicatdata import Api

ALL: Final = "*"
"""Stands for the name of an entry where each becomes a dataset."""
SHORT: Final[Mapping[str, str]] = {
    "investigation.name": "--investigation",
    "investigation.visitId": "--visit",
    "facility.name": "--facility",
}
"""Targets with an option of their own."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a file shall be exported, as the options of `nxtool export`.

    An empty `mapping` is the usual one of the format, an empty `entry` the only one, `ALL` makes
    each a dataset. `given` are values by target that win over the file.
    """

    file: Path
    format: str = "icatingest"
    mapping: str = ""
    entry: str = ""
    ingest_version: IngestVersion = "1.1"
    icat_version: Version = "5.0"
    with_static: bool = False
    api: Api = "v4"
    checksums: bool = False
    timezone: str = ""
    truncate: bool = False
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> Format:
        """The format with all there is to know of it."""
        return FORMATS[self.format]

    def giving(self, target: str, text: str) -> Choices:
        """With a value for `target`; without one where `text` is empty."""
        rest = {known: value for known, value in self.given.items() if known != target}
        return replace(self, given={**rest, target: text} if text else rest)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `choices` make of a file; `entries` are the names of all it has."""

    choices: Choices
    entries: tuple[str, ...]
    preview: Preview

    @property
    def text(self) -> str:
        """The document; empty while something is missing."""
        made = self.preview.export
        return made.text if made is not None else ""


def prepare(choices: Choices) -> Prepared:
    """What an export would write. Of several entries one is chosen: that of `@default`, or the
    first.

    Raises:
        NxtoolError: the file cannot be read or holds no NXentry, the mapping or the time zone is
            wrong, a package is not installed.
    """
    entries, default = _entries(choices.file)
    if choices.entry != ALL and choices.entry not in entries:
        choices = replace(choices, entry=default if len(entries) > 1 else "")
    found = preview(choices.file, _manner(choices), lambda: choices.form.make(choices))
    return Prepared(choices, entries, found)


def _entries(path: Path) -> tuple[tuple[str, ...], str]:
    """The names of the entries of a file, and of the one that is shown first."""
    with Hdf5File(path) as file:
        names = tuple(entry.name for entry in entries_of(file.root))
        if not names:
            hint = "only an NXentry can be exported"
            raise NoEntry(f"{path}: / holds no NXentry", hint=hint)
        told = file.root.attributes.get("default")
        default = told.value if told is not None else None
        return names, default if default in names else names[0]


def _manner(choices: Choices) -> Manner:
    zone = choices.timezone or None
    wishes = wishes_of(choices.given, zone, truncate=choices.truncate)
    is_all = choices.entry == ALL
    return Manner(
        mapping_of(choices), wishes, "entry" if is_all else "file", "" if is_all else choices.entry,
        "files" not in choices.form.without, choices.checksums,
    )  # fmt: skip


def mapping_of(choices: Choices) -> CatalogueMapping:
    """The mapping that is used.

    Raises:
        RecipeError: there is no such mapping, or it is wrong.
        MissingExtra: a package that holds names is not installed.
    """
    if choices.format == "esrf":
        return icat_mapping(choices.mapping, "esrf")
    return load_mapping(choices.mapping or "default")


def target_of(choices: Choices) -> Path:
    """The file that is written unless another is named: beside the one that is read."""
    form = choices.form
    return choices.file.with_name(form.whole_name or f"{choices.file.stem}{form.ending}")


def misnamed(choices: Choices, target: Path) -> str:
    """Why `target` is no name for what is chosen; empty where it is one."""
    if choices.format == "icatdata" and target.suffix in (".yaml", ".yml"):
        return f"{target.suffix} stands for YAML: choose icatdata-yaml, or a name like x.xml"
    if target.resolve() == choices.file.resolve():
        return "that is the file that is exported"
    return ""


def command_line(choices: Choices, target: Path, *, overwrite: bool = False) -> str:
    """The command that writes the same to `target`.

    >>> command_line(Choices(Path("/d/a b.nxs"), mapping="desy"), Path("/d/x.xml"))
    "nxtool export icat '/d/a b.nxs' --mapping desy -o /d/x.xml"
    """
    words = ["nxtool", "export", choices.form.command, _typed(choices.file)]
    words += [*_options(choices), "-o", _typed(target)]
    return shlex.join([*words, "--overwrite"] if overwrite else words)


def _typed(path: Path) -> str:
    """A path that no program takes for an option."""
    text = shortest(path)
    return f"./{text}" if text.startswith("-") else text


def _options(choices: Choices) -> Iterator[str]:
    """The options that are not as usual."""
    plain, form = Choices(choices.file), choices.form
    if form.command == "icat" and choices.format != plain.format:
        yield from ("--format", choices.format)
    if choices.mapping:
        yield from ("--mapping", choices.mapping)
    for name in form.asks:
        value = getattr(choices, name)
        if value != getattr(plain, name):
            option = f"--{name.replace('_', '-')}"
            yield from (option,) if value is True else (option, value)
    if choices.entry:
        yield from (
            ("--dataset-per", "entry") if choices.entry == ALL else ("--entry", choices.entry)
        )
    yield from _given(choices)


def _given(choices: Choices) -> Iterator[str]:
    for target, text in choices.given.items():
        short = SHORT.get(target)
        yield from (short, text) if short else ("--set", f"{target}={text}")
    if choices.timezone:
        yield from ("--timezone", choices.timezone)
    if choices.truncate:
        yield "--truncate"
