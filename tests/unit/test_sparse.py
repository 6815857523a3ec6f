"""Sparse frames: `$reduce: {sparse: {above: N}}` of a detector, and frames made of them again."""

from __future__ import annotations

import hashlib
import json

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nxtool
from nxtool.build import sparse
from nxtool.build.convert import check, convert
from nxtool.build.data import Literal
from nxtool.build.plan import Plan, PlannedGroup
from nxtool.build.plantext import plan_rows
from nxtool.build.sparse import SparseFrames
from nxtool.build.write import write_plan
from nxtool.cli import main
from nxtool.errors import FileUnreadable
from nxtool.schema.compile import default_schema
from nxtool.storage.spec import parse_filter
from nxtool.validate.api import validate

RECIPE = """\
nxtool: 1
definition: NXentry
output: out.nxs
defaults: {{timezone: UTC}}
sources: {{frames: frames.npy, mask: mask.npy}}
entry:
  instrument:
    detector:
      $reduce: {reduce}
{fields}
"""
DATA = "      data: {from: frames}\n"
MASKED = DATA + "      pixel_mask: {from: mask}\n"
RNG = np.random.default_rng(2)
FRAMES = np.where(RNG.random((5, 70, 90)) < 0.03, RNG.poisson(40, (5, 70, 90)), 1).astype("u2")
FRAMES[3] = 0
MASK = (RNG.random((70, 90)) < 0.02).astype("u1")
FRAMES[:, MASK > 0] = 65535
DETECTOR = "entry/instrument/detector"
GROUP = f"/{DETECTOR}/sparse_frames"


@pytest.fixture
def recipe(tmp_path):
    def write(reduce="{sparse: {above: 9}, i_accept_loss: true}", fields=DATA, frames=FRAMES):
        np.save(tmp_path / "frames.npy", frames)
        np.save(tmp_path / "mask.npy", MASK)
        (tmp_path / "scan.nx.yaml").write_text(RECIPE.format(reduce=reduce, fields=fields))
        return tmp_path / "scan.nx.yaml"

    return write


@pytest.fixture
def converted(recipe):
    """Converts; the path of the result."""

    def make(*arguments, **options):
        outcome = convert(recipe(*arguments, **options), default_schema(), overwrite=True)
        assert outcome.written, list(outcome.findings)
        return outcome.written

    return make


@pytest.fixture
def mistakes(recipe):
    """What is wrong with a recipe, as messages with their hints."""

    def tell(*arguments, **options):
        found = check(recipe(*arguments, **options), default_schema()).findings
        return [f"{one.message} ({one.hint})" for one in found if one.code.startswith("R")]

    return tell


def kept(frames, above):
    return np.where(frames > above, frames, 0)


def test_arrays_and_attributes_are_those_of_imaged11(converted):
    with h5py.File(converted()) as file:
        assert list(file[DETECTOR]) == ["sparse_frames"]
        group = file[GROUP]
        types = {name: data.dtype.name for name, data in group.items()}
        assert types == {
            "col": "uint16", "indptr": "uint64", "intensity": "uint16", "nnz": "uint32",
            "row": "uint16",
        }  # fmt: skip
        frame, row, col = np.nonzero(FRAMES > 9)
        assert np.array_equal(group["row"], row)
        assert np.array_equal(group["col"], col)
        assert np.array_equal(group["intensity"], FRAMES[frame, row, col])
        assert np.array_equal(group["nnz"], np.bincount(frame, minlength=5))
        assert group["indptr"][()].tolist() == [0, *np.cumsum(group["nnz"])]
        attributes = {name: group.attrs[name] for name in group.attrs}
        assert attributes == {
            "NX_class": "NXcollection", "itype": "uint16", "nframes": 5, "shape0": 70,
            "shape1": 90, "npx": len(frame),
        }  # fmt: skip
        assert [group[name].chunks for name in sparse.COLUMNS] == [(65536,)] * 3
        assert group["row"].compression == "gzip"


def test_filter_of_the_data_is_taken(converted):
    fields = '      data: {from: frames, compression: "bitshuffle-lz4"}\n'
    with h5py.File(converted(fields=fields)) as file:
        plists = [file[GROUP][name].id.get_create_plist() for name in sparse.COLUMNS]
        assert [plist.get_filter(0)[0] for plist in plists] == [32008] * 3


def test_frames_come_back_without_what_was_not_kept(converted):
    path = converted()
    assert np.array_equal(nxtool.dense_frames(path, GROUP), kept(FRAMES, 9))
    assert np.array_equal(nxtool.dense_frames(path, GROUP, 1, 3), kept(FRAMES, 9)[1:3])
    assert nxtool.dense_frames(path, GROUP, 4, 2).shape == (0, 70, 90)


def test_masked_pixels_are_left_out_and_others_joined_before(converted):
    reduce = "{bin: 2, masked: 0, sparse: {above: 9}, i_accept_loss: true}"
    path = converted(reduce, MASKED)
    counts = np.where(MASK > 0, 0, FRAMES)
    joined = counts.reshape(5, 35, 2, 45, 2).sum((2, 4))
    assert np.array_equal(nxtool.dense_frames(path, GROUP), kept(joined, 9))


def test_loss_is_recorded_at_the_intensity_and_as_a_step(converted):
    with h5py.File(
        converted("{masked: 0, sparse: {above: 9}, i_accept_loss: true}", MASKED)
    ) as file:
        told = json.loads(file[GROUP]["intensity"].attrs["nxtool_lossy"])
        counts = np.where(MASK > 0, 0, FRAMES)
        assert told == {
            "method": "reduce",
            "above": 9,
            "done": "only pixels above 9",
            "pixels_kept": int((counts > 9).sum()),
            "counts_lost": int(counts[counts <= 9].sum()),
            "shape_before": [5, 70, 90],
            "reduced_before": {
                "method": "reduce",
                "masked": 0,
                "done": "masked by 0",
                "shape_before": [5, 70, 90],
                "sha256_before": hashlib.sha256(FRAMES.tobytes()).hexdigest(),
                "nxtool": told["nxtool"],
            },
            "sha256_before": hashlib.sha256(counts.tobytes()).hexdigest(),
            "nxtool": told["nxtool"],
        }
        step = file["entry/reduction_1/parameters"]
        assert [text.decode() for text in step["path"][()]] == [f"{GROUP}/intensity"]
        measures = (step["method"][()], step["masked"][()], step["above"][()])
        assert measures == (b"reduce", 0, 9)


def test_show_tells_what_was_done(converted, capsys):
    path = converted()
    assert main(["show", "--lossy", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n  {GROUP}/intensity  reduce, only pixels above 9\n"


def test_file_with_sparse_frames_is_valid(converted):
    found = [one for one in validate(converted()) if one.severity in ("error", "warning")]
    assert found == []


def test_definition_that_requires_data_says_so(recipe):
    path = recipe()
    path.write_text(path.read_text().replace("NXentry", "NXxrot"))
    found = check(path, default_schema()).findings
    places = (f"/{DETECTOR}", f"/{DETECTOR}/data")
    assert [(one.severity, one.message) for one in found if one.path in places] == [
        ("error", "required field data (NX_INT, NX_ANY) is missing"),
        ("warning", "the definition requires data in the detector, and sparse takes them away"),
    ]


def test_plot_of_data_that_became_sparse_is_told(mistakes):
    plot = "  $plot: {signal: instrument/detector/data}\n"
    assert mistakes(fields=DATA + plot) == [
        "there is no field 'instrument/detector/data' (name a field of this entry, like sample/phi)"
    ]


def test_plan_tells_what_is_kept(recipe):
    outcome = check(recipe(), default_schema())
    rows = {row.name: row.what for row in plan_rows(outcome.plan)}
    assert rows["sparse_frames"] == (
        "NXcollection of uint16 5×70×90 from source, only pixels above 9"
    )
    assert outcome.plan.bulk_bytes >= FRAMES.nbytes


def test_moving_axis_knows_the_number_of_frames(converted):
    fields = (
        DATA
        + "  sample:\n    transformations:\n"
        + "      - {name: phi, rotate: [0, 1, 0], by: 0 deg, increment: 0.5 deg}\n"
    )
    with h5py.File(converted(fields=fields)) as file:
        assert file["entry/sample/transformations/phi"][()].tolist() == [0, 0.5, 1, 1.5, 2]


@pytest.mark.parametrize(
    ("reduce", "fields", "frames", "message"),
    [
        (
            "{sparse: {above: 9}}",
            DATA,
            FRAMES,
            "the loss is not accepted (write i_accept_loss: true if the loss does no harm here)",
        ),
        (
            "{sparse: {}, i_accept_loss: true}",
            DATA,
            FRAMES,
            "sparse needs above (like above: 3)",
        ),
        (
            "{sparse: {above: -1}, i_accept_loss: true}",
            DATA,
            FRAMES,
            "above must be a whole number, not '-1' (like above: 12)",
        ),
        (
            "{sparse: 3, i_accept_loss: true}",
            DATA,
            FRAMES,
            "sparse must be a mapping, not '3' (like sparse: {name: value})",
        ),
        (
            "{sparse: {below: 3, above: 2}, i_accept_loss: true}",
            DATA,
            FRAMES,
            "unknown name 'below' (known: above)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            DATA,
            FRAMES.astype("f4"),
            "sparse frames are of whole numbers, not float32 "
            "(give dtype: uint16 or the like, or leave sparse out)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            DATA,
            FRAMES[0],
            "sparse frames need data of three axes, not 2 "
            "(leave sparse out, or give a stack of frames)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            DATA,
            np.zeros((2, 1, 65535), "u1"),
            "a side of the frames is longer than 65534 pixels (leave sparse out, or take a part)",
        ),
        (
            "{masked: 7, sparse: {above: 3}, i_accept_loss: true}",
            MASKED,
            FRAMES,
            "masked: 7 is above 3, so such pixels would be kept (write masked: 0)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            "      data: {link: /entry/x}\n",
            FRAMES,
            "$reduce needs data that are written here (give data with from)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            "      data: {from: frames, lossy: {method: sigbits, bits: 3, i_accept_loss: true}, "
            "compression: gzip}\n",
            FRAMES,
            "data for sparse frames cannot be lossy (leave lossy out)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            DATA + "      sparse_frames(NXcollection): {x: 1}\n",
            FRAMES,
            "sparse_frames stands here already (give it another name)",
        ),
        (
            "{sparse: {above: 3}, i_accept_loss: true}",
            "      data: {from: frames, compression: zfp-reversible}\n",
            FRAMES.astype("i4"),
            "zfp-reversible cannot store uint16 "
            "(use gzip, zstd or bitshuffle, which keep every fixed-size type)",
        ),
    ],
)
def test_what_cannot_be_sparse_is_told(mistakes, reduce, fields, frames, message):
    assert mistakes(reduce, fields, frames=frames) == [message]


@st.composite
def stacks(draw):
    """A stack of a few small frames, mostly zeros, and what is to be kept."""
    dtype = draw(st.sampled_from(["u1", "i2", "<u4", ">u2", "i8"]))
    shape = draw(st.tuples(st.integers(0, 4), st.integers(1, 7), st.integers(1, 7)))
    limits = np.iinfo(dtype)
    values = st.integers(limits.min, limits.max) | st.just(limits.max)
    return draw(arrays(dtype, shape, elements=values, fill=st.just(0))), draw(st.integers(0, 200))


@settings(deadline=None)
@given(stacks(), st.integers(1, 20))
def test_any_stack_comes_back_without_what_was_not_kept(tmp_path_factory, stack, chunk):
    frames, above = stack
    path = tmp_path_factory.mktemp("sparse") / "a.h5"
    found = SparseFrames(Literal(frames), "/x", above, parse_filter("zstd:1"))
    found.check()
    group = PlannedGroup("/x", "NXcollection", found.attributes, sparse=found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "CHUNK", chunk)
        write_plan(Plan(PlannedGroup("/", "NXroot", children={"x": group})), path)
    back = nxtool.dense_frames(path, "/x")
    assert back.dtype == frames.dtype
    assert np.array_equal(back, kept(frames, above))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda group: group["row"].__setitem__(0, 70), "a pixel lies outside its frame"),
        (
            lambda group: group.attrs.__setitem__("shape0", 1 << 31),
            "the frames are too large: ask for fewer of them at a time",
        ),
        (
            lambda group: group["nnz"].__setitem__(2, 70 * 90 + 1),
            "the frames have other numbers of pixels",
        ),
        (
            lambda group: group.attrs.__setitem__("nframes", 6),
            "the frames have other numbers of pixels",
        ),
        (
            lambda group: group.attrs.__setitem__("shape1", -3),
            "its sizes or its type are none of frames",
        ),
    ],
)
def test_damaged_sparse_frames_are_told(converted, change, reason):
    path = converted()
    with h5py.File(path, "r+") as file:
        change(file[GROUP])
    with pytest.raises(FileUnreadable) as error:
        nxtool.dense_frames(path, GROUP)
    assert error.value.message == f"{path}: {GROUP} is no group of sparse frames that can be read"
    assert error.value.hint == reason


@pytest.mark.parametrize("name", ["/nothing", "/entry", f"/{GROUP}/row"])
def test_other_groups_are_no_sparse_frames(converted, name):
    path = converted()
    with pytest.raises(FileUnreadable, match="is no group of sparse frames that can be read"):
        nxtool.dense_frames(path, name)
