"""A NeXus file that says all a catalogue wants to know, for tests of exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

COMPLETE: dict[str, Any] = {
    "entry@NX_class": "NXentry",
    "entry@default": "data",
    "entry/definition": "NXsas",
    "entry/definition@version": "v2026.01",
    "entry/title": "Micelles in water, 5 %",
    "entry/entry_identifier": "scan_0001",
    "entry/experiment_identifier": "241-001-ST",
    "entry/experiment_description": "How micelles grow",
    "entry/collection_identifier": "1.1-P",
    "entry/start_time": "2026-01-05T10:00:00+01:00",
    "entry/end_time": "2026-01-05T11:00:00+01:00",
    "entry/program_name": "Bluesky",
    "entry/program_name@version": "1.15",
    "entry/instrument@NX_class": "NXinstrument",
    "entry/instrument/name": "mySpot beamline",
    "entry/instrument/name@short_name": "MYSPOT",
    "entry/instrument/identifier_pid": "10.5442/NI000001",
    "entry/instrument/source@NX_class": "NXsource",
    "entry/instrument/source/name": "Berlin Storage Ring",
    "entry/instrument/source/name@short_name": "BESSY",
    "entry/instrument/source/type": "Synchrotron X-ray Source",
    "entry/instrument/source/probe": "x-ray",
    "entry/instrument/beam@NX_class": "NXbeam",
    "entry/instrument/beam/incident_energy": 12400.0,
    "entry/instrument/beam/incident_energy@units": "eV",
    "entry/instrument/detector@NX_class": "NXdetector",
    "entry/instrument/detector/distance": 2.5,
    "entry/instrument/detector/distance@units": "m",
    "entry/instrument/detector/count_time": [1.0, 1.0, 4.0],
    "entry/instrument/detector/count_time@units": "s",
    "entry/sample@NX_class": "NXsample",
    "entry/sample/name": "SDS 5 %",
    "entry/sample/chemical_formula": "C12 H25 Na O4 S",
    "entry/sample/temperature": 20.0,
    "entry/sample/temperature@units": "degC",
    "entry/sample/magnetic_field_log@NX_class": "NXlog",
    "entry/sample/magnetic_field_log/value": [0.0, 1.0, 2.0],
    "entry/sample/magnetic_field_log/value@units": "T",
    "entry/user@NX_class": "NXuser",
    "entry/user/name": "Ada Lovelace",
    "entry/user/role": "principal_investigator",
    "entry/user/affiliation": "Analytical Society",
    "entry/user/email": "ada@example.org",
    "entry/user/ORCID": "https://orcid.org/0000-0002-1825-0097",
    "entry/user/facility_user_id": "simple/ada",
    "entry/data@NX_class": "NXdata",
    "entry/data@signal": "I",
    "entry/data/I": [1.0, 2.0, 3.0],
}
"""Values by path, attributes behind an `@`; groups are made on the way."""


def complete_file(path: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """Write the file at `path`, with `changes` to its values; None takes a value away."""
    values = {**COMPLETE, **(changes or {})}
    with h5py.File(path, "w") as file:
        for place, value in values.items():
            name, _, attribute = place.partition("@")
            if value is None:
                continue
            if not attribute:
                file[name] = value
            elif name in file or attribute == "NX_class":
                file.require_group(name) if name not in file else None
                file[name].attrs[attribute] = value
    return path
