"""Messages put into a file without a broker, and what stands there then."""

import json

import h5py

from nxtool.stream.modules.model import FIRST, LAST, Window
from nxtool.stream.offsets import Arrived
from nxtool.stream.recorder import Recorder
from nxtool.stream.session import Session
from nxtool.stream.structure import parse_structure

SECOND = 10**9
START, STOP = 10_000 * SECOND, 20_000 * SECOND


def structure_of(*modules, group="log", attributes=()):
    """A nexus_structure with these (module, config) in one group of an entry."""
    streams = [{"module": name, "config": config} for name, config in modules]
    return json.dumps({"children": [{
        "type": "group", "name": "entry",
        "attributes": [{"name": "NX_class", "dtype": "string", "values": "NXentry"}],
        "children": [{
            "type": "group", "name": group, "attributes": list(attributes), "children": streams,
        }],
    }]})  # fmt: skip


def session_of(text, start=FIRST, stop=LAST, filters=""):
    """How a file by a nexus_structure is recorded, and what makes its fixed part."""
    found = parse_structure(text, "structure.json")
    session = Session(
        found.entry, found.topics, Window(start, stop), filters, modules=tuple(found.streams),
        links=tuple(found.links), times=tuple(found.times),
    )  # fmt: skip
    return session, found.write


def recorded(path, session, *batches, fixed=None, resume_between=False):
    """The file that comes of batches of messages, one topic `t` with one partition; its counts."""
    recorder = Recorder.create(path, session, fixed)
    recorder.follow({"t/0": 0})
    offset = 0
    for batch in batches:
        recorder.take(arrived(batch, offset))
        offset += len(batch)
        recorder.flush()
        if resume_between:
            recorder.abandon()
            recorder = Recorder.resume(path)
    recorder.finish()
    return h5py.File(path, "r"), recorder.counts


def arrived(values, first=0, topic="t", partition=0):
    """Messages of one partition, from an offset on."""
    offsets = list(range(first, first + len(values)))
    return Arrived(topic, [partition] * len(values), offsets, list(values))
