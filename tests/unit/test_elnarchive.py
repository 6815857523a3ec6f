"""ELN files: entities, JSON values and files of an RO-Crate in a zip archive."""

import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.errors import SourceError
from nxtool.sources import elnarchive, ziparchive
from nxtool.sources.elnarchive import opener
from tests.examples import many
from tests.sourcedamage import read_damaged

CRATE = {
    "@context": "https://w3id.org/ro/crate/1.1/context",
    "@graph": [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}},
        {"@id": "./", "@type": "Dataset", "hasPart": [{"@id": "./exp/"}], "name": "run 7"},
        {"@id": "./exp/", "@type": "Dataset", "keywords": ["Si", "wafer"]},
        {"@id": "#bake", "@type": "PropertyValue", "value": 120.5, "unitText": "degC"},
    ],
}
FILES = {
    "ro-crate-metadata.json": json.dumps(CRATE),
    "exp/log.json": '{"data": {"x": [1, 2, 3]}}',
    "exp/note.txt": "ab",
}


@pytest.fixture
def eln(tmp_path):
    def write(files=FILES, folder="export/", **options):
        with zipfile.ZipFile(tmp_path / "a.eln", "w", **options) as archive:
            for name, content in files.items():
                archive.writestr(folder + name, content)
        return tmp_path / "a.eln"

    return write


def told(file, selector=None):
    with pytest.raises(SourceError) as error:
        opener({})(file).array(selector)
    return str(error.value).replace(str(file), "FILE")


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ("./#/name", "run 7"),
        ("./exp/#/keywords", ["Si", "wafer"]),
        ("#bake#/value", 120.5),
        ("exp/log.json#/data/x", [1, 2, 3]),
        ("ro-crate-metadata.json#/@type", "CreativeWork"),
        ("exp/note.txt", [97, 98]),
    ],
)
@pytest.mark.parametrize("folder", ["export/", ""])
def test_entities_values_and_files_are_found(eln, selector, value, folder):
    reader = opener({})(eln(folder=folder, compression=zipfile.ZIP_DEFLATED))
    assert reader.array(selector).read(0, 9).tolist() == value
    reader.close()


def test_a_value_has_the_unit_its_entity_states(eln):
    reader = opener({})(eln())
    assert reader.array("#bake#/value").info.units == "degC"
    assert reader.array("./#/name").info.units is None
    reader.close()


def test_keys_name_entities_then_values_then_files(eln):
    reader = opener({})(eln())
    assert list(reader.keys()) == [
        *("ro-crate-metadata.json#/@id", "ro-crate-metadata.json#/@type"),
        "ro-crate-metadata.json#/about/@id",
        *("./#/@id", "./#/@type", "./#/hasPart/0/@id", "./#/name"),
        *("./exp/#/@id", "./exp/#/@type", "./exp/#/keywords"),
        *("#bake#/@id", "#bake#/@type", "#bake#/value", "#bake#/unitText"),
        *("exp/log.json#/data/x", "exp/log.json", "exp/note.txt"),
    ]
    reader.close()


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("./exq/#/name", "FILE: no entity or file './exq/' (did you mean ./exp/?)"),
        ("./#/nam", "FILE: ./: /: no key 'nam' (did you mean name?)"),
        ("exp/note.tx", "FILE: no file 'exp/note.tx' (did you mean exp/note.txt?)"),
        ("exp/note.txt#/a", "FILE: exp/note.txt:1:1: is no JSON: Expecting value"),
        ("", "FILE: no file '' (there is ro-crate-metadata.json, exp/log.json, exp/note.txt)"),
    ],
)
def test_a_wrong_selector_is_told(eln, selector, message):
    assert told(eln(), selector) == message


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.txt": ""}, "FILE: holds no ro-crate-metadata.json (is this an ELN file?)"),
        (
            {"ro-crate-metadata.json": "[]"},
            "FILE: ro-crate-metadata.json has no list @graph",
        ),
        (
            {"ro-crate-metadata.json": "{"},
            "FILE: ro-crate-metadata.json:1:2: is no JSON: Expecting property name enclosed in"
            " double quotes",
        ),
        ({**FILES, "../../x": ""}, "FILE: member 'export/../../x' leads out of it"),
    ],
)
def test_what_is_no_sound_eln_file_is_told(eln, files, message):
    assert told(eln(files)) == message


def test_two_members_of_one_name_are_refused(eln):
    file = eln({"x": "", "y": ""})
    file.write_bytes(file.read_bytes().replace(b"export/y", b"export/x"))
    assert told(file) == "FILE: has two members 'export/x'"


def test_two_crates_in_two_folders_are_refused(eln):
    file = eln()
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("other/ro-crate-metadata.json", "{}")
    assert told(file) == ("FILE: holds 2 files ro-crate-metadata.json (is this an ELN file?)")


def test_a_member_that_unpacks_to_too_much_is_refused(eln, monkeypatch):
    monkeypatch.setattr(elnarchive, "LIMIT", 2 << 20)
    bomb = {**FILES, "big.json": " " * (3 << 20)}
    file = eln(bomb, compression=zipfile.ZIP_DEFLATED)
    assert file.stat().st_size < 1 << 14
    assert told(file, "big.json#/a") == "FILE: export/big.json has more than 2 MiB"


def test_too_many_members_are_refused(eln, monkeypatch):
    monkeypatch.setattr(ziparchive, "MAX_MEMBERS", 2)
    assert told(eln()) == "FILE: has 3 members, more than 2"


def test_a_truncated_archive_is_refused(eln):
    file = eln()
    file.write_bytes(file.read_bytes()[:-30])
    assert told(file) == "FILE: is no sound zip archive: File is not a zip file"


@many(100)
@given(st.integers(0, 1500), st.integers(0, 255))
def test_damage_gives_values_or_a_source_error(tmp_path_factory, place, byte):
    file = tmp_path_factory.getbasetemp() / "damaged.eln"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(f"export/{name}", content)
    content = bytearray(file.read_bytes())
    content[place % len(content)] = byte
    read_damaged(opener({}), file, content)
