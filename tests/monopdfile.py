"""A file with a part of what NXmonopd asks for."""

from pathlib import Path

import h5py
import numpy as np


def write(path: Path, dtype: type, units: str) -> Path:
    """The file, with a detector of such values whose angle has these units."""
    with h5py.File(path, "w") as new:
        entry = _group(new, "entry", "NXentry")
        entry["definition"] = "NXmonopd"
        entry["title"] = "LaB6"
        instrument = _group(entry, "instrument", "NXinstrument")
        detector = _group(instrument, "detector", "NXdetector")
        values = np.zeros((40, 512), dtype)
        detector.create_dataset("data", data=values, chunks=(10, 512), compression="gzip")
        detector["polar_angle"] = 5.0
        detector["polar_angle"].attrs["units"] = units
    return path


def _group(parent: h5py.Group, name: str, nx_class: str) -> h5py.Group:
    group = parent.create_group(name)
    group.attrs["NX_class"] = nx_class
    return group
