"""The sorts of defects that `tests.mutants` plants, by family of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.mutants import (
    Edit,
    Kind,
    Make,
    Site,
    array,
    at,
    both_of,
    entry,
    is_alone,
    is_group,
    is_required,
    listed_words,
    measured,
    of_class,
    required_field,
    required_group,
    typed,
)  # fmt: skip


def where_it_would_stand(site: Site) -> str:
    """Where a missing group is told: an unnamed one under its class in lower case."""
    if not site.concept.is_variadic:
        return site.path
    return f"{site.group}/{site.concept.nx_class.removeprefix('NX').lower()}"


def put(value: Any, **more: Any) -> Make:
    return lambda site: [{"set": site.path, "value": value, **more}]


def reshape(change: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Make:
    return lambda site: [{"set": site.path, "value": 1.0, "shape": list(change(site.shape))}]


def attr(name: str, value: Any, **more: Any) -> Make:
    return lambda site: [{"attr": f"{site.path}@{name}", "value": value, **more}]


def child(name: str, value: Any, **more: Any) -> Make:
    return lambda site: [{"set": f"{site.path}/{name}", "value": value, **more}]


def subgroup(name: str, nx_class: str) -> Make:
    return lambda site: [{"group": f"{site.path}/{name}", "class": nx_class}]


def in_new_group(nx_class: str, name: str, value: Any, **attributes: Any) -> Make:
    """A group of a base class with one field."""
    return lambda site: [
        {"group": f"{site.path}/newgroup", "class": nx_class},
        {"set": f"{site.path}/newgroup/{name}", "value": value, "attrs": attributes},
    ]


AXIS = {
    "vector": [0.0, 0.0, 1.0], "transformation_type": "rotation", "units": "deg", "depends_on": ".",
}  # fmt: skip
PLOT = np.arange(6.0).reshape(2, 3)


def transformation(**changes: Any) -> Make:
    """A sample that depends on an axis with these attributes changed, or left out if None."""
    attributes = {name: v for name, v in {**AXIS, **changes}.items() if v is not None}

    def make(site: Site) -> list[Edit]:
        top = site.path
        return [
            {"group": f"{top}/newmoves", "class": "NXtransformations"},
            {"set": f"{top}/newmoves/phi", "value": 1.0, "attrs": attributes},
            {"set": f"{top}/depends_on", "value": "newmoves/phi"},
        ]

    return make


def plot(*edits: Edit, **attributes: Any) -> Make:
    """A plot of its own with these group attributes (None: without)."""
    plain = {"signal": "y", "axes": ["t", "x"], "x_indices": 1, "t_indices": 0}
    stated = {name: v for name, v in {**plain, **attributes}.items() if v is not None}

    def make(site: Site) -> list[Edit]:
        top = f"{site.path}/newplot"
        made: list[Edit] = [
            {"group": top, "class": "NXdata"},
            {"set": f"{top}/y", "value": PLOT},
            {"set": f"{top}/x", "value": [1.0, 2.0, 3.0]},
            {"set": f"{top}/t", "value": [1.0, 2.0]},
            *({"attr": f"{top}@{name}", "value": value} for name, value in stated.items()),
        ]
        for edit in edits:
            verb = next(iter(edit))
            made.append({**edit, verb: f"{top}{edit[verb]}"})
        return made

    return make


WRONG_UNITS = {
    "NX_ANGLE": "mm", "NX_LENGTH": "deg", "NX_ENERGY": "s", "NX_TIME": "m", "NX_TEMPERATURE": "m",
    "NX_WAVELENGTH": "eV", "NX_FREQUENCY": "m", "NX_PRESSURE": "K", "NX_VOLTAGE": "mm",
    "NX_CURRENT": "V", "NX_TIME_OF_FLIGHT": "angstrom",
}  # fmt: skip
WRONG_UNITS_OF_BASES = {
    "NX_FREQUENCY": ("NXsource", "frequency", "m"), "NX_PERIOD": ("NXsource", "period", "m"),
    "NX_CHARGE": ("NXatom", "charge", "m"), "NX_AREA": ("NXunit_cell", "area", "m"),
    "NX_FLUX": ("NXsource", "flux", "m"), "NX_PER_LENGTH": ("NXflipper", "flip_turns", "s"),
    "NX_VOLUME": ("NXsample", "unit_cell_volume", "m"), "NX_MASS": ("NXsample", "mass", "s"),
    "NX_CROSS_SECTION": ("NXattenuator", "absorption_cross_section", "s"),
    "NX_WAVENUMBER": ("NXcrystal", "scattering_vector", "s"),
    "NX_POWER": ("NXsource", "power", "s"),
}  # fmt: skip
"""Category: a base class with a field of it, and a unit that is none."""
BAD_DATES = (
    "2026-13-01T00:00:00", "2026-02-30T00:00:00", "2026-01-01T25:00:00", "2026-01-01T10:61:00",
    "2026-01-01", "01/02/2026 10:00", "2026-1-1T1:00:00", "20260101T100000", "yesterday",
    "2026-01-01T10:00:00+25:00", "2026-01-01T10:00:00 CET", "Mon Jan  5 10:00:00 2026", "",
)  # fmt: skip
COMPOUND = np.array((1, 2.0), [("a", "i4"), ("b", "f8")])
COMPLEX = np.array(1 + 2j)


def _types() -> Iterator[Kind]:
    text, number = typed("NX_CHAR"), typed("NX_FLOAT")
    yield Kind("text-as-integer", "T01", text, put(3))
    yield Kind("text-as-float", "T01", text, put(3.5))
    yield Kind("text-as-bool", "T01", text, put(True))
    yield Kind("text-as-complex", "T01", text, put(COMPLEX))
    yield Kind("text-as-compound", "T01", text, put(COMPOUND))
    yield Kind("text-as-bytes", "T01", text, put(np.array([1, 2], "u1")))
    yield Kind("float-as-text", "T05", number, put("3.5"))
    yield Kind("float-as-integer", "T05", number, put(3))
    yield Kind("float-as-bool", "T05", number, put(True))
    yield Kind("float-as-complex", "T05", number, put(COMPLEX))
    yield Kind("float-as-compound", "T05", number, put(COMPOUND))
    yield Kind("integer-as-float", "T02", typed("NX_INT"), put(3.0))
    yield Kind("integer-as-text", "T02", typed("NX_INT"), put("3"))
    yield Kind("integer-as-bool", "T02", typed("NX_INT"), put(True))
    yield Kind("number-as-text", "T06", typed("NX_NUMBER"), put("3"))
    yield Kind("number-as-bool", "T06", typed("NX_NUMBER"), put(True))
    yield Kind("number-as-complex", "T06", typed("NX_NUMBER"), put(COMPLEX))
    yield Kind("number-as-compound", "T06", typed("NX_NUMBER"), put(COMPOUND))
    yield Kind("boolean-as-two", "T07", typed("NX_BOOLEAN"), put(2))
    yield Kind("boolean-as-word", "T07", typed("NX_BOOLEAN"), put("yes"))
    yield Kind("boolean-as-float", "T07", typed("NX_BOOLEAN"), put(1.0))
    index = at("/newgroup/sequence_index")
    for name, value in (("zero", 0), ("negative", -3), ("float", 1.0)):
        make = in_new_group("NXnote", "sequence_index", value)
        yield Kind(f"positive-as-{name}", "T04", entry, make, index)
    yield Kind("unsigned-as-negative", "T03", typed("NX_UINT"), put(-1))
    yield Kind("unsigned-as-float", "T03", typed("NX_UINT"), put(1.0))
    yield Kind("date-as-number", "T09", typed("NX_DATE_TIME"), put(20260105))
    yield Kind("text-as-array", "T14", text, put(["a", "b"]))
    yield Kind("text-not-utf8", "T16", text, lambda s: [{"set": s.path, "hex": "c5"}])
    yield Kind("null", "T15", required_field, lambda s: [{"set": s.path, "dtype": "null"}])
    yield Kind("empty-text-array", "T15", both_of(text, required_field), put([], dtype="S3"))


def _dates() -> Iterator[Kind]:
    for text in BAD_DATES:
        yield Kind(f"date-{text or 'empty'}", "T10", typed("NX_DATE_TIME"), put(text))
    for text in BAD_DATES[:4]:
        place = lambda site: "/@file_time"  # noqa: E731
        make = lambda site, t=text: [{"attr": "/@file_time", "value": t}]  # noqa: E731
        yield Kind(f"file-time-{text}", "F01", entry, make, place)


def _units() -> Iterator[Kind]:
    units_at = at("@units")
    for category, unit in WRONG_UNITS.items():
        where = measured(category)
        yield Kind(f"unit-{category}-{unit}", "U03", where, attr("units", unit), units_at)
    for category, (nx_class, name, unit) in WRONG_UNITS_OF_BASES.items():
        make = in_new_group(nx_class, name, 1.0, units=unit)
        place = at(f"/newgroup/{name}@units")
        yield Kind(f"unit-{category}-{unit}", "U03", entry, make, place)
    length = measured("NX_LENGTH")
    for name, value in (
        ("placeholder", "NX_LENGTH"), ("python", "[b'mm']"), ("blank", " "), ("number", 1),
        ("counts", "counts"), ("array", ["mm", "mm"]),
    ):  # fmt: skip
        yield Kind(f"unit-{name}", "U03", length, attr("units", value), units_at)
    for word in ("foozle", "m m m//", "mm^", "(m", "3 apples"):
        yield Kind(f"unit-unreadable-{word}", "U01", length, attr("units", word), units_at)
    yield Kind("unit-pixel", "U03", length, attr("units", "pixel"), units_at)
    yield Kind("unit-ampere", "U04", length, attr("units", "A"), units_at)
    for category in ("NX_LENGTH", "NX_ENERGY", "NX_ANGLE", "NX_TIME", "NX_WAVELENGTH"):
        gone = lambda site: [{"delete": f"{site.path}@units"}]  # noqa: E731
        yield Kind(f"unit-missing-{category}", "U03", measured(category), gone)


def _presence() -> Iterator[Kind]:
    gone: Make = lambda site: [{"delete": site.path}]  # noqa: E731
    for nx_type in ("NX_CHAR", "NX_FLOAT", "NX_INT", "NX_NUMBER", "NX_DATE_TIME", "NX_BOOLEAN"):
        where = both_of(typed(nx_type), required_field)
        yield Kind(f"required-{nx_type}-missing", "O01", where, gone)
    yield Kind("required-group-missing", "O01", required_group, gone)
    for nx_class in ("NXinstrument", "NXsample", "NXdetector", "NXsource", "NXdata"):
        where = both_of(of_class(nx_class), lambda s: is_required(s) and is_alone(s))
        yield Kind(f"{nx_class}-missing", "O01", where, gone, where_it_would_stand)
    renamed: Make = lambda s: [{"rename": s.path, "to": f"{s.path}x"}]  # noqa: E731
    yield Kind("required-field-renamed", "O01", required_field, renamed)
    upper: Make = lambda s: [{"rename": s.path, "to": f"{s.group}/{s.name.upper()}"}]  # noqa: E731
    yield Kind("required-field-in-upper-case", "O01", required_field, upper)
    yield Kind(
        "group-for-field", "N10", required_field, lambda s: [{"group": s.path, "class": "NXnote"}]
    )
    yield Kind(
        "field-for-group",
        "N10",
        required_group,
        lambda s: [{"delete": s.path}, {"set": s.path, "value": 1}],
    )
    yield Kind(
        "no-entry",
        "O07",
        entry,
        lambda s: [{"attr": "/entry@NX_class", "value": "NXnote"}],
        lambda s: "/",
    )


def _classes() -> Iterator[Kind]:
    class_at = at("@NX_class")
    yield Kind("class-other", "N12", required_group, attr("NX_class", "NXnote"))
    yield Kind(
        "class-collection",
        "N12",
        both_of(required_group, lambda s: s.concept.nx_class != "NXcollection"),
        attr("NX_class", "NXcollection"),
    )
    yield Kind(
        "class-misspelt", "G02", of_class("NXdetector"), attr("NX_class", "NXdetektor"), class_at
    )
    yield Kind(
        "class-array",
        "G07",
        is_group,
        lambda s: [{"attr": f"{s.path}@NX_class", "value": [s.concept.nx_class]}],
        class_at,
    )
    yield Kind(
        "class-blank",
        "G07",
        is_group,
        lambda s: [{"attr": f"{s.path}@NX_class", "value": s.concept.nx_class + " "}],
        class_at,
    )
    inside = at("/newgroup")
    yield Kind(
        "class-missing",
        "G01",
        of_class("NXinstrument"),
        lambda s: [{"group": f"{s.path}/newgroup"}],
        inside,
    )
    yield Kind(
        "class-misplaced", "G04", of_class("NXsample"), subgroup("newgroup", "NXsource"), inside
    )
    yield Kind(
        "class-application",
        "G03",
        of_class("NXinstrument"),
        subgroup("newgroup", "NXsas"),
        at("/newgroup@NX_class"),
    )
    yield Kind(
        "class-invented",
        "G02",
        of_class("NXinstrument"),
        subgroup("newgroup", "NXfoo"),
        at("/newgroup@NX_class"),
    )
    yield Kind(
        "class-foreign",
        "G02",
        of_class("NXinstrument"),
        subgroup("newgroup", "Foo"),
        at("/newgroup@NX_class"),
    )
    yield Kind(
        "class-malformed",
        "N04",
        of_class("NXinstrument"),
        subgroup("newgroup", "NX detector"),
        at("/newgroup@NX_class"),
    )
    yield Kind(
        "choice-violated",
        "S08",
        of_class("NXdetector"),
        subgroup("pixel_shape", "NXnote"),
        at("/pixel_shape"),
    )
    yield Kind(
        "choice-violated-2",
        "S08",
        of_class("NXdetector"),
        subgroup("detector_shape", "NXnote"),
        at("/detector_shape"),
    )
    yield Kind(
        "log-of-other-class",
        "N12",
        of_class("NXinstrument"),
        subgroup("chopper_log", "NXnote"),
        at("/chopper_log"),
    )
    yield Kind(
        "log-of-nothing",
        "N08",
        of_class("NXinstrument"),
        subgroup("nothing_log", "NXlog"),
        at("/nothing_log"),
    )
    yield Kind("geometry", "Z01", of_class("NXsample"), subgroup("g", "NXgeometry"), at("/g"))
    for word in ("NXtomografie", "NXdetector", "tomo", "NXroot", "NX"):
        make: Make = lambda s, w=word: [{"set": "/entry/definition", "value": w}]  # noqa: E731
        yield Kind(f"definition-{word}", "E05", entry, make, lambda s: "/entry/definition")


def _names() -> Iterator[Kind]:
    sample = of_class("NXsample")
    for bad in ("my name", "näme", "a-b", "a:b", ".a", "a.", "(x)"):
        yield Kind(f"name-{bad}", "N01", sample, child(bad, 1.0), at(f"/{bad}"))
    yield Kind("name-of-group", "N01", sample, subgroup("my group", "NXnote"), at("/my group"))
    yield Kind("name-of-attribute", "N01", sample, attr("my name", "x"), at("@my name"))
    long = "n" * 64
    yield Kind("name-long", "N02", sample, child(long, 1.0), at(f"/{long}"))
    for suffix in (
        "errors",
        "weights",
        "mask",
        "set",
        "increment_set",
        "end",
        "offset",
        "scaling_factor",
    ):
        name = f"foo_{suffix}"
        yield Kind(f"suffix-{suffix}", "N06", sample, child(name, 1.0), at(f"/{name}"))
    yield Kind("undocumented-field", "G05", sample, child("tempurature", 1.0), at("/tempurature"))
    yield Kind(
        "undocumented-attribute", "G05", typed("NX_CHAR"), attr("colour", "red"), at("@colour")
    )
    yield Kind("undocumented-group-attribute", "G05", sample, attr("colour", "red"), at("@colour"))
    yield Kind(
        "prefix-sas",
        "N05",
        both_of(sample, lambda s: s.concept.top.definition.name != "NXcanSAS"),
        attr("SAS_x", "y"),
        at("@SAS_x"),
    )


def _enumerations() -> Iterator[Kind]:
    words = listed_words
    yield Kind("word-unlisted", "E01", words, put("unheard of"))
    yield Kind(
        "word-upper-case",
        "E01",
        words,
        lambda s: [{"set": s.path, "value": s.concept.enumeration.items[0].swapcase()}],
    )
    yield Kind(
        "word-with-blank",
        "E01",
        words,
        lambda s: [{"set": s.path, "value": s.concept.enumeration.items[0] + " "}],
    )
    yield Kind("word-empty", "E01", words, put(""))
    yield Kind(
        "word-one-of-two",
        "E01",
        words,
        lambda s: [{"set": s.path, "value": [s.concept.enumeration.items[0], "no"]}],
    )
    yield Kind(
        "number-unlisted",
        "E01",
        entry,
        in_new_group("NXunit_cell", "dimensionality", 99),
        at("/newgroup/dimensionality"),
    )


def _dimensions() -> Iterator[Kind]:
    for rank in (1, 2, 3):
        yield Kind(f"rank-more-than-{rank}", "D01", array(rank), reshape(lambda shape: (*shape, 2)))
    for rank in (2, 3):
        yield Kind(f"rank-less-than-{rank}", "D01", array(rank), reshape(lambda shape: shape[1:]))
    field_ = typed("NX_FLOAT", "NX_NUMBER", "NX_INT")
    stride = at("")
    yield Kind("stride-alone", "D08", field_, attr("stride", [1]), stride)
    yield Kind("offset-alone", "D08", field_, attr("data_offset", [1]), stride)

    def both(site: Site) -> list[Edit]:
        return [{"attr": f"{site.path}@{n}", "value": [1] * 7} for n in ("stride", "data_offset")]

    yield Kind("stride-count", "D08", field_, both, at("@stride"))


def _plots() -> Iterator[Kind]:
    top = of_class("NXinstrument")
    here, x = at("/newplot"), at("/newplot/x")
    yield Kind("signal-missing", "P01", top, plot(signal=None), here)
    yield Kind("signal-number", "P01", top, plot(signal=1), at("/newplot@signal"))
    yield Kind("signal-two", "P01", top, plot(signal=["y", "x"]), at("/newplot@signal"))
    yield Kind("signal-dangling", "P02", top, plot(signal="z"), at("/newplot@signal"))
    yield Kind(
        "signal-group",
        "P02",
        top,
        plot({"group": "/g", "class": "NXnote"}, signal="g"),
        at("/newplot@signal"),
    )
    yield Kind("signal-upper-case", "P02", top, plot(signal="Y"), at("/newplot@signal"))
    axes = at("/newplot@axes")
    yield Kind("axes-too-few", "P03", top, plot(axes=["t"]), axes)
    yield Kind("axes-too-many", "P03", top, plot(axes=["t", "x", "."]), axes)
    yield Kind("axes-one-string", "P03", top, plot(axes="t:x"), axes)
    yield Kind("axes-comma", "P03", top, plot(axes="t,x"), axes)
    yield Kind("axes-numbers", "P03", top, plot(axes=[1, 2]), axes)
    yield Kind("axes-dangling", "P04", top, plot(axes=["t", "z"]), axes)
    place = at("/newplot@x_indices")
    yield Kind("indices-too-high", "P05", top, plot(x_indices=2), place)
    yield Kind("indices-negative", "P05", top, plot(x_indices=-1), place)
    yield Kind("indices-text", "P05", top, plot(x_indices="1"), place)
    yield Kind("indices-count", "P05", top, plot(x_indices=[0, 1]), place)
    yield Kind("indices-float", "P05", top, plot(x_indices=1.0), place)
    yield Kind("indices-array-too-high", "P05", top, plot(x_indices=[5]), place)
    yield Kind(
        "indices-against-axes",
        "P05",
        top,
        plot({"set": "/x", "value": [1.0, 2.0]}, x_indices=0),
        place,
    )
    yield Kind("axis-too-long", "P06", top, plot({"set": "/x", "value": [1.0] * 5}), x)
    yield Kind("axis-too-short", "P06", top, plot({"set": "/x", "value": [1.0] * 2}), x)
    yield Kind("axis-of-one", "P06", top, plot({"set": "/x", "value": [1.0]}), x)
    yield Kind("axis-scalar", "P06", top, plot({"set": "/x", "value": 1.0}), x)
    auxiliary = at("/newplot@auxiliary_signals")
    yield Kind("auxiliary-dangling", "P07", top, plot(auxiliary_signals=["z"]), auxiliary)
    yield Kind("auxiliary-shape", "P07", top, plot(auxiliary_signals=["x"]), x)
    yield Kind(
        "errors-shape",
        "P08",
        top,
        plot({"set": "/y_errors", "value": [1.0]}),
        at("/newplot/y_errors"),
    )
    yield Kind(
        "axis-errors-shape",
        "P08",
        top,
        plot({"set": "/x_errors", "value": [1.0]}),
        at("/newplot/x_errors"),
    )
    yield Kind(
        "weights-shape",
        "P08",
        top,
        plot({"set": "/y_weights", "value": [1.0]}),
        at("/newplot/y_weights"),
    )
    yield Kind(
        "mask-shape", "P08", top, plot({"set": "/y_mask", "value": [True]}), at("/newplot/y_mask")
    )
    yield Kind(
        "scaling-shape",
        "P08",
        top,
        plot({"set": "/y_scaling_factor", "value": [1.0] * 9}),
        at("/newplot/y_scaling_factor"),
    )


def _plot_marks() -> Iterator[Kind]:
    top = of_class("NXinstrument")
    here, y = at("/newplot"), at("/newplot/y")
    yield Kind("slice-count", "P09", top, plot(default_slice=["."]), at("/newplot@default_slice"))
    yield Kind(
        "slice-word", "P09", top, plot(default_slice=["all", "."]), at("/newplot@default_slice")
    )
    for holder, word in (("/entry", "nothing"), ("/", "nothing"), ("/entry", 3)):
        make: Make = lambda s, h=holder, w=word: [{"attr": f"{h}@default", "value": w}]  # noqa: E731
        yield Kind(
            f"default-{holder}-{word}", "P10", entry, make, lambda s, h=holder: f"{h}@default"
        )
    yield Kind("legacy-axes", "P11", top, plot({"attr": "/y@axes", "value": "t:x"}), y)
    yield Kind("legacy-signal", "P11", top, plot({"attr": "/y@signal", "value": 1}), y)
    yield Kind(
        "legacy-both",
        "P11",
        top,
        plot({"attr": "/y@signal", "value": 1}, {"attr": "/y@axis", "value": 1}),
        y,
    )
    yield Kind(
        "legacy-errors", "P11", top, plot({"set": "/errors", "value": PLOT}), at("/newplot/errors")
    )
    yield Kind(
        "singular-error",
        "Z01",
        top,
        plot({"set": "/y_error", "value": PLOT}),
        at("/newplot/y_error"),
    )
    yield Kind(
        "interpretation-word",
        "P12",
        top,
        plot({"attr": "/y@interpretation", "value": "scaler"}),
        at("/newplot/y@interpretation"),
    )
    yield Kind(
        "interpretation-rank",
        "P12",
        top,
        plot({"attr": "/x@interpretation", "value": "image"}),
        at("/newplot/x@interpretation"),
    )
    yield Kind(
        "empty-signal",
        "P01",
        top,
        lambda s: [{"group": f"{s.path}/newplot", "class": "NXdata"}],
        here,
    )


def _transformations() -> Iterator[Kind]:
    top = both_of(of_class("NXsample"), lambda s: "depends_on" not in s.others)
    axis, vector = at("/newmoves/phi"), at("/newmoves/phi@vector")
    yield Kind("vector-missing", "X04", top, transformation(vector=None), vector)
    yield Kind("vector-zero", "X04", top, transformation(vector=[0.0, 0.0, 0.0]), vector)
    yield Kind("vector-two", "X04", top, transformation(vector=[0.0, 1.0]), vector)
    yield Kind("vector-text", "X04", top, transformation(vector="0 0 1"), vector)
    yield Kind("vector-nan", "X04", top, transformation(vector=[0.0, 0.0, float("nan")]), vector)
    yield Kind("vector-long", "X04", top, transformation(vector=[0.0, 0.0, 5.0]), vector)
    yield Kind(
        "offset-two", "X04", top, transformation(offset=[1.0, 2.0]), at("/newmoves/phi@offset")
    )
    yield Kind(
        "offset-angle",
        "X04",
        top,
        transformation(offset=[1.0, 0.0, 0.0], offset_units="deg"),
        at("/newmoves/phi@offset_units"),
    )
    yield Kind(
        "offset-no-units",
        "X04",
        top,
        transformation(offset=[1.0, 0.0, 0.0]),
        at("/newmoves/phi@offset"),
    )
    yield Kind(
        "kind-unknown",
        "E01",
        top,
        transformation(transformation_type="spin"),
        at("/newmoves/phi@transformation_type"),
    )
    yield Kind("rotation-in-mm", "U05", top, transformation(units="mm"), at("/newmoves/phi@units"))
    yield Kind(
        "translation-in-deg",
        "U05",
        top,
        transformation(transformation_type="translation"),
        at("/newmoves/phi@units"),
    )
    yield Kind(
        "axis-dangling",
        "X01",
        top,
        transformation(depends_on="nowhere"),
        at("/newmoves/phi@depends_on"),
    )
    yield Kind(
        "axis-on-itself",
        "X03",
        top,
        transformation(depends_on="phi"),
        at("/newmoves/phi@depends_on"),
    )
    yield Kind("axis-open", "X03", top, transformation(depends_on=None), at("/depends_on"))
    yield Kind(
        "axis-rank",
        "X07",
        top,
        lambda s: [*transformation()(s), {"set": f"{s.path}/newmoves/phi", "value": [[1.0]]}],
        axis,
    )
    yield Kind("depends-dangling", "X01", top, child("depends_on", "no/such"), at("/depends_on"))
    yield Kind(
        "depends-on-name",
        "X02",
        both_of(top, lambda s: "name" in s.others),
        child("depends_on", "name"),
        at("/depends_on"),
    )
    yield Kind("depends-on-entry", "X02", top, child("depends_on", "/entry"), at("/depends_on"))


def _links() -> Iterator[Kind]:
    top = of_class("NXinstrument")
    new = at("/newlink")
    yield Kind(
        "soft-dangling", "L01", top, lambda s: [{"soft": f"{s.path}/newlink", "to": "/no"}], new
    )
    yield Kind(
        "soft-on-itself",
        "L01",
        top,
        lambda s: [{"soft": f"{s.path}/newlink", "to": f"{s.path}/newlink"}],
        new,
    )
    yield Kind(
        "external-dangling",
        "L01",
        top,
        lambda s: [{"external": f"{s.path}/newlink", "file": "gone.h5", "to": "/"}],
        new,
    )
    text = typed("NX_CHAR")
    target = at("@target")
    yield Kind("target-dangling", "L02", text, attr("target", "/entry/nothing"), target)
    yield Kind("target-relative", "L02", text, attr("target", "name"), target)
    yield Kind("target-other", "L02", text, attr("target", "/entry/definition"), target)
    yield Kind("target-number", "L02", text, attr("target", 1), target)


def all_kinds() -> tuple[Kind, ...]:
    """Every kind of defect."""
    families = (
        _types, _dates, _units, _presence, _classes, _names, _enumerations, _dimensions, _plots,
        _plot_marks, _transformations, _links,
    )  # fmt: skip
    return tuple(kind for family in families for kind in family())
