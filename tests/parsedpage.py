"""An HTML page as a parser sees it: whether what is opened is closed, what it loads, its text."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "input", "br"}
"""Tags without an end."""
INSIDE = ("#", "data:image/png;base64,")
"""How addresses begin that lead nowhere else."""


class ParsedPage(HTMLParser):
    """Tags that are open, cells of the table, attributes that load something, ids, and the places
    in the page that links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.loads: list[str] = []
        self.scripts = 0
        self.ids: list[str] = []
        self.ways: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("a", "code"):
            self.text += " "
        told = {name: value or "" for name, value in attrs}
        addresses = [value for name, value in told.items() if name in ("src", "href")]
        self.loads += [value for value in addresses if not value.startswith(INSIDE)]
        self.loads += [name for name in told if name.startswith("on") or name == "style"]
        self.ways += [value[1:] for value in addresses if value.startswith("#")]
        self.ids += [told["id"]] if "id" in told else []
        self.scripts += tag == "script"
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text += data
        if "td" in self.open:
            self.rows[-1][-1] += data
