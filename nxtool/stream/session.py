"""What a recording is, kept in its file so that it can be continued without being told again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import h5py
import numpy as np

from nxtool.errors import FileUnreadable
from nxtool.storage.spec import parse_filter
from nxtool.stream.livefile import checkpoint_home
from nxtool.stream.modules.jsonlog import JsonPaths
from nxtool.stream.modules.model import FIRST, LAST, Maker, ModuleSpec, Window
from nxtool.stream.superblock import read_superblock

KIND: Final = "kafka"
GROUP: Final = "nxtool_stream"
_SESSION: Final = "session"
STATUS: Final = "run_status"
RUNNING: Final = "running"
COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class Session:
    """How messages are kept.

    `modules` are those configured; without any every source gets its own, or only those that
    `selectors` name, where there are some: each a topic and a source, and perhaps more. `links` and
    `times` are made in the end: pairs of a path and its target; paths of times that end in their
    names. `filters` is a word for the filters of growing datasets.
    """

    entry: str = "/entry"
    topics: tuple[str, ...] = ()
    window: Window = field(default_factory=Window)
    filters: str = ""
    paths: JsonPaths = field(default_factory=JsonPaths)
    modules: tuple[ModuleSpec, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    times: tuple[str, ...] = ("/entry/start_time", "/entry/end_time")
    selectors: tuple[str, ...] = ()

    @property
    def is_generic(self) -> bool:
        """True where no module is configured."""
        return not self.modules

    def wants(self, topic: str, source: str) -> bool:
        """True where a source that nobody configured is to be kept."""
        name = f"{topic}/{source}"
        named = any(
            one == name or one.startswith((f"{name}/", f"{name}@")) for one in self.selectors
        )
        return self.is_generic and (named or not self.selectors)

    @property
    def home(self) -> str:
        """The group with what the file says of itself."""
        return f"{self.entry}/{GROUP}"

    def maker(self) -> Maker:
        """What makes growing datasets; raises FilterError."""
        return Maker(parse_filter(self.filters) if self.filters else None)


def store(session: Session, home: h5py.Group) -> None:
    """Write a session into a group."""
    text = json.dumps({"kind": KIND, **asdict(session)})
    home.create_dataset(_SESSION, data=np.bytes_(text.encode()))


def stored_session(file: h5py.File) -> Session:
    """The session in a file.

    Raises:
        FileUnreadable: there is none, or it is damaged.
    """
    home = checkpoint_home(file)
    try:
        return _session(json.loads(file[home][_SESSION].asstr()[()]))
    except (KeyError, ValueError, TypeError, AttributeError, OSError, RuntimeError) as error:
        message = f"{file.filename}: does not say how it was recorded"
        raise FileUnreadable(message, hint="it was not written by nxtool listen") from error


def run_status(path: Path) -> tuple[str, Session | None]:
    """What a file says of its recording, which may go on; without a session where its writer was
    killed, so that it must be mended before it can be read.

    Raises:
        FileUnreadable: it is none of ours, or damaged.
    """
    read_superblock(path)
    try:
        with h5py.File(path, "r", swmr=True, libver="latest", locking=False) as file:
            session = stored_session(file)
            return str(file[session.home][STATUS].asstr()[()]), session
    except OSError:
        return RUNNING, None
    except KeyError as error:
        message = f"{path}: does not say whether it is complete"
        raise FileUnreadable(message, hint="record anew") from error


def _session(told: Mapping[str, Any]) -> Session:
    return Session(
        str(told["entry"]),
        tuple(map(str, told["topics"])),
        Window(max(FIRST, int(told["window"]["start"])), min(LAST, int(told["window"]["stop"]))),
        str(told["filters"]),
        JsonPaths(**told["paths"]),
        tuple(ModuleSpec(**one) for one in told["modules"]),
        tuple((str(path), str(target)) for path, target in told["links"]),
        tuple(map(str, told["times"])),
        tuple(map(str, told["selectors"])),
    )
