"""`nxtool sources` lists what files of every format offer; recipes take it from there."""

from __future__ import annotations

import json
import zipfile

import h5py
import numpy as np
import pytest

from nxtool.cli import main

FIO = "%c\nascan\n%p\nENERGY = 8980.5\n%d\n Col 1 x DOUBLE\n Col 2 name STRING\n 0.5 a\n 1 b\n"
FRAME = np.arange(6, dtype=">u2").reshape(2, 3)


def edf(frame):
    height, width = frame.shape
    text = (
        "{\nByteOrder = HighByteFirst ;\nDataType = UnsignedShort ;\n"
        f"Dim_1 = {width} ;\nDim_2 = {height} ;\ncount_time = 0.5 ;\n"
    )
    return (text.ljust(510) + "}\n").encode() + frame.astype(">u2").tobytes()


@pytest.fixture
def listing(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["sources", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("name", "content", "lines"),
    [
        (
            "a.fio",
            FIO.encode(),
            [
                "x          float64 [2]", "name       text [2]", "#ENERGY    float64",
                "#comments  text",
            ],
        ),
        (
            "a.edf",
            edf(FRAME),
            [
                "(the data)   >u2 [2 × 3]", "#ByteOrder   text", "#DataType    text",
                "#Dim_1       int64", "#Dim_2       int64", "#count_time  float64",
            ],
        ),
        (
            "a.jsonl",
            b'{"x": 1, "s": "a"}\n{"x": 2.5, "s": "b"}\n',
            ["/x  float64 [2]", "/s  text [2]"],
        ),
        ("a.yaml", b"x: [1, 2]\ns: {t: a}\n", ["/x    int64 [2]", "/s/t  text"]),
    ],
)  # fmt: skip
def test_a_text_format_is_listed(listing, tmp_path, name, content, lines):
    (tmp_path / name).write_bytes(content)
    head = f"{name}  {name[2:]}, 1 file\n"
    assert listing(name) == (0, head + "".join(f"  {line}\n" for line in lines), "")


def test_an_eln_file_is_listed(listing, tmp_path):
    crate = {"@graph": [{"@id": "./", "name": "run 7"}]}
    with zipfile.ZipFile(tmp_path / "a.eln", "w") as archive:
        archive.writestr("x/ro-crate-metadata.json", json.dumps(crate))
        archive.writestr("x/log.json", '{"t": [1, 2]}')
    lines = ["./#/@id       text", "./#/name      text", "log.json#/t  int64 [2]"]
    code, out, _ = listing("a.eln")
    assert code == 0
    assert [line.strip().split("  ")[0] for line in out.splitlines()[1:]] == [
        line.split(" ")[0] for line in [*lines, "log.json"]
    ]


def write_parquet(file):
    pytest.importorskip("pyarrow.parquet").write_table(
        pytest.importorskip("pyarrow").table({"x [mm]": [1.5, 2]}), file
    )


def write_xlsx(file):
    book = pytest.importorskip("openpyxl").Workbook()
    book.active.append(["x [mm]"])
    book.active.append([1.5])
    book.save(file)


def write_mrc(file):
    pytest.importorskip("mrcfile").new(file, data=np.zeros((2, 3), np.int16)).close()


def write_zarr(file):
    zarr = pytest.importorskip("zarr")
    zarr.create_array(file, shape=(2, 3), dtype="i2")


def write_tdms(file):
    nptdms = pytest.importorskip("nptdms")
    with nptdms.TdmsWriter(file) as writer:
        channel = nptdms.ChannelObject("g", "c", np.zeros(3, np.int16), {"unit_string": "V"})
        writer.write_segment([channel])


@pytest.mark.parametrize(
    ("write", "line"),
    [
        (write_parquet, "  x           float64 [2]  mm"),
        (write_xlsx, "  x           float64 [1]  mm"),
        (write_mrc, "  (the data)   int16 [2 × 3]"),
        (write_zarr, "  (the data)  int16 [2 × 3]"),
        (write_tdms, "  g/c               int16 [3]  V"),
    ],
)
def test_a_format_of_an_extra_is_listed(listing, tmp_path, write, line):
    name = write.__name__.replace("write_", "a.")
    write(tmp_path / name)
    code, out, err = listing(name)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == f"{name}  {name[2:]}, 1 file"
    assert line in out.splitlines()


def test_frames_of_edf_files_stay_where_they_are(tmp_path):
    for number in range(3):
        (tmp_path / f"f_{number}.edf").write_bytes(edf(FRAME + number))
    (tmp_path / "r.nx.yaml").write_text(
        "nxtool: 1\ndefinition: NXmx\noutput: r.nxs\ndefaults: {timezone: UTC}\n"
        'sources: {frames: {path: "f_*.edf", mode: external, expect: 3}}\n'
        "entry:\n  instrument:\n    detector:\n      data: {from: frames}\n"
    )
    main(["convert", "--allow-invalid", str(tmp_path / "r.nx.yaml")])
    with h5py.File(tmp_path / "r.nxs") as file:
        data = file["entry/instrument/detector/data"]
        assert [size for _, _, size in data.external] == [12] * 3
        assert data.dtype == ">u2"
        np.testing.assert_array_equal(data, [FRAME, FRAME + 1, FRAME + 2])
