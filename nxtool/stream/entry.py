"""What stands in a recorded file from its beginning, and what is added in the end: times, links,
labels of groups, how the recording ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from nxtool import __version__
from nxtool.stream.modules.model import FIRST, LAST, Maker, Module
from nxtool.stream.notes import lay_out_notes
from nxtool.stream.session import RUNNING, STATUS, Session, store

if TYPE_CHECKING:
    import h5py


def begin(file: h5py.File, session: Session, make: Maker) -> None:
    """What stands in every file from the beginning."""
    file.attrs.setdefault("NX_class", "NXroot")
    file.attrs["creator"] = f"nxtool {__version__}"
    entry = file.require_group(session.entry)
    entry.attrs.setdefault("NX_class", "NXentry")
    write_times(file, session, is_end=False)
    home = entry.create_group(session.home)
    home.attrs["NX_class"] = "NXcollection"
    home.attrs["description"] = "how this file was recorded, and how far"
    store(session, home)
    lay_out_notes(home, make)
    put(home, STATUS, RUNNING)


def write_times(file: h5py.File, session: Session, *, is_end: bool) -> None:
    """Write the times that the session asks for: of the start, or of the end."""
    known = session.window.stop if is_end else session.window.start
    is_known = FIRST < known < LAST
    now = datetime.now(timezone.utc)
    moment = datetime.fromtimestamp(known / 1e9, timezone.utc) if is_known else now
    if is_end:
        moment = min(moment, now)
    for path in session.times:
        if path.endswith("/end_time") == is_end:
            group, _, name = path.rpartition("/")
            put(file.require_group(group or "/"), name, moment.isoformat(timespec="milliseconds"))


def put(group: h5py.Group, name: str, text: str) -> None:
    """A text in the place of what has its name."""
    if name in group:
        del group[name]
    group[name] = text


def label(group: h5py.Group, module: Module) -> None:
    """Say in a group what it holds, and of which source."""
    spec = module.spec
    group.attrs.setdefault("NX_class", module.nx_class)
    group.attrs.setdefault("topic", spec.topic)
    group.attrs.setdefault("source", spec.source)
    known = str(group.attrs.get("writer_module", "")).split()
    if spec.module not in known:
        group.attrs["writer_module"] = " ".join([*known, spec.module])


def link(file: h5py.File, links: Iterable[tuple[str, str]]) -> list[str]:
    """Make hard links; the paths of those whose target is missing."""
    missing = []
    for path, target in links:
        group, _, name = path.rpartition("/")
        parent = file.require_group(group or "/")
        node = _target(file, parent, target)
        if node is None:
            missing.append(f"{path} → {target}")
            continue
        if name in parent:
            del parent[name]
        parent[name] = node
    return missing


def _target(file: h5py.File, parent: h5py.Group, target: str) -> Any:
    """What a link leads to: from the root, or from its group with `..` for the one above."""
    node: Any = file if target.startswith("/") else parent
    try:
        for part in target.split("/"):
            if part == "..":
                node = node.parent
            elif part not in ("", "."):
                node = node[part]
    except (KeyError, AttributeError, TypeError):
        return None
    return node
