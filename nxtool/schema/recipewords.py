"""JSON Schema of what is the same in every recipe: top level, forms of values, `$`-words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from nxtool import units

Json: TypeAlias = "dict[str, Any]"

TEXT: Final = ["string", "number", "boolean"]
VARIABLE: Final = r"\$\{"
QUANTITY: Final = rf"^\s*(\[|[-+]?\.?[0-9]|[-+]?\.inf|\.nan|linspace\()|{VARIABLE}"
"""What a text must look like where a number is due: `200 mm`, `linspace(0, 1, 5) m`, `${x}`."""

VALUE_TYPES: Final[Mapping[str, tuple[list[str], str]]] = {
    "NX_FLOAT": (["number", "string"], QUANTITY),
    "NX_NUMBER": (["number", "string"], QUANTITY),
    "NX_INT": (["integer", "string"], QUANTITY),
    "NX_UINT": (["integer", "string"], QUANTITY),
    "NX_POSINT": (["integer", "string"], QUANTITY),
    "NX_BINARY": (["integer", "string"], QUANTITY),
    "NX_BOOLEAN": (["boolean", "integer", "string"], VARIABLE),
    "NX_DATE_TIME": (["string", "integer"], rf"^\s*[0-9]{{4}}|{VARIABLE}"),
}
"""JSON types of one value and the pattern of a text; any other type takes what text takes."""

SMALLEST: Final[Mapping[str, int]] = {"NX_UINT": 0, "NX_POSINT": 1}
DTYPES: Final = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128", "bool", "string",
)  # fmt: skip
LOSSY: Final = ("bitround", "bitgroom", "granularbr", "sigbits", "zfp", "sz3", "sperr")
_FORMAT_OPTIONS: Final[Mapping[str, str]] = {
    "skip_rows": "Lines to leave out at the start of a text.",
    "delimiter": "What stands between the columns of a text.",
    "header": "False for a table without a line of names.",
    "dtype": "The type of raw bytes, as numpy writes it: <u2.",
    "shape": "The shape of raw bytes: [512, 512].",
    "offset": "Bytes to leave out at the start of raw bytes.",
}
_ON_GAP: Final[Json] = {
    "enum": ["error", "skip"],
    "description": "What a gap in the numbers of files means.",
}


def ref(name: str) -> Json:
    """A reference to the shared definition `name`."""
    return {"$ref": f"#/$defs/{name}"}


def text(description: str = "") -> Json:
    """Anything that counts as text."""
    return _told({"type": TEXT}, description)


def mapping(properties: Json, description: str = "") -> Json:
    """A mapping with these names only; null means nothing is said."""
    form = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return _told(form, description)


def _told(form: Json, description: str) -> Json:
    return {**form, "description": description} if description else form


def values(nx_type: str) -> Json:
    """One value of a type, a list of them, or null for "not filled"."""
    types, pattern = VALUE_TYPES.get(nx_type, (TEXT, ""))
    form: Json = {"type": [*types, "array", "null"], "items": ref(f"value.{nx_type}")}
    if pattern:
        form["pattern"] = pattern
    if nx_type in SMALLEST:
        form["minimum"] = SMALLEST[nx_type]
    return form


def kind(value: Json, long_form: Json) -> Json:
    """A field: a mapping is the long form, everything else a value."""
    return {"if": {"type": "object"}, "then": long_form, "else": value}


def choices(allowed: Iterable[object]) -> Json:
    """One of a few values; lists, variables and null are let through."""
    return {"anyOf": [{"enum": list(allowed)}, ref("undecided")]}


def long_form(value: Json, category: str = "", attributes: Json | None = None) -> Json:
    """The long form of a field whose value has the form `value`."""
    unit = text("The unit of the data.")
    if category in units.CATEGORIES:
        unit["examples"] = list(units.common(category))
    shared = ("from", "link", "virtual", "to", "dtype", "expr", "compression", "chunks", "lossy")
    return mapping(
        {
            "value": value,
            "units": unit,
            **{word: ref(f"word.{word}") for word in shared},
            "date_format": ref("word.date_format"),
            "attrs": attributes or ref("word.$attrs"),
        }
    )


def shared() -> Json:
    """Definitions that every schema of a recipe needs."""
    words = {f"word.{name}": form for name, form in _words().items()}
    return {**words, "undecided": _undecided(), "steps": _steps()}


def _undecided() -> Json:
    return {"anyOf": [{"type": ["array", "null"]}, {"type": "string", "pattern": VARIABLE}]}


def _words() -> Json:
    path = {"type": "string"}
    chunks = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    plot = {
        "signal": text("Path of the field to plot, from this group: instrument/detector/data."),
        "axes": {"description": "One path or . for each dimension.", "type": ["array", "string"]},
        "auxiliary": {
            "description": "Paths of more signals of the same shape.",
            "type": ["array", "string"],
        },
        "errors": text("Path of the errors of the signal."),
        "name": text("The name of the NXdata; data if not given."),
        "title": text("The title of the plot."),
    }
    return {
        "from": text('Data of a source: "frames", "meta:/mask", "log:temp_C".'),
        "virtual": text("Data of a source, left where it is and referred to."),
        "link": {**path, "description": "A link: /entry/... or file.h5:/path."},
        "to": text("The unit to store; the data is converted."),
        "dtype": {"enum": list(DTYPES), "description": "The type to store."},
        "expr": text("Arithmetic with x, the data, and variables: 12.39842 / x."),
        "compression": text(
            "A filter like bitshuffle-lz4, gzip:4, zstd:3 or none, or a profile: auto, archive, "
            "fast, portable, h5wasm."
        ),
        "chunks": {
            "anyOf": [{"enum": ["auto", "frame", "pixel", "balanced"]}, chunks],
            "description": "The shape of chunks, or how it is chosen.",
        },
        "lossy": _lossy(),
        "date_format": text("How dates of the source are written: %d/%m/%Y %H:%M:%S."),
        "$attrs": {"type": ["object", "null"], "description": "Attributes: {name: value}."},
        "$link": {**path, "description": "The whole group is a link: /entry/..., file.h5:/path."},
        "$plot": mapping(plot, "A default plot: an NXdata made of links."),
        "$reduce": _reduce(),
        "$repeat": {
            "type": "object",
            "description": "One group for each value, {i: 0..7}, or row, {rows: log}.",
        },
    }


def _lossy() -> Json:
    count = {"type": "integer", "minimum": 1}
    form = mapping(
        {
            "method": {"enum": list(LOSSY), "description": "How values are changed."},
            "bits": {**count, "description": "Significant bits to keep: bitround, sigbits."},
            "digits": {**count, "description": "Significant digits: bitgroom, granularbr."},
            "bound": {
                "type": ["number", "string"],
                "description": "How far a value may move: zfp, sz3, sperr.",
            },
            "i_accept_loss": {"const": True, "description": "The loss does no harm here."},
        },
        "Change values so that they compress better; what is lost cannot be had back.",
    )
    return {**form, "required": ["method", "i_accept_loss"]}


def _reduce() -> Json:
    form = mapping(
        {
            "bin": {
                "type": "integer",
                "minimum": 2,
                "maximum": 64,
                "description": "Squares of so many pixels become one.",
            },
            "masked": {"type": "number", "description": "The value for pixels of pixel_mask."},
            "sparse": {
                **mapping({"above": {"type": "integer", "minimum": 0}}),
                "description": "Keep only pixels above this number, as sparse frames.",
            },
            "i_accept_loss": {"const": True, "description": "The loss does no harm here."},
        },
        "Make the data of an NXdetector smaller, and all that belongs to them.",
    )
    return {**form, "required": ["i_accept_loss"]}


def _steps() -> Json:
    vector = {"type": "array", "items": {"type": ["number", "string"]}}
    quantity = {"type": ["number", "string", "array"]}
    step = mapping(
        {
            "name": text("The name of the axis."),
            "rotate": {**vector, "description": "The direction of the rotation axis."},
            "translate": {**vector, "description": "The direction of the translation."},
            "by": {**quantity, "description": "How far: 200 mm, 0.1 deg."},
            "from": ref("word.from"),
            "units": text("The unit of the data."),
            "increment": {**quantity, "description": "The step from frame to frame."},
            "offset": {**quantity, "description": "Where the axis is: [0, 0, 10] mm."},
        }
    )
    told = "How it is placed, nearest the object first. nxtool fills in depends_on."
    return {"type": ["array", "null"], "items": step, "description": told}


def top_level(definition: str) -> Json:
    """The names at the top of a recipe, except entries."""
    defaults = {
        "compression": ref("word.compression"),
        "timezone": text("The zone of dates that name none: Europe/Berlin."),
        "chunks": ref("word.chunks"),
        "strings": {"enum": ["variable", "fixed"], "description": "How texts are stored."},
        "missing": _ON_GAP,
    }
    provenance = {
        "embed": {
            "enum": ["none", "recipe", "residual", "raw"],
            "description": "What the file keeps: also what makes the raw files again, or these.",
        },
        "hash": {"enum": ["none", "sha256"], "description": "The checksum of each raw file."},
    }
    anything = {"type": ["object", "null"]}
    return {
        "nxtool": {"const": 1, "description": "The version of the recipe language."},
        "definition": {"const": definition, "description": "The definition to follow."},
        "include": {
            "type": ["string", "array", "null"],
            "description": "Recipes to start from; what stands here wins.",
        },
        "output": text("The file to write, from the folder of the recipe."),
        "vars": {**anything, "description": "Values used elsewhere as ${name}."},
        "defaults": mapping(defaults, "What holds for every field."),
        "sources": {
            **anything,
            "description": "Raw data by name.",
            "additionalProperties": _source(),
        },
        "waive": {
            **anything,
            "description": "Why something required may be missing: {path: reason}.",
            "additionalProperties": {"type": "string"},
        },
        "provenance": mapping(provenance, "What of the raw data goes into the result."),
    }


def _source() -> Json:
    option = {"type": [*TEXT, "array", "null"]}
    form = mapping(
        {
            "path": text("A file or a pattern: scan_*.tif, file.h5:/dataset."),
            "format": text("The format, where the name does not tell."),
            "expect": {"type": ["integer", "string"], "description": "How many frames there are."},
            "missing": _ON_GAP,
            "mode": {
                "enum": ["copy", "link", "virtual", "external"],
                "description": "Whether the data is copied, or left where it is and referred to.",
            },
            "options": {"type": "object", "description": "More options of the format."},
            **{name: {**option, "description": told} for name, told in _FORMAT_OPTIONS.items()},
        }
    )
    return kind({"type": "string"}, form)
