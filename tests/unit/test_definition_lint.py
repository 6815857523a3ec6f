"""Judging definitions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from nxtool.errors import DefinitionError
from nxtool.lint.codes import CODES
from nxtool.lint.judge import Linter
from nxtool.nxdl.catalogue import official_folder

HEAD = (
    '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="NXmine" '
    'category="{0}" extends="{1}" type="group">\n<symbols><symbol name="n"><doc>n</doc></symbol>'
    "</symbols>\n<doc>x</doc>\n{2}\n</definition>"
)


@pytest.fixture(scope="module")
def linter() -> Linter:
    return Linter()


def judge(folder: Path, body: str, category: str = "base", extends: str = "NXobject") -> list[str]:
    path = folder / "NXmine.nxdl.xml"
    path.write_text(HEAD.format(category, extends, body))
    found = Linter().judge(path)
    return [f"{item.code} {item.mark.line if item.mark else 0} {item.path}: {item.message}"
            for item in found.items]  # fmt: skip


def field(inner: str = "", **attributes: str) -> str:
    text = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<field name="a" {text}>{inner}</field>'


def dims(*values: str, rank: str = "") -> str:
    inner = "".join(f"<dim {value}/>" for value in values)
    return (
        f'<dimensions rank="{rank}">{inner}</dimensions>'
        if rank
        else (f"<dimensions>{inner}</dimensions>")
    )


CASES = [
    (field(), []),
    (field(dims('index="1" value="n"', 'index="2" value="2n+1"', rank="2"), type="NX_INT"), []),
    (field(dims('index="1" value="m"')),
     ["S10 4 NXmine/a: symbol 'm' (dimension 1) is not declared"]),
    (field(dims(rank="anyRank")), ["S10 4 NXmine/a: symbol 'anyRank' (rank) is not declared"]),
    (field(dims(rank="same as data")),
     ["S10 4 NXmine/a: rank is 'same as data', neither a number nor symbols"]),
    (field(dims('index="1" value="n"', 'index="3" value="n"')),
     ["D03 4 NXmine/a: dimensions are counted 1, 3, not from 1 without gaps"]),
    (field(dims('index="1" value="n"', rank="2")), ["D01 4 NXmine/a: rank 2, but 1 dimensions"]),
    (field(dims('index="1" value="n" required="false"', 'index="2" value="n"')),
     ["D04 4 NXmine/a: an optional dimension stands before a required one"]),
    (field(units="NX_TIME"), ["U07 4 NXmine/a: is text (NX_CHAR), and has units NX_TIME"]),
    (field(type="NX_FLOAT", units="foozles"),
     ["U02 4 NXmine/a: 'foozles' is neither a category nor a unit: 'foozles' is not a unit"]),
    (field(type="NX_FLOAT", units="eV/mm"), []),
    (field(deprecated=" "), ["S01 4 NXmine: Element 'field', attribute 'deprecated': "
     "[facet 'pattern'] The value ' ' is not accepted by the pattern '.*(\\w+).*'."]),
    (field(minOccurs="1", optional="true"), ["S05 4 NXmine/a: minOccurs 1, and yet optional"]),
    (field('<enumeration><item value="[0, 1"/><item value="[0, 1]"/></enumeration>'),
     ["S13 4 NXmine/a: item '[0, 1' looks like a list, but is none"]),
    (field(nameType="partial"),
     ["S03 4 NXmine/a: nameType partial, but nothing in the name is in upper case"]),
    (f"{field()}\n{field()}", ["S03 5 NXmine/a: stands already in line 4"]),
    ('<group type="NXnothing"/>', ["G02 4 NXmine/NOTHING: NXnothing is not a known class"]),
    ('<link name="a" target="/NXentry/NXnothing/b"/>',
     ["S09 4 NXmine/a: target leads through NXnothing, not a known class"]),
    ('<link name="a" target="/NXentry/NXinstrument/detector:NXdetector/data"/>', []),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), CASES)
def test_a_fault_is_named_with_its_line(body: str, told: list[str], tmp_path: Path) -> None:
    assert judge(tmp_path, body) == told


def test_the_xml_schema_is_asked(tmp_path: Path) -> None:
    (message,) = judge(tmp_path, '<field name="a" colour="red"/>')
    assert message == (
        "S01 4 NXmine: Element 'field', attribute 'colour': The attribute 'colour' is not allowed."
    )


def test_a_choice_of_one_is_none(tmp_path: Path) -> None:
    found = judge(tmp_path, '<choice name="a"><group type="NXlog"/></choice>')
    assert "S08 4 NXmine/a: leaves 1 group to choose from" in found


def test_an_unknown_type_is_named(tmp_path: Path) -> None:
    assert "S06 4 NXmine/a: 'NX_FLOTE' is no type" in judge(tmp_path, field(type="NX_FLOTE"))


def test_an_unknown_parent_is_named(tmp_path: Path) -> None:
    found = judge(tmp_path, field(), extends="NXnothing")
    path = tmp_path / "NXmine.nxdl.xml"
    message = f"{path}: extends 'NXnothing': unknown definition 'NXnothing'"
    assert found == [f"S02 3 NXmine: {message}"] or found == [f"S02 1 NXmine: {message}"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('<field name="distance" type="NX_CHAR"/>',
         "type NX_CHAR contradicts NX_FLOAT in NXdetector"),
        ('<field name="distance" units="NX_TIME"/>',
         "units NX_TIME contradict NX_LENGTH in NXdetector"),
        ('<field name="layout"><enumeration><item value="ring"/></enumeration></field>',
         "items 'ring' are not in the closed list in NXdetector"),
        ('<field name="distance" units="NX_WAVELENGTH"/>', ""),
        ('<field name="polar_angle" type="NX_FLOAT"/>', ""),
    ],
)  # fmt: skip
def test_a_contradiction_to_the_base_class_is_named(body: str, told: str, tmp_path: Path) -> None:
    groups = (
        '<group type="NXentry"><group type="NXinstrument"><group type="NXdetector">'
        f"{body}</group></group></group>"
    )
    found = [text for text in judge(tmp_path, groups, "application") if text.startswith("S04")]
    assert [text.partition(": ")[2] for text in found] == ([told] if told else [])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", ["so no file can name NXmine"]),
        ('<field name="definition"><enumeration><item value="NXmine"/></enumeration></field>', []),
    ],
)
def test_a_definition_that_no_file_can_name_is_told(
    body: str, told: list[str], tmp_path: Path
) -> None:
    entry = f'<group type="NXentry">{body}</group>'
    found = judge(tmp_path, entry, "application", extends="NXtomo")
    assert [text.rpartition(", ")[2] for text in found] == told


def test_a_file_called_otherwise_is_named(tmp_path: Path, linter: Linter) -> None:
    path = tmp_path / "NXother.nxdl.xml"
    path.write_text(HEAD.format("base", "NXobject", ""))
    (item,) = linter.judge(path).items
    assert item.message == "defines NXmine, but the file is called NXother.nxdl.xml"


def test_xml_with_entities_is_refused_not_expanded(tmp_path: Path, linter: Linter) -> None:
    path = tmp_path / "NXmine.nxdl.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD.format("base", "NXobject", "&a;"))
    (item,) = linter.judge(path).items
    assert item.code == "S01"


def test_another_kind_of_file_cannot_be_judged(tmp_path: Path, linter: Linter) -> None:
    with pytest.raises(DefinitionError):
        linter.judge(tmp_path / "scan.nxs")


@pytest.mark.slow
def test_the_official_definitions_have_the_faults_we_know(linter: Linter) -> None:
    paths = sorted(official_folder().glob("*/*.nxdl.xml"))
    found = [item for path in paths for item in linter.judge(path).items]
    counts = Counter(item.code for item in found)
    assert set(counts) <= set(CODES)
    assert [(item.code, item.path) for item in found if item.severity == "error"] == [
        ("D03", "NXdetector_channel/pixel_mask"),
    ]
    if len(paths) == 280:
        assert counts == {"S04": 64, "S10": 192, "U07": 10, "D03": 1}
