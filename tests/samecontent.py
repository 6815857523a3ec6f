"""What NeXus files hold, to compare two of them: all but how and when each came to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

_OWN = ("file_name", "file_time", "HDF5_Version", "h5py_version", "NeXus_version", "creator")


def content(path: Path) -> dict[str, Any]:
    """Attributes, types and values by path; virtual datasets as the values they show."""
    found: dict[str, Any] = {}
    with h5py.File(path) as file:

        def take(name: str, node: Any) -> None:
            if "/nxtool" in f"/{name}":
                return
            attrs = {key: _plain(value) for key, value in node.attrs.items() if key not in _OWN}
            values = None
            if isinstance(node, h5py.Dataset):
                values = str(node.dtype), node.shape, _plain(node[()])
            found[name] = attrs, values

        take("", file["/"])
        file.visititems(take)
    return found


def _plain(value: Any) -> Any:
    return repr(value.tolist() if isinstance(value, np.ndarray | np.generic) else value)
