"""Cases: small YAML files that edit a valid NeXus file and name the findings this must give.

The vocabulary is described in `tests/cases/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml

from nxtool.validate.clauses import CLAUSES
from nxtool.validate.visit import Options
from tests.judging import judge
from tests.validfiles import Level, image, open_image

FOLDER = Path(__file__).parent / "cases"
Expected = tuple[str, str, str]
"""Code, path, severity."""


@dataclass(frozen=True)
class Case:
    """One case; `name` is its path below `tests/cases`, without suffix."""

    name: str
    base: str
    level: Level
    edits: tuple[Mapping[str, Any], ...]
    expect: tuple[Expected, ...]
    options: Options

    @property
    def code(self) -> str:
        """The rule it is about: `T01` of `type/T01-bad-number`."""
        return self.name.rsplit("/", 1)[-1].split("-")[0]

    @property
    def is_good(self) -> bool:
        """True where the rule must be silent; of a clause, where it is kept."""
        if self.code in CLAUSES:
            return not self.expect
        return all(code != self.code for code, _, _ in self.expect)


def load(path: Path) -> Case:
    """The case in a file."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(data) - {"base", "level", "edits", "expect", "options", "why"}
    assert not unknown, f"{path}: unknown keys {unknown}"
    expect = tuple(
        (item["code"], item["path"], item.get("severity", "error")) for item in data["expect"]
    )
    return Case(
        str(path.relative_to(FOLDER).with_suffix("")),
        data["base"],
        data.get("level", "required"),
        tuple(data.get("edits") or ()),
        expect,
        Options(**{key: _plain(value) for key, value in data.get("options", {}).items()}),
    )


def load_all() -> list[Case]:
    """Every case, in the order of names."""
    return [load(path) for path in sorted(FOLDER.glob("*/*.yaml"))]


def new_findings(case: Case) -> list[Expected]:
    """What the edits of a case add to the findings of its base."""
    with open_image(image(case.base, case.level)) as file:
        for edit in case.edits:
            apply(file, edit)
        before = _told(case.base, case.level, case.options)
        return [key for item in judge(file, case.options) if (key := _key(item)) not in before]


def _plain(value: Any) -> Any:
    """Options are hashable: a list is a tuple there."""
    return tuple(value) if isinstance(value, list) else value


@cache
def _told(base: str, level: Level, options: Options) -> frozenset[Expected]:
    """What is said of the base itself."""
    with open_image(image(base, level)) as file:
        return frozenset(_key(item) for item in judge(file, options))


def _key(item: Any) -> Expected:
    return item.code, item.path, item.severity


def apply(file: h5py.File, edit: Mapping[str, Any]) -> None:
    """One edit; the first key says which, the others how."""
    verb = next(iter(edit))
    place = edit[verb]
    if verb == "set":
        _set(file, place, edit)
    elif verb == "attr":
        path, name = place.split("@")
        file[path].attrs[name] = value_of(edit)
    elif verb == "group":
        _remove(file, place)
        group = file.create_group(place)
        if edit.get("class"):
            group.attrs["NX_class"] = edit["class"]
    elif verb == "delete":
        _remove(file, place, missing_ok=False)
    elif verb == "rename":
        file.move(place, edit["to"])
    elif verb == "copy":
        file.copy(file[place], edit["to"])
    else:
        _remove(file, place)
        file[place] = _link(file, verb, edit)


def _set(file: h5py.File, place: str, edit: Mapping[str, Any]) -> None:
    """A field in place of what was there; its attributes stay unless `bare` is given."""
    kept = {}
    if place in file:
        if isinstance(file.get(place), h5py.Dataset) and not edit.get("bare"):
            kept = dict(file[place].attrs)
        del file[place]
    dataset = file.create_dataset(place, data=value_of(edit))
    for name, value in {**kept, **edit.get("attrs", {})}.items():
        dataset.attrs[name] = value


def _remove(file: h5py.File, place: str, *, missing_ok: bool = True) -> None:
    path, _, name = place.partition("@")
    if name:
        del file[path].attrs[name]
    elif file.get(path, getlink=True) is not None or not missing_ok:
        del file[path]


def _link(file: h5py.File, verb: str, edit: Mapping[str, Any]) -> Any:
    if verb == "link":
        return file[edit["to"]]
    if verb == "soft":
        return h5py.SoftLink(edit["to"])
    if verb == "external":
        return h5py.ExternalLink(edit["file"], edit["to"])
    raise ValueError(f"unknown edit {verb!r}")


def value_of(edit: Mapping[str, Any]) -> Any:
    """The value an edit names: `value`, shaped by `shape` and stored as `dtype`."""
    dtype = edit.get("dtype")
    if dtype == "null":
        return h5py.Empty("i8" if isinstance(edit.get("value"), int) else "f8")
    if "hex" in edit:
        return np.array(bytes.fromhex(edit["hex"]))
    value = edit["value"]
    if "shape" in edit:
        value = np.full(tuple(edit["shape"]), value)
    if dtype == "ascii":
        return np.array(value, dtype=h5py.string_dtype("ascii"))
    if dtype is not None:
        return np.array(value, dtype=dtype)
    array = np.asarray(value)
    return array.astype(h5py.string_dtype()) if array.dtype.kind == "U" and array.ndim else value
