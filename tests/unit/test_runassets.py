"""Tables and JPEG files beside the documents of a run, and images in the order of a grid."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from nxtool.build.convert import convert
from nxtool.build.fromrun import RunRequest, recipe_of_run
from nxtool.config import lasting_schema
from nxtool.errors import SourceError
from nxtool.sources.blueskyrun import opener
from tests.rundocuments import NUMBER, START, STOP, descriptor, event, write

EVENTS = 4


def resource(path, mimetype, key="img", **parameters):
    doc = {"uid": key, "data_key": key, "mimetype": mimetype, "parameters": parameters}
    return "stream_resource", {**doc, "uri": f"file://localhost{path}", "run_start": "run-1"}


def datum(key="img", count=EVENTS):
    spans = {"indices": {"start": 0, "stop": count}, "seq_nums": {"start": 1, "stop": count + 1}}
    doc = {"uid": f"{key}/0", "descriptor": "d1", "stream_resource": key}
    return "stream_datum", {**doc, **spans}


def external(shape, **more):
    return {
        "dtype": "array", "shape": shape, "source": "sim", "external": "STREAM:", **more,
    }  # fmt: skip


def read(tmp_path, shape, found, *, count=EVENTS, **more):
    """The rows of the key `img` of a run."""
    path = write(
        tmp_path / "run.jsonl", START, descriptor({"img": external(shape, **more)}), found,
        datum(count=count), STOP,
    )  # fmt: skip
    run = opener({})(path)
    try:
        array = run.array("primary/img")
        values = array.read(0, count)
        assert values.shape == array.info.shape
        assert values.dtype == array.info.dtype
        return values
    finally:
        run.close()


PAIRS = np.arange(1.0, 9).reshape(4, 2)
CSV = "text/csv;header=absent"


@pytest.mark.parametrize(
    ("text", "shape", "more", "expected"),
    [
        ("1\n2\n3\n4\n", [], {"dtype_numpy": "<i8"}, np.array([1, 2, 3, 4])),
        ("1\n2\n3\n4\n", [1], {}, np.array([1.0, 2, 3, 4])),
        ("1,2\n3,4\n5,6\n7,8\n", [2], {}, PAIRS),
        ("1,2\n3,4\n5,6\n7,8\n", [1, 2], {"dtype_numpy": "<u2"}, PAIRS.astype("u2")),
        ("1,2\n3,4\n5,6\n7,8\n" * 2, [2, 2], {}, np.stack([PAIRS] * 2).reshape(4, 2, 2)),
    ],
)  # fmt: skip
def test_rows_of_a_table_are_events(tmp_path, text, shape, more, expected):
    (tmp_path / "a.csv").write_text(text)
    values = read(tmp_path, shape, resource(tmp_path / "a.csv", CSV), **more)
    assert values.dtype == expected.dtype
    assert values.tolist() == expected.tolist()


def test_a_table_may_have_lines_in_front_and_another_delimiter(tmp_path):
    (tmp_path / "a.csv").write_text("x;y\n1;2\n3;4\n5;6\n7;8\n")
    found = resource(tmp_path / "a.csv", CSV, delimiter=";", skiprows=1)
    assert read(tmp_path, [2], found).tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("1\n2\n3\n", {}, "{path} is shorter than the run says"),
        ("1\n2.5\n3\n4\n", {"dtype_numpy": "<i8"}, "{path}: its rows are not int64 []"),
    ],
)
def test_a_table_that_does_not_fit_the_run_is_refused(tmp_path, text, more, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(SourceError) as caught:
        read(tmp_path, [], resource(tmp_path / "a.csv", CSV), **more)
    assert caught.value.message == message.format(path=tmp_path / "a.csv")


def test_a_table_of_which_a_part_counts_is_not_read_as_a_whole(tmp_path):
    (tmp_path / "a.csv").write_text("1\n2\n3\n4\n")
    with pytest.raises(SourceError) as caught:
        read(tmp_path, [], resource(tmp_path / "a.csv", CSV, usecols=[0]))
    kind = "'text/csv;header=absent with usecols'"
    assert caught.value.message == f"{tmp_path / 'a.csv'}: data of the kind {kind} cannot be read"


JPEG = "multipart/related;type=image/jpeg"


def jpeg_series(folder, mode, name="img_{:04d}.jpg"):
    """Files of one colour each, and what Pillow itself reads back."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    shape = (8, 16) if mode == "L" else (8, 16, 3)
    expected = []
    for number in range(EVENTS):
        path = folder / name.format(number)
        image.fromarray(np.full(shape, 40 * number, dtype="u1")).save(path)
        with image.open(path) as stored:
            expected.append(np.asarray(stored))
    return np.stack(expected)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("template", ["img_%04d.jpg", "img_{:04d}.jpg", "/img_%4.4d.jpg"])
def test_series_of_jpeg_files_are_rows(tmp_path, mode, template):
    expected = jpeg_series(tmp_path, mode)
    found = resource(f"{tmp_path}/", JPEG, template=template, chunk_shape=[1])
    values = read(tmp_path, [*expected.shape[1:]], found)
    assert values.dtype == np.uint8
    assert (values == expected).all()


@pytest.mark.parametrize("template", ["%s%s_%06d.jpg", "{filename}_{:06d}.jpg"])
def test_a_template_may_ask_for_the_file_name(tmp_path, template):
    expected = jpeg_series(tmp_path, "L", "shot_{:06d}.jpg")
    found = resource(f"{tmp_path}/", JPEG, template=template, filename="shot")
    assert (read(tmp_path, [8, 16], found) == expected).all()


@pytest.mark.parametrize("kept", [0, 1, 60, 200])
def test_a_damaged_jpeg_file_is_refused(tmp_path, kept):
    jpeg_series(tmp_path, "L")
    path = tmp_path / "img_0002.jpg"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(SourceError) as caught:
        read(tmp_path, [8, 16], resource(f"{tmp_path}/", JPEG, template="img_%04d.jpg"))
    assert caught.value.message.startswith(f"{path}: PIL cannot read it: ")


def test_a_jpeg_file_that_asks_for_too_much_memory_is_refused(tmp_path):
    jpeg_series(tmp_path, "L")
    path = tmp_path / "img_0000.jpg"
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\xff\xc0") + 5
    raw[at : at + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    with pytest.raises(SourceError):
        read(tmp_path, [8, 16], resource(f"{tmp_path}/", JPEG, template="img_%04d.jpg"))


# grids

SHAPE = (3, 4)


def grid_run(tmp_path, snaking, frames=1, files=1):
    """A scan over a grid whose images lie in HDF5 files, the number of the event in each pixel."""
    count = SHAPE[0] * SHAPE[1]
    images = np.arange(count * frames, dtype="i4")[:, None, None] * np.ones((1, 2, 5), "i4")
    cut = count // files
    documents = []
    for part in range(files):
        path = tmp_path / f"images_{part}.h5"
        with h5py.File(path, "w") as file:
            file["data"] = images[part * cut * frames : (part + 1) * cut * frames]
        told = resource(path, "application/x-hdf5", dataset="data")
        told[1]["uid"] = f"r{part}"
        seq = {"start": part * cut + 1, "stop": (part + 1) * cut + 1}
        doc = {"uid": f"r{part}/0", "descriptor": "d1", "stream_resource": f"r{part}"}
        spans = {"indices": {"start": 0, "stop": cut}, "seq_nums": seq}
        documents += [told, ("stream_datum", {**doc, **spans})]
    hints = {"dimensions": [[["y"], "primary"], [["x"], "primary"]], "gridding": "rectilinear"}
    begun = {**START[1], "shape": list(SHAPE), "snaking": snaking, "hints": hints}
    shape = [frames, 2, 5] if frames > 1 else [2, 5]
    keys = {"y": NUMBER, "x": NUMBER, "img": external(shape)}
    points = [(y, x) for y in range(SHAPE[0]) for x in _line(y, snaking[1])]
    events = [event(n, y=float(y), x=float(x)) for n, (y, x) in enumerate(points, start=1)]
    written = write(
        tmp_path / "run.jsonl", ("start", begun), descriptor(keys), *documents, *events, STOP
    )
    return written, points


def _line(y, snakes):
    forth = range(SHAPE[1])
    return reversed(forth) if snakes and y % 2 else forth


@pytest.mark.parametrize("files", [1, 2, 3])
@pytest.mark.parametrize("frames", [1, 2])
@pytest.mark.parametrize("snaking", [[False, False], [False, True]])
def test_images_of_a_grid_are_a_virtual_dataset_in_its_order(tmp_path, snaking, frames, files):
    path, points = grid_run(tmp_path, snaking, frames, files)
    target = tmp_path / "out.nxs"
    outcome = convert(recipe_of_run(path, RunRequest()), lasting_schema([]), output=str(target))
    assert [str(item) for item in outcome.findings if item.severity == "error"] == []
    run = opener({})(path)
    copied = run.array("primary/img@grid").read(0, 9)
    run.close()
    with h5py.File(target) as file:
        grid, flat = file["entry/primary_grid"], file["entry/primary/img"][()]
        images = grid["img"]
        assert images.is_virtual
        assert images.shape == (*SHAPE, *flat.shape[1:])
        for row, (y, x) in enumerate(points):
            assert (images[y, x] == flat[row]).all()
        assert grid.attrs["signal"] == "img"
        assert grid.attrs["axes"].tolist() == ["y_axis", "x_axis", *"." * (flat.ndim - 1)]
        assert (copied == images[()]).all()


def test_images_that_are_copied_are_not_copied_twice(tmp_path):
    path, _ = grid_run(tmp_path, [False, True])
    request = RunRequest(assets="copy")
    target = tmp_path / "out.nxs"
    convert(recipe_of_run(path, request), lasting_schema([]), output=str(target))
    with h5py.File(target) as file:
        assert not file["entry/primary/img"].is_virtual
        assert "primary_grid" not in file["entry"]
