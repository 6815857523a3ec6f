"""Exports being prepared: choices, the command that does the same, rows of a preview."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import h5py
import pytest

from nxtool.cli import main
from nxtool.errors import NxtoolError
from nxtool.viewing.exportchoices import choices_of, chosen
from nxtool.viewing.exportformats import FORMATS
from nxtool.viewing.exporting import (
    ALL,
    Choices,
    command_line,
    misnamed,
    prepare,
    target_of,
)
from nxtool.viewing.exportrows import export_rows
from tests.exportfile import complete_file

pytest.importorskip("icat_esrf_definitions")


@pytest.fixture
def scan(tmp_path, monkeypatch):
    """What writes the file `scan.nxs` with changes, in the working directory."""
    monkeypatch.chdir(tmp_path)

    def write(changes=None) -> Path:
        return complete_file(Path("scan.nxs"), changes)

    return write


@pytest.fixture
def rows_of():
    """What gives the rows of a preview."""

    def rows(choices):
        found = prepare(choices)
        try:
            return export_rows(found)
        finally:
            found.preview.close()

    return rows


def named(rows, state):
    return [row.name for row in rows if row.state == state]


def two_entries(path: Path, default: str = "") -> Path:
    with h5py.File(path, "w") as file:
        for name in ("first", "second"):
            file.create_group(name).attrs["NX_class"] = "NXentry"
            file[f"{name}/title"] = name
        if default:
            file.attrs["default"] = default
    return path


CHOSEN = [
    Choices(Path("scan.nxs")),
    Choices(Path("scan.nxs"), mapping="hzb", ingest_version="1.0"),
    Choices(
        Path("scan.nxs"), "icatdata", mapping="desy", icat_version="4.10", with_static=True,
        checksums=True, truncate=True, timezone="Europe/Berlin",
        given={"investigation.name": "a b", "investigation.visitId": "2", "facility.name": "X"},
    ),
    Choices(Path("scan.nxs"), "icatdata-yaml"),
    Choices(Path("scan.nxs"), "esrf"),
    Choices(Path("scan.nxs"), "scicat", api="v3", given={"scicat.ownerGroup": "it's p1"}),
    Choices(Path("scan.nxs"), "datacite"),
    Choices(Path("scan.nxs"), "rocrate", given={"license.name": "CC-BY-4.0"}),
    Choices(Path("scan.nxs"), "jsonld", checksums=True),
]  # fmt: skip


@pytest.mark.parametrize("choices", CHOSEN, ids=lambda one: one.format)
def test_command_line_does_the_same(scan, choices):
    scan()
    found = prepare(choices)
    found.preview.export.write("shown")
    found.preview.close()
    line = command_line(choices, Path("told"))
    assert main(shlex.split(line)[1:]) == 0
    assert without_time("told") == without_time("shown")


def without_time(name: str) -> list[str]:
    lines = Path(name).read_text("utf-8").splitlines()
    return [line for line in lines if "date>" not in line and "date:" not in line]


def test_every_format_of_the_command_can_be_chosen():
    from nxtool.cli.export import ICAT_FORMATS, group

    others = {"icat", "scicat-push", "icat-push"}
    assert set(ICAT_FORMATS) | set(group.commands) - others == set(FORMATS)


def test_command_line_is_quoted_and_names_what_is_not_as_usual():
    path = Path.cwd() / "-a b.nxs"
    assert command_line(Choices(path), Path("x y.xml"), overwrite=True) == (
        "nxtool export icat './-a b.nxs' -o 'x y.xml' --overwrite"
    )


@pytest.mark.parametrize("form", FORMATS)
def test_file_is_written_beside_the_one_that_is_read(form):
    target = target_of(Choices(Path("/d/scan.v2.nxs"), form))
    assert target.parent == Path("/d")
    assert target.name == "ro-crate-metadata.json" or target.stem.startswith("scan.v2")


def test_names_that_would_mislead_are_refused(scan):
    choices = Choices(scan(), "icatdata")
    assert misnamed(choices, Path("scan.nxs")) == "that is the file that is exported"
    assert "choose icatdata-yaml" in misnamed(choices, Path("x.yaml"))
    assert not misnamed(replace(choices, format="icatdata-yaml"), Path("x.yaml"))


def test_gaps_and_errors_come_first(scan, rows_of):
    changes = {
        "entry/sample/chemical_formula": None,
        "entry/start_time": "2026-01-05T10:00:00",
        "entry/sample/temperature@units": "mm",
    }
    rows = rows_of(Choices(scan(changes), mapping="desy"))
    assert [(row.name, row.state) for row in rows[:7]] == [
        ("missing (1)", ""),
        ("sampleType.molecularFormula", "gap"),
        ("refused (1)", ""),
        ("dataset.startDate", "error"),
        ("lost (1)", ""),
        ("sample/temperature", "warning"),
        ("values (5)", ""),
    ]


def test_value_that_is_given_fills_the_gap(scan, rows_of):
    choices = Choices(scan({"entry/sample/chemical_formula": None}), mapping="desy")
    target = "sampleType.molecularFormula"
    assert named(rows_of(choices), "gap") == [target]
    rows = rows_of(choices.giving(target, "C60"))
    assert named(rows, "gap") == []
    assert next(row for row in rows if row.name == target).origin == "given"
    assert choices.giving(target, "C60").giving(target, "") == choices


def test_date_without_zone_that_is_needed_is_a_gap_with_the_reason(scan, rows_of):
    rows = rows_of(Choices(scan({"entry/start_time": "2026-01-05T10:00:00"}), "esrf"))
    (gap,) = (row for row in rows if row.state == "gap")
    assert (gap.name, gap.path) == ("dataset.startDate", "/entry/start_time")
    assert gap.text == "'2026-01-05T10:00:00' has no time zone"
    assert named(rows, "error") == []


def test_rows_tell_value_unit_and_place(scan, rows_of):
    rows = {row.name: row for row in rows_of(Choices(scan())) if row.state == "ok"}
    energy = rows["beam/energy"]
    assert (energy.text, energy.path) == ("12.4 keV", "/entry/instrument/beam/incident_energy")
    assert rows["detector/count_time"].text == "2 s (1 to 4)"
    assert rows["PaNET:PaNET01188"].text == "small angle x-ray scattering"


@pytest.mark.parametrize(
    ("choices", "name", "state"),
    [
        (Choices(Path("scan.nxs")), "Ada Lovelace", "out"),
        (Choices(Path("scan.nxs"), "icatdata"), "Ada Lovelace", "out"),
        (Choices(Path("scan.nxs"), "icatdata", with_static=True), "Ada Lovelace", "ok"),
        (Choices(Path("scan.nxs"), "datacite"), "Ada Lovelace", "ok"),
        (Choices(Path("scan.nxs"), "datacite"), "beam/energy", "out"),
        (Choices(Path("scan.nxs")), "investigation.title", "out"),
        (Choices(Path("scan.nxs"), "icatdata", with_static=True), "investigation.title", "ok"),
        (Choices(Path("scan.nxs"), "esrf"), "PaNET:PaNET01188", "ok"),
        (Choices(Path("scan.nxs")), "PaNET:PaNET01188", "ok"),
    ],
)
def test_what_a_format_has_no_place_for_is_told_apart(scan, rows_of, choices, name, state):
    scan()
    found = [row for row in rows_of(choices) if row.name == name and row.state in ("ok", "out")]
    assert [row.state for row in found] == [state]


def test_technique_for_which_a_catalogue_has_no_word_is_told_apart(scan, rows_of):
    rows = rows_of(Choices(scan({"entry/definition": "NXtofnpd"}), "esrf"))
    assert [row.state for row in rows if row.name == "PaNET:PaNET01100"] == ["out"]


def test_entry_of_the_default_is_taken_first(tmp_path):
    for default, expected in (("", "first"), ("second", "second"), ("gone", "first")):
        found = prepare(Choices(two_entries(tmp_path / "two.nxs", default)))
        found.preview.close()
        assert (found.entries, found.choices.entry) == (("first", "second"), expected)


def test_all_entries_become_datasets_with_headings(tmp_path, rows_of):
    rows = rows_of(Choices(two_entries(tmp_path / "two.nxs"), entry=ALL))
    heads = [(row.name, row.path) for row in rows if not row.state and row.path]
    assert heads == [("dataset two_first", "/first"), ("dataset two_second", "/second")]


def test_file_without_an_entry_is_told(tmp_path):
    path = tmp_path / "x.nxs"
    with h5py.File(path, "w") as file:
        file["a"] = 1
    with pytest.raises(NxtoolError, match="/ holds no NXentry"):
        prepare(Choices(path))


def test_file_that_is_gone_is_told(tmp_path):
    with pytest.raises(NxtoolError, match="No such file"):
        prepare(Choices(tmp_path / "x.nxs"))


def labels(choices, entries=()):
    return [one.label for one in choices_of(choices, entries)]


def test_only_what_a_format_asks_can_be_chosen():
    path = Path("x.nxs")
    common = ["investigation", "visit", "facility", "time zone", "cut long texts"]
    assert labels(Choices(path)) == ["format", "mapping", "version", *common]
    dump = ["format", "mapping", "ICAT", "static objects", "checksums", *common]
    assert labels(Choices(path, "icatdata")) == dump
    assert labels(Choices(path, "esrf"), ("a", "b")) == ["format", "mapping", "entry", *common]


def test_usual_mapping_of_a_format_is_not_named():
    now = Choices(Path("x.nxs"), "esrf")
    assert chosen(now, "mapping", "esrf") == now
    assert chosen(now, "mapping", "desy").mapping == "desy"
    assert chosen(now, "truncate", "yes").truncate
    assert chosen(now, "facility.name", "X").given == {"facility.name": "X"}
