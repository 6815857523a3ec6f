"""`$reduce` of a detector: what becomes of each field when squares of pixels are joined to one.

Counts are summed, positions and sensitivities averaged, masks joined; sizes, the beam centre in
pixels, limits of counts and the extents of modules follow. What has a value for each pixel and is
not known here is refused, so that nothing is left behind that no longer fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from nxtool import nxpath
from nxtool.build.data import FieldData, Literal, Referred
from nxtool.build.desk import Desk
from nxtool.build.lossy import Coded, Quantized
from nxtool.build.plan import PlannedField, PlannedGroup, PlannedLink
from nxtool.build.reduced import Joining, Masking, Reduced, Scaled
from nxtool.build.sparse import SparseFrames
from nxtool.build.step import Step
from nxtool.errors import FilterError, SourceError
from nxtool.recipe.reduce import WORD, ReduceForm
from nxtool.storage.spec import parse_filter

JOINED: Final[Mapping[str, Joining]] = {
    "data": "sum",
    "data_errors": "root of squares",
    "solid_angle": "sum",
    "pixel_mask": "any",
    "flatfield": "mean",
    "flatfield_errors": "root of squares of the mean",
    "distance": "mean",
    "polar_angle": "mean",
    "x_pixel_offset": "mean",
    "y_pixel_offset": "mean",
    "z_pixel_offset": "mean",
}
"""Fields with a value for each pixel."""
SCALED: Final = (
    "x_pixel_size", "y_pixel_size", "beam_center_x", "beam_center_y", "saturation_value",
    "underload_value",
)  # fmt: skip
"""Fields whose single value follows."""
_COUNTS: Final = ("data", "data_errors")
_ALONG_ONE_AXIS: Final = ("x_pixel_offset", "y_pixel_offset", "z_pixel_offset")
_PIXEL: Final = ("", "pixel", "pixels", "1", "px")
"""Units in which a beam centre counts pixels."""
_MASK: Final = "pixel_mask"
MODULE: Final = "NXdetector_module"
SPARSE: Final = "sparse_frames"
SPARSE_FILTER: Final = "gzip:4"
"""The filter of sparse frames where `data` asks for none."""


class Reducer:
    """Changes the fields of one detector as they are planned, and checks the whole at the end."""

    def __init__(self, desk: Desk, form: ReduceForm, path: str) -> None:
        self.desk = desk
        self.form = form
        self.path = path
        self.changed: list[str] = []
        self._mask: FieldData | None = None
        self._shape: tuple[int, ...] = ()

    @property
    def _frame(self) -> tuple[int, ...]:
        """Rows and columns before; nothing while the data are not known."""
        return self._shape[-2:]

    def changed_data(self, name: str, data: FieldData, unit: str | None, path: str) -> FieldData:
        """What is stored of a field of the detector.

        Raises:
            FilterError: it cannot be reduced.
        """
        if name == _MASK:
            self._mask = data
        found = self._found(name, data, unit, path)
        if found is not data:
            self.changed.append(path)
        return found

    def changed_module(self, name: str, data: FieldData, path: str) -> FieldData:
        """What is stored of a field of one of the modules of the detector."""
        size = self.form.bin
        if size == 1:
            return data
        factors = {
            "data_size": 1 / size,
            "data_origin": 1 / size,
            "fast_pixel_direction": float(size),
            "slow_pixel_direction": float(size),
        }
        if name not in factors:
            return data
        self.changed.append(path)
        return _scaled(data, factors[name], last=2 if name.startswith("data_") else 0)

    def _found(self, name: str, data: FieldData, unit: str | None, path: str) -> FieldData:
        size = self.form.bin
        masking = self._masking(data) if name in _COUNTS else None
        if name in JOINED and data.shape not in ((), (1,)) and not _is_by_frame(name, data):
            if isinstance(data, Referred):
                raise FilterError(f"{name} is left where it is", hint="use mode: copy")
            axes = 1 if len(data.shape) == 1 and name in _ALONG_ONE_AXIS else 2
            self._check_shape(name, data, axes)
            if name == "data":
                self._shape = data.shape
            if size == 1 and masking is None:
                return data
            return Reduced(data, path, JOINED[name], size=size, axes=axes, masking=masking)
        factor = self._factor(name, unit)
        if factor != 1 and data.shape not in ((), (1,)):
            raise FilterError(f"{name} has several values", hint="give one, or leave it out")
        return _scaled(data, factor)

    def _check_shape(self, name: str, data: FieldData, axes: int) -> None:
        shape, size = data.shape[-axes:], self.form.bin
        if len(shape) < axes or any(length % size for length in shape):
            text = " × ".join(map(str, data.shape))
            hint = 'take a part that can, like from: "frames[:, 0:1024, 0:1024]"'
            message = f"{name} [{text}] cannot be cut into {size} × {size} pixels"
            raise FilterError(message, hint=hint)

    def _factor(self, name: str, unit: str | None) -> float:
        """What a single value is multiplied by."""
        size = self.form.bin
        if name in ("x_pixel_size", "y_pixel_size"):
            return float(size)
        if name in ("saturation_value", "underload_value", "solid_angle"):
            return float(size * size)
        in_pixels = (unit or "").lower() in _PIXEL
        return 1 / size if name in ("beam_center_x", "beam_center_y") and in_pixels else 1.0

    def _masking(self, data: FieldData) -> Masking | None:
        if self.form.masked is None:
            return None
        if data.dtype.kind in "iu" and self.form.masked != int(self.form.masked):
            raise FilterError(f"{self.form.masked:g} is no whole number", hint="like masked: 0")
        return Masking(self.form.masked, self._mask_data)

    def _mask_data(self) -> FieldData:
        assert self._mask is not None  # noqa: S101 - `finish` reports that it is missing
        return self._mask

    # the whole

    def finish(self, group: PlannedGroup) -> None:
        """Report what does not fit together, and note the step."""
        self._check_data(group)
        self._check_mask()
        if self.form.above is not None:
            self._make_sparse(group, self.form.above)
        if self.form.bin > 1:
            self._check_links(group)
            self._check_others(group)
            self._check_depth(group)
        parameters = {"bin": float(self.form.bin)} if self.form.bin > 1 else {}
        if self.form.masked is not None:
            parameters["masked"] = float(self.form.masked)
        if self.form.above is not None:
            parameters["above"] = float(self.form.above)
        self.desk.plan.steps.append(Step("reduce", parameters, tuple(self.changed)))

    def _problem(self, message: str, hint: str = "", *, is_warning: bool = False) -> None:
        severity = "warning" if is_warning else "error"
        self.desk.problem("R04", self.form.mark, message, hint, path=self.path, severity=severity)  # type: ignore[arg-type]

    def _check_data(self, group: PlannedGroup) -> None:
        node = group.children.get("data")
        if not isinstance(node, PlannedField) and f"{self.path}/data" not in self.desk.failed:
            self._problem(f"{WORD} needs data that are written here", "give data with from")

    def _check_mask(self) -> None:
        if self.form.masked is None:
            return
        if self._mask is None:
            self._problem("masked needs a pixel_mask", "give pixel_mask, or leave masked out")
        elif self._frame and self._mask.shape != self._frame:
            self._problem(f"pixel_mask {list(self._mask.shape)} is no frame {list(self._frame)}")

    def _make_sparse(self, group: PlannedGroup, above: int) -> None:
        """Put a group of sparse frames in place of `data`."""
        node, path = group.children.get("data"), nxpath.join(self.path, SPARSE)
        if not isinstance(node, PlannedField):
            return
        if SPARSE in group.children:
            self._problem(f"{SPARSE} stands here already", "give it another name")
        elif isinstance(node.data, Quantized | Coded):
            self._problem("data for sparse frames cannot be lossy", "leave lossy out")
        elif self.form.masked is not None and self.form.masked > above:
            message = f"masked: {self.form.masked:g} is above {above}, so such pixels would be kept"
            self._problem(message, "write masked: 0")
        else:
            frames = SparseFrames(
                node.data, path, above, node.compression or parse_filter(SPARSE_FILTER)
            )  # fmt: skip
            with self.desk.telling(self.form.mark, self.path):
                frames.check()
                self._replace(group, frames)

    def _replace(self, group: PlannedGroup, frames: SparseFrames) -> None:
        concept = self.desk.schema.base_class("NXcollection")
        made = PlannedGroup(
            frames.path, "NXcollection", frames.attributes, concept=concept, sparse=frames
        )  # fmt: skip
        group.children = {
            SPARSE if name == "data" else name: made if name == "data" else child
            for name, child in group.children.items()
        }
        self.changed = [path for path in self.changed if path != f"{self.path}/data"]
        self.changed.insert(0, nxpath.join(frames.path, "intensity"))
        marks = self.desk.plan.marks
        marks[frames.path] = marks.pop(f"{self.path}/data", self.form.mark)
        due = group.concept.fields.get("data") if group.concept is not None else None
        if due is not None and due.bounds.requirement == "required":
            message = "the definition requires data in the detector, and sparse takes them away"
            self._problem(message, "leave sparse out, or take another definition", is_warning=True)

    def _check_links(self, group: PlannedGroup) -> None:
        """What is only linked stays as it is, and would no longer fit."""
        for name in (*JOINED, *SCALED):
            if name != "data" and isinstance(group.children.get(name), PlannedLink):
                self._problem(f"{name} is a link, which cannot be reduced", "give it with from")

    def _check_others(self, group: PlannedGroup) -> None:
        """Fields with a value for each pixel, or each row of them, that are not known here."""
        for name, node in group.children.items():
            if isinstance(node, PlannedField) and name not in JOINED and self._frame:
                shape = node.data.shape
                if shape[-2:] == self._frame:
                    message = f"{name} has a value for each pixel, which cannot be joined"
                    self._problem(message, "leave it out, or reduce it before")
                elif shape != self._shape[:1] and shape in {(length,) for length in self._frame}:
                    message = f"{name} may have a value for each row or column, and stays as it is"
                    self._problem(message, "reduce it before if it has", is_warning=True)

    def _check_depth(self, group: PlannedGroup) -> None:
        """Whether sums of readouts of so many bits fit the type of the data."""
        depth, data = group.children.get("bit_depth_readout"), group.children.get("data")
        if not isinstance(depth, PlannedField) or not isinstance(data, PlannedField):
            return
        kind, more = data.data.dtype, math.ceil(2 * math.log2(self.form.bin))
        bits = int(depth.data.read(0, 1).reshape(-1)[0]) + more
        if kind.kind in "iu" and bits > kind.itemsize * 8 - (kind.kind == "i"):
            message = f"sums may need {bits} bits, which {kind} does not have"
            self._problem(message, "write a larger dtype in data", is_warning=True)


def _is_by_frame(name: str, data: FieldData) -> bool:
    """True for a position with a value for each frame instead of each pixel."""
    return name in ("distance", "polar_angle") and len(data.shape) == 1


def _scaled(data: FieldData, factor: float, last: int = 0) -> FieldData:
    """Values times a factor; at hand where they were."""
    if factor == 1:
        return data
    scaled = Scaled(data, factor, last)
    if not isinstance(data, Literal):
        return scaled
    try:
        return Literal(scaled.read(0, scaled.rows))
    except SourceError as error:
        raise FilterError(error.message, hint="give what can be divided") from error
