"""ADIOS2 files (`.bp`) as node views, by the library `adios2`.

ADIOS2 knows no groups: variables and attributes have whole paths for names. The tree is put
together from these, in the form of the text formats (`plaintree`); values are read when asked for.
openPMD-api, the other library that reads such files, hides what it does not understand, so it
cannot be used to find out what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from nxtool.errors import FileUnreadable, SourceError
from nxtool.openpmd.plaintree import PlainGroup
from nxtool.sources import extras

LIBRARY: Final = "adios2"
MOST_NAMES: Final = 4_000_000
_EXTENDED: Final = "long double"
_NAMES: Final = {
    "string": "STRING",
    "char": "CHAR",
    "int8_t": "SCHAR",
    "uint8_t": "UCHAR",
    "int16_t": "SHORT",
    "uint16_t": "USHORT",
    "int32_t": "INT",
    "uint32_t": "UINT",
    "int64_t": "LONG",
    "uint64_t": "ULONG",
    "float": "FLOAT",
    "double": "DOUBLE",
    _EXTENDED: "LONG_DOUBLE",
    "float complex": "CFLOAT",
    "double complex": "CDOUBLE",
}
"""Types of ADIOS2 by the names of openPMD-api."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_BOOLEAN_MARK: Final = "__is_boolean__"
_INTERNAL: Final = "__"
"""Names of openPMD-api's own begin so."""


@contextmanager
def open_adios(path: Path) -> Iterator[PlainGroup]:
    """The root of the file, or folder, at `path`.

    Raises:
        FileUnreadable: missing, or not what its name says, or damaged.
        MissingExtra: the library is not installed.
    """
    if not path.exists():
        raise FileUnreadable(f"{path}: No such file or directory", hint="check the path")
    library = extras.load(LIBRARY, "reading ADIOS2 files", "openpmd")
    try:
        with extras.reading(path, LIBRARY):
            reader = library.FileReader(str(path))
            content = _content(reader)
    except SourceError as error:
        reason = _plain_reason(error.message)
        hint = "is it damaged, or still being written?"
        raise FileUnreadable(f"{path}: is no ADIOS2 file: {reason}", hint=hint) from error
    try:
        yield PlainGroup(content, "/")
    finally:
        reader.close()


def _plain_reason(text: str) -> str:
    """What ADIOS2 says, without colours and the names of its parts."""
    return _COLOUR.sub("", text).rpartition("> : ")[2].removesuffix(": iostream error").rstrip(" :")


def _content(reader: Any) -> dict[str, Any]:
    variables, attributes = reader.available_variables(), reader.available_attributes()
    top: dict[str, Any] = {}
    if len(variables) + len(attributes) > MOST_NAMES:
        raise SourceError("has too many names")
    for name, facts in variables.items():
        if not name.strip("/").startswith(_INTERNAL):
            _place(top, name).update(_field(reader, name, facts))
    for name, facts in attributes.items():
        owner, _, last = name.rpartition("/")
        if not name.strip("/").startswith(_INTERNAL):
            stored = _attribute(reader, name, facts, is_bool=_is_marked(attributes, name))
            _place(top, owner).setdefault("attributes", {})[last] = stored
    return top


def _place(top: dict[str, Any], path: str) -> dict[str, Any]:
    """The mapping of the group or field at a path, made if need be."""
    for part in filter(None, path.split("/")):
        top = top.setdefault(part, {})
    return top


def _field(reader: Any, name: str, facts: Mapping[str, str]) -> dict[str, Any]:
    lengths = [int(part) for part in facts.get("Shape", "").split(",") if part.strip()]
    read: Callable[[], Any] = lambda: reader.read(name)  # noqa: E731 - bound to this name
    return {"datatype": _NAMES.get(facts["Type"], facts["Type"]), "extent": lengths, "data": read}


def _attribute(
    reader: Any, name: str, facts: Mapping[str, str], *, is_bool: bool
) -> dict[str, Any]:
    """An attribute; a list of one is written in braces, one value is not."""
    told = facts.get("Value", "")
    is_list = told.startswith("{")
    if facts["Type"] == _EXTENDED:
        # the library cannot give these to numpy 2, so the digits it prints have to do
        plain: Any = [float(part) for part in told.strip("{ }").split(",")]
    else:
        value = reader.read_attribute(name)
        plain = value.tolist() if hasattr(value, "tolist") else value
    if is_list and not isinstance(plain, list):
        plain = [plain]
    elif not is_list and isinstance(plain, list) and len(plain) == 1:
        plain = plain[0]
    word = "BOOL" if is_bool else _NAMES.get(facts["Type"], facts["Type"])
    return {"datatype": word, "value": plain}


def _is_marked(attributes: Mapping[str, Any], name: str) -> bool:
    return f"{_BOOLEAN_MARK}/{name}" in attributes or f"{_BOOLEAN_MARK}{name}" in attributes
