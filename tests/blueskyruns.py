"""Runs of Bluesky of every kind, made by a real RunEngine with simulated devices.

Each kind is a function that drives an engine; `record` gives the documents it emits. Detectors of
ophyd-async write real HDF5 files.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Documents = list[tuple[str, dict[str, Any]]]
KINDS: dict[str, Callable[[Any, Path], Any]] = {}


def kind(function: Callable[[Any, Path], Any]) -> Callable[[Any, Path], Any]:
    """A kind of run, by the name of the function that makes it."""
    KINDS[function.__name__] = function
    return function


def record(name: str, folder: Path, callback: Any = None) -> Documents:
    """The documents of a run of this kind; its detectors write below `folder`. `callback` is
    subscribed too."""
    pytest.importorskip("bluesky", reason="bluesky is not installed")
    pytest.importorskip("ophyd", reason="ophyd is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of bluesky and ophyd, about Python and numpy
        from bluesky import RunEngine

        engine = RunEngine({}, context_managers=[])
        found: Documents = []
        engine.subscribe(lambda doc_name, doc: found.append((doc_name, deepcopy(dict(doc)))))
        if callback is not None:
            engine.subscribe(callback)
        try:
            KINDS[name](engine, folder)
        finally:
            _close(engine)
    return found


def _close(engine: Any) -> None:
    """End the thread and the event loop of an engine, which nobody else does."""
    engine.loop.call_soon_threadsafe(engine.loop.stop)
    engine._th.join()
    engine.loop.close()


def run_and_fail(engine: Any, plan: Any) -> None:
    """Run a plan that ends with an exception."""
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the plan raises
        engine(plan)


# devices of ophyd


@kind
def count(engine: Any, _folder: Path) -> None:
    from bluesky.plans import count as plan
    from ophyd.sim import det1, det2

    engine(plan([det1, det2], num=5), sample={"name": "LaB6", "mass": 1.5}, purpose="test")


@kind
def scan(engine: Any, _folder: Path) -> None:
    from bluesky.plans import scan as plan
    from ophyd.sim import det, motor

    engine(plan([det], motor, -1, 1, 7))


@kind
def noisy(engine: Any, _folder: Path) -> None:
    """A setting that is declared an integer and comes as text."""
    from bluesky.plans import scan as plan
    from ophyd.sim import motor, noisy_det

    engine(plan([noisy_det], motor, -1, 1, 4))


@kind
def grid_snaked(engine: Any, _folder: Path) -> None:
    from bluesky.plans import grid_scan
    from ophyd.sim import det4, motor1, motor2

    engine(grid_scan([det4], motor1, -1, 1, 3, motor2, 0, 4, 5, True))


@kind
def rel_scan(engine: Any, _folder: Path) -> None:
    from bluesky.plans import rel_scan as plan
    from ophyd.sim import det, motor

    engine(plan([det], motor, -1, 1, 3))


@kind
def list_scan(engine: Any, _folder: Path) -> None:
    from bluesky.plans import list_scan as plan
    from ophyd.sim import det, motor, motor1

    engine(plan([det], motor, [1, 5, 2], motor1, [3, 2, 1]))


@kind
def image_in_event(engine: Any, _folder: Path) -> None:
    from bluesky.plans import count as plan
    from ophyd.sim import direct_img

    engine(plan([direct_img], num=3))


@kind
def image_in_files(engine: Any, folder: Path) -> None:
    """The older documents of data in other files: resource and datum."""
    from bluesky.plans import scan as plan
    from ophyd.sim import SynSignalWithRegistry, motor

    frames = SynSignalWithRegistry(
        func=lambda: np.arange(12.0).reshape(3, 4), name="frames", save_path=str(folder)
    )
    engine(plan([frames], motor, 0, 1, 3))


@kind
def baseline(engine: Any, _folder: Path) -> None:
    from bluesky.plans import count as plan
    from bluesky.preprocessors import baseline_wrapper
    from ophyd.sim import det, motor1, motor2

    engine(baseline_wrapper(plan([det], num=2), [motor1, motor2]))


@kind
def monitor(engine: Any, _folder: Path) -> None:
    import bluesky.plan_stubs as bps
    from bluesky.preprocessors import run_decorator
    from ophyd import Signal
    from ophyd.sim import det

    ring = Signal(name="ring_current", value=300.0)

    @run_decorator()
    def plan() -> Any:
        yield from bps.monitor(ring, name="ring_current_monitor")
        for step in range(4):
            ring.put(300.0 - step)
            yield from bps.trigger_and_read([det])
        yield from bps.unmonitor(ring)

    engine(plan())


@kind
def fly_pages(engine: Any, _folder: Path) -> None:
    from bluesky.plans import fly
    from ophyd.sim import flyer1

    engine(fly([flyer1]))


@kind
def fail(engine: Any, _folder: Path) -> None:
    import bluesky.plan_stubs as bps
    from ophyd.sim import det

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.trigger_and_read([det])
        raise ValueError("the shutter is stuck")

    run_and_fail(engine, plan())


@kind
def fail_decorated(engine: Any, _folder: Path) -> None:
    import bluesky.plan_stubs as bps
    from bluesky.preprocessors import run_decorator
    from ophyd.sim import det, motor

    @run_decorator()
    def plan() -> Any:
        for position in range(3):
            yield from bps.mv(motor, position)
            yield from bps.trigger_and_read([motor, det])
        raise ValueError("beam dump")

    run_and_fail(engine, plan())


@kind
def abort(engine: Any, _folder: Path) -> None:
    import bluesky.plan_stubs as bps
    from bluesky.utils import RunEngineInterrupted
    from ophyd.sim import det

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.trigger_and_read([det])
        yield from bps.checkpoint()
        yield from bps.pause()
        yield from bps.trigger_and_read([det])
        yield from bps.close_run()

    with pytest.raises(RunEngineInterrupted):
        engine(plan())
    engine.abort("no beam")


@kind
def rewind(engine: Any, _folder: Path) -> None:
    """Pause and resume: events 1 and 2 come twice."""
    import bluesky.plan_stubs as bps
    from bluesky.utils import RunEngineInterrupted
    from ophyd.sim import det, motor

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.checkpoint()
        for position in range(3):
            yield from bps.mv(motor, position)
            yield from bps.create(name="primary")
            yield from bps.read(motor)
            yield from bps.read(det)
            yield from bps.save()
            if position == 1:
                yield from bps.pause()
        yield from bps.close_run()

    with pytest.raises(RunEngineInterrupted):
        engine(plan())
    engine.resume()


@kind
def reconfigured(engine: Any, _folder: Path) -> None:
    """Two descriptors of one stream."""
    import bluesky.plan_stubs as bps
    from bluesky.preprocessors import run_decorator
    from ophyd.sim import SynGauss, motor

    detector = SynGauss("gauss", motor, "motor", center=0, Imax=1, sigma=1)

    @run_decorator()
    def plan() -> Any:
        yield from bps.trigger_and_read([detector, motor])
        yield from bps.configure(detector, {"Imax": 7})
        yield from bps.trigger_and_read([detector, motor])

    engine(plan())


@kind
def interleaved(engine: Any, _folder: Path) -> None:
    """Two runs open at once."""
    import bluesky.plan_stubs as bps
    from bluesky.preprocessors import set_run_key_decorator
    from ophyd.sim import det1, det2

    @set_run_key_decorator("inner")
    def inner() -> Any:
        yield from bps.open_run(md={"plan_name": "inner"})
        yield from bps.trigger_and_read([det2])
        yield from bps.trigger_and_read([det2])
        yield from bps.close_run()

    @set_run_key_decorator("outer")
    def outer() -> Any:
        yield from bps.open_run(md={"plan_name": "outer"})
        yield from bps.trigger_and_read([det1])
        yield from inner()
        yield from bps.trigger_and_read([det1])
        yield from bps.close_run()

    engine(outer())


# devices of ophyd-async


def blob_detector(engine: Any, folder: Path) -> Any:
    """A detector that writes images to HDF5 files in `folder`, and a stage to move it."""
    pytest.importorskip("ophyd_async", reason="ophyd-async is not installed")
    from ophyd_async.core import StaticPathProvider, UUIDFilenameProvider, init_devices
    from ophyd_async.sim import PatternGenerator, SimBlobDetector, SimStage

    pattern = PatternGenerator(sleep=lambda _seconds: asyncio.sleep(0))
    provider = StaticPathProvider(UUIDFilenameProvider(), folder)
    with init_devices():
        stage = SimStage(pattern)
        bdet = SimBlobDetector(provider, pattern_generator=pattern)
    return stage, bdet


@kind
def async_count(engine: Any, folder: Path) -> None:
    from bluesky.plans import count as plan

    _, bdet = blob_detector(engine, folder)
    engine(plan([bdet], num=3))


@kind
def async_grid(engine: Any, folder: Path) -> None:
    import bluesky.plan_stubs as bps
    from bluesky.plans import grid_scan

    stage, bdet = blob_detector(engine, folder)

    def plan() -> Any:
        yield from bps.mv(stage.x.velocity, 1e6, stage.y.velocity, 1e6)
        yield from grid_scan([bdet], stage.x, 0, 1, 2, stage.y, 0, 2, 3, snake_axes=True)

    engine(plan())


@kind
def async_fly(engine: Any, folder: Path) -> None:
    """Frames without events."""
    import bluesky.plan_stubs as bps
    from bluesky.preprocessors import run_decorator, stage_decorator

    _, bdet = blob_detector(engine, folder)
    from ophyd_async.core import TriggerInfo

    @stage_decorator([bdet])
    @run_decorator()
    def plan() -> Any:
        info = TriggerInfo(number_of_events=20, livetime=0.001)
        yield from bps.prepare(bdet, info, wait=True)
        yield from bps.declare_stream(bdet, name="main", collect=True)
        yield from bps.kickoff_all(bdet, wait=True)
        yield from bps.collect_while_completing([bdet], [bdet], flush_period=0.05)

    engine(plan())


def runs_in(documents: Documents) -> list[Documents]:
    """The documents of each run."""
    found: dict[str, Documents] = {}
    owner: dict[Any, str] = {}
    for name, doc in documents:
        known = doc.get("descriptor") or doc.get("resource")
        uid = doc.get("run_start") or owner.get(known) or doc["uid"]
        if name in ("start", "descriptor", "resource"):
            owner[doc["uid"]] = uid
        found.setdefault(uid, []).append((name, doc))
    return list(found.values())


# forms

FORMS = ("lines", "suitcase", "array", "array without end", "sequence", "msgpack")


def store(documents: Documents, form: str, folder: Path) -> Path:
    """The documents in a file of this form."""
    suffix = {"lines": "jsonl", "suitcase": "jsonl", "sequence": "jsonseq", "msgpack": "msgpack"}
    path = folder / f"{form.replace(' ', '_')}.{suffix.get(form, 'json')}"
    path.write_bytes(_stored(documents, form))
    return path


def _stored(documents: Documents, form: str) -> bytes:
    if form == "msgpack":
        msgpack = pytest.importorskip("msgpack")
        msgpack_numpy = pytest.importorskip("msgpack_numpy")
        return b"".join(msgpack.packb(list(one), default=msgpack_numpy.encode) for one in documents)
    pairs = [(name, doc) for name, doc in documents]
    records = [_json({"name": name, "doc": doc}) for name, doc in pairs]
    if form == "suitcase":
        records = [_json([name, doc]) for name, doc in pairs]
    if form == "sequence":
        return "".join(f"\x1e{one}\n" for one in records).encode()
    if form.startswith("array"):
        text = "[\n" + "".join(f"{one},\n" for one in records)
        return (text if form.endswith("end") else text.removesuffix(",\n") + "\n]").encode()
    return "".join(f"{one}\n" for one in records).encode()


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
