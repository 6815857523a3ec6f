"""Images that a detector is writing, as a virtual dataset that grows with its file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
from h5py import h5d, h5p, h5s

from nxtool.bluesky.assets import stream_asset
from nxtool.hdf5.opening import open_to_read
from nxtool.hdf5.otherfiles import as_pattern


@dataclass(frozen=True, slots=True)
class Image:
    """The dataset of a file that frames of a key are written to."""

    key: str
    path: Path
    dataset: str


def image_of(doc: Mapping[str, Any]) -> Image | None:
    """What a `stream_resource` tells of; None where it is no HDF5 file."""
    asset = stream_asset(doc)
    if asset.kind != "hdf5":
        return None
    return Image(str(doc.get("data_key", "")), Path(asset.path), asset.dataset)


def add_image(group: h5py.Group, name: str, image: Image, folder: Path) -> bool:
    """Add a dataset of all frames that are in a file, and come yet; False where there is none that
    grows. `folder` is that of the group's file, which the reference is relative to."""
    try:
        with h5py.File(open_to_read(image.path)) as file:
            source = file[image.dataset]
            shape, dtype, maxshape = source.shape, source.id.get_type(), source.maxshape
    except (OSError, RuntimeError, KeyError, AttributeError, ValueError):
        return False
    if not shape or maxshape[0] is not None:
        return False
    frames = h5s.create_simple(shape, (h5s.UNLIMITED, *shape[1:]))
    whole = (0,) * len(shape), (h5s.UNLIMITED, *(1,) * (len(shape) - 1))
    frames.select_hyperslab(*whole, (1,) * len(shape), (1, *shape[1:]))
    made = h5p.create(h5p.DATASET_CREATE)
    target = as_pattern(os.path.relpath(image.path, folder))
    made.set_virtual(frames, os.fsencode(target), as_pattern(image.dataset).encode(), frames)
    h5d.create(group.id, name.encode(), dtype, frames, made)
    return True
