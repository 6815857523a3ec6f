"""Copies of definitions on disk."""

import json
import os
import zlib
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool import assets
from nxtool.nxdl import packing, store
from nxtool.nxdl.catalogue import Catalogue, official_folder
from tests.examples import many

NXDL = """<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" category="base"
 name="{name}" extends="{extends}" type="group"><doc>{doc}</doc>
 <field name="x" type="NX_FLOAT" units="NX_LENGTH"/></definition>"""


def told(value):
    """A record as plain values, whatever `eq` it has."""
    if isinstance(value, tuple):
        return tuple(told(item) for item in value)
    if hasattr(value, "__dataclass_fields__"):
        return {part.name: told(getattr(value, part.name)) for part in fields(value)}
    return value


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(store.VARIABLE, raising=False)
    there = tmp_path / "nxdl"
    there.mkdir()
    write(there, "NXa", extends="NXobject")
    write(there, "NXb", extends="NXa")
    return there


def write(folder, name, extends="NXobject", doc="text"):
    path = folder / f"{name}.nxdl.xml"
    path.write_text(NXDL.format(name=name, extends=extends, doc=doc))
    os.utime(path, ns=(1, len(doc)))


def opened(folder):
    return store.open_store(Catalogue([folder]).files, [folder])


def kept_file(folder):
    (path,) = (folder.parent / "cache" / "nxtool").iterdir()
    return path


@pytest.mark.slow
def test_every_definition_comes_back_as_the_xml_has_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folders = [assets.folder("definitions"), official_folder()]
    xml, kept = Catalogue(folders), Catalogue(folders, kept=True)
    for name in xml.files:
        assert kept._store.get(name, xml.files[name]) is not None
        assert told(kept[name]) == told(xml[name])
        assert kept.extends(name) == xml[name].extends


def test_the_second_process_reads_no_xml(folder):
    assert opened(folder).get("NXa", folder / "NXa.nxdl.xml").doc == "text"
    (folder / "NXa.nxdl.xml").write_text("x" * (folder / "NXa.nxdl.xml").stat().st_size)
    os.utime(folder / "NXa.nxdl.xml", ns=(1, 4))
    assert Catalogue([folder], kept=True)["NXa"].doc == "text"


def test_a_changed_definition_is_read_again(folder):
    assert Catalogue([folder], kept=True)["NXa"].doc == "text"
    write(folder, "NXa", doc="other text")
    assert Catalogue([folder], kept=True)["NXa"].doc == "other text"


def test_a_new_definition_is_found(folder):
    opened(folder)
    write(folder, "NXc")
    assert set(opened(folder).places) == {"NXa", "NXb", "NXc"}


def test_a_new_state_of_a_set_takes_the_place_of_the_old_one(folder):
    opened(folder)
    before = kept_file(folder)
    write(folder, "NXa", doc="other text")
    opened(folder)
    assert kept_file(folder) == before


def test_another_version_makes_its_own_copies(folder, monkeypatch):
    opened(folder)
    before = kept_file(folder).read_bytes()
    monkeypatch.setattr(store, "__version__", "0.0.0")
    assert opened(folder) is not None
    assert kept_file(folder).read_bytes() != before


def test_two_sets_do_not_disturb_each_other(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    write(other, "NXa", doc="another")
    for _ in range(2):
        assert Catalogue([folder], kept=True)["NXa"].doc == "text"
        assert Catalogue([other], kept=True)["NXa"].doc == "another"


def test_a_file_that_is_no_definition_is_told_when_it_is_asked_for(folder):
    (folder / "NXbad.nxdl.xml").write_text("<x/>")
    assert set(opened(folder).places) == {"NXa", "NXb"}
    with pytest.raises(Exception, match="not an NXDL <definition>"):
        Catalogue([folder], kept=True)["NXbad"]


def test_a_folder_that_cannot_be_written_only_costs_time(folder, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert opened(folder) is None
    assert Catalogue([folder], kept=True)["NXb"].extends == "NXa"


def test_a_variable_turns_it_off(folder, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, "1")
    assert Catalogue([folder], kept=True)["NXa"].doc == "text"
    assert not (folder.parent / "cache").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_damaged_copy_is_made_anew(folder, data):
    opened(folder)
    path = kept_file(folder)
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    path.write_bytes(damaged)
    for _ in range(2):
        catalogue = Catalogue([folder], kept=True)
        assert [catalogue[name].doc for name in ("NXa", "NXb")] == ["text", "text"]
    opened(folder)
    assert kept_file(folder).read_bytes() == whole


@pytest.mark.parametrize(
    "table",
    [
        b"[]",
        b"1",
        b'{"sign": 1}',
        b"[" * 100_000,
        b'{"sign": "SIGN", "places": []}',
        b'{"sign": "SIGN", "places": {"NXa": 1}}',
        b'{"sign": "SIGN", "places": {"NXa": [1, 0, 0, 0]}}',
        b'{"sign": "SIGN", "places": {"NXa": [null, -1, 0, 0]}}',
        b'{"sign": "SIGN", "places": {"NXa": [null, 0, 1e300, 0]}}',
        b'{"sign": "SIGN", "places": {"NXa": [null, 99999999999999, 1, 0]}}',
    ],
)
def test_a_forged_table_is_not_believed(folder, table):
    opened(folder)
    path = kept_file(folder)
    whole = path.read_bytes()
    sign = json.dumps(store._sign(Catalogue([folder]).files)).strip('"').encode()
    text = table.replace(b"SIGN", sign) + b"\n"
    path.write_bytes(b"%d %b" % (zlib.crc32(text), text))
    opened(folder)
    assert path.read_bytes() == whole


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(values)
def test_values_that_are_no_definition_are_refused(raw):
    with pytest.raises(ValueError, match=r"^not |where something else"):
        packing.unpack(raw, official_folder())


@many(100)
@given(st.data())
def test_one_value_of_another_kind_is_refused(data):
    raw = packing.pack(Catalogue([official_folder()])["NXentry"])
    at = raw
    while True:
        index = data.draw(st.integers(0, len(at) - 1))
        if not isinstance(at[index], list) or not at[index]:
            break
        at = at[index]
    at[index] = 1.5
    with pytest.raises(ValueError, match=r"^not |where something else"):
        packing.unpack(raw, official_folder())
