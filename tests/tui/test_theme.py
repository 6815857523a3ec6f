"""The themes are readable, for people who see fewer colours too, and glyphs have one cell."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.color import Color

from nxtool_tui.theme import (
    ASCII,
    DARK,
    DARK_PALETTE,
    LIGHT,
    LIGHT_PALETTE,
    THEMES,
    UNICODE,
    Glyphs,
    Palette,
    bar,
    glyphs,
    install,
)
from tests.tui.frames import drive

MIN_CONTRAST: Final = 4.5
MIN_DISTANCE: Final = 20
# Machado, Oliveira and Fernandes 2009, severity 1, on linear sRGB
BLINDNESS: Final = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ: Final = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
PALETTES: Final = {"dark": DARK_PALETTE, "light": LIGHT_PALETTE}


def linear(colour: str) -> np.ndarray:
    """The light of `#RRGGBB` (IEC 61966-2-1)."""
    coded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.1."""
    low, high = sorted(float(linear(colour) @ XYZ[1]) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear sRGB."""
    relative = XYZ @ np.clip(light, 0, 1) / XYZ.sum(axis=1)
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, blindness: str) -> float:
    """How far apart two colours are seen (CIE 1976)."""
    seen = [lab(np.array(BLINDNESS[blindness]) @ linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_every_text_can_be_read_on_every_background(palette: Palette):
    ratios = {(t, g): contrast(t, g) for t in palette.texts for g in palette.grounds}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < MIN_CONTRAST} == {}


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
def test_states_differ_for_colour_blind_people(palette: Palette, blindness: str):
    pairs = itertools.combinations((palette.ok, palette.missing, palette.error), 2)
    near = {pair: distance(*pair, blindness) for pair in pairs}
    assert {pair: d for pair, d in near.items() if d < MIN_DISTANCE} == {}


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_textual_gives_texts_the_colours_of_the_palette():
    async def steps(pilot):
        install(pilot.app)
        assert pilot.app.theme == DARK.name
        for theme, palette in zip(THEMES, PALETTES.values(), strict=True):
            pilot.app.theme = theme.name
            await pilot.pause()
            seen = pilot.app.theme_variables
            found = [
                seen[name] for name in ("success", "warning", "error", "text-muted", "surface")
            ]
            wanted = [palette.ok, palette.missing, palette.error, palette.dim, palette.surface]
            for colour, other in zip(found, wanted, strict=True):
                steps_apart = zip(Color.parse(colour).rgb, Color.parse(other).rgb, strict=True)
                assert max(abs(a - b) for a, b in steps_apart) <= 2  # it computes by HSL

    drive(App(), steps)


def test_one_theme_is_dark_and_one_is_light():
    assert (DARK.dark, LIGHT.dark) == (True, False)


@pytest.mark.parametrize("chosen", [UNICODE, ASCII])
def test_glyphs_have_one_cell_and_states_differ(chosen: Glyphs):
    values = {item.name: getattr(chosen, item.name) for item in fields(chosen)}
    parts = values.pop("parts")
    assert {name: v for name, v in values.items() if cell_len(v) != 1} == {}
    assert cell_len(parts) == len(parts)
    states = [values[item.name] for item in fields(chosen)[:7]]
    assert len(set(states)) == 7


def test_ascii_glyphs_are_ascii():
    assert all(getattr(ASCII, item.name).isascii() for item in fields(ASCII))
    assert (glyphs(ascii_only=True), glyphs(ascii_only=False)) == (ASCII, UNICODE)


@given(st.floats(-1, 2), st.integers(2, 60), st.sampled_from([UNICODE, ASCII]))
def test_a_bar_has_the_width_asked_for(share: float, width: int, chosen: Glyphs):
    drawn = bar(share, width, chosen)
    assert cell_len(drawn) == width
    assert (drawn[1:-1] == chosen.full * (width - 2)) or share < 1


def test_bars_grow_by_parts_of_a_cell():
    assert [bar(share, 4, UNICODE) for share in (0, 0.0625, 0.5, 1)] == [
        "▕  ▏",
        "▕▏ ▏",
        "▕█ ▏",
        "▕██▏",
    ]
