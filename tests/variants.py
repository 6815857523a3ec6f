"""Valid files that look unusual: every edit here must leave a file without a new error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np

Edits = tuple[dict[str, Any], ...]
AXIS = {
    "vector": [0.0, 0.0, 1.0], "transformation_type": "rotation", "units": "deg", "depends_on": ".",
}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """Edits of a valid file of `base` that keep it valid."""

    name: str
    base: str
    edits: Edits


def all_variants() -> tuple[Variant, ...]:
    """Every variant."""
    families = (_strings, _numbers, _units, _dates, _plots, _names, _structure, _motions, _links)
    return tuple(
        Variant(f"{name}-{base}", base, edits)
        for family in families
        for name, base, *edits in family()
    )


Row = tuple[Any, ...]


def _strings() -> Iterator[Row]:
    name, definition = "/entry/sample/name", "/entry/definition"
    for kind in ("S20", "ascii", h5py.string_dtype("utf-8"), h5py.string_dtype("utf-8", 20)):
        label = str(kind) if isinstance(kind, str) else f"utf8-{kind.itemsize}"
        yield f"name-{label}", "NXtomo", {"set": name, "value": "iron", "dtype": kind}
        yield f"definition-{label}", "NXtomo", {"set": definition, "value": "NXtomo", "dtype": kind}
    for base in ("NXtomo", "NXsas", "NXmx", "NXarpes"):
        yield "definition-array", base, {"set": definition, "value": [base]}
        yield "class-ascii", base, {"attr": "/entry@NX_class", "value": "NXentry", "dtype": "S7"}
    yield "name-array", "NXtomo", {"set": name, "value": ["iron"]}
    yield "name-not-ascii", "NXtomo", {"set": name, "value": "Grüneisen µ"}
    yield "name-empty", "NXtomo", {"set": name, "value": ""}
    yield "class-array", "NXtomo", {"attr": "/entry/sample@NX_class", "value": ["NXsample"]}
    yield "signal-array", "NXtomo", {"attr": "/entry/data@signal", "value": ["data"]}
    axes = np.array([b"image_key", b".", b"."])
    yield "axes-fixed-ascii", "NXtomo", {"attr": "/entry/data@axes", "value": axes, "dtype": "S9"}
    yield "default-array", "NXtomo", {"attr": "/entry@default", "value": ["data"]}
    yield "enumerated-array", "NXsas", {"set": "/entry/instrument/source/probe", "value": ["x-ray"]}


def _numbers() -> Iterator[Row]:
    energy = "/entry/instrument/monochromator/energy"
    for kind in ("f2", "f4", ">f8", "i1", "u8", ">i4", "f16"):
        yield f"energy-{kind}", "NXarpes", {"set": energy, "value": 15, "dtype": kind}
    flag = "/entry/instrument/detector/flatfield_applied"
    for kind in ("bool", "i1", "u1", "i8"):
        yield f"flag-{kind}", "NXmx", {"set": flag, "value": 1, "dtype": kind}
    for kind in ("i1", "u2", ">i8"):
        yield f"run-{kind}", "NXtofraw", {"set": "/entry/run_number", "value": 3, "dtype": kind}
    yield "energy-array-of-one", "NXarpes", {"set": energy, "value": [15.0]}
    yield "energy-nan", "NXarpes", {"set": energy, "value": float("nan")}
    note = {"group": "/entry/note", "class": "NXnote"}
    data = {"set": "/entry/note/data", "value": [1, 2], "dtype": "u1"}
    yield "binary-uint8", "NXtomo", note, data
    yield "int-vector", "NXtomo", *_axis(vector=[0, 0, 1])


def _units() -> Iterator[Row]:
    wavelength = "/entry/instrument/monochromator/wavelength@units"
    for unit in ("Angstrom", "angstroms", "Å", "nm", "1e-10 m", "m", "A", "pm", "nanometer"):
        yield f"wavelength-{unit}", "NXsas", {"attr": wavelength, "value": unit}
    distance = "/entry/instrument/detector/distance@units"
    for unit in ("mm", "millimeter", "um", "µm", "inch", "km"):
        yield f"distance-{unit}", "NXsas", {"attr": distance, "value": unit}
    angle = "/entry/sample/rotation_angle@units"
    for unit in ("degree", "degrees", "rad", "mrad", "°", "arcmin"):
        yield f"angle-{unit}", "NXtomo", {"attr": angle, "value": unit}
    energy = "/entry/instrument/monochromator/energy@units"
    for unit in ("keV", "eV", "J", "kg m2 s-2", "kg.m^2/s^2", "N*m"):
        yield f"energy-{unit}", "NXarpes", {"attr": energy, "value": unit}
    data = "/entry/instrument/detector/data@units"
    for unit in ("counts", "1", "a.u.", "%", "m s-1", "counts/s"):
        yield f"any-{unit}", "NXtomo", {"attr": data, "value": unit}
    yield "any-none", "NXtomo", {"delete": data}
    yield "unit-array-of-one", "NXsas", {"attr": distance, "value": ["mm"]}


def _dates() -> Iterator[Row]:
    for text in (
        "2026-01-05T10:00:00", "2026-01-05T10:00Z", "2026-01-05T10:00:00.123456+0100",
        "2026-01-05T10:00:00+01", "2026-01-05 10:00:00", "2024-02-29T23:59:59Z",
    ):  # fmt: skip
        yield f"date-{text}", "NXarpes", {"set": "/entry/start_time", "value": text}


def _plot(*more: dict[str, Any], **attributes: Any) -> Edits:
    top = "/entry/newplot"
    stated = {"signal": "y", "axes": ["t", "x"], **attributes}
    return (
        {"group": top, "class": "NXdata"},
        {"set": f"{top}/y", "value": np.zeros((2, 3))},
        {"set": f"{top}/x", "value": [1.0, 2.0, 3.0]},
        {"set": f"{top}/t", "value": [1.0, 2.0]},
        *({"attr": f"{top}@{name}", "value": v} for name, v in stated.items() if v is not None),
        *({**edit, next(iter(edit)): f"{top}{edit[next(iter(edit))]}"} for edit in more),
    )


def _plots() -> Iterator[Row]:
    yield "plain", "NXtomo", *_plot()
    yield "bin-edges", "NXtomo", *_plot({"set": "/x", "value": [1.0, 2.0, 3.0, 4.0]})
    yield "no-axes", "NXtomo", *_plot(axes=None)
    yield "dots", "NXtomo", *_plot(axes=[".", "."])
    yield "indices-scalar", "NXtomo", *_plot(x_indices=1, t_indices=0)
    yield "indices-array", "NXtomo", *_plot(x_indices=[1], t_indices=[0])
    yield (
        "axis-of-rank-2",
        "NXtomo",
        *_plot({"set": "/x", "value": np.ones((2, 3))}, x_indices=[0, 1]),
    )
    yield "second-axis", "NXtomo", *_plot({"set": "/t2", "value": [1.0, 2.0]}, t2_indices=0)
    yield (
        "auxiliary",
        "NXtomo",
        *_plot({"set": "/z", "value": np.ones((2, 3))}, auxiliary_signals=["z"]),
    )
    yield (
        "errors",
        "NXtomo",
        *_plot(
            {"set": "/y_errors", "value": np.ones((2, 3))}, {"set": "/x_errors", "value": [1.0] * 3}
        ),
    )
    yield "text-axis", "NXtomo", *_plot({"set": "/t", "value": ["a", "b"]})
    yield (
        "scaling",
        "NXtomo",
        *_plot({"set": "/y_scaling_factor", "value": 2.0}, {"set": "/y_offset", "value": [1.0]}),
    )
    yield "interpretation", "NXtomo", *_plot({"attr": "/y@interpretation", "value": "image"})
    yield "slice", "NXtomo", *_plot(default_slice=[".", "0"])
    yield "slice-numbers", "NXtomo", *_plot(default_slice=[0, 1])
    yield "extra-field", "NXtomo", *_plot({"set": "/whatever", "value": 3})
    yield "legacy", "NXtomo", *_plot({"attr": "/y@signal", "value": 1}, signal=None, axes=None)
    yield (
        "legacy-text",
        "NXtomo",
        *_plot({"attr": "/y@signal", "value": "1"}, signal=None, axes=None),
    )
    yield "title", "NXtomo", *_plot({"set": "/title", "value": "a plot"})
    yield "big-endian", "NXtomo", *_plot({"set": "/y", "value": np.zeros((2, 3)), "dtype": ">i2"})


def _names() -> Iterator[Row]:
    for name in ("1note", "Note", "note.1", "NOTE", "n" * 63):
        yield f"group-{name[:9]}", "NXtomo", {"group": f"/entry/{name}", "class": "NXnote"}
    detector = "/entry/instrument/detector"
    for name in ("pixel_mask", "x_pixel_offset", "y_pixel_offset"):
        yield (
            name,
            "NXtomo",
            {
                "set": f"{detector}/{name}",
                "value": np.ones((4, 5), "i4" if "mask" in name else "f8"),
            },
        )
    yield (
        "free",
        "NXtomo",
        {"group": "/entry/c", "class": "NXcollection"},
        {"set": "/entry/c/any name!", "value": 1},
    )
    yield "field-and-attribute", "NXmx", {"attr": "/entry/instrument/beam@flux", "value": "flux"}
    yield "notes-anywhere", "NXtomo", {"group": f"{detector}/n", "class": "NXnote"}
    yield "reserved-attribute", "NXtomo", {"attr": "/entry@BLUESKY_uid", "value": "x"}


def _structure() -> Iterator[Row]:
    yield "several-entries", "NXtomo", {"group": "/second", "class": "NXentry"}
    yield "foreign-root-group", "NXtomo", {"group": "/private"}
    sub = (
        {"group": "/entry/sub", "class": "NXsubentry"},
        {"set": "/entry/sub/title", "value": "x"},
    )
    yield "subentry", "NXtomo", *sub
    yield "second-sample", "NXtomo", {"group": "/entry/other", "class": "NXsample"}
    yield (
        "choice",
        "NXtomo",
        {"group": "/entry/instrument/detector/pixel_shape", "class": "NXcylindrical_geometry"},
    )
    log = "/entry/instrument/monochromator/wavelength"
    yield (
        "log-for-field",
        "NXsas",
        {"group": log, "class": "NXlog"},
        {"set": f"{log}/value", "value": [1.5], "attrs": {"units": "nm"}},
    )
    yield "no-definition", "NXsas", {"delete": "/entry/definition"}
    yield "version", "NXtomo", {"attr": "/entry/definition@version", "value": "1.0"}
    yield "empty-group", "NXtomo", {"group": "/entry/user", "class": "NXuser"}
    yield (
        "compound",
        "NXtomo",
        {"group": "/entry/c", "class": "NXcollection"},
        {"set": "/entry/c/x", "value": np.zeros(2, "i4,f8")},
    )
    yield "root-class-absent", "NXtomo", {"delete": "/@NX_class"}
    yield (
        "scan-dimension",
        "NXtomo",
        {
            "set": "/entry/instrument/detector/x_pixel_size",
            "value": np.ones((3, 4, 5)),
            "attrs": {"units": "mm"},
        },
    )


def _axis(**changes: Any) -> Edits:
    top = "/entry/sample/transformations"
    return (
        {"group": top, "class": "NXtransformations"},
        {"set": f"{top}/phi", "value": 1.0, "attrs": {**AXIS, **changes}},
        {"set": "/entry/sample/depends_on", "value": "transformations/phi"},
    )


def _motions() -> Iterator[Row]:
    yield "rotation", "NXtomo", *_axis()
    yield "translation", "NXtomo", *_axis(transformation_type="translation", units="mm")
    yield "offset", "NXtomo", *_axis(offset=[1.0, 0.0, 0.0], offset_units="mm")
    yield "radians", "NXtomo", *_axis(units="rad")
    yield "nearly-unit", "NXtomo", *_axis(vector=[0.0, 0.0001, 1.0])
    yield (
        "absolute",
        "NXtomo",
        *_axis(),
        {"set": "/entry/sample/depends_on", "value": "/entry/sample/transformations/phi"},
    )
    yield "dot", "NXtomo", {"set": "/entry/sample/depends_on", "value": "."}
    end = {"set": "/entry/sample/transformations/phi_end", "value": 2.0, "attrs": {"units": "deg"}}
    yield "end", "NXtomo", *_axis(), end
    yield (
        "scan",
        "NXtomo",
        *_axis(),
        {"set": "/entry/sample/transformations/phi", "value": [1.0, 2.0]},
    )


def _links() -> Iterator[Row]:
    angle = {"delete": "/entry/data/rotation_angle"}
    yield (
        "soft",
        "NXtomo",
        angle,
        {"soft": "/entry/data/rotation_angle", "to": "/entry/sample/rotation_angle"},
    )
    yield (
        "cycle",
        "NXtomo",
        {"group": "/entry/c", "class": "NXcollection"},
        {"link": "/entry/c/up", "to": "/entry"},
    )
    yield (
        "cycle-soft",
        "NXtomo",
        {"group": "/entry/c", "class": "NXcollection"},
        {"soft": "/entry/c/up", "to": "/"},
    )
    yield (
        "cycle-in-instrument",
        "NXtomo",
        {"link": "/entry/instrument/detector/again", "to": "/entry/sample"},
    )
    yield "diamond", "NXtomo", {"link": "/entry/sample2", "to": "/entry/sample"}
