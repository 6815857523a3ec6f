"""Files that a killed writer left: mended, cut to their last checkpoint, and labelled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nxtool.errors import FileUnreadable
from nxtool.stream.livefile import LiveFile
from nxtool.stream.session import STATUS, home_of, stored_session
from nxtool.stream.superblock import read_superblock

if TYPE_CHECKING:
    import h5py

INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """What a file says of its recording; the status is `running` where its writer did not end, or
    does not end yet."""

    status: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found and done: whether the superblock needed mending, the rows kept by dataset,
    the rows cut off, and how far its sources were read, by name."""

    status: str
    mended: bool
    rows: dict[str, int]
    cut: int
    positions: dict[str, int]


def run_status(path: Path) -> RunStatus:
    """What a file says of its recording; it may be being written.

    Raises:
        FileUnreadable: it is none of ours, or damaged.
    """
    import h5py

    read_superblock(path)
    try:
        with h5py.File(path, "r", swmr=True, libver="latest", locking=False) as file:
            return _status(file)
    except OSError:
        pass  # its writer was killed; then it is mended where it is continued
    return RunStatus("running")


def _status(file: h5py.File) -> RunStatus:
    home = home_of(file)
    try:
        return RunStatus(file[home][STATUS].asstr()[()], stored_session(file).topics)
    except (KeyError, AttributeError, TypeError) as error:
        raise FileUnreadable(f"{file.filename}: {home} is damaged", hint="record anew") from error


def recover(path: Path) -> Recovered:
    """Make a file whole whose writer was killed: as it was at its last checkpoint. One that is
    whole already stays as it is.

    Raises:
        FileUnreadable: it is none of ours, or damaged beyond what a killed writer does.
        OutputError: it is being written, or cannot be.
    """
    block = read_superblock(path)
    mended = block is not None and not block.is_sound
    live, noted = LiveFile.resume(path)
    try:
        status = _status(live.file).status
        rows = {name: count for name, count in noted.items() if name.startswith("/")}
        positions = {n: count for n, count in noted.items() if n[0] not in "/#"}
        if status == "running":
            status = INCOMPLETE
            home = live.file[home_of(live.file)]
            del home[STATUS]
            home[STATUS] = status
        live.file.flush()
    except BaseException:
        live.abandon()
        raise
    live.close()
    return Recovered(status, mended, rows, live.cut_rows, positions)
