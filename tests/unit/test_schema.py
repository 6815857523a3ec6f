"""Tests of nxtool.schema: concepts compiled from small definitions and from the official ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from nxtool.errors import DefinitionError
from nxtool.nxdl.catalogue import Catalogue, default_catalogue, official_folder
from nxtool.nxdl.reader import parse_definition
from nxtool.schema import concepts
from nxtool.schema.compile import Schema, default_schema
from nxtool.schema.concepts import ChoiceConcept, GroupConcept

ATTRIBUTES = 'xmlns="http://definition.nexusformat.org/nxdl/3.1" type="group"'


class Texts(Catalogue):
    """A catalogue of definitions given as XML."""

    def __init__(self, **bodies: str) -> None:
        super().__init__([])
        for name, body in bodies.items():
            self._read[name] = parse_definition(body.encode(), Path(f"{name}.nxdl.xml"))

    @property
    def files(self):
        return {name: Path(f"{name}.nxdl.xml") for name in self._read}


def nxdl(name: str, body: str = "", extends: str | None = "NXobject", category="base") -> str:
    parent = f'extends="{extends}"' if extends else ""
    head = f'<definition {ATTRIBUTES} name="{name}" category="{category}" {parent}>'
    return f"{head}{body}</definition>"


def base(body: str, **more: str) -> Schema:
    """A schema with the class NXa, whose body this is, NXobject, and more."""
    return Schema(Texts(NXobject=nxdl("NXobject", extends=None), NXa=nxdl("NXa", body), **more))


def application(body: str, **more: str) -> GroupConcept:
    """The entry of an application NXapp that has this body."""
    whole = nxdl("NXapp", f'<group type="NXentry">{body}</group>', category="application")
    entry = nxdl("NXentry", '<group type="NXa"/>')
    schema = base("", NXapp=whole, NXentry=entry)
    for name, text in more.items():
        schema.catalogue._read[name] = parse_definition(text.encode(), Path(f"{name}.nxdl.xml"))
    return schema.application("NXapp")


@pytest.fixture(scope="module")
def official() -> Schema:
    return Schema(Catalogue([official_folder()]))


def only(found) -> GroupConcept:
    assert isinstance(found, tuple)
    assert len(found) == 1
    return found[0]


# inheritance


def test_the_chain_goes_from_the_class_to_nxobject(official):
    names = [definition.name for definition in official.chain("NXcanSAS")]
    assert names == ["NXcanSAS", "NXobject"]
    assert [d.name for d in official.chain("NXroot")] == ["NXroot"]


def test_a_circle_of_definitions_is_refused_with_the_circle():
    schema = Schema(Texts(NXa=nxdl("NXa", extends="NXb"), NXb=nxdl("NXb", extends="NXa")))
    with pytest.raises(DefinitionError) as caught:
        schema.chain("NXa")
    assert str(caught.value) == "definitions extend each other: NXa → NXb → NXa"


def test_a_missing_parent_is_refused_naming_the_child():
    schema = Schema(Texts(NXa=nxdl("NXa", extends="NXnone")))
    with pytest.raises(DefinitionError) as caught:
        schema.base_class("NXa")
    assert caught.value.message == ("NXa.nxdl.xml: extends 'NXnone': unknown definition 'NXnone'")


def test_an_unknown_class_is_refused(official):
    with pytest.raises(DefinitionError):
        official.base_class("NXnope")


def test_the_child_overrides_the_parent():
    schema = base(
        '<field name="x" type="NX_INT"/>',
        NXb=nxdl("NXb", '<field name="x" type="NX_FLOAT"/>', extends="NXa"),
    )
    assert schema.base_class("NXb").fields["x"].type == "NX_FLOAT"


def test_a_facet_the_child_does_not_state_comes_from_the_parent():
    schema = base(
        '<field name="x" type="NX_INT" units="NX_LENGTH"><enumeration><item value="1"/>'
        '</enumeration><dimensions rank="1"/></field>',
        NXb=nxdl("NXb", '<field name="x"><doc>mine</doc></field>', extends="NXa"),
    )
    field = schema.base_class("NXb").fields["x"]
    assert (field.type, field.units, field.doc) == ("NX_INT", "NX_LENGTH", "mine")
    assert field.enumeration.items == ("1",)
    assert field.dimensions.rank == "1"


def test_attributes_of_a_field_are_merged():
    schema = base(
        '<field name="x"><attribute name="a" type="NX_INT"/></field>',
        NXb=nxdl("NXb", '<field name="x"><attribute name="b"/></field>', extends="NXa"),
    )
    attributes = schema.base_class("NXb").fields["x"].attributes
    assert {name: concept.type for name, concept in attributes.items()} == {
        "a": "NX_INT", "b": "NX_CHAR",
    }  # fmt: skip


def test_occurrence_is_that_of_the_first_layer_alone():
    entry = application(
        '<group type="NXb"><field name="x"/></group>',
        NXb=nxdl("NXb", '<field name="x" optional="true" type="NX_INT"/>'),
    )
    field = only(entry.match_group("b", "NXb")).fields["x"]
    assert field.bounds.requirement == "required"
    assert field.type == "NX_INT"


def test_an_application_facet_wins_over_the_base_class(official):
    sas = official.application("NXsas")
    instrument = only(sas.match_group("instrument", "NXinstrument"))
    source = only(instrument.match_group("source", "NXsource"))
    assert source.fields["probe"].enumeration.items == ("neutron", "x-ray")
    base_items = official.base_class("NXsource").fields["probe"].enumeration.items
    assert len(base_items) > 2


def test_the_type_of_data_in_an_application_comes_from_the_base_class():
    entry = application(
        '<group type="NXdata"><field name="data"/></group>',
        NXdata=nxdl("NXdata", '<field name="DATA" nameType="any" type="NX_NUMBER"/>'),
    )
    assert only(entry.match_group("d", "NXdata")).fields["data"].type == "NX_NUMBER"


# occurrence


@pytest.mark.parametrize(
    ("stated", "in_base", "in_application"),
    [
        ("", "optional", "required"),
        ('optional="true"', "optional", "optional"),
        ('optional="1"', "optional", "optional"),
        ('optional="false"', "required", "required"),
        ('optional="0"', "required", "required"),
        ('recommended="true"', "recommended", "recommended"),
        ('recommended="false"', "required", "required"),
        ('minOccurs="0"', "optional", "optional"),
        ('minOccurs="1"', "required", "required"),
        ('minOccurs="0" recommended="true"', "recommended", "recommended"),
        ('minOccurs="1" optional="true"', "required", "required"),
    ],
)
def test_whether_an_item_is_required(stated, in_base, in_application):
    body = f'<field name="x" {stated}/><group name="g" type="NXa" {stated}/>'
    one = base(body).base_class("NXa")
    entry = application(body)
    assert (one.fields["x"].bounds.requirement, entry.fields["x"].bounds.requirement) == (
        in_base, in_application,
    )  # fmt: skip
    groups = (one.match_group("g", "NXa"), entry.match_group("g", "NXa"))
    assert [only(g).bounds.requirement for g in groups] == [in_base, in_application]


def test_optional_false_on_an_attribute_makes_it_required(official):
    attributes = official.base_class("NXtransformations").fields["AXISNAME"].attributes
    assert attributes["vector"].bounds.requirement == "required"


def test_a_named_field_occurs_once_and_a_group_without_end():
    one = base('<field name="x"/><group type="NXa"/><field name="Y" nameType="any"/>')
    concept = one.base_class("NXa")
    assert concept.fields["x"].bounds.most == 1
    assert concept.fields["Y"].bounds.most == -1
    assert only(concept.match_group("a", "NXa")).bounds.most == -1


def test_max_occurs_zero_is_kept(official):
    mx = official.application("NXmx")
    instrument = only(mx.match_group("instrument", "NXinstrument"))
    detector = only(instrument.match_group("d", "NXdetector"))
    assert detector.fields["flatfield_error"].bounds.most == 0


# names


def test_an_exact_field_wins_over_a_partial_one_and_that_over_any():
    concept = base(
        '<field name="DATA" nameType="any"/><field name="FIELDNAME_set" nameType="partial"/>'
        '<field name="x_set"/>'
    ).base_class("NXa")
    found = [concept.match_field(name).name for name in ("x_set", "y_set", "y")]
    assert found == ["x_set", "FIELDNAME_set", "DATA"]


def test_a_field_no_concept_fits_has_none():
    assert base('<field name="x"/>').base_class("NXa").match_field("X") is None


def test_only_so_many_names_are_kept(monkeypatch):
    monkeypatch.setattr(concepts, "MOST_MATCHES", 3)
    concept = base('<field name="X" nameType="any"/>').base_class("NXa")
    for index in range(10):
        assert concept.match_field(f"x{index}") is concept.match_field("y")
        assert concept.match_group(f"x{index}", "NXb") == ()
    assert len(concept._field_matches) <= 3
    assert len(concept._group_matches) <= 3


def test_the_role_decides_among_fields_of_any_name(official):
    data = official.base_class("NXdata")
    assert data.match_field("counts", "AXISNAME").name == "AXISNAME"
    assert data.match_field("counts", "DATA").name == "DATA"


def test_a_suffix_is_stronger_than_the_role(official):
    data = official.base_class("NXdata")
    assert data.match_field("counts_errors", "DATA").name == "FIELDNAME_errors"


def test_a_group_fits_only_slots_of_its_class():
    concept = base('<group type="NXa"/>', NXb=nxdl("NXb")).base_class("NXa")
    assert concept.match_group("x", "NXb") == ()


def test_a_subclass_fits_the_slot_of_its_parent():
    concept = base('<group type="NXa"/>', NXb=nxdl("NXb", extends="NXa")).base_class("NXa")
    assert only(concept.match_group("x", "NXb")).nx_class == "NXa"


def test_the_nearest_class_wins():
    concept = base(
        '<group type="NXa"/><group type="NXb"/>', NXb=nxdl("NXb", extends="NXa")
    ).base_class("NXa")
    assert only(concept.match_group("x", "NXb")).nx_class == "NXb"


def test_a_named_slot_wins_over_an_unnamed_one():
    concept = base('<group type="NXa"/><group type="NXa" name="x"/>').base_class("NXa")
    assert only(concept.match_group("x", "NXa")).name == "x"
    assert only(concept.match_group("y", "NXa")).name == "A"


def test_a_named_slot_of_the_application_specialises_the_unnamed_one_of_the_base_class():
    entry = application('<group type="NXa" name="x"/>')
    named = only(entry.match_group("x", "NXa"))
    assert [slot.name for slot in named.specialises] == ["A"]


def test_a_group_of_the_wrong_class_has_no_slot(official):
    assert official.application("NXtomo").match_group("sample", "NXnote") != official.application(
        "NXtomo"
    ).match_group("sample", "NXsample")


def test_a_choice_is_found_by_its_name(official):
    choice = official.base_class("NXdetector").match_group("pixel_shape", "NXnote")
    assert isinstance(choice, ChoiceConcept)
    assert [slot.nx_class for slot in choice.groups] == [
        "NXoff_geometry", "NXcylindrical_geometry",
    ]  # fmt: skip


def test_attributes_match_like_fields(official):
    data = official.base_class("NXdata")
    assert data.match_attribute("x_indices").name == "AXISNAME_indices"
    assert data.match_attribute("signal").name == "signal"
    assert data.match_attribute("nothing_known") is None


def test_a_field_and_an_attribute_may_share_a_name(official):
    mx = official.application("NXmx")
    instrument = only(mx.match_group("instrument", "NXinstrument"))
    beam = only(instrument.match_group("beam", "NXbeam"))
    assert "flux" in beam.fields
    assert "flux" in beam.attributes


# applications


def test_an_application_may_stand_in_a_subentry(official):
    concept = official.application("NXsas", "NXsubentry")
    assert concept.nx_class == "NXsubentry"
    assert concept.fields["start_time"].level == "application"


def test_a_base_class_is_no_application(official):
    with pytest.raises(DefinitionError) as caught:
        official.application("NXdetector")
    assert caught.value.message == ("NXdetector is a base class, not an application definition")


def test_an_application_takes_over_what_it_extends(official):
    direct = official.application("NXdirecttof")
    assert official.catalogue["NXdirecttof"].extends == "NXtofraw"
    assert direct.fields["run_number"].top.definition.name == "NXtofraw"


def test_groups_beside_the_entry_are_known(official):
    assert [slot.nx_class for slot in official.top_groups("NXxpcs")] == ["NXprocess"]


def test_the_category_decides_not_the_folder(official):
    assert len(official.applications) == 85
    assert official.catalogue["NXxpcs"].path.parent.name == "contributed_definitions"
    assert "NXxpcs" in official.applications


def test_one_concept_serves_all_equal_places(official):
    assert official.application("NXmx") is official.application("NXmx")
    assert official.base_class("NXlog") is official.base_class("NXlog")


# all of them


def walk(concept: GroupConcept, depth: int) -> int:
    """Touch every facet of a concept and of what it may hold, `depth` levels deep."""
    number = 1
    for part in (*concept.fields.values(), *concept.attributes.values(), *concept.links.values()):
        assert part.anchor
        assert part.bounds.requirement in ("required", "recommended", "optional")
    for field in concept.fields.values():
        assert field.type.startswith("NX_") or field.type == "ISO8601"
        assert field.dimensions is None or field.dimensions.dims is not None
        number += len(field.attributes)
    if depth:
        slots = [*concept.groups, *(g for c in concept.choices.values() for g in c.groups)]
        number += sum(walk(slot, depth - 1) for slot in slots)
    return number


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 8))]
)
def test_every_definition_compiles_three_levels_deep(official, part):
    for name in list(official.catalogue.files)[part::8]:
        if official.catalogue[name].category == "application":
            assert walk(official.application(name), 3)
        else:
            assert walk(official.base_class(name), 2)


@pytest.mark.parametrize(
    ("application_name", "path", "field", "facets"),
    [
        ("NXtomo", [("instrument", "NXinstrument"), ("detector", "NXdetector")], "image_key",
         ("NX_INT", None, "required")),
        ("NXtomo", [("sample", "NXsample")], "rotation_angle",
         ("NX_FLOAT", "NX_ANGLE", "required")),
        ("NXarpes", [("i", "NXinstrument"), ("monochromator", "NXmonochromator")], "energy",
         ("NX_NUMBER", "NX_ENERGY", "required")),
        ("NXsas", [("i", "NXinstrument"), ("c", "NXcollimator"), ("g", "NXgeometry")],
         "description",
         ("NX_CHAR", None, "optional")),
        ("NXmx", [("i", "NXinstrument"), ("b", "NXbeam")], "incident_wavelength",
         ("NX_FLOAT", "NX_WAVELENGTH", "required")),
        ("NXmx", [], "end_time_estimated", ("NX_DATE_TIME", None, "required")),
        ("NXmx", [], "end_time", ("NX_DATE_TIME", None, "optional")),
    ],
)  # fmt: skip
def test_facets_are_those_of_the_nxdl_text(official, application_name, path, field, facets):
    concept = official.application(application_name)
    for name, nx_class in path:
        concept = only(concept.match_group(name, nx_class))
    found = concept.fields[field]
    assert (found.type, found.units, found.bounds.requirement) == facets


def test_the_anchor_names_the_concept_its_file_and_line(official):
    anchor = official.application("NXtomo").fields["title"].anchor
    path = official_folder() / "applications" / "NXtomo.nxdl.xml"
    lines = path.read_text(encoding="utf-8").splitlines()
    label, place = anchor.split(" ")
    assert label == "NXtomo/ENTRY/title"
    number = int(place.strip("()").split(":")[1])
    assert '<field name="title"' in lines[number - 1]


def test_the_default_schema_reads_the_default_catalogue():
    assert default_schema().catalogue.folders == default_catalogue().folders
