"""The ESRF's client takes what nxtool writes, and a stand-in for its catalogue registers it."""

from __future__ import annotations

import functools
import json
import time
from datetime import datetime
from pathlib import Path

import pytest

import nxtool
from tests.exportfile import complete_file

pytest.importorskip("icat_esrf_definitions")
backend = pytest.importorskip("pyicat_plus_pytest_plugin.mock_backend")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The file for the ESRF of a complete file."""
    target = tmp_path / "dataset.xml"
    with nxtool.export.icat(complete_file(tmp_path / "scan.nxs"), format="esrf") as made:
        made.write(target)
    return target


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than five seconds for the servers: other tests may want the processors too."""
    wait = functools.partial(backend._mock_backend.tcp.wait_tcp_online, timeout=60)
    monkeypatch.setattr(backend._mock_backend.tcp, "wait_tcp_online", wait)


@pytest.mark.slow
@pytest.mark.usefixtures("patient")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_dataset_is_registered_through_the_client(stored, tmp_path):
    folder = tmp_path / "catalogue"
    folder.mkdir()
    start = datetime.fromisoformat("2026-01-05T08:00:00+01:00")
    where = {"beamline": "myspot", "proposal": "241-001-st", "date": start.date()}
    with backend.mock_icat_client(folder) as client:
        client.start_investigation(
            beamline=where["beamline"], proposal=where["proposal"], start_datetime=start
        )
        wait_for(lambda: client.investigation_info(**where))
        client.store_dataset_from_file(str(stored))
        (dataset,) = wait_for(lambda: client.registered_datasets(**where))
    assert dataset.dataset_id.path == str(tmp_path)
    (kept,) = json.loads((folder / "datasets0.json").read_text())
    found = {one["name"]: one["value"] for one in kept["parameters"]}
    assert kept["sample"]["name"] == "SDS 5 %"
    assert found["InstrumentBeam_incident_energy"] == "12.4"
    assert {"datasetName", "proposal", "location", "startDate", "endDate", "Sample_name"} <= set(
        found
    )


def wait_for(ask):
    """What `ask` gives once it gives something; messages take their time."""
    for _ in range(100):
        if answer := ask():
            return answer
        time.sleep(0.1)
    raise TimeoutError("the stand-in for the catalogue does not answer")
