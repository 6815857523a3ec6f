"""The file name of a run, from a template whose fields are values of its start document.

`{scan_id:05d}_{uid:.8}.nxs`, `{sample[name]}/{time:%Y-%m-%d}_{scan_id}.nxs`. What a document says
stays one part of a path, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any, Final

from nxtool.errors import OutputError

_WRONG: Final = re.compile(r"[^\w.@+-]+")
_KEY: Final = re.compile(r"([^.\[\]]+)((?:\[[^\[\]]+\])*)")
_WIDEST: Final = re.compile(r"\d{4,}")


def fields_of(template: str) -> list[str]:
    """The fields in a template.

    Raises:
        OutputError: its braces do not close.
    """
    try:
        return [field for _, field, _, _ in _parts(template) if field is not None]
    except ValueError as error:
        hint = "write fields like {scan_id}, {uid:.8}, {sample[name]}; a brace as {{"
        raise OutputError(f"{template!r} names no file: {error}", hint=hint) from error


def run_filename(template: str, start: Mapping[str, Any]) -> str:
    """The template with the values of a start document; relative as the template is.

    Raises:
        OutputError: the document has no such value, or it cannot be written that way.
    """
    fields_of(template)
    parts = []
    for text, field, style, _ in _parts(template):
        parts.append(text)
        if field is not None:
            parts.append(_safe(_styled(_value(start, field), style or "", field)))
    return "".join(parts)


def _parts(template: str) -> Iterable[tuple[str, str | None, str | None, str | None]]:
    return Formatter().parse(template)  # whose declaration lacks the None


def _value(start: Mapping[str, Any], field: str) -> Any:
    match = _KEY.fullmatch(field)
    value: Any = start
    for key in [match[1], *re.findall(r"\[([^\[\]]+)\]", match[2])] if match else [field]:
        if not isinstance(value, Mapping) or key not in value:
            known = ", ".join(sorted(start)[:12])
            message = f"the start of the run has no {field!r} to name the file by"
            raise OutputError(message, hint=f"it has {known}")
        value = value[key]
    return datetime.fromtimestamp(float(value)).astimezone() if field == "time" else value


def _styled(value: Any, style: str, field: str) -> str:
    if isinstance(value, Mapping | list | tuple) or _WIDEST.search(style):
        raise OutputError(
            f"{{{field}}} cannot be part of a file name: it is {type(value).__name__}"
        )
    if isinstance(value, datetime):
        return value.strftime(style or "%Y-%m-%dT%H-%M-%S")
    try:
        return format(value, style)
    except (ValueError, TypeError) as error:
        raise OutputError(f"{{{field}:{style}}} does not fit {value!r}: {error}") from error


def _safe(text: str) -> str:
    """The text as a part of a name: no separators, none of the names of folders."""
    short = _WRONG.sub("_", text).encode(errors="replace")[:100].decode(errors="ignore")
    return short.strip(".") or "_"
