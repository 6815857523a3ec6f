"""The sources of a recipe beside its outline: what they offer, and what of it fits a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from nxtool.authoring.offers import Offer, SourceOffers, best_offers
from nxtool.report.printable import printable
from nxtool_tui.fitting import at_the_end, end_of, shortened
from nxtool_tui.rowlist import RowList
from nxtool_tui.theme import glyphs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual import events
    from textual.app import ComposeResult

    from nxtool.authoring.rows import Row

KEYS: Final = "enter attach  m map equal names  a add file  escape back"


class OfferList(RowList):
    """The best offers for a row, then all by source. Rows can be dragged."""

    class Dropped(Message):
        """An offer was dragged to a place of the screen."""

        def __init__(self, offer: Offer, x: int, y: int) -> None:
            super().__init__()
            self.offer, self.x, self.y = offer, x, y

    ALLOW_SELECT = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lines: list[str | Offer] = []
        self._dragged: Offer | None = None

    def show(
        self, row: Row | None, found: Sequence[SourceOffers], used: Collection[str] = ()
    ) -> None:
        """Show what fits `row`, then all; `used` are the references that other rows have."""
        offers = [offer for one in found for offer in one.offers]
        best = best_offers(row, offers, used) if row is not None else []
        self._lines = [*([f"best for {row.label}"] if best and row else []), *best]
        for one in found:
            files = f", {one.files} files" if one.files > 1 else ""
            about = one.problem or f"{one.path} ({one.format}{files})"
            self._lines += [f"{one.name}: {about}" if one.name else about, *one.offers]
            if one.is_cut:
                self._lines.append("… and more, not listed")
        if not found:
            self._lines = ["no sources yet: press a to add a file"]
        self.cursor = next((i for i, line in enumerate(self._lines) if isinstance(line, Offer)), 0)
        self.rows_changed()
        self.post_message(self.Moved(self))

    @property
    def current(self) -> Offer | None:
        """The offer under the cursor."""
        line = self._lines[self.cursor] if self.cursor < len(self._lines) else None
        return line if isinstance(line, Offer) else None

    @property
    def heading(self) -> str:
        """The heading under the cursor in full: why a source cannot be read stands at its end."""
        line = self._lines[self.cursor] if self.cursor < len(self._lines) else None
        return line if isinstance(line, str) else ""

    @property
    def row_count(self) -> int:
        return len(self._lines)

    def row_text(self, index: int, width: int) -> Text:
        line = self._lines[index]
        drawn = glyphs(ascii_only=bool(getattr(self.app, "ascii_only", False)))
        if isinstance(line, str):
            return Text(shortened(printable(line), width, drawn.ellipsis), "bold", no_wrap=True)
        about = printable(_about(line))
        room = max(4, width - cell_len(about) - 4)
        name = end_of(printable(line.selector or line.source), room, drawn.ellipsis)
        text = Text(f"  {name}", no_wrap=True)
        return text.append(at_the_end(about, max(cell_len(about) + 1, width - text.cell_len - 1)))

    # dragging: Textual has none of its own

    def on_mouse_down(self, event: events.MouseDown) -> None:
        index = event.y + self.scroll_offset.y
        line = self._lines[index] if index < len(self._lines) else None
        if isinstance(line, Offer):
            self._dragged = line
            self.move_to(index)
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()
        offer, self._dragged = self._dragged, None
        if offer is not None and not self.region.contains(event.screen_x, event.screen_y):
            self.post_message(self.Dropped(offer, event.screen_x, event.screen_y))


class SourcesPane(Vertical):
    """What stands in place of the editor while sources are looked at."""

    DEFAULT_CSS = """
    SourcesPane { padding: 0 1; border-left: solid $text-muted; width: 1fr; display: none; }
    SourcesPane.open { display: block; }
    SourcesPane > #target { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    SourcesPane > #adding { height: 1; border: none; padding: 0; background: $panel; }
    SourcesPane > #adding { display: none; }
    SourcesPane > #adding.open { display: block; }
    SourcesPane > #details { height: 6; color: $text-muted; }
    """
    BINDINGS = [  # noqa: RUF012 - as Textual has it
        Binding("m", "map_all", "map equal names"),
        Binding("a", "add", "add a file"),
        Binding("escape", "leave", "back"),
    ]

    class Attach(Message):
        """An offer was chosen for the row."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    class MapAll(Message):
        """All fields shall get the array of the same name."""

    class Add(Message):
        """A file shall be a source."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    class Left(Message):
        """The sources were left."""

    def compose(self) -> ComposeResult:
        yield Static(id="target", markup=False)
        yield OfferList(id="offers")
        yield Input(id="adding", placeholder="a file, or a pattern like frames_*.tif")
        yield Static(id="details", markup=False)

    @property
    def offers(self) -> OfferList:
        return self.query_one(OfferList)

    def show(
        self, row: Row | None, found: Sequence[SourceOffers] | None, used: Collection[str] = ()
    ) -> None:
        """Show offers for a row; `found` is None while files are being opened."""
        name = row.path if row is not None and row.kind == "field" else "nothing chosen"
        self.query_one("#target", Static).update(Text(f"for {name}", no_wrap=True))
        if found is None:
            self.query_one("#details", Static).update("opening the sources …")
        else:
            field = row if row is not None and row.kind == "field" else None
            self.offers.show(field, found, used)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        event.stop()
        offer = self.offers.current
        told = _details(offer) if offer is not None else self.offers.heading
        self.query_one("#details", Static).update("\n".join(map(printable, told.splitlines())))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        offer = self.offers.current
        if offer is not None and offer.info is not None:
            self.post_message(self.Attach(offer))

    def action_map_all(self) -> None:
        self.post_message(self.MapAll())

    def action_leave(self) -> None:
        line = self.query_one("#adding", Input)
        if line.has_class("open"):
            line.remove_class("open")
            self.offers.focus()
        else:
            self.post_message(self.Left())

    def action_add(self) -> None:
        line = self.query_one("#adding", Input)
        line.value = ""
        line.add_class("open")
        line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.remove_class("open")
        self.offers.focus()
        if event.value.strip():
            self.post_message(self.Add(event.value.strip()))


def _about(offer: Offer) -> str:
    """Shape, type and unit in a word each."""
    if offer.info is None:
        return offer.problem[:30]
    shape = "×".join(map(str, offer.info.shape)) if offer.info.shape else ""
    dtype = "text" if offer.info.dtype.kind in "OSU" else offer.info.dtype.name
    return " ".join(part for part in (shape, dtype, offer.info.units or "") if part)


def _details(offer: Offer) -> str:
    if offer.info is None:
        return f"{offer.reference}\n{offer.problem}"
    chunks = f", chunks {offer.info.chunks}" if offer.info.chunks else ""
    lines = [offer.reference, f"shape {offer.info.shape}, {offer.info.dtype}{chunks}"]
    if offer.info.units:
        lines.append(f"units {offer.info.units}")
    lines += [f"@{name} {str(value)[:60]}" for name, value in offer.info.attributes.items()][:3]
    return "\n".join(lines)
