"""`nxtool icat lint` as its users meet it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.icat import official

Run = Callable[..., tuple[int, str, str]]

SOUND = (Path(__file__).parents[1] / "icat" / "ingest.xml").read_text(encoding="utf-8")
BAD = SOUND.replace("<startDate>2024-01-02T03:04:05+01:00", "<startDate>2024-01-02T03:04:05")
RISKY = SOUND.replace(">2.70<", ">2.90<")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in {"sound": SOUND, "bad": BAD, "risky": RISKY}.items():
        Path(f"{name}.xml").write_text(text, encoding="utf-8")


def test_a_sound_file_is_fine(nxtool: Run) -> None:
    assert nxtool("icat", "lint", "sound.xml") == (0, "sound.xml: no faults\n", "")


def test_an_error_is_told_with_its_place_and_a_way_out(nxtool: Run) -> None:
    assert nxtool("icat", "lint", "bad.xml") == (
        1,
        "bad.xml:7:7: error: '2024-01-02T03:04:05' has no UTC offset [C11] "
        "dataset[Dataset_1]/startDate  → add it: the server would guess its own time zone\n"
        "bad.xml: 1 error\n",
        "",
    )


@pytest.mark.parametrize(
    ("fail_on", "risky", "bad"), [("error", 0, 1), ("warning", 1, 1), ("never", 0, 0)]
)
def test_what_fails_can_be_chosen(fail_on: str, risky: int, bad: int, nxtool: Run) -> None:
    codes = [
        nxtool("icat", "lint", f"{name}.xml", "--fail-on", fail_on)[0] for name in ("risky", "bad")
    ]
    assert codes == [risky, bad]


def test_several_files_are_one_document(nxtool: Run) -> None:
    code, out, err = nxtool("icat", "lint", "sound.xml", "bad.xml", "--format", "json")
    document = json.loads(out)
    assert (code, err) == (1, "")
    assert (document["schema"], document["schema_version"]) == ("nxtool.icat.lint", 1)
    sound, bad = document["files"]
    assert sound == {
        "file": "sound.xml", "counts": {"error": 0, "warning": 0, "info": 0}, "findings": [],
    }  # fmt: skip
    assert bad["counts"] == {"error": 1, "warning": 0, "info": 0}
    (finding,) = bad["findings"]
    assert (finding["code"], finding["rule"]) == ("C11", "date without UTC offset")
    assert finding["mark"] == {"file": "bad.xml", "line": 7, "column": 7}


def test_a_file_that_cannot_be_read_does_not_hide_the_others(nxtool: Run) -> None:
    assert nxtool("icat", "lint", "missing.xml", "sound.xml") == (
        2,
        "sound.xml: no faults\n",
        "error: missing.xml: no such file or directory\n  → check the name\n",
    )


def test_a_folder_is_no_file(nxtool: Run) -> None:
    code, _, err = nxtool("icat", "lint", ".")
    assert (code, err) == (2, "error: .: is a folder\n  → name the XML files in it\n")


def test_what_is_not_xml_is_said(nxtool: Run) -> None:
    Path("x.xml").write_text("%YAML 1.1\n")
    code, _, err = nxtool("icat", "lint", "x.xml")
    assert (code, err) == (
        2,
        "error: x.xml:1:6: cannot be parsed as XML: not well-formed (invalid token)\n"
        "  → open the file at this place; was it written to its end?\n",
    )


def test_a_cut_file_is_told_where(nxtool: Run) -> None:
    Path("x.xml").write_text(SOUND[: SOUND.index("<rangeTop>")])
    code, out, err = nxtool("icat", "lint", "x.xml")
    assert (code, out) == (2, "")
    assert err.startswith("error: x.xml:19:7: cannot be parsed as XML: no element found\n")


def test_the_release_of_the_server_can_be_named(nxtool: Run) -> None:
    code, out, _ = nxtool("icat", "lint", "sound.xml", "--icat-version", "4.10")
    assert code == 1
    assert out.splitlines()[0] == (
        "sound.xml:14:5: error: <datasetTechnique> came with ICAT 5.0 [C03] datasetTechnique  → "
        "take it out, or say --icat-version"
    )


@pytest.mark.slow
def test_a_schema_can_be_asked_too(nxtool: Run) -> None:
    try:
        schema = official.ingest_schema("1.0")
    except official.NotThere as error:
        pytest.skip(str(error))
    code, out, _ = nxtool("icat", "lint", "sound.xml", "--xsd", schema)
    assert code == 1
    assert [line.split("[C00]")[0] for line in out.splitlines()[:2]] == [
        "sound.xml:1:1: error: Element 'icatingest', attribute 'version': [facet 'enumeration'] "
        "The value '1.1' is not an element of the set {'1.0'}. ",
        "sound.xml:9:1: error: Element 'sample': This element is not expected. Expected is one of "
        "( datasetInstruments, datasetTechniques, parameters ). ",
    ]


@pytest.mark.parametrize("schema", ["missing.xsd", "sound.xml", "."])
def test_a_schema_that_is_none_is_said(schema: str, nxtool: Run) -> None:
    code, out, err = nxtool("icat", "lint", "sound.xml", "--xsd", schema)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {schema}")


def test_control_characters_do_not_reach_the_terminal(nxtool: Run) -> None:
    Path("x.xml").write_text(SOUND.replace('"Dataset_2"', '"&#x9b;31m"'), encoding="utf-8")
    _, out, _ = nxtool("icat", "lint", "x.xml")
    assert "\x9b" not in out
