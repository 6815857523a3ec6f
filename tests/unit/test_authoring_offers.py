"""What sources offer to the fields of a recipe."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.authoring.document import Document
from nxtool.authoring.offers import add_source, best_offers, map_all, offers_of
from nxtool.authoring.session import Session
from nxtool.schema.compile import default_schema
from nxtool.schema.template import template


@pytest.fixture
def session(tmp_path: Path) -> Session:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        measured = file.create_group("1.1/measurement")
        measured["energy"] = np.linspace(8.2, 8.6, 11)
        measured["energy"].attrs["units"] = "keV"
        measured["i0"] = np.arange(11)
        file["1.1/title"] = "nickel foil"
        file["1.1/start_time"] = "2026-11-22T09:51:00+01:00"
        file["temperature"] = 300.0
        file["temperature"].attrs["units"] = "K"
    text = template(default_schema(), "NXxas") + "sources:\n  scan: scan.h5\n"
    return Session(Document(tmp_path / "x.nx.yaml", text), default_schema())


def _row(session: Session, path: str):
    return next(row for top in session.rows() for row in top.walk() if row.path == path)


def _offers(session: Session):
    return [offer for one in offers_of(session.document.draft) for offer in one.offers]


def test_sources_are_listed_with_what_they_offer(session):
    (found,) = offers_of(session.document.draft)
    assert (found.name, found.path, found.format, found.files) == ("scan", "scan.h5", "hdf5", 1)
    assert [offer.selector for offer in found.offers] == [
        "/1.1/measurement/energy", "/1.1/measurement/i0", "/1.1/start_time", "/1.1/title",
        "/temperature",
    ]  # fmt: skip


def test_a_source_that_is_missing_says_so(session, tmp_path):
    (tmp_path / "scan.h5").unlink()
    (found,) = offers_of(session.document.draft)
    assert (found.offers, found.problem) == ((), f"{tmp_path / 'scan.h5'}: no such file")


def test_the_best_offers_agree_in_name_unit_and_type(session):
    offers = _offers(session)
    energy = _row(session, "/entry/instrument/monochromator/energy")
    assert best_offers(energy, offers)[0].selector == "/1.1/measurement/energy"
    assert "/temperature" not in [one.selector for one in best_offers(energy, offers)]  # a unit
    title = best_offers(_row(session, "/entry/title"), offers)
    assert title[0].selector == "/1.1/title"
    assert all(one.info.dtype.kind == "O" for one in title)


def test_a_field_called_data_is_known_by_its_group(session, tmp_path):
    with h5py.File(tmp_path / "scan.h5", "a") as file:
        for name in ("monitor/data", "incoming_beam", "absorbed_beam/value"):
            file[f"1.1/measurement/{name}"] = np.zeros(11)
    offers = _offers(session)
    fields = ("instrument/incoming_beam", "instrument/absorbed_beam", "monitor")
    rows = {name: _row(session, f"/entry/{name}/data") for name in fields}
    best = {name: best_offers(row, offers)[0].selector for name, row in rows.items()}
    assert best == {
        "instrument/incoming_beam": "/1.1/measurement/incoming_beam",
        "instrument/absorbed_beam": "/1.1/measurement/absorbed_beam/value",
        "monitor": "/1.1/measurement/monitor/data",
    }


def test_equal_names_are_mapped_in_one_step(session):
    before = session.document.text
    edit, count = map_all(session, session.rows(), _offers(session))
    session.apply(edit, "mapped")
    given = {row.path: row.value for top in session.rows() for row in top.walk()
             if row.origin == "source"}  # fmt: skip
    assert count == 3
    assert given == {
        "/entry/title": "scan:/1.1/title",
        "/entry/start_time": "scan:/1.1/start_time",
        "/entry/instrument/monochromator/energy": "scan:/1.1/measurement/energy",
    }
    session.undo()
    assert session.document.text == before


def test_what_is_filled_in_already_is_not_mapped(session):
    session.put(_row(session, "/entry/title"), "mine")
    _, count = map_all(session, session.rows(), _offers(session))
    assert count == 2


def test_a_file_becomes_a_source_by_a_name_of_its_own(session, tmp_path):
    name, edit = add_source(session, tmp_path / "other scan.h5")
    session.apply(edit, "")
    assert (name, session.document.tree.get("sources").to_python()) == (
        "other_scan", {"scan": "scan.h5", "other_scan": "other scan.h5"},
    )  # fmt: skip
    assert add_source(session, tmp_path / "deep" / "scan.h5")[0] == "scan_2"


def test_a_file_that_is_a_source_keeps_its_name(session, tmp_path):
    name, edit = add_source(session, tmp_path / "scan.h5")
    assert (name, session.apply(edit, "")) == ("scan", None)


def test_a_recipe_that_cannot_be_read_is_told(session):
    session.document.text = "nxtool: 1\nvars: {a: '${b}'}\n"
    (found,) = offers_of(session.document.draft)
    assert "b" in found.problem
