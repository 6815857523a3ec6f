"""What can be chosen for an export: the names of the choices, what each may be, how it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from nxtool.export.icatmodel import VERSIONS
from nxtool.export.mapping import PRESETS, TARGETS, load_mapping
from nxtool.viewing.exportformats import FORMATS
from nxtool.viewing.exporting import ALL, Choices

OWN: Final = "\0own"
"""Stands for a mapping in a file, of which the path is to be asked for."""
NOTHING: Final = "-"
"""Shown where nothing is chosen."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a choice may be, and what that means."""

    value: str
    label: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its value now, as it reads, and what it may be; text is typed where `options` is
    empty, with `hint` as what to type."""

    name: str
    label: str
    value: str
    shown: str
    options: tuple[Option, ...] = ()
    hint: str = ""


def choices_of(now: Choices, entries: tuple[str, ...]) -> list[Choice]:
    """The choices there are for the format, the most important first."""
    return [*_what(now, entries), *_asked(now), *_given(now), *_how(now)]


def chosen(now: Choices, name: str, value: str) -> Choices:
    """`now` with another value for a choice."""
    if name in TARGETS:
        return now.giving(name, value)
    if name == "mapping" and value == now.form.mapping:
        value = ""
    is_yes_or_no = isinstance(getattr(now, name), bool)
    change: dict[str, Any] = {name: value == "yes" if is_yes_or_no else value}
    return replace(now, **change)


def _choice(
    name: str, label: str, value: str, options: tuple[Option, ...], hint: str = ""
) -> Choice:
    shown = next((one.label for one in options if one.value == value), value)
    return Choice(name, label, value, shown or NOTHING, options, hint)


def _what(now: Choices, entries: tuple[str, ...]) -> Iterator[Choice]:
    formats = tuple(Option(name, name, one.about) for name, one in FORMATS.items())
    yield _choice("format", "format", now.format, formats)
    value = now.mapping or now.form.mapping
    own = Option(OWN, "a file", "a mapping of your own, as YAML")
    yield _choice("mapping", "mapping", value, (*_presets(), own))
    if len(entries) > 1:
        names = tuple(Option(name, name) for name in entries)
        every = Option(ALL, "all", "each entry becomes a dataset")
        yield _choice("entry", "entry", now.entry, (*names, every))


@cache
def _presets() -> tuple[Option, ...]:
    return tuple(Option(name, name, load_mapping(name).about) for name in PRESETS)


_VERSIONS: Final = tuple(Option(one, one, "the release of the server") for one in VERSIONS)
_INGEST: Final = (Option("1.0", "1.0", "without samples"), Option("1.1", "1.1", "with samples"))
_APIS: Final = (Option("v3", "v3", "older servers"), Option("v4", "v4", "the backend of today"))


def _asked(now: Choices) -> Iterator[Choice]:
    """What only the format that is chosen asks."""
    known = {
        "ingest_version": _choice("ingest_version", "version", now.ingest_version, _INGEST),
        "icat_version": _choice("icat_version", "ICAT", now.icat_version, _VERSIONS),
        "api": _choice("api", "API", now.api, _APIS),
        "with_static": _yes_or_no(
            "with_static", "static objects", now.with_static,
            "make facility, instrument, types, users and the investigation too",
        ),
        "checksums": _yes_or_no(
            "checksums", "checksums", now.checksums, "add the SHA-256 of files"
        ),
    }  # fmt: skip
    for name in now.form.asks:
        yield known[name]


def _yes_or_no(name: str, label: str, value: bool, about: str) -> Choice:
    options = (Option("yes", "yes", about), Option("no", "no", f"do not {about}"))
    return _choice(name, label, "yes" if value else "no", options)


def _given(now: Choices) -> Iterator[Choice]:
    labels = {
        "investigation.name": "investigation",
        "investigation.visitId": "visit",
        "facility.name": "facility",
    }
    for target, label in labels.items():
        text = now.given.get(target, "")
        yield _choice(target, label, text, (), "empty: what the file says")


def _how(now: Choices) -> Iterator[Choice]:
    hint = "for dates without one: Europe/Berlin, or +02:00"
    yield _choice("timezone", "time zone", now.timezone, (), hint)
    cut = "cut texts that are too long for the catalogue"
    yield _yes_or_no("truncate", "cut long texts", now.truncate, cut)
