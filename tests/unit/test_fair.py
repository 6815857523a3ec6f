"""`nxtool.fair`: each question both ways, several entries, checksums, hostile files."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.config import schema_for
from nxtool.demo import write_tiff
from nxtool.errors import FileUnreadable
from nxtool.export.techniques import technique_of
from nxtool.fair import survey as surveying
from nxtool.fair.answers import Answer, most_points, no, not_applicable, points, yes
from nxtool.fair.checks import CHECKS, LETTERS
from nxtool.fair.identifiers import (
    has_email,
    is_licence_id,
    names_panet,
    orcid_problem,
    persistent_kind,
)
from nxtool.fair.judge import OF_ENTRY, OF_FILE, fairness
from nxtool.report.fair import fair_json, fair_lines
from nxtool.report.terminal import Terminal, render
from tests.fairfile import ORCID, UUID, answers, complete, entry, group, put
from tests.rawscan import Scan

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema():
    return schema_for(())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The complete file, to be copied."""
    return complete(tmp_path_factory.mktemp("whole") / "a.nxs")


@pytest.fixture
def file(whole, tmp_path):
    """A copy of the complete file, in a folder of its own below another."""
    folder = tmp_path / "delivered"
    shutil.copytree(whole.parent, folder)
    return folder / whole.name


@pytest.fixture
def spoilt(file, schema):
    """Changes the complete file, and gives what is answered then."""

    def judge(change, **options):
        with h5py.File(file, "r+") as opened:
            change(opened)
        return fairness(file, schema, **options)

    return judge


def answer_of(result, code):
    return next(answer for answer in result.answers if answer.check.code == code)


@pytest.fixture
def one(spoilt):
    """The answer with a code after a change."""

    def answer(code, change, **options):
        return answer_of(spoilt(change, **options), code)

    return answer


def remove(*paths):
    def change(file):
        for path in paths:
            del file[f"entry/{path}"]

    return change


def write(path, value, **attributes):
    """Put a field below the entry."""
    return lambda file: put(file["entry"], path, value, **attributes)


# the table


def test_every_question_has_one_who_answers_it():
    assert sorted([*OF_ENTRY, *OF_FILE]) == sorted(CHECKS)
    assert not set(OF_ENTRY) & set(OF_FILE)


def test_questions_are_asked_letter_by_letter_and_make_a_hundred_points():
    order = [check.letter for check in CHECKS.values()]
    assert order == sorted(order, key=list(LETTERS).index)
    assert set(order) == set(LETTERS)
    assert most_points() == 100
    assert 20 <= len(CHECKS) <= 30


def test_every_check_is_complete():
    for check in CHECKS.values():
        assert check.points > 0
        assert check.title.endswith("?"), check.code
        assert all(text.endswith(".") for text in (check.why, check.fix)), check.code
        assert check.source
        assert not check.hint or check.points == 1


def test_page_of_checks_is_up_to_date():
    script = runpy.run_path(str(ROOT / "docs" / "make_fair.py"))
    page = (ROOT / "docs" / "fair.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run `make rules`"


# each question both ways


def test_complete_file_has_all_points(whole, schema):
    result = fairness(whole, schema, checksums=True)
    assert answers(result) == dict.fromkeys(CHECKS, "yes")
    assert (points(result.answers), result.percent, result.note) == ((100, 100), 100, "")
    assert result.entries == ("/entry",)


def bare_number(file):
    file["entry/about/ratio"] = 0.5


def private_filter(file):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4,))
    plist.set_filter(60_000, h5py.h5z.FLAG_OPTIONAL, (1,))
    space = h5py.h5s.create_simple((4,))
    h5py.h5d.create(file["entry/about"].id, b"private", h5py.h5t.NATIVE_INT32, space, plist)


def link_above(file):
    folder = Path(file.filename).parent
    shutil.copy(folder / "other.h5", folder.parent)
    file["entry/about/above"] = h5py.ExternalLink("../other.h5", "/values")


def absolute_link(file):
    other = Path(file.filename).with_name("other.h5")
    file["entry/about/absolute"] = h5py.ExternalLink(str(other), "/values")


def no_default(file):
    del file["entry/data"].attrs["signal"]
    for name in ("data", "energy"):
        file["entry/data"][name].attrs["axis"] = 0


def no_release(file):
    del file.attrs["NeXus_release"]


def wrong_checksum(file):
    put(file["entry/process/recipe"], "checksum", "0" * 64)


SPOILT = [
    ("F01", remove("entry_identifier_uuid"), {}),
    ("F01", write("entry_identifier_uuid", "scan 12"), {}),
    ("F02", remove("experiment_identifier"), {}),
    ("F03", remove("title"), {"I06": "no"}),
    ("F03", write("title", "too short"), {}),
    ("F04", remove("instrument/identifier_pid"), {}),
    ("F04", write("instrument/identifier_pid", "P06", type="DOI"), {}),
    ("F05", write("sample/name", ""), {}),
    ("F06", remove("sample/chemical_formula"), {}),
    ("F07", remove("user_2/role"), {}),
    ("F07", write("user_2/name", " "), {}),
    ("F08", write("user_1/role", "local_contact"), {}),
    ("F09", remove("user_1/ORCID"), {}),
    ("F09", write("user_1/ORCID", "https://orcid.org/0000-0002-1825-0098"), {}),
    ("F09", write("user_2/ORCID", "Max"), {}),
    ("A01", private_filter, {}),
    ("A02", link_above, {}),
    ("A03", absolute_link, {}),
    ("A04", write("user_2/email", "max@example.org"), {}),
    ("I01", remove("definition"), {"I02": "not applicable", "I03": "no"}),
    ("I01", write("definition", "NXfluor", version="1"), {"I03": "no", "I06": "no"}),
    ("I02", write("definition", "NXfluo"), {}),
    ("I03", write("definition", "NXscan", version="1"), {"I06": "no"}),
    ("I04", remove("instrument/source/probe"), {"I06": "no"}),
    ("I05", bare_number, {}),
    ("I05", write("instrument/speed", 1.5), {}),
    ("I05", write("instrument/fluorescence/energy_2", 1.5, units="keVV"), {}),
    ("I05", write("about/speed", 2, units="m per sec ond"), {}),
    ("I06", remove("monitor/mode"), {}),
    ("I07", no_default, {"I06": "no"}),
    ("I08", no_release, {}),
    ("R01", remove("about/license"), {}),
    ("R01", write("about/license", "ask us"), {}),
    ("R02", write("start_time", "2026-01-31T12:00:00"), {}),
    ("R03", remove("end_time"), {}),
    ("R03", write("end_time", "2026-01-31T13:00:00"), {}),
    ("R04", write("instrument/source/name", ""), {}),
    ("R05", remove("program_name"), {}),
    ("R05", write("program_name", "daq"), {}),
    ("R06", remove("process/program"), {}),
    ("R07", remove("process/recipe/checksum"), {}),
    ("R08", remove("about/funding"), {}),
]  # fmt: skip


def test_every_question_is_answered_no_somewhere():
    assert {code for code, _, _ in SPOILT} == set(CHECKS)


@pytest.mark.parametrize(("code", "change", "besides"), SPOILT)
def test_change_turns_the_answer_that_it_is_about(spoilt, code, change, besides):
    found = answers(spoilt(change))
    turned = {key: verdict for key, verdict in found.items() if verdict != "yes"}
    assert turned == {code: "no", **besides}


def test_points_of_a_no_are_asked_and_not_given(spoilt):
    result = spoilt(remove("experiment_identifier"))
    assert (points(result.answers), result.percent) == ((96, 100), 96)


def test_points_of_what_does_not_apply_are_not_asked(spoilt):
    result = spoilt(remove("process"))
    assert answers(result)["R06"] == "not applicable"
    assert points(result.answers) == (94, 97)  # and the checksum is gone
    assert result.percent == 96  # 96.9 is not 97


# what is found


@pytest.mark.parametrize(
    ("code", "change", "found"),
    [
        ("F01", write("entry_identifier_uuid", "1"), "'1' (type UUID) is no persistent identifier"),
        ("F03", write("title", "coin"), "'coin' has 4 characters"),
        ("F07", remove("user_2/role"), "/entry/user_2 has no role"),
        ("F09", write("user_1/ORCID", ORCID[:-1] + "8"),
         "'0000-0002-1825-0098' has check digit 8, it must be 7"),
        ("A01", private_filter, "private filter 60000 is not registered: /entry/about/private"),
        ("A02", link_above, "'../other.h5' lies in another folder"),
        ("I01", write("definition", "NXfluor"), "'NXfluor' is no application definition"),
        ("I05", bare_number, "1 field: /entry/about/ratio has no units"),
        ("I08", no_release, "no NeXus_release"),
        ("R01", write("about/license", "ask us"), "'ask us' is no SPDX identifier"),
        ("R02", write("start_time", "yesterday"),
         "'yesterday' is not like 2026-01-31T12:00:00+01:00"),
        ("R03", write("end_time", "2026-01-31T13:00:00"), "'2026-01-31T13:00:00' has no zone"),
        ("R05", write("program_name", "daq"), "no version of 'daq'"),
    ],
)  # fmt: skip
def test_answer_says_what_was_found(one, code, change, found):
    assert one(code, change).found == found


@pytest.mark.parametrize(
    ("code", "change", "paths"),
    [
        ("F07", remove("user_2/role"), ("/entry/user_2",)),
        ("A04", write("user_1/email", "a@b.org"), ("/entry/user_1/email",)),
        ("I02", write("definition", "NXfluo"), ("/entry/definition@version",)),
        ("I08", no_release, ("/@NeXus_release",)),
        ("R01", lambda _: None, ("/entry/about/license",)),
    ],
)
def test_answer_names_the_paths_looked_at(one, code, change, paths):
    assert one(code, change).paths == paths


# other ways to a yes


def typed_identifier(file):
    del file["entry/entry_identifier_uuid"]
    put(file["entry"], "identifier_doi", "10.1234/coin", type="DOI")


def licence_group(file):
    del file["entry/about/license"]
    group(file["entry"], "licence", "NXnote", url="https://creativecommons.org/licenses/by/4.0/")


def licence_of_root(file):
    del file["entry/about/license"]
    file.attrs["license"] = "cc0-1.0"


def citation(file):
    del file["entry/about/funding"]
    group(file["entry/about"], "paper", "NXcite", doi="10.1107/S1600576714027575")


def zone_of_instrument(file):
    put(file["entry"], "start_time", "2026-01-31T12:00:00")
    put(file["entry/instrument"], "time_zone", "+01:00")


def subentry(file):
    """The definition and the title are in a subentry alone."""
    below = group(file["entry"], "fluo", "NXsubentry", title="Fluorescence of a coin")
    put(below, "definition", "NXfluo", version="1")
    del file["entry/definition"], file["entry/title"]


def ratio_with_unit(file):
    put(file["entry/about"], "ratio", 0.5, units="1")


def named_term(file):
    del file["entry/definition"]
    iri = technique_of("NXfluo").iri
    put(file["entry"], "identifier_technique", iri, type="PURL")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("F01", typed_identifier),
        ("F02", write("experiment_identifier", 20260131)),
        ("F03", subentry),
        ("F06", lambda file: (remove("sample/chemical_formula")(file),
                              put(file["entry/sample"], "identifier_id", "s3"))),
        ("F08", write("user_2/role", "PI")),
        ("F09", lambda file: (remove("user_1/ORCID")(file),
                              put(file["entry/user_2"], "identifier_1", ORCID, type="ORCID"))),
        ("I01", subentry),
        ("I02", subentry),
        ("I03", named_term),
        ("I05", ratio_with_unit),
        ("I05", write("about/count", 3)),
        ("R01", licence_group),
        ("R01", licence_of_root),
        ("R02", zone_of_instrument),
        ("R08", citation),
    ],
)  # fmt: skip
def test_answer_is_yes_in_other_ways_too(one, code, change):
    assert one(code, change).verdict == "yes"


def test_term_of_a_technique_is_no_identifier_of_the_entry(one):
    def change(file):
        named_term(file)
        del file["entry/entry_identifier_uuid"]

    assert one("F01", change).found == "no identifier"


@pytest.mark.parametrize(
    ("code", "change", "why"),
    [
        ("F05", write("sample/type", "none"), "there was no sample (type none)"),
        ("F06", write("sample/type", "none"), "there was no sample (type none)"),
        ("A03", remove("about/other"), "no links to other files"),
        ("A04", remove("user_1", "user_2"), "no NXuser"),
        ("I02", remove("definition"), "no definition"),
        ("R06", remove("process"), "no sign of processed data"),
    ],
)
def test_question_may_not_apply(one, code, change, why):
    answer = one(code, change)
    assert (answer.verdict, answer.found, answer.asked) == ("not applicable", why, 0)


def test_definition_for_processed_data_asks_for_a_history(one):
    def change(file):
        del file["entry/process"]
        put(file["entry"], "definition", "NXcanSAS", version="1")

    answer = one("R06", change)
    assert answer.verdict == "no"
    assert answer.found == "NXcanSAS is for processed data, and there is no NXprocess"


# several entries


def test_one_entry_that_fails_makes_a_no_and_is_named(one):
    def change(file):
        entry(file, "second")
        del file["second/title"]

    answer = one("F03", change)
    assert answer.verdict == "no"
    assert (answer.found, answer.paths) == ("/second: no title", ("/second/title",))
    assert [(judged.entry, judged.verdict) for judged in answer.judgements] == [
        ("/entry", "yes"),
        ("/second", "no"),
    ]


def test_entry_to_which_a_question_does_not_apply_does_not_spoil_the_others(one):
    def change(file):
        entry(file, "second")
        del file["second/process"]

    assert one("R06", change).verdict == "yes"


def test_groups_shared_by_links_count_for_every_entry(spoilt):
    def change(file):
        second = group(file, "second", "NXentry")
        for name in file["entry"]:
            link = h5py.SoftLink(f"/entry/{name}") if name in ("instrument", "user_1") else None
            second[name] = link or file["entry"][name]

    result = spoilt(change)
    assert result.entries == ("/entry", "/second")
    assert {code for code, verdict in answers(result).items() if verdict != "yes"} == set()


def test_entry_linked_into_another_is_judged_alone(one):
    def change(file):
        entry(file, "second")
        del file["entry/title"]
        file["entry/next"] = h5py.SoftLink("/second")
        file["entry/hard"] = file["second"]

    assert one("F03", change).found == "/entry: no title"


def test_entry_with_two_names_is_one(spoilt):
    result = spoilt(lambda file: file.__setitem__("raw_data_1", file["entry"]))
    assert result.entries == ("/entry",)


def test_answer_is_the_worst_of_its_judgements():
    check = CHECKS["F01"]
    assert Answer(check, (not_applicable(""), yes(""))).verdict == "yes"
    assert Answer(check, (yes(""), no(""))).verdict == "no"
    assert Answer(check, (not_applicable(""),)).verdict == "not applicable"


# other files


def test_missing_file_is_told(one):
    def change(file):
        file["entry/about/gone"] = h5py.ExternalLink("gone.h5", "/values")

    assert one("A02", change).found == "'gone.h5' is missing"


def test_sources_of_virtual_datasets_count(one):
    def change(file):
        layout = h5py.VirtualLayout((3,), "i8")
        layout[:] = h5py.VirtualSource("../away/raw.h5", "values", (3,))
        file["entry/about"].create_virtual_dataset("virtual", layout)

    answer = one("A02", change)
    assert answer.verdict == "no"
    assert (answer.found, answer.paths) == (
        "'../away/raw.h5' lies in another folder",
        ("/entry/about/virtual",),
    )


def test_links_of_linked_files_count_from_their_folder(one, file):
    below = file.parent / "below"
    below.mkdir()
    shutil.copy(file.with_name("other.h5"), below / "far.h5")
    with h5py.File(below / "near.h5", "w") as near:
        near["g/up"] = h5py.ExternalLink("../other.h5", "/values")
        near["g/beside"] = h5py.ExternalLink("far.h5", "/values")

    def change(opened):
        opened["entry/about/near"] = h5py.ExternalLink("below/near.h5", "/g")

    answer = one("A02", change)
    assert answer.verdict == "yes"
    assert answer.found == "below/near.h5, other.h5, far.h5 and 1 more"


# checksums


def test_checksum_is_compared_only_on_demand(one):
    assert one("R07", wrong_checksum).verdict == "yes"
    answer = one("R07", lambda _: None, checksums=True)
    assert answer.verdict == "no"
    path = "/entry/process/recipe/checksum"
    assert (answer.found, answer.paths) == (f"{path} does not fit the data of the note", (path,))


def test_checksum_that_fits_is_counted(one):
    assert one("R07", lambda _: None, checksums=True).found == "1 agrees"


@pytest.mark.parametrize(
    ("algorithm", "found"),
    [
        ("crc7", "algorithm 'crc7' is not known"),
        ("md5", "does not fit the data of the note"),
    ],
)
def test_checksum_that_cannot_be_right_is_told(one, algorithm, found):
    change = write("process/recipe/algorithm", algorithm)
    answer = one("R07", change, checksums=True)
    assert answer.found == f"/entry/process/recipe/checksum {found}"


def recorded(file):
    """A source as nxtool records it: two raw files, of which one is not here."""
    import hashlib

    raw = Path(file.filename).with_name("other.h5").read_bytes()
    columns = {
        "file_name": np.array([b"other.h5", b"gone.h5"]),
        "sha256": np.array([hashlib.sha256(raw).hexdigest().encode(), b"0" * 64]),
    }
    group(file["entry/process"], "source_raw", "NXcollection", **columns)


def test_raw_files_beside_the_file_are_compared(one, file):
    answer = one("R07", recorded, checksums=True)
    assert answer.found == "2 agree, 1 not compared: gone.h5 is not here"
    with h5py.File(file.with_name("other.h5"), "r+") as other:
        other["values"][0] = 7
    answer = one("R07", lambda _: None, checksums=True)
    assert answer.found == "/entry/process/source_raw/sha256 does not fit other.h5"


@pytest.mark.parametrize("name", ["  a.nxs", " *a.nxs", "  ./a.nxs", "  raw/2026/a.nxs", ""])
def test_sidecar_is_a_checksum(one, file, name):
    import hashlib

    one("R07", remove("process/recipe/checksum"))
    sidecar = file.with_name("a.nxs.sha256")
    sidecar.write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}{name}\n")
    assert one("R07", lambda _: None).found == "a.nxs.sha256 (not compared)"
    assert one("R07", lambda _: None, checksums=True).found == "1 agrees"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0" * 64, "a.nxs.sha256 does not fit the file"),
        (f"{'0' * 64}  b.nxs\n", "a.nxs.sha256 names no SHA-256 of this file"),
        ("", "a.nxs.sha256 names no SHA-256 of this file"),
    ],
)
def test_sidecar_of_another_file_is_told(one, file, text, found):
    file.with_name("a.nxs.sha256").write_text(text)
    answer = one("R07", lambda _: None, checksums=True)
    assert (answer.verdict, answer.found) == ("no", found)


def kept(tmp_path):
    """A file made by nxtool that keeps its raw files, which are not beside it."""
    (tmp_path / "raw").mkdir()
    write_tiff(tmp_path / "raw" / "f_1.tif", np.ones((4, 5), dtype=np.uint16))
    scan = Scan(tmp_path / "raw", {"frames": "f_*.tif"})
    scan.convert("raw")
    return shutil.move(scan.result, tmp_path / "out.nxs")


def test_raw_files_kept_by_nxtool_are_compared(tmp_path, schema):
    path = kept(tmp_path)
    told = answer_of(fairness(path, schema, checksums=True), "R07").found
    assert told == "2 agree, 1 not compared: f_1.tif is not here"  # the recipe, and what is kept
    with h5py.File(path, "r+") as file:
        file["entry/nxtool/embedded/bytes/data"][0] += 1
    told = answer_of(fairness(path, schema, checksums=True), "R07").found
    assert told == "embedded does not fit f_1.tif"


# identifiers


@pytest.mark.parametrize(
    ("value", "type_", "kind"),
    [
        ("10.1107/S1600576714027575", "", "DOI"),
        ("https://doi.org/10.1107/S1600576714027575", "DOI", "DOI"),
        ("doi:10.5281/zenodo.6821676", "", "DOI"),
        (UUID, "", "UUID"),
        (f"urn:uuid:{UUID}", "uuid", "UUID"),
        ("00000000-0000-0000-0000-000000000000", "UUID", ""),
        ("20.500.12345/abc", "Hdl", "HDL"),
        ("20.500.12345/abc", "handle", "HDL"),
        ("20.500.12345/abc", "", ""),
        ("https://hdl.handle.net/20.500.12345/abc", "", "HDL"),
        ("ark:/12345/abcde", "", "ARK"),
        ("https://ror.org/01js2sh04", "", "ROR"),
        ("10.1107/x", "UUID", ""),
        ("https://example.org/sample/3", "URL", ""),
        ("https://example.org/sample/3", "", ""),
        ("https://w3id.org/PaN/x", "", "PURL"),
        ("scan_0012", "", ""),
        ("scan_0012", "DOI", ""),
        ("", "", ""),
    ],
)
def test_kind_of_identifiers(value, type_, kind):
    assert persistent_kind(value, type_) == kind


@pytest.mark.parametrize(
    "text",
    ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X", ORCID, f"{ORCID}/"],
)
def test_orcid_with_its_check_digit_is_valid(text):
    assert orcid_problem(text) == ""


@pytest.mark.parametrize(
    "text", ["0000-0002-1694-2330", "0000000218250097", "0000-0002-1825-009", "x", ""]
)
def test_orcid_of_wrong_form_or_digit_is_not(text):
    assert orcid_problem(text)


def test_every_wrong_last_digit_of_an_orcid_is_found():
    valid = [d for d in "0123456789X" if not orcid_problem(f"0000-0002-1825-009{d}")]
    assert valid == ["7"]


@pytest.mark.parametrize(
    "text",
    [
        "CC0-1.0",
        "CC-BY-4.0",
        "cc-by-4.0",
        "MIT",
        "GPL-3.0-or-later",
        "https://opendatacommons.org/licenses/by/1-0/",
    ],
)
def test_licence_is_an_identifier_or_an_address(text):
    assert is_licence_id(text)


@pytest.mark.parametrize("text", ["", "open", "CC BY", "http://example.org/l", "https://x", "MIT?"])
def test_other_words_are_no_licence(text):
    assert not is_licence_id(text)


def test_addresses_are_found_in_texts():
    assert has_email("Max <max.m+x@sub.example.org>")
    assert not has_email("max at example.org, @home, a@b")


def test_terms_of_panet_are_known_in_all_their_spellings():
    term = technique_of("NXsas")
    assert names_panet(term.iri)
    assert names_panet(term.pid)
    assert not names_panet("PaNET")


# hostile files


def test_file_without_an_entry_is_refused(tmp_path, schema):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(FileUnreadable) as caught:
        fairness(tmp_path / "a.h5", schema)
    assert caught.value.message == f"{tmp_path}/a.h5: holds no NXentry"


def test_entry_with_nothing_in_it_is_judged(tmp_path, schema):
    with h5py.File(tmp_path / "a.nxs", "w") as file:
        group(file, "entry", "NXentry")
    found = answers(fairness(tmp_path / "a.nxs", schema, checksums=True))
    assert {code for code, verdict in found.items() if verdict == "yes"} == {
        "A01", "A02", "I05", "I06"
    }  # fmt: skip


def circles(file):
    top = file["entry"]
    top["about/again"] = top
    top["about/soft"] = h5py.SoftLink("/entry/about")
    top["about/self"] = h5py.SoftLink("self")
    top["about/me"] = h5py.ExternalLink(Path(file.filename).name, "/entry/about")


def test_circles_of_links_end(spoilt):
    result = spoilt(circles)
    assert len(result.answers) == len(CHECKS)


def large_texts(file):
    file["entry"].attrs.create("license", "x" * 40_000)
    put(file["entry"], "title", np.full((64,), b"x" * 1000))
    put(file["entry"], "experiment_identifier", np.zeros((100, 100)))
    file["entry/about"].create_dataset(
        "license_2", (1,), "S1000", chunks=(1_000_000,), maxshape=(None,), compression="gzip"
    )
    put(file["entry/user_1"], "role", h5py.Empty("S1"))


def test_large_and_empty_texts_are_passed_over(spoilt):
    found = answers(spoilt(large_texts))
    assert {code: found[code] for code in ("F02", "F07", "F08", "R01")} == {
        "F02": "no", "F07": "no", "F08": "no", "R01": "yes"
    }  # fmt: skip


def test_bytes_that_are_no_text_are_shown_harmless(spoilt, tmp_path):
    result = spoilt(write("title", np.bytes_(b"caf\xe9\x1b[31m")))
    text = render(fair_lines(result), Terminal())
    assert "'caf\\xe9\\x1b[31m' has 9 characters" in text
    json.loads(fair_json([result], None))


def test_note_that_claims_endless_data_is_not_read(one):
    def change(file):
        del file["entry/process/recipe/data"]
        note = file["entry/process/recipe"]
        note.create_dataset("data", (1 << 50,), "u1", chunks=(1 << 20,))

    answer = one("R07", change, checksums=True)
    note = "/entry/process/recipe"
    assert answer.found == (
        f"{note}/checksum cannot be compared: {note}/data: claims values, but holds none"
    )


def test_deep_file_is_judged_as_far_as_it_is_looked_at(spoilt):
    def change(file):
        node = file["entry/about"]
        for _ in range(surveying.MAX_DEPTH + 5):
            node = node.create_group("x")

    result = spoilt(change)
    assert result.note == (
        "the file is too large or deep to look at all of it; the rest was not judged"
    )
    assert answers(result)["F01"] == "yes"


def test_groups_beyond_the_limit_are_not_looked_at(spoilt, monkeypatch):
    monkeypatch.setattr(surveying, "MOST_GROUPS", 3)
    assert spoilt(lambda _: None).note != ""


def test_entries_that_share_many_groups_are_bounded(spoilt, monkeypatch):
    monkeypatch.setattr(surveying, "MOST_STEPS", 5)
    assert spoilt(lambda _: None).note != ""


@pytest.mark.parametrize("end", [0, 100, 2000, 5000])
def test_truncated_file_is_refused(file, schema, end):
    file.write_bytes(file.read_bytes()[:end])
    with pytest.raises(FileUnreadable):
        fairness(file, schema)


@pytest.mark.slow
def test_damaged_bytes_give_answers_or_a_clear_error(file, schema):
    content = bytearray(file.read_bytes())
    generator = np.random.default_rng(5)
    outcomes = set()
    for _ in range(60):
        damaged = bytearray(content)
        for place in generator.integers(512, len(content), 20):
            damaged[place] = generator.integers(256)
        file.write_bytes(damaged)
        try:
            outcomes.add(len(fairness(file, schema, checksums=True).answers))
        except FileUnreadable:
            outcomes.add(0)
    assert outcomes <= {0, len(CHECKS)}


# real files


def outcome(path, schema):
    """The answers, or why there are none."""
    try:
        return fairness(path, schema, checksums=True)
    except FileUnreadable as error:
        return error.message


def test_real_files_are_judged_or_refused_with_a_reason(corpus, schema):
    paths = [path for path in (corpus / "nexus").rglob("*") if path.is_file()]
    found = {str(path): outcome(path, schema) for path in paths}
    refused = {name: one for name, one in found.items() if isinstance(one, str)}
    assert refused == {name: f"{name}: holds no NXentry" for name in refused}
    assert len(refused) < 5
    judged = [one for one in found.values() if not isinstance(one, str)]
    assert len(judged) > 30
    for one in judged:
        assert 0 < one.percent < 100
        assert json.loads(fair_json([one], None))["files"][0]["percent"] == one.percent
        assert render(fair_lines(one), Terminal()).endswith(f"points, {one.percent} %\n")
