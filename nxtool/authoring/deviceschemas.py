"""Device schemas of HZB's bluesky_nexus as values of a recipe.

A schema is YAML that says for one device which of its components are which fields of a NeXus
class. A placeholder says where a value comes from: `$post-run:events:CPT` (events),
`$pre-run-cpt:CPT` (what the component read before the run) and `$pre-run-md:NAME` (metadata of the
device). Runs of beamlines that use it hold the schemas of their devices in the start document, as
`nexus_md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nxtool.authoring.placing import Step, Wish
from nxtool.authoring.projections import MOST, NotCarried, carried, static_wish
from nxtool.build.runtree import SOURCE
from nxtool.errors import SourceError
from nxtool.recipe.forms import DTYPES
from nxtool.recipe.variables import escape

if TYPE_CHECKING:
    from nxtool.build.runtree import OpenRun

METADATA: Final = "nexus_md"
"""Where a start document keeps the schemas of its devices, by the name of the device."""
_PLACEHOLDER: Final = re.compile(r"\$(post-run:events|pre-run-cpt|pre-run-md):([\w:.-]+)", re.ASCII)
_ABOUT: Final = ("nx_model", "nx_schema", "nxclass")
_MODEL: Final = re.compile(r"(NX\w+?)Model\Z", re.ASCII)
_NUMPY: Final = re.compile(r"\b(?:np|numpy)\.")
_ARC: Final = re.compile(r"\barc(sin|cos|tan)\b")
_TYPES: Final = ("NX_CHAR", "NX_FLOAT", "NX_INT", "NX_UINT", "NX_NUMBER", "NX_BOOLEAN")
_DEEPEST: Final = 12


def is_schema(tree: object) -> bool:
    """True for what looks like the schema of a device."""
    return isinstance(tree, Mapping) and ("nx_model" in tree or "nxclass" in tree)


def device_name(stem: str) -> str:
    """The device that a schema file is called after.

    >>> device_name("nx_schema_mono")
    'mono'
    """
    return re.sub(r"\A(?:nx_)?(?:schema_)?|_schema\Z", "", stem) or stem


@dataclass(slots=True)
class DeviceSchema:
    """What the schema of a device wishes for; `left` is what cannot be carried over. Where there is
    a run, references are looked up in it."""

    device: str
    opened: OpenRun | None = None
    left: list[str] = field(default_factory=list)

    def wishes(self, tree: Mapping[str, Any]) -> list[Wish]:
        """The values of a schema, below the group of the device in the instrument."""
        model = _MODEL.search(str(tree.get("nx_model", "")))
        nx_class = tree.get("nxclass") or (model[1] if model else "NXcollection")
        top = (Step("instrument"), Step(self.device, str(nx_class)))
        return list(self._group(tree, top))

    def _group(self, tree: Mapping[str, Any], groups: tuple[Step, ...]) -> Iterator[Wish]:
        for name, node in tree.items():
            if name in _ABOUT:
                continue
            place = "/".join([*(step.name for step in groups), str(name)])
            if not isinstance(node, Mapping):
                self.left.append(f"{place}: {str(node)[:60]!r} says no class")
            elif str(node.get("nxclass")) == "NXattr" or name == "attrs":
                yield from self._attributes({name: node} if name != "attrs" else node, groups)
            elif "value" in node or str(node.get("nxclass")) in (*_TYPES, "NXfield"):
                yield from self._field(str(name), node, groups, place)
            elif len(groups) < _DEEPEST:
                step = Step(str(name), str(node.get("nxclass", "")))
                yield from self._group(node, (*groups, step))
            else:
                self.left.append(f"{place}: is nested too deeply")

    def _field(
        self, name: str, node: Mapping[str, Any], groups: tuple[Step, ...], place: str
    ) -> Iterator[Wish]:
        found = carried(partial(self._value, name, node, groups), place, self.left)
        yield from found
        if not found:
            return
        others = {key: one for key, one in _mapping(node.get("attrs")).items() if key != "units"}
        yield from self._attributes(others, (*groups, Step(name)))
        self.left += [
            f"{place}: its {key} {node[key]!r} is not carried over"
            for key in ("shape", "default")
            if node.get(key) is not None
        ]

    def _value(self, name: str, node: Mapping[str, Any], groups: tuple[Step, ...]) -> Wish:
        """Raises `NotCarried`."""
        own, said = str(node.get("nxclass", "")), node.get("value")
        why = f"bluesky_nexus: {said}" if isinstance(said, str) else "bluesky_nexus"
        match = _PLACEHOLDER.fullmatch(said) if isinstance(said, str) else None
        value: dict[str, Any] = {}
        if match is not None:
            path = [step.name for step in groups[2:]] + [name]
            value["from"] = escape(f"{SOURCE}:{self._selector(match[1], match[2], path)}")
            self._change(value, node)
        elif isinstance(said, str) and said.startswith("$"):
            raise NotCarried(f"{said!r} is no placeholder that is known")
        elif node.get("transformation"):
            raise NotCarried("it transforms a value that stands there")
        else:
            wish = static_wish(groups, name, said, why)
            value, own = dict(wish.value), own if own in _TYPES else wish.type
        units = _plain(_mapping(node.get("attrs")).get("units"))
        if isinstance(units, str) and units and not isinstance(value.get("value"), str | bool):
            value["units"] = escape(units)
        return Wish(groups, name, value, own if own in _TYPES else "NX_NUMBER", why)

    def _change(self, value: dict[str, Any], node: Mapping[str, Any]) -> None:
        """Add expression and type; raises `NotCarried`."""
        change = node.get("transformation")
        if isinstance(change, Mapping):
            if change.get("target", "value") != "value":
                raise NotCarried(f"it transforms {change.get('target')!r}")
            value["expr"] = escape(_expression(str(change.get("expression", ""))))
        if node.get("dtype") in DTYPES and node["dtype"] != "string":
            value["dtype"] = node["dtype"]

    def _attributes(self, attrs: Mapping[str, Any], groups: tuple[Step, ...]) -> Iterator[Wish]:
        for name, node in attrs.items():
            place = f"{'/'.join(step.name for step in groups)}@{name}"
            yield from carried(partial(_attribute, groups, str(name), node), place, self.left)

    # references

    def _selector(self, kind: str, name: str, path: list[str]) -> str:
        """What of a run a placeholder means: the first that is there, else the most likely."""
        candidates = list(self._candidates(kind, name.split(":"), path))
        return next((one for one in candidates if self._has(one)), candidates[0])

    def _candidates(self, kind: str, parts: list[str], path: list[str]) -> Iterator[str]:
        key = "_".join([self.device, *parts])
        dashed = "-".join([self.device, *parts])
        streams = self._streams()
        kept = f"start/{METADATA}/{self.device}/{'/'.join(path)}/value"
        if kind == "post-run:events":
            yield from (f"{stream}/{one}" for stream in streams for one in (key, dashed, parts[0]))
        elif kind == "pre-run-cpt":
            yield f"baseline/{key}@first"
            yield f"baseline/{dashed}@first"
            yield f"config/{self.device}/{key}"
            yield kept
        else:
            yield kept
            yield f"start/devices_md/{self.device}/{'/'.join(parts)}"
            yield f"start/{self.device}/{'/'.join(parts)}"

    def _streams(self) -> list[str]:
        if self.opened is None:
            return ["primary"]
        return sorted(self.opened.run.streams, key=lambda one: (one == "baseline", one))

    def _has(self, selector: str) -> bool:
        if self.opened is None:
            return False
        try:
            info = self.opened.info(selector)
        except SourceError:
            return False
        return not (selector.startswith("start/") and self._is_open(selector, info.shape))

    def _is_open(self, selector: str, shape: tuple[int, ...]) -> bool:
        """True for a placeholder that nobody filled in."""
        assert self.opened is not None  # noqa: S101 - asked of a run alone
        value = self.opened.source.array(selector).read(0, 1)
        return not shape and str(value[()]).startswith("$")


def schemas_in(opened: OpenRun) -> tuple[list[Wish], list[str]]:
    """What the schemas in the start document of a run wish for, and what is left out."""
    wishes: list[Wish] = []
    left: list[str] = []
    devices = opened.run.start.get(METADATA)
    for device, tree in devices.items() if isinstance(devices, Mapping) else ():
        if is_schema(tree):
            schema = DeviceSchema(str(device), opened)
            wishes += schema.wishes(tree)
            left += schema.left
    return wishes[:MOST], [*left, *(f"{one.path}: one of too many" for one in wishes[MOST:])]


def _expression(text: str) -> str:
    """An expression of numpy as one of a recipe."""
    return _ARC.sub(r"a\1", _NUMPY.sub("", text))


def _plain(node: Any) -> Any:
    """The value of an attribute, which may stand in a mapping of its own."""
    return node.get("value") if isinstance(node, Mapping) else node


def _attribute(groups: tuple[Step, ...], name: str, node: Any) -> Wish:
    """Raises `NotCarried` for a placeholder, which an attribute of a recipe cannot be."""
    value = _plain(node)
    if isinstance(value, str) and value.startswith("$"):
        raise NotCarried(f"{value!r}: attributes take no data of a run")
    return static_wish(groups, f"@{name}", value, "")


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
