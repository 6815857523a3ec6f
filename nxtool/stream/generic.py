"""Where the messages of sources go that nobody placed: `/entry/TOPIC/SOURCE`, in names that NeXus
allows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from nxtool.errors import FileUnreadable
from nxtool.sources.runnames import Names
from nxtool.stream.modules.model import ModuleSpec
from nxtool.stream.modules.table import MODULES, family_of

if TYPE_CHECKING:
    import h5py

ENTRY: Final = "/entry"
MOST: Final = 20_000
"""So many sources get a group; a topic with more names none that mean anything."""
EVENTS_A_CHUNK: Final = 1 << 17
_TAKEN: Final = ("title", "start_time", "end_time", "definition", "nxtool_stream")


def wrong_name(source: str) -> str:
    """Why no attribute can hold the name of a source; empty where one can."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return "its source has a name that is no text"
    return "its source has a name with zeros" if "\0" in source else ""


class Places:
    """Gives every source a place of its own, the same one whenever it is asked."""

    def __init__(self) -> None:
        self._topics: dict[str, str] = {}
        self._groups: dict[tuple[str, str, str], str] = {}
        self._top = Names(taken=_TAKEN)
        self._below: dict[str, Names] = defaultdict(Names)

    @property
    def is_full(self) -> bool:
        """True where there are too many sources."""
        return len(self._groups) >= MOST

    def spec(self, topic: str, source: str, schema: str) -> ModuleSpec:
        """The module for the messages of one format from a source."""
        key = (topic, source, family_of(schema))
        if topic not in self._topics:
            self._topics[topic] = self._top.new(topic)
        if key not in self._groups:
            self._groups[key] = self._below[topic].new(source)
        path = f"{ENTRY}/{self._topics[topic]}/{self._groups[key]}"
        options = {"chunk_size": EVENTS_A_CHUNK} if schema in ("ev44", "ev42") else {}
        return ModuleSpec(schema, topic, source, path, options)

    def restore(self, file: h5py.File) -> list[ModuleSpec]:
        """Take up the places in a file, and give the modules that are there.

        Raises:
            FileUnreadable: the attributes of groups were changed.
        """
        specs: list[ModuleSpec] = []
        for top, group in file[ENTRY].items():
            if "topic" not in group.attrs:
                continue
            topic = str(group.attrs["topic"])
            self._topics[topic] = self._top.new(top)
            for name, below in group.items():
                specs += self._restored(file.filename, topic, self._below[topic].new(name), below)
        return specs

    def _restored(self, file: str, topic: str, name: str, group: h5py.Group) -> list[ModuleSpec]:
        source = str(group.attrs.get("source", ""))
        modules = str(group.attrs.get("writer_module", "")).split()
        if not modules or not all(module in MODULES for module in modules):
            message = f"{file}: {group.name} does not say what it keeps"
            raise FileUnreadable(message, hint="record anew")
        for module in modules:
            self._groups[(topic, source, family_of(module))] = name
        return [ModuleSpec(module, topic, source, group.name) for module in modules]
