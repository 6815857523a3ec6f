"""What stands where in an ICAT file: unknown, misplaced, missing and doubled elements, comments.

The official schemas find most of it; the words here are for people, and no schema file is needed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from nxtool.findings import Finding, Severity
from nxtool.icatlint.codes import fault, quoted
from nxtool.icatlint.objects import Format, Item
from nxtool.icatlint.read import Element
from nxtool.icatlint.schema import Kind, Member, dump_schema, referable

_ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_HEAD: Final = {
    "icatingest": ("date", "generator"),
    "icatdata": ("date", "service", "apiversion", "generator"),
}


def head_kind(form: str) -> Kind:
    """The <head> of a file, as if it were an object."""
    types = {"date": "dateTime"}
    members = {
        name: Member(name, "value", types.get(name, "string"), name in ("date", "generator"), "")
        for name in _HEAD[form]
    }
    return Kind("head", "", members)


def judge_item(item: Item, form: Format) -> Iterator[Finding]:
    """Faults in what an object consists of, nested ones not included."""
    yield from _judge_attributes(item.element, item.path, ("id",), form)
    yield from _judge_id(item, form)
    yield from _judge_beside(item.element, item.path, form, harmless=_drops_comments(item, form))
    if item.kind.name != "head":
        yield from _judge_release(item, form)
    yield from _judge_children(item, form)
    yield from _judge_missing(item)


def judge_tag(element: Element, before: str, form: Format) -> Iterator[Finding]:
    """Faults in the name and the place of an element of <data>; `before` is the name of the one
    before it, empty for the first."""
    order = form.schema.order
    name = element.name
    if name not in order:
        yield fault(
            "C01", element.mark, name, f"<{name}> is no object of {form.form}",
            hint=_near(name, order) or "take it out",
        )  # fmt: skip
    elif before in order and order.index(name) < order.index(before):
        yield fault(
            "C02", element.mark, name, f"<{name}> stands behind <{before}>",
            severity=_schema_only(form), hint=f"write every <{name}> before",
        )  # fmt: skip


def judge_reference_element(element: Element, form: Format) -> Iterator[Finding]:
    """Faults in an element of <data> that only refers (`userRef`), but its attributes."""
    schema = form.schema
    since = referable().get(element.name, schema.version)
    if not schema.knows(since):
        known = schema.knows(schema.kinds[element.name.removesuffix("Ref")].since)
        yield fault(
            "C03", element.mark, element.name, f"<{element.name}> came with ICAT {since}",
            severity="warning" if known else "error",
        )  # fmt: skip
    yield from _judge_leaf(element, element.name, form)


def judge_data(element: Element, form: Format) -> Iterator[Finding]:
    """Faults in what stands in <data> besides objects."""
    yield from _judge_attributes(element, "data", (), form)
    yield from _judge_beside(element, "data", form, harmless=form.strict)


def judge_root(element: Element, form: Format) -> Iterator[Finding]:
    """Faults in the attributes of the root."""
    known = ("version",) if form.strict else ()
    yield from _judge_attributes(element, element.name, known, form)


def judge_aside(element: Element, seen: Collection[str], form: Format) -> Iterator[Finding]:
    """Faults in the place of an element beside <data>, `seen` being what came before."""
    severity = _schema_only(form)
    if element.name != "head":
        yield fault(
            "C01", element.mark, element.name, f"<{element.name}> stands beside <data>",
            severity=severity,
        )  # fmt: skip
    elif seen:
        yield fault(
            "C02", element.mark, "head", f"<head> stands behind <{[*seen][-1]}>",
            severity=severity, hint="it comes first, once",
        )  # fmt: skip


def _schema_only(form: Format) -> Severity:
    """How bad it is what only the schema forbids: icatingest.py does not look at it."""
    return "error" if form.strict else "warning"


def _judge_attributes(
    element: Element, path: str, known: tuple[str, ...], form: Format
) -> Iterator[Finding]:
    for name in element.attributes:
        if name not in known:
            yield fault(
                "C01", element.mark, f"{path}@{name}",
                f"<{element.name}> has no attribute {quoted(name)}", severity=_schema_only(form),
            )  # fmt: skip


def _judge_id(item: Item, form: Format) -> Iterator[Finding]:
    given = item.element.attributes.get("id")
    if form.strict and given is not None and not _ID.fullmatch(given):
        message = f"id {quoted(given)} is not made of letters, digits and _ only"
        yield fault("C05", item.element.mark, f"{item.path}@id", message)


def _drops_comments(item: Item, form: Format) -> bool:
    """Whether comments directly below are left out before python-icat looks at the object."""
    transformed = form.strict and item.owner is None and item.kind.name == "dataset"
    return transformed or item.kind.name == "head"


def _judge_beside(
    element: Element, path: str, form: Format, *, harmless: bool
) -> Iterator[Finding]:
    text = element.text.strip()
    if text:
        yield fault(
            "C07", element.mark, path, f"text {quoted(text)} in <{element.name}>",
            severity=_schema_only(form),
        )  # fmt: skip
    if element.comment is not None and not harmless:
        message = f"comment or processing instruction in <{element.name}>"
        yield fault("C06", element.comment, path, message)


def _judge_release(item: Item, form: Format) -> Iterator[Finding]:
    since = dump_schema(form.icat).kinds[item.kind.name].since
    if not dump_schema(form.icat).knows(since):
        name = item.element.name
        yield fault("C03", item.element.mark, item.path, f"<{name}> came with ICAT {since}")


def _judge_children(item: Item, form: Format) -> Iterator[Finding]:
    names = list(item.kind.members)
    before = ""
    for child in item.element.children:
        path = f"{item.path}/{child.name}"
        member = item.kind.members.get(child.name)
        if member is None:
            hint = _near(child.name, names) or "take it out"
            message = f"<{item.element.name}> has no {quoted(child.name)}"
            yield fault("C01", child.mark, path, message, hint=hint)
            continue
        yield from _judge_place(child, before, member, names, path, form)
        yield from _judge_since(child, member, path, item.kind.since, form)
        if member.role != "many":
            yield from _judge_leaf(child, path, form, value=member.role == "value")
        before = child.name


def _judge_place(
    child: Element, before: str, member: Member, names: list[str], path: str, form: Format
) -> Iterator[Finding]:
    severity = _schema_only(form)
    if before == child.name and member.role != "many":
        message = f"<{child.name}> stands there twice"
        yield fault("C02", child.mark, path, message, severity=severity, hint="leave one")
    elif before and names.index(child.name) < names.index(before):
        message = f"<{child.name}> stands behind <{before}>"
        hint = f"the order is {', '.join(names)}"
        yield fault("C02", child.mark, path, message, severity=severity, hint=hint)


def _judge_since(
    child: Element, member: Member, path: str, since: str, form: Format
) -> Iterator[Finding]:
    """A fault where a member is newer than the release, and than its kind (`since`)."""
    if member.since not in ("", since) and not form.schema.knows(member.since):
        format_ = "ICAT" if form.form == "icatdata" else "icatingest"
        message = f"<{child.name}> came with {format_} {member.since}"
        hint = "" if form.form == "icatdata" else f"take it out, or write version {member.since}"
        yield fault("C03", child.mark, path, message, hint=hint)


def _judge_leaf(
    element: Element, path: str, form: Format, *, value: bool = False
) -> Iterator[Finding]:
    """Faults in an element that has but text (`value`) or but attributes."""
    for child in element.children:
        message = f"<{element.name}> has no elements, yet <{child.name}>"
        severity: Severity = "error" if value else _schema_only(form)
        yield fault("C01", child.mark, path, message, severity=severity)
    if value:
        yield from _judge_attributes(element, path, (), form)
    if value and element.comment is not None:
        message = f"comment in <{element.name}>: what follows it is lost"
        yield fault("C06", element.comment, path, message)
    elif not value and element.text.strip():
        yield from _judge_beside(replace(element, comment=None), path, form, harmless=True)


def _judge_missing(item: Item) -> Iterator[Finding]:
    for name, member in item.kind.members.items():
        if not member.required or name == item.back:
            continue
        found = item.values.get(name) or item.ones.get(name)
        if found is None:
            message = f"<{item.element.name}> has no {name}"
            # the server takes a missing boolean as false
            severity: Severity = "warning" if member.type == "boolean" else "error"
            yield fault(
                "C04", item.element.mark, item.path, message, severity=severity,
                hint=f"add <{name}>",
            )  # fmt: skip
        elif member.role == "value" and not found.text.strip():
            code = "C15" if name == "units" else "C04"
            yield fault(code, found.mark, f"{item.path}/{name}", f"{name} is empty")


def _near(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
