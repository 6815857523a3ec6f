"""How a planned field is stored: filter and chunks, as the recipe asks for it or for all."""

from __future__ import annotations

from typing import get_args

from nxtool.build.data import FieldData, Referred
from nxtool.build.desk import Desk
from nxtool.build.lossy import Coded, Quantized
from nxtool.build.plan import PlannedField
from nxtool.findings import Mark
from nxtool.recipe.forms import FieldForm
from nxtool.storage.bounded import Bounded
from nxtool.storage.chunks import Access, chunk_shape
from nxtool.storage.profiles import choose_filter
from nxtool.storage.spec import FilterSpec, create_options


def plan_storage(desk: Desk, form: FieldForm, field: PlannedField) -> None:
    """Set filter and chunks of `field`; what cannot be is reported at its place."""
    data = field.data
    if isinstance(data, Referred) or not data.shape or data.dtype.hasobject:
        _refuse_storage(desk, form, field)
        return
    if isinstance(form.lossy, Bounded):
        _plan_coded(desk, form, field, form.lossy)
        return
    if form.lossy is not None:
        with desk.telling(form.marks.get("lossy"), field.path):
            form.lossy.check(data.dtype)
            field.data = Quantized(data, form.lossy, field.path)
    with desk.telling(form.marks.get("compression"), field.path):
        wanted = _filter(desk, form, field)
        field.chunks = _chunks(desk, form, field)
        if wanted is not None and field.chunks is not None:
            create_options(wanted, data.dtype)
            field.compression = wanted
    if isinstance(field.data, Quantized) and field.compression is None:
        message = f"{field.name} is rounded, which saves nothing without compression"
        mark = form.marks.get("lossy")
        desk.problem("R04", mark, message, path=field.path, severity="warning")


def _plan_coded(desk: Desk, form: FieldForm, field: PlannedField, bounded: Bounded) -> None:
    """Set a lossy filter, which stands in place of any other."""
    mark = form.marks.get("lossy")
    if form.compression is not None:
        message = f"{bounded.method} compresses by itself"
        mark = form.marks["compression"]
        desk.problem("R02", mark, message, "leave compression out", path=field.path)
        return
    with desk.telling(mark, field.path):
        bounded.check(field.data.dtype)
        field.chunks = _chunks(desk, form, field)
        if field.chunks is not None:
            bounded.check_chunks(field.chunks)
            field.data = Coded(field.data, bounded, field.path)
            return
        message = f"{field.name} is too small for {bounded.method}, and stays as it is"
        desk.problem("R04", mark, message, path=field.path, severity="warning")


def _refuse_storage(desk: Desk, form: FieldForm, field: PlannedField) -> None:
    """Tell of a filter, of rounding or of chunks where there can be none."""
    if field.data.shape:
        _tell_useless(desk, form, field)
    if form.lossy is not None:
        message = f"{field.name} cannot be rounded: it is no array of numbers written here"
        desk.problem("R04", form.marks.get("lossy"), message, path=field.path)
    if form.compression not in (None, "none") and not field.data.shape:
        message = f"{field.name} is a single value, which cannot be compressed"
        mark = form.marks.get("compression")
        desk.problem("R04", mark, message, path=field.path, severity="warning")
    if form.chunks is not None and not field.data.shape:
        message = f"{field.name} is a single value, which has no chunks"
        desk.problem("R04", form.marks.get("chunks"), message, "leave chunks out", path=field.path)


def _tell_useless(desk: Desk, form: FieldForm, field: PlannedField) -> None:
    """Tell of a filter or of chunks that make no difference to an array."""
    stays = isinstance(field.data, Referred)
    reason = "stays in its source, stored as it is there" if stays else "is text"
    for key, given in (("compression", form.compression), ("chunks", form.chunks)):
        if given not in (None, "none"):
            message = f"{key} makes no difference: {field.name} {reason}"
            desk.problem(
                "R04", form.marks.get(key), message, f"leave {key} out", path=field.path,
                severity="warning",
            )  # fmt: skip


def _filter(desk: Desk, form: FieldForm, field: PlannedField) -> FilterSpec | None:
    text, mark = form.compression, form.marks.get("compression")
    if text is None:
        defaults = desk.recipe.defaults
        text, mark = defaults.compression, defaults.marks.get("compression")
    found: list[FilterSpec] = []
    data: FieldData = field.data
    with desk.telling(mark, field.path):
        found = [choose_filter(text or "none", data.dtype, len(data.shape))]
    return next((spec for spec in found if spec.name != "none"), None)


def _chunks(desk: Desk, form: FieldForm, field: PlannedField) -> tuple[int, ...] | None:
    """The shape the field asks for; else what suits the way it will be read."""
    shape, itemsize = field.data.shape, field.data.dtype.itemsize
    if 0 in shape:
        return None
    if isinstance(form.chunks, tuple):
        if len(form.chunks) != len(shape):
            message = f"chunks {list(form.chunks)} do not suit the shape {list(shape)}"
            hint = f"give {len(shape)} lengths"
            desk.problem("R04", form.marks.get("chunks"), message, hint, path=field.path)
            return None
        return tuple(min(part, whole) for part, whole in zip(form.chunks, shape, strict=True))
    access = _access(desk, form)
    filtered = form.compression is not None or isinstance(form.lossy, Bounded)
    return chunk_shape(
        shape, itemsize, 2 if len(shape) > 1 else 0, filtered=filtered, access=access
    )  # fmt: skip


def _access(desk: Desk, form: FieldForm) -> Access:
    """How the field will be read, by the word under `chunks`."""
    defaults = desk.recipe.defaults
    word = form.chunks or defaults.chunks
    known: dict[str, Access] = {"auto": "frame", **{name: name for name in get_args(Access)}}
    if not isinstance(word, str) or word in known:
        return known[word] if isinstance(word, str) else "frame"
    mark: Mark | None = form.marks.get("chunks") or defaults.marks.get("chunks")
    desk.problem("R04", mark, f"chunks {word!r} is not known", f"{', '.join(known)}, or a list")
    return "frame"
