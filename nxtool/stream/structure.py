"""A `nexus_structure` as ESS' file writer takes it: what stands in a file before any message comes,
and which modules keep the messages of which sources in which groups.

The text may come from anywhere: its size and depth are bounded, and what is wrong is told with its
place. Both forms are read, the one with `module` and `config` and the older one with `stream`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nxtool.errors import RecipeError
from nxtool.stream.modules.datatypes import DTYPES, dtype_of
from nxtool.stream.modules.model import ModuleSpec
from nxtool.stream.modules.table import MODULES

if TYPE_CHECKING:
    import h5py

DEEPEST: Final = 64
LONGEST: Final = 256 << 20
"""Most characters of a structure; those of large instruments have some 10 MB."""
TIMES: Final = ("start_time", "end_time")
_UNFIT: Final = (ValueError, TypeError, OverflowError)
"""What numpy and h5py raise on values they cannot take."""
_BESIDE: Final = ("al00", "ep01")
"""What is kept with f144 of the same source, without being asked for."""


@dataclass(slots=True)
class Structure:
    """`root` is the tree as JSON has it; `entry` is the path of its first NXentry; `streams` are
    the modules, `links` pairs of a path and its target, `times` the names of mdat by group."""

    root: Mapping[str, Any]
    entry: str = "/entry"
    streams: list[ModuleSpec] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    times: list[str] = field(default_factory=list)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics it names, once each."""
        return tuple(dict.fromkeys(spec.topic for spec in self.streams))

    def write(self, file: h5py.File) -> None:
        """Make its groups and fixed datasets in a file.

        Raises:
            RecipeError: HDF5 cannot hold one of its names or values.
        """
        try:
            _write_children(file, self.root)
        except _UNFIT as error:
            reason = " ".join(str(error).split())
            raise RecipeError(f"nexus_structure: HDF5 cannot hold it: {reason}") from error


def parse_structure(text: str, name: str) -> Structure:
    """The structure in a JSON text; `name` is that of its file, for messages.

    Raises:
        RecipeError: it is no JSON, or no structure.
    """
    if len(text) > LONGEST:
        raise RecipeError(f"{name}: has more than {LONGEST >> 20} MiB")
    try:
        root = json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "it must be the nexus_structure of ESS' file writer"
        raise RecipeError(f"{name}: is no JSON: {error}", hint=hint) from error
    if isinstance(root, Mapping) and isinstance(root.get("nexus_structure"), Mapping):
        root = root["nexus_structure"]
    if not isinstance(root, Mapping) or not isinstance(root.get("children"), list):
        hint = 'it must begin like {"children": [{"type": "group", "name": "entry", …}]}'
        raise RecipeError(f"{name}: is no nexus_structure: it has no children", hint=hint)
    structure = Structure(root)
    _Survey(structure, name).children(root, "", 0)
    structure.entry = _entry(root)
    return structure


def _entry(root: Mapping[str, Any]) -> str:
    """The path of the first NXentry, else of the first group."""
    groups = [one for one in root["children"] if _kind(one) == "group"]
    for group in groups:
        nx_class = dict(_attributes(group)).get("NX_class")
        if isinstance(nx_class, str) and nx_class == "NXentry":
            return f"/{_name(group)}"
    return f"/{_name(groups[0])}" if groups else "/entry"


class _Survey:
    """Walks a structure, checks it, and notes what is not fixed."""

    def __init__(self, structure: Structure, name: str) -> None:
        self._found = structure
        self._name = name

    def _wrong(self, path: str, what: str, hint: str = "") -> RecipeError:
        return RecipeError(f"{self._name}: {path or '/'}: {what}", hint=hint)

    def children(self, node: Mapping[str, Any], path: str, depth: int) -> None:
        """Check what is in a group."""
        if depth > DEEPEST:
            raise self._wrong(path, f"more than {DEEPEST} groups in each other")
        self._attributes(node, path)
        children = node.get("children", [])
        if not isinstance(children, list):
            raise self._wrong(path, "children is no list")
        names: set[str] = set()
        for child in children:
            if not isinstance(child, Mapping):
                raise self._wrong(path, f"{child!r:.40} is no child: an object is expected")
            name = _name(child)
            if name is not None and (not _is_name(name) or "/" in name or name in names):
                what = "is there twice" if name in names else "is no name"
                raise self._wrong(path, f"{name!r:.60} {what}")
            names.add(name or "")
            self._child(child, path, depth)

    def _child(self, child: Mapping[str, Any], path: str, depth: int) -> None:
        kind = _kind(child)
        config = _config(child)
        if kind == "group":
            if _name(child) is None:
                raise self._wrong(path, "a group without a name")
            self.children(child, f"{path}/{_name(child)}", depth + 1)
        elif kind == "dataset":
            self._dataset(child, path)
        elif kind == "link":
            self._link(child, config, path)
        elif kind == "mdat":
            given = config.get("items", list(TIMES))
            items = given if isinstance(given, list) else [given]
            self._found.times += [f"{path}/{one}" for one in items if one in TIMES]
        elif kind == "stream" or kind in MODULES:
            self._stream(str(config.get("writer_module", kind)), config, path)
        elif kind != "comment":
            hint = f"known are group, dataset, link, mdat, {', '.join(MODULES)}"
            raise self._wrong(path, f"{kind!r:.40} is no module", hint)

    def _attributes(self, node: Mapping[str, Any], path: str) -> None:
        try:
            names = [name for name, _ in _attributes(node)]
        except _UNFIT as error:
            raise self._wrong(path, f"its attributes: {error}") from error
        for name in names:
            if not _is_name(name):
                raise self._wrong(path, f"its attributes: {name!r:.60} is no name")

    def _dataset(self, child: Mapping[str, Any], path: str) -> None:
        if not _name(child):
            raise self._wrong(path, "a dataset without a name")
        place = f"{path}/{_name(child)}"
        self._attributes(child, place)
        self._attributes(_config(child), place)
        try:
            fixed_values(child)
        except _UNFIT as error:
            raise self._wrong(place, f"its values: {error}") from error

    def _link(self, child: Mapping[str, Any], config: Mapping[str, Any], path: str) -> None:
        target = config.get("source", child.get("target"))
        if not _name(child) or not isinstance(target, str) or not target:
            raise self._wrong(path, "a link needs a name and a source")
        self._found.links.append((f"{path}/{_name(child)}", target))

    def _stream(self, module: str, config: Mapping[str, Any], path: str) -> None:
        if module not in MODULES:
            raise self._wrong(path, f"{module!r:.40} is no module", f"known are {list(MODULES)}")
        topic, source = config.get("topic"), config.get("source", "")
        if not isinstance(topic, str) or not topic or not isinstance(source, str):
            raise self._wrong(path, f"{module} needs a topic and a source")
        if not path:
            raise self._wrong(path, f"{module} stands in no group")
        options = {key: value for key, value in config.items() if key not in ("topic", "source")}
        if module == "f144" and "value_units" not in options and "unit" not in options:
            options["value_units"] = ""
        self._check(options, module, path)
        self._found.streams.append(ModuleSpec(module, topic, source, path, options))
        if module == "f144":
            for beside in _BESIDE:
                self._found.streams.append(ModuleSpec(beside, topic, source, path))

    def _check(self, options: Mapping[str, Any], module: str, path: str) -> None:
        """The options that modules take for granted."""
        for name in ("cue_interval", "chunk_size"):
            value = options.get(name, 1)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 2**32:
                raise self._wrong(path, f"{module}: {name} is {value!r:.40}, no number above 0")
        named = options.get("dtype", options.get("type"))
        if named is not None and str(named).lower() not in DTYPES:
            raise self._wrong(path, f"{module}: {named!r:.40} is no type of numbers")
        size = options.get("array_size", 1)
        sizes = size if isinstance(size, list) else [size]
        if not all(isinstance(n, int) and 0 < n <= 2**24 for n in sizes) or len(sizes) > 8:
            raise self._wrong(path, f"{module}: array_size is {size!r:.40}")
        if isinstance(size, list) != (module in ("ad00", "ADAr")) and "array_size" in options:
            raise self._wrong(path, f"{module}: array_size is {size!r:.40}")


def _kind(child: Mapping[str, Any]) -> str | None:
    """The module of a child, or what else it is; None where it does not say."""
    found = child.get("module", child.get("type"))
    return None if found is None else str(found)


def _config(child: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a child says of itself, in either form."""
    for name in ("config", "stream"):
        if isinstance(child.get(name), Mapping):
            found: Mapping[str, Any] = child[name]
            return found
    return child


def _name(child: Mapping[str, Any]) -> str | None:
    """The name of a child, None where it has none."""
    found = child.get("name", _config(child).get("name"))
    return None if found is None else str(found)


def _is_name(text: str) -> bool:
    """False for what HDF5 takes for no name, or ends before its end."""
    return text not in ("", ".") and "\0" not in text


def _attributes(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes by name, in either form: a list of objects, or one object."""
    given = node.get("attributes", [])
    if isinstance(given, Mapping):
        yield from ((str(name), value) for name, value in given.items())
        return
    for one in given if isinstance(given, Sequence) else ():
        if isinstance(one, Mapping) and "name" in one:
            value = one.get("values", one.get("value", ""))
            yield str(one["name"]), _typed(value, one.get("dtype", one.get("type")))


def _typed(value: Any, dtype: object) -> Any:
    """A value with the type named, as text where that is string or nothing says otherwise."""
    if dtype is None or str(dtype).lower() == "string":
        return value
    return np.asarray(value, dtype_of(dtype, "attribute"))


def fixed_values(child: Mapping[str, Any]) -> Any:
    """The values of a dataset as h5py takes them."""
    config = _config(child)
    values = config.get("values", child.get("values"))
    described = child.get("dataset", {})
    dtype = config.get("dtype", config.get("type") if config is not child else None)
    dtype = dtype or (described.get("type") if isinstance(described, Mapping) else None)
    if values is None:
        raise ValueError("there are none")
    texts = isinstance(values, str) or _first(values)
    if texts or str(dtype).lower() == "string":
        return (
            values
            if isinstance(values, str)
            else np.array(values, object).astype(str).astype(object)
        )
    try:
        return np.array(values, dtype_of(dtype or "double", "dtype"))
    except RecipeError as error:
        raise ValueError(error.message) from error


def _first(values: Any) -> bool:
    """True where the first value of nested lists is a text."""
    while isinstance(values, list) and values:
        values = values[0]
    return isinstance(values, str)


def _write_children(group: h5py.Group, node: Mapping[str, Any]) -> None:
    _write_attributes(group, node)
    for child in node.get("children", []):
        kind = _kind(child)
        if kind == "group":
            _write_children(group.create_group(str(_name(child))), child)
        elif kind == "dataset":
            dataset = group.create_dataset(str(_name(child)), data=fixed_values(child))
            _write_attributes(dataset, child)
            _write_attributes(dataset, _config(child))


def _write_attributes(node: h5py.HLObject, child: Mapping[str, Any]) -> None:
    for name, value in _attributes(child):
        node.attrs[name] = value
