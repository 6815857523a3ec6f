"""Answers to the questions under I: definitions, vocabularies, units, the default plot."""

from __future__ import annotations

from typing import Final

from nxtool import nxpath
from nxtool.defaultplot import NoPlot
from nxtool.errors import DefinitionError
from nxtool.export.techniques import Technique, technique_of
from nxtool.fair.answers import Judgement, no, not_applicable, yes
from nxtool.fair.context import Context
from nxtool.fair.facts import Entry, Text
from nxtool.fair.identifiers import names_panet
from nxtool.fair.wording import listed, quoted, short
from nxtool.findings import Finding
from nxtool.schema.compile import Schema

_UNITS: Final = frozenset(("U01", "U03", "U05", "U06"))
"""Rules about units."""
_UNDOCUMENTED: Final = "G05"
_ROOT: Final = (
    ("file_time",),
    ("HDF5_Version", "HDF_version"),
    ("NeXus_release", "NeXus_version", "NeXus_repository"),
)
"""What the root should tell; one of each."""


def _definitions(entry: Entry) -> list[Text]:
    """The definitions an entry and its subentries name."""
    groups = [entry.groups[0], *entry.of("NXsubentry")]
    found = (group.texts.get("definition") for group in groups)
    return [text for text in found if text is not None and text.value]


def definition(entry: Entry, context: Context) -> Judgement:
    """I01: a definition that is known."""
    found = _definitions(entry)
    if not found:
        return no("no definition", nxpath.join(entry.path, "definition"))
    unknown = [text for text in found if not _is_known(text.value, context.schema)]
    if unknown:
        names = listed([quoted(text.value) for text in unknown])
        return no(f"{names} is no application definition", *(text.path for text in unknown))
    return yes(listed([text.value for text in found]), *(text.path for text in found))


def _is_known(name: str, schema: Schema) -> bool:
    try:
        schema.application(name)
    except DefinitionError:
        return False
    return True


def version(entry: Entry, _context: Context) -> Judgement:
    """I02: the version of the definition."""
    found = _definitions(entry)
    if not found:
        return not_applicable("no definition", nxpath.join(entry.path, "definition"))
    places = [nxpath.attribute(text.path, "version") for text in found]
    lacking = [place for place, text in zip(places, found, strict=True) if not text.version]
    if lacking:
        return no(
            f"no version of {listed([short(t.value) for t in found if not t.version])}", *lacking
        )
    return yes(listed([short(text.version) for text in found]), *places)


def technique(entry: Entry, _context: Context) -> Judgement:
    """I03: a term of PaNET, named or by the definition."""
    for text in entry.groups[0].identifiers:
        if names_panet(text.value):
            return yes(short(text.value), text.path)
    found = _definitions(entry)
    for text in found:
        term = _term(text.value, entry)
        if term is not None:
            return yes(f"{term.name} ({term.iri})", text.path)
    if not found:
        return no("no definition and no term", nxpath.join(entry.path, "definition"))
    names = listed([short(text.value) for text in found])
    return no(f"no term is known for {names}", *(text.path for text in found))


def _term(name: str, entry: Entry) -> Technique | None:
    probes = (source.value("probe") for source in entry.of("NXsource"))
    return technique_of(name, next((probe for probe in probes if probe), ""))


def probe(entry: Entry, _context: Context) -> Judgement:
    """I04: what kind of beam."""
    return of_source(entry, "probe")


def of_source(entry: Entry, name: str) -> Judgement:
    """Whether a source of the entry tells something."""
    sources = entry.of("NXsource")
    for source in sources:
        if source.value(name):
            return yes(quoted(source.value(name)), nxpath.join(source.path, name))
    if not sources:
        return no("no NXsource", entry.path)
    return no(f"no {name}", *(nxpath.join(source.path, name) for source in sources))


def units(context: Context) -> Judgement:
    """I05: numbers have units.

    Where the definitions know a field, their category of units decides; a field they do not know
    needs a unit if it holds numbers of floating point.
    """
    faults = {
        item.path.removesuffix("@units"): item.message
        for item in context.findings
        if _is_about_units(item)
    }
    faults.update(context.facts.units)
    unknown = {item.path for item in context.findings if item.code == _UNDOCUMENTED}
    for bare in context.facts.bare:
        if not bare.judged or bare.path in unknown or bare.target in unknown:
            faults.setdefault(bare.path, "has no units")
    if not faults:
        return yes("all that need one")
    count = "1 field" if len(faults) == 1 else f"{len(faults)} fields"
    shown = listed([f"{path} {reason}" for path, reason in faults.items()], "; ")
    return no(f"{count}: {shown}", *faults)


def _is_about_units(item: Finding) -> bool:
    """A unit that is missing or cannot be read, or of the wrong kind; not one merely unusual."""
    if item.code not in _UNITS or item.severity == "info":
        return False
    return item.severity == "error" or item.code == "U01" or not item.found


def validity(context: Context) -> Judgement:
    """I06: no errors."""
    errors = sorted(
        (item for item in context.findings if item.severity == "error"),
        key=lambda item: item.sort_key,
    )
    if not errors:
        return yes("no errors")
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    first = errors[0]
    text = f"{count}, the first: {first.path}: {first.message} [{first.code}]"
    return no(text, *dict.fromkeys(item.path for item in errors))


def default_plot(context: Context) -> Judgement:
    """I07: a plot."""
    plot = context.plot
    if isinstance(plot, NoPlot):
        return no(f"{plot.path} {plot.reason}", plot.path)
    return yes(plot.signal, plot.data, plot.signal)


def root(context: Context) -> Judgement:
    """I08: what the root tells."""
    texts = context.facts.root.texts
    lacking = [names[0] for names in _ROOT if not any(f"@{name}" in texts for name in names)]
    paths = [nxpath.attribute("/", name) for name in lacking]
    if lacking:
        return no(f"no {', '.join(lacking)}", *paths)
    told = [name for names in _ROOT for name in names if f"@{name}" in texts]
    return yes(", ".join(told), *(nxpath.attribute("/", name) for name in told))
