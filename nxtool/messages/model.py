"""What a decoded message says, one class for each kind of message.

Times are ns since 1970 as int64 unless the name says otherwise; arrays view the bytes of their
message and cannot be written to. `schema` tells formats apart that share a class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Times = NDArray[np.int64]
Values = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class LogValue:
    """f144: a value at a time. A scalar is an array without dimensions, so its type is kept."""

    source_name: str
    time_ns: int
    value: Values
    schema: str = "f144"


@dataclass(frozen=True, slots=True, eq=False)
class EpicsLogValue:
    """f142: a value at a time, with EPICS' alarm; status 22 and severity 4 mean no change."""

    source_name: str
    time_ns: int
    value: Values | str | tuple[str, ...]
    status: int
    severity: int
    schema: str = "f142"


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """ev44: neutrons, by pulses: `reference_time_index` are the first events after each
    `reference_time`, from which `time_of_flight` counts in ns. `pixel_id` may be empty."""

    source_name: str
    message_id: int
    reference_time: Times
    reference_time_index: Ints
    time_of_flight: Ints
    pixel_id: Ints
    schema: str = "ev44"


@dataclass(frozen=True, slots=True)
class IsisPulse:
    """What ISIS adds to a pulse; the proton charge is in µA h, `run_state` 1 means running."""

    period_number: int
    run_state: int
    proton_charge: float


@dataclass(frozen=True, slots=True, eq=False)
class PulseEvents:
    """ev42: neutrons of one pulse, times of flight in ns."""

    source_name: str
    message_id: int
    pulse_time_ns: int
    time_of_flight: NDArray[np.uint32]
    detector_id: NDArray[np.uint32]
    isis: IsisPulse | None = None
    schema: str = "ev42"


@dataclass(frozen=True, slots=True, eq=False)
class ImageAttribute:
    """What an area detector says beside a frame."""

    name: str
    description: str
    source: str
    value: Values | str


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """ad00, ADAr: a frame of an area detector."""

    source_name: str
    unique_id: int
    time_ns: int
    data: Values | str
    attributes: tuple[ImageAttribute, ...]
    schema: str = "ad00"


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """An array of da00 with the names of its axes; without axes one value has no dimensions."""

    name: str
    unit: str | None
    label: str | None
    source: str | None
    axes: tuple[str, ...]
    data: Values | str


@dataclass(frozen=True, slots=True, eq=False)
class DataArray:
    """da00: named arrays that belong together."""

    source_name: str
    time_ns: int
    variables: tuple[Variable, ...]
    schema: str = "da00"


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """se00, senv: values sampled fast. Without `times` they are `time_delta` ns apart and
    `location` says which of them `time_ns` belongs to: 1 the first, 2 the middle, 3 the last."""

    source_name: str
    channel: int
    time_ns: int
    time_delta: float
    location: int
    values: Values
    times: Times | None
    message_counter: int
    schema: str = "se00"


@dataclass(frozen=True, slots=True)
class Alarm:
    """al00: severity 0 ok, 1 minor, 2 major, 3 invalid."""

    source_name: str
    time_ns: int
    severity: int
    message: str
    schema: str = "al00"


@dataclass(frozen=True, slots=True)
class Connection:
    """ep00, ep01: 0 unknown, 1 never connected, 2 connected, 3 disconnected, 4 destroyed; ep01 also
    5 cancelled, 6 finished, 7 remote error."""

    time_ns: int
    status: int
    source_name: str
    service_id: str
    schema: str = "ep01"


@dataclass(frozen=True, slots=True, eq=False)
class Timestamps:
    """tdct: times, as of a chopper's turns."""

    source_name: str
    times: Times
    sequence_counter: int
    schema: str = "tdct"


@dataclass(frozen=True, slots=True, eq=False)
class HistogramAxis:
    """One dimension of a histogram; `boundaries` are one more than `length`."""

    length: int
    unit: str
    label: str
    boundaries: Values


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """hs00, hs01: counts, and their errors if sent, in the shape of the axes."""

    source_name: str
    time_ns: int
    axes: tuple[HistogramAxis, ...]
    metadata_time_ns: int
    offset: NDArray[Any]
    data: Values
    errors: Values | None
    info: str
    schema: str = "hs01"


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumMap:
    """Which detectors belong to which spectra, one pair for each place."""

    spectrum: Ints
    detector_id: Ints
    n_spectra: int


@dataclass(frozen=True, slots=True, eq=False)
class RunStart:
    """pl72: a file is to be written. Times in ms; a stop time of 0 means not known yet."""

    start_time_ms: int
    stop_time_ms: int
    run_name: str
    instrument_name: str
    nexus_structure: str
    job_id: str
    broker: str
    service_id: str
    filename: str
    n_periods: int
    spectrum_map: SpectrumMap | None
    metadata: str
    control_topic: str
    schema: str = "pl72"


@dataclass(frozen=True, slots=True)
class RunStop:
    """6s4t: a file is to end, at a time in ms; 0 means now."""

    stop_time_ms: int
    run_name: str
    job_id: str
    service_id: str
    command_id: str
    schema: str = "6s4t"


@dataclass(frozen=True, slots=True)
class Answer:
    """answ: what became of a command. Action 0 starts a job, 1 sets its stop time (in ms);
    outcome 0 is success, 1 failure; status codes are those of HTTP."""

    service_id: str
    job_id: str
    action: int
    outcome: int
    status_code: int
    stop_time_ms: int
    message: str
    command_id: str
    schema: str = "answ"


@dataclass(frozen=True, slots=True)
class Status:
    """x5f2: a program is alive; the next such message comes after `update_interval_ms`."""

    software_name: str
    software_version: str
    service_id: str
    host_name: str
    process_id: int
    update_interval_ms: int
    status_json: str
    schema: str = "x5f2"


@dataclass(frozen=True, slots=True)
class FinishedWriting:
    """wrdn: a file is written, or given up."""

    service_id: str
    job_id: str
    error_encountered: bool
    file_name: str
    metadata: str | None = None
    message: str | None = None
    schema: str = "wrdn"


@dataclass(frozen=True, slots=True, eq=False)
class Json:
    """A JSON value, sent as plain text or in a FlatBuffers message (json)."""

    value: Mapping[str, Any] | list[Any] | str | float | bool | None
    schema: str = "json"


Message = (
    LogValue | EpicsLogValue | Events | PulseEvents | Image | DataArray | Samples | Alarm
    | Connection | Timestamps | Histogram | RunStart | RunStop | Answer | Status | FinishedWriting
    | Json
)  # fmt: skip
