"""What the application draws with: two themes, and the glyphs of states.

A state is told by its glyph; colour repeats it. The colours of `ok`, `missing` and `error` differ
for people with any of the three colour blindnesses too, and every colour of a text has a contrast
of at least 4.5 on every background it may stand on (WCAG 2.1, 1.4.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme, as `#RRGGBB`: texts by what they tell, and what they stand on.

    `cursor` is behind the row that is chosen; `dim` is for what is optional, and for labels.
    """

    text: str
    dim: str
    ok: str
    missing: str
    error: str
    background: str
    surface: str
    panel: str
    cursor: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All colours of texts."""
        return (self.text, self.dim, self.ok, self.missing, self.error)

    @property
    def grounds(self) -> tuple[str, ...]:
        """All colours that texts stand on."""
        return (self.background, self.surface, self.panel, self.cursor)


DARK_PALETTE: Final = Palette(
    text="#E8E8E8",
    dim="#A6A6A6",
    ok="#56B4E9",
    missing="#F0C000",
    error="#FF7A5C",
    background="#161616",
    surface="#1C1C1C",
    panel="#262626",
    cursor="#26384A",
)
LIGHT_PALETTE: Final = Palette(
    text="#1A1A1A",
    dim="#575757",
    ok="#005A9C",
    missing="#805300",
    error="#A3003F",
    background="#FAFAFA",
    surface="#FFFFFF",
    panel="#EDEDED",
    cursor="#D5E6F5",
)


def _theme(name: str, colours: Palette, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=colours.ok,
        accent=colours.ok,
        success=colours.ok,
        warning=colours.missing,
        error=colours.error,
        foreground=colours.text,
        background=colours.background,
        surface=colours.surface,
        panel=colours.panel,
        dark=dark,
        variables={
            "text-muted": colours.dim,
            "text-disabled": colours.dim,
            "foreground-muted": colours.dim,
            "text-success": colours.ok,
            "text-warning": colours.missing,
            "text-error": colours.error,
            "text-accent": colours.ok,
            "text-primary": colours.ok,
            "block-cursor-foreground": colours.text,
            "block-cursor-background": colours.cursor,
            "block-cursor-blurred-foreground": colours.text,
            "block-cursor-blurred-background": colours.panel,
            "footer-key-foreground": colours.ok,
            "footer-description-foreground": colours.text,
            "border": colours.ok,
            "border-blurred": colours.dim,
        },
    )


DARK: Final = _theme("nxtool-dark", DARK_PALETTE, dark=True)
LIGHT: Final = _theme("nxtool-light", LIGHT_PALETTE, dark=False)
THEMES: Final = (DARK, LIGHT)
"""Themes to register; `$success`, `$warning`, `$error` and `$text-muted` are the states ok,
missing, error and optional, in these as in any other theme."""


def install(app: App[Any]) -> None:
    """Let `app` know our themes, and show the dark one."""
    for theme in THEMES:
        app.register_theme(theme)
    app.theme = DARK.name


_VARIABLES: Final = {
    "ok": "success", "source": "success", "missing": "warning", "error": "error",
    "dim": "text-muted",
}  # fmt: skip


def colour(app: App[Any], state: str) -> str:
    """The colour of a state in the theme of `app`; empty for no state, and where colours are not
    wanted."""
    if not state or app.no_color:
        return ""
    return str(app.theme_variables.get(_VARIABLES[state], ""))


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters that are drawn, each of one cell.

    `ok` to `warning` are states: filled in and right; wrong; required, recommended and optional
    but empty; taken from a source; with a warning. `opened` and `closed` stand before rows with
    children. A progress bar is `full` cells, one of `parts` (lowest first) and blanks between
    `bar_left` and `bar_right`.
    """

    ok: str
    error: str
    missing: str
    recommended: str
    optional: str
    source: str
    warning: str
    opened: str
    closed: str
    separator: str
    ellipsis: str
    full: str
    parts: str
    bar_left: str
    bar_right: str


UNICODE: Final = Glyphs(
    ok="✓",
    error="✗",
    missing="●",
    recommended="○",
    optional="·",
    source="⇠",
    warning="!",
    opened="▾",
    closed="▸",
    separator="│",
    ellipsis="…",
    full="█",
    parts="▏▎▍▌▋▊▉",
    bar_left="▕",
    bar_right="▏",
)
ASCII: Final = Glyphs(
    ok="+",
    error="x",
    missing="*",
    recommended="o",
    optional=".",
    source="<",
    warning="!",
    opened="v",
    closed=">",
    separator="|",
    ellipsis="~",
    full="#",
    parts="-=",
    bar_left="[",
    bar_right="]",
)


def glyphs(*, ascii_only: bool) -> Glyphs:
    """The set to draw with."""
    return ASCII if ascii_only else UNICODE


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """A progress bar of `width` cells, of which `share` (0 to 1) is filled.

    >>> bar(0.5, 8, ASCII)
    '[###   ]'
    """
    inner = max(0, width - 2)
    steps = len(glyphs.parts) + 1
    full, part = divmod(round(min(max(share, 0.0), 1.0) * inner * steps), steps)
    filled = glyphs.full * full + (glyphs.parts[part - 1] if part else "")
    return f"{glyphs.bar_left}{filled:<{inner}}{glyphs.bar_right}"
