"""What one entry says, by a mapping: a `Record`, and notes on what was left out or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from nxtool.errors import NxtoolError
from nxtool.export.classpath import ClassPath, Finder, Match
from nxtool.export.icatmodel import TEXT
from nxtool.export.mapping import CatalogueMapping, Rule, bare_rule, check_targets
from nxtool.export.notes import note
from nxtool.export.record import MissingValue, Parameter, Person, Record, Value
from nxtool.export.techniques import Technique, technique_of
from nxtool.export.values import NotTaken, Number, number_of, one_line, printed, text_of
from nxtool.findings import Finding
from nxtool.nodeview import GroupView, is_group
from nxtool.recipe.dates import DateError, load_zone, to_iso
from nxtool.units import UnitError, convert_factor, fit
from nxtool.values import parse_date

T = TypeVar("T")
_PEOPLE: Final = ClassPath.of("NXuser")
_DEFINITION: Final = "technique.definition"
_LOCATION: Final = "dataset.location"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user adds to a mapping.

    `given` are values by target that win over the file, `timezone` is for dates without one, and
    `truncate` cuts texts that are too long instead of refusing them.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    truncate: bool = False


def wishes_of(given: Mapping[str, str], timezone: str | None, *, truncate: bool) -> Wishes:
    """What the user asked for, checked.

    Raises:
        NxtoolError: a target or the time zone does not exist.
    """
    check_targets(given)
    try:
        if timezone is not None:
            load_zone(timezone)
    except DateError as error:
        raise NxtoolError(error.message, hint=error.hint) from None
    return Wishes(dict(given), timezone, truncate)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What an entry says, the notes on it, and by target the required values that it lacks: the
    places looked at. `way` is how else they may be given."""

    record: Record
    notes: list[Finding]
    missing: Mapping[str, str]
    way: str = ""

    def error(self) -> MissingValue:
        """That values are missing, as an error."""
        return MissingValue(self.record.source, self.missing, self.way)


def gather(entry: GroupView, file: Path, mapping: CatalogueMapping, wishes: Wishes) -> Gathered:
    """What `entry` of `file` says, as `mapping` reads it, and what it does not say."""
    collector = _Collector(entry, file, wishes)
    record = Record(f"{file}:{entry.path}")
    missing: dict[str, str] = {}
    for target, rule in mapping.values.items():
        before = len(collector.notes)
        value = collector.value(rule)
        if value is not None:
            record.values[target] = value
        elif rule.required:
            missing |= _missing(rule, collector.notes[before:], given=target in wishes.given)
    for target in wishes.given:
        if target not in mapping.values and (value := collector.value(bare_rule(target))):
            record.values[target] = value
    way = "" if missing else "it a `default` in the mapping"
    parameters: list[Parameter] = []
    for rule in mapping.parameters.values():
        before = len(collector.notes)
        found = list(collector.parameters(rule))
        parameters += found
        if rule.required and not found:
            missing |= _missing(rule, collector.notes[before:])
    record.techniques = tuple(collector.techniques(mapping.values, record))
    record.parameters = tuple(parameters)
    record.people = tuple(collector.people(mapping.people))
    return Gathered(record, collector.notes, missing, way)


def _missing(rule: Rule, told: list[Finding], *, given: bool = False) -> dict[str, str]:
    """Why a value is not there; nothing where it is there and refused, which is told already."""
    if given and not told:
        return {rule.target: "given as empty"}
    if any(one.severity == "error" for one in told):
        return {}
    return {rule.target: told[-1].message if told else f"looked for at {rule.sources}"}


class _Collector:
    def __init__(self, entry: GroupView, file: Path, wishes: Wishes) -> None:
        self.entry = entry
        self.finder = Finder(entry)
        self.file = file
        self.wishes = wishes
        self.notes: list[Finding] = []

    def note(self, code: str, path: str, message: str, hint: str = "") -> None:
        self.notes.append(note(code, path, message, hint))

    def value(self, rule: Rule) -> Value | None:
        """One text for `values`: what was given, what the file says, what can be made, else None.
        Numbers stay as they are written."""
        given = self.wishes.given.get(rule.target)
        if given is not None:
            text = _written(rule, given)
            return self.checked(rule, Value(text)) if text else None
        found = self.first(rule, lambda match: self.text(rule, match))
        return found or self.made(rule)

    def made(self, rule: Rule) -> Value | None:
        for source in rule.made:
            if text := self.around(source):
                self.note("X23", self.entry.path, f"{rule.target} is {text!r}, from {source}")
                return self.checked(rule, self.transformed(rule, text, ""))
        text = _written(rule, rule.default)
        return self.checked(rule, Value(text)) if text else None

    def around(self, source: str) -> str:
        if source == "entry:name":
            return self.entry.name
        whole = self.file.resolve()
        parts = {"stem": whole.stem, "name": whole.name, "folder": whole.parent, "path": whole}
        return str(parts[source.partition(":")[2]])

    def first(self, rule: Rule, take: Callable[[Match], T | None]) -> T | None:
        """What `take` makes of the first place that it can take; other places of the same kind
        are noted."""
        for path in rule.paths:
            found = list(self.finder.matches(path))
            for match in found:
                if (taken := take(match)) is not None:
                    self.not_used(rule, match, found)
                    return taken
        return None

    def not_used(self, rule: Rule, used: Match, found: list[Match]) -> None:
        known = {used.node.identity}
        for other in found[found.index(used) + 1 :]:
            if other.node.identity not in known:
                known.add(other.node.identity)
                self.note("X22", other.path, f"not used for {rule.target}: {used.path} is")

    def text(self, rule: Rule, match: Match) -> Value | None:
        try:
            text = text_of(match)
        except NotTaken as reason:
            self.note(reason.code, match.path, f"{rule.target}: {reason.message}", reason.hint)
            return None
        if not text.strip():
            return None
        return self.checked(rule, self.transformed(rule, text, match.path))

    def transformed(self, rule: Rule, text: str, path: str) -> Value | None:
        try:
            for transform in rule.transforms:
                text = transform(text)
        except ValueError as error:
            self.note("X10", path or self.entry.path, f"{rule.target}: {error}")
            return None
        text = _written(rule, text)
        return Value(text, path) if text else None

    def checked(self, rule: Rule, value: Value | None) -> Value | None:
        """`value` as a date where one is due, and no longer than allowed."""
        if value is None:
            return None
        if rule.type == "date":
            return self.date(rule, value)
        excess = len(value.text) - rule.max_length
        if excess <= 0:
            return value
        path = value.path or self.entry.path
        limit = f"{rule.target} may have {rule.max_length} characters"
        if not self.wishes.truncate:
            hint = "shorten it, or give --truncate"
            self.note("X01", path, f"{limit}, this has {len(value.text)}", hint)
            return value
        self.note("X02", path, f"{limit}: {excess} are cut off")
        return Value(value.text[: rule.max_length - 1] + "…", value.path)

    def date(self, rule: Rule, value: Value) -> Value | None:
        path = value.path or self.entry.path
        verdict = parse_date(value.text.strip())
        if verdict.ok and not verdict.has_zone and self.wishes.timezone is None:
            hint = "give --timezone, for instance --timezone Europe/Berlin"
            self.note("X03", path, f"{rule.target}: {value.text!r} has no time zone", hint)
            return None
        try:
            text = to_iso(value.text, self.wishes.timezone)
        except DateError as error:
            self.note("X04", path, f"{rule.target}: {error.message}", error.hint)
            return None
        if "T" not in text:
            self.note("X04", path, f"{rule.target}: {value.text!r} has no time of day")
            return None
        if verdict.ok and verdict.has_zone and verdict.style == "iso":
            return Value(text, value.path)
        self.note("X20", path, f"{rule.target}: {value.text!r} becomes {text!r}")
        return Value(text, value.path)

    def techniques(self, rules: Mapping[str, Rule], record: Record) -> Iterator[Technique]:
        """The techniques of the entry and its subentries, each once; that of the definition given
        by the user, if one was."""
        probe, seen = record.text("technique.probe"), set[Technique]()
        for name, path in self.definitions(rules.get(_DEFINITION), record):
            found = technique_of(name, probe)
            if found is None:
                self.note("X09", path, f"PaNET has no technique for {name}")
            elif found not in seen:
                seen.add(found)
                yield found

    def definitions(self, rule: Rule | None, record: Record) -> Iterator[tuple[str, str]]:
        """The application definitions, each with its place."""
        if _DEFINITION in self.wishes.given:
            yield record.text(_DEFINITION), self.entry.path
            return
        for path in rule.paths if rule else ():
            for match in self.finder.matches(path):
                if name := self.plain(match):
                    yield name, match.path

    def plain(self, match: Match) -> str:
        try:
            return one_line(text_of(match))
        except NotTaken:
            return ""

    def parameters(self, rule: Rule) -> Iterator[Parameter]:
        """The parameter of a rule; several where its name holds a class (`{NXdetector}`)."""
        if "{" not in rule.target:
            found = self.first(rule, lambda match: self.parameter(rule, rule.target, match))
            found = found or self.made_parameter(rule)
            yield from [found] if found else []
            return
        names: set[str] = set()
        for match in (match for path in rule.paths for match in self.finder.matches(path)):
            name = _filled(rule.target, match.groups)
            if len(name) > TEXT and name not in names:
                names.add(name)
                hint = "rename the group, or take the rule out of the mapping"
                told = f"the name of a parameter may have {TEXT} characters, this has {len(name)}"
                self.note("X01", match.path, told, hint)
            parameter = None if name in names else self.parameter(rule, name, match)
            if parameter is not None:
                names.add(name)
                yield parameter

    def parameter(self, rule: Rule, name: str, match: Match) -> Parameter | None:
        if rule.type != "number":
            value = self.text(rule, match)
            if value is None:
                return None
            return Parameter(name, value.text, match.path, rule.kind, rule.about)
        try:
            number = self.number(rule, name, match)
        except NotTaken as reason:
            self.note(reason.code, match.path, f"{name}: {reason.message}", reason.hint)
            return None
        return Parameter(name, number, match.path, rule.kind, rule.about)

    def made_parameter(self, rule: Rule) -> Parameter | None:
        """The parameter of a rule from around the file, or by its default."""
        if rule.type == "number":
            made = Number(float(rule.default), rule.unit or "") if rule.default else None
            return Parameter(rule.target, made, self.entry.path, about=rule.about) if made else None
        value = self.made(rule)
        if value is None:
            return None
        return Parameter(rule.target, value.text, self.entry.path, rule.kind, rule.about)

    def number(self, rule: Rule, name: str, match: Match) -> Number:
        number = number_of(match)
        if rule.unit is None:
            if number.count > 1:
                raise NotTaken("X07", f"is an array of {number.count} numbers, and one is due")
            return number
        if number.count > 1:
            self.note("X21", match.path, f"{name}: {number.count} values become mean and range")
        return self.converted(rule.unit, name, number, match)

    def converted(self, unit: str, name: str, number: Number, match: Match) -> Number:
        if not number.units and unit:
            hint = f"give it units that can be converted to {unit}"
            raise NotTaken("X05", "the number has no units", hint)
        if number.units == unit:
            return number
        source = _meant(number.units, unit)
        try:
            factor, offset = convert_factor(source, unit)
        except UnitError as error:
            raise NotTaken("X06", error.message, error.hint) from error
        if (factor, offset) != (1.0, 0.0):
            self.note("X20", match.path, f"{name}: {number.units} becomes {unit or '1'}")
        scaled = number.scaled(factor, offset, unit)
        if not scaled.finite:
            raise NotTaken("X08", f"the number is too large to be given in {unit or '1'}")
        return scaled

    def people(self, rules: Mapping[str, Rule]) -> Iterator[Person]:
        """The users of the entry; a group without a name is noted."""
        for match in self.finder.matches(_PEOPLE):
            if not is_group(match.node):
                continue
            found = _Collector(match.node, self.file, Wishes(truncate=self.wishes.truncate))
            words = {target: found.value(rule) for target, rule in rules.items()}
            self.notes += [one for one in found.notes if one.code != "X23"]
            texts = {target: value.text for target, value in words.items() if value}
            if "name" not in texts:
                self.note("X11", match.path, "a user without a name is left out")
                continue
            yield Person(path=match.path, **texts)


def _meant(text: str, unit: str) -> str:
    """`text`, or what it is likely to mean where it stands for something of the kind of `unit`."""
    verdict = fit(text, unit) if unit else None
    return verdict.suggestion if verdict and verdict.verdict == "ambiguous" else text


def _written(rule: Rule, text: str) -> str:
    """`text` in one line; a path that lost a space would lead elsewhere."""
    return printed(text).strip() if rule.target == _LOCATION else one_line(text)


def _filled(name: str, groups: Mapping[str, str]) -> str:
    for nx_class, group in groups.items():
        name = name.replace("{" + nx_class + "}", group)
    return one_line(name)
