"""Finding definitions by words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.nxdl.elements import Definition
from nxtool.nxdl.search import SYNONYMS, is_one_typo, search


@pytest.fixture(scope="module")
def definitions() -> list[Definition]:
    return list(Catalogue([official_folder()]))


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("xas", ["NXxas"]),
        ("absorption spectroscopy", ["NXxas"]),
        ("tomo", ["NXtomo"]),
        ("NX_tomo", ["NXtomo"]),
        ("mx", ["NXmx"]),
        ("NXDETECTOR", ["NXdetector"]),
        ("small angle", ["NXcanSAS", "NXsas"]),
        ("fluo", ["NXfluo"]),
    ],
)
def test_the_definition_meant_comes_first(
    definitions: list[Definition], query: str, first: list[str]
) -> None:
    assert [d.name for d in search(definitions, query)][: len(first)] == first


@pytest.mark.parametrize(
    ("query", "name"),
    [("photoemision", "NXmpes"), ("tomo", "NXtomoproc"), ("tomo", "NXtomophase")],
)
def test_near_ones_are_among_the_first(
    definitions: list[Definition], query: str, name: str
) -> None:
    assert name in [d.name for d in search(definitions, query)][:4]


def test_every_word_must_be_found(definitions: list[Definition]) -> None:
    assert search(definitions, "tomography zebra") == []


def test_no_word_finds_all(definitions: list[Definition]) -> None:
    assert len(search(definitions, "")) == len(definitions)


def test_synonyms_are_of_definitions_that_exist(definitions: list[Definition]) -> None:
    assert set(SYNONYMS) <= {definition.name for definition in definitions}


WORDS = st.text("abc", min_size=1, max_size=6)


@given(word=WORDS, at=st.integers(0, 5), letter=st.sampled_from("abcd"))
def test_one_edit_is_one_typo(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 1)
    for other in (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ):
        assert is_one_typo(word, other) == (word != other)
        assert is_one_typo(other, word) == (word != other)


@given(WORDS, WORDS)
def test_a_typo_is_one_in_both_directions(word: str, other: str) -> None:
    assert is_one_typo(word, other) == is_one_typo(other, word)
