"""Sets of definitions: taking them in, keeping them, and what differs between them."""

from __future__ import annotations

import io
import stat
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nxtool.config import schema_for
from nxtool.errors import DefinitionError
from nxtool.nxdl import intake, sets
from nxtool.nxdl.catalogue import Catalogue, official_folder
from nxtool.schema.compile import default_schema
from nxtool.schema.difference import differences
from nxtool.validate.byrelease import compare, validate_by_release

NXDL = (
    '<definition xmlns="http://definition.nexusformat.org/nxdl/3.1" name="{0}" '
    'category="{1}" extends="NXobject" type="group">{2}</definition>'
)


def nxdl(name: str, body: str = "", category: str = "base") -> str:
    return NXDL.format(name, category, body)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No kept sets and no settings but those of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEXUS_DEF_PATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data" / "nxtool" / "definitions"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder like a checkout of the official repository, with files that do not count."""
    folder = tmp_path / "checkout"
    for place in ("base_classes", "applications", "manual"):
        (folder / place).mkdir(parents=True)
    (folder / "base_classes" / "NXobject.nxdl.xml").write_text(
        nxdl("NXobject").replace(' extends="NXobject"', "")
    )
    (folder / "applications" / "NXmine.nxdl.xml").write_text(
        nxdl("NXmine", '<group type="NXentry"/>', "application")
    )
    (folder / "manual" / "NXbad.nxdl.xml").write_text("no XML")
    (folder / "README.md").write_text("read me")
    (folder / "NXDL_VERSION").write_text("v2022.07\n")
    return folder


def files_below(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"top/{path.relative_to(folder)}")
    return target


KEPT = ["NXDL_VERSION", "applications/NXmine.nxdl.xml", "base_classes/NXobject.nxdl.xml"]


def test_a_folder_is_kept_under_its_release(release: Path, home: Path) -> None:
    kept = sets.add(str(release))
    assert kept == sets.KeptSet("v2022.07", home / "v2022.07", "v2022.07")
    assert files_below(home / "v2022.07") == KEPT
    assert sets.kept_sets() == [kept]


def test_an_archive_is_kept_without_its_top_folder(
    release: Path, home: Path, tmp_path: Path
) -> None:
    sets.add(str(zipped(release, tmp_path / "a.zip")), "mine")
    assert files_below(home / "mine") == KEPT


def test_a_set_without_a_release_is_called_as_its_source(release: Path, tmp_path: Path) -> None:
    (release / "NXDL_VERSION").unlink()
    assert sets.add(str(zipped(release, tmp_path / "facility.zip"))).name == "facility"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            if self.path == "/elsewhere":
                self.send_response(302)
                self.send_header("Location", f"file://{tmp_path}/a.zip")
                self.end_headers()
            else:
                super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_an_archive_is_fetched_from_a_url_that_is_named(
    server: str, release: Path, home: Path, tmp_path: Path
) -> None:
    zipped(release, tmp_path / "a.zip")
    sets.add(f"{server}/a.zip")
    assert files_below(home / "v2022.07") == KEPT


def test_a_url_that_leads_to_a_local_file_is_refused(server: str) -> None:
    with pytest.raises(DefinitionError, match="cannot be fetched"):
        sets.add(f"{server}/elsewhere")


def test_an_answer_that_is_too_long_is_cut_off(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.zip").write_bytes(b"0" * 3_000_000)
    monkeypatch.setattr(intake, "MAX_ARCHIVE", 1024 * 1024)
    with pytest.raises(DefinitionError) as caught:
        sets.add(f"{server}/a.zip")
    assert caught.value.message == f"{server}/a.zip: is larger than 1 MiB"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/a.zip", "data://x"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        sets.add(url)
    assert str(caught.value) == f"{url}: is neither http nor https (download it first)"


GOOD = nxdl("NXa").encode()


def archive_of(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def unusual(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_BZIP2
    return info


HOSTILE = [
    ([("/NXa.nxdl.xml", GOOD)], "unsafe name '/NXa.nxdl.xml'"),
    ([("../NXa.nxdl.xml", GOOD)], "unsafe name '../NXa.nxdl.xml'"),
    ([("base_classes/../../base_classes/NXa.nxdl.xml", GOOD)],
     "unsafe name 'base_classes/../../base_classes/NXa.nxdl.xml'"),
    ([("C:\\NXa.nxdl.xml", GOOD)], "unsafe name 'C:\\\\NXa.nxdl.xml'"),
    ([(link("NXa.nxdl.xml"), b"/etc/passwd")], "NXa.nxdl.xml is a link"),
    ([("NXa.nxdl.xml", b"<!" + b" " * (17 * 2**20))], "NXa.nxdl.xml is larger than 16 MiB"),
    ([("x/NXa.nxdl.xml", GOOD), ("y/NXa.nxdl.xml", GOOD)], "holds NXa.nxdl.xml twice"),
    ([("NXb.nxdl.xml", GOOD)], "NXb.nxdl.xml defines NXa"),
    ([("README", b"")], "holds no NXDL file"),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "problem"), HOSTILE, ids=[text for _, text in HOSTILE])
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    entries: list[tuple[str | zipfile.ZipInfo, bytes]], problem: str, home: Path, tmp_path: Path
) -> None:
    path = archive_of(tmp_path / "a.zip", *entries)
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(path))
    assert caught.value.message == f"{path}: {problem}"
    assert not home.exists() or list(home.iterdir()) == []


def test_a_way_of_compressing_without_a_bound_is_refused(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a.zip", (unusual("NXa.nxdl.xml"), GOOD))
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(path))
    assert caught.value.message == "NXa.nxdl.xml: is compressed in an unusual way"


def test_an_archive_with_a_bad_definition_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = archive_of(tmp_path / "a.zip", ("NXa.nxdl.xml", GOOD), ("NXb.nxdl.xml", b"<x"))
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(path))
    assert caught.value.message.startswith("not well-formed XML")
    assert sets.kept_sets() == []


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_FILES", 3)
    entries = [(f"{n}/NXa{n}.nxdl.xml", nxdl(f"NXa{n}").encode()) for n in range(6)]
    path = archive_of(tmp_path / "a.zip", *entries)
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(path))
    assert caught.value.message == f"{path}: holds too many files"


def test_an_archive_with_a_nameless_file_is_told() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        nameless = zipfile.ZipInfo("x")
        nameless.filename = ""
        archive.writestr(nameless, b"")
    # up to Python 3.12 such a file makes an archive unreadable
    told = r"^a\.zip: (is no ZIP archive that can be read|holds no NXDL file)"
    with pytest.raises(DefinitionError, match=told):
        intake.from_zip(stream, "a.zip")


@given(st.data())
def test_a_damaged_archive_never_escapes_as_another_error(data: st.DataObject) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("base_classes/NXa.nxdl.xml", GOOD)
        archive.writestr("NXDL_VERSION", "v2022.07")
    content = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        found = intake.from_zip(io.BytesIO(bytes(content)), "a.zip")
    except DefinitionError:
        return
    assert all(".." not in place and not place.startswith("/") for place in found.files)


@pytest.mark.parametrize(
    "name", ["official", "auto", "nxtool", "../up", ".hidden", "a/b", "x" * 65]
)
def test_names_that_mean_something_else_are_refused(name: str, release: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(release), name)
    assert caught.value.message == f"{name!r} cannot be the name of a set"


def test_a_set_is_never_replaced(release: Path) -> None:
    sets.add(str(release))
    with pytest.raises(DefinitionError) as caught:
        sets.add(str(release))
    assert caught.value.message == "a set 'v2022.07' is kept already"


def test_a_removed_set_is_gone(release: Path, home: Path) -> None:
    sets.add(str(release))
    sets.remove("v2022.07")
    assert list(home.iterdir()) == []
    with pytest.raises(DefinitionError) as caught:
        sets.remove("v2022.07")
    assert str(caught.value) == ("no kept set 'v2022.07' (`nxtool definitions add` keeps one)")


def test_the_name_of_a_set_stands_for_its_folder(release: Path, home: Path) -> None:
    sets.add(str(release))
    assert schema_for([Path("v2022.07")]).catalogue.folders[0] == home / "v2022.07"
    with pytest.raises(DefinitionError) as caught:
        schema_for([Path("v2021.01")])
    assert str(caught.value) == ("v2021.01: no such folder of definitions (kept sets: v2022.07)")


def test_a_release_is_found_in_any_spelling(release: Path) -> None:
    kept = sets.add(str(release), "old")
    assert sets.of_release("2022.7") == kept
    assert sets.of_release("v2022.08") is None
    assert sets.of_release("") is None


def variant(tmp_path: Path, name: str, body: str) -> Catalogue:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "NXmine.nxdl.xml").write_text(nxdl("NXmine", body))
    return Catalogue([folder])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('<field name="a"/>', '<field name="b"/>', ["- NXmine/a", "+ NXmine/b"]),
        ('<field name="a"/>', '<field name="a" type="NX_INT" units="NX_LENGTH"/>',
         ["type: -> NX_INT", "units: -> NX_LENGTH"]),
        ('<field name="a" minOccurs="1"/>', '<field name="a" recommended="true"/>',
         ["occurrence: required -> recommended"]),
        ('<field name="a"><enumeration><item value="x"/></enumeration></field>',
         '<field name="a"><enumeration open="true"><item value="x"/></enumeration></field>',
         ["enumeration: x -> x | ..."]),
        ('<field name="a"><dimensions rank="1"><dim index="1" value="n"/></dimensions></field>',
         '<field name="a"><dimensions rank="2"><dim index="1" value="n"/>'
         '<dim index="2" value="3" required="false"/></dimensions></field>',
         ["dimensions: rank 1 (n) -> rank 2 (n, 3?)"]),
        ('<attribute name="a"/>', '<attribute name="a" deprecated="use  b"/>',
         ["deprecated: -> use b"]),
        ('<group type="NXlog"/>', '<group type="NXlog" maxOccurs="4"/>',
         ["occurrence: optional -> optional, 0 to 4"]),
    ],
)  # fmt: skip
def test_what_changed_is_named_facet_by_facet(
    old: str, new: str, told: list[str], tmp_path: Path
) -> None:
    (change,) = differences(variant(tmp_path, "old", old), variant(tmp_path, "new", new))
    signs = {"added": "+", "removed": "-"}
    found = []
    for concept in change.concepts:
        if concept.change in signs:
            found.append(f"{signs[concept.change]} {concept.path}")
        found += [
            f"{item.facet}: {item.old} -> {item.new}".replace(":  ", ": ")
            for item in concept.facets
        ]
    assert found == told


def test_the_official_definitions_do_not_differ_from_themselves() -> None:
    assert differences(*(Catalogue([official_folder()]) for _ in range(2))) == []


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "scan.nxs"
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["definition"] = "NXmine"
        entry["definition"].attrs["version"] = "2022.07"
    return path


def test_a_file_is_judged_by_the_kept_set_of_its_release(release: Path, old_file: Path) -> None:
    sets.add(str(release), "old")
    findings, schema = validate_by_release(old_file, default_schema())
    assert findings.definitions == ("/entry: NXmine",)
    assert "NXmine" in schema.catalogue
    told = [item.message for item in findings if item.code == "F02"]
    assert told == ["judged by the kept set 'old', the release this names"]


def test_a_file_of_a_release_that_is_not_kept_is_judged_as_ever(old_file: Path) -> None:
    findings, _ = validate_by_release(old_file, default_schema())
    assert [item.code for item in findings if item.severity == "error"] == ["E05"]


def test_only_what_a_file_uses_is_compared(tmp_path: Path, old_file: Path) -> None:
    catalogues = []
    for name, extra in (("a", ""), ("b", '<field name="need"/>')):
        folder = tmp_path / name
        folder.mkdir()
        body = f'<group type="NXentry">{extra}</group>'
        (folder / "NXmine.nxdl.xml").write_text(nxdl("NXmine", body, "application"))
        (folder / "NXother.nxdl.xml").write_text(nxdl("NXother", extra))
        catalogues.append(sets.catalogue_of(folder))
    found = compare(old_file, *catalogues)
    assert [change.name for change in found.changes] == ["NXmine"]
    assert [(item.code, item.path) for item in found.new] == [("O01", "/entry/need")]
    assert found.gone == ()
