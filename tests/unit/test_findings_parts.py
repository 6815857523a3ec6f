"""What can be read off a finding."""

from __future__ import annotations

import pytest

from nxtool.config import schema_for
from nxtool.findings import Anchor, Finding, Findings


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("NXsas/ENTRY (NXsas.nxdl.xml:5)", Anchor("NXsas", "/ENTRY", "NXsas.nxdl.xml", 5)),
        ("NXdata@signal (a b (1).xml:77)", Anchor("NXdata", "@signal", "a b (1).xml", 77)),
        ("NXsas (NXsas.nxdl.xml:1)", Anchor("NXsas", "", "NXsas.nxdl.xml", 1)),
        ("", None),
        ("NXsas/ENTRY", None),
    ],
)
def test_an_anchor_has_parts(text: str, anchor: Anchor | None) -> None:
    assert Anchor.of(text) == anchor


def test_anchors_of_real_concepts_have_parts() -> None:
    entry = schema_for([]).application("NXsas")
    concepts = [entry, *entry.fields.values(), *entry.attributes.values(), *entry.groups]
    anchors = [Anchor.of(concept.anchor) for concept in concepts]
    assert len(anchors) > 5
    assert None not in anchors


def test_a_message_that_speaks_of_waiving_waives_nothing() -> None:
    item = Finding("O01", "info", "/", "'a' is missing (waived: by its own word)")
    assert Findings("a.nxs", [item]).waived == 0


def test_waived_findings_are_counted() -> None:
    items = [Finding("O01", "info", "/", "x is missing", waived=why) for why in ("", "lost")]
    assert Findings("a.nxs", items).waived == 1
