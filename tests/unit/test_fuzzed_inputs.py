"""What fuzzers found, made small: each input once ended in a traceback."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import h5py
import msgpack
import pytest

from nxtool.bluesky.documents import Document
from nxtool.bluesky.runs import read_runs
from nxtool.build.convert import check
from nxtool.config import lasting_schema
from nxtool.errors import DefinitionError, RecipeError, SourceError
from nxtool.hdf5.opening import Hdf5File
from nxtool.nodeview import Broken
from nxtool.schema import namefit
from nxtool.schema.editor import json_schema
from nxtool.show import file_tree
from nxtool.sources.naturalsort import find_files
from nxtool.sources.runarrays import written_anew
from nxtool.stream.structure import parse_structure
from tests.fuzz.hdf5view import mended


def checked(folder: Path, text: str):
    path = folder / "scan.nx.yaml"
    path.write_text(text)
    return check(path, lasting_schema([]))


def test_unknown_definition_of_a_recipe_whose_entries_have_their_own(tmp_path):
    with pytest.raises(DefinitionError) as caught:
        checked(tmp_path, "nxtool: 1\ndefinition: NXtoma\nentry:\n  definition: NXtomo\n")
    path = tmp_path / "scan.nx.yaml"
    told = f"{path}:2:13: unknown definition 'NXtoma' (did you mean NXtomo, NXatom, NXtas?)"
    assert str(caught.value) == told


def test_link_without_a_path_hides_none_of_the_others(tmp_path):
    path = tmp_path / "links.h5"
    with h5py.File(path, "w", libver="earliest") as file:
        file["away"] = h5py.ExternalLink("other.h5", "/x")
        file["sound"] = 1
    path.write_bytes(path.read_bytes().replace(b"other.h5\0/x", b"other.h5+/x"))
    with Hdf5File(path) as file:
        assert sorted(file.root.links) == ["away", "sound"]
        reason = "is a damaged link, or one of a kind that only its maker can follow"
        assert file.root.child("away") == Broken(reason, dangling=True)


def test_group_that_cannot_be_known_again_is_broken(tmp_path):
    """Entered, it would be so again and again: here as often as 2 to the 100."""
    memory = io.BytesIO()
    with h5py.File(memory, "w", libver="latest") as file:
        group = file.create_group("a")
        group["again"] = group["too"] = group
    data = bytearray(memory.getvalue())
    at = data.rindex(b"\xff" * 16) + 8  # where the names of its links are indexed, if at all
    data[at : at + 8] = bytes(8)
    path = tmp_path / "cycle.h5"
    path.write_bytes(mended(bytes(data)))
    with Hdf5File(path) as file:
        assert isinstance(file.root.child("a"), Broken)  # its reason is in words of HDF5
        assert [item.kind for item in file_tree(file.root)[0].children] == ["broken"]


@pytest.mark.parametrize("name", ["(x)PART", "A)(", "b[C", "*D"])
def test_names_of_definitions_that_are_no_patterns_are_taken_as_they_are(tmp_path, name):
    (tmp_path / "NXodd.nxdl.xml").write_text(f"""<?xml version="1.0" encoding="UTF-8"?>
        <definition xmlns="http://definition.nexusformat.org/nxdl/3.1" category="application"
            type="group" name="NXodd" extends="NXobject">
          <group type="NXentry">
            <field name="definition"/>
            <field name="{name}" nameType="partial"/><field name="x)y"/>
          </group>
        </definition>""")
    forms = json.dumps(json_schema(lasting_schema([tmp_path]), "NXodd"))
    patterns = re.findall(r'"(\^[^"]*)": ', forms)
    assert all(re.compile(json.loads(f'"{pattern}"')) for pattern in patterns)
    assert json.dumps(namefit.pattern(name))[1:-1] in forms


def test_document_whose_name_is_a_list_is_refused(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_text('[["start"], {}]\n')
    with pytest.raises(SourceError) as caught:
        read_runs(path)
    assert str(caught.value) == f"{path}:1:1: is no document of Bluesky"


@pytest.mark.parametrize(
    ("child", "message"),
    [
        ({"type": [1]}, "/: '[1]' is no module"),
        ({"module": "mdat", "config": {"items": 1}}, ""),
        ({"type": "group", "config": {"name": "g"}}, ""),
        (
            {"type": "group", "name": "g", "attributes": {"a": {}}},
            "nexus_structure: HDF5 cannot hold it: Object dtype dtype('O') has no native HDF5 "
            "equivalent",
        ),
        (
            {
                "type": "group",
                "name": "g",
                "attributes": [{"name": "a", "dtype": "int", "values": "x"}],
            },
            "/g: its attributes: invalid literal for int() with base 10: 'x'",
        ),
        ({"type": "group", "name": "."}, "/: '.' is no name"),
        ({"type": "group", "name": "a\0b"}, r"/: 'a\x00b' is no name"),
        (
            {"type": "group", "name": "g", "attributes": [{"name": "\0"}]},
            r"/g: its attributes: '\x00' is no name",
        ),
    ],
)
def test_structure_with_odd_values_is_refused_or_made(child, message):
    with h5py.File("memory", "w", driver="core", backing_store=False) as file:
        told = ""
        try:
            parse_structure(json.dumps({"children": [child]}), "s.json").write(file)
        except RecipeError as error:
            told = error.message.removeprefix("s.json: ")
    assert told == message


def test_stars_beside_other_letters_are_refused(tmp_path):
    with pytest.raises(SourceError) as caught:
        find_files("raw/scan_**.tif", tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/raw/scan_**.tif: ** stands beside other letters"
        " (write * for any part of a name, /**/ for any folders)"
    )


def test_names_in_documents_are_text_whatever_msgpack_has(tmp_path):
    path = tmp_path / "run.msgpack"
    start = {"uid": "a", "time": 1.0}
    descriptor = {"uid": "d", "run_start": "a", "time": 1.0, "data_keys": {1: {}}}
    descriptor["configuration"] = {"det": {"data": {b"gain": 2.0}}}
    documents = [["start", start], ["descriptor", descriptor]]
    path.write_bytes(b"".join(map(msgpack.packb, documents)))
    (run,), _ = read_runs(path)
    assert list(run.streams["primary"].table.keys) == ["1"]
    assert run.configuration["det"].rows == [({"gain": 2.0}, {})]


def test_documents_with_names_that_are_no_text_are_refused():
    with pytest.raises(SourceError) as caught:
        written_anew([Document("event", {b"x": 1}, 0, 0, 1)])
    assert caught.value.message == (
        "the event document is not JSON: keys must be str, int, float, bool or None, not bytes"
    )
