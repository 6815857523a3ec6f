"""The preview of an export as rows: what is missing or refused first, then what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from nxtool.export.mapping import PERSON, TARGETS
from nxtool.export.values import Number

if TYPE_CHECKING:
    from nxtool.export.preview import Look
    from nxtool.export.record import Parameter, Person, Value
    from nxtool.findings import Finding
    from nxtool.viewing.exporting import Choices, Prepared

State = Literal["", "gap", "error", "warning", "info", "ok", "out"]
SILENT: Final = ("technique.definition", "technique.probe")
"""Values that lead to techniques, which have rows of their own."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line of a preview.

    `state` is empty for a heading; `gap` is missing and required, `out` is read and not part of
    the format. `name` is what the catalogue calls it, empty where a note names nothing; `text` is
    the value, `origin` where it comes from, in words where `path` is empty. `target` is what a
    value can be given for, empty where none can. `about` says more.
    """

    name: str
    state: State = ""
    text: str = ""
    origin: str = ""
    path: str = ""
    target: str = ""
    about: str = ""
    code: str = ""


def export_rows(found: Prepared) -> list[ExportRow]:
    """The rows of all datasets."""
    looks = found.preview.looks
    rows: list[ExportRow] = []
    for look in looks:
        if len(looks) > 1:
            source = look.record.source.rpartition(":")[2]
            rows.append(ExportRow(f"dataset {look.record.text('dataset.name')}", path=source))
        rows += _of_look(look, found.choices)
    return rows


def _of_look(look: Look, choices: Choices) -> Iterator[ExportRow]:
    """The sections that have rows, each below its heading."""
    taken, out = _values(look, choices)
    facts = {
        "parameters": [_parameter(one) for one in look.record.parameters],
        "people": [_person(one) for one in look.record.people],
        "techniques": _techniques(look),
        "files": _files(look),
    }
    for name in _without(choices):
        out += [replace(row, state="out") for row in facts.pop(name)]
    out += [row for rows in facts.values() for row in rows if row.state == "out"]
    kept = {name: [row for row in rows if row.state != "out"] for name, rows in facts.items()}
    sections = {
        "missing": _gaps(look, choices),
        "refused": _notes(look, "error"),
        "lost": _notes(look, "warning"),
        "values": taken,
        **kept,
        "changed on the way": _notes(look, "info"),
        f"known, but not part of {choices.format}": out,
    }
    for title, rows in sections.items():
        if rows:
            yield ExportRow(f"{title} ({len(rows)})")
            yield from rows


def _without(choices: Choices) -> tuple[str, ...]:
    """The sections that the format has no place for; users are for static objects of ICAT."""
    without = choices.form.without
    if "with_static" in choices.form.asks and not choices.with_static:
        return (*without, "people")
    return without


def _gaps(look: Look, choices: Choices) -> list[ExportRow]:
    """What is missing; where a value is there and refused, with the reason."""
    needed = f"{choices.format} asks for it"
    return [_gap(target, why or needed, look.notes) for target, why in look.missing.items()]


def _gap(target: str, why: str, notes: Iterable[Finding]) -> ExportRow:
    refused = next(
        (one for one in notes if one.severity == "error" and _subject(one) == target), None
    )
    if refused is None:
        return ExportRow(target, "gap", "missing", why, target=target, about=why)
    found = _note(refused)
    return replace(found, state="gap", target=target)


def _notes(look: Look, severity: str) -> list[ExportRow]:
    """The notes of a severity, but for those about gaps."""
    found = [
        one for one in look.notes
        if one.severity == severity and not (severity == "error" and _subject(one) in look.missing)
    ]  # fmt: skip
    return [_note(one) for one in sorted(found, key=lambda one: one.sort_key)]


def _subject(one: Finding) -> str:
    """The target or parameter a note is about; empty where it names none."""
    name, colon, _ = one.message.partition(": ")
    return name if colon and " " not in name else ""


def _note(one: Finding) -> ExportRow:
    subject = _subject(one)
    text = one.message.removeprefix(f"{subject}: ") if subject else one.message
    target = subject if subject in TARGETS else ""
    return ExportRow(subject, one.severity, text, one.path, one.path, target, one.hint, one.code)


def _values(look: Look, choices: Choices) -> tuple[list[ExportRow], list[ExportRow]]:
    """The values that the format takes, and those that it has no place for."""
    no_place = {note.path for note in look.notes if note.code == "X11"}
    origins = _origins(look, choices.given)
    taken: list[ExportRow] = []
    out: list[ExportRow] = []
    for target, value in look.record.values.items():
        if target in SILENT:
            continue
        is_out = target not in look.asked or (value.path in no_place and value.path != "")
        row = _value(
            target, value, origins.get(target, "by the mapping"), "out" if is_out else "ok"
        )
        (out if is_out else taken).append(row)
    return taken, out


def _value(target: str, value: Value, origin: str, state: State) -> ExportRow:
    origin = value.path or origin
    return ExportRow(target, state, value.text, origin, value.path, target)


def _origins(look: Look, given: Mapping[str, str]) -> dict[str, str]:
    """Where values come from that are not in the file, in words."""
    made = [one.message for one in look.notes if one.code == "X23"]
    told = {text.partition(" is ")[0]: text.rpartition(", ")[2] for text in made}
    return {**told, **dict.fromkeys(given, "given")}


def _parameter(one: Parameter) -> ExportRow:
    return ExportRow(one.name, "ok", value_text(one.value), one.path, one.path, about=one.about)


def value_text(value: Number | str) -> str:
    """A value with its unit; of many the mean, the least and the largest.

    >>> value_text(Number(2.0, "s", 1.0, 4.0, count=3))
    '2 s (1 to 4)'
    """
    if not isinstance(value, Number):
        return value
    ends = value.low, value.high
    low, high = (None if end is None else _short(end) for end in ends)
    text = f"{_short(value.value)} {value.units}".rstrip()
    return text if low is None or low == high else f"{text} ({low} to {high})"


def _short(number: float) -> str:
    return f"{number:.10g}"


def _person(one: Person) -> ExportRow:
    facts = {word: getattr(one, word) for word in PERSON if word != "name" and getattr(one, word)}
    text = ", ".join(facts.get(word, "") for word in ("role", "orcid") if word in facts)
    about = ", ".join(f"{word} {fact}" for word, fact in facts.items())
    return ExportRow(one.name, "ok", text, one.path, one.path, about=about)


def _techniques(look: Look) -> list[ExportRow]:
    """The techniques; a note says for which the catalogue has no word."""
    left_out = " ".join(note.message for note in look.notes if note.code == "X11")
    value = look.record.values.get("technique.definition")
    path = value.path if value is not None else ""
    return [
        ExportRow(
            one.pid, "out" if one.name in left_out else "ok", one.name, path or "given", path,
            about=one.iri,
        )
        for one in look.record.techniques
    ]  # fmt: skip


def _files(look: Look) -> list[ExportRow]:
    return [
        ExportRow(
            one.name, "ok", f"{one.size:,} bytes", one.modified,
            about=f"sha256:{one.sha256}" if one.sha256 else str(one.path),
        )
        for one in look.record.files
    ]  # fmt: skip
