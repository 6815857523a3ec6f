"""Files for ICAT judged: what each mutation of a sound one is told to be, and what is refused."""

from __future__ import annotations

import contextlib
import runpy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from nxtool.errors import FileUnreadable
from nxtool.export.icatmodel import ENTITIES, VERSIONS
from nxtool.icatlint import judge
from nxtool.icatlint.codes import CODES
from nxtool.icatlint.judge import lint
from nxtool.icatlint.read import MAX_DEPTH, read_parts
from nxtool.icatlint.schema import INGEST_VERSIONS, Schema, dump_schema, ingest_schema
from nxtool.icatlint.text import is_orcid, read_date, read_integer, read_number
from nxtool.icatlint.xsd import judge_by_schema, load_schema
from nxtool.validate.rulebook import RULES
from tests.icat import official

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parents[1] / "icat"
XSD = "{http://www.w3.org/2001/XMLSchema}"
INGEST = (FOLDER / "ingest.xml").read_text(encoding="utf-8")
DUMP = (FOLDER / "dump.xml").read_text(encoding="utf-8")
SAMPLES = {
    "ingest": INGEST,
    "ingest10": INGEST.replace('version="1.1"', 'version="1.0"'),
    "dump": DUMP,
}


@dataclass(frozen=True)
class Case:
    sample: str
    old: str
    new: str
    valid: bool
    told: list[str]

    @property
    def text(self) -> str:
        """The mutated sample."""
        sound = SAMPLES[self.sample]
        assert sound.count(self.old) == 1, self.old
        return sound.replace(self.old, self.new)


CASES = [
    Case(**entry)
    for entry in yaml.safe_load((FOLDER / "lintcases.yaml").read_text(encoding="utf-8"))
]
NAMES = [
    f"{number}-{'-'.join(sorted({told.split()[2] for told in case.told})) or 'fine'}"
    for number, case in enumerate(CASES)
]


def told(folder: Path, text: str | bytes, version: str | None = None) -> list[str]:
    """The findings about a file with this content."""
    path = folder / "x.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [
        f"{item.mark.line}:{item.mark.column} {item.severity} {item.code} {item.path}: "
        f"{item.message}"
        for item in lint(path, version).items
        if item.mark is not None
    ]


def refused(folder: Path, text: str | bytes) -> str:
    """What is said of a file with this content, which cannot be read."""
    with pytest.raises(FileUnreadable) as caught:
        told(folder, text)
    return str(caught.value).replace(str(folder / "x.xml"), "x.xml")


def official_verdict(text: str) -> bool:
    """Whether the official schema calls a file valid."""
    root = etree.fromstring(text.encode())
    try:
        if root.tag == "icatingest":
            path = official.ingest_schema(root.get("version", ""))
        else:
            path = official.dump_schema("5.0")
    except official.NotThere as error:
        pytest.skip(str(error))
    return bool(etree.XMLSchema(etree.parse(str(path))).validate(root))


# --- what is wrong with a file


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sound_file_has_no_faults(name: str, tmp_path: Path) -> None:
    if name != "ingest10":
        assert told(tmp_path, SAMPLES[name]) == []
        assert official_verdict(SAMPLES[name])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_mutation_is_told_with_its_place(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case.text) == case.told


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_official_schema_says_what_the_case_says(case: Case) -> None:
    assert official_verdict(case.text) == case.valid


def test_there_is_a_case_for_every_code() -> None:
    met = {told.split()[2] for case in CASES for told in case.told}
    assert met == set(CODES) - {"C00"}


@pytest.mark.parametrize("code", sorted(set(CODES) - {"C00"}))
def test_what_is_said_of_the_official_schema_is_so(code: str) -> None:
    alone = [case for case in CASES if {told.split()[2] for told in case.told} == {code}]
    verdicts = {case.valid for case in alone}
    if verdicts:  # what never comes alone cannot be said
        expected = {"no": {True}, "yes": {False}, "partly": {True, False}}
        assert verdicts == expected[CODES[code].schema]


def test_codes_are_not_those_of_the_rules() -> None:
    assert set(CODES) & set(RULES) == set()


def test_what_the_official_schema_does_not_catch_is_caught(tmp_path: Path) -> None:
    """The table of icat.md, appendix A."""
    mutations = {
        "C11": ("<startDate>2024-01-02T03:04:05+01:00", "<startDate>2024-01-02T03:04:05"),
        "C21": ("</rangeTop>", "</rangeTop><stringValue>warm</stringValue>"),
        "C14": ("scan_0002", "x" * 300),
        "C30": ('<dataset ref="Dataset_1"/>\n', '<dataset ref="Dataset_9"/>\n'),
        "C41": ("scan_0002", "scan_0001"),
    }
    for code, (old, new) in mutations.items():
        text = INGEST.replace(old, new)
        assert official_verdict(text)
        assert [line.split()[1:3] for line in told(tmp_path, text)] == [["error", code]]


def test_many_faults_of_a_kind_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MOST", 3)
    many = "".join(f"<user><name>db/{n}</name><email>x</email></user>" for n in range(10))
    found = told(tmp_path, f"<icatdata><data>{many}</data></icatdata>")
    counts = Counter(line.split()[2] for line in found)
    assert counts == {"C51": 4, "C02": 4}
    assert found[-1].endswith("and 7 more of this kind")


def test_keys_in_a_file_of_one_line_are_compared(tmp_path: Path) -> None:
    user = "<user><name>db/a</name></user>"
    assert told(tmp_path, f"<icatdata><data>{user}{user}</data></icatdata>") == [
        "1:47 error C41 user: user 'db/a' stands in line 1 already (same name)"
    ]


def test_a_key_of_the_server_may_be_referred_to_before_nothing(tmp_path: Path) -> None:
    text = DUMP.replace('<facility id="F"><name>HZB</name></facility>', "")
    found = told(tmp_path, text.replace('"F"', '"Facility_name-HZB"'))
    assert found == []


def test_a_key_that_stands_further_down_is_not_there_yet(tmp_path: Path) -> None:
    user = '<user id="User_name-a"><name>a</name></user>'
    member = '<userGroup><grouping name="g"/><user ref="User_name-a"/></userGroup>'
    text = "<icatdata><data>{}</data><data>{}</data></icatdata>"
    assert told(tmp_path, text.format(user, member)) == []
    assert told(tmp_path, text.format(member, user)) == [
        "1:48 error C31 userGroup/user: 'User_name-a' is the object of line 1, further down"
    ]


def test_a_data_collection_may_be_referred_to_from_the_next_data(tmp_path: Path) -> None:
    text = (
        '<icatdata><data><dataCollection id="C"/></data><data><dataCollectionDataset>'
        '<dataCollection ref="C"/><dataset name="x"/></dataCollectionDataset></data></icatdata>'
    )
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("version", "head", "number"),
    [
        (None, "", 0),
        ("4.10", "", 4),
        (None, "<apiversion>4.10.0</apiversion>", 4),
        ("5.0", "<apiversion>4.10.0</apiversion>", 0),
        ("4.4", "", 6),
    ],
)
def test_the_release_is_asked_for_or_told_by_the_file(
    version: str | None, head: str, number: int, tmp_path: Path
) -> None:
    text = DUMP.replace("<generator>", f"{head}<generator>")
    found = [line.split()[2] for line in told(tmp_path, text, version)]
    assert found == ["C03"] * number


def test_links_to_techniques_need_icat_5_in_ingest_files_too(tmp_path: Path) -> None:
    found = told(tmp_path, INGEST, "4.10")
    assert [line.split(" ", 2)[2] for line in found] == [
        "C03 datasetTechnique: <datasetTechnique> came with ICAT 5.0",
        "C03 datasetInstrument: <datasetInstrument> came with ICAT 5.0",
    ]


# --- files of others


def examples() -> list[Path]:
    """python-icat's own example files."""
    try:
        folder = official.source_distribution()
    except official.NotThere as error:
        pytest.skip(str(error))
    return sorted([*folder.glob("doc/examples/*.xml"), *folder.glob("tests/data/*.xml")])


def test_the_examples_of_python_icat_have_the_errors_we_know() -> None:
    paths = [path for path in examples() if path.name != "metadata-custom-myingest.xml"]
    assert len(paths) >= 19
    errors = [
        (path.name, item.code, item.message)
        for path in paths
        for item in lint(path).items
        if item.severity == "error"
    ]
    # a hand-written dump; the server lets no investigation be without a type
    assert errors == [("icatdump-simple.xml", "C04", "<investigation> has no type")]


def test_the_warnings_about_the_examples_are_those_we_know() -> None:
    paths = [path for path in examples() if path.name != "metadata-custom-myingest.xml"]
    counts = Counter(item.code for path in paths for item in lint(path).items)
    assert set(counts) == {"C04", "C42", "C50"}  # made-up iDs of three groups of digits


def test_a_format_of_a_facility_is_not_judged() -> None:
    paths = [path for path in examples() if path.name == "metadata-custom-myingest.xml"]
    with pytest.raises(FileUnreadable, match="the root is <myingest>"):
        lint(paths[0])


# --- the table of kinds against the official schemas


def elements(root: etree._Element, kind: str) -> list[etree._Element]:
    (found,) = [e for e in root.iterchildren(f"{XSD}complexType") if e.get("name") == kind]
    return list(found.iter(f"{XSD}element"))


def schemas() -> Iterator[tuple[Schema, etree._Element]]:
    """Our table for each format, and the official schema of it."""
    try:
        for version in VERSIONS:
            yield dump_schema(version), etree.parse(str(official.dump_schema(version))).getroot()
        for version in INGEST_VERSIONS:
            root = etree.parse(str(official.ingest_schema(version))).getroot()
            yield ingest_schema(version), root
    except official.NotThere as error:
        pytest.skip(str(error))


def test_the_table_has_the_order_of_the_official_schemas() -> None:
    for ours, root in schemas():
        names = [str(e.get("name")) for e in elements(root, "data")]
        assert [name for name in ours.order if name in names] == names


def test_the_table_has_the_members_of_the_official_schemas() -> None:
    differing = []
    for ours, root in schemas():
        for kind in ours.kinds.values():
            if not ours.knows(kind.since):
                continue
            members = [m.name for m in kind.members.values() if ours.knows(m.since)]
            names = [str(e.get("name")) for e in elements(root, kind.name)]
            if members != names:
                differing.append((kind.name, set(members) ^ set(names)))
    # what servers call it, besides what the schema does
    assert differing == [("dataPublicationFunding", {"dataPublication"})] * 2


def test_the_table_has_the_required_values_of_the_official_schemas() -> None:
    for ours, root in schemas():
        for kind in ours.kinds.values():
            if not ours.knows(kind.since):
                continue
            must = {e.get("name") for e in elements(root, kind.name) if not e.get("minOccurs")}
            values = [m for m in kind.members.values() if m.role == "value"]
            assert {m.name for m in values if m.required} == must & {m.name for m in values}


def test_the_model_asks_for_values_that_the_table_has() -> None:
    for name, kind in dump_schema("6.2").kinds.items():
        entity = ENTITIES[name]
        assert set(entity.key) | set(entity.required) <= set(kind.members)


# --- values


@given(
    st.datetimes(
        datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30"),
        timezones=st.integers(-840, 840).map(lambda m: timezone(timedelta(minutes=m))),
    )
)  # fmt: skip
def test_dates_are_read_as_they_were_written(date: datetime) -> None:
    assert read_date(date.isoformat()) == date


@pytest.mark.parametrize(
    "text",
    ["2024-01-02", "2024-01-02T24:00:01Z", "2024-01-02T03:04:05+15:00", "2024-01-02T03:04:60Z",
     "2024-1-2T03:04:05Z", "9999-12-31T24:00:00Z", "٢٠٢٤-01-02T03:04:05Z"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_midnight_may_be_written_as_24() -> None:
    assert read_date("2024-01-31T24:00:00Z") == datetime(2024, 2, 1, tzinfo=timezone.utc)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_were_written(number: float) -> None:
    assert read_number(repr(number)) == number


@pytest.mark.parametrize("text", ["", "NaN", "INF", "inf", "1,5", "0x1", "1_000", "1e999", "٣"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


def test_integers_end_where_the_server_does() -> None:
    assert read_integer(str(2**63 - 1)) == 2**63 - 1
    assert read_integer(str(2**63)) is None


@given(st.integers(0, 10**15 - 1))
def test_one_check_digit_of_an_orcid_is_right(number: int) -> None:
    digits = f"{number:015}"
    right = [
        check
        for check in "0123456789X"
        if is_orcid(f"{digits[:4]}-{digits[4:8]}-{digits[8:12]}-{digits[12:]}{check}")
    ]
    assert len(right) == 1


# --- files that cannot be read


def test_a_file_that_was_cut_is_refused_at_the_place(tmp_path: Path) -> None:
    assert refused(tmp_path, INGEST[:300]) == (
        "x.xml:8:22: cannot be parsed as XML: no element found "
        "(open the file at this place; was it written to its end?)"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a/>", "x.xml:1:1: the root is <a> (icatingest or icatdata files are read)"),
        ('<icatdata xmlns="urn:x"/>',
         "x.xml:1:1: the root is <icatdata> in the namespace urn:x (icatingest or icatdata files "
         "are read)"),
        ("<icatingest/>", "x.xml:1:1: <icatingest> has no version (known are 1.0 and 1.1)"),
        ('<icatingest version="2"/>',
         "x.xml:1:1: <icatingest> has the version '2' (known are 1.0 and 1.1)"),
        ('<?xml version="1.0" encoding="utf-7"?><icatdata/>',
         "x.xml:1:31: cannot be decoded: multi-byte encodings are not supported "
         "(write it as UTF-8)"),
    ],
)  # fmt: skip
def test_another_kind_of_file_is_refused(text: str, said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, text) == said


DECLARATIONS = {
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    "external entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "external subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
}


@pytest.mark.parametrize("declaration", DECLARATIONS.values(), ids=DECLARATIONS)
def test_a_document_type_is_refused(declaration: str, tmp_path: Path) -> None:
    said = refused(tmp_path, f"{declaration}<icatdata>&a;</icatdata>")
    assert said.partition(": ")[2] == (
        "has a document type declaration, which may define entities "
        "(files for ICAT need none; remove <!DOCTYPE ...>)"
    )


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    text = "<icatdata>" + "<data>" * 100_000
    assert refused(tmp_path, text) == (
        f"x.xml:1:{11 + 6 * (MAX_DEPTH - 1)}: nested deeper than 32 (no file for ICAT is)"
    )


def test_a_huge_attribute_is_cut_in_the_message(tmp_path: Path) -> None:
    text = f'<icatdata><data><userRef {"x" * 1_000_000}="y"/></data></icatdata>'
    (found,) = told(tmp_path, text)
    assert len(found) < 400
    assert found.endswith(f"'{'x' * 60}…' is nothing that user is referred to by")


def test_a_long_text_in_pieces_takes_no_long_time(tmp_path: Path) -> None:
    text = f"<icatdata><data><user><name>{'a&#10;' * 2_000_000}</name></user></data></icatdata>"
    codes = [line.split()[2] for line in told(tmp_path, text)]
    assert codes == ["C14", "C16"]


def test_a_file_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nxtool.icatlint.read.MAX_BYTES", 2**20)
    assert refused(tmp_path, " " * (2**20 + 1)) == (
        "x.xml: larger than 1 MiB (write several files)"
    )


def test_a_file_in_utf_16_is_read(tmp_path: Path) -> None:
    assert told(tmp_path, f'<?xml version="1.0"?>{INGEST}'.encode("utf-16")) == []


def test_places_after_many_lines_are_right(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(f"<icatdata>{chr(10) * 70_000}<data/></icatdata>")
    assert [part.element.mark.line for part in read_parts(path)] == [1, 70_001, 70_001]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([INGEST.encode(), DUMP.encode()]),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 3), st.binary(max_size=4))),
    st.integers(0, 4000),
)
def test_damaged_files_are_judged_or_refused(
    tmp_path: Path, content: bytes, damage: list[tuple[int, int, bytes]], end: int
) -> None:
    for place, length, new in damage:
        content = content[:place] + new + content[place + length :]
    path = tmp_path / "x.xml"
    path.write_bytes(content[:end] if end % 2 else content)
    with contextlib.suppress(FileUnreadable):
        assert all(item.mark is not None for item in lint(path).items)


_WORDS = sorted({word for text in SAMPLES.values() for word in text.replace("<", " <").split()})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([INGEST, DUMP]),
    st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(_WORDS)), min_size=1, max_size=5),
)
def test_files_with_parts_exchanged_are_judged_or_refused(
    tmp_path: Path, text: str, changes: list[tuple[int, str]]
) -> None:
    words = text.replace("<", " <").split(" ")
    for place, new in changes:
        words[place % len(words)] = new
    path = tmp_path / "x.xml"
    path.write_text(" ".join(words))
    with contextlib.suppress(FileUnreadable):
        lint(path)


# --- a schema of the user


def test_a_schema_of_the_user_is_asked(tmp_path: Path) -> None:
    try:
        schema = load_schema(official.ingest_schema("1.1"))
    except official.NotThere as error:
        pytest.skip(str(error))
    path = tmp_path / "x.xml"
    path.write_text(INGEST)
    assert list(judge_by_schema(path, schema)) == []
    path.write_text(INGEST.replace("<name>scan_0002</name>", ""))
    (found,) = judge_by_schema(path, schema)
    assert (found.code, found.mark and found.mark.line) == ("C00", 11)
    assert found.message == ("Element 'dataset': Missing child element(s). Expected is ( name ).")


# --- the page of the codes


def test_page_of_codes_is_up_to_date() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "make_rules.py"))
    page = (ROOT / "docs" / "icat-lint.md").read_text(encoding="utf-8")
    assert page == script["icat_page"](page), "run `make rules`"
