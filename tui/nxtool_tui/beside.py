"""What stands beside the outline in place of the editor: sources, filters, a plot of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen

from nxtool.authoring.offers import SourceOffers, add_source, map_all, offers_of
from nxtool.authoring.preview import SourceValues
from nxtool.authoring.storing import use_filter, use_profile
from nxtool.errors import FileUnreadable, NxtoolError
from nxtool.plotting.plottable import ArrayPlot, Label
from nxtool_tui.editor import Editor
from nxtool_tui.outline import OutlineView
from nxtool_tui.pathinput import typed_path
from nxtool_tui.plotscreen import PlotScreen
from nxtool_tui.sources import OfferList, SourcesPane
from nxtool_tui.storage import StoragePane

if TYPE_CHECKING:
    from collections.abc import Callable

    from nxtool.authoring.document import Change
    from nxtool.authoring.rows import Row
    from nxtool.authoring.session import Session
    from nxtool.recipe.model import Draft


class BesideScreen(Screen[None]):
    """A screen with the outline of a recipe, and panes beside it. Those who extend it make them,
    and say how an edit is made and shown."""

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.session = session
        self.tops: list[Row] = []
        self._offers: list[SourceOffers] | None = None

    @property
    def outline(self) -> OutlineView:
        """The rows of the recipe."""
        return self.query_one(OutlineView)

    @property
    def editor(self) -> Editor:
        """The editor of the row under the cursor."""
        return self.query_one(Editor)

    def try_edit(self, edit: Callable[[], Change | None]) -> None:
        """Make an edit, show what it did, or say why it cannot be made."""
        raise NotImplementedError

    def show_current(self) -> None:
        """Show the row under the cursor in the editor."""
        raise NotImplementedError

    # sources

    def action_sources(self) -> None:
        """Show what the sources offer, in place of the editor."""
        self.show_editor()
        self.editor.display = False
        pane = self.query_one(SourcesPane)
        pane.add_class("open")
        pane.show(self.outline.current, self._offers, self._used())
        pane.offers.focus()
        if self._offers is None:
            self._open_sources()

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _open_sources(self) -> None:
        found = offers_of(self.session.document.draft)
        self.app.call_from_thread(self._sources_opened, found)

    def _sources_opened(self, found: list[SourceOffers]) -> None:
        self._offers = found
        self.query_one(SourcesPane).show(self.outline.current, found, self._used())

    def _used(self) -> set[str]:
        """What other rows take from sources already."""
        rows = (row for top in self.tops for row in top.walk() if row is not self.outline.current)
        return {row.value for row in rows if row.origin == "source"}

    def on_sources_pane_left(self) -> None:
        self.show_editor()

    def show_editor(self) -> None:
        """The editor again, where sources or filters were."""
        for pane in (SourcesPane, StoragePane):
            self.query_one(pane).remove_class("open")
        self.editor.display = True
        self.outline.focus()
        self.show_current()

    def on_sources_pane_attach(self, event: SourcesPane.Attach) -> None:
        row = self.outline.current
        if row is None or row.kind != "field":
            self.notify("choose a field first", severity="warning")
            return
        self.try_edit(lambda: self.session.put_yaml(row, event.offer.yaml))
        self.show_editor()

    def on_sources_pane_map_all(self) -> None:
        offers = [offer for one in self._offers or () for offer in one.offers]
        edit, count = map_all(self.session, self.tops, offers)
        self.notify(f"{count} of equal names were mapped", markup=False)
        self.try_edit(lambda: self.session.apply(edit, f"{count} mapped"))
        self.show_editor()

    def on_sources_pane_add(self, event: SourcesPane.Add) -> None:
        try:
            name, edit = add_source(self.session, typed_path(event.path))
        except FileUnreadable as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self._offers = None
        self.try_edit(lambda: self.session.apply(edit, f"source {name}"))
        self.action_sources()

    def on_offer_list_dropped(self, event: OfferList.Dropped) -> None:
        widget, _ = self.get_widget_at(event.x, event.y)
        if widget is not self.outline or event.offer.info is None:
            return
        index = event.y - self.outline.region.y + self.outline.scroll_offset.y
        if index < self.outline.row_count:
            self.outline.move_to(index)
            self.on_sources_pane_attach(SourcesPane.Attach(event.offer))

    # storage

    def action_storage(self) -> None:
        """Try filters on the data of the row, in place of the editor."""
        row = self.outline.current
        if row is None or row.origin != "source":
            self.notify("filters are for data of a source", severity="warning")
            return
        self.show_editor()
        self.editor.display = False
        pane = self.query_one(StoragePane)
        pane.add_class("open")
        pane.filters.focus()
        pane.begin(self.session.document.draft, row)

    def on_storage_pane_left(self) -> None:
        self.show_editor()

    def on_storage_pane_use(self, event: StoragePane.Use) -> None:
        row = self.outline.current
        if row is not None:
            edit = use_profile(event.word) if event.is_profile else use_filter(row, event.word)
            self.try_edit(lambda: self.session.apply(edit, f"stored by {event.word}"))
        self.show_editor()

    # plot

    def action_plot(self) -> None:
        """Draw the data of the row."""
        row = self.outline.current
        if row is None or row.origin != "source":
            self.notify("only data of a source can be drawn here", severity="warning")
            return
        self._prepare_plot(self.session.document.draft, row)

    @work(thread=True, exclusive=True, group="hdf5", exit_on_error=False)
    def _prepare_plot(self, draft: Draft, row: Row) -> None:
        try:
            values = SourceValues(draft, row)
        except NxtoolError as error:
            self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
            return
        if values.info.dtype.kind not in "biufc":
            told = f"{row.path} is text: nothing to draw"
            self.app.call_from_thread(self.notify, told, severity="warning", markup=False)
            return
        label = Label(row.label, values.info.units or "")
        axes = tuple(Label(f"index {number}") for number in range(len(values.shape)))
        plot = ArrayPlot(row.path, label, axes, values, place=row.value)
        self.app.call_from_thread(self.app.push_screen, PlotScreen(plot))
