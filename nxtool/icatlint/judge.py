"""Files for ICAT judged beyond their XML schema, whoever wrote them.

The file is read once, object by object; what is kept of it are ids, unique keys and parameter
types.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nxtool.export.icatmodel import VERSIONS, Version
from nxtool.findings import Finding, Findings, Mark
from nxtool.icatlint.codes import fault
from nxtool.icatlint.links import Links
from nxtool.icatlint.objects import Format, Item, item_of
from nxtool.icatlint.parameters import ParameterTypes, judge_parameter
from nxtool.icatlint.read import Element, Form, Part, form_of, read_parts
from nxtool.icatlint.schema import Member, dump_schema, ingest_schema, referable
from nxtool.icatlint.structure import (
    head_kind,
    judge_aside,
    judge_data,
    judge_item,
    judge_reference_element,
    judge_root,
    judge_tag,
)
from nxtool.icatlint.values import judge_values

MOST: Final = 1000
"""How many findings of one code are kept; more are counted."""
DEFAULT: Final[Version] = "5.0"


def lint(path: Path, version: Version | None = None) -> Findings:
    """The faults of the file `path`, in the order of its lines.

    `version` is the release of ICAT it is for; None is that which the head of the file names,
    5.0 where it names none.

    Raises:
        FileUnreadable: the file is missing or broken, or neither `icatingest` nor `icatdata`.
    """
    linter = _Linter(str(path), version)
    for part in read_parts(path):
        linter.take(part)
    linter.finish()
    kept = sorted(linter.kept, key=lambda item: (item.mark or Mark(""), item.code, item.path))
    return Findings(str(path), kept + linter.counted())


def release_of(text: str) -> Version:
    """The newest release with a schema that is not newer than `text`.

    >>> release_of("6.1.0"), release_of("4.3"), release_of("")
    ('5.0', '4.4', '5.0')
    """
    wanted = _numbers(text)
    fitting = [version for version in VERSIONS if _numbers(version) <= wanted]
    return DEFAULT if not wanted else fitting[-1] if fitting else VERSIONS[0]


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split(".")[:2]
    return tuple(map(int, parts)) if all(p.isdecimal() and len(p) < 9 for p in parts) else ()


@dataclass(slots=True)
class _Linter:
    """Judges part after part of one file."""

    file: str
    version: Version | None
    kept: list[Finding] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)
    worst: dict[str, Finding] = field(default_factory=dict)
    root: Element = field(default_factory=lambda: Element("", {}, Mark("")))
    head: Element | None = None
    aside: list[str] = field(default_factory=list)
    before: str = ""
    serial: int = 0
    nested: dict[tuple[str, str], tuple[Item, int]] = field(default_factory=dict)
    form: Format = field(default_factory=lambda: _format("icatdata", "", DEFAULT))
    links: Links = field(default_factory=lambda: Links(_format("icatdata", "", DEFAULT)))
    types: ParameterTypes = field(default_factory=ParameterTypes)

    def say(self, found: Iterable[Finding]) -> None:
        """Keep findings, or count them where there are many of the kind."""
        for item in found:
            self.numbers[item.code] += 1
            if self.numbers[item.code] <= MOST:
                self.kept.append(item)
            else:
                self.worst[item.code] = item

    def counted(self) -> list[Finding]:
        """What stands for the findings that were only counted."""
        return [
            replace(item, message=f"and {self.numbers[code] - MOST} more of this kind", path="")
            for code, item in self.worst.items()
        ]

    def take(self, part: Part) -> None:
        """Judge a part of the file."""
        element = part.element
        if part.kind == "root":
            self.begin(element)
        elif part.kind == "other":
            self.take_aside(element)
        elif part.kind == "data":
            self.begin_data(element)
        elif part.kind == "object":
            self.take_object(element)
        else:
            self.say(judge_data(element, self.form))
            self.aside.append("data")

    def begin(self, element: Element) -> None:
        self.root = element
        self.choose_format("")
        self.say(judge_root(element, self.form))

    def choose_format(self, told: str) -> None:
        """Judge by the release asked for, or else by that the file tells."""
        icat = self.version or release_of(told)
        version = self.root.attributes.get("version", "")
        self.form = _format(form_of(self.root), version, icat)
        self.links = Links(self.form)

    def take_aside(self, element: Element) -> None:
        self.say(judge_aside(element, self.aside, self.form))
        if element.name == "head":
            if not self.aside:
                self.choose_format(element.text_of("apiversion"))
            head = item_of(element, head_kind(self.form.form), self.form.schema)
            found = [*judge_item(head, self.form), *judge_values(head)]
            self.say(found if self.form.strict else map(_milder, found))
        self.aside.append(element.name)

    def begin_data(self, element: Element) -> None:
        if self.form.strict and "data" in self.aside:
            message = "<data> stands there twice"
            self.say([fault("C02", element.mark, "data", message, hint="write one")])
        self.say(self.links.begin_data())
        self.before = ""

    def take_object(self, element: Element) -> None:
        self.say(judge_tag(element, self.before, self.form))
        schema = self.form.schema
        if element.name in referable() and not self.form.strict:
            self.take_reference(element)
        elif element.name in schema.kinds:
            item = item_of(element, schema.kinds[element.name], schema)
            self.judge(item)
            self.say(self.links.remember(element, element.name, item.serial))
        if element.name in schema.order:
            self.before = element.name

    def take_reference(self, element: Element) -> None:
        kind = element.name.removesuffix("Ref")
        self.serial += 1
        self.say(judge_reference_element(element, self.form))
        member = Member(element.name, "one", kind, required=True, since="")
        _, found = self.links.follow(element, member, element.name)
        self.say(found)
        self.say(self.links.remember(element, kind, self.serial))

    def judge(self, item: Item) -> None:
        """Judge an object and those nested in it, these first in what they refer to."""
        self.serial += 1
        item.serial = self.serial
        self.say(judge_item(item, self.form))
        self.say(judge_values(item))
        self.say(self.links.judge_item(item))
        self.say(judge_parameter(item, self.types))
        self.types.remember(item)
        for nested in item.nested:
            key = (item.kind.name, nested.relation)
            first, number = self.nested.get(key, (nested, 0))
            self.nested[key] = (first, number + 1)
            self.judge(nested)

    def finish(self) -> None:
        """Judge what shows at the end of the file only."""
        self.say(self.links.end())
        self.say(self._nested())
        if self.form.strict and "data" not in self.aside:
            message = "<icatingest> has no <data>"
            self.say([fault("C04", self.root.mark, "icatingest", message)])

    def _nested(self) -> Iterator[Finding]:
        if not self.nested:
            return
        first, _ = next(iter(self.nested.values()))
        told = [f"{n} {relation} in {kind}" for (kind, relation), (_, n) in self.nested.items()]
        more = [f"{len(told) - 5} other kinds"] if len(told) > 5 else []
        message = f"nested in others: {', '.join(told[:5] + more)}"
        mark, path = first.element.mark, first.path
        if self.form.strict:
            hint = "lost unless the dataset is created after ingest(..., update_ds=True)"
            yield fault("C42", mark, path, message, severity="info", hint=hint)
        else:
            yield fault("C42", mark, path, message)


def _format(form: Form, version: str, icat: str) -> Format:
    schema = ingest_schema(version) if form == "icatingest" else dump_schema(icat)
    return Format(form, schema, icat)


def _milder(item: Finding) -> Finding:
    """A finding about the head of a dump, which python-icat does not read."""
    return replace(item, severity="warning")
