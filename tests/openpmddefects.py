"""Single defects planted in a valid openPMD file, each with the rule that should name it.

A defect is an edit of the file that `tests.openpmdfile.write` makes: `Defect(code, what, edit)`.
Edits are built from few words: `put` an attribute, `drop` one or an object, `data` in place of a
dataset, and so on. `DEFECTS` is the whole list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np

from tests.openpmdfile import LENGTH, text, write

Edit = Callable[[h5py.File], None]
IT = "/data/0"
FIELDS = f"{IT}/fields"
E = f"{FIELDS}/E"
RHO = f"{FIELDS}/rho"
SPECIES = f"{IT}/particles/electrons"
PATCHES = f"{SPECIES}/particlePatches"
DEFAULT_DRAFT = "ED-PIC"


@lru_cache(maxsize=1)
def _valid() -> bytes:
    """The file before a defect is planted, which takes longer to write than to copy."""
    with TemporaryDirectory() as folder:
        return write(Path(folder, "valid.h5")).read_bytes()


@dataclass(frozen=True)
class Defect:
    """One thing wrong; `values` where only `--data` can see it."""

    code: str
    what: str
    edit: Edit
    values: bool = False
    name: str = "defect.h5"

    @property
    def id(self) -> str:
        return f"{self.code} {self.what}"

    def write(self, folder: Path) -> Path:
        """The file with the defect, in `folder`."""
        path = folder / self.name
        path.write_bytes(_valid())
        with h5py.File(path, "r+") as file:
            self.edit(file)
        return path


def put(place: str, **attributes: Any) -> Edit:
    """Attributes of an object, text as text of fixed length."""

    def edit(file: h5py.File) -> None:
        for name, value in attributes.items():
            file[place].attrs[name] = text(value) if isinstance(value, str) else value

    return edit


def drop(place: str, attribute: str = "") -> Edit:
    """Without an attribute, or an object."""

    def edit(file: h5py.File) -> None:
        if attribute:
            del file[place].attrs[attribute]
        else:
            del file[place]

    return edit


def everywhere(edit: Callable[[str], Edit]) -> Edit:
    """The same in both iterations; `edit` is told the path of one."""

    def both(file: h5py.File) -> None:
        for number in ("0", "100"):
            edit(f"/data/{number}")(file)

    return both


def data(place: str, values: Any) -> Edit:
    """Other values in place of a dataset or constant, its other attributes kept."""

    def edit(file: h5py.File) -> None:
        kept = {k: v for k, v in file[place].attrs.items() if k not in ("value", "shape")}
        del file[place]
        file[place] = values
        file[place].attrs.update(kept)

    return edit


def move(place: str, to: str) -> Edit:
    def edit(file: h5py.File) -> None:
        file.move(place, to)

    return edit


def soft(place: str, target: str) -> Edit:
    def edit(file: h5py.File) -> None:
        if place in file:
            del file[place]
        file[place] = h5py.SoftLink(target)

    return edit


def external(place: str) -> Edit:
    def edit(file: h5py.File) -> None:
        del file[place]
        file[place] = h5py.ExternalLink("gone.h5", "/x")

    return edit


def group(place: str) -> Edit:
    def edit(file: h5py.File) -> None:
        file.create_group(place)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(file: h5py.File) -> None:
        for one in edits:
            one(file)

    return edit


def theta(parameters: str = "m=2;imag=+", modes: int = 3) -> Edit:
    """The first field in cylindrical modes."""

    def edit(file: h5py.File) -> None:
        put(
            E,
            geometry="thetaMode",
            geometryParameters=parameters,
            axisLabels=np.array(["r", "z"], dtype="S1"),
        )(file)
        for name, label in (("x", "r"), ("y", "t")):
            data(f"{E}/{name}", np.zeros((modes, 4, 4)))(file)
            move(f"{E}/{name}", f"{E}/{label}")(file)
        put(f"{E}/z", shape=np.array([modes, 4, 4], dtype="u8"))(file)

    return edit


def draft(extension: str = DEFAULT_DRAFT) -> Edit:
    """The file as the draft 2.0 wants it."""

    def edit(file: h5py.File) -> None:
        put("/", openPMD="2.0.0", openPMDextension=extension)(file)
        for number in ("0", "100"):
            top = f"/data/{number}"
            for name in ("E", "B", "rho"):
                place = f"{top}/fields/{name}"
                drop(place, "dataOrder")(file)
                put(place, gridUnitSI=np.array([1e-6, 1e-6]))(file)
            drop(f"{top}/fields", "particleBoundary")(file)
            sides = np.array(["periodic"] * 4, dtype="S8")
            put(f"{top}/particles/electrons", particleBoundary=sides)(file)

    return edit


def file_based(form: str = "data_%06T.h5") -> Edit:
    """One iteration, in a file of a series."""
    told = put("/", iterationEncoding="fileBased", iterationFormat=form)
    return both(told, drop("/data/100"))


def ints(*values: int) -> Any:
    return np.array(values, dtype="i8")


SERIES = "data_000000.h5"
DEFECTS = (
    # the file
    Defect("OP001", "version missing", both(put("/", comment="x"), put("/", openPMD="")),),
    Defect("OP001", "version of two numbers", put("/", openPMD="1.1")),
    Defect("OP001", "version as a number", put("/", openPMD=np.float64(1.1))),
    Defect("OP002", "version of the future", put("/", openPMD="3.0.0")),
    Defect("OP002", "version nobody wrote", put("/", openPMD="1.7.0")),
    Defect("OP003", "extension missing", drop("/", "openPMDextension")),
    Defect("OP003", "extension as int64", put("/", openPMDextension=np.int64(1))),
    Defect("OP003", "extension as text in 1.1", put("/", openPMDextension="ED-PIC")),
    Defect("OP004", "unknown bit", put("/", openPMDextension=np.uint32(9))),
    Defect("OP005", "unknown extension in 2.0",
        both(draft(), put("/", openPMDextension="ED-PIC;Foo"))),
    Defect("OP005", "number in 2.0", both(draft(), put("/", openPMDextension=np.uint32(1)))),
    Defect("OP005", "empty in 2.0", both(draft(), put("/", openPMDextension=""))),
    Defect("OP006", "basePath missing", drop("/", "basePath")),
    Defect("OP006", "basePath without slash", put("/", basePath="/data/%T")),
    Defect("OP006", "basePath elsewhere", put("/", basePath="/runs/%T/")),
    Defect("OP007", "encoding missing", drop("/", "iterationEncoding")),
    Defect("OP007", "encoding misspelled", put("/", iterationEncoding="groupbased")),
    Defect("OP007", "encoding with a tail", put("/", iterationEncoding="groupBasedFoo")),
    Defect("OP008", "format missing", drop("/", "iterationFormat")),
    Defect("OP008", "format as a number", put("/", iterationFormat=np.int32(1))),
    Defect("OP009", "format is not basePath", put("/", iterationFormat="/data/%T")),
    Defect("OP010", "file format without %T", file_based("data_x.h5"), name=SERIES),
    Defect("OP010", "file format with a folder", file_based("a/data_%T.h5"), name=SERIES),
    Defect("OP011", "file has another name", file_based("run_%06T.h5"), name=SERIES),
    Defect("OP011", "file has another number", file_based(), name="data_000007.h5"),
    Defect("OP012", "two iterations in a file", put(
        "/", iterationEncoding="fileBased", iterationFormat="data_%06T.h5"), name=SERIES),
    Defect("OP014", "meshesPath without slash", put("/", meshesPath="fields")),
    Defect("OP014", "particlesPath absolute", put("/", particlesPath="/particles/")),
    Defect("OP014", "meshesPath upwards", put("/", meshesPath="../0/fields/")),
    Defect("OP014", "meshesPath missing in 1.0.0", both(
        put("/", openPMD="1.0.0"), drop("/", "meshesPath"))),
    Defect("OP015", "no group of meshes",
        everywhere(lambda top: move(f"{top}/fields", f"{top}/f"))),
    Defect("OP015", "no group of meshes in one", move(FIELDS, f"{IT}/f")),
    Defect("OP016", "meshes where particles are", put("/", particlesPath="fields/")),
    Defect("OP017", "meshes without meshesPath", drop("/", "meshesPath")),
    Defect("OP018", "author missing", drop("/", "author")),
    Defect("OP018", "date missing", drop("/", "date")),
    Defect("OP019", "date of ISO 8601", put("/", date="2026-01-05T10:00:00+01:00")),
    Defect("OP019", "date that is none", put("/", date="2026-02-30 10:00:00 +0100")),
    Defect("OP020", "comment as a number", put(IT, comment=np.int32(1))),
    Defect("OP020", "machine as a number", put("/", machine=np.int32(1))),
    Defect("OP021", "text of variable length", lambda file: file.attrs.create(
        "author", "Ada <ada@example.org>", dtype=h5py.string_dtype("ascii"))),
    Defect("OP021", "text as UTF-8", lambda file: file[E].attrs.create(
        "geometry", b"cartesian", dtype=h5py.string_dtype("utf-8", 9))),
    Defect("OP022", "bool for a number", put(f"{SPECIES}/charge", macroWeighted=np.bool_(0))),
    Defect("OP023", "soft link to nowhere", soft(f"{E}/x", "/nowhere")),
    Defect("OP023", "external link to nowhere", external(f"{SPECIES}/position/x")),
    # iterations
    Defect("IT001", "iteration with a name", move("/data/100", "/data/last")),
    Defect("IT001", "iteration too large", move("/data/100", f"/data/{2**64}")),
    Defect("IT001", "foreign group", group("/data/notes")),
    Defect("IT001", "no iterations", both(drop("/data/0"), drop("/data/100"))),
    Defect("IT001", "no data", drop("/data")),
    Defect("IT002", "time missing", drop(IT, "time")),
    Defect("IT002", "dt as an integer", put(IT, dt=np.int32(1))),
    Defect("IT002", "time as text", put(IT, time="0")),
    Defect("IT003", "timeUnitSI missing", drop(IT, "timeUnitSI")),
    Defect("IT003", "timeUnitSI as float32", put(IT, timeUnitSI=np.float32(1))),
    Defect("IT004", "time not finite", put(IT, time=np.float64("nan"))),
    Defect("IT004", "dt negative", put(IT, dt=np.float64(-1))),
    Defect("IT004", "timeUnitSI zero", put(IT, timeUnitSI=np.float64(0))),
    Defect("IT005", "time goes back", put("/data/100", time=np.float64(-5))),
    # names
    Defect("NM001", "mesh with a dash", move(RHO, f"{FIELDS}/rho-e")),
    Defect("NM001", "component with a blank", move(f"{E}/x", f"{E}/x 1")),
    Defect("NM001", "species with a dot", move(SPECIES, f"{IT}/particles/e.l")),
    Defect("NM002", "mixed components", move(f"{E}/x", f"{E}/r")),
    # records
    Defect("RC001", "record without components", group(f"{SPECIES}/spin")),
    Defect("RC001", "group as component", group(f"{E}/w")),
    Defect("RC001", "dataset as species", lambda file: file.create_dataset(
        f"{IT}/particles/x", data=[1.0])),
    Defect("RC002", "text as values", data(f"{SPECIES}/weighting", np.array([b"a"] * 6))),
    Defect("RC002", "compound as values", data(
        f"{SPECIES}/weighting", np.zeros(6, dtype=[("a", "f8"), ("b", "i4")]))),
    Defect("RC002", "scalar dataset", data(f"{E}/x", 1.0)),
    Defect("RC003", "unitSI missing", drop(f"{E}/x", "unitSI")),
    Defect("RC003", "unitSI as float32", put(f"{E}/x", unitSI=np.float32(1))),
    Defect("RC003", "unitSI zero", put(f"{E}/x", unitSI=np.float64(0))),
    Defect("RC003", "unitSI not finite", put(f"{E}/x", unitSI=np.float64("inf"))),
    Defect("RC003", "unitSI as text", put(f"{SPECIES}/position/x", unitSI="1")),
    Defect("RC004", "unitDimension missing", drop(E, "unitDimension")),
    Defect("RC004", "unitDimension of six", put(E, unitDimension=np.zeros(6))),
    Defect("RC004", "unitDimension as integers",
        put(E, unitDimension=np.array((1, 1, -3, -1, 0, 0, 0)))),
    Defect("RC004", "unitDimension as float32", put(
        E, unitDimension=np.array((1, 1, -3, -1, 0, 0, 0), dtype="f4"))),
    Defect("RC005", "timeOffset missing", drop(RHO, "timeOffset")),
    Defect("RC005", "timeOffset as an integer", put(RHO, timeOffset=np.int32(0))),
    Defect("RC006", "components of two shapes", data(f"{E}/x", np.zeros((4, 5)))),
    Defect("RC006", "constant of another shape", put(f"{E}/z", shape=np.array([4, 5], dtype="u8"))),
    Defect("RC007", "constant without value", drop(f"{E}/z", "value")),
    Defect("RC007", "constant without shape", drop(f"{SPECIES}/charge", "shape")),
    Defect("RC007", "shape as int32", put(f"{E}/z", shape=np.array([4, 4], dtype="i4"))),
    Defect("RC007", "value as text", put(f"{E}/z", value="0")),
    Defect("RC007", "constant with a dataset",
        lambda file: file.create_dataset(f"{E}/z/d", data=[1.0])),
    Defect("RC008", "dataset with a value", put(f"{E}/x", value=np.float64(1))),
    Defect("RC008", "equal values", data(f"{E}/x", np.ones((4, 4))), values=True),
    # meshes
    Defect("ME001", "geometry missing", drop(E, "geometry")),
    Defect("ME001", "geometry unknown", put(E, geometry="hexagonal")),
    Defect("ME001", "geometry reserved", put(E, geometry="spherical")),
    Defect("ME002", "thetaMode without parameters", both(theta(), drop(E, "geometryParameters"))),
    Defect("ME002", "thetaMode with odd parameters", theta("modes=2")),
    Defect("ME003", "wrong number of modes", theta("m=4;imag=+")),
    Defect("ME003", "thetaMode in two dimensions", put(
        E, geometry="thetaMode", geometryParameters="m=2;imag=+")),
    Defect("ME003", "thetaMode with x and y", both(theta(), put(
        E, axisLabels=np.array(["x", "y"], dtype="S1")))),
    Defect("ME004", "dataOrder missing", drop(E, "dataOrder")),
    Defect("ME004", "dataOrder unknown", put(E, dataOrder="fortran")),
    Defect("ME004", "dataOrder in 2.0", both(draft(), put(E, dataOrder="C"))),
    Defect("ME005", "axisLabels missing", drop(E, "axisLabels")),
    Defect("ME005", "three labels for two axes", put(E, axisLabels=np.array([*"zyx"], dtype="S1"))),
    Defect("ME005", "one label twice", put(E, axisLabels=np.array([*"xx"], dtype="S1"))),
    Defect("ME005", "axisLabels as one text", put(E, axisLabels="yx")),
    Defect("ME006", "gridSpacing missing", drop(E, "gridSpacing")),
    Defect("ME006", "gridSpacing of three", put(E, gridSpacing=np.ones(3))),
    Defect("ME006", "gridSpacing zero", put(E, gridSpacing=np.array([1.0, 0.0]))),
    Defect("ME006", "gridSpacing negative", put(E, gridSpacing=np.array([1.0, -1.0]))),
    Defect("ME006", "gridSpacing as integers", put(E, gridSpacing=ints(1, 1))),
    Defect("ME007", "gridGlobalOffset missing", drop(E, "gridGlobalOffset")),
    Defect("ME007", "gridGlobalOffset of one", put(E, gridGlobalOffset=np.zeros(1))),
    Defect("ME007", "gridGlobalOffset as float32",
        put(E, gridGlobalOffset=np.zeros(2, dtype="f4"))),
    Defect("ME007", "gridGlobalOffset not finite", put(E, gridGlobalOffset=np.array([0, np.nan]))),
    Defect("ME008", "gridUnitSI missing", drop(E, "gridUnitSI")),
    Defect("ME008", "gridUnitSI zero", put(E, gridUnitSI=np.float64(0))),
    Defect("ME008", "gridUnitSI as float32", put(E, gridUnitSI=np.float32(1))),
    Defect("ME008", "gridUnitSI of one in 2.0", both(draft(), put(E, gridUnitSI=np.float64(1)))),
    Defect("ME009", "gridUnitDimension of seven for two axes", both(
        draft(), put(E, gridUnitDimension=np.zeros(7)))),
    Defect("ME010", "position missing", drop(f"{E}/x", "position")),
    Defect("ME010", "position of three", put(f"{E}/x", position=np.zeros(3))),
    Defect("ME010", "position of 1", put(f"{E}/x", position=np.ones(2))),
    Defect("ME010", "position negative", put(RHO, position=np.array([-0.5, 0]))),
    Defect("ME010", "position as integers", put(f"{E}/x", position=ints(0, 0))),
    Defect("ME011", "position as float128", put(f"{E}/x", position=np.zeros(2, dtype="f16"))),
    Defect("ME012", "particleList of nobody", both(draft(), put(E, particleList="ions"))),
    # particles
    Defect("PA001", "no position", drop(f"{SPECIES}/position")),
    Defect("PA001", "no positionOffset", drop(f"{SPECIES}/positionOffset")),
    Defect("PA002", "offset in other components", move(
        f"{SPECIES}/positionOffset/y", f"{SPECIES}/positionOffset/z")),
    Defect("PA003", "record too short", data(f"{SPECIES}/weighting", np.ones(5))),
    Defect("PA003", "constant too short", put(
        f"{SPECIES}/charge", shape=np.array([5], dtype="u8"))),
    Defect("PA003", "record of two dimensions", data(f"{SPECIES}/weighting", np.ones((6, 1)))),
    Defect("PA004", "position in two parts", data(
        f"{SPECIES}/position/x", np.zeros(6, dtype="c16"))),
    Defect("PA004", "position in seconds", put(
        f"{SPECIES}/position", unitDimension=np.array((0, 0, 1.0, 0, 0, 0, 0)))),
    Defect("PA005", "id as int32", data(f"{SPECIES}/id", np.arange(6, dtype="i4"))),
    Defect("PA005", "id as numbers with a point", data(f"{SPECIES}/id", np.arange(6.0))),
    Defect("PA005", "id twice", data(
        f"{SPECIES}/id", np.array([0, 1, 2, 3, 4, 4], dtype="u8")), values=True),
    Defect("PA006", "no patches", drop(PATCHES)),
    # patches
    Defect("PP001", "numParticles missing", drop(f"{PATCHES}/numParticles")),
    Defect("PP001", "extent missing", drop(f"{PATCHES}/extent")),
    Defect("PP001", "offset without y", drop(f"{PATCHES}/offset/y")),
    Defect("PP002", "numParticles with a point",
        data(f"{PATCHES}/numParticles", np.array([3.0, 3]))),
    Defect("PP002", "numParticlesOffset as int32", data(
        f"{PATCHES}/numParticlesOffset", np.array([0, 3], dtype="i4"))),
    Defect("PP002", "another number of patches", data(f"{PATCHES}/offset/x", np.zeros(3))),
    Defect("PP003", "too few particles", data(
        f"{PATCHES}/numParticles", np.array([3, 2], dtype="u8")), values=True),
    Defect("PP003", "patches overlap", data(
        f"{PATCHES}/numParticlesOffset", np.array([0, 2], dtype="u8")), values=True),
    Defect("PP004", "particle outside", data(
        f"{PATCHES}/offset/x", np.array([1.0, 2.0])), values=True),
    Defect("PP005", "patch without unit", drop(f"{PATCHES}/offset/x", "unitSI")),
    Defect("PP005", "patch in another dimension", put(
        f"{PATCHES}/offset", unitDimension=np.zeros(7))),
    # ED-PIC
    Defect("ED101", "fieldSolver missing", drop(FIELDS, "fieldSolver")),
    Defect("ED101", "fieldSolver unknown", put(FIELDS, fieldSolver="FDTD")),
    Defect("ED101", "fieldSolver without parameters", put(FIELDS, fieldSolver="other")),
    Defect("ED102", "fieldBoundary missing", drop(FIELDS, "fieldBoundary")),
    Defect("ED102", "fieldBoundary of two", put(
        FIELDS, fieldBoundary=np.array(["open"] * 2, dtype="S8"))),
    Defect("ED102", "fieldBoundary unknown", put(
        FIELDS, fieldBoundary=np.array(["closed"] * 4, dtype="S8"))),
    Defect("ED103", "particleBoundary missing", drop(FIELDS, "particleBoundary")),
    Defect("ED103", "particleBoundary without parameters", put(
        FIELDS, particleBoundary=np.array(["other"] * 4, dtype="S8"))),
    Defect("ED104", "currentSmoothing missing", drop(FIELDS, "currentSmoothing")),
    Defect("ED104", "currentSmoothing without parameters",
        put(FIELDS, currentSmoothing="Binomial")),
    Defect("ED104", "chargeCorrection unknown", put(FIELDS, chargeCorrection="Maxwell")),
    Defect("ED105", "fieldSmoothing missing", drop(E, "fieldSmoothing")),
    Defect("ED105", "fieldSmoothing unknown", put(E, fieldSmoothing="soft")),
    Defect("ED106", "particleShape missing", drop(SPECIES, "particleShape")),
    Defect("ED106", "particleShape negative", put(SPECIES, particleShape=np.float64(-1))),
    Defect("ED106", "particlePush unknown", put(SPECIES, particlePush="Euler")),
    Defect("ED106", "currentDeposition missing", drop(SPECIES, "currentDeposition")),
    Defect("ED106", "particleInterpolation unknown", put(SPECIES, particleInterpolation="linear")),
    Defect("ED107", "macroWeighted missing", drop(f"{SPECIES}/mass", "macroWeighted")),
    Defect("ED107", "macroWeighted of 2", put(f"{SPECIES}/mass", macroWeighted=np.uint32(2))),
    Defect("ED107", "weightingPower as an integer",
        put(f"{SPECIES}/mass", weightingPower=np.int32(1))),
    Defect("ED108", "momentum in other units", put(
        f"{SPECIES}/momentum", unitDimension=np.array(LENGTH, dtype="f8"))),
    Defect("ED108", "charge of power 0", put(f"{SPECIES}/charge", weightingPower=np.float64(0))),
    Defect("ED108", "field E in other units", put(E, unitDimension=np.zeros(7))),
    Defect("ED109", "weighting not macro-weighted", put(
        f"{SPECIES}/weighting", macroWeighted=np.uint32(0))),
    Defect("ED109", "weighting with a unit", put(f"{SPECIES}/weighting", unitSI=np.float64(2))),
    Defect("ED110", "no mass", drop(f"{SPECIES}/mass")),
    # further extensions of the draft
    Defect("ED103", "particleBoundary missing in 2.0",
        both(draft(), drop(SPECIES, "particleBoundary"))),
    Defect("ST201", "unknown particle", both(
        draft("ED-PIC;SpeciesType"), put(SPECIES, speciesType="blob-o"))),
    Defect("BE301", "beam without kind", draft("ED-PIC;BeamPhysics;SpeciesType")),
    Defect("BE302", "foreign record in a beam", both(draft("BeamPhysics;SpeciesType"), put(
        SPECIES, speciesType="electron", numParticles=np.int32(6)), move(
        f"{SPECIES}/weighting", f"{SPECIES}/colour"))),
    Defect("BE303", "external field not described", both(
        draft("BeamPhysics;SpeciesType"), put("/", externalFieldPath="/ExternalFieldPath/%T/"),
        group("/ExternalFieldPath/1"))),
    Defect("WF401", "wavefront without a field", draft("ED-PIC;Wavefront")),
    Defect("LE501", "envelope without one", draft("ED-PIC;LaserEnvelope")),
    Defect("LE501", "envelope not described", both(
        draft("ED-PIC;LaserEnvelope"), put(RHO, envelopeField="magnetic"))),
)  # fmt: skip
