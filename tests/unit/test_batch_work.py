"""One task, called again and again: what is done stays, what changed is done anew."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nxtool.batch import sidecar
from nxtool.batch.model import SUFFIX, Manner, Print, Result, Task
from nxtool.batch.planning import Wish, plan
from nxtool.batch.running import Redo, run
from nxtool.batch.sidecar import Record, read_record, write_record
from nxtool.batch.work import noted, perform, standing
from nxtool.errors import FileUnreadable
from nxtool.findings import Finding
from tests.batchfiles import PYTHONPATH, RECIPE, hidden, make_raw, wish
from tests.samecontent import content


@pytest.fixture
def task(tmp_path: Path) -> Task:
    make_raw(tmp_path, 1)
    return plan(wish(tmp_path))[0]


def raw_of(task: Task) -> Path:
    return task.input.parent / "raw" / "scan00000.h5"


def test_a_good_task_leaves_a_valid_file_and_a_record(task: Task) -> None:
    result = perform(task)
    assert (result.verdict, result.message, result.was_done) == ("good", "", False)
    assert task.output is not None
    assert content(task.output)["entry/title"][1][2] == "b'scan of none'"
    record = read_record(task.record)
    assert record is not None
    assert [print.path for print in record.inputs] == [str(raw_of(task))]
    assert record.written is not None
    assert record.written.size == task.output.stat().st_size
    assert record.result == replace(result, was_done=False)


def test_a_second_call_does_nothing(task: Task) -> None:
    first = perform(task)
    assert task.output is not None
    before = task.output.stat(), task.record.stat()
    assert perform(task) == replace(first, was_done=True)
    assert (task.output.stat(), task.record.stat()) == before


def rewrite(path: Path) -> None:
    """The same content at another time."""
    os.utime(path, ns=(1, 1))


def change_raw(task: Task) -> None:
    with h5py.File(raw_of(task), "a") as file:
        file["counts"][0] = 99


def change_recipe(task: Task) -> None:
    task.input.write_text(RECIPE.replace("scan of", "a scan of"))


def alter_output(task: Task) -> None:
    assert task.output is not None
    with h5py.File(task.output, "a") as file:
        file.attrs["note"] = "by hand"


def remove_output(task: Task) -> None:
    assert task.output is not None
    task.output.unlink()


def older_nxtool(task: Task) -> None:
    text = task.record.read_text()
    version = json.loads(text)["versions"]["nxtool"]
    task.record.write_text(text.replace(f'"{version}"', '"0.0.1"'))


def spoil_record(task: Task) -> None:
    task.record.write_text("{}")


@pytest.mark.parametrize(
    "change", [change_raw, change_recipe, alter_output, remove_output, older_nxtool]
)
def test_what_changed_is_done_anew(task: Task, change: Callable[[Task], None]) -> None:
    perform(task)
    change(task)
    assert standing(task) is None
    result = perform(task)
    assert (result.verdict, result.was_done) == ("good", False)
    assert standing(task) == replace(result, was_done=True)


def test_other_settings_are_another_file(task: Task) -> None:
    perform(task)
    other = replace(task, settings=(*task.settings, "vars.sample=Fe"))
    assert perform(other).was_done is False
    assert task.output is not None
    assert content(task.output)["entry/title"][1][2] == "b'scan of Fe'"


@pytest.mark.parametrize("which", ["raw", "output"])
def test_a_file_that_was_only_touched_is_the_same(task: Task, which: str) -> None:
    perform(task)
    assert task.output is not None
    rewrite(raw_of(task) if which == "raw" else task.output)
    assert perform(task).was_done


def test_a_file_of_someone_else_is_not_replaced(task: Task) -> None:
    assert task.output is not None
    task.output.parent.mkdir()
    task.output.write_text("precious")
    result = perform(task)
    assert (result.verdict, result.message, result.hint) == (
        "failed", f"{task.output}: exists already, and no batch made it",
        "--overwrite replaces it",
    )  # fmt: skip
    assert task.output.read_text() == "precious"
    assert not task.record.exists()
    assert perform(replace(task, manner=Manner(overwrite=True))).verdict == "good"


def test_damaged_input_is_told_once_and_not_tried_again(task: Task) -> None:
    raw_of(task).write_bytes(raw_of(task).read_bytes()[:700])
    first = perform(task)
    assert (first.verdict, first.findings[0].code) == ("unreadable", "R05")
    assert first.findings[0].message == f"{raw_of(task)}: is truncated: has 700 of 2848 bytes"
    assert perform(task) == replace(first, was_done=True)
    make_raw(task.input.parent / "again", 1)
    (task.input.parent / "again" / "raw" / "scan00000.h5").replace(raw_of(task))
    assert perform(task).verdict == "good"


def test_an_input_that_changes_meanwhile_is_read_again_the_next_time(task: Task) -> None:
    counts = np.arange(50)
    content = raw_of(task).read_bytes()

    def tell(_path: str, _count: int) -> None:
        raw_of(task).write_bytes(content.replace(counts.tobytes(), (counts + 99).tobytes()))

    assert perform(task, tell).verdict == "good"
    assert standing(task) is None
    assert perform(task).was_done is False
    assert task.output is not None
    with h5py.File(task.output) as file:
        assert file["entry/data/counts"][0] == 99
    assert perform(task).was_done


@pytest.mark.parametrize("name", ["-a\nb.h5", '${x} $y "q" \\.h5', "a\x85b\u2028.h5", "[1]*?.h5"])
def test_an_input_may_be_called_anything(tmp_path: Path, name: str) -> None:
    make_raw(tmp_path, 1)
    (tmp_path / "raw" / "scan00000.h5").rename(tmp_path / "raw" / name)
    (task,) = plan(wish(tmp_path))
    assert perform(task).verdict == "good"
    assert perform(task).was_done


def test_a_name_that_is_too_long_is_one_failure(tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    (task,) = plan(replace(wish(tmp_path), output=str(tmp_path / f"{'x' * 300}.nxs")))
    (result,) = run([task], "local:1")
    assert (result.verdict, result.message) == ("failed", f"{task.record}: the name is too long")


@pytest.mark.parametrize("pid", [2**200, -1])
def test_a_record_with_a_process_that_cannot_be_is_none(task: Task, pid: int) -> None:
    perform(task)
    record = json.loads(task.record.read_text()) | {"pid": pid, "result": None}
    task.record.write_text(json.dumps(record))
    assert perform(task).message == f"{task.output}: exists already, and no batch made it"


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "-1"])
def test_a_record_with_a_time_that_cannot_be_is_none(task: Task, seconds: str) -> None:
    taken = perform(task).seconds
    text = task.record.read_text().replace(f'"seconds": {taken}', f'"seconds": {seconds}')
    task.record.write_text(text)
    with pytest.raises(FileUnreadable):
        read_record(task.record)


def test_a_source_elsewhere_that_could_not_be_read_is_tried_again(task: Task) -> None:
    pytest.importorskip("aiohttp")
    address = "sources.raw.path=http://127.0.0.1:1/scan.h5"
    there = replace(task, settings=(address,))
    assert perform(there).verdict == "unreadable"
    assert standing(there) is None


def test_a_folder_in_the_place_of_the_output_is_a_failure(task: Task) -> None:
    assert task.output is not None
    task.output.mkdir(parents=True)
    result = perform(replace(task, manner=Manner(overwrite=True)))
    assert (result.verdict, result.message) == ("failed", f"{task.output}: is a folder")


def test_missing_input_is_looked_for_again(task: Task) -> None:
    raw_of(task).unlink()
    assert [perform(task).verdict, perform(task).was_done] == ["unreadable", False]


def test_a_mistake_in_the_recipe_is_a_finding(task: Task) -> None:
    task.input.write_text(RECIPE.replace("$plot", "$plott"))
    result = perform(task)
    assert result.verdict == "invalid"
    assert result.findings[0].message == "unknown name '$plott'"


def test_a_folder_that_cannot_be_made_is_a_failure(task: Task) -> None:
    assert task.output is not None
    task.output.parent.write_text("a file in the way")
    result = perform(task)
    assert (result.verdict, result.message) == ("failed", f"{task.output.parent}: file exists")


def test_a_call_that_was_killed_is_repeated_and_its_rest_taken_away(task: Task) -> None:
    script = (
        "import os, signal, pickle, sys\n"
        "from nxtool.batch.work import perform\n"
        "task = pickle.load(sys.stdin.buffer)\n"
        "def tell(path, count):\n"
        "    if path == str(task.output): os.kill(os.getpid(), signal.SIGKILL)\n"
        "perform(task, tell)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(task), check=False,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
    )  # fmt: skip
    assert (done.returncode, len(hidden(task.input.parent))) == (-9, 1)
    record = read_record(task.record)
    assert record is not None
    assert record.result is None
    assert perform(task).verdict == "good"
    assert hidden(task.input.parent) == []


def test_an_interrupted_call_leaves_no_file(task: Task) -> None:
    def tell(_path: str, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform(task, tell)
    assert task.output is not None
    assert [path.name for path in task.output.parent.iterdir()] == [task.record.name]


def test_a_spoilt_record_does_not_let_a_file_be_replaced(task: Task) -> None:
    perform(task)
    spoil_record(task)
    assert perform(task).message == f"{task.output}: exists already, and no batch made it"


def test_a_note_on_a_lost_task_keeps_a_file_of_someone_else(task: Task) -> None:
    assert task.output is not None
    task.output.parent.mkdir()
    task.output.write_text("precious")
    noted(task, Result(task.name, "failed", "lost"))
    assert not task.record.exists()


def test_the_record_of_a_long_stack_is_read_again(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        f"/data/visitor/in1234/b07/20260105/raw/scan_{index:06}.tif" for index in range(20_000)
    )
    prints = tuple(Print(name, 8_388_736, 1_767_600_000_000_000_000, "a" * 64) for name in names)
    result = Result("out", "good", counts={"error": 0, "warning": 0, "info": 0})
    record = Record("convert", "in", "out", inputs=prints, versions={}, result=result)
    write_record(task.record, record)
    assert read_record(task.record) == record
    monkeypatch.setattr(sidecar, "MAX_BYTES", 1 << 20)
    write_record(task.record, record)
    assert read_record(task.record) == replace(record, inputs=())


def test_a_record_is_read_as_it_was_written(task: Task) -> None:
    perform(task)
    record = read_record(task.record)
    assert record is not None
    write_record(task.record, record)
    assert read_record(task.record) == record


def test_more_files_of_a_stack_are_noticed(tmp_path: Path) -> None:
    make_raw(tmp_path, 2)
    text = RECIPE.replace("raw: raw.h5", "raw: raw/scan*.h5")
    (tmp_path / "scan.nx.yaml").write_text(text)
    path = tmp_path / "list.csv"
    path.write_text("recipe,output\nscan.nx.yaml,out.nxs\n")
    (task,) = plan(Wish("convert", manifest=path))
    first = perform(task)
    assert perform(task).was_done
    (tmp_path / "raw" / "scan00002.h5").write_bytes((tmp_path / "raw/scan00001.h5").read_bytes())
    assert first.was_done is False
    assert perform(task).was_done is False


def made(folder: Path) -> str:
    list(map(perform, plan(wish(folder))))
    return str(folder / "out" / "*.nxs")


def test_files_are_judged_repacked_and_exported(tmp_path: Path) -> None:
    make_raw(tmp_path, 2)
    files = made(tmp_path)
    judged = plan(Wish("validate", [files], state=tmp_path / "state"))
    repacked = plan(
        Wish("repack", [files], output=f"{tmp_path}/re/{{name}}", manner=Manner(filter="gzip:9"))
    )
    target = Manner(target="jsonld")
    exported = plan(Wish("export", [files], output=f"{tmp_path}/ex/{{stem}}.json", manner=target))
    for tasks in (judged, repacked, exported):
        assert [perform(task).verdict for task in tasks] == ["good", "good"]
        assert [perform(task).was_done for task in tasks] == [True, True]
    assert len(list((tmp_path / "state").iterdir())) == 2
    assert content(tmp_path / "re" / "scan00000.nxs") == content(tmp_path / "out/scan00000.nxs")
    assert json.loads((tmp_path / "ex" / "scan00001.json").read_text())["@context"]


def test_an_export_is_done_anew_where_its_mapping_changed(tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    files = made(tmp_path)
    mapping = tmp_path / "mine.yaml"
    mapping.write_text("nxtool_mapping: 1\nextends: theirs.yaml\n")
    (tmp_path / "theirs.yaml").write_text("nxtool_mapping: 1\nextends: default\n")
    manner = Manner(target="datacite", mapping=str(mapping))
    (task,) = plan(Wish("export", [files], output=f"{tmp_path}/{{stem}}.json", manner=manner))
    perform(task)
    assert standing(task) is not None
    mapping.write_text("nxtool_mapping: 1\nextends: theirs.yaml\nabout: mine\n")
    assert standing(task) is None
    perform(task)
    (tmp_path / "theirs.yaml").write_text("nxtool_mapping: 1\nextends: default\nabout: theirs\n")
    assert standing(task) is None


def test_what_a_catalogue_would_refuse_is_invalid(tmp_path: Path) -> None:
    make_raw(tmp_path, 1)
    files = made(tmp_path)
    target = Manner(target="scicat")
    (task,) = plan(Wish("export", [files], output=f"{tmp_path}/{{stem}}.json", manner=target))
    assert perform(task).verdict == "invalid"
    assert not (tmp_path / "scan00000.json").exists()


def test_invalid_files_are_told_and_known(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.nxs", "w") as file:
        file.create_group("entry").attrs["NX_class"] = "NXentry"
        file.create_group("entry/data").attrs.update({"NX_class": "NXdata", "signal": "none"})
    (task,) = plan(Wish("validate", [str(tmp_path / "a.nxs")], state=tmp_path / "state"))
    first = perform(task)
    assert (first.verdict, first.findings[0].code) == ("invalid", "P02")
    assert perform(task) == replace(first, was_done=True)
    assert perform(replace(task, manner=Manner(ignore=("P02",)))).verdict == "good"


def test_redo_does_again_what_was_bad_or_everything(tmp_path: Path) -> None:
    make_raw(tmp_path, 8)
    tasks = plan(wish(tmp_path))
    list(map(perform, tasks))

    def anew(redo: Redo) -> int:
        with ThreadPoolExecutor(1) as executor:
            return sum(not result.was_done for result in run(tasks, executor, redo=redo))

    assert [anew(""), anew("bad"), anew("all")] == [0, 1, 8]
    assert all(task.record.name.endswith(SUFFIX) for task in tasks)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
trees = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=8,
)
KEYS = (
    "schema", "state", "action", "input", "inputs", "written", "versions", "pid", "result",
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(KEYS), trees, st.sampled_from(("", "counts", "findings", "verdict")))
def test_a_record_with_any_values_is_read_or_refused(
    tmp_path: Path, key: str, value: object, below: str
) -> None:
    path = tmp_path / "x.nxtool.json"
    result = Result(
        "x", "invalid", counts={"error": 1}, findings=(Finding("P02", "error", "/", "m"),)
    )
    write_record(path, Record("convert", "in", "out", result=result))
    document = json.loads(path.read_text())
    if below:
        document["result"][below] = value
    else:
        document[key] = value
    path.write_text(json.dumps(document))
    try:
        assert read_record(path) is not None
    except FileUnreadable as error:
        caught = error.message
        assert caught == f"{path}: is no record of a batch"  # both may happen
