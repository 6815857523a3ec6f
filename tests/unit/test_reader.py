"""Tests of nxtool.nxdl.reader."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import SUFFIX, official_folder
from nxtool.nxdl.elements import GroupElement
from nxtool.nxdl.reader import MAX_BYTES, parse_definition, read_definition

HEAD = '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1"'
WHOLE = f'{HEAD} name="NXx" category="base" extends="NXobject" type="group">'
FILE = Path("NXx.nxdl.xml")


def parse(body: str, head: str = WHOLE):
    return parse_definition(f"{head}{body}</definition>".encode(), FILE)


def refused(xml: bytes) -> str:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(xml, FILE)
    return str(caught.value)


def refused_body(body: str, head: str = WHOLE) -> str:
    return refused(f"{head}{body}</definition>".encode())


def official() -> list[Path]:
    return sorted(official_folder().glob(f"*/*{SUFFIX}"))


def elements(group: GroupElement):
    yield group
    yield from (*group.fields, *group.attributes, *group.links, *group.choices)
    for inner in (*group.groups, *(g for choice in group.choices for g in choice.groups)):
        yield from elements(inner)


def test_there_are_280_official_definitions():
    assert len(official()) == 280


@pytest.mark.parametrize("path", official(), ids=lambda path: path.name.removesuffix(SUFFIX))
def test_every_official_definition_is_read_with_the_line_of_each_element(path):
    definition = read_definition(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert path.name == f"{definition.name}{SUFFIX}"
    assert all(1 < element.line <= len(lines) for element in elements(definition.body))


def test_every_element_knows_its_line():
    definition = parse('\n<field name="a"/>\n\n<group type="NXdata"/>')
    assert definition.body.fields[0].line == 2
    assert definition.body.groups[0].line == 4


def test_what_is_not_stated_is_none():
    field = parse('<field name="a"/>').body.fields[0]
    assert (field.type, field.units, field.enumeration, field.dimensions) == (None,) * 4
    assert field.occurrence.optional is None
    assert field.occurrence.min_occurs is None


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_booleans_are_read_by_their_word_not_their_truthiness(text, value):
    field = parse(f'<field name="a" optional="{text}"/>').body.fields[0]
    assert field.occurrence.optional is value


def test_unbounded_is_minus_one():
    group = parse('<group type="NXx" maxOccurs="unbounded"/>').body.groups[0]
    assert group.occurrence.max_occurs == -1


def test_a_group_without_a_name_takes_any_name_and_is_called_by_its_class():
    group = parse('<group type="NXfoo_bar"/>').body.groups[0]
    assert (group.name, group.name_type, group.label) == (None, "any", "FOO_BAR")


def test_dims_are_sorted_by_index():
    dims = (
        parse(
            '<field name="a"><dimensions rank="2"><dim index="2" value="m"/>'
            '<dim index="1" value="n" required="false"/></dimensions></field>'
        )
        .body.fields[0]
        .dimensions.dims
    )
    assert [(d.index, d.value, d.required) for d in dims] == [(1, "n", False), (2, "m", True)]


def test_docs_lose_the_indentation_of_the_xml():
    assert parse("<doc>\n    First\n      more\n    last\n  </doc>").doc == "First\n  more\nlast"


def test_comments_and_processing_instructions_are_skipped():
    assert parse("<!-- x --><?y z?><field name='a'/>").body.fields[0].name == "a"


def test_text_that_is_not_xml_is_refused_with_its_place():
    assert refused(b"<definition>\n<a>\n</definition>") == (
        "NXx.nxdl.xml:3:14: not well-formed XML: Opening and ending tag mismatch: a line 2 and "
        "definition, line 3, column 14 (open the file at this place)"
    )


def test_an_empty_file_is_refused():
    assert refused(b"").startswith("NXx.nxdl.xml:1:1: not well-formed XML: ")


def test_another_root_element_is_refused():
    assert refused(b"<html/>") == (
        "NXx.nxdl.xml: the root element is not an NXDL <definition> (NXDL files start with "
        '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" ...>)'
    )


def test_the_namespace_is_needed():
    assert "is not an NXDL <definition>" in refused(b'<definition name="NXx" category="base"/>')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<field name="a" optional="yes"/>', "optional='yes' (use true or false)"),
        ('<field name="a" minOccurs="-1"/>', "minOccurs='-1' (use a whole number or unbounded)"),
        ('<field name="a" nameType="some"/>', "nameType 'some' (use specified, any or partial)"),
        ("<field/>", "<field> has no name (add name=...)"),
        ('<group name="a"/>', "<group> has no type (add type=...)"),
        ('<link name="a"/>', "<link> has no target (add target=...)"),
        ('<choice><group type="NXa"/></choice>', "<choice> has no name (add name=...)"),
        ("<symbols><symbol/></symbols>", "<symbol> has no name (add name=...)"),
        (
            '<field name="a"><enumeration><item/></enumeration></field>',
            "<item> has no value (add value=...)",
        ),
        (
            '<field name="a"><dimensions><dim index="x"/></dimensions></field>',
            "index='x' (use a whole number or unbounded)",
        ),
    ],
)
def test_bad_attributes_are_refused_with_their_line(body, message):
    assert refused_body(f"\n\n{body}") == f"NXx.nxdl.xml:3:1: not NXDL: {message}"


def test_a_definition_needs_a_category_we_know():
    head = f'{HEAD} name="NXx" category="other">'
    assert refused_body("", head) == (
        "NXx.nxdl.xml:1:1: not NXDL: category 'other' (use base or application)"
    )


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXx" category="base">
<doc>&d;&d;&d;</doc></definition>"""


def test_an_entity_bomb_is_refused():
    assert refused(BOMB) == (
        "NXx.nxdl.xml: has a document type declaration, which may define entities "
        "(NXDL needs none; remove <!DOCTYPE ...>)"
    )


def test_an_external_entity_is_refused_and_not_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden", encoding="utf-8")
    xml = f'<!DOCTYPE d [<!ENTITY s SYSTEM "{secret.as_uri()}">]>{WHOLE}<doc>&s;</doc></definition>'
    assert "has a document type declaration" in refused(xml.encode())


def test_nothing_is_fetched(monkeypatch):
    def no_network(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "socket", no_network)
    xml = f'<!DOCTYPE d SYSTEM "http://example.org/d.dtd">{WHOLE}</definition>'
    assert "has a document type declaration" in refused(xml.encode())


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "NXx.nxdl.xml"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(DefinitionError) as caught:
        read_definition(path)
    assert str(caught.value) == f"{path}: larger than 16 MiB (this is no NXDL file)"


def test_a_missing_file_is_an_error_of_ours(tmp_path):
    with pytest.raises(DefinitionError) as caught:
        read_definition(tmp_path / "NXx.nxdl.xml")
    assert str(caught.value).endswith("No such file or directory (check the folder)")


def test_deep_nesting_is_refused():
    assert refused_body("<group type='NXa'>" * 10_000).startswith("NXx.nxdl.xml:1:")
