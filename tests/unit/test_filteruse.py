"""`nxtool filters`: what is known of filters, and what files make of them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

import h5py
import hdf5plugin
import numpy as np
import pytest
from h5py import h5d, h5s, h5t

from nxtool.cli import main
from nxtool.errors import FileUnreadable
from nxtool.hdf5.filteruse import filters_in
from nxtool.report.filteruse import check_json, check_lines
from nxtool.report.terminal import Terminal, render
from nxtool.storage.blosc2frame import steps_of
from nxtool.storage.codecs import chunk_codec
from nxtool.storage.filterfacts import FACTS, described, grade, loss
from nxtool.storage.filters import REGISTERED
from nxtool.storage.spec import NAMES, create_options, parse_filter

SMOOTH = np.cumsum(np.ones((64, 64), dtype="f4"), axis=0)


@pytest.fixture
def written(tmp_path):
    """Writes one dataset `/x` and gives what is found of it."""

    def write(values=SMOOTH, attributes=(), **options):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_dataset("x", data=values, **options)
            file["x"].attrs.update(dict(attributes))
        (found,) = filters_in(tmp_path / "a.h5")
        return found

    return write


def messages(found):
    return [(item.severity, item.kind, item.message) for item in found.problems()]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_filter_of_a_recipe_is_found_lossless_and_of_grade_a_or_b(written, name):
    found = written(chunks=(16, 64), **create_options(parse_filter(name), SMOOTH.dtype))
    assert (found.readable, list(found.problems())) == (True, [])
    assert found.grade[0] in ("AB" if name == "gzip" else "B")
    assert {one.loss for one in found.filters} == {"none"}
    assert name in FACTS[found.filters[-1].number].words


def test_words_of_filters_are_those_of_recipes():
    words = [word for known in FACTS.values() for word in known.words]
    assert sorted([*words, "none"]) == sorted(NAMES)


def test_every_filter_somebody_supplies_is_described():
    supplied = {number for number, known in REGISTERED.items() if known.package}
    assert supplied == set(FACTS)


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        (hdf5plugin.Zfp(reversible=True), "zfp (reversible)", "none"),
        (hdf5plugin.Zfp(accuracy=0.01), "zfp", "lossy"),
        (hdf5plugin.Zfp(rate=8), "zfp", "lossy"),
        (hdf5plugin.Zfp(precision=12), "zfp", "lossy"),
        (hdf5plugin.SZ3(absolute=0.1), "SZ3", "lossy"),
        (hdf5plugin.Sperr(absolute=0.1), "SPERR", "lossy"),
        ({"scaleoffset": 2}, "scaleoffset", "lossy"),
        (hdf5plugin.Zstd(clevel=5), "Zstandard (level 5)", "none"),
        (hdf5plugin.Bitshuffle(cname="zstd", clevel=2), "bitshuffle (zstd, level 2)", "none"),
        (hdf5plugin.Blosc(cname="zlib", clevel=3), "Blosc (zlib, level 3)", "none"),
        (hdf5plugin.Blosc2(cname="zstd", clevel=1), "Blosc2 (zstd, level 1)", "none"),
        ({"compression": "gzip"}, "deflate (level 4)", "none"),
    ],
)
def test_loss_is_told_from_the_stored_options(written, options, text, expected):
    (used,) = written(chunks=(64, 64), **options).filters
    assert (used.text, used.loss) == (text, expected)


def test_loss_without_a_record_is_a_warning(written):
    found = written(chunks=(64, 64), **hdf5plugin.Zfp(accuracy=0.01))
    message = "/x: zfp is lossy, and no attribute says how much was lost"
    assert messages(found) == [("warning", "unrecorded-loss", message)]


@pytest.mark.parametrize("name", ["nxtool_lossy", "_QuantizeBitRoundNumberOfSignificantBits"])
def test_recorded_loss_is_none_of_our_business(written, name):
    found = written(attributes={name: "7"}, chunks=(64, 64), **hdf5plugin.Zfp(accuracy=0.01))
    assert messages(found) == []


NOISE = np.random.default_rng(0).integers(0, 256, (64, 64), dtype="u1")
BLOSC = hdf5plugin.Blosc(cname="lz4", shuffle=0)


def test_filter_that_does_nothing_is_a_warning(written):
    found = written(NOISE, chunks=(32, 64), **BLOSC)
    message = "/x: a filter was left out at every chunk: it does nothing here"
    assert messages(found) == [("warning", "stored-raw", message)]


def test_chunks_stored_raw_are_counted(written):
    half = NOISE * (np.arange(64) < 32)[:, None]
    found = written(half.astype("u1"), chunks=(32, 64), **BLOSC)
    message = "/x: a filter was left out at 1 of 2 chunks"
    assert messages(found) == [("note", "stored-raw", message)]
    lines = render(check_lines("a.h5", [found]), Terminal())
    assert lines.splitlines()[-1] == f"  note    {message}"


def test_unfiltered_data_is_grade_a(written):
    assert written().grade == ("A", "stored without a filter")


@pytest.mark.parametrize(
    ("number", "options", "expected"),
    [
        (40001, (), ("D", "no package that reads it is known")),
        (32026, (1, 0, 2, 64, 5, 1, 39, 1), ("D", "needs the plug-in for codec 39 of Blosc2")),
        (32033, (), ("C", "one program, though JPEG 2000 part 15 is an ISO standard")),
        (1, (4,), ("A", "part of HDF5")),
    ],
)
def test_grade_says_why(number, options, expected):
    assert grade(number, options) == expected


@pytest.mark.parametrize(
    ("number", "options", "expected"),
    [
        (32013, (), "possible"),
        (6, (), "possible"),
        (6, (2, 0), "none"),
        (6, (2, 5), "possible"),
        (32026, (1, 0, 4, 64, 5, 4, 5, 1), "lossy"),
        (32026, (1, 0, 4, 64, 5, 1, 34, 1), "lossy"),
        (40001, (1, 2), "possible"),
        (32005, (), "lossy"),
    ],
)
def test_loss_by_number_and_options(number, options, expected):
    assert loss(number, options) == expected


@pytest.mark.parametrize("options", [(), (9,), (1, 2, 3, 4, 99, 6, 99, 8)])
@pytest.mark.parametrize("number", sorted(REGISTERED))
def test_any_options_can_be_described(number, options):
    assert described(number, options)
    assert grade(number, options)[0] in "ABCD"


def test_file_that_is_no_hdf5_is_refused(tmp_path):
    (tmp_path / "a.h5").write_text("no")
    with pytest.raises(FileUnreadable, match="is not an HDF5 file"):
        filters_in(tmp_path / "a.h5")


# the command

CORPUS = {
    "bitshuffle": (0, {"bitshuffle"}),
    "blosc": (0, {"Blosc"}),
    "fcidecomp": (0, {"FCIDECOMP"}),
    "sperr": (1, {"SPERR"}),
    "sz3": (1, {"SZ", "SZ3"}),
    "sz_testfloat_8_8_128": (0, set()),
    "zfp_050": (1, {"zfp"}),
    "zfp_052": (1, {"zfp"}),
    "zfp_054": (1, {"zfp"}),
}


def test_all_files_of_the_corpus_are_expected(corpus):
    assert {path.stem for path in (corpus / "filters").glob("*.h5")} == set(CORPUS)


@pytest.mark.parametrize("name", CORPUS)
def test_each_file_of_the_corpus_is_named_right(corpus, name, capsys):
    code, names = CORPUS[name]
    assert main(["filters", "check", "--format", "json", f"{corpus}/filters/{name}.h5"]) == code
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert {used["name"] for one in file["datasets"] for used in one["filters"]} == names
    assert all(one["readable"] for one in file["datasets"])


UNREGISTERED = textwrap.dedent("""
    import sys, h5py, hdf5plugin
    from nxtool.cli import main
    for number in set(hdf5plugin.FILTERS.values()):
        h5py.h5z.unregister_filter(number)
    sys.exit(main(["filters", "check", sys.argv[1]]))
""")


def check_without_plugins(path, tmp_path):
    return subprocess.run(
        [sys.executable, "-c", UNREGISTERED, str(path)],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "HDF5_PLUGIN_PATH": str(tmp_path)},
    )


def test_missing_plugin_is_named_with_the_way_to_get_it(corpus, tmp_path):
    path = corpus / "filters" / "bitshuffle.h5"
    done = check_without_plugins(path, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert " ".join(done.stdout.split()) == (
        f"{path} B /entry/data/data bitshuffle (lz4) (open source, several independent decoders) "
        "not readable here error /entry/data/data: the values are behind HDF5 filter 32008 "
        "(bitshuffle, lz4), missing here; pip install hdf5plugin, or conda install -c conda-forge "
        "hdf5plugin; for h5dump, MATLAB and IDL set HDF5_PLUGIN_PATH to what `python -c 'import "
        "hdf5plugin; print(hdf5plugin.PLUGIN_PATH)'` prints; all metadata can be read without it"
    )


@pytest.mark.parametrize("name", [name for name, (_, names) in CORPUS.items() if names])
def test_every_plugin_of_the_corpus_is_missed_when_it_is_gone(corpus, tmp_path, name):
    done = check_without_plugins(corpus / "filters" / f"{name}.h5", tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    numbers = [number for number, known in REGISTERED.items() if known.name in CORPUS[name][1]]
    assert all(f"HDF5 filter {number} " in " ".join(done.stdout.split()) for number in numbers)


def test_unreadable_file_does_not_keep_others_from_being_checked(corpus, tmp_path, capsys):
    good = f"{corpus}/filters/blosc.h5"
    assert main(["filters", "check", str(tmp_path / "no.h5"), good]) == 2
    told = capsys.readouterr()
    assert told.out.startswith(good)
    assert told.err.startswith(f"error: {tmp_path}/no.h5: No such file or directory\n")


def test_every_registered_filter_is_listed(capsys):
    assert main(["filters", "list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)["filters"]
    assert [one["id"] for one in listed] == list(REGISTERED)
    assert main(["filters", "list"]) == 0
    text = capsys.readouterr().out
    assert all(f"{number}  {known.name}" in text or f"{number} {known.name}" in text
               for number, known in REGISTERED.items())  # fmt: skip


def with_chunk(path, spec, values):
    """A dataset of one chunk, made by the codec for `spec`."""
    options = create_options(spec, values.dtype)
    with h5py.File(path, "w") as file:
        dataset = file.create_dataset("x", values.shape, values.dtype, chunks=(64, 64), **options)
        chunk = chunk_codec(dataset, spec).encode(values)
        dataset.id.write_direct_chunk((0, 0), chunk.data, chunk.mask)
    return path


def test_chunks_of_blosc2_tell_of_steps_their_options_do_not_name(tmp_path):
    path = with_chunk(tmp_path / "a.h5", parse_filter("blosc2-bytedelta"), SMOOTH)
    (found,) = filters_in(path)
    told = "Blosc2 (zstd, level 1) after shuffle, bytedelta"
    assert [one.text for one in found.filters] == [told]
    assert [one.loss for one in found.filters] == ["none"]
    (entry,) = json.loads(check_json([("a.h5", [found], "")]))["files"][0]["datasets"]
    assert entry["filters"][0]["steps"] == ["shuffle", "bytedelta"]


@pytest.mark.parametrize("word", ["blosc2-zstd:1", "blosc2-lz4"])
def test_chunks_made_as_the_options_say_are_described_by_these(tmp_path, word):
    (found,) = filters_in(with_chunk(tmp_path / "a.h5", parse_filter(word), SMOOTH))
    (used,) = found.filters
    assert used.steps == (2,)
    assert used.text == described(used.number, used.options)


def test_step_that_changes_values_makes_blosc2_lossy(tmp_path):
    path = with_chunk(tmp_path / "a.h5", parse_filter("blosc2-bytedelta"), SMOOTH)
    with h5py.File(path, "r+") as file:
        mask, data = file["x"].id.read_direct_chunk((0, 0))
        changed = data[:74] + bytes([36]) + data[75:]
        file["x"].id.write_direct_chunk((0, 0), changed, mask)
    (found,) = filters_in(path)
    assert messages(found) == [
        (
            "warning",
            "unrecorded-loss",
            "/x: Blosc2 (zstd, level 1) after int_trunc, shuffle, bytedelta is lossy, and no "
            "attribute says how much was lost",
        )
    ]


@pytest.mark.parametrize("data", [b"", b"b2frame", b"\x9e\xa8b2frame\0" + bytes(20)])
def test_bytes_that_are_no_frame_name_no_steps(data):
    assert steps_of(data) == ()


def test_a_type_that_numpy_has_not_is_no_damage(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        h5d.create(file.id, b"x", h5t.UNIX_D32LE, h5s.create_simple((3,)))
    (found,) = filters_in(tmp_path / "a.h5")
    assert (found.path, found.fault, list(found.problems())) == ("/x", "", [])
