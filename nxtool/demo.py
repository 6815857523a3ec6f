"""A small raw data set as a beamline leaves it, to try nxtool on.

Tomography: TIFF frames (dark, flat, projections of a phantom) and a motor log. Diffraction: two
HDF5 detector files. The recipes beside them are those of `templates/demo`.
"""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nxtool import assets

if TYPE_CHECKING:
    import numpy as np

RECIPES: Final = ("tomo.nx.yaml", "mx.nx.yaml")
DARKS, FLATS, PROJECTIONS = 3, 3, 40
SIZE: Final = 128
PHANTOM: Final = ((0, 0, 0, 0.7, 0.8), (0.3, 0.1, 0.2, 0.2, 1.5), (-0.3, 0.2, -0.2, 0.15, 2))
"""Ellipsoids: x, y, z of the centre, radius, density; the image is 2 wide."""
MX_FRAMES: Final = 10
"""Frames in each of the two detector files."""


def make_raw_data(folder: Path) -> list[Path]:
    """Write the raw data and the recipes to `folder`, which must not exist; gives the recipes.

    Raises:
        FileExistsError: `folder` exists.
    """
    folder.mkdir(parents=True)
    _tomography(folder)
    _diffraction(folder)
    recipes = [folder / name for name in RECIPES]
    for recipe in recipes:
        shutil.copyfile(assets.folder("templates") / "demo" / recipe.name, recipe)
    return recipes


def _tomography(folder: Path) -> None:
    import numpy as np

    noise = np.random.default_rng(1)
    frames = folder / "frames"
    frames.mkdir()
    rows = ["frame,angle (deg),image_key,ring_current (mA)"]
    angles = [0.0] * (DARKS + FLATS) + [180.0 * i / PROJECTIONS for i in range(PROJECTIONS)]
    keys = [2] * DARKS + [1] * FLATS + [0] * PROJECTIONS
    for number, (angle, key) in enumerate(zip(angles, keys, strict=True), start=1):
        light = {2: 0.0, 1: 8000.0}.get(key, 8000.0)
        passed = np.exp(-_projection(angle)) if key == 0 else np.ones((SIZE, SIZE))
        image = light * passed + 100.0
        write_tiff(frames / f"frame_{number}.tif", noise.poisson(image).astype(np.uint16))
        rows.append(f"{number},{angle:.3f},{key},{300 - 0.01 * number:.3f}")
    (folder / "motors.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _projection(angle: float) -> np.ndarray[Any, Any]:
    """Attenuation of a phantom of three ellipsoids seen under `angle` degrees."""
    import numpy as np

    axis = np.linspace(-1, 1, SIZE)
    vertical, across = np.meshgrid(axis, axis, indexing="ij")
    total = np.zeros((SIZE, SIZE))
    turn = np.deg2rad(angle)
    for x, y, z, radius, density in (
        (0, 0, 0, 0.7, 0.8),
        (0.3, 0.1, 0.2, 0.2, 1.5),
        (-0.3, 0.2, -0.2, 0.15, 2),
    ):
        centre = x * np.cos(turn) + y * np.sin(turn)
        chord = radius**2 - (across - centre) ** 2 - (vertical - z) ** 2
        total += density * 2 * np.sqrt(np.clip(chord, 0, None))
    return total


def _diffraction(folder: Path) -> None:
    import h5py
    import hdf5plugin
    import numpy as np

    noise = np.random.default_rng(2)
    mask = np.zeros((SIZE, SIZE), dtype=np.uint32)
    mask[:, 62:66] = 1
    spots = noise.uniform(5, SIZE - 5, (60, 2))
    for number in (1, 2):
        with h5py.File(folder / f"detector_{number}.h5", "w") as file:
            data = file.create_dataset(
                "entry/data/data", (MX_FRAMES, SIZE, SIZE), np.uint16,
                chunks=(1, SIZE, SIZE), **hdf5plugin.Bitshuffle(),
            )  # fmt: skip
            for index in range(MX_FRAMES):
                frame = noise.poisson(_diffraction_frame(spots, index)).astype(np.uint16)
                frame[mask > 0] = 65535
                data[index] = frame
            file["entry/detector/pixel_mask"] = mask
            file["entry/detector/threshold_energy"] = 6350.0
            file["entry/detector/threshold_energy"].attrs["units"] = "eV"


def _diffraction_frame(spots: np.ndarray[Any, Any], index: int) -> np.ndarray[Any, Any]:
    """A solvent ring and those spots that are in reflection."""
    import numpy as np

    row, column = np.mgrid[0:SIZE, 0:SIZE]
    radius = np.hypot(row - 63.9, column - 60.2)
    frame = 2.0 + 6.0 * np.exp(-(((radius - 40) / 8) ** 2))
    for place, (y, x) in enumerate(spots):
        if (place + index) % 5 == 0:
            frame += 400.0 * np.exp(-((row - y) ** 2 + (column - x) ** 2) / 2)
    return np.asarray(frame)


def write_tiff(path: Path, image: np.ndarray[Any, Any]) -> None:
    """Write a uint16 image of shape (rows, columns) as an uncompressed TIFF 6.0 file."""
    rows, columns = image.shape
    tags = (
        (256, 4, columns), (257, 4, rows), (258, 3, 16), (259, 3, 1), (262, 3, 1),
        (273, 4, 8 + 2 + 9 * 12 + 4), (277, 3, 1), (278, 4, rows), (279, 4, image.nbytes),
    )  # fmt: skip
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    header = struct.pack("<2sHI", b"II", 42, 8)
    body = struct.pack("<H", len(tags)) + directory + struct.pack("<I", 0)
    path.write_bytes(header + body + image.astype("<u2").tobytes())
