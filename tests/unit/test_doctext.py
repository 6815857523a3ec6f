"""NXDL documentation as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.nxdl.doctext import first_sentence, inline, plain
from nxtool.nxdl.textex import plain_formula

LEFTOVER = re.compile(r":[a-z]+:`|`|^\s*\.\. |_\[|\[[#\w]+\]_|\\[a-z]{2,}", re.MULTILINE)
FAULTY = {"NXapm_ranging", "NXlockin", "NXxrd_pan"}
"""Definitions of v2026.01 whose formulas are not marked up as such, or not closed."""


def every_doc() -> Iterator[tuple[str, str]]:
    for definition in Catalogue([official_folder()]):
        yield from ((definition.name, doc) for doc in docs_below(definition.body))
        yield from ((definition.name, doc) for doc in definition.symbols.values())


def docs_below(element: Any) -> Iterator[str]:
    yield element.doc
    if getattr(element, "dimensions", None) is not None:
        yield element.dimensions.doc
    for kind in ("attributes", "fields", "groups", "choices", "links"):
        for child in getattr(element, kind, ()):
            yield from docs_below(child)


def test_no_official_text_keeps_its_markup() -> None:
    docs = list(every_doc())
    assert len(docs) > 5000
    kept = {name for name, doc in docs if LEFTOVER.search(plain(doc))}
    assert kept <= FAULTY


def test_every_official_definition_has_a_first_sentence_in_one_line() -> None:
    catalogue = Catalogue([official_folder()])
    sentences = {definition.name: first_sentence(definition.doc) for definition in catalogue}
    assert [name for name, sentence in sentences.items() if "\n" in sentence] == []
    assert [name for name, sentence in sentences.items() if not sentence] == []


@given(st.text(alphabet="ab .:`*_-\n<>\\|[]#$(){}^1"))
def test_any_text_converts_without_an_error(doc: str) -> None:
    plain(doc)
    first_sentence(doc)


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("``signal``", "signal"),
        (":ref:`NXdata`", "NXdata"),
        (":ref:`the data </NXdata/signal-attribute>`", "the data"),
        (":ref:`/NXdata/signal-attribute`", "/NXdata/signal"),
        ("`NIAC <https://x.org>`_", "NIAC (https://x.org)"),
        ("*one* and **two**", "one and two"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("m\\ :sup:`2`", "m ²"),
        ("units [#]_", "units [#]"),
    ],
)
def test_inline_marks_are_taken_away(marked: str, text: str) -> None:
    assert inline(marked).replace("\\", "") == text


@pytest.mark.parametrize(
    ("doc", "text"),
    [
        ("One\ntwo.\n\nThree.", "One two.\n\nThree."),
        ("* one\n  more\n* two", "• one more\n• two"),
        ("Text::\n\n   code  here", "Text:\n\n  code  here"),
        (".. note:: Take\n   care.", "Note:\n\n  Take care."),
        (".. index:: plotting\n.. todo::\n   later\n\nText.", "Text."),
        (".. figure:: x.png\n   :width: 60%\n\n   What it shows.", "What it shows."),
        (".. code-block::\n\n   a: b", "  a: b"),
        (".. math:: \\lambda = 2", "  λ = 2"),
        (".. _target:\n\nText.", "Text."),
        ("==  ==\na   ``b``\n==  ==", "  ==  ==\n  a   b\n  ==  =="),
    ],
)
def test_blocks_are_laid_out(doc: str, text: str) -> None:
    assert plain(doc) == text


@pytest.mark.parametrize(
    ("doc", "sentence"),
    [
        ("A scan. More.", "A scan."),
        ("Tools, e.g. a slit, used. More", "Tools, e.g. a slit, used."),
        ("Version 1.1 of it", "Version 1.1 of it"),
        (".. index:: x\n\nThe text.", "The text."),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_where_it_should(doc: str, sentence: str) -> None:
    assert first_sentence(doc) == sentence


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{\sqrt{x}}{2}", "(√x)/2"),
        (r"10^{-3}\,\mathrm{m}", "10⁻³ m"),
        (r"x_i^2", "x_i²"),
        (r"90^\circ", "90°"),
        (r"\unknown{x}", "unknownx"),
    ],
)
def test_formulas_become_text(tex: str, text: str) -> None:
    assert plain_formula(tex) == text
