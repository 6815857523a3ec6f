"""Mappings: YAML files that say which value of a NeXus file a catalogue calls what.

    nxtool_mapping: 1
    extends: default                 # a preset, or a file beside this one
    about: what this facility does otherwise
    values:
      investigation.name:            # as ICAT calls it
        from: [experiment_identifier, "file:folder"]    # the first that is there
        as: [{before: "/"}]
        required: true
      dataset.doi: null              # not at all
    parameters:
      sample/temperature:            # as the catalogue's parameter type is called
        from: [NXsample/temperature, NXsample/temperature_log]
        unit: K

Paths are by class (`nxtool.export.classpath`) and begin in the entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from nxtool.errors import NxtoolError, RecipeError
from nxtool.export.classpath import ClassPath
from nxtool.export.icatmodel import TEXT, limit
from nxtool.export.record import Kind
from nxtool.export.transforms import Transform, transform
from nxtool.findings import Finding, Mark
from nxtool.recipe.checks import CollectedError, did_you_mean, mistake
from nxtool.units import UnitError, parse
from nxtool.yamltree import yamlfile
from nxtool.yamltree.nodes import ListNode, MapNode, Node, Scalar, kind_of

FOLDER: Final = Path(__file__).with_name("mappings")
PRESETS: Final = ("default", "desy", "hzb", "esrf")
MADE: Final = ("file:stem", "file:name", "file:folder", "file:path", "entry:name")
"""Sources that are not in the file but around it."""
LONG: Final = 4000
"""How many characters ICAT takes of the longest texts."""
MAX_DEPTH: Final = 8
"""How many mappings may extend each other."""

Type = Literal["text", "date", "number"]
_KINDS: Final[Mapping[str, Kind]] = {
    "text": "STRING", "date": "DATE_AND_TIME", "number": "NUMERIC",
}  # fmt: skip
TARGETS: Final[Mapping[str, Type]] = {
    "dataset.name": "text", "dataset.description": "text", "dataset.startDate": "date",
    "dataset.endDate": "date", "dataset.doi": "text", "dataset.location": "text",
    "dataset.type": "text", "dataset.published": "text", "dataset.creators": "text",
    "investigation.name": "text", "investigation.visitId": "text", "investigation.title": "text",
    "investigation.summary": "text", "investigation.type": "text", "investigation.doi": "text",
    "instrument.name": "text", "instrument.fullName": "text", "instrument.pid": "text",
    "instrument.type": "text",
    "facility.name": "text", "facility.fullName": "text", "facility.url": "text",
    "sample.name": "text", "sample.pid": "text",
    "sampleType.name": "text", "sampleType.molecularFormula": "text",
    "datafileFormat.version": "text",
    "publication.doi": "text", "publication.fullReference": "text",
    "technique.definition": "text", "technique.probe": "text",
    "software.name": "text", "software.version": "text",
    "license.name": "text", "license.url": "text",
    "keyword.name": "text",
    "scicat.owner": "text", "scicat.ownerGroup": "text", "scicat.accessGroups": "text",
    "scicat.contactEmail": "text", "scicat.principalInvestigator": "text",
    "scicat.creationLocation": "text", "scicat.runNumber": "text", "scicat.inputDatasets": "text",
}  # fmt: skip
"""What a mapping may fill in under `values`, and its type."""
_NOT_OF_ICAT: Final = (
    "dataset.creators", "dataset.published", "keyword.", "license.", "scicat.", "software.",
)  # fmt: skip
PERSON: Final = ("name", "role", "affiliation", "email", "orcid", "account")


@dataclass(frozen=True, slots=True)
class Rule:
    """Where one value comes from and what is done with it.

    `made` are sources around the file (`file:stem`), tried after the paths in it. `unit` is what
    a number is converted to; None leaves it as it is.
    """

    target: str
    paths: tuple[ClassPath, ...]
    made: tuple[str, ...]
    type: Type
    transforms: tuple[Transform, ...] = ()
    unit: str | None = None
    required: bool = False
    max_length: int = 255
    default: str = ""
    about: str = ""
    mark: Mark | None = None

    @property
    def kind(self) -> Kind:
        """The type as ICAT calls it."""
        return _KINDS[self.type]

    @property
    def sources(self) -> str:
        """The places looked at, for people."""
        return " or ".join([*map(str, self.paths), *self.made])


@dataclass(frozen=True, slots=True)
class CatalogueMapping:
    """A mapping, with those it extends. `people` are paths from each NXuser."""

    name: str
    about: str = ""
    values: Mapping[str, Rule] = field(default_factory=dict)
    parameters: Mapping[str, Rule] = field(default_factory=dict)
    people: Mapping[str, Rule] = field(default_factory=dict)


def load_mapping(name: str) -> CatalogueMapping:
    """The preset called `name`, or the mapping in the file `name`.

    Raises:
        RecipeError: there is no such preset or file, or it is no mapping; all mistakes at once.
    """
    return _load(name, Path.cwd(), None, 0)


def files_of(name: str) -> tuple[Path, ...]:
    """The files of a user that the mapping `name` is read from: it, and those it extends.

    Raises:
        RecipeError: one of them cannot be read.
    """
    found: list[Path] = []
    folder = Path.cwd()
    while name and name not in PRESETS and len(found) <= MAX_DEPTH:
        path = folder / name
        root = yamlfile.parse(yamlfile.read_text(path, None), str(path))
        found.append(path)
        below = root.get("extends") if isinstance(root, MapNode) else None
        folder, name = path.parent, below.text if isinstance(below, Scalar) else ""
    return tuple(found)


def check_targets(targets: Iterable[str]) -> None:
    """Refuse names that are no targets. Raises `NxtoolError`."""
    for target in targets:
        if target not in TARGETS:
            hint = did_you_mean(target, TARGETS) or f"known are {', '.join(TARGETS)}"
            raise NxtoolError(f"there is no target {target!r}", hint=hint)


def bare_rule(target: str) -> Rule:
    """The rule of a target that a mapping says nothing of: it can only be given."""
    return Rule(target, (), (), TARGETS[target], max_length=_longest(target))


def _longest(target: str) -> int:
    """How many characters ICAT takes; what it has no place for may be long."""
    return LONG if target.startswith(_NOT_OF_ICAT) else limit(target)


def _load(name: str, folder: Path, mark: Mark | None, depth: int) -> CatalogueMapping:
    path = FOLDER / f"{name}.yaml" if name in PRESETS else folder / name
    if depth > MAX_DEPTH:
        raise RecipeError("mappings extend each other in a circle", mark=mark)
    if name not in PRESETS and not path.is_file():
        near = did_you_mean(name, PRESETS)
        hint = near or f"presets are {', '.join(PRESETS)}; a file of your own is named by its path"
        raise RecipeError(f"there is no mapping {name!r}", hint=hint, mark=mark)
    shown = f"{name}.yaml" if name in PRESETS else str(path)
    root = yamlfile.parse(yamlfile.read_text(path, mark), shown)
    return _Reader(shown).read(root, name, path.parent, depth)


_KEYS: Final = ("nxtool_mapping", "about", "extends", "values", "parameters", "people")
_RULE_KEYS: Final = (
    "from", "as", "unit", "required", "max_length", "default", "about", "type",
)  # fmt: skip


class _Reader:
    """Reads one file; collects its mistakes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Finding] = []

    def read(self, root: Node, name: str, folder: Path, depth: int) -> CatalogueMapping:
        if not isinstance(root, MapNode) or root.get("nxtool_mapping") is None:
            hint = "a mapping begins with `nxtool_mapping: 1`"
            raise RecipeError(f"{self.file}: is no mapping", hint=hint, mark=root.mark)
        version = root.get("nxtool_mapping")
        if not isinstance(version, Scalar) or version.value != 1:
            self.fail(root.key_mark("nxtool_mapping"), "this nxtool reads mappings of version 1")
        self.check_keys(root, _KEYS)
        below = self.extended(root, folder, depth)
        about = self.text(root, "about")
        made = CatalogueMapping(
            name,
            about,
            self.rules(root, "values", below.values, self.value_rule),
            self.rules(root, "parameters", below.parameters, self.parameter_rule),
            self.rules(root, "people", below.people, self.person_rule),
        )
        if self.problems:
            raise CollectedError(self.problems)
        return made

    def extended(self, root: MapNode, folder: Path, depth: int) -> CatalogueMapping:
        name = self.text(root, "extends")
        if not name:
            return CatalogueMapping("")
        if Path(name).is_absolute() or ".." in Path(name).parts:
            hint = "name a preset, or a file in the folder of this one"
            raise RecipeError(f"{name} leads out", hint=hint, mark=root.key_mark("extends"))
        return _load(name, folder, root.key_mark("extends"), depth + 1)

    def rules(
        self,
        root: MapNode,
        section: str,
        below: Mapping[str, Rule],
        read: Callable[[str, MapNode, Mark], Rule],
    ) -> dict[str, Rule]:
        """The rules of a section over those of the mapping below; null takes one away."""
        rules = dict(below)
        node = root.get(section)
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return rules
        if not isinstance(node, MapNode):
            self.fail(node.mark, f"{section} is {kind_of(node)}, and a mapping is due")
            return rules
        for key, value in node.items:
            if isinstance(value, Scalar) and value.is_null:
                rules.pop(key.text, None)
                continue
            whole = value if isinstance(value, MapNode) else _short(value)
            rules[key.text] = read(key.text, whole, key.mark)
        return rules

    def value_rule(self, target: str, node: MapNode, mark: Mark) -> Rule:
        if target not in TARGETS:
            hint = did_you_mean(target, TARGETS) or f"known are {', '.join(TARGETS)}"
            self.fail(mark, f"there is no target {target!r}", hint)
        return self.rule(target, node, mark, TARGETS.get(target, "text"), _longest(target))

    def parameter_rule(self, target: str, node: MapNode, mark: Mark) -> Rule:
        word = self.text(node, "type") or "number"
        if word not in _KINDS:
            self.fail(node.key_mark("type"), f"there is no type {word!r}", "text, date or number")
            word = "text"
        longest = LONG if word == "text" else TEXT
        rule = self.rule(target, node, mark, word, longest)  # type: ignore[arg-type]
        if rule.type == "number" and rule.unit is None:
            hint = 'ICAT asks for them; `unit: "1"` says that there are none'
            self.fail(mark, f"{target}: unit is missing", hint)
        if rule.type == "number" and not _is_number(rule.default or "0"):
            self.fail(node.key_mark("default"), f"{rule.default!r} is no number")
        if rule.type == "number" and rule.made:
            self.fail(node.key_mark("from"), f"{rule.made[0]} is text, and a number is due")
        if len(target) > TEXT:
            self.fail(mark, f"a name of {len(target)} characters, and ICAT takes {TEXT}")
        return rule

    def person_rule(self, target: str, node: MapNode, mark: Mark) -> Rule:
        if target not in PERSON:
            hint = did_you_mean(target, PERSON) or f"known are {', '.join(PERSON)}"
            self.fail(mark, f"a person has no {target!r}", hint)
        return self.rule(target, node, mark, "text", TEXT)

    def rule(self, target: str, node: MapNode, mark: Mark, type_: Type, longest: int) -> Rule:
        before = len(self.problems)
        self.check_keys(node, _RULE_KEYS)
        paths, made = self.sources(node)
        default = self.text(node, "default")
        if not (paths or made or default) and len(self.problems) == before:
            self.fail(mark, f"{target}: `from` is missing", "name a path, or give a default")
        return Rule(
            target, paths, made, type_,
            transforms=self.transforms(node),
            unit=self.unit(node),
            required=self.truth(node, "required"),
            max_length=self.length(node, longest),
            default=default,
            about=self.text(node, "about"),
            mark=mark,
        )  # fmt: skip

    def sources(self, node: MapNode) -> tuple[tuple[ClassPath, ...], tuple[str, ...]]:
        paths: list[ClassPath] = []
        made: list[str] = []
        for item in _items(node.get("from")):
            text = item.text if isinstance(item, Scalar) else ""
            if text.startswith(("file:", "entry:")):
                made.append(text)
                if text not in MADE:
                    self.fail(
                        item.mark, f"there is no source {text!r}", f"known: {', '.join(MADE)}"
                    )
                continue
            try:
                paths.append(ClassPath.of(text))
            except ValueError:
                hint = "paths are like NXinstrument/NXsource/probe or NXsource/name@short_name"
                self.fail(item.mark, f"{text!r} is no path", hint)
        return tuple(paths), tuple(made)

    def transforms(self, node: MapNode) -> tuple[Transform, ...]:
        found = (self.transform(item) for item in _items(node.get("as")))
        return tuple(one for one in found if one is not None)

    def transform(self, node: Node) -> Transform | None:
        try:
            return transform(node.to_python())
        except ValueError as error:
            self.fail(node.mark, str(error))
            return None

    def unit(self, node: MapNode) -> str | None:
        given = node.get("unit")
        if given is None:
            return None
        text = given.text if isinstance(given, Scalar) else ""
        try:
            parse(text)
        except UnitError as error:
            self.fail(given.mark, f"{text!r} is no unit", error.hint)
        return "" if text == "1" else text

    def length(self, node: MapNode, longest: int) -> int:
        given = node.get("max_length")
        if given is None:
            return longest
        value = given.value if isinstance(given, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.fail(given.mark, "max_length is a number of characters above 0")
            return longest
        return min(value, longest)

    def truth(self, node: MapNode, key: str) -> bool:
        given = node.get(key)
        value = given.value if isinstance(given, Scalar) else False
        if not isinstance(value, bool):
            self.fail(node.key_mark(key), f"{key} is true or false")
        return value is True

    def text(self, node: MapNode, key: str) -> str:
        given = node.get(key)
        if given is None:
            return ""
        if not isinstance(given, Scalar):
            self.fail(given.mark, f"{key} is {kind_of(given)}, and text is due")
            return ""
        return given.text

    def check_keys(self, node: MapNode, known: tuple[str, ...]) -> None:
        for key, _ in node.items:
            if key.text not in known:
                hint = did_you_mean(key.text, known) or f"known are {', '.join(known)}"
                self.fail(key.mark, f"there is no key {key.text!r}", hint)

    def fail(self, mark: Mark, message: str, hint: str = "") -> None:
        self.problems.append(mistake("R01", mark, message, hint))


def _items(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, ListNode) else (node,)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _short(node: Scalar | ListNode) -> MapNode:
    """`target: path` as `target: {from: path}`."""
    return MapNode(((Scalar("from", "from", node.mark), node),), node.mark)
