"""Definitions as lists of plain values, and back, with every value checked."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeAlias, get_args

from nxtool.nxdl.elements import (
    AttributeElement,
    Category,
    ChoiceElement,
    Definition,
    Dim,
    Dimensions,
    Enumeration,
    FieldElement,
    GroupElement,
    LinkElement,
    NameType,
    Occurrence,
)

Decode: TypeAlias = Callable[[Any], Any]


def pack(definition: Definition) -> list[Any]:
    """All that `definition` holds but its path, as lists, strings, numbers, booleans and None."""
    return [_packed(value) for value in _values(definition)[:-1]]


def unpack(raw: Any, path: Path) -> Definition:
    """The definition that was packed into `raw`; its path becomes `path`.

    Raises:
        ValueError: `raw` was not made by `pack`.
    """
    make: Callable[..., Definition] = Definition
    return make(*_checked(raw, _DEFINITION), path)


def _values(record: Any) -> tuple[Any, ...]:
    values: tuple[Any, ...] = attrgetter(*type(record).__slots__)(record)
    return values


def _packed(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_packed(item) for item in value]
    return [_packed(item) for item in _values(value)] if hasattr(value, "__slots__") else value


def _checked(raw: Any, parts: tuple[Decode, ...]) -> list[Any]:
    if type(raw) is not list or len(raw) != len(parts):
        raise ValueError(f"not a record of {len(parts)} values")
    return [part(value) for part, value in zip(parts, raw, strict=True)]


def _record(kind: Callable[..., Any], *parts: Decode) -> Decode:
    return lambda raw: kind(*_checked(raw, parts))


def _many(part: Decode) -> Decode:
    def decode(raw: Any) -> tuple[Any, ...]:
        if type(raw) is not list:
            raise ValueError("not a list")
        return tuple([part(value) for value in raw])

    return decode


def _one_of(*kinds: type) -> Decode:
    def decode(raw: Any) -> Any:
        if type(raw) not in kinds:
            raise ValueError(f"{type(raw).__name__} where something else should be")
        return raw

    return decode


def _optional(part: Decode) -> Decode:
    return lambda raw: None if raw is None else part(raw)


def _word(*words: str) -> Decode:
    def decode(raw: Any) -> str:
        if raw not in words:
            raise ValueError(f"not one of {words}")
        return str(raw)

    return decode


def _texts(raw: Any) -> dict[str, str]:
    if type(raw) is not dict or not all(type(value) is str for value in raw.values()):
        raise ValueError("not a table of texts")
    return raw


_TEXT: Final = _one_of(str)
_MAYBE_TEXT: Final = _one_of(str, type(None))
_NUMBER: Final = _one_of(int)
_MAYBE_NUMBER: Final = _one_of(int, type(None))
_FLAG: Final = _one_of(bool)
_MAYBE_FLAG: Final = _one_of(bool, type(None))
_NAME_TYPE: Final = _word(*get_args(NameType))
_OCCURRENCE: Final = _record(Occurrence, _MAYBE_NUMBER, _MAYBE_NUMBER, _MAYBE_FLAG, _MAYBE_FLAG)
_ENUMERATION: Final = _optional(_record(Enumeration, _many(_TEXT), _FLAG, _NUMBER))
_DIM: Final = _record(Dim, _NUMBER, _MAYBE_TEXT, _FLAG, _NUMBER)
_DIMENSIONS: Final = _optional(_record(Dimensions, _MAYBE_TEXT, _many(_DIM), _TEXT, _NUMBER))
_ATTRIBUTE: Final = _record(
    AttributeElement, _TEXT, _MAYBE_TEXT, _NAME_TYPE, _OCCURRENCE, _ENUMERATION, _DIMENSIONS,
    _MAYBE_TEXT, _TEXT, _NUMBER,
)  # fmt: skip
_FIELD: Final = _record(
    FieldElement, _TEXT, _MAYBE_TEXT, _NAME_TYPE, _MAYBE_TEXT, _OCCURRENCE, _ENUMERATION,
    _DIMENSIONS, _many(_ATTRIBUTE), _MAYBE_TEXT, _TEXT, _NUMBER,
)  # fmt: skip
_LINK: Final = _record(LinkElement, _TEXT, _TEXT, _TEXT, _NUMBER)


def _group(raw: Any) -> GroupElement:
    return GroupElement(*_checked(raw, _GROUP))


_CHOICE: Final = _record(ChoiceElement, _TEXT, _many(_group), _TEXT, _NUMBER)
_GROUP: Final = (
    _MAYBE_TEXT, _TEXT, _NAME_TYPE, _OCCURRENCE, _many(_ATTRIBUTE), _many(_FIELD), _many(_group),
    _many(_CHOICE), _many(_LINK), _MAYBE_TEXT, _TEXT, _NUMBER,
)  # fmt: skip
_DEFINITION: Final = (
    _TEXT, _word(*get_args(Category)), _MAYBE_TEXT, _group, _texts, _FLAG, _FLAG, _FLAG,
    _MAYBE_TEXT,
)  # fmt: skip
