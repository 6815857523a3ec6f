"""What the export screen says of a preview as a whole, and of one of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from nxtool.report.printable import printable
from nxtool.report.tallytext import WORDS, numbers_text
from nxtool.report.units import bytes_text
from nxtool_tui.exportlist import sign_of
from nxtool_tui.theme import colour, glyphs

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from nxtool.viewing.exporting import Prepared
    from nxtool.viewing.exportrows import ExportRow


def top_text(app: App[Any], name: str, found: Prepared | None, *, is_read: bool) -> Text:
    """The file, and whether a catalogue would take what it says."""
    text = Text(" export  ", no_wrap=True).append(printable(name), "bold")
    if found is None:
        return text.append("" if is_read else "  reading")
    taken = found.preview.is_taken
    drawn = glyphs(ascii_only=bool(getattr(app, "ascii_only", False)))
    sign, tint = (drawn.ok, "ok") if taken else (drawn.error, "error")
    return text.append(f"  {sign} {verdict(found)}", colour(app, tint))


def verdict(found: Prepared) -> str:
    """Whether it would be taken, and how much there is to look at."""
    notes = [note.severity for look in found.preview.looks for note in look.notes]
    counted = numbers_text((notes.count(severity), word) for severity, word in WORDS.items())
    missing = len(found.preview.missing)
    words = [f"{missing} missing"] if missing else []
    words += [counted] if counted else []
    if found.preview.is_taken:
        return ", ".join(["nothing is refused", *words])
    return ", ".join(words)


def row_text(app: App[Any], row: ExportRow | None) -> Text:
    """A row in full: name and value, where it comes from, what there is to say."""
    if row is None or not row.state:
        return Text(printable(row.name) if row is not None else "")
    drawn = glyphs(ascii_only=bool(getattr(app, "ascii_only", False)))
    name = f"{row.code} {row.name}".strip()
    text = Text(f"{sign_of(row.state, drawn)} ").append(printable(name), "bold")
    if row.text and row.text != row.about:
        text.append(f"  {printable(row.text)}")
    if row.path:
        text.append(f"\n{printable(row.path)}", colour(app, "dim"))
    return text.append(f"\n{printable(row.about)}" if row.about else "")


def choice_text(label: str, shown: str, about: str) -> Text:
    """A choice, what it is, and what that means."""
    text = Text(f"{label}  ").append(printable(shown), "bold")
    return text.append(f"\n{printable(about)}")


def document_text(document: str, target: Path) -> Text:
    """The size of a document, and where it would be written."""
    if not document:
        return Text("there is no document while something is missing")
    size = bytes_text(len(document.encode("utf-8", "replace")))
    return Text(f"{printable(target.name)}, {size}, as it would be written")
