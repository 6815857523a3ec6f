"""What is told of one name in a file: type, storage, attributes, findings, documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from nxtool.nxdl import doctext
from nxtool.report.filetree import storage_text
from nxtool.report.printable import printable
from nxtool.schema import wording
from nxtool.schema.concepts import AttributeConcept, FieldConcept
from nxtool.viewing.listing import form_text

if TYPE_CHECKING:
    from nxtool.findings import Finding
    from nxtool.show import Item
    from nxtool.viewing.listing import FileRow

MAX_DOC: Final = 20_000
MAX_FINDINGS: Final = 5


def facts(row: FileRow, findings: Sequence[Finding], width: int) -> Text:
    """All that is known of a name, its documentation last; `width` is that of a line."""
    text = Text().append(printable(row.label), "bold")
    if row.unread:
        return text.append("\nnot read yet: enter reads on")
    known = row.requirement if row.concept is not None else "not in the definition"
    text.append(f"  {printable(row.role) or known}")
    lines = [*_asked(row)]
    if row.item is not None:
        lines += _stored(row.item)
    else:
        lines.append("is missing")
    named = bool(row.role)
    lines += [_finding(one, with_attribute=named) for one in findings[:MAX_FINDINGS]]
    text.append("".join(f"\n{printable(line)}" for line in lines))
    text.append(_documentation(row, width))
    return text


def _asked(row: FileRow) -> Iterator[str]:
    """What the definition says of it."""
    concept = row.concept
    if isinstance(concept, FieldConcept | AttributeConcept):
        yield f"asked for {wording.facts(concept)}"
    elif row.nx_class:
        yield row.nx_class


def _stored(item: Item) -> Iterator[str]:
    """What the file says of it."""
    if item.kind == "field":
        yield f"stored as {form_text(item)}"
        stored = storage_text(item)
        if stored:
            yield stored
        if item.value:
            yield f"value {item.value} {item.units}".rstrip()
    elif item.kind == "broken":
        yield f"cannot be opened: {item.value}"
    link = item.link
    if link is not None and link.kind in ("soft", "external"):
        where = f"{link.file}:" if link.file else ""
        yield f"{link.kind} link to {where}{link.target}"
    if item.units:
        yield f"@units {item.units}"
    for name, value in item.attributes.items():
        yield f"@{name} {value}"


def _finding(one: Finding, *, with_attribute: bool) -> str:
    """A finding; in openPMD files nearly all are about attributes, which have to be named."""
    hint = f" ({one.hint})" if one.hint else ""
    _, at, attribute = one.path.partition("@") if with_attribute else ("", "", "")
    return f"{one.code} {at}{attribute}{' ' if at else ''}{one.message}{hint}"


def _documentation(row: FileRow, width: int) -> str:
    concept = row.concept
    if concept is None:
        return ""
    doc = doctext.plain(concept.doc[:MAX_DOC], width)
    anchor = concept.anchor.partition(" (")[0]
    return "".join(f"\n\n{part}" for part in (doc, anchor) if part)
