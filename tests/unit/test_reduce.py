"""`$reduce` of a detector: pixels masked and joined, and all that belongs to them."""

from __future__ import annotations

import hashlib
import json

import h5py
import numpy as np
import pytest

from nxtool.build.convert import check, convert
from nxtool.build.plantext import plan_rows
from nxtool.cli import main
from nxtool.errors import SourceError
from nxtool.schema.compile import default_schema
from nxtool.validate.api import validate

RECIPE = """\
nxtool: 1
definition: NXentry
output: out.nxs
defaults: {{timezone: UTC, compression: gzip}}
sources: {{frames: frames.npy, mask: mask.npy, flat: flat.npy}}
entry:
  instrument:
    detector:
      $reduce: {reduce}
{fields}
"""
WHOLE = """\
      data: {from: frames, dtype: uint32}
      pixel_mask: {from: mask}
      flatfield: {from: flat}
      flatfield_errors: {from: flat}
      x_pixel_size: 75 um
      y_pixel_size: 0.075 mm
      beam_center_x: {value: 51, units: pixel}
      beam_center_y: {value: 3, units: mm}
      saturation_value: 1000
      underload_value: 0
      x_pixel_offset: {value: "linspace(0, 99, 100)", units: mm}
      distance: {value: [1, 2, 3], units: m}
      bit_depth_readout: 12
      module(NXdetector_module):
        data_origin: [0, 20]
        data_size: [60, 80]
        fast_pixel_direction:
          {value: 75, units: um, attrs: {transformation_type: translation, vector: [1, 0, 0]}}
        module_offset:
          {value: 5, units: mm, attrs: {transformation_type: translation, vector: [1, 0, 0]}}
"""
SMALL = "      data: {from: frames}\n      pixel_mask: {from: mask}\n"
RNG = np.random.default_rng(6)
FRAMES = RNG.poisson(9, (3, 60, 100)).astype("u2")
MASK = (RNG.random((60, 100)) < 0.02).astype("i4") * 3
FRAMES[:, MASK > 0] = 65535
FLAT = RNG.normal(1, 0.1, (60, 100)).astype("f4")
DETECTOR = "entry/instrument/detector"


@pytest.fixture
def recipe(tmp_path):
    """Writes raw data and a recipe."""

    def write(reduce, fields=WHOLE, frames=FRAMES):
        np.save(tmp_path / "frames.npy", frames)
        np.save(tmp_path / "mask.npy", MASK)
        np.save(tmp_path / "flat.npy", FLAT)
        (tmp_path / "scan.nx.yaml").write_text(RECIPE.format(reduce=reduce, fields=fields))
        return tmp_path / "scan.nx.yaml"

    return write


@pytest.fixture
def converted(recipe):
    """Converts and opens the result."""
    opened = []

    def make(*arguments, **options):
        outcome = convert(recipe(*arguments, **options), default_schema(), overwrite=True)
        assert outcome.written, list(outcome.findings)
        opened.append(h5py.File(outcome.written))
        return opened[-1]

    yield make
    for file in opened:
        file.close()


@pytest.fixture
def mistakes(recipe):
    """What is wrong with a recipe, as severity and message with its hint."""

    def tell(*arguments, **options):
        found = check(recipe(*arguments, **options), default_schema()).findings
        own = [one for one in found if one.code.startswith("R")]
        return [(one.severity, f"{one.message} ({one.hint})") for one in own]

    return tell


def binned(values, size=2):
    """Squares of pixels in one axis at the end."""
    *lead, rows, columns = values.shape
    shape = (*lead, rows // size, size, columns // size, size)
    return values.reshape(shape).swapaxes(-3, -2).reshape(*shape[:-3], columns // size, -1)


def test_binning_changes_all_that_belongs_to_the_pixels(converted):
    file = converted("{bin: 2, masked: 0, i_accept_loss: true}")
    detector = file[DETECTOR]
    counts = np.where(MASK > 0, 0, FRAMES).astype("u4")
    assert np.array_equal(detector["data"], binned(counts).sum(-1))
    assert detector["data"].dtype == np.uint32
    assert np.array_equal(detector["pixel_mask"], np.bitwise_or.reduce(binned(MASK), -1))
    assert detector["flatfield"][()] == pytest.approx(binned(FLAT.astype("f8")).mean(-1))
    assert detector["flatfield_errors"][()] == pytest.approx(
        np.sqrt((binned(FLAT.astype("f8")) ** 2).sum(-1)) / 4
    )
    singles = ("x_pixel_size", "y_pixel_size", "beam_center_x", "beam_center_y")
    assert [detector[name][()] for name in singles] == [150, 0.15, 25.5, 3]
    limits = ("saturation_value", "underload_value", "bit_depth_readout")
    assert [detector[name][()] for name in limits] == [4000, 0, 12]
    assert detector["x_pixel_offset"][()] == pytest.approx(np.arange(50) * 2 + 0.5)
    assert detector["distance"][()].tolist() == [1, 2, 3]
    module = {name: item[()].tolist() for name, item in detector["module"].items()}
    assert module == {
        "data_origin": [0, 10],
        "data_size": [30, 40],
        "fast_pixel_direction": 150,
        "module_offset": 5,
    }


def test_binning_is_recorded_at_the_data_and_as_a_step(converted):
    file = converted("{bin: 2, masked: 0, i_accept_loss: true}")
    told = json.loads(file[DETECTOR]["data"].attrs["nxtool_lossy"])
    assert told == {
        "method": "reduce",
        "bin": 2,
        "joined_by": "sum",
        "masked": 0,
        "done": "masked by 0 and binned 2×2",
        "shape_before": [3, 60, 100],
        "sha256_before": hashlib.sha256(FRAMES.astype("u4").tobytes()).hexdigest(),
        "nxtool": told["nxtool"],
    }
    step = file["entry/reduction_1/parameters"]
    names = (
        "data", "pixel_mask", "flatfield", "flatfield_errors", "x_pixel_size", "y_pixel_size",
        "beam_center_x", "saturation_value", "underload_value", "x_pixel_offset",
        "module/data_origin", "module/data_size", "module/fast_pixel_direction",
    )  # fmt: skip
    assert [text.decode() for text in step["path"][()]] == [f"/{DETECTOR}/{one}" for one in names]
    assert (step["method"][()], step["bin"][()], step["masked"][()]) == (b"reduce", 2, 0)


def test_show_tells_what_was_done_at_the_path_a_dataset_gives(recipe, capsys):
    plot = "  $plot: {signal: instrument/detector/data, axes: [., ., .]}\n"
    path = recipe("{bin: 2, masked: 0, i_accept_loss: true}", SMALL + plot)
    written = convert(path, default_schema()).written
    assert main(["show", "--lossy", str(written)]) == 0
    assert capsys.readouterr().out == (
        f"{written}\n"
        f"  /{DETECTOR}/data  reduce, masked by 0 and binned 2×2\n"
        f"  /{DETECTOR}/pixel_mask  reduce, binned 2×2\n"
    )


def test_binned_file_is_valid(converted):
    file = converted("{bin: 2, masked: 0, i_accept_loss: true}")
    told = [one.path for one in validate(file.filename) if one.severity in ("error", "warning")]
    assert told == ["/entry/instrument/detector/beam_center_x@units"]  # pixels are no length


def test_masking_alone_sets_pixels_and_keeps_the_rest(converted):
    detector = converted("{masked: 7, i_accept_loss: true}", SMALL)[DETECTOR]
    assert np.array_equal(detector["data"], np.where(MASK > 0, 7, FRAMES))
    assert np.array_equal(detector["pixel_mask"], MASK)
    assert "nxtool_lossy" not in detector["pixel_mask"].attrs


@pytest.mark.parametrize("size", [2, 4, 10])
def test_single_frame_is_binned_in_blocks(converted, size):
    frame = RNG.integers(0, 100, (60, 100)).astype("u2")
    reduce = f"{{bin: {size}, i_accept_loss: true}}"
    detector = converted(reduce, "      data: {from: frames}\n", frame)[DETECTOR]
    assert np.array_equal(detector["data"], binned(frame, size).sum(-1))


def test_binned_values_are_rounded_after(converted):
    fields = (
        "      data: {from: frames, dtype: float32, "
        "lossy: {method: bitround, bits: 5, i_accept_loss: true}}\n"
    )
    frames = np.repeat(FRAMES, 4, axis=0)[:, :40, :40].astype("f4")
    detector = converted("{bin: 2, i_accept_loss: true}", fields, frames)[DETECTOR]
    told = json.loads(detector["data"].attrs["nxtool_lossy"])
    sums = binned(frames).sum(-1)
    assert told["max_abs_error"] == np.abs(detector["data"][()] - sums).max() > 0
    assert told["reduced_before"]["sha256_before"] == hashlib.sha256(frames.tobytes()).hexdigest()


def test_sum_that_does_not_fit_stops_the_writing(recipe):
    with pytest.raises(SourceError) as error:
        convert(recipe("{bin: 2, i_accept_loss: true}", SMALL), default_schema())
    assert str(error.value).startswith(f"/{DETECTOR}/data: a sum of pixels does not fit: ")
    assert (
        error.value.hint == "write a larger dtype, or masked: 0 if pixels of the mask are to blame"
    )


@pytest.mark.parametrize(
    ("reduce", "fields", "message"),
    [
        (
            "{bin: 2}",
            SMALL,
            "the loss is not accepted (write i_accept_loss: true if the loss does no harm here)",
        ),
        (
            "{i_accept_loss: true}",
            SMALL,
            "$reduce says nothing to do (write bin: 2, or masked: 0)",
        ),
        (
            "{bin: 1, i_accept_loss: true}",
            SMALL,
            "bin must be a number from 2 to 64, not '1' ()",
        ),
        (
            "{masked: x, i_accept_loss: true}",
            SMALL,
            "masked must be a number, not 'x' (like masked: 0)",
        ),
        (
            "{masked: 0, i_accept_loss: true}",
            "      data: {from: frames}\n",
            "masked needs a pixel_mask (give pixel_mask, or leave masked out)",
        ),
        (
            "{bin: 3, i_accept_loss: true}",
            "      data: {from: frames}\n",
            "data [3 × 60 × 100] cannot be cut into 3 × 3 pixels "
            '(take a part that can, like from: "frames[:, 0:1024, 0:1024]")',
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {from: frames}\n      x_pixel_size: {value: [1, 2], units: mm}\n",
            "x_pixel_size has several values (give one, or leave it out)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {from: frames}\n      detector_number: {from: mask}\n",
            "detector_number has a value for each pixel, which cannot be joined "
            "(leave it out, or reduce it before)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {link: /entry/x}\n",
            "$reduce needs data that are written here (give data with from)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {from: frames}\n      pixel_mask: {link: /entry/x}\n",
            "pixel_mask is a link, which cannot be reduced (give it with from)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      $link: /entry/x\n",
            "a link cannot be reduced (write it where the group is)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {virtual: frames}\n",
            "mode virtual is not possible here (a virtual dataset needs HDF5 files)",
        ),
        (
            "{masked: 0.5, i_accept_loss: true}",
            SMALL,
            "0.5 is no whole number (like masked: 0)",
        ),
        (
            "{bin: 2, i_accept_loss: true}",
            "      data: {from: frames}\n      m(NXdetector_module): {data_size: [61, 80]}\n",
            "30.5 does not fit int64 (give what can be divided)",
        ),
    ],
)
def test_what_cannot_be_reduced_is_told(mistakes, reduce, fields, message):
    assert mistakes(reduce, fields) == [("error", message)]


def test_readout_that_may_not_fit_is_a_warning(mistakes):
    fields = "      data: {from: frames}\n      bit_depth_readout: 15\n"
    assert mistakes("{bin: 2, i_accept_loss: true}", fields) == [
        (
            "warning",
            "sums may need 17 bits, which uint16 does not have (write a larger dtype in data)",
        )
    ]


def test_values_that_may_belong_to_columns_are_a_warning(mistakes):
    fields = (
        '      data: {from: frames}\n      x(NX_FLOAT): {value: "linspace(0, 1, 100)"}\n'
        "      image_key: [0, 0, 0]\n"
    )
    assert mistakes("{bin: 2, i_accept_loss: true}", fields) == [
        (
            "warning",
            "x may have a value for each row or column, and stays as it is "
            "(reduce it before if it has)",
        )
    ]


def test_only_a_detector_can_be_reduced(tmp_path):
    text = "nxtool: 1\ndefinition: NXentry\nentry:\n  sample:\n    $reduce: "
    (tmp_path / "a.nx.yaml").write_text(text + "{bin: 2, i_accept_loss: true}\n")
    found = check(tmp_path / "a.nx.yaml", default_schema()).findings
    assert [one.message for one in found if one.code == "R02"] == [
        "sample is NXsample, which cannot be reduced"
    ]


def test_plan_tells_what_is_done(recipe):
    outcome = check(recipe("{bin: 2, masked: 0, i_accept_loss: true}"), default_schema())
    rows = {row.name: row.what for row in plan_rows(outcome.plan)}
    assert rows["data"] == ("uint32 3×60×100 from source masked by 0 and binned 2×2 to 3×30×50")
    assert rows["x_pixel_size"] == "150 um"
