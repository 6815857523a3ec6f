"""Folders of databroker-pack: a file for each run, and data where the catalogue says."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from nxtool.bluesky.pack import is_pack, read_pack
from nxtool.build.convert import convert
from nxtool.build.fromrun import RunRequest
from nxtool.build.severalruns import run_jobs
from nxtool.config import lasting_schema
from nxtool.errors import SourceError
from tests.rundocuments import NUMBER, START, STOP, descriptor, event

IMAGE = {"dtype": "array", "shape": [2, 3], "source": "sim", "external": "FILESTORE:"}
CATALOG = """\
sources:
  packed_catalog:
    args:
      paths: [/elsewhere/documents/*.jsonl]
      root_map: {abc: external_files/abc, def: /data/def}
    driver: bluesky-jsonl-catalog
    metadata:
      generated_by: {library: databroker_pack, version: 0.3.0}
      relative_paths: [./documents/*.jsonl]
"""


def documents(uid):
    """A run with images in files of NumPy, as databroker keeps them."""
    name, start = START
    resource = {
        "uid": "r1", "spec": "NPY_SEQ", "root": "abc", "resource_path": "shot",
        "resource_kwargs": {}, "path_semantics": "posix", "run_start": uid,
    }  # fmt: skip
    datums = [
        ("datum", {"datum_id": f"r1/{n}", "resource": "r1", "datum_kwargs": {"index": n}})
        for n in (0, 1)
    ]
    told = descriptor({"x": NUMBER, "img": IMAGE})
    events = [event(n, x=float(n), img=f"r1/{n - 1}") for n in (1, 2)]
    found = [(name, {**start, "uid": uid}), told, ("resource", resource), *datums, *events, STOP]
    return [(kind, {**doc, "run_start": uid} if "run_start" in doc else doc) for kind, doc in found]


def folder_of(tmp_path, form="jsonl"):
    """A folder with two runs."""
    folder = tmp_path / "pack"
    (folder / "documents").mkdir(parents=True)
    (folder / "external_files/abc").mkdir(parents=True)
    for number in (0, 1):
        np.save(folder / f"external_files/abc/shot_{number}.npy", np.full((2, 3), number))
    for uid in ("aaa", "bbb"):
        stored = [list(one) for one in documents(uid)]
        path = folder / f"documents/{uid}.{form}"
        if form == "msgpack":
            msgpack = pytest.importorskip("msgpack")
            path.write_bytes(b"".join(map(msgpack.packb, stored)))
        else:
            path.write_text("".join(json.dumps(one) + "\n" for one in stored))
    (folder / "catalog.yml").write_text(CATALOG.replace("jsonl", form))
    manifest = "".join(f"documents/{uid}.{form}\n" for uid in ("aaa", "bbb"))
    (folder / "documents_manifest.txt").write_text(manifest)
    return folder


def converted(folder, output, **request):
    jobs = run_jobs(folder, str(output), RunRequest(**request))
    return [convert(job.origin, lasting_schema([]), output=job.output).written for job in jobs]


@pytest.mark.parametrize("form", ["jsonl", "msgpack"])
def test_every_run_of_a_folder_becomes_a_file_with_its_images(tmp_path, form):
    folder = folder_of(tmp_path, form).rename(tmp_path / "moved")
    assert is_pack(folder)
    written = converted(folder, tmp_path / "{run}_{uid}.nxs")
    assert [path.name for path in written] == ["1_aaa.nxs", "2_bbb.nxs"]
    with h5py.File(written[1]) as file:
        assert file["entry/entry_identifier"][()] == b"bbb"
        assert file["entry/primary/img"][:, 0, 0].tolist() == [0, 1]


@pytest.mark.parametrize("wanted", ["2", "bb"])
def test_one_run_of_a_folder_is_chosen(tmp_path, wanted):
    [written] = converted(folder_of(tmp_path), tmp_path / "out.nxs", run=wanted)
    with h5py.File(written) as file:
        assert file["entry/entry_identifier"][()] == b"bbb"


@pytest.mark.parametrize(("wanted", "what"), [("", "holds 2 runs"), ("c", "no one run is 'c'")])
def test_a_folder_of_several_runs_needs_a_choice(tmp_path, wanted, what):
    folder = folder_of(tmp_path)
    with pytest.raises(SourceError) as caught:
        converted(folder, tmp_path / "out.nxs", run=wanted)
    assert str(caught.value) == (
        f"{folder}: {what} (say which by --run, or name the output after them, "
        "-o '{run}.nxs': 1 aaa; 2 bbb)"
    )


def test_without_a_catalogue_the_manifest_names_the_documents(tmp_path):
    folder = folder_of(tmp_path)
    (folder / "catalog.yml").unlink()
    (folder / "documents_manifest.txt").write_text("documents/bbb.jsonl\n")
    assert read_pack(folder, {}).files == (folder / "documents/bbb.jsonl",)


def test_folders_with_data_may_have_been_moved_or_lie_beside(tmp_path):
    folder = folder_of(tmp_path)
    (folder / "external_files/def").mkdir()
    assert read_pack(folder, {}).roots == {
        "abc": str(folder / "external_files/abc"),
        "def": str(folder / "external_files/def"),
    }
    assert read_pack(folder, {"/data": "/archive"}).roots["def"] == "/archive/def"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: {a: {metadata: {relative_paths: [../x]}}}", "{folder}: '../x' is not below it"),
        ("sources: {a: {metadata: {relative_paths: [/x]}}}", "{folder}: '/x' is not below it"),
        (
            "sources: {a: {metadata: {relative_paths: [none]}}}",
            "{folder}: there are no documents of Bluesky in it",
        ),
        ("a: !!python/none x", "{folder}/catalog.yml: "),
        ("[", "{folder}/catalog.yml: "),
    ],
)
def test_a_catalogue_that_leads_elsewhere_is_refused(tmp_path, text, message):
    folder = folder_of(tmp_path)
    (folder / "catalog.yml").write_text(text)
    with pytest.raises(SourceError) as caught:
        read_pack(folder, {})
    assert caught.value.message.startswith(message.format(folder=folder))


@pytest.mark.parametrize("text", ["3", "sources: 3", "sources: {a: 3}", "sources: {a: {args: 1}}"])
def test_a_catalogue_that_says_nothing_is_as_none(tmp_path, text):
    folder = folder_of(tmp_path)
    (folder / "catalog.yml").write_text(text)
    assert len(read_pack(folder, {}).files) == 2


def test_a_file_that_begins_with_no_run_is_refused(tmp_path):
    folder = folder_of(tmp_path)
    path = folder / "documents/aaa.jsonl"
    path.write_text(json.dumps(list(STOP)) + "\n")
    with pytest.raises(SourceError) as caught:
        converted(folder, tmp_path / "{run}.nxs")
    assert caught.value.message == f"{path}: does not begin with the start of a run"
