"""Small raw data of the kind each ready recipe is for, in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from tifffile import imwrite

FRAMES = 2048
SIZE = 512


class Ready(NamedTuple):
    """A ready recipe, what makes data for it, and the definition it follows; the `entry` to look
    at where it makes several."""

    recipe: str
    make_data: Callable[[Path], None]
    definition: str
    entry: str = ""


def eiger_data(folder: Path) -> None:
    """What an Eiger leaves: two files of frames (only the first few written) and one of its own
    settings."""
    for number in (1, 2):
        with h5py.File(folder / f"eig_1_{number:06d}.h5", "w") as file:
            data = file.create_dataset(
                "data", (FRAMES // 2, SIZE, SIZE), np.uint16, chunks=(1, SIZE, SIZE)
            )
            data[0] = number
    settings = {
        "mask": np.zeros((SIZE, SIZE), np.uint32),
        "flatfield": np.ones((SIZE, SIZE), np.float32),
        "_dectris/pixel_mask_applied": np.int8(1),
        "_dectris/bit_depth_image": np.uint32(16),
        "_dectris/threshold_energy": np.float32(6350),
    }
    _hdf5(folder / "eig_1_meta.h5", settings)


def arpes_data(folder: Path) -> None:
    """Twelve cuts of 40 energies by 30 angles, with a comment line first, and the scan's log."""
    for cut in range(1, 13):
        matrix = np.arange(40 * 30).reshape(40, 30) + cut
        np.savetxt(folder / f"cut_{cut}.csv", matrix, delimiter=",", fmt="%d", header="counts")
    _table(
        folder / "scan_log.csv",
        "cut,phi_deg,temp_C",
        ((cut, cut * 2 - 13, -253.14) for cut in range(1, 13)),
    )
    _table(folder / "kinetic.csv", "e_kin", ((e,) for e in np.linspace(50.1, 51.9, 40)))
    _table(folder / "angle.csv", "theta", ((a,) for a in np.linspace(-15, 15, 30)))


def tomography_data(folder: Path) -> None:
    """Twelve frames, two of them flat and two dark, with what was recorded for each."""
    keys = np.array([2, 2, 1, 1, *[0] * 8], np.int32)
    recorded = "entry/instrument/NDAttributes"
    data = {
        "entry/data/data": _frames(12, 24, 32),
        f"{recorded}/image_key": keys,
        f"{recorded}/angle": np.linspace(0, 180, 12),
        f"{recorded}/ring_current": np.full(12, 300.0),
    }
    _hdf5(folder / "projections.h5", data)


def saxs_data(folder: Path) -> None:
    """What an areaDetector leaves of a single exposure."""
    data = {
        "entry/data/data": _frames(1, 32, 24),
        "entry/instrument/NDAttributes/exposure": np.array([10.0]),
    }
    _hdf5(folder / "saxs_00042.h5", data)


def reduced_data(folder: Path) -> None:
    """Fifty points of I(Q)."""
    q = np.linspace(0.01, 0.5, 50)
    intensity = np.exp(-((20 * q) ** 2) / 3)
    _table(folder / "reduced.csv", "Q,I,Idev", zip(q, intensity, intensity / 50, strict=True))


def absorption_data(folder: Path) -> None:
    """A SPEC file with one energy scan of ten points."""
    rows = "".join(f"{7.1 + 0.01 * n:.2f} {1000 + n} {900 - n}\n" for n in range(10))
    head = (
        "#F iron.spec\n#D Mon Jan 05 10:00:00 2026\n\n"
        "#S 1 ascan energy 7.1 7.2 9 1\n#D Mon Jan 05 10:00:00 2026\n"
        "#N 3\n#L Energy  I0  I1\n"
    )
    (folder / "iron.spec").write_text(head + rows + "\n")


def powder_data(folder: Path) -> None:
    """Two columns with spaces between them: angle and counts."""
    rows = "".join(f"{10 + 0.02 * n:8.3f} {100 + n % 7:6d}\n" for n in range(60))
    (folder / "powder.xy").write_text(rows)


def reflectometry_data(folder: Path) -> None:
    """Twenty points of a theta-2theta scan."""
    rows = ((0.1 * n, 0.2 * n, 1000 - 40 * n, 10000 + n) for n in range(1, 21))
    _table(folder / "reflectivity.csv", "theta [deg],two_theta [deg],counts,monitor", rows)


def ptychography_data(folder: Path) -> None:
    """A raster of 3 by 4 positions with a pattern each."""
    x, y = np.arange(4) * 1e-6, np.arange(3) * 1e-6
    places = [(a, b, 0.0) for b in y for a in x]
    data = {
        "frames": _frames(12, 8, 8).reshape(3, 4, 8, 8),
        "positions": np.array(places),
        "x": x,
        "y": y,
    }
    _hdf5(folder / "ptycho.h5", data)


def fluorescence_data(folder: Path) -> None:
    """A map of 3 by 4 positions with 16 channels."""
    spectra = _frames(3, 4, 16).astype(np.int32)
    data = {
        "spectra": spectra,
        "sum": spectra.sum(axis=(0, 1), dtype=np.int64),
        "energy": np.linspace(0, 15000, 16),
        "x": np.arange(4.0),
        "y": np.arange(3.0),
        "monitor": np.full((3, 4), 1000, np.int64),
    }
    _hdf5(folder / "map.h5", data)


def laser_data(folder: Path) -> None:
    """Eleven shots, so that the order of the numbers is not that of the names."""
    for shot in range(1, 12):
        rows = ((200 + n, shot * 10 + n) for n in range(6))
        _table(folder / f"shot_{shot}.csv", "wavelength,counts", rows)
    log = ((shot, 100 + shot, 5 * shot) for shot in range(1, 12))
    _table(folder / "shots.csv", "shot,pulse_energy [mJ],delay [ps]", log)


def plasma_data(folder: Path) -> None:
    """Three shots: images of a camera, spectra of electrons, and a log."""
    images = {"images": _frames(3, 6, 8), "y": np.arange(6) * 3.75, "x": np.arange(8) * 3.75}
    _hdf5(folder / "focus.h5", images)
    spectra = np.arange(30.0).reshape(3, 10)
    _hdf5(folder / "electrons.h5", {"spectra": spectra, "energy": np.linspace(50, 300, 10)})
    rows = (
        f"{41 + n},{n},2026-01-05T10:00:0{n},{2.5 + n / 10},{10 * n},{100 + n}\n" for n in range(3)
    )
    head = "shot,frame,start,pulse_energy [J],delay [fs],charge [pC]\n"
    (folder / "shots.csv").write_text(head + "".join(rows))


def scan_data(folder: Path) -> None:
    """Five frames and a log."""
    for point, frame in enumerate(_frames(5, 6, 7)):
        imwrite(folder / f"frame_{point}.tif", frame)
    rows = ((n, 10 + 0.01 * n, 5000 + n, 21.5) for n in range(5))
    _table(folder / "scan.csv", "point,omega [deg],monitor,temperature [degC]", rows)


def microscopy_data(folder: Path) -> None:
    """Images of 3 by 4 points at five energies."""
    data = {
        "counts": _frames(5, 3, 4),
        "energy": np.linspace(280.0, 300.0, 5),
        "x": np.arange(4.0),
        "y": np.arange(3.0),
    }
    _hdf5(folder / "stack.h5", data)


def photoemission_data(folder: Path) -> None:
    """A spectrum of forty points."""
    rows = ((92 - 0.25 * n, 200 + n) for n in range(40))
    _table(folder / "au4f.csv", "binding_energy [eV],counts", rows)


READY = (
    Ready("eiger_nxmx/lysozyme.nx.yaml", eiger_data, "NXmx"),
    Ready("arpes_csv/fermi_map.nx.yaml", arpes_data, "NXarpes"),
    Ready("tomo_hdf5/tomo.nx.yaml", tomography_data, "NXtomo"),
    Ready("saxs_raw/saxs.nx.yaml", saxs_data, "NXsas"),
    Ready("saxs_reduced/reduced.nx.yaml", reduced_data, "NXcanSAS"),
    Ready("xas_spec/xas.nx.yaml", absorption_data, "NXxas"),
    Ready("powder_xy/powder.nx.yaml", powder_data, "NXmonopd"),
    Ready("reflectometry/reflectivity.nx.yaml", reflectometry_data, "NXrefscan"),
    Ready("ptychography/ptycho.nx.yaml", ptychography_data, "NXcxi_ptycho"),
    Ready("xrf_map/map.nx.yaml", fluorescence_data, "NXfluo"),
    Ready("laser_shots/shots.nx.yaml", laser_data, "NXoptical_spectroscopy"),
    Ready("laser_plasma/shot.nx.yaml", plasma_data, "NXopenpmd", "shot_41"),
    Ready("scan_frames/scan.nx.yaml", scan_data, "NXscan"),
    Ready("stxm/stack.nx.yaml", microscopy_data, "NXstxm"),
    Ready("xps/core_level.nx.yaml", photoemission_data, "NXxps"),
)


def _frames(*shape: int) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Counts that differ from pixel to pixel."""
    return (np.arange(np.prod(shape)) % 4096).astype(np.uint16).reshape(shape)


def _hdf5(path: Path, data: Mapping[str, Any]) -> None:
    with h5py.File(path, "w") as file:
        for name, values in data.items():
            file[name] = values


def _table(path: Path, head: str, rows: Iterable[Iterable[float]]) -> None:
    lines = [",".join(f"{value:.6g}" for value in row) for row in rows]
    path.write_text("\n".join([head, *lines]) + "\n")
