"""Data that lie in files beside the documents: which rows of a stream are which frames of a file.

Both ways of saying so are known: `stream_resource` and `stream_datum`, and the older `resource` and
`datum` with the names ("specs") of areaDetector's files. Nothing is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

import numpy as np

from nxtool.bluesky.blocks import Blocks, Room, Values

Kind = Literal["hdf5", "csv", "tiff", "npy", "jpeg", "other"]

_INT64: Final = np.dtype("int64")
_MIMETYPES: Final[Mapping[str, Kind]] = {
    "application/x-hdf5": "hdf5",
    "multipart/related;type=image/tiff": "tiff",
    "multipart/related;type=image/jpeg": "jpeg",
    "multipart/related;type=application/x-npy": "npy",
    "text/csv;header=absent": "csv",
}
_CSV_LAYOUT: Final = ("delimiter", "sep", "skiprows", "chunk_shape", "join_method", "join_chunks")
"""What may be said of a table without changing which of its values count."""
_TIFF_SPECS: Final = ("AD_TIFF",)
_NPY_SPECS: Final = ("NPY_SEQ",)
_HDF5_SPECS: Final = (
    "hdf5", "AD_HDF5", "AD_HDF5_SWMR", "AD_HDF5_SWMR_STREAM", "AD_HDF5_SWMR_SLICE", "AD_HDF5_GERM",
    "PIL100k_HDF5", "XSP3", "XPS3", "XSP3_BULK", "XSP3_STEP", "PANDA", "ROI_HDF5_FLY",
    "ROI_HDF51_FLY", "SIS_HDF51_FLY_STREAM_V1", "MERLIN_FLY_STREAM_V2", "MERLIN_HDF5_BULK",
    "TPX_HDF5", "EIGER2_STREAM", "ZEBRA_HDF51_FLY_STREAM_V1",
)  # fmt: skip
_DETECTOR_SPECS: Final = ("XSP3", "XPS3", "XSP3_BULK", "XSP3_STEP", "TPX_HDF5")
_DATASET: Final = "/entry/data/data"
_DETECTOR_DATASET: Final = "/entry/instrument/detector/data"
_FIELD: Final = re.compile(r"%([-+#0 ]*)(\d*)(?:\.(\d+))?([ds])|\{(?:\d*|\w*)(?::0?(\d*)d?)?\}")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of frames (of a table, its rows), or a series of files with one frame each.

    `template` names the files of a series after `path`; `frames` are how many an event has, 0
    where that shows in the file alone. `delimiter` and `skipped` are the character between cells
    of a table, empty where it shows in the file, and how many lines stand before it.
    """

    kind: Kind
    path: str
    dataset: str = ""
    template: str = ""
    frames: int = 0
    what: str = ""
    delimiter: str = ""
    skipped: int = 0

    @property
    def is_series(self) -> bool:
        """True for a series of files."""
        return self.kind in ("tiff", "npy", "jpeg")

    def file_of(self, frame: int) -> str:
        """The file of a frame in a series."""
        name = _filled(self.template, frame)
        return self.path + (name.lstrip("/") if self.path.endswith("/") else name)


@dataclass(frozen=True, slots=True)
class Segment:
    """`count` rows of a stream from `row` on, which are as many of an asset from `index` on; no
    asset is a gap."""

    row: int
    count: int
    asset: Asset | None
    index: int


@dataclass(slots=True)
class AssetColumn:
    """Where the rows of one key lie; of a row told twice the last counts."""

    room: Room
    assets: list[Asset] = field(default_factory=list)
    _which: Blocks = field(init=False)
    _index: Blocks = field(init=False)

    def __post_init__(self) -> None:
        self._which = Blocks(self.room, _INT64)
        self._index = Blocks(self.room, _INT64)

    def put(self, asset: Asset, rows: Values, indices: Values) -> None:
        """Note that `rows` are those `indices` of an asset."""
        recent = self.assets[:-9:-1]  # not all: there may be one for each event
        if asset not in recent:
            self.assets.append(asset)
            recent = [asset]
        number = len(self.assets) - recent.index(asset)
        self._which.put(rows, np.full(len(rows), number))
        self._index.put(rows, indices)

    def segments(self, rows: int) -> Iterator[Segment]:
        """The rows from the first on, as few segments as there can be."""
        which, index = self._which.read(0, rows), self._index.read(0, rows)
        if not rows:
            return
        breaks = (np.diff(which) != 0) | ((which[1:] > 0) & (np.diff(index) != 1))
        ends = [*(np.flatnonzero(breaks) + 1).tolist(), rows]
        start = 0
        for end in ends:
            number = int(which[start])
            asset = self.assets[number - 1] if number else None
            yield Segment(start, end - start, asset, int(index[start]))
            start = end


def stream_asset(doc: Mapping[str, Any]) -> Asset:
    """The asset of a `stream_resource`, of its older form too."""
    if "uri" not in doc:
        return resource_asset({**doc, "spec": doc.get("spec", "")})
    parameters = doc.get("parameters", {})
    parts = urlsplit(doc["uri"])
    path = unquote(parts.path) if parts.scheme == "file" else str(doc["uri"])
    kind = _MIMETYPES.get(str(doc.get("mimetype")).replace(" ", ""), "other")
    dataset = parameters.get("dataset") or parameters.get("path") or _DATASET
    mimetype = str(doc.get("mimetype"))
    if kind == "csv":
        return _table(path, parameters, mimetype)
    template = _named(str(parameters.get("template", "")), str(parameters.get("filename", "")))
    return Asset(kind, path, str(dataset), template, what=mimetype)


def _named(template: str, filename: str) -> str:
    """The template of a series with its file name, which is the first text in it."""
    name = filename.replace("%", "%%").replace("{", "").replace("}", "")
    return template.replace("{filename}", name).replace("%s", name, 1)


def _table(path: str, parameters: Mapping[str, Any], mimetype: str) -> Asset:
    """A table of numbers; of another kind where only some of its rows and columns count."""
    unknown = [key for key in parameters if key not in _CSV_LAYOUT]
    delimiter = parameters.get("delimiter") or parameters.get("sep") or ""
    skipped = parameters.get("skiprows") or 0
    if unknown or len(str(delimiter)) > 1 or not isinstance(skipped, int) or skipped < 0:
        told = ", ".join(map(str, unknown)) or "rows or cells that are not known"
        return Asset("other", path, what=f"{mimetype} with {told}")
    return Asset("csv", path, what=mimetype, delimiter=str(delimiter), skipped=skipped)


def resource_asset(doc: Mapping[str, Any]) -> Asset:
    """The asset of a `resource`."""
    spec, settings = str(doc.get("spec")), doc.get("resource_kwargs", {})
    path = "/".join(part.rstrip("/") for part in (str(doc.get("root", "")), "") if part)
    path = str(doc["resource_path"]) if not path else f"{path}/{doc['resource_path']}"
    if spec in _HDF5_SPECS:
        default = _DETECTOR_DATASET if spec in _DETECTOR_SPECS else _DATASET
        dataset = settings.get("dataset") or settings.get("path") or settings.get("key") or default
        return Asset("hdf5", path, str(dataset), frames=_frames(settings), what=spec)
    if spec in _TIFF_SPECS:
        template = str(settings.get("template", "%s%s_%06d.tif"))
        prefix, name = path.rstrip("/") + "/", str(settings.get("filename", ""))
        template = template.replace("%s", "", 1).replace("%s", name.replace("%", "%%"), 1)
        return Asset("tiff", prefix, "", template, _frames(settings), spec)
    if spec in _NPY_SPECS:
        return Asset("npy", path, "", "_%d.npy", 1, spec)
    return Asset("other", path, what=spec)


def _frames(settings: Mapping[str, Any]) -> int:
    frames = settings.get("frame_per_point", 0)
    return frames if isinstance(frames, int) and 0 < frames < 1_000_000 else 0


def datum_index(arguments: Mapping[str, Any]) -> int:
    """Which event of an asset a `datum` is."""
    for key in ("point_number", "index", "frame", "frame_num", "image_num"):
        value = arguments.get(key)
        if isinstance(value, int) and value >= 0:
            return value
    return 0


def _filled(template: str, frame: int) -> str:
    """The template of a file name with the number of a frame; nothing else is formatted."""

    def one(match: re.Match[str]) -> str:
        flags, width, digits, kind, braced = match.groups()
        if kind == "s":
            return ""
        if kind == "d":
            length = min(int(digits or width or 0), 32)
            pad = "0" if digits or "0" in flags else " "
            return str(frame).rjust(length, pad)
        return str(frame).rjust(min(int(braced or 0), 32), "0")

    return _FIELD.sub(one, template).replace("%%", "%")
