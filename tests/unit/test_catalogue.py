"""Tests of nxtool.nxdl.catalogue."""

from __future__ import annotations

import pytest

from nxtool.errors import DefinitionError
from nxtool.nxdl import catalogue
from nxtool.nxdl.catalogue import Catalogue, default_catalogue, official_folder

XML = (
    '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="{name}" '
    'category="base" extends="NXobject"><doc>{doc}</doc></definition>'
)


@pytest.fixture(autouse=True)
def no_folders_from_outside(monkeypatch):
    monkeypatch.delenv(catalogue.VARIABLE, raising=False)


def folder(path, doc="", names=("NXone",)):
    path.mkdir(parents=True)
    for name in names:
        text = XML.format(name=name, doc=doc)
        (path / f"{name}.nxdl.xml").write_text(text, encoding="utf-8")
    return path


def refused(call) -> str:
    with pytest.raises(DefinitionError) as caught:
        call()
    return str(caught.value)


def test_the_first_folder_wins(tmp_path):
    first, second = folder(tmp_path / "a", "first"), folder(tmp_path / "b", "second")
    assert Catalogue([first, second])["NXone"].doc == "first"
    assert Catalogue([second, first])["NXone"].doc == "second"


def test_folders_one_level_below_are_searched(tmp_path):
    folder(tmp_path / "set" / "base_classes")
    assert list(Catalogue([tmp_path / "set"]).files) == ["NXone"]


def test_names_come_in_alphabetical_order(tmp_path):
    both = Catalogue(
        [folder(tmp_path / "a", names=("NXb",)), folder(tmp_path / "b", names=("NXa",))]
    )
    assert [definition.name for definition in both] == ["NXa", "NXb"]


def test_extra_folders_come_before_those_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(folder(tmp_path / "env", "environment")))
    extra = folder(tmp_path / "extra", "extra")
    assert default_catalogue()["NXone"].doc == "environment"
    assert default_catalogue([extra])["NXone"].doc == "extra"


def test_a_facility_may_put_its_own_version_before_the_official_one(tmp_path):
    own = folder(tmp_path / "own", "ours", ("NXsas",))
    found = default_catalogue([own])
    assert found["NXsas"].doc == "ours"
    assert found.origin("NXsas") == str(own)


def test_official_definitions_are_named_with_their_release():
    assert default_catalogue().origin("NXmx") == "official v2026.01"


def test_the_default_catalogue_holds_all_official_definitions():
    assert len(default_catalogue().files) >= 280


def test_an_unknown_name_is_refused_with_near_names():
    message = refused(lambda: default_catalogue()["NXtomoo"])
    assert message.startswith("unknown definition 'NXtomoo' (did you mean NXtomo")


def test_an_unknown_name_unlike_any_other_names_the_next_step():
    assert refused(lambda: default_catalogue()["qqqqqqqq"]) == (
        "unknown definition 'qqqqqqqq' "
        "(`nxtool definitions list` shows those at hand; --definitions FOLDER adds more)"
    )


def test_a_path_is_no_name():
    assert refused(lambda: default_catalogue()["../../etc/passwd"]).startswith(
        "unknown definition '../../etc/passwd'"
    )


def test_a_file_that_defines_another_name_is_refused(tmp_path):
    own = folder(tmp_path / "own")
    (own / "NXone.nxdl.xml").rename(own / "NXtwo.nxdl.xml")
    assert refused(lambda: Catalogue([own])["NXtwo"]) == (
        f"{own / 'NXtwo.nxdl.xml'}: defines NXone, not NXtwo "
        "(an NXDL file is named after its definition)"
    )


def test_a_missing_folder_is_refused(tmp_path):
    assert refused(lambda: default_catalogue([tmp_path / "no"])) == (
        f"{tmp_path / 'no'}: no such folder of definitions (check the path)"
    )


def test_a_missing_folder_in_the_environment_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "no"))
    assert "no such folder of definitions" in refused(default_catalogue)


def test_a_folder_without_definitions_is_refused(tmp_path):
    assert refused(lambda: default_catalogue([tmp_path])) == (
        f"{tmp_path}: holds no NXDL file (NXDL files are called NAME.nxdl.xml)"
    )


def test_empty_parts_of_the_environment_are_skipped(monkeypatch):
    monkeypatch.setenv(catalogue.VARIABLE, "::")
    assert "NXmx" in default_catalogue()


def test_a_definition_is_read_once(tmp_path):
    found = Catalogue([folder(tmp_path / "a")])
    assert found["NXone"] is found["NXone"]


def test_membership_reads_no_file(tmp_path):
    (tmp_path / "NXbad.nxdl.xml").write_text("not xml", encoding="utf-8")
    assert "NXbad" in Catalogue([tmp_path])


def test_official_files_are_found_without_importing_nexusformat():
    import subprocess
    import sys

    code = (
        "import sys; from nxtool.nxdl.catalogue import official_folder; official_folder(); "
        "print([m for m in sys.modules if m.startswith('nexusformat')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_release_of_a_set_that_does_not_say_is_empty(tmp_path):
    assert catalogue.release(tmp_path) == ""
    assert catalogue.release(official_folder()) == "v2026.01"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("NXstop", "NXbeam_stop"),
        ("NXorder_selecting_aperture", "NXaperture"),
        ("NXbendmagnet", "NXbending_magnet"),
    ],
)
def test_a_name_that_shares_the_last_word_is_the_nearest(name, first):
    assert default_catalogue().near(name)[0] == first
